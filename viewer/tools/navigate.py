"""Scroll, window, pan and zoom by dragging (IHE BIR RAD TF-2 4.16.4.2.2.5.4-6)."""

import math
from dataclasses import replace

from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable, Rescale, Voi, Window, WindowFunction
from viewer.tools.tool import Drag, Pointer, Step
from viewer.viewing.clamp import clamped, is_clamped
from viewer.viewing.viewport import ViewportState

PIXELS_PER_IMAGE = 8.0  # logical pixels of a scroll drag: ~100 images over a viewport
PIXELS_PER_WIDTH = 250.0  # logical pixels over which the centre moves by one width, or the width by e
PIXELS_PER_ZOOM = 150.0  # logical pixels over which the zoom changes by e
SMALLEST_LINEAR = 1.0  # PS3.3 C.11.2.1.2.1: the width of LINEAR is at least 1
SMALLEST_SHARE = 1e-3  # of the width at the press, for the functions that allow any width above 0
DIGITS = 3  # significant digits of the width: a centre and width that can be read


def scroll(state: ViewportState, press: Pointer) -> Drag:
    """Go through the stack: down is further."""
    pointer = press
    while pointer.down:
        pointer = yield _step(state, press, pointer)
    return _step(state, press, pointer)


def pan(state: ViewportState, press: Pointer) -> Drag:
    """Move the image with the hand."""
    pointer, moved = press, state
    while pointer.down:
        pointer = yield moved
        x, y = state.pan
        moved = replace(state, pan=(x + pointer.x - press.x, y + pointer.y - press.y))
    return moved


def zoom(state: ViewportState, press: Pointer) -> Drag:
    """Scale about the point that was pressed: down is larger, up is smaller."""
    pointer, scaled = press, state
    while pointer.down:
        pointer = yield scaled
        factor = math.exp((pointer.y - press.y) / (PIXELS_PER_ZOOM * state.pixel_ratio))
        scaled = state.zoomed(factor, press.x, press.y)
    return scaled


def magnify(_state: ViewportState, _press: Pointer) -> Drag:
    """Leave the view as it is: the lens of `ui.lens` follows the pointer by itself."""
    yield from ()
    return None


def window(state: ViewportState, press: Pointer) -> Drag:
    """Change the window: right widens it, up lowers its centre, which brightens.

    Where it is clamped its lower end stays at 0: right and down raise the upper one, left and up lower it.
    Nothing happens where there is no window to change: without an image, or in colour.
    """
    start = window_in_force(state)
    if start is None:
        return None
    unchanged = replace(state, voi_in_force=None, sample=None)
    pointer, windowed = press, unchanged
    reach = PIXELS_PER_WIDTH * state.pixel_ratio
    while pointer.down:
        pointer = yield windowed
        across, down = (pointer.x - press.x) / reach, (pointer.y - press.y) / reach
        still = across == down == 0  # a mere click chooses nothing
        windowed = unchanged if still else shifted(unchanged, start, across, down)
    return windowed


def shifted(state: ViewportState, start: Window, across: float, down: float) -> ViewportState:
    """Return the view with the window `start` e^`across` as wide and `down` of its widths further up."""
    upper = clamped(start) if is_clamped(state) else None
    if upper is not None:
        width, digits = _width(upper, across + down)
        changed = replace(upper, center=round(width / 2, digits + 1), width=width, source="mouse")
    else:
        width, digits = _width(start, across)
        changed = Window(
            round(start.center + down * start.width, digits), width, start.function, source="mouse"
        )
    return replace(state, voi=changed, alternative=None, voi_in_force=None)


def window_in_force(state: ViewportState) -> Window | None:
    """Return the window from which a drag starts, None where the image has no grey values.

    A table is taken as the linear window over its input range; with nothing at all, the range that the
    header allows.
    """
    image = state.image
    if image is None or not image.photometric.startswith("MONOCHROME"):
        return None
    voi = state.voi or state.voi_in_force or _of_header(state, image)
    if voi is None:
        return _whole_range(image)
    return _over(voi) if isinstance(voi, LookupTable) else voi


def _step(state: ViewportState, press: Pointer, pointer: Pointer) -> Step:
    return Step(round((pointer.y - press.y) / (PIXELS_PER_IMAGE * state.pixel_ratio)))


def _of_header(state: ViewportState, image: ImageDescription) -> Voi | None:
    number = image.default_voi if state.alternative is None else state.alternative
    return image.vois[number] if 0 <= number < len(image.vois) else None


def _over(table: LookupTable) -> Window:
    size = len(table.entries)
    return Window(table.first + size / 2, float(max(size, 1)), source=table.source)


def _whole_range(image: ImageDescription) -> Window:
    bits = min(image.bits_stored, 16)
    low = -(2.0 ** (bits - 1)) if image.signed else 0.0
    high = low + 2.0**bits - 1
    modality = image.modality_lut
    if isinstance(modality, Rescale):
        low, high = sorted(modality.slope * value + modality.intercept for value in (low, high))
    else:
        low, high = 0.0, 2.0**modality.bits - 1
    return Window((low + high) / 2, max(high - low, SMALLEST_LINEAR))


def _width(start: Window, growth: float) -> tuple[float, int]:
    """Return a width e^`growth` times as large, and how many digits after the point it was rounded to."""
    linear = start.function is WindowFunction.LINEAR and start.width >= SMALLEST_LINEAR
    least = SMALLEST_LINEAR if linear else start.width * SMALLEST_SHARE
    width = max(start.width * math.exp(growth), least)
    digits = max(DIGITS - 1 - math.floor(math.log10(width)), 0)
    return max(round(width, digits), least), digits
