"""Windows on several monitors: opened, closed, and put back where they stood."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QRect
from PySide6.QtGui import QAction, QGuiApplication, QScreen
from PySide6.QtWidgets import QMainWindow, QWidget

from viewer.ui.reading import Reading
from viewer.ui.windows.image_window import ImageWindow
from viewer.viewing.window_places import (
    Rectangle,
    Screen,
    WindowPlace,
    free_screen,
    place_of,
    restored,
)

MAIN = "main"
MOST = 4  # further windows
ENOUGH = "There are as many windows as this program opens."
ONE_MONITOR = "There is no monitor without a window: the new one is beside this one."
NONE = "There is no further window."
SIZE = (960, 720)  # of a further window where there is no further monitor


class WindowRoom:
    """The main window and the further ones. All viewports are on one desk: what links them holds."""

    def __init__(self, reading: Reading, window: QMainWindow, say: Callable[[str], None]) -> None:
        self._reading, self._window, self._say = reading, window, say
        self._windows: list[ImageWindow] = []
        self._actions: list[QAction] = []
        self._ending = False
        self._left: tuple[WindowPlace, ...] = ()  # where they stood when the main one was closed

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {"new-window": self.open, "close-windows": self.close_all}

    @property
    def windows(self) -> Sequence[ImageWindow]:
        """Return the further windows."""
        return self._windows

    def take(self, actions: list[QAction]) -> None:
        """Give every further window these actions."""
        self._actions = actions

    # -------------------------------------------------------------------------------------- opening, closing
    def open(self) -> None:
        """Open a window on a monitor that has none, with one image of the active stack's size of a grid."""
        if len(self._windows) >= MOST:
            self._say(ENOUGH)
            return
        taken = [_screen(each.screen()).name for each in (self._window, *self._windows)]
        free = free_screen(_screens(), taken)
        window = self._made((1, 1))
        if free is None:
            window.resize(*SIZE)
            window.show()
            self._say(ONE_MONITOR)
        else:
            window.setGeometry(free.left, free.top, free.width, free.height)
            window.showMaximized()

    def close_all(self) -> None:
        """Close every further window."""
        if not self._windows:
            self._say(NONE)
        for window in tuple(self._windows):
            window.close()

    def _made(self, grid: tuple[int, int]) -> ImageWindow:
        """Return a new window whose boxes are on the desk, not shown yet."""
        self._reading.touched = True
        window = ImageWindow(len(self._windows) + 1, self._actions, self._window)
        window.left.connect(lambda: self._closed(window))
        self._windows.append(window)
        self._reading.furniture.grid.add_room(window.room)
        self._reading.lay(self._reading.room.desk.layout.with_windows((grid,)))
        return window

    def _closed(self, window: ImageWindow) -> None:
        """Take the boxes of a window that was closed off the desk; its images are in the list still."""
        if self._ending or window not in self._windows:
            return
        number = self._windows.index(window) + 1
        self._windows.remove(window)
        self._reading.room.desk.close_window(number)
        self._reading.fit_grid()
        self._reading.furniture.grid.drop_room(window.room)
        for place, other in enumerate(self._windows, start=1):
            other.name(place)
        window.deleteLater()

    def shut(self) -> None:
        """Close the further windows with the main one; they come back the next time."""
        if self._ending:
            return
        self._left, self._ending = self._now(), True
        for window in self._windows:
            window.close()

    # --------------------------------------------------------------------------------------- where they stood
    def places(self) -> tuple[WindowPlace, ...]:
        """Return where the windows stand, or stood when they were closed, for the next time."""
        return self._left if self._ending else self._now()

    def _now(self) -> tuple[WindowPlace, ...]:
        grids = self._reading.room.desk.layout.further
        main = _place(MAIN, self._window)
        further = (
            replace(_place(str(number), window), rows=grid[0], columns=grid[1])
            for number, (window, grid) in enumerate(zip(self._windows, grids, strict=True), start=2)
        )
        return (main, *further)

    def restore(self, places: Sequence[WindowPlace]) -> None:
        """Put windows back on the monitors on which they stood; what stood on one that is gone stays away."""
        screens = _screens()
        for place in places:
            found = restored(place, screens)
            if found is None:
                continue
            if place.name == MAIN:
                _stand(self._window, found, place)
            elif len(self._windows) < MOST:
                _stand(self._made((max(place.rows, 1), max(place.columns, 1))), found, place)
        self._reading.touched = False


def _stand(window: QMainWindow, rectangle: Rectangle, place: WindowPlace) -> None:
    window.setGeometry(QRect(rectangle.left, rectangle.top, rectangle.width, rectangle.height))
    if place.full_screen:
        window.showFullScreen()
    elif place.maximized:
        window.showMaximized()
    else:
        window.show()


def _place(name: str, window: QWidget) -> WindowPlace:
    """Return where a window stands; of one that fills the screen, where it would stand else."""
    usual = window.normalGeometry() if window.isMaximized() or window.isFullScreen() else window.geometry()
    rectangle = Rectangle(usual.x(), usual.y(), usual.width(), usual.height())
    found = place_of(name, rectangle, _screen(window.screen()))
    return replace(found, maximized=window.isMaximized(), full_screen=window.isFullScreen())


def _screens() -> tuple[Screen, ...]:
    return tuple(_screen(each) for each in QGuiApplication.screens())


def _screen(screen: QScreen) -> Screen:
    room = screen.availableGeometry()
    return Screen(screen.name(), room.x(), room.y(), room.width(), room.height())
