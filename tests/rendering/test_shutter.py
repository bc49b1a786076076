"""Shutters hide what lies outside all their shapes: each pixel held against the words of the standard."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.overlay import OverlayKind, OverlayPlane, Shutter
from viewer.dicom.records import FrameKey
from viewer.rendering.auto_window import auto_window
from viewer.rendering.shutter import shutter_color, shutter_mask

KEY = FrameKey("1.2.3")
ROWS, COLUMNS = 17, 23


def image(shutter, aspect=1.0, rows=ROWS, columns=COLUMNS, **more):
    return ImageDescription(KEY, "1.2", rows, columns, shutter=shutter, pixel_aspect=aspect, **more)


def in_polygon(vertices, row, column):
    """Tell whether a pixel lies in a polygon or on its border, in exact numbers (even-odd)."""
    inside = False
    for (row0, column0), (row1, column1) in zip(vertices, vertices[1:] + vertices[:1], strict=True):
        cross = (row1 - row0) * (column - column0) - (column1 - column0) * (row - row0)
        between = min(row0, row1) <= row <= max(row0, row1)
        if cross == 0 and between and min(column0, column1) <= column <= max(column0, column1):
            return True
        if (row0 > row) != (row1 > row):
            at = column0 + Fraction((row - row0) * (column1 - column0), row1 - row0)
            inside ^= column < at
    return inside


def is_seen(shutter, row, column, aspect):
    """C.7.6.11 for the pixel in row `row`, column `column`, both from 1."""
    seen = True
    if shutter.rectangle:
        left, upper, right, lower = shutter.rectangle
        seen &= left <= column <= right and upper <= row <= lower
    if shutter.circle:
        center_row, center_column, radius = shutter.circle
        seen &= ((row - center_row) * aspect) ** 2 + (column - center_column) ** 2 <= radius**2
    if shutter.polygon:
        seen &= in_polygon(list(shutter.polygon), row, column)
    return seen


def reference(shutter, aspect=1.0):
    return np.array(
        [
            [not is_seen(shutter, row, column, aspect) for column in range(1, COLUMNS + 1)]
            for row in range(1, ROWS + 1)
        ]
    )


def agrees(shutter, aspect=1.0):
    expected = reference(shutter, aspect)
    mask = shutter_mask(image(shutter, aspect))
    if expected.all() or not expected.any():
        return mask is None
    return np.array_equal(mask, expected)


SHAPES = {
    "rectangle": (4, 3, 20, 14),
    "circle": (8, 11, 6),
    "polygon": ((2, 12), (9, 21), (16, 12), (9, 2)),
}


@pytest.mark.parametrize("names", [c for n in (1, 2, 3) for c in itertools.combinations(SHAPES, n)])
@pytest.mark.parametrize("aspect", [1.0, 0.5, 1.5])
def test_A11_all_shapes_together_leave_what_lies_in_each_of_them(names, aspect):
    assert agrees(Shutter(**{name: SHAPES[name] for name in names}), aspect)


NUMBER = st.integers(-5, 28)


@given(left=NUMBER, upper=NUMBER, right=NUMBER, lower=NUMBER)
def test_A11_rectangles_count_from_1_and_show_their_edges(left, upper, right, lower):
    rectangle = (min(left, right), min(upper, lower), max(left, right), max(upper, lower))
    assert agrees(Shutter(rectangle))


@given(row=NUMBER, column=NUMBER, radius=st.integers(1, 40), aspect=st.sampled_from([1.0, 0.75, 2.0]))
def test_A11_the_radius_of_a_circle_is_counted_along_a_row(row, column, radius, aspect):
    assert agrees(Shutter(circle=(row, column, radius)), aspect)


@given(vertices=st.lists(st.tuples(NUMBER, NUMBER), min_size=3, max_size=9))
def test_A11_polygons_of_any_kind_show_their_inside_and_their_border(vertices):
    assert agrees(Shutter(polygon=tuple(vertices)))


def test_A11_a_shutter_that_would_hide_everything_hides_nothing():
    assert shutter_mask(image(Shutter((100, 100, 200, 200)))) is None
    assert shutter_mask(image(None)) is None


def test_A11_the_marks_of_a_bitmap_shutter_are_hidden():
    marks = np.zeros((ROWS, COLUMNS), bool)
    marks[3:9, 4:20] = True
    plane = OverlayPlane(0x6002, OverlayKind.GRAPHIC, np.packbits(marks, bitorder="little"))
    described = image(Shutter(overlay_group=0x6002), overlays=(plane,))
    assert np.array_equal(shutter_mask(described), marks)


@pytest.mark.parametrize("value", [0, 1, 30000, 65535])
def test_C24_the_value_is_a_p_value_of_16_bits(value):
    shutter = Shutter((1, 1, 2, 2), value=value)
    assert shutter_color(shutter, color=False) == (value, value, value)
    assert shutter_color(shutter, color=True) == (value, value, value)


def srgb_of_lab(lightness, a, b):
    """CIE 15 and IEC 61966-2-1 for one colour, white of D65."""
    fy = (lightness + 16) / 116
    xyz = []
    for f, white in ((fy + a / 500, 0.950456), (fy, 1.0), (fy - b / 200, 1.088754)):
        xyz.append(white * (f**3 if f > 6 / 29 else 3 * (6 / 29) ** 2 * (f - 4 / 29)))
    x, y, z = xyz
    linear = (
        3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
        -0.9692660 * x + 1.8760108 * y + 0.0415560 * z,
        0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
    )
    return [
        65535 * min(max(12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055, 0), 1)
        for c in linear
    ]


@pytest.mark.parametrize("lab", [(80, 0, 80), (50, 20, -30), (100, 0, 0), (0, 0, 0)])
def test_C24_a_colour_image_is_covered_with_the_colour_of_the_header(lab):
    words = (
        round(lab[0] / 100 * 65535), round((lab[1] + 128) / 255 * 65535), round((lab[2] + 128) / 255 * 65535)
    )  # fmt: skip
    shutter = Shutter((1, 1, 2, 2), value=9, lab=words)
    assert shutter_color(shutter, color=True) == pytest.approx(srgb_of_lab(*lab), abs=300)  # 1 of 255
    assert shutter_color(shutter, color=False) == (9, 9, 9)


def test_A11_what_is_hidden_does_not_move_the_automatic_window():
    stored = np.full((ROWS, COLUMNS), 30000, "i2")
    stored[5:10, 6:15] = np.arange(45, dtype="i2").reshape(5, 9)
    described = image(Shutter((7, 6, 15, 10)), signed=True)
    window = auto_window(described, Frame(KEY, stored, "MONOCHROME2"))
    assert math.isclose(window.center, 22, abs_tol=0.5)
    assert window.width < 45
