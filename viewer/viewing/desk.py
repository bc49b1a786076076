"""The reading desk: the panes on the screen and what hangs in them. No Qt; main thread only."""

from collections.abc import Callable
from dataclasses import replace

from viewer.dicom.records import FrameKey
from viewer.jobs.prefetch import images_to_prefetch
from viewer.jobs.queue import Priority
from viewer.viewing.loader import Loader
from viewer.viewing.pane import Hung, Pane
from viewer.viewing.picture import Picture
from viewer.viewing.viewport import ViewportState

MOST_ASKED = 2  # images of one pane under way: as many as there are decoders at least; the newest wish waits
READ_AHEAD = 2  # images on their way beyond those that are looked at: keeps the decoders busy, no more


class Desk:
    """Panes in a grid, row by row. Every change is told to the listeners by the pane's number."""

    def __init__(self, loader: Loader, capacity: Callable[[], bool] = lambda: True) -> None:
        """`capacity` tells whether frames may still be read ahead into memory."""
        self.rows, self.columns = 1, 1
        self.active = 0
        self.panes: list[Pane] = [Pane()]
        self._loader = loader
        self._capacity = capacity
        self._listeners: list[Callable[[int], None]] = []
        self._asked: dict[int, set[tuple[FrameKey, bool]]] = {}  # under way for each pane; subtracted?
        self._ahead = 0
        self._direction = 1

    def listen(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the number of every pane that changes."""
        self._listeners.append(listener)

    @property
    def pane(self) -> Pane:
        """Return the active pane."""
        return self.panes[self.active]

    def arrange(self, rows: int, columns: int) -> None:
        """Lay the panes out in a grid; panes that still have a place keep what hangs in them."""
        kept = self.panes[: rows * columns]
        self.panes = kept + [Pane() for _ in range(rows * columns - len(kept))]
        self.rows, self.columns = rows, columns
        self.active = min(self.active, len(self.panes) - 1)

    def activate(self, number: int) -> None:
        """Make a pane the one that keys and commands mean."""
        if number != self.active and number < len(self.panes):
            before, self.active = self.active, number
            self._tell(before)
            self._tell(number)

    def put(self, number: int, pane: Pane) -> None:
        """Replace a pane and tell of it."""
        if pane != self.panes[number]:
            self.panes[number] = pane
            self._tell(number)

    def hang(self, number: int, hung: Hung, index: int = 0) -> None:
        """Hang a stack in a pane and look at one of its images as its header says."""
        size = self.panes[number].state
        state = ViewportState(width=size.width, height=size.height)
        self.put(number, Pane(hung, min(index, max(len(hung.keys) - 1, 0)), state))
        self._look(number)

    def regrow(self, hung: Hung) -> None:
        """Take a stack that grew, where an earlier state of it hangs: what is seen stays."""
        for number, pane in enumerate(self.panes):
            key = pane.key
            if pane.hung is None or key is None or key not in hung.keys:
                continue
            grown = replace(hung, subtracted=pane.hung.subtracted)
            if pane.hung != grown:
                self.put(number, replace(pane, hung=grown, index=hung.keys.index(key)))

    def go_to(self, number: int, index: int) -> None:
        """Look at another image of the stack; indices beyond the ends mean the ends."""
        pane = self.panes[number]
        index = min(max(index, 0), max(pane.count - 1, 0))
        if index != pane.index:
            self._direction = 1 if index > pane.index else -1
            self.put(number, replace(pane, index=index, trouble=""))
            self._look(number)

    def scroll(self, number: int, by: int) -> None:
        """Go `by` images on."""
        self.go_to(number, self.panes[number].index + by)

    def view(self, number: int, change: Callable[[ViewportState], ViewportState]) -> None:
        """Change how a pane is looked at."""
        pane = self.panes[number]
        self.put(number, replace(pane, state=change(pane.state)))

    def subtract(self, number: int, *, on: bool) -> None:
        """Show the images of a pane without their masks, or as they are; the window is found anew."""
        pane = self.panes[number]
        if pane.hung is not None and pane.key is not None and pane.hung.subtracted != on:
            state = replace(pane.state, voi=None, alternative=None)
            hung = replace(pane.hung, subtracted=on)
            self.put(number, replace(pane, hung=hung, state=state, trouble=""))
            self._look(number)

    def resize(self, number: int, width: int, height: int) -> None:
        """Tell a pane its size in device pixels."""
        self.put(number, self.panes[number].resized(width, height))

    @property
    def settled(self) -> bool:
        """Tell whether everything that can be seen is there in full quality."""
        return not any(pane.loading for pane in self.panes)

    def _look(self, number: int) -> None:
        """Ask for the image of a pane; while others are under way for it, only the newest wish counts."""
        pane, asked = self.panes[number], self._asked.setdefault(number, set())
        key = pane.key
        if key is None or pane.hung is None:
            return
        subtracted = pane.hung.subtracted
        wish = (key, subtracted)
        at_once = not subtracted and self._loader.holds(key)
        if wish in asked or (len(asked) >= MOST_ASKED and not at_once):
            return
        asked.add(wish)

        def answer(found: Picture | str) -> None:
            self._arrived(number, wish, found)

        if subtracted:
            self._loader.subtracted(key, answer, answer)
        else:
            self._loader.request(key, Priority.VISIBLE, answer, answer)

    def _arrived(self, number: int, wish: tuple[FrameKey, bool], answer: Picture | str) -> None:
        """Show a picture, or the reason why there is none, in its pane; drop it where nobody waits for it."""
        self._asked[number].discard(wish)
        pane = self.panes[number] if number < len(self.panes) else Pane()
        if pane.hung is not None and (pane.key, pane.hung.subtracted) == wish:
            shown = pane.with_trouble(answer) if isinstance(answer, str) else pane.with_picture(answer)
            self.put(number, shown)
        elif pane.loading:
            self._look(number)
        self._read_ahead()

    def _read_ahead(self) -> None:
        """Keep a few of the likely next images on their way, those of the active pane first."""
        order = [self.active, *(number for number in range(len(self.panes)) if number != self.active)]
        for number in order:
            pane = self.panes[number]
            if pane.key is None or pane.hung is None:
                continue
            for index in images_to_prefetch(pane.index, pane.count, self._direction):
                if self._ahead >= READ_AHEAD or not self._capacity():
                    return
                if not self._loader.holds(pane.hung.keys[index]):
                    self._ahead += 1
                    self._loader.request(
                        pane.hung.keys[index], Priority.PREFETCH, self._read_one, self._read_one
                    )

    def _read_one(self, _: Picture | str) -> None:
        self._ahead -= 1
        self._read_ahead()

    def _tell(self, number: int) -> None:
        for listener in self._listeners:
            listener(number)
