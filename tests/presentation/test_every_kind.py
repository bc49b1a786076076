"""Every kind of annotation through a presentation state and back, and past the checkers."""

import io
import re
from dataclasses import replace

import make
import numpy as np
import pytest
from drawn import OWN, annotations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from verifiers import iod_findings, lint, state_check

from viewer.annotations.kinds import KINDS, label
from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.dicom.describe import describe
from viewer.dicom.image import Calibration, CalibrationClass
from viewer.dicom.luts import Window
from viewer.dicom.records import FrameKey
from viewer.presentation.cielab import cielab
from viewer.presentation.gsps_reader import read, written_texts
from viewer.presentation.gsps_writer import InstanceSource, save, write
from viewer.presentation.state import Content, Shown, states_of

CONTENT = Content("READING", "", "Reader^Rita")
DATASET = make.ct(np.zeros((60, 80), "<i2"))
IMAGE = describe(DATASET, 1)
POINTS = {
    Kind.LENGTH: ((10, 20), (40, 33)),
    Kind.POLYLINE: ((10, 20), (40, 33), (50, 12), (60, 40)),
    Kind.ANGLE: ((10, 20), (30, 40), (60, 20)),
    Kind.COBB: ((10, 10), (60, 14), (12, 50), (62, 40)),
    Kind.BIDIRECTIONAL: ((10, 10), (60, 40), (40, 20), (30, 36.5)),
    Kind.RECTANGLE: ((10.5, 20.25), (40, 33)),
    Kind.ELLIPSE: ((10, 30), (60, 30), (35, 20), (35, 40)),
    Kind.CIRCLE: ((40, 30), (50, 36)),
    Kind.POLYGON: ((10, 10), (60, 14), (62, 40), (20, 50)),
    Kind.POINT: ((12.5, 40.5),),
    Kind.ARROW: ((12.5, 40.5), (30, 50)),
    Kind.TEXT: ((12.5, 40.5),),
    Kind.CALIBRATION: ((10, 20), (40, 33)),
}
GRAPHICS = {  # dicom's own types and the number of points of each, from the table of the design
    Kind.LENGTH: [("POLYLINE", 2)],
    Kind.POLYLINE: [("POLYLINE", 4)],
    Kind.ANGLE: [("POLYLINE", 3)],
    Kind.COBB: [("POLYLINE", 2), ("POLYLINE", 2)],
    Kind.BIDIRECTIONAL: [("POLYLINE", 2), ("POLYLINE", 2)],
    Kind.RECTANGLE: [("POLYLINE", 5)],
    Kind.ELLIPSE: [("ELLIPSE", 4)],
    Kind.CIRCLE: [("CIRCLE", 2)],
    Kind.POLYGON: [("POLYLINE", 5)],
    Kind.POINT: [("POINT", 1)],
    Kind.ARROW: [("POLYLINE", 2), ("POLYLINE", 3)],
    Kind.TEXT: [],
    Kind.CALIBRATION: [("POLYLINE", 2)],
}


def made(kind, **more):
    text = {Kind.TEXT: "here", Kind.CALIBRATION: "calibrated: 20 mm"}.get(kind, "")
    return Annotation(kind, IMAGE.key, tuple(exact(*point) for point in POINTS[kind]), text, **more)


def state_with(drawn, labels=None, image=IMAGE, dataset=DATASET):
    (state,) = states_of([Shown(image, Window(40, 400))], drawn, CONTENT)
    return write(state, [InstanceSource(dataset, (image,))], labels=labels)


def through_bytes(dataset):
    """Return a dataset as it comes out of a file."""
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    stream.seek(0)
    return dcmread(stream)


def reloaded(drawn, labels=None):
    return list(read(through_bytes(state_with(drawn, labels))).annotations)


@given(st.sampled_from(OWN).flatmap(lambda kind: annotations(IMAGE, kind)))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_b26_what_was_drawn_comes_back_equal_whatever_it_is(annotation):
    assert reloaded([annotation]) == [annotation]


