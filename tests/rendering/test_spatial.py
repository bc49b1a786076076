"""Affine maps: corner-based, composed, inverted, and turned as PS3.3 C.10.6 says."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.rendering.spatial import Affine

numbers = st.floats(-100, 100)


@given(a=numbers, b=numbers, tx=numbers, c=numbers, d=numbers, ty=numbers, x=numbers, y=numbers)
def test_a_map_and_its_inverse_bring_a_point_back(a, b, tx, c, d, ty, x, y):
    affine = Affine(a, b, tx, c, d, ty)
    if abs(affine.determinant) > 0.1:
        assert affine.inverse(*affine(x, y)) == pytest.approx((x, y), abs=1e-4)


def test_composition_applies_the_right_hand_map_first():
    both = Affine.translation(10, 20) @ Affine.scaling(2, 3)
    assert both(1, 1) == (12, 23)
    assert (Affine.scaling(2, 3) @ Affine.translation(10, 20))(1, 1) == (22, 63)


def test_the_matrix_is_the_map():
    affine = Affine(1, 2, 3, 4, 5, 6)
    assert (affine.matrix @ [7, 8, 1]).tolist() == list(affine(7, 8))


@pytest.mark.parametrize(("rotation", "flipped"), list(itertools.product((0, 90, 180, 270), (False, True))))
def test_a15_a_turn_is_clockwise_and_the_flip_comes_after_it(rotation, flipped):
    """Turn the pixel grid of a small image by moving whole pixels, and compare."""
    rows, columns = 2, 3
    names = np.arange(rows * columns).reshape(rows, columns)
    expected = np.rot90(names, -rotation // 90)
    expected = expected[:, ::-1] if flipped else expected
    around = Affine.turned(rotation, flipped=flipped)
    corners = [around(x, y) for x in (0, columns) for y in (0, rows)]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    for row, column in itertools.product(range(rows), range(columns)):
        x, y = around(column + 0.5, row + 0.5)
        assert expected[int(y - top), int(x - left)] == names[row, column]
    assert (around.determinant < 0) == flipped


def test_a_flat_map_has_no_inverse():
    with pytest.raises(ZeroDivisionError):
        _ = Affine.scaling(0, 1).inverse
