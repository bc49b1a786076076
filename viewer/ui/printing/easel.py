"""One look at a viewport painted as a picture of its own, in finer pixels than the screen's where wanted."""

from dataclasses import replace

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QImage

from viewer.ui.viewport.corner_painter import Overlay
from viewer.ui.viewport.viewport_widget import Look, ViewportWidget
from viewer.viewing.viewport import ViewportState

MOST = 8192  # device pixels on a side


class Easel(ViewportWidget):
    """A viewport that is never on a screen: it has the pixels that it is given."""

    def __init__(self, ratio: float) -> None:
        super().__init__()
        self._ratio = ratio

    def devicePixelRatioF(self) -> float:
        """Return the device pixels of the picture for each logical pixel."""
        return self._ratio


def painted(look: Look, size: QSize, screen_ratio: float, ratio: float) -> QImage:
    """Return what a viewport of `size` (logical pixels) with `look` shows, as it stands, in a picture.

    `screen_ratio` device pixels per logical pixel is what the look was made for, `ratio` what the picture
    gets. The image is computed from its values for these pixels, not enlarged; neither the frame of the
    active viewport nor handles are part of it.
    """
    ratio = min(ratio, MOST / max(size.width(), size.height(), 1))
    state = scaled(look.pane.state, ratio / screen_ratio)
    calm = tuple(replace(drawn, selected=False, hovered=False) for drawn in look.drawn)
    easel = Easel(ratio)
    easel.resize(size)
    easel.set_look(replace(look, pane=replace(look.pane, state=state), drawn=calm, active=False, hue=""))
    picture = QImage(easel.device_size[0], easel.device_size[1], QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    easel.render(picture, QPoint(0, 0))
    return picture


def nameless(look: Look) -> Look:
    """Return a look without who and when: only letters, scale and technique stay beside the picture.

    Words that are burned into the pixels stay, as do a reader's own words beside what is drawn.
    """
    kept = look.overlay
    if kept is None:
        return look
    return replace(look, overlay=Overlay(lower_right=kept.lower_right, edges=kept.edges, scale=kept.scale))


def scaled(state: ViewportState, factor: float) -> ViewportState:
    """Return the same view in a viewport with `factor` times as many device pixels on each side."""
    x, y = state.pan
    return replace(
        state,
        width=max(round(state.width * factor), 1),
        height=max(round(state.height * factor), 1),
        zoom=None if state.zoom is None else state.zoom * factor,
        scale=None if state.scale is None else state.scale * factor,
        pan=(x * factor, y * factor),
    )
