"""What is read back: our own states equal what was drawn, those of others are read by form."""

import contextlib
import random

import highdicom as hd
import make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import codes

from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.dicom.describe import describe
from viewer.dicom.luts import LookupTable, Rescale, Window, WindowFunction
from viewer.dicom.read import read_header
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.presentation.gsps_reader import read
from viewer.presentation.gsps_writer import InstanceSource, save, write
from viewer.presentation.state import Content, DisplayedArea, Shown, states_of

CONTENT = Content("READING", "Two words", "Reader^Rita")
IMAGE = make.ct(make.ramp(60, 80))
KEY = FrameKey(IMAGE.SOPInstanceUID)


def saved(tmp_path, dataset, shown, annotations=(), content=CONTENT):
    (state,) = states_of(shown, annotations, content)
    sources = [InstanceSource(dataset, tuple(item.image for item in shown))]
    save(write(state, sources), tmp_path / "state.dcm")
    return state, read(dcmread(tmp_path / "state.dcm"))


def line(key, start=(10.25, 20.1), end=(40.3, 33.3), **more):
    return Annotation(Kind.LENGTH, key, (exact(*start), exact(*end)), **more)


@pytest.mark.parametrize(
    "dataset",
    [
        make.ct(make.ramp(60, 80), spacing=(0.7, 0.3)),
        make.cr_mono1(np.zeros((60, 80), "<u2")),
        make.cr_mono1(np.zeros((60, 80), "<u2"), spacing=None),
        make.sc(np.zeros((60, 80), "u1"), PixelAspectRatio=["4", "3"]),
    ],
    ids=["anisotropic CT", "MONOCHROME1", "no spacing", "aspect only"],
)
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_what_was_drawn_comes_back_equal(tmp_path, dataset, rotation, flipped):
    image = describe(dataset, 1)
    drawn = [
        line(image.key),
        line(image.key, (80, 60), (0, 0), text="two\nlines of 5 mm"),
        Annotation(Kind.OUTLINE, image.key, (exact(1, 2), exact(3, 4.1), exact(1, 2)), "seen"),
    ]
    look = Shown(image, Window(40.0, 400.0), inverted=True, rotation=rotation, flipped=flipped)
    state, reloaded = saved(tmp_path, dataset, [look], drawn)
    assert list(reloaded.annotations) == drawn
    assert (reloaded.rotation, reloaded.flipped, reloaded.inverted) == (rotation, flipped, state.inverted)
    assert reloaded.area(image.key) == DisplayedArea.whole(image)
    assert reloaded.voi(image.key).center == 40.0
    assert reloaded.references == state.references
    assert reloaded.notices == ()
    assert (reloaded.uid, reloaded.series_uid) == (state.uid, state.series_uid)


def test_annotations_come_back_on_their_own_frames(tmp_path):
    dataset = make.enhanced_ct(np.stack([make.ramp(60, 80)] * 4))
    images = [describe(dataset, number) for number in (2, 4)]
    drawn = [line(images[0].key), line(images[1].key, (1, 1), (2, 2))]
    state, reloaded = saved(tmp_path, dataset, [Shown(image, image.vois[0]) for image in images], drawn)
    assert list(reloaded.annotations) == drawn
    assert reloaded.on(images[1].key) == (drawn[1],)
    assert reloaded.references[0].frames == (2, 4)
    assert [reloaded.voi(image.key).center for image in images] == [41.0, 43.0]
    assert not reloaded.applies_to(FrameKey(dataset.SOPInstanceUID, 3))
    assert reloaded.voi(FrameKey(dataset.SOPInstanceUID, 3)) is None
    assert reloaded.area(FrameKey("1.2.3")) is None
    assert state.references == reloaded.references


def test_who_and_when_come_back(tmp_path):
    state, reloaded = saved(tmp_path, IMAGE, [Shown(describe(IMAGE, 1))])
    assert (reloaded.content.label, reloaded.content.description) == ("READING", "Two words")
    assert reloaded.content.creator == "Reader^Rita"
    assert reloaded.content.created == state.content.created.replace(microsecond=0)
    assert reloaded.study_uid == IMAGE.StudyInstanceUID


