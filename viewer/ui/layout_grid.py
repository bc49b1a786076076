"""The grid of viewports, below a warning where there is one."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from viewer.ui.patient_warning import PatientWarning
from viewer.ui.viewport_widget import ViewportWidget
from viewer.viewing.layout import Layout

GAP = 2  # logical pixels between viewports
LEAST = 64  # logical pixels of a viewport, on each side


class LayoutGrid(QWidget):
    """Viewports in boxes, some with tiles, or one box alone. The grid divides its room by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewports: list[ViewportWidget] = []
        self.warning = PatientWarning(self)
        self.warning.changed.connect(self._divide)
        self._made: Callable[[int, ViewportWidget], None] = lambda _number, _viewport: None
        self._layout = Layout.grid(0, 0)
        self._alone: int | None = None
        self.setMinimumSize(4 * LEAST, 4 * LEAST)

    def attach(self, made: Callable[[int, ViewportWidget], None]) -> None:
        """Call `made` with the number of each new viewport and the viewport."""
        self._made = made

    @property
    def alone(self) -> int | None:
        """Return the number of the box that fills the grid, None when all are shown."""
        return self._alone

    def lay(self, layout: Layout) -> None:
        """Lay out the viewports of a layout; those that still have a number are kept."""
        self._alone = None
        self._layout = layout
        while len(self.viewports) > layout.count:
            widget = self.viewports.pop()
            widget.setParent(None)
            widget.deleteLater()
        while len(self.viewports) < layout.count:
            widget = ViewportWidget(self)
            widget.setAccessibleName(f"Viewport {len(self.viewports) + 1}")
            self.viewports.append(widget)
            self._made(len(self.viewports) - 1, widget)
        self._divide()

    def toggle_alone(self, number: int) -> None:
        """Give the box of one viewport the whole grid, or show all again."""
        self._alone = None if self._alone is not None else self._layout.box_of(number)
        self._divide()

    def sizeHint(self) -> QSize:
        """Return a usable size."""
        return QSize(1024, 768)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the new room."""
        super().resizeEvent(event)
        self._divide()

    def _divide(self) -> None:
        """Give every viewport its place; the warning takes what it needs at the top."""
        top = self.warning.heightForWidth(self.width()) if self.warning.words else 0
        self.warning.setGeometry(0, 0, self.width(), top)
        self.warning.setVisible(top > 0)
        places = self._layout.places(self.width(), max(self.height() - top, 1), GAP, self._alone)
        for widget, place in zip(self.viewports, places, strict=True):
            widget.setVisible(place is not None)
            if place is not None:
                x, y, width, height = place
                widget.setGeometry(x, y + top, width, height)
