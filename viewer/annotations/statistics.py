"""Numbers of a region: mean, standard deviation and extremes of the modality values inside an outline."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.annotations.shapes import Point

HAIR = 1e-6  # pixels; a narrower ellipse encloses no centre, but for chance

Mask = NDArray[np.bool_]


class Region(StrEnum):
    """What encloses a region, and what its points are (image coordinates)."""

    RECTANGLE = "rectangle"  # two opposite corners
    ELLIPSE = "ellipse"  # two opposite corners of the rectangle around it
    POLYGON = "polygon"  # the corners in order; closed by itself


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the pixels of a region, in the unit of the modality values; NaN where there is no pixel."""

    mean: float = math.nan
    sd: float = math.nan  # of the pixels themselves: the sum of squares is divided by `count`
    minimum: float = math.nan
    maximum: float = math.nan
    count: int = 0  # pixels that counted: inside, no padding, finite


def inside(region: Region, points: Sequence[Point], size: tuple[int, int]) -> Mask:
    """Return which pixels of an image of `size` (rows, columns) have their centre inside an outline.

    The centre of pixel (row, column) is (column + 0.5, row + 0.5) (PS3.3 C.10.5). A centre on the left or
    upper edge of a rectangle counts, one on the right or lower edge does not: regions side by side share
    no pixel. Polygons that cross themselves are filled by the even-odd rule.
    """
    rows, columns = size
    x = np.arange(columns) + 0.5
    y = (np.arange(rows) + 0.5)[:, np.newaxis]
    if region is Region.POLYGON:
        return _polygon(points, x, y)
    (x0, y0), (x1, y1) = points
    left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    if region is Region.RECTANGLE:
        return (left <= x) & (x < right) & (top <= y) & (y < bottom)
    if min(right - left, bottom - top) < HAIR:
        return np.zeros(size, np.bool_)
    across = (2 * x - left - right) / (right - left)
    down = (2 * y - top - bottom) / (bottom - top)
    return across * across + down * down <= 1.0


def region_statistics(values: NDArray[np.floating], region: Mask, padding: Mask | None = None) -> Statistics:
    """Return the statistics of modality values (rows, columns) where `region` is set and `padding` is not.

    `values` are after the Modality LUT and before any window (PS3.3 C.11.1), `region` is as `inside` makes
    it, `padding` (rows, columns) marks what is no tissue (C.7.5.1.1.2) or is missing from a truncated file.
    Values that are not finite never count.
    """
    counted = region if padding is None else region & ~padding
    chosen = values[counted].astype(np.float64)
    chosen = chosen[np.isfinite(chosen)]
    if not chosen.size:
        return Statistics()
    return Statistics(
        float(chosen.mean()), float(chosen.std()), float(chosen.min()), float(chosen.max()), int(chosen.size)
    )


def _polygon(points: Sequence[Point], x: NDArray[np.floating], y: NDArray[np.floating]) -> Mask:
    """Return the even-odd inside: a ray to the left crosses the outline an odd number of times."""
    filled = np.zeros((len(y), len(x)), np.bool_)
    for (x0, y0), (x1, y1) in zip(points, (*points[1:], *points[:1]), strict=True):
        rows = np.flatnonzero((min(y0, y1) <= y[:, 0]) & (y[:, 0] < max(y0, y1)))
        if rows.size:  # never for a level edge
            filled[rows] ^= x0 + (y[rows] - y0) / (y1 - y0) * (x1 - x0) <= x
    return filled
