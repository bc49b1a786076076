"""A window with nothing but images, for a further monitor."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from viewer.paths import NAME
from viewer.ui.viewport.grid_room import GridRoom


class ImageWindow(QMainWindow):
    """Shows viewports of the one desk. Every key does here what it does in the main window."""

    left = Signal()  # a hand closed it

    def __init__(self, number: int, actions: list[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.room = GridRoom()
        self.setCentralWidget(self.room)
        self.addActions(actions)
        self.name(number)

    def name(self, number: int) -> None:
        """Say which of the windows this is."""
        self.setWindowTitle(f"{NAME} \N{EN DASH} images {number + 1}")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that it is closed."""
        super().closeEvent(event)
        self.left.emit()
