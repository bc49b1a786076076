"""Angles and areas in millimetres, against numbers reckoned by hand and against the space of the patient."""

import math
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from viewer.annotations import forms, measure
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription
from viewer.dicom.plane import ImagePlane
from viewer.dicom.records import FrameKey

PATIENT, NONE = CalibrationClass.PATIENT, CalibrationClass.NONE
spacings = st.floats(0.05, 3.0)
points = st.tuples(st.floats(0, 300), st.floats(0, 200))


def image(kind=PATIENT, rows=0.8, columns=0.5, **more):
    calibration = Calibration(kind, rows, columns, "Pixel Spacing (0028,0030)")
    return ImageDescription(FrameKey("1.2.3"), "1.2", 200, 300, calibration=calibration, **more)


# ----------------------------------------------------------------------------------------------- angles
def test_B08_an_angle_is_that_of_millimetres():
    """8 columns of 0.5 mm and 5 rows of 0.8 mm are 4 mm each: 45 degrees, where pixels would say 32."""
    found = measure.angle(((8.0, 0.0), (0.0, 0.0), (8.0, 5.0)), image())
    assert (found.value, found.unit, found.text) == (pytest.approx(45.0), "°", "45.0°")
    assert found.source == "Pixel Spacing (0028,0030)"


def test_B08_without_a_spacing_the_shape_of_the_pixels_counts():
    wide = image(NONE, pixel_aspect=2.0)
    assert measure.angle(((8.0, 0.0), (0.0, 0.0), (8.0, 4.0)), wide).value == pytest.approx(45.0)
    assert measure.angle(((8.0, 0.0), (0.0, 0.0), (8.0, 8.0)), image(NONE)).value == pytest.approx(45.0)


@given(points, points, points, spacings, spacings)
def test_B08_angles_agree_with_the_directions_in_the_patient(first, vertex, last, rows, columns):
    plane = ImagePlane((-10.5, 20.25, 30.75), (0.6, 0.8, 0.0), (0.0, 0.0, -1.0), rows, columns)
    arms = [plane.to_patient(*end) - plane.to_patient(*vertex) for end in (first, last)]
    sizes = [float(np.linalg.norm(arm)) for arm in arms]
    assume(min(sizes) > 1e-3)
    cosine = float(arms[0] @ arms[1]) / (sizes[0] * sizes[1])
    found = measure.angle((first, vertex, last), image(rows=rows, columns=columns)).value
    assert math.cos(math.radians(found)) == pytest.approx(cosine, abs=1e-9)
    assert 0 <= found <= 180


@pytest.mark.parametrize(
    ("end", "degrees"), [((-8, 0), 180.0), ((8, 0), 0.0), ((0, 3), 90.0), ((-8, 5), 135.0)]
)
def test_B08_angles_reach_from_0_to_180(end, degrees):
    found = measure.angle(((8.0, 0.0), (0.0, 0.0), (float(end[0]), float(end[1]))), image())
    assert found.value == pytest.approx(degrees, abs=1e-9)


def test_B08_a_Cobb_angle_is_the_acute_one_in_millimetres():
    lines = ((0.0, 10.0), (80.0, 10.0), (0.0, 50.0), (80.0, 100.0))  # 40 mm across, 40 mm down: 45 degrees
    assert measure.cobb(lines, image()).value == pytest.approx(45.0)
    flat = ((0.0, 10.0), (80.0, 60.0), (0.0, 60.0), (80.0, 10.0))  # crossing at 45 up and down: 90
    assert measure.cobb(flat, image()).value == pytest.approx(90.0)


@given(points, points, points, points, spacings, spacings)
def test_B08_a_Cobb_angle_does_not_depend_on_the_order_of_clicks(a, b, c, d, rows, columns):
    assume(math.dist(a, b) > 1e-3 and math.dist(c, d) > 1e-3)
    described = image(rows=rows, columns=columns)
    orders = [(*one, *other) for one, other in permutations(((a, b), (c, d)))]
    orders += [(b, a, c, d), (a, b, d, c), (b, a, d, c), (d, c, b, a)]
    found = [measure.cobb(order, described).value for order in orders]
    assert found == pytest.approx([found[0]] * len(found), abs=1e-9)
    assert 0 <= found[0] <= 90


