"""What is done with the images: the desk on the screen, its tools, films, planes and drawings."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject

from viewer.dicom.tree import Study
from viewer.ui.furniture import Furniture
from viewer.ui.room import Room
from viewer.ui.screen import Screen
from viewer.viewing.arrangement import Placed
from viewer.viewing.hang_items import interest, middle
from viewer.viewing.layout import Layout
from viewer.viewing.linking import Links
from viewer.viewing.pane import Hung
from viewer.viewing.shelf import Shelf
from viewer.viewing.viewport import ViewportState

MOST_SERIES = 4  # are hung side by side when a study was read
LAYOUTS = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (2, 2)}


class Reading(Screen):
    """Hangs what is asked for, and goes through it."""

    def __init__(self, room: Room, furniture: Furniture, shelf: Callable[[], Shelf], parent: QObject) -> None:
        super().__init__(room, furniture, shelf, parent)
        self._shelf = shelf
        self.hang_study: Callable[[Study], bool] = lambda _: False  # by a protocol, if it can
        self.series_dropped.connect(self._dropped)
        room.hands.scrolled.connect(self.scroll)
        room.hands.pointed.connect(self._point)
        self.arrange(1, 1)

    # --------------------------------------------------------------------------------------------- what hangs
    def arrange(self, rows: int, columns: int, window: int = 0) -> None:
        """Show `rows` x `columns` viewports in a window; what hangs in those that stay, stays."""
        self.room.desk.arrange(rows, columns, window)
        self.fit_grid()

    def lay(self, layout: Layout) -> None:
        """Take another layout, with or without tiles; what hangs in boxes that stay, stays."""
        self.room.desk.lay(layout)
        self.fit_grid()

    def place(self, rows: int, columns: int, placed: Sequence[Placed | None]) -> None:
        """Arrange and hang everything at once (`Desk.place`)."""
        self.room.cinema.stop()
        self.room.cinema.forget()
        self.room.desk.place(rows, columns, placed)
        self.fit_grid()

    def hang(self, hung: Hung | None, number: int | None = None, index: int = 0) -> None:
        """Hang a stack in a viewport, the active one if none is named."""
        if hung is not None:
            self.room.cinema.stop()
            self.room.cinema.forget()
            self.room.desk.hang(self.room.desk.active if number is None else number, hung, index)
            self.signs.mark()

    def _dropped(self, number: int, key: str) -> None:
        self.activate(number)
        self.hang(self._shelf().find(key), number)
        self.furniture.grid.setFocus()

    def scroll(self, number: int, by: int) -> None:
        """Go on in a viewport, by images or by planes."""
        self.touched = True
        pane = self.room.desk.panes[number]
        if pane.hung is not None and pane.hung.reformat is not None:
            self.room.reformat.scroll(pane.hung.reformat, by)
        else:
            self.room.desk.scroll(number, by)

    def _point(self, number: int, x: float, y: float) -> None:
        hung = self.room.desk.panes[number].hung
        if hung is not None and hung.reformat is not None:
            self.room.reformat.point(hung.reformat, x, y)
        else:
            self.furniture.say(self.room.looks.crossing.point(number, x, y), busy=False)
            self.refresh()

    def view(self, change: Callable[[ViewportState], ViewportState]) -> None:
        """Change how the active viewport looks at its image."""
        self.room.desk.view(self.room.desk.active, change)

    # ------------------------------------------------------------------------------------------ while opening
    def regrow(self, stacks: Iterable[Hung]) -> None:
        """Take stacks that grew while files are read; what is seen stays where it is."""
        for hung in stacks:
            self.room.desk.regrow(hung)

    def opened(self, shelf: Shelf, *, first_stays: bool = False) -> None:
        """Arrange a study that was read, unless the reader did so already.

        What hangs already is among what is shown where it is what one comes for, or asked for by name.
        """
        first = self.room.desk.pane.hung
        if first is None or self.touched:
            return
        study = shelf.study_of(first.series)
        stacks = shelf.study_stacks(study) if study is not None else [first]
        if study is None or first_stays or not self.hang_study(study):
            self.place_stacks(stacks, first, first_stays=first_stays)
        self.signs.select_again()

    def show_study(self, study: Study, stacks: Sequence[Hung]) -> None:
        """Show a study in place of what hangs: as its protocol says, else its first series side by side."""
        if stacks and not self.hang_study(study):
            self.place_stacks(stacks, None, first_stays=False)
        self.signs.select_again()

    def place_stacks(self, stacks: Sequence[Hung], first: Hung | None, *, first_stays: bool) -> None:
        """Hang the stacks that one comes for side by side; `first` hangs in the first viewport already."""
        chosen = sorted(stacks, key=interest)[:MOST_SERIES]
        if first is not None and first_stays and first not in chosen:
            chosen = [first, *chosen[: MOST_SERIES - 1]]
        if first in chosen:  # what is seen already stays where it is
            chosen = [hung for hung in chosen if hung == first] + [hung for hung in chosen if hung != first]
        self.place(*LAYOUTS[len(chosen)], [Placed(hung, middle(hung)) for hung in chosen])

    def clear(self) -> None:
        """Put everything away."""
        self.room.cinema.stop()
        self.room.reformat.close()
        self.room.desk.link(Links())  # nothing of one patient is kept for the next
        self.room.desk.tracks.forget()
        self.room.looks.crossing.forget()
        further = self.room.desk.layout.further
        self.room.desk.lay(Layout.grid(0, 0))
        self.room.drawings.clear()
        self.touched = False
        self.room.looks.empty = True
        self.room.desk.lay(Layout.grid(1, 1).with_windows(further))
        self.fit_grid()
        self.signs.list()
