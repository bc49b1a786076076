"""Statistics of regions against a loop over every pixel."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.annotations.statistics import Region, Statistics, inside, region_statistics

ROWS, COLUMNS = 9, 12
VALUES = np.random.default_rng(3).normal(40, 300, (ROWS, COLUMNS))
places = st.tuples(st.floats(-3, COLUMNS + 3), st.floats(-3, ROWS + 3))


def centres():
    return [(row, column, column + 0.5, row + 0.5) for row in range(ROWS) for column in range(COLUMNS)]


def crossings(points, x, y):
    """Return how often a ray from a point to the left crosses the outline."""
    count = 0
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
        if (y0 > y) != (y1 > y) and x0 + (y - y0) / (y1 - y0) * (x1 - x0) <= x:
            count += 1
    return count


def contains(region, points, x, y):
    if region is Region.POLYGON:
        return crossings(points, x, y) % 2 == 1
    (x0, y0), (x1, y1) = points
    if region is Region.RECTANGLE:
        return min(x0, x1) <= x < max(x0, x1) and min(y0, y1) <= y < max(y0, y1)
    a, b = abs(x1 - x0) / 2, abs(y1 - y0) / 2
    return min(a, b) >= 5e-7 and ((x - (x0 + x1) / 2) / a) ** 2 + ((y - (y0 + y1) / 2) / b) ** 2 <= 1


def expected(region, points, padding):
    found = [
        float(VALUES[row, column])
        for row, column, x, y in centres()
        if contains(region, points, x, y) and not padding[row, column]
    ]
    return (
        (statistics.fmean(found), statistics.pstdev(found), min(found), max(found), len(found))
        if found
        else None
    )


@given(st.sampled_from([Region.RECTANGLE, Region.ELLIPSE]), places, places, st.integers(0, 2**32))
def test_B10_boxes_and_ellipses_count_every_pixel_whose_centre_is_inside(region, first, second, seed):
    check(region, (first, second), seed)


@given(st.lists(places, min_size=3, max_size=7), st.integers(0, 2**32))
def test_B10_polygons_count_every_pixel_whose_centre_is_inside(points, seed):
    check(Region.POLYGON, tuple(points), seed)


def check(region, points, seed):
    padding = np.random.default_rng(seed).random((ROWS, COLUMNS)) < 0.2
    found = region_statistics(VALUES, inside(region, points, (ROWS, COLUMNS)), padding)
    wanted = expected(region, points, padding)
    if wanted is None:
        assert found.count == 0
        assert math.isnan(found.mean)
    else:
        got = (found.mean, found.sd, found.minimum, found.maximum, found.count)
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_B10_a_rectangle_over_four_pixels_has_their_numbers():
    """-1000, 0, 10 and 50 HU: mean -235, squares of 585225, 55225, 60025 and 81225 / 4 -> 195425."""
    values = np.array([[9e9, 9e9, 9e9], [9e9, -1000.0, 0.0], [9e9, 10.0, 50.0]])
    found = region_statistics(values, inside(Region.RECTANGLE, ((1, 1), (3, 3)), (3, 3)))
    assert found == Statistics(-235.0, pytest.approx(math.sqrt(195425)), -1000.0, 50.0, 4)


def test_B10_neither_padding_nor_what_is_no_number_counts():
    values = np.array([[1.0, -2000.0], [np.nan, 3.0]])
    everywhere = np.ones((2, 2), bool)
    found = region_statistics(values, everywhere, values == -2000)
    assert (found.mean, found.count, found.minimum) == (2.0, 2, 1.0)


def test_B10_fractions_of_a_rescale_stay_fractions():
    values = np.full((2, 2), 0.684, np.float32) * np.arange(4, dtype=np.float32).reshape(2, 2)
    assert region_statistics(values, np.ones((2, 2), bool)).mean == pytest.approx(1.026, abs=1e-6)


def test_regions_side_by_side_share_no_pixel():
    size = (4, 6)
    left = inside(Region.RECTANGLE, ((0, 0), (2.5, 4)), size)
    right = inside(Region.POLYGON, ((2.5, 0), (6, 0), (6, 4), (2.5, 4)), size)
    assert (left ^ right).all()