@pytest.mark.parametrize(
    "voi",
    [
        Window(40.5, 0.25, WindowFunction.LINEAR_EXACT, "narrow"),
        Window(-0.1, 100.0, WindowFunction.SIGMOID),
        LookupTable(-1024, np.arange(0, 4096, dtype=np.uint16), 12, "table"),
        LookupTable(100, np.arange(255, dtype=np.uint16), 8),
        LookupTable(0, np.arange(65536, dtype=np.uint16), 16),
        LookupTable(-3, np.arange(40000, dtype=np.uint16), 16),
    ],
)
def test_the_grey_scale_comes_back_equal(tmp_path, voi):
    image = describe(IMAGE, 1)
    _, reloaded = saved(tmp_path, IMAGE, [Shown(image, voi)])
    found = reloaded.voi(image.key)
    assert found.source == "presentation state READING"
    if isinstance(voi, Window):
        found = Window(found.center, found.width, found.function, found.explanation)
    assert found == voi
    assert reloaded.modality == image.modality_lut
    assert not reloaded.graphics_only


@given(st.floats(-1e30, 1e30), st.floats(1e-30, 1e30))
def test_numbers_fit_their_representation_and_come_back(center, width):
    image = describe(IMAGE, 1)
    (state,) = states_of([Shown(image, Window(center, width, WindowFunction.SIGMOID))], [], CONTENT)
    item = write(state, [InstanceSource(IMAGE, (image,))]).SoftcopyVOILUTSequence[0]
    assert max(len(str(item.WindowCenter)), len(str(item.WindowWidth))) <= 16
    assert float(item.WindowCenter) == pytest.approx(center, rel=1e-8)
    assert float(item.WindowWidth) == pytest.approx(width, rel=1e-8)


