"""What a hand does by dragging, for the keyboard: the window and the picture, one step at a time."""

from dataclasses import replace

from viewer.tools.navigate import shifted, window_in_force
from viewer.viewing.clamp import clamped, is_clamped
from viewer.viewing.viewport import ViewportState

WINDOW_STEP = 0.1  # of the width: ten steps move the window by all of it
PAN_STEP = 0.1  # of the viewport: ten steps move the picture out of it


def wider(state: ViewportState) -> ViewportState:
    """Return the view with a tenth less contrast."""
    return _windowed(state, WINDOW_STEP, 0.0)


def narrower(state: ViewportState) -> ViewportState:
    """Return the view with a tenth more contrast."""
    return _windowed(state, -WINDOW_STEP, 0.0)


def brighter(state: ViewportState) -> ViewportState:
    """Return the view with a lower centre of the window (IHE BIR: up is brighter)."""
    return _windowed(state, 0.0, -WINDOW_STEP)


def darker(state: ViewportState) -> ViewportState:
    """Return the view with a higher centre of the window."""
    return _windowed(state, 0.0, WINDOW_STEP)


def clamp(state: ViewportState) -> ViewportState:
    """Return the view with the lower end of its window held at 0, or free again (IHE BIR clamp mode)."""
    if is_clamped(state):
        return replace(state, clamped=False)
    start = window_in_force(state)
    held = clamped(start) if start is not None else None
    if held is None:
        return replace(state, clamped=True)
    return replace(state, clamped=True, voi=held, alternative=None)


def left(state: ViewportState) -> ViewportState:
    """Return the view with the picture a tenth of the viewport further left."""
    return _panned(state, -PAN_STEP, 0.0)


def right(state: ViewportState) -> ViewportState:
    """Return the view with the picture further right."""
    return _panned(state, PAN_STEP, 0.0)


def up(state: ViewportState) -> ViewportState:
    """Return the view with the picture further up."""
    return _panned(state, 0.0, -PAN_STEP)


def down(state: ViewportState) -> ViewportState:
    """Return the view with the picture further down."""
    return _panned(state, 0.0, PAN_STEP)


def fit_width(state: ViewportState) -> ViewportState:
    """Return the whole width of the image across the viewport, around what was in the middle."""
    if state.image is None:
        return state
    wide = float(state.image.columns)
    if state.rotation in {90, 270}:
        wide = state.image.rows * state.image.pixel_aspect
    near = state.zoomed(state.width / wide / state.shown_zoom, state.width / 2, state.height / 2)
    return replace(near, pan=(0.0, near.pan[1]))


def twice(state: ViewportState) -> ViewportState:
    """Return one image pixel on two by two device pixels, around what was in the middle."""
    return state.zoomed(2.0 / state.shown_zoom, state.width / 2, state.height / 2)


def _windowed(state: ViewportState, across: float, along: float) -> ViewportState:
    start = window_in_force(state)
    return state if start is None else shifted(state, start, across, along)


def _panned(state: ViewportState, across: float, along: float) -> ViewportState:
    x, y = state.pan
    return replace(state, pan=(round(x + across * state.width), round(y + along * state.height)))
