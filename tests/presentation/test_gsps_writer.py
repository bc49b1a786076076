"""What is written, checked by other programs and rule by rule."""

from dataclasses import replace

import make
import numpy as np
import pytest
from pydicom import dcmread
from verifiers import iod_findings, lint, rendered_by_dcmtk, state_check

from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.dicom.describe import describe
from viewer.dicom.luts import LookupTable, Rescale, Window, WindowFunction
from viewer.dicom.read import read_header, tolerant
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.presentation.gsps_writer import InstanceSource, save, write
from viewer.presentation.state import Content, DisplayedArea, PresentationState, Reference, Shown, states_of

CONTENT = Content("READING", "Two words", "Reader^Rita")
TURNS = [(rotation, flipped) for rotation in (0, 90, 180, 270) for flipped in (False, True)]


def line(image, start=(10.25, 20.5), end=(40.1, 33.3), **more):
    return Annotation(Kind.LENGTH, image.key, (exact(*start), exact(*end)), **more)


def large_ct(**attributes):
    stored = (np.arange(60 * 80).reshape(60, 80) * 7 % 2000 - 100).astype("<i2")
    return make.ct(stored, WindowCenter="40", WindowWidth="350", **attributes)


def written(tmp_path, dataset, frame=1, *, annotate=True, **look):
    """Write the image and a state of one of its frames; return both files."""
    image = describe(dataset, frame)
    look = {"voi": image.vois[0] if image.vois else None} | look
    (state,) = states_of([Shown(image, **look)], [line(image)] if annotate else [], CONTENT)
    save(write(state, [InstanceSource(dataset, (image,))]), tmp_path / "state.dcm")
    return tmp_path / "state.dcm", make.write(dataset, tmp_path / "image.dcm")


@pytest.mark.parametrize(("rotation", "flipped"), TURNS)
def test_all_checkers_pass_a_state_in_every_orientation(tmp_path, dcmtk, rotation, flipped):
    dataset = large_ct()
    path, _ = written(tmp_path, dataset, rotation=rotation, flipped=flipped)
    assert iod_findings(path) == []
    assert state_check(dcmtk, path).endswith("Test passed.")
    assert lint(dcmread(path), {dataset.SOPInstanceUID: (1, 60, 80)}) == []