def test_an_arm_without_a_length_has_no_angle():
    found = measure.angle(((5.0, 5.0), (5.0, 5.0), (9.0, 9.0)), image())
    assert (found.value, found.text) == (None, "no angle: one of its lines has no length")
    assert measure.cobb(((5.0, 5.0), (5.0, 5.0), (9.0, 9.0), (1.0, 1.0)), image()).is_refused


# ----------------------------------------------------------------------------------- lengths of several lines
def test_B01_a_polyline_is_the_sum_of_its_parts():
    line = ((0.0, 0.0), (8.0, 3.75), (8.0, 8.75))  # 4 and 3 mm: 5; then 5 rows: 4 mm
    assert measure.polyline(line, image()).text == "9.0 mm"


def test_B01_two_diameters_are_told_by_their_length_in_millimetres():
    """10 rows are 8 mm and 12 columns only 6 mm: the line with fewer pixels is the longer one."""
    across, down = ((0.0, 0.0), (12.0, 0.0)), ((6.0, 0.0), (6.0, 10.0))
    for lines in ((*across, *down), (*down, *across)):
        found = measure.bidirectional(lines, image(CalibrationClass.DETECTOR))
        assert found.text == "8.0 x 6.0 mm (at detector)\nproduct 48.0 mm² (at detector)"
        assert (found.value, [(one.name, one.value, one.unit) for one in found.more]) == (
            pytest.approx(8.0),
            [("short axis", pytest.approx(6.0), "mm"), ("product", pytest.approx(48.0), "mm²")],
        )


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ((6.0, 10.0), ()),
        ((6.2, 10.0), ()),  # 0.1 mm aside on 8 mm: 89.3 degrees
        ((14.0, 5.0), ("at 45°, not at right angles",)),  # 4 mm across and 4 mm down
        ((6.0, 0.0), ()),  # a short axis that only begins
    ],
)
def test_B01_diameters_that_are_not_square_in_the_patient_say_so(end, words):
    lines = ((0.0, 0.0), (12.0, 0.0), (6.0, 0.0), end)
    assert tuple(measure.bidirectional(lines, image()).text.split("\n")[2:]) == words


# ------------------------------------------------------------------------------------------------ areas
def more(found, name="perimeter"):
    return next(one.value for one in found.more if one.name == name)


def test_B09_a_rectangle_has_its_sides_in_millimetres():
    found = measure.rectangle(((10.0, 30.0), (2.0, 5.0)), image())  # 4 by 20 mm
    assert (found.value, found.unit, more(found)) == (pytest.approx(80.0), "mm²", pytest.approx(48.0))
    assert found.text == "80.0 mm²\nperimeter 48.0 mm"


def test_B09_a_circle_of_square_pixels_is_pi_r_squared():
    found = measure.circle(((50.0, 50.0), (53.0, 54.0)), image(rows=2.0, columns=2.0))
    assert found.value == pytest.approx(math.pi * 100)
    assert (more(found), more(found, "diameter")) == (pytest.approx(math.pi * 20), pytest.approx(20))
    assert found.text == "314.2 mm²\nperimeter 62.8 mm\ndiameter 20.0 mm"


def test_B09_a_circle_of_pixels_that_are_not_square_is_an_ellipse_of_millimetres():
    """Half axes of 10 x 0.5 and 10 x 0.8 mm; its perimeter by a published table: 4 x 8 x E(1 - 25/64)."""
    found = measure.circle(((50.0, 50.0), (60.0, 50.0)), image())
    assert found.value == pytest.approx(math.pi * 5 * 8)
    assert [one.name for one in found.more] == ["perimeter"]
    assert more(found) == pytest.approx(around(5, 8), rel=1e-9)


def around(a, b, parts=200_000):
    """Return the perimeter of an ellipse as the sum of many chords."""
    turns = np.linspace(0, 2 * np.pi, parts + 1)
    return float(np.hypot(np.diff(a * np.cos(turns)), np.diff(b * np.sin(turns))).sum())


