"""The grid of viewports."""

from collections.abc import Callable

from PySide6.QtWidgets import QGridLayout, QWidget

from viewer.ui.viewport_widget import ViewportWidget

GAP = 2  # logical pixels between viewports


class LayoutGrid(QWidget):
    """Viewports in rows and columns, or one of them alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewports: list[ViewportWidget] = []
        self._made: Callable[[int, ViewportWidget], None] = lambda _number, _viewport: None
        self._shape = (0, 0)
        self._alone: int | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)

    def attach(self, made: Callable[[int, ViewportWidget], None]) -> None:
        """Call `made` with the number of each new viewport and the viewport."""
        self._made = made

    @property
    def alone(self) -> int | None:
        """Return the number of the viewport that fills the grid, None when all are shown."""
        return self._alone

    def arrange(self, rows: int, columns: int) -> None:
        """Lay out `rows` x `columns` viewports; those that still have a place are kept."""
        self._alone = None
        self._stretch(self._shape, 0)
        while len(self.viewports) > rows * columns:
            widget = self.viewports.pop()
            self._grid.removeWidget(widget)
            widget.setParent(None)
            widget.deleteLater()
        while len(self.viewports) < rows * columns:
            widget = ViewportWidget(self)
            widget.setAccessibleName(f"Viewport {len(self.viewports) + 1}")
            self.viewports.append(widget)
            self._made(len(self.viewports) - 1, widget)
        for number, widget in enumerate(self.viewports):
            self._grid.addWidget(widget, number // columns, number % columns)
            widget.show()
        self._shape = (rows, columns)
        self._stretch(self._shape, 1)

    def toggle_alone(self, number: int) -> None:
        """Give one viewport the whole grid, or show all again."""
        self._alone = None if self._alone is not None else number
        rows, columns = self._shape
        for other, widget in enumerate(self.viewports):
            widget.setVisible(self._alone in {None, other})
        if self._alone is None:
            self._stretch((rows, columns), 1)
        else:  # rows and columns without a visible viewport take no room
            self._stretch((rows, columns), 0)
            self._grid.setRowStretch(number // columns, 1)
            self._grid.setColumnStretch(number % columns, 1)

    def _stretch(self, shape: tuple[int, int], factor: int) -> None:
        for row in range(shape[0]):
            self._grid.setRowStretch(row, factor)
        for column in range(shape[1]):
            self._grid.setColumnStretch(column, factor)
