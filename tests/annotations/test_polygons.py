"""Areas of outlines against known figures and against counting squares."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.annotations.polygons import area, length

whole = st.tuples(st.integers(0, 6), st.integers(0, 6))


def counted(points, fine=16):
    """Return the area by counting small squares whose middle lies inside, by a ray to the left."""
    total = 0
    steps = np.arange(0, 6, 1 / fine) + 0.5 / fine + 1e-6
    edges = list(pairwise([*points, points[0]]))
    for y in steps:
        met = [(a, b) for a, b in edges if (a[1] > y) != (b[1] > y)]
        at = np.array([a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) for a, b in met])
        total += int(((at[:, None] <= steps).sum(axis=0) % 2).sum()) if met else 0
    return total / fine**2


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (((0, 0), (4, 0), (4, 3)), 6.0),
        (((0, 0), (4, 0), (4, 3), (0, 3)), 12.0),
        (((0, 3), (4, 3), (4, 0), (0, 0)), 12.0),  # the other way round
        (((0, 0), (4, 4), (4, 0), (0, 4)), 8.0),  # a bow tie: two triangles of 4, where a shoelace gives 0
        (((0, 0), (1, 1), (2, 2), (2, 0), (1, 1), (0, 2)), 2.0),  # with a corner where it crosses
        (((0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (4, 0), (4, 4), (0, 4)), 0.0),  # twice around: not inside
        (((0, 0), (4, 0), (2, 0)), 0.0),
        (((1, 1), (1, 1), (1, 1)), 0.0),
    ],
)  # fmt: skip
def test_B09_areas_of_known_figures(points, expected):
    assert area(tuple((float(x), float(y)) for x, y in points)) == pytest.approx(expected, abs=1e-12)


def test_B09_a_five_pointed_star_has_its_points_and_not_its_middle():
    corners = [(math.sin(4 * math.pi * k / 5), math.cos(4 * math.pi * k / 5)) for k in range(5)]
    # the inner pentagon has the radius cos 72 / cos 36; a whole star less twice the pentagon is even-odd
    inner = math.cos(math.radians(72)) / math.cos(math.radians(36))
    pentagon = 5 / 2 * inner**2 * math.sin(math.radians(72))
    star = 5 * inner * math.sin(math.radians(36))
    assert area(tuple(corners)) == pytest.approx(star - pentagon)


@given(st.lists(whole, min_size=3, max_size=9))
def test_B09_any_outline_has_the_area_that_is_counted(points):
    edges = sum(math.dist(a, b) for a, b in pairwise([*points, points[0]]))
    assert area(tuple((float(x), float(y)) for x, y in points)) == pytest.approx(
        counted(points), abs=edges / 16 + 1e-6
    )


@given(st.lists(whole, min_size=3, max_size=9), st.integers(0, 8))
def test_it_does_not_matter_where_an_outline_begins(points, start):
    start %= len(points)
    turned = (*points[start:], *points[:start])
    assert area(tuple(points)) == pytest.approx(area(turned), abs=1e-9)
    assert area(tuple(points)) == pytest.approx(area(tuple(reversed(points))), abs=1e-9)


def test_an_outline_by_hand_of_many_points_takes_no_time():
    turns = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    points = tuple((300 + 100 * math.cos(t), 300 + 80 * math.sin(t)) for t in turns)
    assert area(points) == pytest.approx(math.pi * 8000, rel=1e-5)


def test_a_length_is_the_sum_of_its_parts():
    assert length(((0, 0), (3, 4), (3, 10))) == pytest.approx(11.0)
    assert length(((2, 2),)) == 0.0