@given(st.floats(1, 60), st.floats(0.5, 60), st.floats(0, math.pi), spacings, spacings)
def test_B09_a_turned_ellipse_has_the_area_and_the_perimeter_of_its_outline(a, b, turn, rows, columns):
    across, down = (a * math.cos(turn), a * math.sin(turn)), (-b * math.sin(turn), b * math.cos(turn))
    ends = tuple((150 + s * x, 100 + s * y) for x, y in (across, down) for s in (-1, 1))
    found = measure.ellipse(ends, image(rows=rows, columns=columns))
    oval = forms.oval_of_axes(ends)
    turns = np.linspace(0, 2 * np.pi, 20_001)
    x = (oval.u[0] * np.cos(turns) + oval.v[0] * np.sin(turns)) * columns
    y = (oval.u[1] * np.cos(turns) + oval.v[1] * np.sin(turns)) * rows
    assert found.value == pytest.approx(math.pi * a * b * rows * columns)
    assert more(found) == pytest.approx(float(np.hypot(np.diff(x), np.diff(y)).sum()), rel=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "perimeter"),
    [(1.0, 1.0, 2 * math.pi), (2.0, 1.0, 9.688448220547676), (5.0, 3.0, 25.526998863398124),
     (1.0, 0.01, 4.001098329722652), (1.0, 0.0, 4.0)],
)  # fmt: skip
def test_B09_perimeters_of_ellipses_as_tables_have_them(a, b, perimeter):
    assert measure._around_oval((a, 0.0), (0.0, b)) == pytest.approx(perimeter, rel=1e-7)


@pytest.mark.parametrize(
    "ends",
    [
        ((0.0, 10.0), (20.0, 10.0), (15.0, 5.0), (15.0, 15.0)),  # not in the middle
        ((0.0, 10.0), (20.0, 10.0), (5.0, 5.0), (15.0, 15.0)),  # not at right angles
    ],
)
def test_B09_axes_that_make_no_ellipse_have_no_area(ends):
    assert measure.ellipse(ends, image()).text == "no area: the axes do not halve each other at right angles"


def test_B09_a_polygon_has_its_area_in_square_millimetres():
    found = measure.polygon(((0.0, 0.0), (8.0, 0.0), (8.0, 10.0)), image())  # 4 by 8 mm, half of it
    assert found.value == pytest.approx(16.0)
    assert more(found) == pytest.approx(4 + 8 + math.sqrt(80))


@given(st.lists(points, min_size=3, max_size=8), spacings, spacings)
def test_B09_the_perimeter_of_a_polygon_is_that_in_the_patient(corners, rows, columns):
    plane = ImagePlane((-10.5, 20.25, 30.75), (0.6, 0.8, 0.0), (0.0, 0.0, -1.0), rows, columns)
    ends = [plane.to_patient(*corner) for corner in (*corners, corners[0])]
    expected = sum(float(np.linalg.norm(b - a)) for a, b in pairwise(ends))
    found = measure.polygon(tuple(corners), image(rows=rows, columns=columns))
    assert more(found) == pytest.approx(expected, abs=1e-9)


def test_B02_areas_without_a_spacing_are_in_pixels():
    box = ((0.0, 0.0), (10.0, 5.0))
    assert measure.rectangle(box, image(NONE)).text == "50.0 px²\nperimeter 30.0 px"
    assert measure.rectangle(box, image(NONE, pixel_aspect=2.0)).value == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("kind", "remark"),
    [(CalibrationClass.DETECTOR, " (at detector)"), (CalibrationClass.NOMINAL, " (nominal)"),
     (CalibrationClass.CORRECTED, " (corrected)"), (CalibrationClass.USER, " (user)"), (PATIENT, "")],
)  # fmt: skip
def test_B02_areas_and_perimeters_say_what_kind_of_millimetre_they_are_of(kind, remark):
    found = measure.rectangle(((0.0, 0.0), (10.0, 5.0)), image(kind))
    assert found.text == f"20.0 mm²{remark}\nperimeter 18.0 mm{remark}"
