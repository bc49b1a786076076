"""One line of words for the reader, cut at its end where there is no room; the tooltip has all of it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.ui import theme
from viewer.ui.plain_text import single_line, tooltip


class Message(QWidget):
    """Shows a sentence at its right end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._busy = "", False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Message")

    @property
    def words(self) -> str:
        """Return what is said."""
        return self._words

    def say(self, words: str, *, busy: bool) -> None:
        """Say something; what is only on its way is said more quietly."""
        self._words, self._busy = single_line(words), busy
        self.setToolTip(tooltip(self._words))
        self.setAccessibleDescription(self._words)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a little: the tools come first."""
        return QSize(160, theme.ROW)

    def minimumSizeHint(self) -> QSize:
        """Return almost nothing."""
        return QSize(24, theme.ROW)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint as much of the beginning as there is room for."""
        painter = QPainter(self)
        colours = theme.colours_of(self.palette())
        painter.setPen(QColor(colours.secondary if self._busy else colours.text))
        fitted = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, self.width())
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), int(flags), fitted)
        painter.end()
