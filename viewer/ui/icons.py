"""The program's icons: line drawings of `resources/icons`, coloured by the theme and drawn for each scale."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from viewer.paths import resource
from viewer.ui import theme

SCALES = {1.0, 1.5, 2.0}  # drawn besides those of the screens that are here, for one that is plugged in later


def icon(
    name: str, color: str = theme.TEXT, *, colours: theme.Colours = theme.DARK, size: int = theme.ICON
) -> QIcon:
    """Return the icon `name` in `color`, its checked state in the accent, its disabled one greyed.

    `size` is in logical pixels. Raises ViewerError when there is no such drawing.
    """
    drawing = resource(f"icons/{name}.svg").read_text(encoding="ascii")
    made = QIcon()
    scales = SCALES | {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    for mode, state, stroke in (
        (QIcon.Mode.Normal, QIcon.State.Off, color),
        (QIcon.Mode.Normal, QIcon.State.On, colours.accent),
        (QIcon.Mode.Disabled, QIcon.State.Off, colours.disabled),
    ):
        renderer = _renderer(drawing, stroke)
        for scale in sorted(scales):
            made.addPixmap(_drawn(renderer, round(size * scale)), mode, state)
    return made


def pixmap(name: str, color: str = theme.TEXT, *, size: int = theme.ICON, scale: float = 1.0) -> QPixmap:
    """Return one drawing of `size` logical pixels for a screen whose device pixel ratio is `scale`."""
    drawing = resource(f"icons/{name}.svg").read_text(encoding="ascii")
    drawn = _drawn(_renderer(drawing, color), round(size * scale))
    drawn.setDevicePixelRatio(scale)
    return drawn


def _renderer(drawing: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(drawing.replace("currentColor", color).encode("ascii"))


def _drawn(renderer: QSvgRenderer, pixels: int) -> QPixmap:
    drawn = QPixmap(QSize(pixels, pixels))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return drawn
