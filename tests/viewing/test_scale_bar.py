import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.viewing.scale_bar import Scale, scale_bar


@pytest.mark.parametrize(
    ("pixel_mm", "available", "length", "text"),
    [
        (0.5, 200, 200.0, "10 cm"),
        (0.5, 199, 100.0, "5 cm"),
        (0.25, 150, 80.0, "2 cm"),
        (1.0, 9.9, 5.0, "5 mm"),
        (0.001, 50, 50.0, "50 µm"),
        (10.0, 250, 200.0, "2 m"),
    ],
)
def test_the_bar_is_the_longest_of_1_2_5_that_fits(pixel_mm, available, length, text):
    bar = scale_bar(pixel_mm, available)
    assert bar is not None
    assert bar.text == text
    assert bar.length == pytest.approx(length)


@pytest.mark.parametrize("pixel_mm", [0.0, -1.0, math.nan, math.inf])
def test_without_a_spacing_there_is_no_bar(pixel_mm):
    assert scale_bar(pixel_mm, 100) is None


def test_without_room_there_is_no_bar():
    assert scale_bar(0.5, 0) is None


@given(st.floats(1e-4, 1e3), st.floats(1.0, 5e3))
def test_the_bar_fits_and_is_not_needlessly_short(pixel_mm, available):
    bar = scale_bar(pixel_mm, available)
    assert isinstance(bar, Scale)
    assert available / 2.5 * (1 - 1e-6) <= bar.length <= available * (1 + 1e-6)


@given(st.floats(1e-4, 1e3), st.floats(1.0, 5e3))
def test_the_words_say_the_length_of_the_bar(pixel_mm, available):
    bar = scale_bar(pixel_mm, available)
    number, unit = bar.text.split()
    millimetres = float(number) * {"m": 1000.0, "cm": 10.0, "mm": 1.0, "µm": 0.001}[unit]
    assert bar.length * pixel_mm == pytest.approx(millimetres)