def test_everything_on_one_image_comes_back_in_its_order():
    drawn = [made(kind, color="#6fd3e8" if number % 3 else "") for number, kind in enumerate(OWN)]
    assert reloaded(drawn) == drawn


def test_every_kind_passes_the_checkers(tmp_path, dcmtk):
    drawn = [made(kind, color="#6fd3e8" if kind is Kind.CIRCLE else "") for kind in OWN]
    path = tmp_path / "state.dcm"
    save(state_with(drawn), path)
    assert iod_findings(path) == []
    assert state_check(dcmtk, path).endswith("Test passed.")
    assert lint(dcmread(path), {DATASET.SOPInstanceUID: (1, 60, 80)}) == []


@pytest.mark.parametrize("kind", OWN)
def test_c26_other_programs_see_plain_graphics(kind):
    (item,) = state_with([made(kind)]).GraphicAnnotationSequence
    found = [(part.GraphicType, part.NumberOfGraphicPoints) for part in item.get("GraphicObjectSequence", [])]
    assert found == GRAPHICS[kind]
    for part in item.get("GraphicObjectSequence", []):
        assert part.GraphicAnnotationUnits == "PIXEL"
        closed = part.GraphicType in {"CIRCLE", "ELLIPSE"} or part.GraphicData[:2] == part.GraphicData[-2:]
        assert ("GraphicFilled" in part) == (closed and part.GraphicType != "POINT")


def test_b27_the_centre_of_the_first_pixel_is_half_a_pixel_from_the_corner():
    point = Annotation(Kind.POINT, IMAGE.key, ((0.5, 0.5),))
    (item,) = state_with([point]).GraphicAnnotationSequence
    assert list(item.GraphicObjectSequence[0].GraphicData) == [0.5, 0.5]  # PS3.3 C.10.5: corner is 0,0


def test_b25_the_text_that_is_saved_is_the_one_that_is_shown():
    region = made(Kind.ELLIPSE)
    shown = "lesion\n12.3 mm²\nmean 40.2 SD 11.3 HU"
    drawn = replace(region, text="lesion")
    dataset = through_bytes(state_with([drawn], {drawn.uid: shown}))
    assert written_texts(dataset) == {drawn.uid: shown}
    assert list(read(dataset).annotations) == [drawn]
    length = made(Kind.LENGTH)
    assert written_texts(state_with([length])) == {length.uid: label(length, IMAGE)}


def test_a_text_that_somebody_else_changed_is_theirs():
    drawn = replace(made(Kind.RECTANGLE), text="lesion")
    dataset = state_with([drawn], {drawn.uid: "lesion\n12.3 mm²"})
    dataset.GraphicAnnotationSequence[0].TextObjectSequence[0].UnformattedTextValue = "not a lesion"
    (found,) = read(through_bytes(dataset)).annotations
    assert found.read_only
    assert found.text == "not a lesion"


@pytest.mark.parametrize("kind", [kind for kind in OWN if GRAPHICS[kind]])
def test_what_does_not_fit_its_kind_keeps_its_points_and_is_measured_no_more(kind):
    dataset = state_with([made(kind)])
    first = dataset.GraphicAnnotationSequence[0].GraphicObjectSequence[0]
    first.GraphicType = "INTERPOLATED"
    first.GraphicData, first.NumberOfGraphicPoints = [1, 2, 30, 40, 50, 10], 3
    found = read(through_bytes(dataset)).annotations
    assert found
    assert all(each.read_only for each in found if each.kind in {Kind.LENGTH, Kind.OUTLINE})
    assert {each.kind for each in found} <= {Kind.LENGTH, Kind.OUTLINE}


@pytest.mark.parametrize("kind", [Kind.RECTANGLE, Kind.ELLIPSE, Kind.COBB, Kind.POINT, Kind.TEXT])
def test_the_same_from_another_program_is_shown_with_its_own_words(kind):
    dataset = state_with([made(kind)], {})
    dataset.ManufacturerModelName = "Other"
    found = read(through_bytes(dataset)).annotations
    assert all(each.read_only for each in found)