# ------------------------------------------------------------------------------------- states of others
def foreign(**parts):
    """Return a state as sloppy programs write them: no groups, no layers, no look-up tables."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.3.4.5"
    dataset.ReferencedSeriesSequence = [make._item(ReferencedImageSequence=[reference()])]
    return make._with(dataset, parts)


def reference(uid=KEY.sop_instance_uid, **more):
    return make._item(ReferencedSOPClassUID=IMAGE.SOPClassUID, ReferencedSOPInstanceUID=uid, **more)


def graphic(kind, *data, units="PIXEL", **more):
    return make._item(
        GraphicAnnotationUnits=units,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(data) // 2,
        GraphicData=list(data),
        GraphicType=kind,
        **more,
    )


def annotated(*graphics, texts=(), **parts):
    item = make._item(GraphicObjectSequence=list(graphics), TextObjectSequence=list(texts))
    return read(foreign(GraphicAnnotationSequence=[item], **parts))


def test_a_foreign_line_of_two_points_is_a_length_with_its_own_words():
    words = make._item(UnformattedTextValue="33,1 mm", AnchorPoint=[1.0, 2.0])
    (found,) = annotated(graphic("POLYLINE", 1, 2, 30, 40), texts=[words]).annotations
    assert (found.kind, found.points, found.text) == (Kind.LENGTH, ((1.0, 2.0), (30.0, 40.0)), "33,1 mm")
    assert found.read_only
    assert found.frame == KEY


@pytest.mark.parametrize(
    ("kind", "data", "number"),
    [("POLYLINE", (1, 1, 5, 1, 5, 5), 3), ("POINT", (3, 4), 1), ("POLYLINE", (1, 1, 5, 1, 1, 1), 3)],
)
def test_other_foreign_graphics_keep_their_points(kind, data, number):
    (found,) = annotated(graphic(kind, *data)).annotations
    assert found.kind is Kind.OUTLINE
    assert [value for point in found.points for value in point] == list(data)
    assert (len(found.points), found.read_only) == (number, True)


def test_circles_and_ellipses_become_lines_around():
    circle, ellipse = annotated(
        graphic("CIRCLE", 20, 20, 23, 24), graphic("ELLIPSE", 10, 20, 30, 20, 20, 15, 20, 25)
    ).annotations
    assert [np.hypot(x - 20, y - 20) for x, y in circle.points] == pytest.approx([5.0] * 65)
    assert [((x - 20) / 10) ** 2 + ((y - 20) / 5) ** 2 for x, y in ellipse.points] == pytest.approx(
        [1.0] * 65
    )
    assert circle.points[0] == circle.points[-1]


def test_a_curve_goes_through_all_its_points():
    (curve,) = annotated(graphic("INTERPOLATED", 1, 1, 5, 9, 20, 3, 30, 30)).annotations
    assert {(1.0, 1.0), (5.0, 9.0), (20.0, 3.0), (30.0, 30.0)} <= set(curve.points)


def test_an_outline_of_very_many_points_keeps_its_ends_and_can_be_saved_again():
    data = [value for k in range(20_000) for value in (k / 1000, k / 2000)]
    (found,) = annotated(graphic("POLYLINE", *data)).annotations
    assert len(found.points) <= 8000
    assert (found.points[0], found.points[-1]) == ((0.0, 0.0), exact(19.999, 9.9995))


def test_a_text_without_a_graphic_stands_alone():
    words = make._item(
        UnformattedTextValue="Lesion\r\nnew",
        BoundingBoxTopLeftHandCorner=[7.0, 8.0],
        BoundingBoxBottomRightHandCorner=[20.0, 12.0],
        BoundingBoxAnnotationUnits="PIXEL",
    )
    (found,) = annotated(texts=[words]).annotations
    assert (found.kind, found.points, found.text) == (Kind.OUTLINE, ((7.0, 8.0),), "Lesion\nnew")


@pytest.mark.parametrize(
    ("rotation", "flip", "expected"),
    # of the area columns 11-30, rows 21-50, its displayed quarter point: a quarter across, half down
    [(0, "N", (15.0, 35.0)), (0, "Y", (25.0, 35.0)), (180, "N", (25.0, 35.0)), (90, "N", (20.0, 42.5))],
)
def test_display_units_are_relative_to_the_displayed_area_as_it_is_turned(rotation, flip, expected):
    area = make._item(
        DisplayedAreaTopLeftHandCorner=[11, 21],
        DisplayedAreaBottomRightHandCorner=[30, 50],
        PresentationSizeMode="SCALE TO FIT",
        PresentationPixelAspectRatio=[1, 1],
    )
    (found,) = annotated(
        graphic("POINT", 0.25, 0.5, units="DISPLAY"),
        DisplayedAreaSelectionSequence=[area],
        ImageRotation=rotation,
        ImageHorizontalFlip=flip,
    ).annotations
    assert found.points == (expected,)


def test_swapped_corners_are_put_in_order():
    area = make._item(DisplayedAreaTopLeftHandCorner=[80, 60], DisplayedAreaBottomRightHandCorner=[1, -4])
    state = read(foreign(DisplayedAreaSelectionSequence=[area]))
    found = state.area(KEY)
    assert (found.left, found.top, found.right, found.bottom) == (1, -4, 80, 60)


def test_what_is_not_understood_is_said():
    state = annotated(
        graphic("POLYLINE", 1, 1, 2, 2, units="MATRIX"),
        graphic("SPIRAL", 1, 1),
        graphic("CIRCLE", 1, 1, 2, 2, 3, 3),
        graphic("POLYLINE", 1, 1, 2),
        ShutterShape="CIRCULAR",
        ImageRotation=45,
        PresentationLUTShape="LIN OD",
    )
    assert state.annotations == ()
    assert state.rotation == 0
    assert "a display shutter is not shown" in state.notices
    assert "a rotation by 45 degrees is not applied" in state.notices
    assert sum("not shown" in notice for notice in state.notices) == 5
    assert any("LIN OD" in notice for notice in state.notices)


def test_a_state_of_graphics_alone_says_nothing_of_grey_values():
    state = annotated(graphic("POLYLINE", 1, 1, 2, 2))
    assert state.graphics_only
    assert (state.modality, state.vois, state.content.created) == (None, (), None)


def test_an_annotation_on_several_frames_is_on_each_with_a_uid_of_its_own():
    item = make._item(
        ReferencedImageSequence=[reference(ReferencedFrameNumber=[2, 5])],
        GraphicObjectSequence=[graphic("POLYLINE", 1, 1, 2, 2, TrackingUID="1.2.9")],
    )
    state = read(foreign(GraphicAnnotationSequence=[item]))
    assert [shape.frame.frame_number for shape in state.annotations] == [2, 5]
    assert state.annotations[0].uid == "1.2.9"
    assert len({shape.uid for shape in state.annotations}) == 2
    assert read(foreign(GraphicAnnotationSequence=[item])).annotations == state.annotations


def test_an_annotation_of_a_whole_multi_frame_image_is_on_every_frame():
    item = make._item(GraphicObjectSequence=[graphic("POINT", 1, 1)])
    state = read(foreign(GraphicAnnotationSequence=[item]), {KEY.sop_instance_uid: 3})
    assert [shape.frame.frame_number for shape in state.annotations] == [1, 2, 3]


def test_of_several_windows_the_first_is_used_and_that_is_said():
    item = make._item(WindowCenter=["40", "50"], WindowWidth=["400", "500"])
    state = read(foreign(SoftcopyVOILUTSequence=[item], RescaleSlope="2", RescaleIntercept="-5"))
    assert state.voi(KEY).center == 40
    assert state.modality == Rescale(2.0, -5.0, "", "Rescale Slope (0028,1053)")
    assert any("first is used" in notice for notice in state.notices)


def test_what_is_no_presentation_state_is_refused():
    with pytest.raises(ViewerError, match="not a presentation state but: CT Image"):
        read(make.ct())
    with pytest.raises(ViewerError, match="names no image"):
        read(foreign(ReferencedSeriesSequence=[]))


def test_a_damaged_state_is_read_or_refused_with_a_sentence(tmp_path):
    saved(tmp_path, IMAGE, [Shown(describe(IMAGE, 1), Window(1, 2))], [line(KEY)])
    whole, chance = (tmp_path / "state.dcm").read_bytes(), random.Random(7)  # noqa: S311  no secret
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 3, 10])):
            damaged[chance.randrange(340, len(whole))] = chance.choice([0, 255, 45, 57, 92])
        (tmp_path / "damaged.dcm").write_bytes(damaged)
        with contextlib.suppress(ViewerError):
            read(read_header(str(tmp_path / "damaged.dcm")))


def test_a_state_by_highdicom_is_read(tmp_path):
    annotations = hd.pr.GraphicAnnotation(
        referenced_images=[IMAGE],
        graphic_layer=hd.pr.GraphicLayer("LAYER1", 1),
        graphic_objects=[
            hd.pr.GraphicObject(
                hd.pr.GraphicTypeValues.POLYLINE,
                np.array([[10.0, 20.0], [40.5, 33.25]]),
                hd.pr.AnnotationUnitsValues.PIXEL,
                tracking_id="Length",
                tracking_uid="1.2.3.9",
            )
        ],
        text_objects=[
            hd.pr.TextObject(
                "33.1 mm", hd.pr.AnnotationUnitsValues.PIXEL, bounding_box=(41.0, 20.0, 60.0, 30.0)
            )
        ],
    )
    theirs = hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[IMAGE],
        series_instance_uid="1.2.3.7",
        series_number=9,
        sop_instance_uid="1.2.3.8",
        instance_number=1,
        manufacturer="highdicom",
        manufacturer_model_name="test",
        software_versions="1",
        device_serial_number="1",
        content_label="LABEL",
        content_creator_name="Doe^Jane",
        concept_name=codes.DCM.PresentationState,
        graphic_annotations=[annotations],
        graphic_layers=[hd.pr.GraphicLayer("LAYER1", 1)],
        voi_lut_transformations=[hd.pr.SoftcopyVOILUTTransformation(window_center=50.0, window_width=350.0)],
    )
    theirs.save_as(tmp_path / "theirs.dcm")
    state = read(dcmread(tmp_path / "theirs.dcm"))
    (found,) = state.annotations
    assert (found.kind, found.points, found.text) == (Kind.LENGTH, ((10.0, 20.0), (40.5, 33.25)), "33.1 mm")
    assert (found.uid, found.read_only, found.frame) == ("1.2.3.9", True, KEY)
    assert (state.voi(KEY).center, state.voi(KEY).width, state.content.label) == (50.0, 350.0, "LABEL")
    assert state.modality == Rescale(1.0, -1024.0, "HU", "Rescale Slope (0028,1053)")


def test_what_another_program_drew_stays_so_when_saved_again(tmp_path):
    words = make._item(UnformattedTextValue="33,1 mm", AnchorPoint=[1.0, 2.0])
    theirs = annotated(graphic("POLYLINE", 1, 2, 30, 40), graphic("CIRCLE", 9, 9, 10, 9), texts=[words])
    image = describe(IMAGE, 1)
    _, reloaded = saved(tmp_path, IMAGE, [Shown(image, Window(1, 2))], theirs.annotations)
    assert reloaded.annotations == theirs.annotations


@pytest.mark.corpus
def test_a_real_state_with_overlays_is_read(corpus):
    state = read(dcmread(corpus / "gsps" / "weasis-dicom-tools__prOverlay.dcm"))
    image = dcmread(corpus / "gsps" / "weasis-dicom-tools__overlay.dcm", stop_before_pixels=True)
    assert state.applies_to(FrameKey(image.SOPInstanceUID))
    assert state.notices == ("overlays are not shown",)
    assert (state.content.label, state.content.created.year) == ("OVLY_P01", 1998)