@pytest.mark.parametrize(("rotation", "flipped"), TURNS)
def test_dcmtk_shows_the_same_pixels_as_the_formula_in_every_orientation(tmp_path, dcmtk, rotation, flipped):
    dataset = large_ct()
    path, image = written(tmp_path, dataset, rotation=rotation, flipped=flipped)
    shown = rendered_by_dcmtk(dcmtk, path, image)
    # PS3.3 C.11.2.1.2.1, one value at a time: rescale, window 40/350, truncate
    expected = np.array(
        [[_linear(float(v) - 1024, 40, 350) for v in row] for row in make.frames_of(dataset)[0]]
    )
    turned = np.rot90(expected, -(rotation // 90))
    np.testing.assert_array_equal(shown, turned[:, ::-1] if flipped else turned)


def _linear(x, center, width, *, inverted=False):
    if x <= center - 0.5 - (width - 1) / 2:
        y = 0.0
    elif x > center - 0.5 + (width - 1) / 2:
        y = 1.0
    else:
        y = (x - (center - 0.5)) / (width - 1) + 0.5
    return int((1 - y if inverted else y) * 255)


@pytest.mark.parametrize("by_reader", [False, True])
def test_monochrome1_is_one_inversion_and_the_readers_another(tmp_path, dcmtk, by_reader):
    dataset = make.cr_mono1((np.arange(60 * 80).reshape(60, 80) % 4096).astype("<u2"))
    # with a width of 4096 some values come to whole greys, where truncation goes by the last bit of a float
    path, image = written(tmp_path, dataset, voi=Window(2048, 4001), inverted=by_reader)
    assert dcmread(path).PresentationLUTShape == ("IDENTITY" if by_reader else "INVERSE")
    assert iod_findings(path) == []
    assert state_check(dcmtk, path).endswith("Test passed.")
    shown = rendered_by_dcmtk(dcmtk, path, image)
    stored = make.frames_of(dataset)[0]
    expected = [[_linear(float(v), 2048, 4001, inverted=not by_reader) for v in row] for row in stored]
    np.testing.assert_array_equal(shown, expected)


def test_one_frame_of_many_is_named_by_its_number(tmp_path, dcmtk):
    dataset = make.enhanced_ct(np.stack([make.ramp(60, 80, start=k * 100) for k in range(4)]))
    # a width of 401: no value comes to a whole grey, where truncation goes by the last bit of a float
    path, image = written(tmp_path, dataset, frame=3, voi=Window(42, 401))
    state = dcmread(path)
    assert state.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedFrameNumber == 3
    assert state.GraphicAnnotationSequence[0].ReferencedImageSequence[0].ReferencedFrameNumber == 3
    assert iod_findings(path) == []
    assert state_check(dcmtk, path).endswith("Test passed.")
    assert lint(state, {dataset.SOPInstanceUID: (4, 60, 80)}) == []
    shown = rendered_by_dcmtk(dcmtk, path, image, frame=3)
    expected = [[_linear(float(v) - 1024, 42, 401) for v in row] for row in make.frames_of(dataset)[2]]
    np.testing.assert_array_equal(shown, expected)


def test_patient_and_study_are_copied_word_for_word(tmp_path):
    dataset = make.ct(
        SpecificCharacterSet="ISO_IR 100",
        PatientName="Müller^Jürgen",
        PatientBirthDate="",
        AccessionNumber=None,
        OtherPatientIDsSequence=[make._item(PatientID="Ä-7", TypeOfPatientID="TEXT")],
        PatientAge="056Y",
    )
    make.write(dataset, tmp_path / "latin.dcm")
    source = dcmread(tmp_path / "latin.dcm", stop_before_pixels=True)  # its text is still bytes in Latin-1
    image = describe(source, 1)
    (state,) = states_of([Shown(image, Window(1, 2))], [], CONTENT)
    save(write(state, [InstanceSource(source, (image,))]), tmp_path / "state.dcm")
    copied = dcmread(tmp_path / "state.dcm")
    assert copied.SpecificCharacterSet == "ISO_IR 192"
    assert str(copied.PatientName) == "Müller^Jürgen"
    assert "Müller".encode() in (tmp_path / "state.dcm").read_bytes()
    assert copied.OtherPatientIDsSequence[0].PatientID == "Ä-7"
    assert (copied.PatientBirthDate, copied.AccessionNumber, copied.PatientAge) == ("", "", "056Y")
    assert copied.StudyInstanceUID == dataset.StudyInstanceUID
    assert copied.SeriesInstanceUID != dataset.SeriesInstanceUID
    assert copied.Modality == "PR"


def test_what_a_damaged_header_says_of_the_patient_is_left_out_and_the_rest_copied(tmp_path):
    code = make._item(CodeValue="1", CodingSchemeDesignator="X", CodeMeaning="Ü", PatientID="7")
    nested = make._item(PatientBreedCodeSequence=[code], OtherPatientIDs=["A", "B"])
    dataset = make.ct(PatientWeight="70", OtherPatientIDs=["Ä1", "Ä2"], BreedRegistrationSequence=[nested])
    make.write(dataset, tmp_path / "whole.dcm")
    data = (tmp_path / "whole.dcm").read_bytes().replace(b"DS\x02\x0070", b"DS\x02\x00x,")
    (tmp_path / "damaged.dcm").write_bytes(data)
    source = read_header(str(tmp_path / "damaged.dcm"))
    image = describe(source, 1)
    (state,) = states_of([Shown(image, Window(1, 2))], [], CONTENT)
    copied = write(state, [InstanceSource(source, (image,))])
    assert "PatientWeight" not in copied
    assert list(copied.OtherPatientIDs) == ["Ä1", "Ä2"]
    assert copied.BreedRegistrationSequence[0].PatientBreedCodeSequence[0].CodeMeaning == "Ü"


def test_values_that_are_not_legal_are_copied_without_a_word_about_them(tmp_path, caplog):
    dataset = make.ct()
    with tolerant():
        dataset.PatientID, dataset.PatientAge = "x" * 70, "42"
        dataset.SeriesInstanceUID = dataset.SOPInstanceUID = "1.02.3"
        image = describe(dataset, 1)
    (state,) = states_of([Shown(image, Window(1, 2))], [line(image, (1, 1), (3, 3))], CONTENT)
    save(write(state, [InstanceSource(dataset, (image,))]), tmp_path / "state.dcm")
    copied = read_header(str(tmp_path / "state.dcm"))
    with tolerant():
        assert (copied.PatientID, copied.PatientAge) == ("x" * 70, "42")
    assert caplog.text == ""


def test_a_disk_that_fails_leaves_nothing_behind(tmp_path):
    (tmp_path / "state.dcm").mkdir()  # a name that cannot be given to a file
    with pytest.raises(ViewerError, match="cannot be written"):
        save(write(*_minimal()), tmp_path / "state.dcm")
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.dcm"]


def test_the_file_has_an_empty_preamble_and_nothing_is_left_beside_it(tmp_path):
    path, _ = written(tmp_path, make.ct())
    assert path.read_bytes()[:132] == b"\0" * 128 + b"DICM"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["image.dcm", "state.dcm"]


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ViewerError, match=r"state\.dcm cannot be written: "):
        save(write(*_minimal()), tmp_path / "file" / "state.dcm")


def _minimal():
    dataset = make.ct()
    image = describe(dataset, 1)
    (state,) = states_of([Shown(image)], [], CONTENT)
    return state, [InstanceSource(dataset, (image,))]


def test_text_stands_upright_beside_the_line_on_a_turned_image(tmp_path):
    path, _ = written(tmp_path, large_ct(), rotation=180)
    text = dcmread(path).GraphicAnnotationSequence[0].TextObjectSequence[0]
    (left, top), (right, bottom) = text.BoundingBoxTopLeftHandCorner, text.BoundingBoxBottomRightHandCorner
    assert left > right  # turned by 180 degrees, the reading direction is to lower columns
    assert top > bottom
    assert tuple(text.AnchorPoint) == exact(10.25, 20.5)  # the end that is on the right when displayed
    assert text.UnformattedTextValue == "9.8 mm"  # hypot(29.85 * 0.25, 12.8 * 0.5)


def test_a_radiograph_is_said_to_be_measured_at_the_detector_and_claims_no_spacing(tmp_path):
    path, _ = written(tmp_path, make.cr_mono1(np.zeros((60, 80), "<u2")), voi=Window(2048, 4096))
    state = dcmread(path)
    text = state.GraphicAnnotationSequence[0].TextObjectSequence[0]
    assert text.UnformattedTextValue == "6.5 mm (at detector)"  # hypot(29.85, 12.8) * 0.2
    area = state.DisplayedAreaSelectionSequence[0]
    assert "PresentationPixelSpacing" not in area
    assert list(area.PresentationPixelAspectRatio) == [1, 1]


def test_pixels_that_are_not_square_keep_their_form_without_a_spacing(tmp_path):
    path, _ = written(tmp_path, make.sc(PixelAspectRatio=["4", "3"]), annotate=False)
    assert list(dcmread(path).DisplayedAreaSelectionSequence[0].PresentationPixelAspectRatio) == [4, 3]
    assert iod_findings(path) == []


@pytest.mark.parametrize(
    "voi",
    [
        Window(40.5, 0.25, WindowFunction.LINEAR_EXACT, "narrow"),
        Window(1 / 3, 100.0, WindowFunction.SIGMOID),
        LookupTable(-1024, np.arange(0, 4096, dtype=np.uint16), 12, "table"),
        LookupTable(100, np.arange(255, dtype=np.uint16), 8),
        LookupTable(0, np.arange(65536, dtype=np.uint16), 16),
    ],
)
def test_every_kind_of_voi_is_written_so_that_the_checkers_pass(tmp_path, dcmtk, voi):
    path, _ = written(tmp_path, large_ct(), voi=voi)
    assert iod_findings(path) == []
    assert state_check(dcmtk, path).endswith("Test passed.")


def test_a_modality_table_is_written_as_one(tmp_path, dcmtk):
    dataset = make.sc(np.arange(64, dtype="u1").reshape(8, 8))
    image = replace(
        describe(dataset, 1),
        modality_lut=LookupTable(0, np.arange(256, dtype=np.uint16) * 257, 16, unit="OD"),
    )
    (state,) = states_of([Shown(image, Window(9000, 10_001))], [], CONTENT)
    save(write(state, [InstanceSource(dataset, (image,))]), tmp_path / "state.dcm")
    assert iod_findings(tmp_path / "state.dcm") == []
    assert state_check(dcmtk, tmp_path / "state.dcm").endswith("Test passed.")
    shown = rendered_by_dcmtk(dcmtk, tmp_path / "state.dcm", make.write(dataset, tmp_path / "image.dcm"))
    expected = [[_linear(float(v) * 257, 9000, 10_001) for v in row] for row in make.frames_of(dataset)[0]]
    np.testing.assert_array_equal(shown, expected)


def test_a_part_of_an_image_is_written_with_its_corners_in_the_order_of_the_turn(tmp_path):
    area = DisplayedArea(11, 21, 30, 50, pixel_spacing=(0.5, 0.25), pixel_aspect=2.0)
    path, _ = written(tmp_path, large_ct(), area=area, rotation=90)
    item = dcmread(path).DisplayedAreaSelectionSequence[0]
    assert list(item.DisplayedAreaTopLeftHandCorner) == [11, 50]
    assert list(item.DisplayedAreaBottomRightHandCorner) == [30, 21]
    assert iod_findings(path) == []


def test_a_label_of_any_letters_becomes_a_code_and_keeps_its_words():
    state, sources = _minimal()
    named = replace(state, content=replace(state.content, label="Größe, mm (2)", description=""))
    dataset = write(named, sources)
    assert (dataset.ContentLabel, dataset.ContentDescription) == ("GR_SSE_ MM _2_", "Größe, mm (2)")
    assert write(replace(state, content=Content("reading 1")), sources).ContentLabel == "READING 1"


def test_images_with_their_own_windows_are_each_named_once():
    first, second, third = datasets = make.ct_series(3)
    images = [describe(dataset, 1) for dataset in datasets]
    shown = [
        Shown(images[0], Window(40, 400)),
        Shown(images[1], Window(40, 400)),
        Shown(images[2], Window(1, 9)),
    ]
    (state,) = states_of(shown, [line(images[1], (1, 1), (3, 3))], CONTENT)
    dataset = write(state, [InstanceSource(d, (i,)) for d, i in zip(datasets, images, strict=True)])
    assert lint(dataset, {d.SOPInstanceUID: (1, make.ROWS, make.COLUMNS) for d in datasets}) == []
    named = [
        [image.ReferencedSOPInstanceUID for image in item.ReferencedImageSequence]
        for item in dataset.SoftcopyVOILUTSequence
    ]
    assert named == [[first.SOPInstanceUID, second.SOPInstanceUID], [third.SOPInstanceUID]]


def test_images_of_different_slope_go_into_states_of_their_own():
    datasets = [make.ct(slope=slope) for slope in (1.0, 2.0, 1.0)]
    states = states_of([Shown(describe(dataset, 1)) for dataset in datasets], [], CONTENT)
    assert [len(state.references) for state in states] == [2, 1]
    assert [state.modality.slope for state in states] == [1.0, 2.0]
    assert len({state.series_uid for state in states}) == 1


def refused(state, sources):
    with pytest.raises(ViewerError) as caught:
        write(state, sources)
    return str(caught.value)


def test_what_cannot_be_written_is_refused_with_a_sentence():
    state, sources = _minimal()
    color = make.us_color()
    image = describe(color, 1)
    (of_color,) = states_of([Shown(image)], [], CONTENT)
    assert "colour" in refused(of_color, [InstanceSource(color, (image,))])
    assert "not there" in refused(state, [])
    assert "no image" in refused(PresentationState(()), [])
    stray = Annotation(Kind.LENGTH, FrameKey("1.2.3"), ((0.0, 0.0), (1.0, 1.0)))
    assert "annotation" in refused(replace(state, annotations=(stray,)), sources)
    long = line(describe(sources[0].header, 1), (1, 1), (2, 2), text="x" * 1100)
    assert "1024" in refused(replace(state, annotations=(long,)), sources)
    assert "64" in refused(replace(state, content=Content(description="x" * 65)), sources)


def test_one_state_holds_one_study_and_one_size():
    first, second = make.ct(), make.ct(StudyInstanceUID="1.2.3.4")
    images = [describe(dataset, 1) for dataset in (first, second)]
    both = PresentationState(tuple(Reference(image.key.sop_instance_uid) for image in images))
    sources = [InstanceSource(d, (i,)) for d, i in zip((first, second), images, strict=True)]
    assert "one study" in refused(both, sources)
    other = make.ct(make.ramp(9, 9))
    image = describe(other, 1)
    both = PresentationState((both.references[0], Reference(image.key.sop_instance_uid)))
    assert "one size" in refused(both, [sources[0], InstanceSource(other, (image,))])


def test_a_window_of_stored_values_needs_no_rescale():
    state, sources = _minimal()
    assert "RescaleSlope" not in write(replace(state, modality=None), sources)
    assert write(replace(state, modality=Rescale()), sources).RescaleType == "US"
