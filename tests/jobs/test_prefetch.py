"""Which images are read ahead, as data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.jobs.prefetch import images_to_prefetch


@pytest.mark.parametrize(
    ("current", "count", "direction", "expected"),
    [
        (0, 1, 1, ()),
        (0, 4, 1, (1, 2, 3)),
        (3, 4, 1, (2, 1, 0)),
        (3, 4, -1, (2, 1, 0)),
        (4, 10, 1, (5, 6, 7, 3, 8, 9, 2, 1, 0)),
        (4, 10, -1, (3, 2, 1, 5, 0, 6, 7, 8, 9)),
    ],
)
def test_three_ahead_for_each_one_behind(current, count, direction, expected):
    assert images_to_prefetch(current, count, direction) == expected


@given(st.data(), st.integers(1, 200), st.sampled_from([1, -1]))
def test_every_other_image_comes_once_and_the_next_one_first(data, count, direction):
    current = data.draw(st.integers(0, count - 1))
    order = images_to_prefetch(current, count, direction)
    assert sorted((*order, current)) == list(range(count))
    if 0 <= current + direction < count:
        assert order[0] == current + direction
