"""How often each value is there, against numpy's own count."""

import numpy as np
import pytest

from viewer.rendering import histogram
from viewer.rendering.histogram import count_values


def counted(stored, mask):
    """Return value and count of each value under the mask, by looking at each pixel."""
    return dict(zip(*(part.tolist() for part in np.unique(stored[mask], return_counts=True)), strict=True))


def found(stored, mask):
    counts = count_values(stored, mask)
    present = np.flatnonzero(counts)
    values = present.astype(f"u{stored.dtype.itemsize}").view(stored.dtype)
    return dict(zip(values.tolist(), counts[present].tolist(), strict=True))


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
@pytest.mark.parametrize("size", [(7, 11), (800, 900)])  # below and above the size from which OpenCV counts
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_counts_are_those_of_every_pixel(dtype, size, share):
    random = np.random.default_rng(5)
    limits = np.iinfo(dtype)
    whole = random.integers(limits.min, limits.max, (size[0] + 3, size[1] + 5), dtype, endpoint=True)
    stored = whole[1 : size[0] + 1, 2 : size[1] + 2]  # a part of a larger image
    mask = random.random(size) < share
    assert found(stored, mask) == counted(stored, mask)


def test_counts_of_one_value_are_exact_beyond_what_OpenCV_can_count(monkeypatch):
    monkeypatch.setattr(histogram, "EXACT", 1 << 10)  # in place of 16 million pixels
    stored = np.full((1000, 700), 7, "u2")
    assert found(stored, np.ones(stored.shape, bool)) == {7: 700_000}


def test_nothing_is_counted_where_there_is_nothing():
    assert found(np.zeros((4, 0), "u2"), np.zeros((4, 0), bool)) == {}
