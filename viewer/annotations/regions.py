"""Which pixels a region encloses: those whose centre lies inside what is drawn.

The centre of pixel (row, column) is (column + 0.5, row + 0.5) in image coordinates (PS3.3 C.10.5). Only the
box around a region is looked at, so that a small one on a large image takes no time.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.annotations.forms import Oval, Points, oval_of_axes, oval_of_circle
from viewer.annotations.shapes import Point

HAIR = 1e-6  # pixels; a narrower ellipse encloses no centre, but for chance

Mask = NDArray[np.bool_]
Size = tuple[int, int]  # of an image: rows, columns
Centres = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The part of an image that holds a region, and which of its pixels belong to it."""

    top: int  # row of the first pixel, from 0
    left: int
    mask: Mask  # (rows, columns) of the part; it never reaches out of the image

    @property
    def part(self) -> tuple[slice, slice]:
        """Return the part as an index into an image (rows, columns)."""
        rows, columns = self.mask.shape
        return slice(self.top, self.top + rows), slice(self.left, self.left + columns)

    def whole(self, size: Size) -> Mask:
        """Return the region as a mask of an image of `size`."""
        mask = np.zeros(size, np.bool_)
        mask[self.part] = self.mask
        return mask


NOTHING = Patch(0, 0, np.zeros((0, 0), np.bool_))


def rectangle(points: Sequence[Point], size: Size) -> Patch:
    """Return the pixels between two opposite corners.

    A centre on the left or upper edge counts, one on the right or lower edge does not: regions side by side
    share no pixel.
    """
    (x0, y0), (x1, y1) = points
    x, y = _box(min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1), size)
    first, last = np.searchsorted(x, sorted((x0, x1)))
    top, bottom = np.searchsorted(y, sorted((y0, y1)))
    return _patch(x[first:last], y[top:bottom], np.ones((bottom - top, last - first), np.bool_))


def ellipse(points: Points, size: Size) -> Patch:
    """Return the pixels in the ellipse of four ends of axes; a centre on the edge counts."""
    return _oval(oval_of_axes(points), size)


def circle(points: Points, size: Size) -> Patch:
    """Return the pixels in the circle of a centre and a point of the edge; a centre on the edge counts."""
    return _oval(oval_of_circle(points), size)


def polygon(points: Sequence[Point], size: Size) -> Patch:
    """Return the pixels inside an outline that closes by itself, by the even-odd rule."""
    corners = np.array(points, np.float64)
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    x, y = _box(left, right, top, bottom, size)
    if not (len(x) and len(y)):
        return NOTHING
    row, crossing = _crossings(corners, np.roll(corners, -1, axis=0), y)
    column = np.searchsorted(x, crossing)
    order = np.lexsort((column, row))  # the crossings of a row in turn lead in and out
    row, column = row[order], column[order]
    return _patch(x, y, _filled((len(y), len(x)), row[::2], column[::2], column[1::2]))


def _crossings(starts: Centres, ends: Centres, y: Centres) -> tuple[Places, Centres]:
    """Return every crossing of an edge with a row of centres: which row, and where along it."""
    y0, y1 = starts[:, 1], ends[:, 1]
    first = np.searchsorted(y, np.minimum(y0, y1))
    count = np.searchsorted(y, np.maximum(y0, y1)) - first  # 0 for a level edge
    edge = np.repeat(np.arange(len(count)), count)
    row = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    along = (y[row] - y0[edge]) / (y1 - y0)[edge]
    return row, starts[edge, 0] + along * (ends[edge, 0] - starts[edge, 0])


def point(points: Sequence[Point], size: Size) -> Patch:
    """Return the pixel under a point; the far edges of the image belong to its last pixels."""
    (x, y), (rows, columns) = points[0], size
    row, column = min(max(math.floor(y), 0), rows - 1), min(max(math.floor(x), 0), columns - 1)
    return Patch(row, column, np.ones((1, 1), np.bool_))


def _oval(oval: Oval, size: Size) -> Patch:
    """Return the pixels in an ellipse, from where each row of centres enters and leaves it.

    A point centre + s u + t v is inside where s² + t² <= 1. With d = u x v, A = uy² + vy² and
    B = ux uy + vx vy the row at height dy is inside between (B dy ± |d| sqrt(A - dy²)) / A.
    """
    (middle_x, middle_y), (ux, uy), (vx, vy) = oval.centre, oval.u, oval.v
    wide, high = math.hypot(ux, vx), math.hypot(uy, vy)
    area = abs(ux * vy - uy * vx)
    if area <= HAIR * max(wide, high):
        return NOTHING
    x, y = _box(middle_x - wide, middle_x + wide, middle_y - high, middle_y + high, size)
    down = y - middle_y
    reach = area * np.sqrt(np.maximum(high * high - down * down, 0.0)) / (high * high)
    middle = middle_x + (ux * uy + vx * vy) * down / (high * high)
    first = np.searchsorted(x, middle - reach)
    last = np.searchsorted(x, middle + reach, side="right")
    rows = np.flatnonzero(np.abs(down) <= high)
    return _patch(x, y, _filled((len(y), len(x)), rows, first[rows], last[rows]))


def _filled(size: Size, rows: Places, first: Places, last: Places) -> Mask:
    """Return a mask that is set in each of `rows` from a first column to before a last one."""
    mask = np.zeros(size, np.bool_)
    for row, start, end in zip(rows.tolist(), first.tolist(), last.tolist(), strict=True):
        mask[row, start:end] = True  # nothing but the mask is touched: comparing all centres takes longer
    return mask


def _box(left: float, right: float, top: float, bottom: float, size: Size) -> tuple[Centres, Centres]:
    """Return the centres of the columns and of the rows that can lie between the edges."""
    return _centres(left, right, size[1]), _centres(top, bottom, size[0])


def _centres(low: float, high: float, count: int) -> Centres:
    first = min(max(math.floor(low - 0.5), 0), count)
    last = min(max(math.ceil(high + 0.5), first), count)
    return np.arange(first, last, dtype=np.float64) + 0.5


def _patch(x: Centres, y: Centres, mask: Mask) -> Patch:
    if not mask.size:
        return NOTHING
    return Patch(int(y[0]), int(x[0]), mask)
