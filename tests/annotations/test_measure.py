"""Lengths against hand-computed values and the patient coordinates of the plane."""

import locale
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.annotations.kinds import KINDS, label, measured
from viewer.annotations.measure import calibrated_by, length
from viewer.annotations.shapes import Annotation, Kind
from viewer.annotations.statistics import Statistics
from viewer.annotations.wording import figure, number
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription
from viewer.dicom.plane import ImagePlane
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError

KEY = FrameKey("1.2.3")


def image(kind=CalibrationClass.PATIENT, rows=0.8, columns=0.5, **more):
    calibration = Calibration(kind, rows, columns, "Pixel Spacing (0028,0030)")
    return ImageDescription(KEY, "1.2.840.10008.5.1.4.1.1.2", 200, 300, calibration=calibration, **more)


def test_B01_a_length_takes_each_axis_with_its_own_spacing():
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
        (CalibrationClass.USER, "33.1 mm (user)"),
        (CalibrationClass.NONE, "66.2 px"),
    ],
)
def test_B02_the_label_says_what_kind_of_millimetre_it_is(kind, text):
    assert length(((1.0, 1.0), (67.2, 1.0)), image(kind)).text == text


def test_B02_without_a_spacing_a_length_is_in_pixels_even_where_numbers_stand_in_the_calibration():
    found = length(((0.0, 0.0), (30.0, 40.0)), image(CalibrationClass.NONE))
    assert (found.value, found.unit) == (50.0, "px")


def test_B05_pixels_that_are_not_square_are_stretched_by_their_aspect():
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


def test_B25_a_number_has_a_point_in_every_country():
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


@pytest.mark.parametrize(
    ("value", "shown"),
    [(40.0, "40"), (-1000.0, "-1000"), (40.26, "40.3"), (0.0, "0"), (0.00123456, "0.00123"),
     (1.2e-6, "1.2e-06"), (65535.0, "65535"), (1234567.25, "1.23e+06"), (3e9, "3e+09")],
)  # fmt: skip
def test_the_value_of_a_pixel_as_it_is_shown(value, shown):
    assert figure(value) == shown


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


def test_the_label_of_a_region_has_the_statistics_last_and_that_of_a_point_first():
    found = Statistics(40.0, 2.5, 30.0, 50.0, 12, "HU")
    box = Annotation(Kind.RECTANGLE, KEY, ((0.0, 0.0), (4.0, 3.0)), "cyst")
    assert label(box, image(), found).split("\n") == [
        "cyst", "4.8 mm²", "perimeter 8.8 mm", "mean 40 SD 2.5 HU", "min 30 max 50 n 12",
    ]  # fmt: skip
    spot = Annotation(Kind.POINT, KEY, ((1.5, 2.5),))
    assert label(spot, image(), Statistics(40.0, 0.0, 40.0, 40.0, 1, "HU")) == "value 40 HU\nat 1.5, 2.5 px"


def test_words_and_arrows_measure_nothing():
    for kind in (Kind.TEXT, Kind.ARROW):
        shape = Annotation(kind, KEY, ((1.0, 1.0), (5.0, 5.0))[: KINDS[kind].number_of_points], "look here")
        assert measured(shape, image()) is None
        assert label(shape, image()) == "look here"


@pytest.mark.parametrize("kind", [kind for kind in Kind if KINDS[kind].measured is not None])
def test_what_is_not_complete_has_no_number(kind):
    points = tuple((float(n * n), float(7 * n)) for n in range(KINDS[kind].least))
    assert measured(Annotation(kind, KEY, points), image()) is not None
    assert measured(Annotation(kind, KEY, points[:-1]), image()) is None


def test_a_point_says_where_it_lies_in_the_patient():
    plane = ImagePlane((-10.5, 20.25, 30.75), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0), 0.8, 0.5)
    found = measured(Annotation(Kind.POINT, KEY, ((4.5, 2.5),)), image(plane=plane))
    assert found is not None
    assert found.text == "at -10.5, 22.2, 29.1 mm"  # 4 columns of 0.5 along y, 2 rows of 0.8 down
    assert [part.value for part in found.more] == pytest.approx([-10.5, 22.25, 29.15])
    assert not found.is_refused


# ------------------------------------------------------------------------------------------ by the reader
LINE = ((10.0, 10.0), (40.0, 50.0))


def test_B21_a_line_of_known_length_calibrates_the_image():
    """30 columns and 40 rows are 50 pixels; 25 mm make 0.5 mm each."""
    found = calibrated_by(LINE, 25.0, image(CalibrationClass.NONE))
    assert (found.kind, found.row_spacing, found.column_spacing) == (CalibrationClass.USER, 0.5, 0.5)
    assert length(LINE, replace(image(), calibration=found)).text == "25.0 mm (user)"


@given(
    st.floats(0.1, 500),
    st.floats(0.2, 5),
    st.sampled_from([CalibrationClass.NONE, CalibrationClass.DETECTOR]),
)
def test_B21_the_line_has_the_length_it_was_given_and_pixels_keep_their_shape(known, aspect, kind):
    before = image(kind, rows=0.1 * aspect, columns=0.1, pixel_aspect=aspect)
    found = calibrated_by(LINE, known, before)
    assert length(LINE, replace(before, calibration=found)).value == pytest.approx(known)
    assert found.row_spacing / found.column_spacing == pytest.approx(aspect)


@pytest.mark.parametrize(
    ("points", "known", "kind", "reason"),
    [
        (LINE, 0.0, CalibrationClass.NONE, "more than 0 mm"),
        (LINE, -5.0, CalibrationClass.NONE, "more than 0 mm"),
        (LINE, float("nan"), CalibrationClass.NONE, "more than 0 mm"),
        ((LINE[0], LINE[0]), 5.0, CalibrationClass.NONE, "the line has no length"),
        (LINE, 5.0, CalibrationClass.REGION, "ultrasound regions"),
    ],
)
def test_B21_what_cannot_calibrate_is_refused_in_words(points, known, kind, reason):
    with pytest.raises(ViewerError, match=reason):
        calibrated_by(points, known, image(kind))
