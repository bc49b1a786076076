"""Which pixels a region encloses, and their statistics, against a loop over every pixel."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.annotations import forms, polygons, regions
from viewer.annotations.statistics import Statistics, statistics_of, weighted
from viewer.dicom.image import Suv

ROWS, COLUMNS = 9, 12
SIZE = (ROWS, COLUMNS)
VALUES = np.random.default_rng(3).normal(40, 300, SIZE)
NEAR = 1e-9  # of an edge: rounding decides there
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


def agrees(patch, contains, doubtful=lambda _x, _y: False):
    mask = patch.whole(SIZE)
    for row, column, x, y in centres():
        assert mask[row, column] == contains(x, y) or doubtful(x, y), (row, column)


def check_numbers(patch, seed=0):
    padding = np.random.default_rng(seed).random(SIZE) < 0.2
    mask = patch.whole(SIZE) & ~padding
    found = statistics_of(VALUES[mask])
    wanted = [float(VALUES[row, column]) for row, column, _, _ in centres() if mask[row, column]]
    assert found.count == len(wanted)
    if wanted:
        expected = statistics.fmean(wanted), statistics.pstdev(wanted), min(wanted), max(wanted)
        got = found.mean, found.sd, found.minimum, found.maximum
        assert got == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(places, places, st.integers(0, 2**32))
def test_B10_rectangles_count_every_pixel_whose_centre_is_inside(first, second, seed):
    (x0, y0), (x1, y1) = first, second
    patch = regions.rectangle((first, second), SIZE)
    agrees(patch, lambda x, y: min(x0, x1) <= x < max(x0, x1) and min(y0, y1) <= y < max(y0, y1))
    check_numbers(patch, seed)


@given(places, st.floats(0.1, 9), st.floats(0.1, 9), st.floats(0, 2 * math.pi), st.integers(0, 2**32))
def test_B09_B10_turned_ellipses_count_every_pixel_whose_centre_is_inside(middle, a, b, turn, seed):
    across, down = (a * math.cos(turn), a * math.sin(turn)), (-b * math.sin(turn), b * math.cos(turn))
    points = tuple(
        (middle[0] + sign * axis[0], middle[1] + sign * axis[1])
        for axis in (across, down)
        for sign in (-1, 1)
    )

    def level(x, y):
        """Return the sum of the squares along both axes, 1 on the edge."""
        dx, dy = x - middle[0], y - middle[1]
        along = dx * math.cos(turn) + dy * math.sin(turn)
        beside = dy * math.cos(turn) - dx * math.sin(turn)
        return (along / a) ** 2 + (beside / b) ** 2

    patch = regions.ellipse(points, SIZE)
    agrees(patch, lambda x, y: level(x, y) <= 1, lambda x, y: abs(level(x, y) - 1) < NEAR)
    check_numbers(patch, seed)


@given(places, places)
def test_B10_circles_count_every_pixel_whose_centre_is_inside(middle, edge):
    radius = math.dist(middle, edge)
    patch = regions.circle((middle, edge), SIZE)
    agrees(
        patch,
        lambda x, y: math.dist((x, y), middle) <= radius and radius > 1e-6,
        lambda x, y: abs(math.dist((x, y), middle) - radius) < NEAR,
    )


@given(st.lists(places, min_size=3, max_size=7), st.integers(0, 2**32))
def test_B10_polygons_count_every_pixel_whose_centre_is_inside(points, seed):
    patch = regions.polygon(tuple(points), SIZE)
    agrees(patch, lambda x, y: crossings(points, x, y) % 2 == 1)
    check_numbers(patch, seed)


@given(places)
def test_a_point_is_the_pixel_that_it_lies_on(place):
    x, y = min(max(place[0], 0.0), COLUMNS), min(max(place[1], 0.0), ROWS)
    patch = regions.point(((x, y),), SIZE)
    assert (patch.top, patch.left) == (min(int(y), ROWS - 1), min(int(x), COLUMNS - 1))
    assert patch.mask.sum() == 1


@pytest.mark.parametrize("enclose", [regions.rectangle, regions.circle, regions.ellipse, regions.polygon])
def test_only_the_box_around_a_region_is_looked_at(enclose):
    points = ((2000.0, 2000.0), (2020.0, 2020.0), (2000.0, 2020.0), (2020.0, 2000.0))
    count = {regions.rectangle: 2, regions.circle: 2}.get(enclose, 4)
    patch = enclose(points[:count], (4096, 3328))
    assert max(patch.mask.shape) <= 60


def test_what_is_drawn_is_what_is_counted():
    """The pixels of an ellipse are those inside the line that is painted for it, but for its fineness."""
    points = ((100.37, 40.11), (20.37, 100.11), (45.37, 50.11), (75.37, 90.11))
    outline = forms.ellipse(points)[0]
    counted = regions.ellipse(points, (130, 120)).whole((130, 120))
    painted = regions.polygon(outline[:-1], (130, 120)).whole((130, 120))
    assert counted.sum() == pytest.approx(polygons.area(outline[:-1]), rel=0.005)
    assert (counted != painted).sum() <= polygons.length(outline) * forms.FINE  # chords lie inside by as much


def test_a_region_beside_the_image_has_no_pixel():
    for enclose in (regions.rectangle, regions.circle, regions.polygon):
        points = ((20.0, 20.0), (22.0, 22.0), (24.0, 20.0))[: 3 if enclose is regions.polygon else 2]
        assert not enclose(points, SIZE).whole(SIZE).any()


def test_an_ellipse_without_an_area_has_no_pixel():
    assert not regions.ellipse(((2.5, 2.5), (6.5, 2.5), (4.5, 2.5), (4.5, 2.5)), SIZE).mask.any()


def test_B10_a_rectangle_over_four_pixels_has_their_numbers():
    """-1000, 0, 10 and 50 HU: mean -235, squares of 585225, 55225, 60025 and 81225 / 4 -> 195425."""
    values = np.array([[9e9, 9e9, 9e9], [9e9, -1000.0, 0.0], [9e9, 10.0, 50.0]])
    patch = regions.rectangle(((1, 1), (3, 3)), (3, 3))
    found = statistics_of(values[patch.part][patch.mask])
    assert found == Statistics(-235.0, pytest.approx(math.sqrt(195425)), -1000.0, 50.0, 4)


def test_B10_what_is_no_number_does_not_count():
    found = statistics_of(np.array([1.0, np.nan, 3.0, np.inf]))
    assert (found.mean, found.count, found.minimum) == (2.0, 2, 1.0)
    assert math.isnan(statistics_of(np.array([np.nan])).mean)


def test_B10_fractions_of_a_rescale_stay_fractions():
    values = np.float32(0.684) * np.arange(4, dtype=np.float32)
    assert statistics_of(values).mean == pytest.approx(1.026, abs=1e-6)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=40))
def test_values_by_how_often_they_are_there_have_the_same_statistics(values):
    each, counts = np.unique(np.array(values) * 0.5, return_counts=True)
    found, wanted = weighted(each, counts), statistics_of(np.array(values) * 0.5)
    assert (found.mean, found.sd) == pytest.approx((wanted.mean, wanted.sd))
    assert (found.minimum, found.maximum, found.count) == (wanted.minimum, wanted.maximum, wanted.count)


def test_regions_side_by_side_share_no_pixel():
    size = (4, 6)
    left = regions.rectangle(((0, 0), (2.5, 4)), size).whole(size)
    right = regions.polygon(((2.5, 0), (6, 0), (6, 4), (2.5, 4)), size).whole(size)
    assert (left ^ right).all()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Statistics(40.25, 11.34, -12, 88, 1234, "HU"), "mean 40.2 SD 11.3 HU\nmin -12 max 88 n 1234"),
        (Statistics(1.2e-6, 3e-7, 0, 2e-6, 9), "mean 1.2e-06 SD 3e-07\nmin 0 max 2e-06 n 9"),
        (Statistics(0.5, 0.25, 0, 1, 4, "1"), "mean 0.5 SD 0.25\nmin 0 max 1 n 4"),
        (Statistics(), "no mean: no pixel centre lies inside"),
        (Statistics(reason="a colour image"), "no mean: a colour image"),
        (
            Statistics(5000, 100, 4000, 8000, 7, "BQML", Suv(0.0005)),
            "mean 5000 SD 100 BQML\nmin 4000 max 8000 n 7\nSUV mean 2.50 max 4.00",
        ),
        (
            Statistics(5000, 100, 4000, 8000, 7, "BQML", Suv(reason="no weight")),
            "mean 5000 SD 100 BQML\nmin 4000 max 8000 n 7\nSUV n/a: no weight",
        ),
    ],
)
def test_the_numbers_of_a_region_in_words(found, words):
    assert found.in_words() == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Statistics(-1000, 0, -1000, -1000, 1, "HU"), "value -1000 HU"),
        (Statistics(5000, 0, 5000, 5000, 1, "BQML", Suv(0.0005)), "value 5000 BQML\nSUV 2.50"),
        (Statistics(reason="a colour image"), "no value: a colour image"),
        (Statistics(), "no value: no pixel lies here"),
    ],
)
def test_the_number_of_a_point_in_words(found, words):
    assert found.of_point() == words
