"""Lengths against hand-computed values and the patient coordinates of the plane."""

import locale
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.annotations.kinds import KINDS, label, measured
from viewer.annotations.measure import length, number
from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription, Region
from viewer.dicom.plane import ImagePlane
from viewer.dicom.records import FrameKey

KEY = FrameKey("1.2.3")


def image(kind=CalibrationClass.PATIENT, rows=0.8, columns=0.5, **more):
    calibration = Calibration(kind, rows, columns, "Pixel Spacing (0028,0030)")
    return ImageDescription(KEY, "1.2.840.10008.5.1.4.1.1.2", 200, 300, calibration=calibration, **more)


def ultrasound(*regions):
    calibration = Calibration(CalibrationClass.REGION, source="regions", regions=regions)
    return ImageDescription(KEY, "1.2.840.10008.5.1.4.1.1.6.1", 200, 300, calibration=calibration)


def test_a_length_takes_each_axis_with_its_own_spacing():
    # 8 columns of 0.5 mm are 4 mm, 3.75 rows of 0.8 mm are 3 mm: 5 mm. Exchanged axes would give 6.68.
    found = length(((10.0, 10.0), (18.0, 13.75)), image())
    assert found.value == pytest.approx(5.0)
    assert (found.unit, found.text, found.source) == ("mm", "5.0 mm", "Pixel Spacing (0028,0030)")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (CalibrationClass.PATIENT, "33.1 mm"),
        (CalibrationClass.CORRECTED, "33.1 mm (corrected)"),
        (CalibrationClass.DETECTOR, "33.1 mm (at detector)"),
        (CalibrationClass.NOMINAL, "33.1 mm (nominal)"),
        (CalibrationClass.NONE, "66.2 px"),
    ],
)
def test_the_label_says_what_kind_of_millimetre_it_is(kind, text):
    assert length(((1.0, 1.0), (67.2, 1.0)), image(kind)).text == text


def test_without_a_spacing_a_length_is_in_pixels_even_where_numbers_stand_in_the_calibration():
    found = length(((0.0, 0.0), (30.0, 40.0)), image(CalibrationClass.NONE))
    assert (found.value, found.unit) == (50.0, "px")


def test_pixels_that_are_not_square_are_stretched_by_their_aspect():
    found = length(((0.0, 0.0), (30.0, 20.0)), image(CalibrationClass.NONE, pixel_aspect=2.0))
    assert found.value == pytest.approx(50.0)


@given(
    st.tuples(st.floats(0, 300), st.floats(0, 200)),
    st.tuples(st.floats(0, 300), st.floats(0, 200)),
    st.floats(0.05, 3.0),
    st.floats(0.05, 3.0),
)
def test_the_length_agrees_with_the_distance_of_the_patient_positions(start, end, rows, columns):
    plane = ImagePlane((-10.5, 20.25, 30.75), (0.6, 0.8, 0.0), (0.0, 0.0, -1.0), rows, columns)
    in_patient = np.linalg.norm(plane.to_patient(*end) - plane.to_patient(*start))
    found = length((start, end), image(rows=rows, columns=columns, plane=plane))
    assert found.value == pytest.approx(in_patient, abs=1e-9)


TISSUE = Region(10, 10, 109, 109, "cm", "cm", 0.02, -0.03)
SECOND = Region(150, 10, 249, 109, "cm", "cm", 0.02, -0.03)
M_MODE = Region(10, 120, 249, 199, "s", "cm", 0.005, 0.02)
COLOR_BOX = Region(30, 30, 60, 60, "cm", "cm", 0.02, 0.03)
MAGNIFIED = Region(30, 30, 60, 60, "cm", "cm", 0.01, 0.015)


def test_in_one_ultrasound_region_a_length_is_in_millimetres_of_that_region():
    # 15 columns of 0.02 cm are 3 mm; 13 1/3 rows of 0.03 cm are 4 mm
    found = length(((20.0, 20.0), (35.0, 20.0 + 40 / 3)), ultrasound(TISSUE, M_MODE))
    assert found.value == pytest.approx(5.0)
    assert found.text == "5.0 mm (ultrasound region 1)"
    assert found.calibration is CalibrationClass.REGION


def test_a_color_box_of_the_same_scale_does_not_stop_a_length():
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
def test_across_ultrasound_scales_a_length_is_refused_in_words(points, regions, reason):
    found = length(points, ultrasound(*regions))
    assert (found.value, found.unit) == (None, "")
    assert found.text.startswith("no length: ")
    assert found.text.endswith(reason)


def test_outside_all_ultrasound_regions_a_length_is_in_pixels():
    assert length(((260.0, 10.0), (290.0, 50.0)), ultrasound(TISSUE)).text == "50.0 px"


def test_the_far_edge_of_the_last_pixel_still_belongs_to_its_region():
    assert length(((10.0, 50.0), (110.0, 50.0)), ultrasound(TISSUE)).text == "20.0 mm (ultrasound region 1)"


def test_a_number_has_a_point_in_every_country():
    before = locale.setlocale(locale.LC_ALL)
    try:
        for name in ("de_DE.UTF-8", "fr_FR.UTF-8", ""):
            try:
                locale.setlocale(locale.LC_ALL, name)
            except locale.Error:
                continue
            assert number(1234.56) == "1234.6"
    finally:
        locale.setlocale(locale.LC_ALL, before)


def test_a_length_below_one_shows_two_digits():
    assert [number(value) for value in (0.0, 0.04, 0.999, 1.0, 9.96)] == [
        "0.00",
        "0.04",
        "1.00",
        "1.0",
        "10.0",
    ]


def test_the_label_has_a_readers_own_words_first_and_the_measurement_last():
    line = Annotation(Kind.LENGTH, KEY, ((0.0, 0.0), (66.2, 0.0)))
    assert label(line, image()) == "33.1 mm"
    assert label(replace(line, text="node"), image()) == "node\n33.1 mm"


def test_what_another_program_drew_is_never_measured_again():
    line = Annotation(Kind.LENGTH, KEY, ((0.0, 0.0), (66.2, 0.0)), "32.9 mm", read_only=True)
    assert label(line, image()) == "32.9 mm"
    assert measured(line, image()) is None


def test_every_kind_has_a_row():
    assert set(KINDS) == set(Kind)
