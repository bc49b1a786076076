"""The viewports of the desk, in the rooms of one window or of several."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from viewer.ui.viewport.grid_room import GridRoom
from viewer.ui.viewport.patient_warning import Named
from viewer.ui.viewport.viewport_widget import ViewportWidget
from viewer.viewing.layout import Layout

GAP = 2  # logical pixels between viewports


class LayoutGrid(GridRoom):
    """Viewports in boxes, some with tiles, or one box alone. It is itself the room of the main window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewports: list[ViewportWidget] = []
        self._rooms: list[GridRoom] = [self]
        self._made: Callable[[int, ViewportWidget], None] = lambda _number, _viewport: None
        self._layout = Layout.grid(0, 0)
        self._alone: int | None = None
        self.resized.connect(self._divide)

    def attach(self, made: Callable[[int, ViewportWidget], None]) -> None:
        """Call `made` with the number of each new viewport and the viewport."""
        self._made = made

    def add_room(self, room: GridRoom) -> None:
        """Take the room of one more window, for the boxes that a layout has for it."""
        room.resized.connect(self._divide)
        self._rooms.append(room)

    def drop_room(self, room: GridRoom) -> None:
        """Give a room back: its viewports are gone from the layout already."""
        room.resized.disconnect(self._divide)
        self._rooms.remove(room)
        self._divide()

    @property
    def alone(self) -> int | None:
        """Return the number of the box that fills its window, None when all are shown."""
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
        """Give the box of one viewport the whole of its window, or show all again."""
        self._alone = None if self._alone is not None else self._layout.box_of(number)
        self._divide()

    def warn(self, named: tuple[Named, ...], *, linked: bool) -> None:
        """Warn of several patients in every window."""
        for room in self._rooms:
            room.warning.warn(named, linked=linked)

    def _divide(self) -> None:
        """Give every viewport its place in the room of its window."""
        for window, room in enumerate(self._rooms[: len(self._layout.grids)]):
            high = max(room.height() - room.top, 1)
            places = self._layout.places(room.width(), high, GAP, self._alone, window)
            own = self._layout.panes_of(window)
            room.put({self.viewports[number]: places[number] for number in own})
