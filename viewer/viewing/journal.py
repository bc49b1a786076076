"""What is drawn is written down gesture by gesture, and is there again when the study is opened again.

What the reader draws and changes is written; what only comes from a presentation state is there already and
comes from it again. Restored annotations are a beginning, not an edit: undo stops at them.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation
from viewer.cache.journal import Entry, Kept
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import FrameKey, StudyRecord
from viewer.dicom.tree import patient_key
from viewer.viewing.drawings import Drawings
from viewer.viewing.journal_text import Replayed, replayed, row_text
from viewer.viewing.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written; its text is made by who writes it, on another thread."""

    what: Edit | tuple[Annotation, ...]  # an edit, or what a presentation state has now
    made_at: float  # seconds since 1970

    @property
    def entry(self) -> Entry:
        """Return the row."""
        return Entry(row_text(self.what), self.made_at)


Write = Callable[[StudyKey, Sequence[Change]], object]


@dataclass(frozen=True, slots=True)
class Reopened:
    """What the journal has of a study, read and understood in a job."""

    replayed: Replayed
    in_cache: bool = False
    made_at: float = 0.0  # seconds since 1970, of the last row


@dataclass(slots=True)
class _Book:
    """One study that is open."""

    asked: bool = False  # for its rows
    read: bool = False  # they are; until then, what is drawn waits
    in_cache: bool = False
    known: set[str] = field(default_factory=set)  # UIDs that have rows
    held: list[Change] = field(default_factory=list)  # rows of a study that is not to be remembered
    restored: dict[str, Annotation] = field(default_factory=dict)
    later: tuple[Annotation, ...] = ()  # on frames that are not open, and on planes


def understood(kept: Kept) -> Reopened:
    """Return what the rows of a study come to. Pure; for a job."""
    last = kept.entries[-1].made_at if kept.entries else 0.0
    return Reopened(replayed([entry.text for entry in kept.entries]), kept.in_cache, last)


def key_of(study: StudyRecord) -> StudyKey:
    """Return which study of which patient a record is."""
    return StudyKey(study.study_instance_uid, patient_key(study.patient))


class Journal:
    """Hears every edit, and gives what was drawn before back. Main thread only; it asks no database."""

    def __init__(
        self,
        drawings: Drawings,
        shelf: Callable[[], Shelf],
        write: Write,
        remembers: Callable[[], bool],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`write` takes rows and does not wait; `remembers` tells whether what is opened is remembered.

        Where it is not, only what is in the cache on purpose is written down; the rest is held in memory and
        goes with the window.
        """
        self._drawings, self._shelf, self._write = drawings, shelf, write
        self._remembers, self._now = remembers, now
        self._books: dict[StudyKey, _Book] = {}
        self._restoring = False
        drawings.listen_by_study(self._heard, self._saved)

    # -------------------------------------------------------------------------------------------- opening
    def wants(self, study: StudyRecord) -> StudyKey | None:
        """Return the key of a study whose rows are to be read; None where they were asked for."""
        key = key_of(study)
        book = self._books.setdefault(key, _Book())
        if book.asked:
            return None
        book.asked = True
        return key

    def take(self, key: StudyKey, found: Reopened) -> tuple[Annotation, ...]:
        """Restore what was drawn; return what came back. A study that was closed since stays closed."""
        book = self._books.get(key)
        if book is None or book.read:
            return ()
        book.read, book.in_cache = True, found.in_cache
        book.known |= found.replayed.known
        book.later = found.replayed.annotations
        with self._quietly():
            self._drawings.saved(found.replayed.saved)
        self._release(key, book)
        return self._restore(key, book)

    def again(self) -> tuple[Annotation, ...]:
        """Restore what is on images that came since; return it."""
        return tuple(shape for key, book in self._books.items() for shape in self._restore(key, book))

    def seen(self, frame: FrameKey) -> None:
        """Restore what is on a plane that is seen now."""
        for key, book in self._books.items():
            if any(shape.frame == frame for shape in book.later):
                self._restore(key, book, frame)

    def _restore(self, key: StudyKey, book: _Book, seen: FrameKey | None = None) -> tuple[Annotation, ...]:
        def is_here(shape: Annotation) -> bool:
            return shape.frame == seen or self._shelf().instance(shape.frame.sop_instance_uid) is not None

        here = [shape for shape in book.later if is_here(shape)]
        if not here:
            return ()
        book.later = tuple(shape for shape in book.later if shape not in here)
        with self._quietly():
            new = self._drawings.of(key.study_instance_uid).restore(here)
        book.restored |= {shape.uid: shape for shape in new}
        return new

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Write nothing of what changes meanwhile: it comes from the journal."""
        self._restoring = True
        try:
            yield
        finally:
            self._restoring = False

    def clear(self) -> None:
        """Forget what is open: it was closed."""
        self._books.clear()

    # -------------------------------------------------------------------------------------------- writing
    def _heard(self, study_instance_uid: str, edit: Edit) -> None:
        shape = edit.after or edit.before
        if self._restoring or shape is None or edit.before == edit.after:
            return
        key = self._key(study_instance_uid, shape.frame)
        book = self._books.setdefault(key, _Book())
        if shape.uid not in book.known:
            if edit.before is None and self._drawings.has_saved(shape):
                return  # it comes from a presentation state, and will again
            if edit.before is not None and self._drawings.has_saved(edit.before):
                self._append(key, book, (edit.before,))
            book.known.add(shape.uid)
        self._append(key, book, edit)

    def _saved(self, shapes: Sequence[Annotation]) -> None:
        """Write down that a state has annotations that were written down."""
        if self._restoring:
            return
        for key, book in self._books.items():
            own = tuple(shape for shape in shapes if shape.uid in book.known)
            if own:
                self._append(key, book, own)

    def _append(self, key: StudyKey, book: _Book, what: Edit | tuple[Annotation, ...]) -> None:
        book.held.append(Change(what, self._now()))
        self._release(key, book)

    def _release(self, key: StudyKey, book: _Book) -> None:
        """Write what is held, where the study is one that is remembered."""
        if book.held and book.read and (book.in_cache or self._remembers()):
            self._write(key, tuple(book.held))
            book.held.clear()

    def _key(self, study_instance_uid: str, frame: FrameKey) -> StudyKey:
        """Return the study of the patient whose frame it is; a plane is of the study that is open."""
        record = self._shelf().instance(frame.sop_instance_uid)
        if record is not None:
            return key_of(record.series.study)
        same = (key for key in self._books if key.study_instance_uid == study_instance_uid)
        return next(same, StudyKey(study_instance_uid, ()))

    # -------------------------------------------------------------------------------------------- leaving
    @property
    def new(self) -> int:
        """Return how many annotations are new or changed since they were opened, and are in no state."""
        restored = {uid: shape for book in self._books.values() for uid, shape in book.restored.items()}
        return sum(
            not self._drawings.has_saved(shape) and restored.get(shape.uid) != shape
            for shape in self._drawings.annotations
        )

    @property
    def keeps(self) -> bool:
        """Tell whether all that was drawn is written down."""
        return not any(book.held for book in self._books.values())
