"""One thread that writes small rows into work.db: in order, soon, and nothing is lost without a word."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from itertools import takewhile

from viewer.cache.store import Store
from viewer.errors import ViewerError

Connection = sqlite3.Connection  # for those who hand deeds in: only this package names the database
Deed = Callable[[Connection], object]

SOON = 0.15  # seconds to wait for more: what one hand does in this time shares a flush of the disk
AGAIN = 2.0  # seconds until what could not be written is tried again
LAST_WAIT = 5.0  # seconds that a program that ends waits for its last rows

_log = logging.getLogger(__name__)


class Writer:
    """Takes deeds from any thread and does them in order, several in one transaction; `close` ends it."""

    def __init__(self, store: Store, tell: Callable[[str], object] = str) -> None:
        """`tell` hears, from the thread, why nothing can be written, and "" when it can be again."""
        self._store, self._tell = store, tell
        self._changed = threading.Condition()
        self._waiting: list[Deed] = []
        self._handed_in = 0  # deeds so far
        self._done = 0  # of these, on the disk
        self._tried = 0  # of these, tried at least once
        self._hurry = self._closed = False
        self._trouble = ""
        self._thread: threading.Thread | None = None

    def write(self, deed: Deed) -> None:
        """Have a deed done within the next transaction; after `close` nothing happens. It does not wait."""
        with self._changed:
            if self._closed:
                return
            self._waiting.append(deed)
            self._handed_in += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="work.db", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float = LAST_WAIT) -> bool:
        """Wait until all that was handed in so far is on the disk; tell whether it is."""
        with self._changed:
            until = self._handed_in
            self._tried = self._done
            self._hurry = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: max(self._done, self._tried) >= until, seconds)
            return self._done >= until

    def close(self) -> bool:
        """Write what is left and end the thread; tell whether all of it is on the disk."""
        whole = self.flush()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(LAST_WAIT)
        return whole

    # --------------------------------------------------------------------------------------- its own thread
    def _work(self) -> None:
        while (batch := self._next()) is not None:
            written = self._write(batch)
            with self._changed:
                self._tried = self._done + len(batch)
                del self._waiting[:written]
                self._done += written
                self._changed.notify_all()

    def _next(self) -> list[Deed] | None:
        """Return what is to be written now; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            pause = AGAIN if self._trouble else SOON
            self._changed.wait_for(lambda: self._hurry or self._closed, pause)
            self._hurry = False
            return None if self._closed else list(self._waiting)

    def _write(self, batch: list[Deed]) -> int:
        """Do deeds in one transaction; return how many of them need not be tried again."""
        try:
            with self._store.writing() as connection:
                for deed in batch:
                    deed(connection)
        except ViewerError as error:
            self._say(str(error))
            return 0
        except Exception as error:  # noqa: BLE001  one deed that is wrong must not keep the others out
            if len(batch) > 1:
                return sum(takewhile(bool, (self._write([deed]) for deed in batch)))
            _log.error("A row of work.db could not be made: %s", type(error).__name__)
        self._say("")
        return len(batch)

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._tell(trouble)
