"""The area that a closed outline encloses by the even-odd rule, also where it crosses itself."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.annotations.shapes import Point

KEPT = 256  # areas of outlines on the screen, which are asked for at every paint

Numbers = NDArray[np.float64]


@lru_cache(maxsize=KEPT)
def area(points: tuple[Point, ...]) -> float:
    """Return the area inside a closed outline in square pixels: what lies inside an odd number of times.

    Without a crossing it is the shoelace formula. Else the outline is cut at the height of every corner and
    every crossing; between two cuts its edges are straight and keep their order.
    """
    starts = np.array(points, np.float64)
    starts -= starts[0]  # differences of large numbers would lose digits
    ends = np.roll(starts, -1, axis=0)
    heights = _meetings(starts, ends)
    if heights is None:
        return abs(float((starts[:, 0] * ends[:, 1] - ends[:, 0] * starts[:, 1]).sum())) / 2
    cuts = np.unique(np.concatenate([starts[:, 1], heights]))
    middles = (cuts[1:] + cuts[:-1]) / 2
    return float(
        sum(
            height * _width(starts, ends, middle)
            for height, middle in zip(np.diff(cuts), middles, strict=True)
        )
    )


def length(points: Sequence[Point]) -> float:
    """Return the length of a line through all points, in the unit of their coordinates."""
    steps = np.diff(np.array(points, np.float64), axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def _width(starts: Numbers, ends: Numbers, y: float) -> float:
    """Return how much of the level line at `y` lies inside."""
    y0, y1 = starts[:, 1], ends[:, 1]
    met = (y0 <= y) != (y1 <= y)
    x = starts[met, 0] + (y - y0[met]) / (y1[met] - y0[met]) * (ends[met, 0] - starts[met, 0])
    x.sort()
    return float((x[1::2] - x[::2]).sum())


def _meetings(starts: Numbers, ends: Numbers) -> Numbers | None:
    """Return at which heights edges cross that are no neighbours; None where no two even touch."""
    one, other = _candidates(starts, ends)
    a, b, c, d = starts[one], ends[one], starts[other], ends[other]
    sides = (_side(a, b, c) * _side(a, b, d) <= 0) & (_side(c, d, a) * _side(c, d, b) <= 0)
    if not sides.any():
        return None
    a, b, c, d = a[sides], b[sides], c[sides], d[sides]
    turn = (b[:, 0] - a[:, 0]) * (d[:, 1] - c[:, 1]) - (b[:, 1] - a[:, 1]) * (d[:, 0] - c[:, 0])
    crossing = turn != 0  # edges on one line meet at corners, whose heights are cuts anyway
    a, b, c, d, turn = a[crossing], b[crossing], c[crossing], d[crossing], turn[crossing]
    along = ((c[:, 0] - a[:, 0]) * (d[:, 1] - c[:, 1]) - (c[:, 1] - a[:, 1]) * (d[:, 0] - c[:, 0])) / turn
    heights: Numbers = a[:, 1] + along * (b[:, 1] - a[:, 1])
    return heights


def _candidates(starts: Numbers, ends: Numbers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pairs of edges, no neighbours of each other, whose boxes overlap."""
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    order = np.argsort(low[:, 1], kind="stable")
    until = np.searchsorted(low[order, 1], high[order, 1], side="right")
    count = len(order)
    lengths = until - np.arange(count) - 1
    first = np.repeat(np.arange(count), lengths)
    second = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + first + 1
    one, other = order[first], order[second]
    near = (low[one, 0] <= high[other, 0]) & (low[other, 0] <= high[one, 0])
    apart = np.abs(one - other)
    near &= (apart > 1) & (apart < count - 1)
    return one[near], other[near]


def _side(start: Numbers, end: Numbers, point: Numbers) -> Numbers:
    """Return on which side of each line its point lies: the sign of the cross product, exactly 0 on it."""
    across, down = end - start, point - start
    return np.sign(across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0])
