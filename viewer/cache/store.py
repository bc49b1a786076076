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
from viewer.cache.connections import Connections
from viewer.cache.decide import Known
from viewer.cache.disk import Disk, sync_files, sync_folders
from viewer.cache.folder import CacheFolder
from viewer.cache.incoming import Incoming, RefusedError, discard, receive
from viewer.cache.mounts import network_of, synced_by
from viewer.cache.orphans import Index, returning
from viewer.cache.ownership import Door, Lock
from viewer.cache.recovery import empty_tmp, mark_clean, reconcile, start
from viewer.cache.trouble import databases_in_words, disk_in_words, place_words
from viewer.errors import ViewerError

BATCH_FILES = 64
BATCH_SECONDS = 0.25  # of copying; then what is there is made durable


def _never() -> bool:
    return False


class Store:
    """The cache in one folder. One process owns it; any of its threads may use it."""

    def __init__(
        self, root: Path, *, read_only: bool = False, look_later: bool = False, disk: Disk | None = None
    ) -> None:
        """Open the cache, make it if it is not there. With `read_only` nothing is written and no lock taken.

        After a bad end all files are looked at, which takes seconds for 100,000; with `look_later` that is
        left to who opens it, while `unlooked` is true: `reconcile`.
        Raises OwnedError when another process owns it, ViewerError when it cannot be used.
        """
        self.folder = CacheFolder(root)
        self.read_only = read_only
        self.notices: list[str] = []  # what a person should know about how it was found
        self.needs_rebuild = False
        self._disk = disk or Disk()
        self._connections = Connections(self.folder)
        self._leasing = threading.Lock()
        self._writing = threading.Lock()
        self._leases: Counter[str] = Counter()
        self._lock: Lock | None = None
        self._door: Door | None = None
        self.unlooked = False  # files and index may not agree: `reconcile` is due
        self._untidy = False  # something did not end: the next start is to look at everything
        self.orphans: tuple[str, ...] = ()  # objects that no row tells of, as far as is known; see `adopt`
        if read_only:
            self._connections.read_only = True
            with self.reading():  # it can be read, or this raises
                return
        self._own(look_later=look_later)

    def _own(self, *, look_later: bool) -> None:
        refusal, warning = place_words(
            self.folder.root, network_of(str(self.folder.root)), synced_by(str(self.folder.root.absolute()))
        )
        if refusal:
            raise ViewerError(refusal)
        self.notices += [warning] if warning else []
        with disk_in_words(self.folder.root):
            sync_folders(self._disk, self.folder.make())
            self._lock = Lock(self.folder.lock)
        try:
            with disk_in_words(self.folder.root), databases_in_words(self.folder.root):
                found = start(self.folder, self._disk)
                self.notices += found.notices
                self.needs_rebuild = found.needs_rebuild
                self.read_only = self._connections.read_only = found.newer
                if not found.newer:
                    empty_tmp(self.folder, self._disk)
            self.unlooked = not found.clean and not found.newer
            if self.unlooked and not look_later:
                self.reconcile()
        except BaseException:
            self._give_up()
            raise

    # ------------------------------------------------------------------------------------------ reading
    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection (index.db, and work.db as `work`) that sees one state of the cache to the end.

        Raises ViewerError when the databases cannot be read.
        """
        with databases_in_words(self.folder.root), self._connections.lend() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in the one transaction that writes; committed at the end, or rolled back.

        It is not to be entered twice by one thread. Raises ViewerError when nothing can be written, also for
        an OSError of what is done within it: files of the cache are renamed only here.
        """
        self._refuse_if_read_only()
        with (
            disk_in_words(self.folder.root),
            databases_in_words(self.folder.root),
            self._writing,
            self._minding(),
            self._connections.lend() as connection,
            Transaction(connection),
        ):
            yield connection

    @contextmanager
    def _minding(self) -> Iterator[None]:
        """Remember that what was begun did not end: files may have names of which no row tells."""
        try:
            yield
        except BaseException:
            self._untidy = True
            raise

    def _refuse_if_read_only(self) -> None:
        if self.read_only:
            raise ViewerError(f"The study cache in {self.folder.root} is open for reading only.")

    # ------------------------------------------------------------------------------------------- taking
    def take(
        self,
        arrivals: Sequence[Arrival],
        cancelled: Callable[[], bool] = _never,
        before_commit: Callable[[], object] = _never,
    ) -> list[Taken]:
        """Keep instances; return what became of each, in order, once all that is kept survives a power cut.

        When `cancelled` says so, what was not begun is FAILED and the rest is kept. `before_commit` is called
        when a batch is copied and may wait, so that threads that copy at once commit in turn. Raises
        ViewerError when the cache cannot be written: then what this call did not answer is not promised.
        """
        self._refuse_if_read_only()
        answers: list[Taken] = []
        with disk_in_words(self.folder.root), databases_in_words(self.folder.root):
            while len(answers) < len(arrivals):
                rest = arrivals[len(answers) : len(answers) + BATCH_FILES]
                answers += self._take(rest, cancelled, before_commit)
        return answers

    def _take(
        self,
        arrivals: Sequence[Arrival],
        cancelled: Callable[[], bool],
        before_commit: Callable[[], object] = _never,
        *,
        copy: bool = False,
    ) -> list[Taken]:
        """Keep the first of some instances in one batch; return the answers to as many as it held."""
        with self._connections.lend() as connection:
            known = ledger.known(connection, [arrival.record.sop_instance_uid for arrival in arrivals])
        answers: list[Taken | Incoming] = []
        try:
            until = time.monotonic() + BATCH_SECONDS
            for arrival in arrivals:
                if answers and time.monotonic() > until:
                    break
                answers.append(self._receive(arrival, known, cancelled, copy=copy))
            files = [answer.written for answer in answers if isinstance(answer, Incoming) and answer.written]
            sync_files(self._disk, files)
            before_commit()
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
        with self._writing, self._minding(), self._connections.lend() as connection:
            kept = iter(Batch(self._disk, self.folder, connection).commit(incoming) if incoming else ())
        final: list[Taken] = []
        for answer in answers:
            if isinstance(answer, Taken):
                final.append(answer)
                continue
            taken = next(kept)
            if taken is None:
                taken = self._take([answer.arrival], cancelled, copy=True)[0]
            elif answer.written is not None and not answer.ours:
                self._disk.unlink(answer.written.path)  # it was handed in, and is not needed any more
            final.append(taken)
        return final

    # ---------------------------------------------------------------------------------------- recovering
    def reconcile(self) -> None:
        """Mark instances whose object is gone, and look for objects that no row tells of (`orphans`).

        Done at each start after one that did not end in good order. Raises ViewerError.
        """
        with disk_in_words(self.folder.root), self.writing() as connection:
            self.orphans = reconcile(connection, self.folder)
        self.unlooked = False

    def adopt(self, index: Index, cancelled: Callable[[], bool] = _never) -> list[Taken]:
        """Put objects that no row tells of back into the index; `index` reads headers (DecoderPool.index).

        An object that is not what its name says goes into quarantine; one that is no instance stays where it
        is. Raises ViewerError.
        """
        answers: list[Taken] = []
        with disk_in_words(self.folder.root), databases_in_words(self.folder.root):
            while self.orphans and not cancelled():
                some, rest = self.orphans[:BATCH_FILES], self.orphans[BATCH_FILES:]
                with self._connections.lend() as connection:
                    found, unread = returning(self._disk, self.folder, connection, some, index)
                self._untidy = self._untidy or bool(unread)  # the next start tries again
                with self._writing, self._minding(), self._connections.lend() as connection:
                    kept = Batch(self._disk, self.folder, connection).commit(found)
                answers += [taken for taken in kept if taken is not None]
                self.orphans = rest
        self.needs_rebuild = self.needs_rebuild and bool(self.orphans)
        return answers

    # ------------------------------------------------------------------------------------------- leases
    def lease(self, studies: Iterable[str]) -> None:
        """Keep studies (Study Instance UIDs) from being evicted: they are open in a window."""
        with self._leasing:
            self._leases.update(studies)

    def release(self, studies: Iterable[str]) -> None:
        """Give leases back, one for each that was taken."""
        with self._leasing:
            self._leases.subtract(studies)
            self._leases = +self._leases

    def leased(self) -> frozenset[str]:
        """Return the Study Instance UIDs that are open in a window."""
        with self._leasing:
            return frozenset(self._leases)

    # ------------------------------------------------------------------------------------------ closing
    def listen(self, on_words: Callable[[list[str]], None]) -> None:
        """Call `on_words`, from a thread of its own, with what a second start hands over; until `close`.

        Raises ViewerError when it cannot be listened.
        """
        with disk_in_words(self.folder.root):
            self._door = self._door or Door(self.folder.root, on_words)

    def close(self) -> None:
        """Close all connections and give the cache up; whoever is writing ends first."""
        if self._door is not None:
            self._door.close()
        with self._writing:
            if not self._connections.close():
                return
            if not (self.read_only or self.unlooked or self.orphans or self.needs_rebuild or self._untidy):
                mark_clean(self.folder, self._disk)
            self._give_up()

    def _give_up(self) -> None:
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
