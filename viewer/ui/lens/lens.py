"""A square lens over a viewport: the same values, pipeline and marks, larger."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewer.annotations.shapes import Point
from viewer.rendering.layers import Shown
from viewer.rendering.spatial import Affine
from viewer.rendering.viewport_renderer import ViewportRenderer
from viewer.ui import fonts, theme
from viewer.ui.viewport import annotation_painter, outlined_text
from viewer.ui.viewport.qimage import shared_image
from viewer.ui.viewport.viewport_widget import Look, ViewportWidget

SIDE = 280  # logical pixels: a hand's width of a mammogram at 3x, and still the surroundings in sight
SHARE = 0.6  # of the smaller side of the viewport, at most
EDGE = 6.0  # logical pixels from the lens's edge to its words


class Lens(QWidget):
    """Lies in a viewport and lets the mouse through. It is as sharp as the stored pixels are."""

    def __init__(self, viewport: ViewportWidget) -> None:
        super().__init__(viewport)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Magnifier")
        self._viewport = viewport
        self._renderer = ViewportRenderer()
        self._at = (0.0, 0.0)  # device pixels of the viewport
        self._factor = 2.0
        self._painted: Look | None = None
        viewport.painted.connect(self._follow)
        self.hide()

    def show_at(self, x: float, y: float, factor: float) -> None:
        """Show what is under a device pixel of the viewport, `factor` times as large as the viewport does."""
        viewport, ratio = self._viewport, self._viewport.devicePixelRatioF()
        side = round(min(SIDE, SHARE * min(viewport.width(), viewport.height())))
        self._at, self._factor = (x, y), factor
        middle = QPointF(x / ratio, y / ratio).toPoint()
        self.setGeometry(QRect(middle.x() - side // 2, middle.y() - side // 2, side, side))
        self.setVisible(viewport.look.pane.picture is not None)
        self.update()

    @property
    def affine(self) -> Affine:
        """Return the map from image coordinates to device pixels of the lens."""
        x, y = self._at
        ratio = self.devicePixelRatioF()
        corner = self.pos()
        here = Affine.translation(x - corner.x() * ratio, y - corner.y() * ratio)
        larger = Affine.scaling(self._factor, self._factor) @ Affine.translation(-x, -y)
        return here @ larger @ self._viewport.look.pane.state.affine

    def _follow(self) -> None:
        """Paint again when what the viewport shows has changed; never because it painted below us."""
        if self.isVisible() and self._painted is not self._viewport.look:
            self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the picture, what is drawn on it, and how much larger it is."""
        look = self._painted = self._viewport.look
        painter = QPainter(self)
        if look.pane.picture is None:
            painter.fillRect(self.rect(), QColor(theme.IMAGE_GROUND))
            return
        ratio = self.devicePixelRatioF()
        size = max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)
        state = look.pane.state
        pixels = self._renderer.render(
            look.pane.picture.plane,
            look.pipeline,
            self.affine,
            size,
            state.smooth,
            Shown(state.overlays, state.shutter, look.colors),
        )
        painter.drawImage(QPointF(0, 0), shared_image(pixels, ratio))
        self._paint_drawn(painter, look, ratio)
        font = fonts.sized(self.font(), fonts.SMALL)
        words = f"{self._factor:g}x"
        outlined_text.draw(painter, QPointF(EDGE, EDGE - 2), words, font, theme.CORNER_TEXT)
        painter.setPen(QPen(QColor(theme.SECONDARY), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_drawn(self, painter: QPainter, look: Look, ratio: float) -> None:
        """Paint what is drawn, without its words: they would hide what is magnified."""
        to_logical = _logical(self.affine, ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for drawn in look.drawn:
            annotation_painter.paint(painter, drawn.annotation, to_logical, "")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _logical(affine: Affine, ratio: float) -> Callable[[float, float], Point]:
    def to_logical(x: float, y: float) -> Point:
        across, down = affine(x, y)
        return across / ratio, down / ratio

    return to_logical
