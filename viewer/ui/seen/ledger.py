"""Has work.db written and read for one window: every call of the database is made on another thread."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QObject

from viewer.cache import journal, seen
from viewer.cache.store import Store
from viewer.cache.study_list import StudyKey
from viewer.cache.writer import Connection, Writer
from viewer.errors import ViewerError
from viewer.jobs.queue import JobQueue, Priority
from viewer.ui.bridge import MainThread
from viewer.viewing.journal import Change
from viewer.viewing.seen import SeenFrames

T = TypeVar("T")

AGAIN = "What is drawn is kept on this computer again."
FAULT = "What was drawn before could not be read: a fault of the program."


class Ledger(QObject):
    """What the window knows of work.db."""

    def __init__(self, store: Store, queue: JobQueue, say: Callable[[str], None], parent: QObject) -> None:
        """`say` gets why nothing can be kept, in a sentence, and that it can again."""
        super().__init__(parent)
        self._store, self._queue, self._say = store, queue, say
        self._main = MainThread(self)
        self._writer = Writer(store, lambda trouble: self._main.post(lambda: self._tell(trouble)))

    def write_changes(self, key: StudyKey, changes: Sequence[Change]) -> None:
        """Add rows to the journal."""
        self._writer.write(
            lambda connection: journal.append(connection, key, [change.entry for change in changes])
        )

    def write_seen(self, found: Sequence[tuple[StudyKey, SeenFrames]]) -> None:
        """Replace what is known of series."""
        now = time.time()

        def put(connection: Connection) -> None:
            for key, frames in found:
                seen.put(connection, key, frames.row, now)

        if found:
            self._writer.write(put)

    def read(self, work: Callable[[Store], T], done: Callable[[T], None]) -> None:
        """Have something read that knows of all that was written until now."""

        def read() -> T:
            self._writer.flush()
            return work(self._store)

        self._queue.submit(
            lambda _: read(),
            priority=Priority.NEXT,
            done=done,
            failed=lambda error: self._say(str(error) if isinstance(error, ViewerError) else FAULT),
        )

    def shut(self) -> None:
        """Write the rest: the program ends."""
        self._writer.close()

    def _tell(self, trouble: str) -> None:
        self._say(f"What is drawn cannot be kept: {trouble}" if trouble else AGAIN)
