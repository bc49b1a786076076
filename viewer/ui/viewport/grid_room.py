"""The room that viewports divide in one window, below a warning where there is one."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from viewer.ui.viewport.patient_warning import PatientWarning
from viewer.viewing.layout import Place

LEAST = 64  # logical pixels of a viewport, on each side


class GridRoom(QWidget):
    """Holds widgets where it is told to. It tells when there is more or less room for them."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.warning = PatientWarning(self)
        self.warning.changed.connect(self.resized)
        self.setMinimumSize(4 * LEAST, 4 * LEAST)

    @property
    def top(self) -> int:
        """Return the logical pixels that the warning takes."""
        return self.warning.heightForWidth(self.width()) if self.warning.words else 0

    def put(self, places: Mapping[QWidget, Place | None]) -> None:
        """Give each widget its place, counted from below the warning; None hides it."""
        top = self.top
        self.warning.setGeometry(0, 0, self.width(), top)
        self.warning.setVisible(top > 0)
        for widget, place in places.items():
            if widget.parentWidget() is not self:
                widget.setParent(self)
            widget.setVisible(place is not None)
            if place is not None:
                x, y, width, height = place
                widget.setGeometry(x, y + top, width, height)

    def sizeHint(self) -> QSize:
        """Return a usable size."""
        return QSize(1024, 768)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell of the new room."""
        super().resizeEvent(event)
        self.resized.emit()
