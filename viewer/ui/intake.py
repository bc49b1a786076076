"""What is opened: on the shelf and in the rail as it is read; the first image is hung at once."""

from collections import deque
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.dicom.records import InstanceRecord
from viewer.dicom.text import printable
from viewer.jobs.queue import Job
from viewer.ui.furniture import Furniture
from viewer.ui.panels.problem_panel import Problem
from viewer.ui.rail import rail_nodes
from viewer.ui.reading import Reading
from viewer.viewing.loader import Loader
from viewer.viewing.opening import Fetch, Found, Opening, Prepare
from viewer.viewing.shelf import Shelf

REFRESH = 150  # ms between two looks of the rail at a shelf that fills
MOST_TOLD = 20  # files named one by one on standard error
SAID = 6000  # ms that a message stays
LATER = "It is opened when what is being read is done …"


class Intake(QObject):
    """Hears what an opening finds (viewing.opening.Listener)."""

    began = Signal()  # an opening: the images are what one wants to see
    ended = Signal()  # an opening
    cleared = Signal()  # nothing is open any more
    read = Signal(
        object, object
    )  # what was opened by its path: the paths, and the InstanceRecords found there
    told = Signal(str)  # a sentence for standard error: what could not be opened, and why

    def __init__(self, opening: Opening, loader: Loader, furniture: Furniture, parent: QObject) -> None:
        super().__init__(parent)
        self.shelf = Shelf()
        self.complaint = ""  # why nothing could be opened, or not all of it, in words
        self.reading: Reading | None = None  # it needs the shelf, and is made after
        self._opening, self._loader, self._furniture = opening, loader, furniture
        self._job: Job | None = None
        self._next: deque[Callable[[], object]] = deque()  # openings that wait for the one under way
        self._hung_first = False
        self._told = 0  # of the refused files
        self._first_stays = False  # what hangs first was asked for by name
        self._paths: tuple[str, ...] = ()  # of an opening by path that is under way
        self._records: list[InstanceRecord] = []  # that it found
        self._refreshing = QTimer(self, singleShot=True, interval=REFRESH)
        self._refreshing.timeout.connect(self._refresh)
        self._said = ""
        self._hushing = QTimer(self, singleShot=True, interval=SAID)
        self._hushing.timeout.connect(lambda: furniture.unsay(self._said))

    @property
    def busy(self) -> bool:
        """Tell whether something is being read, or is not in the rail yet."""
        return self._job is not None or self._refreshing.isActive()

    @property
    def reading_now(self) -> bool:
        """Tell whether an opening is under way."""
        return self._job is not None

    def later(self, call: Callable[[], object]) -> None:
        """Open something when what is being read is done."""
        self._next.append(call)
        self.progress(LATER)

    def open_paths(self, paths: Sequence[str]) -> None:
        """Read files, folders, media and zips, and show them as they come; one opening after the other."""
        if self._job is not None:
            self.later(lambda: self.open_paths(paths))
            return
        self._begin(lambda: self._opening.open(paths, self))
        self._paths = tuple(paths)

    def open_prepared(self, prepare: Prepare) -> None:
        """Make something to open first, then open it."""
        if self._job is not None:
            self.later(lambda: self.open_prepared(prepare))
            return
        self._begin(lambda: self._opening.prepare(prepare, self))

    def open_known(self, fetch: Fetch, first_stays: bool) -> None:  # noqa: FBT001  said by its only caller
        """Open instances that are known already; with `first_stays` the first is asked for by name."""
        if self._job is not None:
            self.later(lambda: self.open_known(fetch, first_stays))
            return
        self._begin(lambda: self._opening.known(fetch, self))
        self._first_stays = first_stays

    def grow(self, records: Sequence[InstanceRecord]) -> None:
        """Add instances to what is open."""
        self._opening.extend(records, self)

    def stop(self) -> None:
        """Stop an opening and those that wait for it; what was read stays."""
        self._next.clear()
        if self._job is not None:
            self._job.cancel()
            self.finished("Reading was stopped; what was read so far is in the list.")

    def clear(self) -> None:
        """Forget everything that was opened."""
        self.stop()
        self._opening.forget()
        self.shelf, self._hung_first, self.complaint, self._told = Shelf(), False, "", 0
        self._refresh()
        self.say("")
        self.cleared.emit()

    def _begin(self, start: Callable[[], Job]) -> None:
        """Begin an opening: there is one at a time."""
        self.complaint, self._first_stays, self._paths, self._records = "", False, (), []
        self.began.emit()
        self._set_empty(empty=False)
        self.progress("Reading …")
        self._job = start()

    def found(self, items: Sequence[Found]) -> None:
        """Take what was just read; the first image is hung at once."""
        records = [item for item in items if isinstance(item, InstanceRecord)]
        self._loader.add(records)
        if self._paths:
            self._records += records
        stacks = self.shelf.add(items)
        if self.reading is not None:
            self.reading.regrow(stacks)
            if stacks and not self._hung_first:
                self._hung_first = True
                self.reading.hang(stacks[0])
        if not self._refreshing.isActive():
            self._refreshing.start()

    def progress(self, words: str) -> None:
        """Say how far an opening is."""
        self._furniture.say(words, busy=True, answer="Stop", answered=self.stop)

    def finished(self, reason: str) -> None:
        """Take the end of an opening."""
        self._job = None
        self._refresh()
        self.complaint = reason if len(self.shelf) else self._nothing(reason)
        if not len(self.shelf):
            self._set_empty(empty=True)
        self.say(self.complaint or _summary(self.shelf), stay=bool(self.complaint))
        self._tell()
        if self.reading is not None:
            self.reading.opened(self.shelf, first_stays=self._first_stays)
        paths, records, self._paths, self._records = self._paths, self._records, (), []
        if records:
            self.read.emit(paths, records)
        self.ended.emit()
        if self._next and self._job is None:
            self._next.popleft()()

    def _tell(self) -> None:
        """Tell of every file that could not be used; of very many, of the first ones and their number."""
        new = self.shelf.refused[self._told :]
        self._told = len(self.shelf.refused)
        if self.complaint:
            self.told.emit(self.complaint)
        elif new:
            for item in new[:MOST_TOLD]:
                self.told.emit(f"{printable(item.path)}: {item.reason}")
            if len(new) > MOST_TOLD:
                self.told.emit(f"{_files(len(new) - MOST_TOLD)} more could not be used")

    def say(self, words: str, *, stay: bool = False) -> None:
        """Show a sentence in the bar; it goes after a while unless it is to stay."""
        self._furniture.say(words, busy=False)
        self._said = words
        self._hushing.stop()
        if words and not stay:
            self._hushing.start()

    def shut(self) -> None:
        """Stop without a word: the program ends."""
        self._next.clear()
        if self._job is not None:
            self._job.cancel()
        self._opening.forget()
        self._refreshing.stop()
        self._hushing.stop()

    def _nothing(self, reason: str) -> str:
        if reason:
            return reason
        if self.shelf.refused:
            first = self.shelf.refused[0]
            return f"Nothing could be opened. {printable(first.path)}: {first.reason}"
        count = len(self.shelf.skipped)
        if count:
            return f"No DICOM image was found: {_files(count)} looked at."
        return "No files were found there."

    def _set_empty(self, *, empty: bool) -> None:
        if self.reading is not None:
            self.reading.room.looks.empty = empty
            self.reading.room.looks.complaint = self.complaint
            self.reading.refresh()

    def _refresh(self) -> None:
        """Show the shelf in the rail, and its problems."""
        self._furniture.rail.set_tree(rail_nodes.nodes(self.shelf))
        problems = [Problem(printable(item.path), item.reason) for item in self.shelf.unused]
        self._furniture.set_problems(problems)
        if self.reading is not None:
            self.reading.signs.mark()


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _summary(shelf: Shelf) -> str:
    unread = len(shelf.refused)
    problems = f"; {_files(unread)} could not be used" if unread else ""
    return f"{_files(len(shelf))} opened{problems}"
