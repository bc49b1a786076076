"""Measures in ultrasound, by region (PS3.3 C.8.5.5): cm, s, cm/s, and never across two of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.annotations.kinds import KINDS, label, measured
from viewer.annotations.measure import length
from viewer.annotations.shapes import Annotation, Kind
from viewer.annotations.statistics import Statistics
from viewer.dicom.calibration import UNITS
from viewer.dicom.describe import describe
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription, Region
from viewer.dicom.read import read_header
from viewer.dicom.records import FrameKey

KEY = FrameKey("1.2.3")


def ultrasound(*regions):
    calibration = Calibration(CalibrationClass.REGION, source="regions", regions=regions)
    return ImageDescription(KEY, "1.2.840.10008.5.1.4.1.1.6.1", 200, 300, calibration=calibration)


TISSUE = Region(10, 10, 109, 109, "cm", "cm", 0.02, -0.03)
SECOND = Region(150, 10, 249, 109, "cm", "cm", 0.02, -0.03)
M_MODE = Region(10, 120, 249, 199, "s", "cm", 0.005, 0.02)
COLOR_BOX = Region(30, 30, 60, 60, "cm", "cm", 0.02, 0.03)
MAGNIFIED = Region(30, 30, 60, 60, "cm", "cm", 0.01, 0.015)


def test_B06_in_one_ultrasound_region_a_length_is_in_millimetres_of_that_region():
    # 15 columns of 0.02 cm are 3 mm; 13 1/3 rows of 0.03 cm are 4 mm
    found = length(((20.0, 20.0), (35.0, 20.0 + 40 / 3)), ultrasound(TISSUE, M_MODE))
    assert found.value == pytest.approx(5.0)
    assert found.text == "5.0 mm (ultrasound region 1)"
    assert found.calibration is CalibrationClass.REGION


def test_B06_a_color_box_of_the_same_scale_does_not_stop_a_length():
    found = length(((20.0, 45.0), (45.0, 45.0)), ultrasound(TISSUE, COLOR_BOX))
    assert found.value == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("points", "regions", "reason"),
    [
        (((20.0, 20.0), (200.0, 20.0)), (TISSUE, SECOND), "across different ultrasound regions"),
        (((20.0, 20.0), (130.0, 20.0)), (TISSUE, SECOND), "outside the calibrated ultrasound region"),
        (((20.0, 45.0), (45.0, 45.0)), (TISSUE, MAGNIFIED), "ultrasound regions of different scale"),
    ],
)  # fmt: skip
def test_B06_across_ultrasound_scales_a_length_is_refused_in_words(points, regions, reason):
    found = length(points, ultrasound(*regions))
    assert (found.value, found.unit) == (None, "")
    assert found.text.startswith("no length: ")
    assert found.text.endswith(reason)


def test_B06_outside_all_ultrasound_regions_a_length_is_in_pixels():
    assert length(((260.0, 10.0), (290.0, 50.0)), ultrasound(TISSUE)).text == "50.0 px"


def test_B06_the_far_edge_of_the_last_pixel_still_belongs_to_its_region():
    assert length(((10.0, 50.0), (110.0, 50.0)), ultrasound(TISSUE)).text == "20.0 mm (ultrasound region 1)"


DOPPLER = Region(10, 120, 249, 199, "s", "cm/s", 0.004, -1.5, 4, zero_x=10.5, zero_y=160.5)
FREQUENCY = Region(10, 120, 249, 199, "s", "Hz", 0.004, -50.0, zero_y=160.5)
CURVE = Region(10, 120, 249, 199, "s", "", 0.004, 1.0)
BAR = Region(10, 120, 249, 199, "", "", 1.0, 1.0)
GREY_BAR = Region(12, 12, 20, 60, "", "", 1.0, 1.0)
COVERED = Region(10, 10, 109, 109, "cm", "cm", 0.02, -0.03, low_priority=True)
FRAME_ON_TOP = Region(0, 0, 299, 199, "cm", "cm", 0.5, 0.5)


def found(kind, points, *regions):
    measurement = measured(Annotation(kind, KEY, points), ultrasound(*regions))
    assert measurement is not None
    return measurement


def numbers(measurement):
    return {one.name: (pytest.approx(one.value), one.unit) for one in measurement.more}


def test_B07_in_M_mode_time_and_depth_are_each_for_themselves():
    """40 columns of 5 ms are 0.2 s; 10 rows of 0.02 cm are 2 mm; 0.2 cm in 0.2 s are 1 cm/s."""
    measurement = found(Kind.LENGTH, ((20.0, 130.0), (60.0, 140.0)), TISSUE, M_MODE)
    assert (measurement.value, measurement.is_refused) == (None, False)
    assert numbers(measurement) == {"time": (0.2, "s"), "depth": (2.0, "mm"), "slope": (1.0, "cm/s")}
    assert measurement.text.split("\n") == [
        "time 0.200 s (ultrasound region 2)",
        "depth 2.0 mm (ultrasound region 2)",
        "slope 1.0 cm/s (ultrasound region 2)",
    ]


def test_B07_upright_in_M_mode_there_is_no_slope():
    measurement = found(Kind.LENGTH, ((20.0, 130.0), (20.0, 140.0)), M_MODE)
    assert numbers(measurement) == {"time": (0.0, "s"), "depth": (2.0, "mm")}


def test_B07_between_two_points_of_a_doppler_spectrum_lie_time_and_velocity():
    """50 columns of 4 ms are 0.2 s; 20 rows of 1.5 cm/s are 30 cm/s, 150 cm/s in each second."""
    measurement = found(Kind.LENGTH, ((20.0, 130.0), (70.0, 150.0)), DOPPLER)
    assert numbers(measurement) == {
        "time": (0.2, "s"), "velocity difference": (30.0, "cm/s"), "slope": (150.0, "cm/s²"),
    }  # fmt: skip
    assert measurement.text.startswith("time 0.200 s (ultrasound region 4)\nvelocity difference 30.0 cm/s")


@pytest.mark.parametrize(
    ("y", "velocity"), [(160.5, 0.0), (140.5, 30.0), (180.5, -30.0), (120.0, 60.75)]
)  # upwards is towards the probe: the delta is negative
def test_B07_the_velocity_of_a_point_is_that_above_the_base_line(y, velocity):
    measurement = found(Kind.POINT, ((35.5, y),), DOPPLER)
    assert (measurement.value, measurement.unit) == (pytest.approx(velocity), "cm/s")
    assert numbers(measurement) == {"velocity": (velocity, "cm/s"), "time": (0.1, "s")}
    assert f"velocity {velocity:.1f} cm/s" in measurement.text or abs(velocity) < 1


def test_B07_a_velocity_stands_alone_where_the_pixel_has_a_colour_and_no_value():
    shape = Annotation(Kind.POINT, KEY, ((35.5, 140.5),))
    said = label(shape, ultrasound(DOPPLER), Statistics(reason="a colour image"))
    assert said == "velocity 30.0 cm/s (ultrasound region 4)\ntime 0.100 s (ultrasound region 4)"


def test_B07_without_a_reference_pixel_a_point_has_no_velocity():
    bare = Region(10, 120, 249, 199, "s", "cm/s", 0.004, -1.5)
    assert found(Kind.POINT, ((35.0, 140.0),), bare).text == "at 35.0, 140.0 px"


def test_B07_a_doppler_spectrum_may_be_in_hertz():
    assert found(Kind.POINT, ((35.0, 140.5),), FREQUENCY).text == "frequency 1000 Hz (ultrasound region 1)"
    measurement = found(Kind.LENGTH, ((20.0, 130.0), (70.0, 150.0)), FREQUENCY)
    assert numbers(measurement)["frequency difference"] == (1000.0, "Hz")
    assert numbers(measurement)["slope"] == (5000.0, "Hz/s")


def test_B07_of_a_curve_without_a_unit_the_time_can_be_measured():
    measurement = found(Kind.LENGTH, ((20.0, 130.0), (270.0 - 30, 150.0)), CURVE)
    assert numbers(measurement) == {"time": (0.88, "s")}
    assert found(Kind.LENGTH, ((20.0, 130.0), (60.0, 140.0)), BAR).text == (
        "no length: this ultrasound region has no unit"
    )


@pytest.mark.parametrize("unit", sorted(set(UNITS.values()) - {"cm"}))
def test_B07_every_unit_of_the_standard_has_words(unit):
    region = Region(10, 120, 249, 199, unit, unit, 0.5, 0.5, zero_x=20.0, zero_y=130.0)
    for kind, points in ((Kind.LENGTH, ((20.0, 130.0), (30.0, 140.0))), (Kind.POINT, ((30.0, 140.0),))):
        measurement = found(kind, points, region)
        assert [(one.value, one.unit) for one in measurement.more[:2]] == [(5.0, unit), (5.0, unit)]
        assert unit in measurement.text


INSIDE = {
    Kind.POLYLINE: ((20.0, 20.0), (35.0, 20.0), (35.0, 30.0)),
    Kind.ANGLE: ((35.0, 20.0), (20.0, 20.0), (20.0, 30.0)),
    Kind.COBB: ((20.0, 20.0), (35.0, 20.0), (20.0, 20.0), (35.0, 40.0)),
    Kind.BIDIRECTIONAL: ((20.0, 20.0), (50.0, 20.0), (35.0, 20.0), (35.0, 30.0)),
    Kind.RECTANGLE: ((20.0, 20.0), (35.0, 30.0)),
    Kind.ELLIPSE: ((20.0, 30.0), (40.0, 30.0), (30.0, 25.0), (30.0, 35.0)),
    Kind.CIRCLE: ((40.0, 40.0), (50.0, 40.0)),
    Kind.POLYGON: ((20.0, 20.0), (35.0, 20.0), (35.0, 30.0)),
}  # columns of 0.2 mm, rows of 0.3 mm
VALUES = {
    Kind.POLYLINE: (6.0, "mm"),
    Kind.ANGLE: (90.0, "°"),
    Kind.COBB: (63.434948822922, "°"),  # 15 columns are 3 mm, 20 rows are 6 mm
    Kind.BIDIRECTIONAL: (6.0, "mm"),
    Kind.RECTANGLE: (9.0, "mm²"),
    Kind.ELLIPSE: (9.42477796077, "mm²"),  # pi * 2 * 1.5
    Kind.CIRCLE: (18.8495559215, "mm²"),  # pi * 100 pixels of 0.06 mm²
    Kind.POLYGON: (4.5, "mm²"),
}


@pytest.mark.parametrize("kind", INSIDE)
def test_B06_every_kind_measures_in_the_millimetres_of_its_region(kind):
    measurement = found(kind, INSIDE[kind], TISSUE, SECOND)
    assert (measurement.value, measurement.unit) == (pytest.approx(VALUES[kind][0]), VALUES[kind][1])
    assert measurement.calibration is CalibrationClass.REGION
    assert measurement.source == "regions, region 1"
    if kind not in {Kind.ANGLE, Kind.COBB}:
        assert all("(ultrasound region 1)" in line for line in measurement.text.split("\n"))


@pytest.mark.parametrize("kind", INSIDE)
def test_B06_every_kind_is_refused_across_regions_and_where_axes_are_no_lengths(kind):
    across = (*INSIDE[kind][:-1], (200.0, 30.0))
    below = tuple((x, y + 110.0) for x, y in INSIDE[kind])
    for points, regions in ((across, (TISSUE, SECOND)), (below, (M_MODE,)), (below, (DOPPLER,))):
        measurement = found(kind, points, *regions)
        assert measurement.is_refused
        assert measurement.text.startswith("no ")
        assert (measurement.value, measurement.unit, measurement.more) == (None, "", ())


def test_B06_a_circle_that_bulges_out_of_its_region_has_no_area():
    assert not found(Kind.CIRCLE, ((104.0, 50.0), (100.0, 50.0)), TISSUE).is_refused
    bulging = found(Kind.CIRCLE, ((104.0, 50.0), (96.0, 50.0)), TISSUE)  # both points are inside
    assert bulging.text == "no area: a part lies outside the calibrated ultrasound region"


def test_B06_the_region_of_high_priority_has_the_say_where_two_overlap():
    points = ((20.0, 20.0), (30.0, 20.0))
    assert found(Kind.LENGTH, points, COVERED, FRAME_ON_TOP).value == pytest.approx(50.0)
    assert found(Kind.LENGTH, points, TISSUE, FRAME_ON_TOP).value == pytest.approx(2.0)  # else the smallest


def test_B06_a_grey_bar_on_the_image_is_no_tissue():
    assert found(Kind.LENGTH, ((15.0, 30.0), (60.0, 30.0)), TISSUE, GREY_BAR).is_refused
    assert found(Kind.LENGTH, ((30.0, 30.0), (60.0, 30.0)), TISSUE, GREY_BAR).value == pytest.approx(6.0)


@given(st.tuples(st.floats(10, 110), st.floats(10, 110)), st.tuples(st.floats(10, 110), st.floats(10, 110)))
def test_B06_signs_of_deltas_do_not_change_a_length(start, end):
    mirrored = Region(10, 10, 109, 109, "cm", "cm", -0.02, 0.03)
    one, other = (found(Kind.LENGTH, (start, end), region) for region in (TISSUE, mirrored))
    assert one.value == pytest.approx(other.value)


# ------------------------------------------------------------------------------------------- real images
def described(corpus, path, frame=1):
    return describe(read_header(str(corpus / path)), frame)


@pytest.mark.parametrize(
    ("path", "points", "millimetres"),
    [
        ("us/go-dicom__I_000035.dcm", ((200.5, 200.5), (300.5, 200.5)), 32.407406717538834),
        ("us/pydicom-data__JPGLosslessP14SV1_1s_1f_8b.dcm", ((200, 200), (200, 300)), 25.476696592378157),
        ("color/pydicom-data__gdcm-US-ALOKA-16.dcm", ((100, 200), (100, 300)), 38.26530650258064),
        ("color/pydicom__examples_palette.dcm", ((200, 100), (230, 140)), 13.114393835984990),
        (
            "us/dicomparser__IM00001.fragmented_no_bot_jpeg_baseline.50.dcm",
            ((100, 100), (110, 100)),
            22.93750081863,
        ),
    ],
)  # 100 pixels of the delta of the header, in cm; the last but one is 50 pixels
def test_B06_lengths_in_the_corpus_are_those_of_their_deltas(corpus, path, points, millimetres):
    found = length(points, described(corpus, path))
    assert found.value == pytest.approx(millimetres)
    assert (found.unit, found.calibration) == ("mm", CalibrationClass.REGION)


def test_B06_two_regions_of_the_corpus_are_not_measured_across(corpus):
    image = described(corpus, "color/pydicom-data__gdcm-US-ALOKA-16.dcm")
    assert length(((300, 200), (400, 200)), image).text == (
        "no length: it reaches across different ultrasound regions"
    )
    assert length(((400, 200), (500, 200)), image).text.endswith("(ultrasound region 2)")
    assert length(((40, 60), (100, 60)), image).is_refused  # from the grey bar


def test_B07_the_curve_of_an_ECG_in_the_corpus_has_a_time_where_the_image_reaches_it(corpus):
    image = described(corpus, "us/pydicom-data__OBXXXX1A_rle_2frame.dcm")
    found = length(((200, 550), (300, 560)), image)
    assert [(one.name, one.unit) for one in found.more] == [("time", "s")]
    assert found.more[0].value == pytest.approx(0.9642736608649534)
    assert image.calibration.regions[1].zero_x == pytest.approx(
        0.5
    )  # the header counts from the image's edge


def test_every_kind_that_measures_was_looked_at():
    measuring = {kind for kind, row in KINDS.items() if row.measured is not None}
    assert measuring == set(INSIDE) | {Kind.LENGTH, Kind.POINT}