def test_a_state_of_the_version_before_is_read_with_its_words():
    drawn = replace(made(Kind.LENGTH), text="two\nlines")
    dataset = state_with([drawn])
    dataset.GraphicGroupSequence[0].GraphicGroupDescription = "Length"
    assert list(read(through_bytes(dataset)).annotations) == [drawn]


def test_a_colour_is_a_layer_of_its_own_with_that_colour_in_cielab():
    drawn = [made(Kind.LENGTH), made(Kind.ANGLE, color="#6fd3e8"), made(Kind.POINT, color="#6fd3e8")]
    dataset = state_with(drawn)
    assert [layer.GraphicLayer for layer in dataset.GraphicLayerSequence] == ["MEASUREMENTS", "COLOR_6FD3E8"]
    assert [item.GraphicLayer for item in dataset.GraphicAnnotationSequence] == [
        "MEASUREMENTS",
        "COLOR_6FD3E8",
        "COLOR_6FD3E8",
    ]
    assert all(
        re.fullmatch(r"[A-Z0-9_ ]{1,16}", layer.GraphicLayer) for layer in dataset.GraphicLayerSequence
    )
    assert dataset.GraphicLayerSequence[1].GraphicLayerRecommendedDisplayCIELabValue == list(
        cielab("#6fd3e8")
    )


@pytest.mark.parametrize(
    ("color", "lab"),  # the D50 values of Bruce Lindbloom's calculator for sRGB
    [
        ("#ffffff", (100, 0, 0)),
        ("#000000", (0, 0, 0)),
        ("#ff0000", (54.29, 80.81, 69.89)),
        ("#00ff00", (87.82, -79.29, 80.99)),
    ],
)
def test_cielab_values_are_those_of_the_profile_connection_space(color, lab):
    lightness, a, b = cielab(color)
    found = lightness / 65535 * 100, a / 65535 * 255 - 128, b / 65535 * 255 - 128
    assert found == pytest.approx(lab, abs=0.1)


def test_b21_a_calibration_by_hand_is_saved_as_presentation_pixel_spacing():
    calibration = Calibration(CalibrationClass.USER, 0.5, 0.4, "by hand")
    image = replace(IMAGE, calibration=calibration, pixel_aspect=1.25)
    state = state_with([made(Kind.CALIBRATION), made(Kind.LENGTH)], image=image)
    (area,) = state.DisplayedAreaSelectionSequence
    assert [float(value) for value in area.PresentationPixelSpacing] == [0.5, 0.4]
    assert "PresentationPixelAspectRatio" not in area
    assert any("user" in text for text in written_texts(state).values())


def test_every_kind_is_among_those_that_are_tested():
    assert set(POINTS) == set(GRAPHICS) == set(OWN)
    for kind in OWN:
        wanted = KINDS[kind].number_of_points
        assert wanted in {None, len(POINTS[kind])}


def test_a12_a_state_is_applied_to_the_images_that_it_names_and_to_no_others():
    drawn = made(Kind.LENGTH)
    state = read(through_bytes(state_with([drawn])))
    other = FrameKey("1.2.3.4.5", 1)
    assert state.applies_to(IMAGE.key)
    assert state.on(IMAGE.key) == (drawn,)
    assert not state.applies_to(other)
    assert (state.voi(other), state.area(other), state.on(other)) == (None, None, ())


def test_a12_a_state_of_some_frames_is_not_applied_to_the_others():
    dataset = make.enhanced_ct(np.stack([make.ramp(60, 80, start=k * 100) for k in range(4)]))
    third = describe(dataset, 3)
    drawn = Annotation(Kind.CIRCLE, third.key, ((20.0, 20.0), (30.0, 20.0)))
    (state,) = states_of([Shown(third, Window(40, 400))], [drawn], CONTENT)
    found = read(through_bytes(write(state, [InstanceSource(dataset, (third,))])))
    frames = [FrameKey(third.key.sop_instance_uid, number) for number in range(1, 5)]
    assert [found.applies_to(frame) for frame in frames] == [False, False, True, False]
    assert found.annotations == (drawn,)
