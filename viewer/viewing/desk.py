"""The reading desk: the panes on the screen and what hangs in them. No Qt; main thread only."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from viewer.viewing.arrangement import Placed
from viewer.viewing.layout import ONE, Layout
from viewer.viewing.loader import Loader
from viewer.viewing.pane import Hung, Pane
from viewer.viewing.picture import Picture
from viewer.viewing.viewport import ViewportState
from viewer.viewing.wishes import Wishes

View = Callable[[ViewportState], ViewportState]


class Desk:
    """Panes in boxes, row by row. Every change is told to the listeners by the pane's number.

    The panes of one box are tiles: consecutive images of one stack, looked at in one way.
    """

    def __init__(self, loader: Loader, capacity: Callable[[], bool] = lambda: True) -> None:
        """`capacity` tells whether frames may still be read ahead into memory."""
        self.layout = Layout()
        self.active = 0
        self.panes: list[Pane] = [Pane()]
        self._wishes = Wishes(loader, capacity, lambda: (self.panes, self.active), self._arrived)
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

    # --------------------------------------------------------------------------------------------- the layout
    def arrange(self, rows: int, columns: int) -> None:
        """Lay the boxes out in a grid; those that still have a place keep what hangs in them."""
        self.lay(Layout.grid(rows, columns, self.layout.tiles))

    def lay(self, layout: Layout) -> None:
        """Take another layout; boxes that still have a place keep what hangs in them, from its first tile."""
        before = [[self.panes[number] for number in box] for box in self.layout.boxes]
        self.layout, self.panes = layout, []
        for number, box in enumerate(layout.boxes):
            old = before[number] if number < len(before) else [Pane()]
            same = len(old) == len(box)
            self.panes += old if same else [Pane(state=old[0].state) for _ in box]
            if not same and old[0].hung is not None:
                self.panes[box.start] = replace(old[0], picture=None)
        self.active = min(self.active, max(len(self.panes) - 1, 0))
        for number, box in enumerate(layout.boxes):
            if number < len(before) and len(before[number]) != len(box):
                self._fill(box, self.panes[box.start])
        for number, pane in enumerate(self.panes):  # another number may wait for it now
            if pane.loading:
                self._look(number)

    def place(self, rows: int, columns: int, placed: Sequence[Placed | None]) -> None:
        """Arrange everything at once: what hangs in each box, row by row; the first one gets active.

        None and boxes that are not named stay empty.
        """
        sizes = [pane.state for pane in self.panes]
        tiles = tuple(each.tiles if each is not None else ONE for each in placed)
        self.layout = Layout.grid(rows, columns, tiles)
        self.active = 0
        fresh = ViewportState()
        states = [*sizes, *(fresh for _ in range(self.layout.count - len(sizes)))]
        self.panes = [Pane(state=_empty(state)) for state in states[: self.layout.count]]
        for box, each in zip(self.layout.boxes, placed, strict=False):
            if each is not None:
                for number in box:
                    pane = self.panes[number]
                    self.panes[number] = replace(pane, state=each.change(pane.state))
                self._fill(box, replace(self.panes[box.start], hung=each.hung, index=each.index))
        for number in range(len(self.panes)):
            self._tell(number)

    def activate(self, number: int) -> None:
        """Make a pane the one that keys and commands mean."""
        if number != self.active and number < len(self.panes):
            before, self.active = self.active, number
            self._tell(before)
            self._tell(number)

    # ------------------------------------------------------------------------------------------- what hangs
    def put(self, number: int, pane: Pane) -> None:
        """Replace a pane and tell of it."""
        if pane != self.panes[number]:
            self.panes[number] = pane
            self._tell(number)

    def hang(self, number: int, hung: Hung, index: int = 0) -> None:
        """Hang a stack in a pane (with tiles: from its box's first one) and look at it as its header says."""
        box = self.box(number)
        for each in box:
            self.panes[each] = Pane(state=_empty(self.panes[each].state))
        self._fill(box, replace(self.panes[box.start], hung=hung, index=index))

    def _fill(self, box: range, leader: Pane) -> None:
        """Hang what a pane has in a box, from the index of that pane on; the last images fill the tiles."""
        hung, count = leader.hung, leader.count
        first = min(max(leader.index, 0), max(count - len(box), 0))
        for tile, number in enumerate(box):
            state = self.panes[number].state
            there = hung if first + tile < max(count, 1) else None
            self.put(number, Pane(there, first + tile if there is not None else 0, state))
            self._look(number)

    def regrow(self, hung: Hung) -> None:
        """Take a stack that grew, where an earlier state of it hangs: what is seen stays."""
        for box in self.layout.boxes:
            leader = self.panes[box.start]
            if leader.hung is None or leader.key is None or leader.key not in hung.keys:
                continue
            grown = replace(hung, subtracted=leader.hung.subtracted)
            if leader.hung != grown:
                self._turn(box, grown, hung.keys.index(leader.key))

    def go_to(self, number: int, index: int) -> None:
        """Look at another image of the stack; indices beyond the ends mean the ends."""
        pane, box = self.panes[number], self.box(number)
        if pane.hung is None:
            return
        first = min(max(index - (number - box.start), 0), max(pane.count - len(box), 0))
        before = self.panes[box.start].index
        if first != before:
            self._wishes.direction = 1 if first > before else -1
            self._turn(box, pane.hung, first)

    def _turn(self, box: range, hung: Hung, first: int) -> None:
        """Show a stack from an image on in a box, looked at as before; pictures stay until others come."""
        for tile, number in enumerate(box):
            pane = self.panes[number]
            if first + tile < len(hung.keys):
                self.put(number, replace(pane, hung=hung, index=first + tile, trouble=""))
                self._look(number)

    def scroll(self, number: int, by: int) -> None:
        """Go `by` images on."""
        self.go_to(number, self.panes[number].index + by)

    def view(self, number: int, change: View) -> None:
        """Change how a pane is looked at, and its tiles with it."""
        for each in self.box(number):
            pane = self.panes[each]
            self.put(each, replace(pane, state=change(pane.state)))

    def subtract(self, number: int, *, on: bool) -> None:
        """Show the images of a pane without their masks, or as they are; the window is found anew."""
        for each in self.box(number):
            pane = self.panes[each]
            if pane.hung is not None and pane.key is not None and pane.hung.subtracted != on:
                state = replace(pane.state, voi=None, alternative=None)
                hung = replace(pane.hung, subtracted=on)
                self.put(each, replace(pane, hung=hung, state=state, trouble=""))
                self._look(each)

    def resize(self, number: int, width: int, height: int) -> None:
        """Tell a pane its size in device pixels."""
        self.put(number, self.panes[number].resized(width, height))

    @property
    def settled(self) -> bool:
        """Tell whether everything that can be seen is there in full quality."""
        return not any(pane.loading for pane in self.panes)

    # ---------------------------------------------------------------------------------------------- pictures
    def _look(self, number: int) -> None:
        self._wishes.look(number)

    def _arrived(self, number: int, answer: Picture | str) -> None:
        """Show a picture, or the reason why there is none, in its pane."""
        pane = self.panes[number]
        self.put(number, pane.with_trouble(answer) if isinstance(answer, str) else pane.with_picture(answer))

    def _tell(self, number: int) -> None:
        for listener in self._listeners:
            listener(number)


def _empty(state: ViewportState) -> ViewportState:
    """Return a fresh view of the same size."""
    return ViewportState(width=state.width, height=state.height)
