"""Display Shutter (PS3.3 C.7.6.11): which pixels it hides, and what is shown in their place."""

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.dicom.image import ImageDescription
from viewer.dicom.overlay import WHITEST, Shutter
from viewer.rendering.padding import Mask

HAIR = 1e-9  # columns: a crossing that is whole but for rounding is whole
LAB_ZERO, LAB_TOP = 128, 100  # of a* and b* and of L* in 16 bits (C.10.7.1.1)
MASKS_KEPT = 4  # the frames of a film share theirs; a byte per pixel each
BAND = 256  # rows of a polygon at a time: 1024 edges then take 2 MiB


def shutter_mask(description: ImageDescription) -> Mask | None:
    """Return (rows, columns), True where the shutter hides; None where it hides nothing.

    What is seen lies inside all shapes; their edges are seen. A shutter that would hide the whole image
    is an error of its writer and hides nothing.
    """
    shutter, rows, columns = description.shutter, description.rows, description.columns
    if shutter is None:
        return None
    seen = _seen(shutter, rows, columns, description.pixel_aspect)
    for plane in description.overlays:
        if plane.group == shutter.overlay_group:
            seen = seen & ~plane.mask(rows, columns)
    return None if seen.all() or not seen.any() else ~seen


@lru_cache(maxsize=MASKS_KEPT)
def _seen(shutter: Shutter, rows: int, columns: int, aspect: float) -> Mask:
    """Return (rows, columns), read-only, True inside all shapes."""
    seen = np.ones((rows, columns), np.bool_)
    _rectangle(shutter, seen)
    _circle(shutter, seen, aspect)
    if shutter.polygon:
        seen &= _polygon(shutter.polygon, (rows, columns))
    seen.flags.writeable = False
    return seen


def shutter_color(shutter: Shutter, *, color: bool) -> tuple[int, int, int]:
    """Return red, green and blue 0..65535 of what is hidden: the P-value, or on colour images its colour."""
    if not color or shutter.lab is None:
        return (shutter.value,) * 3
    lightness, a, b = (channel / WHITEST for channel in shutter.lab)
    lab = np.array([[[lightness * LAB_TOP, a * 255 - LAB_ZERO, b * 255 - LAB_ZERO]]], np.float32)
    rgb = np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB)[0, 0].astype(np.float64), 0, 1) * WHITEST
    red, green, blue = (int(channel) for channel in np.floor(rgb + 0.5))
    return red, green, blue


def _rectangle(shutter: Shutter, seen: Mask) -> None:
    if shutter.rectangle is None:
        return
    left, upper, right, lower = shutter.rectangle
    inside = np.zeros_like(seen)
    inside[max(upper - 1, 0) : max(lower, 0), max(left - 1, 0) : max(right, 0)] = True
    seen &= inside


def _circle(shutter: Shutter, seen: Mask, aspect: float) -> None:
    """Keep what is not further from the centre than the radius, counted in pixels along a row."""
    if shutter.circle is None:
        return
    row, column, radius = shutter.circle
    down = (np.arange(1, seen.shape[0] + 1)[:, np.newaxis] - row) * aspect
    across = np.arange(1, seen.shape[1] + 1) - column
    seen &= down * down + across * across <= radius * radius


def _polygon(vertices: tuple[tuple[int, int], ...], size: tuple[int, int]) -> Mask:
    """Return which pixel centres lie inside the closed polygon (even-odd), or on it."""
    ends = np.array(vertices, np.float64)
    starts = np.roll(ends, 1, axis=0)
    inside = np.zeros(size, np.bool_)
    first = max(math.floor(ends[:, 0].min()), 1)
    last = min(math.ceil(ends[:, 0].max()), size[0])
    for top in range(first, last + 1, BAND):
        rows = np.arange(top, min(top + BAND, last + 1))
        _fill(inside, rows, starts, ends)
    for (row, one), (below, other) in zip(starts.astype(int), ends.astype(int), strict=True):
        if row == below and 1 <= row <= size[0]:  # a level edge crosses no row, and is seen
            inside[row - 1, max(min(one, other) - 1, 0) : max(one, other, 0)] = True
    return inside


def _fill(
    inside: Mask, rows: NDArray[np.int64], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> None:
    """Fill between the crossings of each of `rows` (from 1) with the edges.

    An edge is counted without its lower end and once more without its upper end; both together are the
    inside with all of its border.
    """
    y = rows[:, np.newaxis].astype(np.float64)
    low, high = np.minimum(starts[:, 0], ends[:, 0]), np.maximum(starts[:, 0], ends[:, 0])
    rise = ends[:, 0] - starts[:, 0]
    slope = np.divide(ends[:, 1] - starts[:, 1], rise, out=np.zeros_like(rise), where=rise != 0)
    x = starts[:, 1] + (y - starts[:, 0]) * slope
    for active in ((low <= y) & (y < high), (low < y) & (y <= high)):
        crossings = np.sort(np.where(active, x, np.inf), axis=1)
        for row, line in zip(rows, crossings, strict=True):
            whole = line[np.isfinite(line)]
            for left, right in zip(whole[::2], whole[1::2], strict=True):
                begin, end = math.ceil(left - HAIR), math.floor(right + HAIR)
                inside[row - 1, max(begin - 1, 0) : max(end, 0)] = True
