"""Tools of a rectangle: the window of a region, and the zoom to one. Dragged, or clicked at two corners."""

import math
from collections.abc import Generator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viewer.annotations.shapes import Annotation, Kind, new_uid
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Window, WindowFunction
from viewer.tools.tool import Drag, Pointer, Preview
from viewer.viewing.viewport import ViewportState

NEAR = 4.0  # logical pixels: a release nearer to the press than this is a click
TAILS = (1.0, 99.0)  # percent: one dead pixel or a speck of metal in a region does not decide its window
LARGEST_ZOOM = 64.0  # as with every other way to zoom

Corners = tuple[Pointer, Pointer]


def region_window(state: ViewportState, press: Pointer) -> Drag:
    """Take the window from the values inside a rectangle: their 1st to 99th percentile.

    Padding does not count. Nothing changes where there are no values, or only one.
    """
    if state.image is None or state.sample is None:
        return None
    first, second = yield from _corners(state, press, state.image)
    found = window_of(state.sample(state.to_image(first.x, first.y), state.to_image(second.x, second.y)))
    plain = replace(state, voi_in_force=None, sample=None)
    return replace(plain, voi=found, alternative=None) if found is not None else plain


def zoom_rectangle(state: ViewportState, press: Pointer) -> Drag:
    """Show a rectangle as large as the viewport has room for, its middle in the middle."""
    if state.image is None:
        return None
    first, second = yield from _corners(state, press, state.image)
    wide, high = abs(second.x - first.x), abs(second.y - first.y)
    if min(wide, high) < 1:
        return None
    factor = min(state.width / wide, state.height / high, LARGEST_ZOOM / state.shown_zoom)
    middle = state.to_image((first.x + second.x) / 2, (first.y + second.y) / 2)
    grown = replace(state, zoom=state.shown_zoom * factor, voi_in_force=None, sample=None)
    x, y = grown.to_screen(*middle)
    return replace(grown, pan=(grown.pan[0] + state.width / 2 - x, grown.pan[1] + state.height / 2 - y))


def window_of(values: NDArray[np.floating]) -> Window | None:
    """Return the window whose ends are the 1st and 99th percentile of `values`; None: there is no range.

    Where those two are equal the extremes count. Whole numbers get LINEAR, which other programs understand
    best: the value of the lower end is black, that of the upper one white (PS3.3 C.11.2.1.2.1).
    """
    if not values.size:
        return None
    low, high = (float(value) for value in np.percentile(values, TAILS, method="nearest"))
    if low == high:
        low, high = float(values.min()), float(values.max())
    if low == high:
        return None
    middle, width = (low + high) / 2, high - low
    if low.is_integer() and high.is_integer() and bool((values == np.floor(values)).all()):
        return Window(middle + 0.5, width + 1, WindowFunction.LINEAR, "region", "region")
    return Window(middle, width, WindowFunction.LINEAR_EXACT, "region", "region")


def _corners(
    state: ViewportState, press: Pointer, image: ImageDescription
) -> Generator[Preview, Pointer, Corners]:
    """Show a dashed rectangle until a drag ends, or a second click; return where it began and ended."""
    pointer, uid = press, new_uid()
    while True:
        ends = [state.to_image(x, y) for x, y in _around(press, pointer)]
        before = pointer
        pointer = yield Annotation(Kind.OUTLINE, image.key, tuple(ends), uid=uid, read_only=True)
        released = before.down and not pointer.down
        if released and math.hypot(pointer.x - press.x, pointer.y - press.y) > NEAR * state.pixel_ratio:
            return press, pointer


def _around(one: Pointer, other: Pointer) -> tuple[tuple[float, float], ...]:
    """Return the closed outline of a rectangle that is upright on the screen."""
    return (one.x, one.y), (other.x, one.y), (other.x, other.y), (one.x, other.y), (one.x, one.y)
