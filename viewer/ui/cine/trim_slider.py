"""The slider of a film, with marks where the part that is played begins and ends."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSlider, QStyle, QWidget

from viewer.ui import theme

HANDLE = 12.0  # logical pixels: the width of the theme's handle
MARK = 6.0  # logical pixels: the size of a mark, and how near a hand must come to it


class TrimSlider(QSlider):
    """Values are frames, from 1. The marks below the groove can be dragged."""

    trimmed = Signal(int, int)  # first and last frame that are wanted

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._first, self._last = 1, 1
        self._dragged = ""  # "first" or "last", while a mark is
        self.setAccessibleName("Image")
        self.setMinimumSize(80, theme.ROW)
        self.setMouseTracking(True)

    def set_trims(self, first: int, last: int) -> None:
        """Show which frames are played."""
        if (first, last) != (self._first, self._last):
            self._first, self._last = first, last
            self.update()

    @property
    def trims(self) -> tuple[int, int]:
        """Return the first and last frame between the marks."""
        return self._first, self._last

    def place_of(self, frame: int) -> float:
        """Return where the middle of the handle stands at a frame, in logical pixels from the left."""
        span = self.width() - HANDLE
        along = QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), frame, int(span))
        return HANDLE / 2 + along

    def _frame_at(self, x: float) -> int:
        span = int(self.width() - HANDLE)
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), int(x - HANDLE / 2), span)

    def _mark_at(self, event: QMouseEvent) -> str:
        """Return the mark under the pointer, if there is one."""
        if event.position().y() < self.height() / 2 + 3 or not self.isEnabled():
            return ""
        marks = {"last": self._last, "first": self._first}
        near = {name: abs(event.position().x() - self.place_of(frame)) for name, frame in marks.items()}
        name = min(near, key=lambda name: near[name])
        return name if near[name] <= MARK else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a mark, else the handle."""
        self._dragged = self._mark_at(event)
        if not self._dragged:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what was taken."""
        if not self._dragged:
            sideways = Qt.CursorShape.SizeHorCursor if self._mark_at(event) else Qt.CursorShape.ArrowCursor
            self.setCursor(sideways)
            super().mouseMoveEvent(event)
            return
        frame = self._frame_at(event.position().x())
        first, last = self._first, self._last
        if self._dragged == "first":
            first = min(frame, last)
        else:
            last = max(frame, first)
        if (first, last) != (self._first, self._last):
            self.set_trims(first, last)
            self.trimmed.emit(first, last)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if not self._dragged:
            super().mouseReleaseEvent(event)
        self._dragged = ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the marks below the groove, and dim what is left out."""
        super().paintEvent(event)
        if self.maximum() <= self.minimum():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours_of(self.palette())
        left, right = self.place_of(self._first), self.place_of(self._last)
        middle = self.height() / 2
        dim = QColor(colours.window)
        dim.setAlpha(190)
        for start, end in ((0.0, left - 1), (right + 1, float(self.width()))):
            handle = self.place_of(self.value())
            if end - start > HANDLE and not start < handle < end:
                painter.fillRect(QRectF(start, middle - 3, end - start, 6), dim)
        painter.setPen(Qt.PenStyle.NoPen)
        trimmed = (self._first, self._last) != (self.minimum(), self.maximum())
        painter.setBrush(QColor(colours.accent if trimmed else colours.secondary))
        for place, side in ((left, -1), (right, 1)):
            top = middle + 5
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(place, top),
                        QPointF(place, top + MARK),
                        QPointF(place + side * MARK, top + MARK),
                    ]
                )
            )
        painter.end()
