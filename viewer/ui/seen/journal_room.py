"""What was drawn is there again when its study is opened, and is said to be."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation
from viewer.cache import journal as rows
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import FrameKey, StudyRecord
from viewer.jobs.queue import Priority
from viewer.ui.intake import Intake
from viewer.ui.room import Room
from viewer.ui.seen.ledger import Ledger
from viewer.viewing.journal import Journal, Reopened, understood
from viewer.viewing.loader import Loader
from viewer.viewing.picture import Picture

NOT_KEPT = "What is drawn here is kept only by saving it (Ctrl+S): "
NO_CACHE = "there is no study cache on this computer."
READ_ONLY = "another window has the study cache."
TOGETHER = 400  # ms in which headers come that are told of at once
NOT_REMEMBERED = "what is opened is not remembered."


class JournalRoom(QObject):
    """Asks for the journal of each study that is opened, and keeps what is drawn."""

    def __init__(
        self,
        room: Room,
        intake: Intake,
        loader: Loader,
        ledger: Ledger | None,
        remembers: Callable[[], bool],
        why_not: str,
    ) -> None:
        """Without a `ledger`, nothing is kept, and `why_not` says why; `remembers`: viewing.journal."""
        super().__init__(intake)
        self._room, self._intake, self._loader, self._ledger = room, intake, loader, ledger
        self._why_not = why_not
        self._told = False  # that nothing is kept
        self._waiting: list[str] = []  # sentences for when the opening has had its say
        self._came: list[Annotation] = []  # and what is still to be said of: images come one after another
        self._unread, self._made_at = 0, 0.0
        self._last: StudyRecord | None = None
        self._newest: FrameKey | None = None  # of the headers that came
        self._telling = QTimer(self, singleShot=True, interval=TOGETHER)
        self._telling.timeout.connect(self._tell_again)
        self.journal: Journal | None = None
        if ledger is not None:
            shelf = lambda: intake.shelf  # noqa: E731  it changes
            self.journal = Journal(room.drawings, shelf, ledger.write_changes, remembers)
            room.desk.listen(self._hung)
        room.drawings.listen(self._edited)
        intake.ended.connect(self._ended)
        intake.cleared.connect(self._cleared)

    # ------------------------------------------------------------------------------------------- what comes
    def _hung(self, number: int) -> None:
        """Ask for what was drawn in a study as soon as an image of it hangs."""
        pane = self._room.desk.panes[number]
        if self.journal is None or pane.hung is None:
            return
        study = pane.hung.series.study
        if study is not self._last:
            self._last = study
            self._want(study)
        if pane.hung.reformat is not None and pane.picture is not None:
            self.journal.seen(pane.picture.description.key)

    def _want(self, study: StudyRecord) -> None:
        key = self.journal.wants(study) if self.journal is not None else None
        if key is not None and self._ledger is not None:
            self._ledger.read(
                lambda store: understood(rows.read(store, key)), lambda found: self._take(key, found)
            )

    def _take(self, key: StudyKey, found: Reopened) -> None:
        if self.journal is not None:
            came = self.journal.take(key, found)
            self._describe(came)
            self._came += came
            self._unread += found.replayed.unread
            self._made_at = max(self._made_at, found.made_at)
            if not self._intake.reading_now:
                self._say_came()

    def _say_came(self) -> None:
        """Say once, of all images that were opened, what came back."""
        words = _words(self._came, self._made_at, self._unread, self._room.drawings.has_saved)
        self._came, self._unread = [], 0
        self._say(words)

    def _ended(self) -> None:
        """Ask for all studies that are open, also those that do not hang."""
        for patient in self._intake.shelf.patients():
            for study in patient.studies:
                self._want(study.record)
        if self.journal is not None:
            later = self.journal.again()
            self._describe(later)
            self._came += later
        self._say_came()
        waiting, self._waiting = self._waiting, []
        for words in waiting:
            self._say(words)

    def _describe(self, came: Iterable[Annotation]) -> None:
        """Have the headers read of images with measurements: their numbers are shown in the list."""
        for frame in dict.fromkeys(shape.frame for shape in came):
            self._loader.request(frame, Priority.THUMBNAIL, self._described, lambda _: None)

    def _described(self, picture: Picture) -> None:
        """Take a header; hundreds may come, and who shows measurements shows all of them anew."""
        self._room.drawings.describe(picture.header)
        self._newest = picture.header.key
        if not self._telling.isActive():
            self._telling.start()

    def _tell_again(self) -> None:
        if self._newest is not None:
            self._room.drawings.tell_again(self._newest)

    def _cleared(self) -> None:
        self._last, self._newest, self._told = None, None, False
        self._telling.stop()
        self._waiting.clear()
        self._came.clear()
        self._unread, self._made_at = 0, 0.0
        if self.journal is not None:
            self.journal.clear()

    def shut(self) -> None:
        """Stop what runs by itself: the program ends."""
        self._telling.stop()

    # ---------------------------------------------------------------------------------------- what is said
    @property
    def new(self) -> int:
        """Return how many annotations are to be asked about: drawn or changed here, and in no state."""
        return self.journal.new if self.journal is not None else self._room.drawings.unsaved

    @property
    def keeps(self) -> bool:
        """Tell whether all that was drawn is kept on this computer."""
        return self.journal is not None and self.journal.keeps

    def _edited(self, edit: Edit) -> None:
        """Say once that what is drawn is not kept."""
        if not self._told and edit.before is None and not self.keeps and self.new:
            self._told = True
            self._say(NOT_KEPT + (self._why_not if self.journal is None else NOT_REMEMBERED))

    def _say(self, words: str) -> None:
        if words and self._intake.reading_now:
            self._waiting.append(words)
        elif words:
            self._intake.say(words, stay=True)


def _words(
    came: Sequence[Annotation], made_at: float, unread: int, has_saved: Callable[[Annotation], bool]
) -> str:
    """Return what came back, and what of the journal could not be read; "" for nothing."""
    parts = []
    count = sum(not has_saved(shape) for shape in came)
    if count:
        when = datetime.fromtimestamp(made_at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
        several = "1 measurement is" if count == 1 else f"{count} measurements are"
        parts.append(f"{several} here again that no presentation state has, last changed {when}.")
    if unread:
        several = "1 entry" if unread == 1 else f"{unread} entries"
        parts.append(f"{several} of this study's journal could not be understood, and stay in it.")
    return " ".join(parts)
