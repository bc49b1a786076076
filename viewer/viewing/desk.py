"""The reading desk: what hangs in the panes, and which of them go together. Main thread only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from viewer.viewing.arrangement import Placed
from viewer.viewing.carrying import by_name, carried, without
from viewer.viewing.layout import ONE, Layout, Name
from viewer.viewing.linking import Links, followed, same_view
from viewer.viewing.loader import Loader
from viewer.viewing.pane import Hung, Pane
from viewer.viewing.panes import Panes
from viewer.viewing.picture import Picture
from viewer.viewing.track import Tracks, by_frame
from viewer.viewing.viewport import ViewportState
from viewer.viewing.wishes import Wishes

View = Callable[[ViewportState], ViewportState]


class Desk(Panes):
    """Panes that show images of stacks as they come; linked ones follow the one that is changed."""

    def __init__(self, loader: Loader, capacity: Callable[[], bool] = lambda: True) -> None:
        """`capacity` tells whether frames may still be read ahead into memory."""
        super().__init__()
        self.links = Links()
        self.tracks = Tracks()
        self._wishes = Wishes(loader, capacity, lambda: (self.panes, self.active), self._arrived)

    # --------------------------------------------------------------------------------------------- the layout
    def arrange(self, rows: int, columns: int, window: int = 0) -> None:
        """Lay the boxes of a window out in a grid; those that still have a place keep what hangs in them."""
        self.lay(self.layout.regrid(rows, columns, window))

    def lay(self, layout: Layout) -> None:
        """Take another layout; boxes that still have a place keep what hangs in them, from its first tile."""
        self._take(layout, by_name(self.layout, self.panes))

    def close_window(self, window: int) -> None:
        """Take away the boxes of a further window, counted from 1, and what hangs in them."""
        self._take(self.layout.without_window(window), without(self.layout, self.panes, window))

    def _take(self, layout: Layout, before: Mapping[Name, list[Pane]]) -> None:
        """Take a layout and what hung in its boxes; those cut otherwise begin with what was first."""
        shown = self.panes[self.active] if self.panes else Pane()
        self.layout = layout
        self.panes, cut = carried(layout, before)
        moved = next((number for number, pane in enumerate(self.panes) if pane is shown), self.active)
        self.active = min(moved, max(len(self.panes) - 1, 0))
        for box in cut:
            self._fill(box, self.panes[box.start])
        for number, pane in enumerate(self.panes):  # another number may wait for it now
            if pane.loading:
                self._wishes.look(number)

    def place(self, rows: int, columns: int, placed: Sequence[Placed | None]) -> None:
        """Arrange the main window at once: what hangs in each box, row by row; the first one gets active.

        None and boxes that are not named stay empty; what hangs in further windows stays.
        """
        main = self.layout.panes_of(0)
        sizes, elsewhere = [self.panes[number].state for number in main], self.panes[main.stop :]
        tiles = tuple(each.tiles if each is not None else ONE for each in placed)
        own = Layout.grid(rows, columns, tiles)
        self.layout = own.beside(self.layout)
        self.active = 0
        fresh = ViewportState()
        states = [*sizes, *(fresh for _ in range(own.count - len(sizes)))]
        self.panes = [*(Pane(state=_empty(state)) for state in states[: own.count]), *elsewhere]
        for box, each in zip(self.layout.boxes, placed, strict=False):
            if each is not None:
                for number in box:
                    pane = self.panes[number]
                    self.panes[number] = replace(pane, state=each.change(pane.state))
                self._fill(box, replace(self.panes[box.start], hung=each.hung, index=each.index))
        for number in range(len(self.panes)):
            self.tell(number)

    # ------------------------------------------------------------------------------------------- what hangs
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
        if hung is not None:
            self._locate(hung)
        for tile, number in enumerate(box):
            state = self.panes[number].state
            there = hung if first + tile < max(count, 1) else None
            self.panes[number] = Pane(there, first + tile if there is not None else 0, state)
            self.tell(number)
            self._wishes.look(number)

    def regrow(self, hung: Hung) -> None:
        """Take a stack that grew, where an earlier state of it hangs: what is seen stays."""
        for box in self.layout.boxes:
            leader = self.panes[box.start]
            if leader.hung is None or leader.key is None or leader.key not in hung.keys:
                continue
            part = leader.hung.keys != leader.hung.stack.frame_keys  # a protocol hung some of its images
            keys = leader.hung.keys if part else hung.keys
            grown = replace(hung, keys=keys, subtracted=leader.hung.subtracted)
            if leader.hung != grown:
                self._turn(box, grown, keys.index(leader.key))

    def go_to(self, number: int, index: int, *, alone: bool = False) -> None:
        """Look at another image of the stack; indices beyond the ends mean the ends.

        What is linked to it follows, unless the pane is to go `alone`.
        """
        pane, box = self.panes[number], self.box(number)
        if pane.hung is None:
            return
        first = min(max(index - (number - box.start), 0), max(pane.count - len(box), 0))
        before = self.panes[box.start].index
        if first != before:
            self._wishes.direction = 1 if first > before else -1
            self._turn(box, pane.hung, first)
            if not alone:
                self._lead(box)

    def _lead(self, box: range) -> None:
        """Let the stacks that are linked to the one in a box go where it went."""
        leader = self.panes[box.start]
        for other in self.layout.boxes:
            pane = self.panes[other.start]
            found = followed(self.links, leader, pane, self.tracks) if other != box else None
            if found is not None and pane.hung is not None:
                first = min(found.index, max(pane.count - len(other), 0))
                if first != pane.index:
                    self._turn(other, pane.hung, first)
                for number in other:  # how far off an image lies changes also where the image stays
                    self.tell(number)

    def link(self, links: Links) -> None:
        """Let other things go together from now on; by position, they do at once."""
        self.links = links
        if self.panes:
            self._lead(self.box(self.active))
        for number in range(len(self.panes)):
            self.tell(number)

    def _turn(self, box: range, hung: Hung, first: int) -> None:
        """Show a stack from an image on in a box, looked at as before; pictures stay until others come."""
        for tile, number in enumerate(box):
            pane = self.panes[number]
            if first + tile < len(hung.keys):
                turned = self.panes[number] = replace(pane, hung=hung, index=first + tile, trouble="")
                self._wishes.look(number)
                if self.panes[number] is turned:  # a picture that is there already told of itself
                    self.tell(number)

    def scroll(self, number: int, by: int) -> None:
        """Go `by` images on."""
        self.go_to(number, self.panes[number].index + by)

    def view(self, number: int, change: View) -> None:
        """Change how a pane is looked at, its tiles with it, and what is linked to it."""
        before, box = self.panes[number].state, self.box(number)
        self._view(box, change)
        leader = self.panes[number]
        for other in self.layout.boxes:
            follow = same_view(self.links, leader, self.panes[other.start], before) if other != box else None
            if follow is not None:
                self._view(other, follow)

    def _view(self, box: range, change: View) -> None:
        for number in box:
            pane = self.panes[number]
            changed = replace(pane, state=change(pane.state))
            if changed.masking == pane.masking:
                self.put(number, changed)
            else:  # another mask: another difference
                self.put(number, replace(changed, trouble=""))
                self._wishes.look(number)

    def subtract(self, number: int, *, on: bool) -> None:
        """Show the images of a pane without their masks, or as they are; the window is found anew."""
        for each in self.box(number):
            pane = self.panes[each]
            if pane.hung is not None and pane.key is not None and pane.hung.subtracted != on:
                state = replace(pane.state, voi=None, alternative=None)
                hung = replace(pane.hung, subtracted=on)
                self.put(each, replace(pane, hung=hung, state=state, trouble=""))
                self._wishes.look(each)

    # ---------------------------------------------------------------------------------------------- pictures
    def read_on(self, number: int, indices: Iterable[int]) -> None:
        """Make images of a pane ready that are about to be looked at."""
        self._wishes.prepare(number, indices)

    def _locate(self, hung: Hung) -> None:
        """Find out where the images of a stack lie, if that is known of each frame only."""
        if not self.tracks.knows(hung):
            self._wishes.place(hung, self.tracks.learn)

    def _arrived(self, number: int, answer: Picture | str) -> None:
        """Show a picture, or the reason why there is none, in its pane."""
        pane = self.panes[number]
        if isinstance(answer, str):
            self.put(number, pane.with_trouble(answer))
            return
        plane = answer.header.plane
        if plane is not None and pane.hung is not None and by_frame(pane.hung):
            self.tracks.learn([(answer.header.key, plane)])
            self._locate(pane.hung)
        self.put(number, pane.with_picture(answer))


def _empty(state: ViewportState) -> ViewportState:
    """Return a fresh view of the same size."""
    return ViewportState(width=state.width, height=state.height)
