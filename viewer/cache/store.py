"""The store: what is taken is kept through a power cut, and found again."""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from viewer.cache import ledger
from viewer.cache.arrivals import Arrival, Became, Taken
from viewer.cache.batch import Batch, Transaction
from viewer.cache.databases import INDEX_STEPS, WORK_STEPS, connect, steps, upgrade
from viewer.cache.decide import Known
from viewer.cache.disk import FULL, Disk, sync_files
from viewer.cache.folder import CacheFolder
from viewer.cache.incoming import Incoming, RefusedError, discard, receive
from viewer.cache.ownership import Lock
from viewer.errors import ViewerError

BATCH_FILES = 64
BATCH_SECONDS = 0.25  # of copying; then what is there is made durable


def _never() -> bool:
    return False


class Store:
    """The cache in one folder. One process owns it; any of its threads may use it."""

    def __init__(self, root: Path, *, read_only: bool = False, disk: Disk | None = None) -> None:
        """Open the cache, make it if it is not there. With `read_only` nothing is written and no lock taken.

        Raises OwnedError when another process owns it, ViewerError when it cannot be used.
        """
        self.folder = CacheFolder(root)
        self.read_only = read_only
        self.notices: list[str] = []  # what a person should know about how it was found
        self.needs_rebuild = False
        self._disk = disk or Disk()
        self._idle: list[sqlite3.Connection] = []
        self._pooling = threading.Lock()
        self._writing = threading.Lock()
        self._leases: Counter[str] = Counter()
        self._closed = False
        self._lock: Lock | None = None
        if not read_only:
            self._own()

    def _own(self) -> None:
        with self._in_words():
            self.folder.make()
            self._lock = Lock(self.folder.lock)
            try:
                upgrade(self.folder.index, steps(INDEX_STEPS))
                upgrade(self.folder.work, steps(WORK_STEPS))
            except BaseException:
                self._lock.close()
                raise

    # ------------------------------------------------------------------------------------------ reading
    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection (index.db, and work.db as `work`) that sees one state of the cache to the end.

        Raises ViewerError when the databases cannot be read.
        """
        with self._in_words(), self._connection() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in the one transaction that writes; committed at the end, or rolled back.

        It is not to be entered twice by one thread. Raises ViewerError when nothing can be written.
        """
        if self.read_only:
            raise ViewerError(f"The study cache in {self.folder.root} is open for reading only.")
        with self._in_words(), self._writing, self._connection() as connection, Transaction(connection):
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._pooling:
            if self._closed:
                raise ViewerError("The study cache is closed.")
            connection = self._idle.pop() if self._idle else None
        connection = connection or connect(self.folder, read_only=self.read_only)
        try:
            yield connection
        except BaseException:
            connection.close()  # whatever happened to it, the next one begins anew
            raise
        with self._pooling:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Raise what the disk and the databases raise as a sentence for a person."""
        try:
            yield
        except OSError as error:
            raise ViewerError(_disk_words(self.folder.root, error)) from error
        except sqlite3.DatabaseError as error:
            words = _database_words(self.folder.root, error)
            if not words:
                raise
            raise ViewerError(words) from error

    # ------------------------------------------------------------------------------------------- taking
    def take(self, arrivals: Sequence[Arrival], cancelled: Callable[[], bool] = _never) -> list[Taken]:
        """Keep instances; return what became of each, in order, once all that is kept survives a power cut.

        When `cancelled` says so, what was not begun is FAILED and the rest is kept. Raises ViewerError when
        the cache cannot be written: then what this call did not answer is not promised.
        """
        if self.read_only:
            raise ViewerError(f"The study cache in {self.folder.root} is open for reading only.")
        answers: list[Taken] = []
        with self._in_words():
            while len(answers) < len(arrivals):
                rest = arrivals[len(answers) : len(answers) + BATCH_FILES]
                answers += self._take(rest, cancelled)
        return answers

    def _take(
        self, arrivals: Sequence[Arrival], cancelled: Callable[[], bool], *, copy: bool = False
    ) -> list[Taken]:
        """Keep the first of some instances in one batch; return the answers to as many as it held."""
        with self._connection() as connection:
            known = ledger.known(connection, [arrival.record.sop_instance_uid for arrival in arrivals])
        answers: list[Taken | Incoming] = []
        try:
            until = time.monotonic() + BATCH_SECONDS
            for arrival in arrivals:
                if answers and time.monotonic() > until:
                    break
                answers.append(self._receive(arrival, known, cancelled, copy=copy))
            return self._keep(answers, cancelled)
        finally:
            for answer in answers:
                if isinstance(answer, Incoming):
                    discard(self._disk, answer)

    def _receive(
        self, arrival: Arrival, known: dict[str, Known], cancelled: Callable[[], bool], *, copy: bool
    ) -> Taken | Incoming:
        if cancelled():
            return Taken(Became.FAILED, arrival.record, "it was cancelled")
        try:
            first = known.get(arrival.record.sop_instance_uid)
            return receive(self._disk, self.folder, arrival, first, copy=copy)
        except RefusedError as error:
            return Taken(Became.FAILED, arrival.record, str(error))

    def _keep(self, answers: Sequence[Taken | Incoming], cancelled: Callable[[], bool]) -> list[Taken]:
        incoming = [answer for answer in answers if isinstance(answer, Incoming)]
        sync_files(self._disk, [item.written for item in incoming if item.written is not None])
        with self._writing, self._connection() as connection:
            kept = iter(Batch(self._disk, self.folder, connection).commit(incoming) if incoming else ())
        final: list[Taken] = []
        for answer in answers:
            taken = answer if isinstance(answer, Taken) else next(kept)
            if taken is None and isinstance(answer, Incoming):
                taken = self._take([answer.arrival], cancelled, copy=True)[0]
            if taken is not None:
                final.append(taken)
        return final

    # ------------------------------------------------------------------------------------------- leases
    def lease(self, studies: Iterable[str]) -> None:
        """Keep studies (Study Instance UIDs) from being evicted: they are open in a window."""
        with self._pooling:
            self._leases.update(studies)

    def release(self, studies: Iterable[str]) -> None:
        """Give leases back, one for each that was taken."""
        with self._pooling:
            self._leases.subtract(studies)
            self._leases = +self._leases

    def leased(self) -> frozenset[str]:
        """Return the Study Instance UIDs that are open in a window."""
        with self._pooling:
            return frozenset(self._leases)

    # ------------------------------------------------------------------------------------------ closing
    def close(self) -> None:
        """Close all connections and give the cache up; whoever is writing ends first."""
        with self._writing:
            with self._pooling:
                self._closed = True
                idle, self._idle = self._idle, []
            for connection in idle:
                connection.close()
            if self._lock is not None:
                self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _disk_words(root: Path, error: OSError) -> str:
    """Return what a failing disk means for the cache, in one sentence."""
    if error.errno in FULL:
        return f"The disk of the study cache in {root} is full; free some space and try again."
    reason = error.strerror or "input or output error"
    return f"The study cache in {root} cannot be used: {reason}."


def _database_words(root: Path, error: sqlite3.DatabaseError) -> str:
    """Return what a failing database means, in one sentence; "" for a fault of the program."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    words = {
        sqlite3.SQLITE_FULL: "the disk is full; free some space and try again",
        sqlite3.SQLITE_IOERR: "its disk failed or is full",
        sqlite3.SQLITE_READONLY: "its folder cannot be written",
        sqlite3.SQLITE_CANTOPEN: "its database cannot be opened",
        sqlite3.SQLITE_BUSY: "another program is using its database",
        sqlite3.SQLITE_LOCKED: "another program is using its database",
        sqlite3.SQLITE_CORRUPT: "its database is damaged; `viewer cache rebuild` makes it again",
        sqlite3.SQLITE_NOTADB: "its database is damaged; `viewer cache rebuild` makes it again",
        sqlite3.SQLITE_PERM: "its files belong to somebody else",
    }.get(code)
    return f"The study cache in {root} cannot be used: {words}." if words else ""
