"""The panes on the screen, in boxes, and who listens to their changes. No Qt; main thread only."""

from collections.abc import Callable

from viewer.viewing.layout import Layout
from viewer.viewing.pane import Pane


class Panes:
    """Panes in boxes, row by row. Every change is told to the listeners by the pane's number.

    The panes of one box are tiles: consecutive images of one stack, looked at in one way.
    """

    def __init__(self) -> None:
        self.layout = Layout()
        self.active = 0
        self.panes: list[Pane] = [Pane()]
        self._listeners: list[Callable[[int], None]] = []

    def listen(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the number of every pane that changes."""
        self._listeners.append(listener)

    @property
    def pane(self) -> Pane:
        """Return the active pane."""
        return self.panes[self.active]

    @property
    def rows(self) -> int:
        """Return the number of rows of boxes."""
        return self.layout.rows

    @property
    def columns(self) -> int:
        """Return the number of columns of boxes."""
        return self.layout.columns

    def box(self, number: int) -> range:
        """Return the panes that show consecutive images together with a pane: itself, or its tiles."""
        return self.layout.boxes[self.layout.box_of(number)]

    @property
    def leaders(self) -> tuple[int, ...]:
        """Return the first pane of each box."""
        return tuple(box.start for box in self.layout.boxes)

    def activate(self, number: int) -> None:
        """Make a pane the one that keys and commands mean."""
        if number != self.active and number < len(self.panes):
            before, self.active = self.active, number
            self.tell(before)
            self.tell(number)

    def put(self, number: int, pane: Pane) -> None:
        """Replace a pane and tell of it."""
        if pane != self.panes[number]:
            self.panes[number] = pane
            self.tell(number)

    def resize(self, number: int, width: int, height: int) -> None:
        """Tell a pane its size in device pixels."""
        self.put(number, self.panes[number].resized(width, height))

    @property
    def settled(self) -> bool:
        """Tell whether everything that can be seen is there in full quality."""
        return not any(pane.loading for pane in self.panes)

    def tell(self, number: int) -> None:
        """Tell the listeners of a pane."""
        for listener in self._listeners:
            listener(number)
