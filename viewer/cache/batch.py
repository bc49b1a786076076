"""One batch made durable: names, then where things came from, then the index; the answer comes after that."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from viewer.cache import ledger
from viewer.cache.arrivals import Became, Source, Taken
from viewer.cache.decide import Known, Verdict, decide
from viewer.cache.disk import Disk, sync_folders
from viewer.cache.folder import CacheFolder
from viewer.cache.incoming import Incoming, presence, sha256_of_link
from viewer.cache.states import State
from viewer.dicom.text import shown_path

REPLACED = (
    "the file that was here is damaged; this one takes its place, and the damaged one is kept beside it"
)
BESIDE = "the same SOP Instance UID as an instance that is here, with other content; that one is shown"


@dataclass(slots=True)
class _Plan:
    """What a batch does, decided before anything is done."""

    place: list[tuple[Incoming, str]] = field(default_factory=list)  # copies that become objects
    entries: list[ledger.Entry] = field(default_factory=list)
    conflicts: list[tuple[str, str, int]] = field(default_factory=list)  # object, UID, bytes
    answers: list[Taken | None] = field(default_factory=list)  # None: it has to be copied first


class Batch:
    """The files of one batch on their way into the cache. One at a time."""

    def __init__(self, disk: Disk, folder: CacheFolder, connection: sqlite3.Connection) -> None:
        self._disk = disk
        self._folder = folder
        self._connection = connection

    def commit(self, incoming: Sequence[Incoming]) -> list[Taken | None]:
        """Keep files whose copies are on the disk already; return what became of each, in order.

        None stands for one that has to be copied before anything can be said. Raises OSError and
        sqlite3.Error; then nothing of the batch was promised, and objects that have their names already are
        adopted by the next start.
        """
        plan = self._plan(incoming)
        now = time.time()
        folders = set()
        for item, sha256 in plan.place:
            target = self._folder.object_path(sha256)
            if item.written is not None:
                self._disk.rename(item.written.path, target)
            folders.add(target.parent)
        sync_folders(self._disk, sorted(folders))
        connection = self._connection
        displaced = ledger.displaced(connection, plan.entries)
        after = now + len(plan.entries) * ledger.TICK
        later = dict(zip((sha256 for sha256, *_ in plan.conflicts), ledger.moments(after), strict=False))
        if plan.entries or plan.conflicts:
            with Transaction(connection):
                ledger.write_work(connection, plan.entries, now)
                for sha256, source in self._beside(incoming, plan):
                    ledger.write_arrival(connection, sha256, source, later[sha256])
            with Transaction(connection):
                touched = ledger.write_index(connection, plan.entries, now)
                for sha256, uid, size in plan.conflicts:
                    ledger.write_conflict(connection, sha256, uid, size, later[sha256])
                touched |= ledger.mark(connection, displaced, State.MISSING)
                ledger.recount(connection, touched)
        return plan.answers

    @staticmethod
    def _beside(incoming: Sequence[Incoming], plan: _Plan) -> list[tuple[str, Source]]:
        """Return the objects that are kept beside the first of their UID, and how they came."""
        new = {sha256 for sha256, _, _ in plan.conflicts}
        return [
            (item.offered.sha256, item.arrival.source)
            for item in incoming
            if item.offered.sha256 is not None and item.offered.sha256 in new
        ]

    def _plan(self, incoming: Sequence[Incoming]) -> _Plan:
        plan = _Plan()
        found = ledger.known(self._connection, [item.uid for item in incoming])
        on_disk = presence(self._folder)
        coming: set[Known] = set()  # what this batch itself brings: not there yet, but surely soon

        def is_there(known: Known) -> bool:
            return known in coming or on_disk(known)

        for item in incoming:
            first = found.get(item.uid)
            verdict = decide(first, item.offered, is_there, sha256_of_link)
            plan.answers.append(self._answer(item, first, verdict, plan))
            if verdict in {Verdict.ADD, Verdict.HEAL, Verdict.REPLACE}:
                entry = plan.entries[-1]
                found[item.uid] = Known(
                    entry.sha256,
                    entry.linked,
                    entry.size,
                    entry.modified_ns,
                    State.WHOLE,
                    item.offered.damaged,
                )
                coming.add(found[item.uid])
        return plan

    def _answer(self, item: Incoming, first: Known | None, verdict: Verdict, plan: _Plan) -> Taken | None:
        record, offered = item.arrival.record, item.offered
        if verdict is Verdict.AGAIN:
            return None
        if verdict is Verdict.SAME and first is not None:
            path = self._folder.path_of(first.sha256, first.linked)
            return Taken(Became.ALREADY_HERE, replace(record, path=path))
        if verdict is Verdict.BESIDE and offered.sha256 is not None:
            plan.place.append((item, offered.sha256))
            plan.conflicts.append((offered.sha256, item.uid, offered.size))
            path = str(self._folder.object_path(offered.sha256))
            return Taken(Became.CONFLICT, replace(record, path=path), _about(record.path, BESIDE))
        return self._kept(item, first, verdict, plan)

    def _kept(self, item: Incoming, first: Known | None, verdict: Verdict, plan: _Plan) -> Taken:
        """Return the answer to an instance that is used from now on."""
        record, offered = item.arrival.record, item.offered
        stays = offered.linked is not None and verdict is not Verdict.HEAL
        sha256 = None if stays else offered.sha256
        linked = offered.linked if stays else None
        if sha256 is not None:
            plan.place.append((item, sha256))
        path = self._folder.path_of(sha256, linked)
        record = replace(record, path=path)
        modified_ns = offered.modified_ns if stays else 0
        entry = ledger.Entry(record, sha256, linked, offered.size, modified_ns, item.arrival.source)
        plan.entries.append(entry)
        reason = ""
        if verdict is Verdict.REPLACE and first is not None and first.state is State.WHOLE and first.damaged:
            reason = _about(item.arrival.record.path, REPLACED)
            if first.sha256 is not None and first.sha256 != sha256:
                plan.conflicts.append((first.sha256, item.uid, first.size))
        became = Became.ALREADY_HERE if verdict is Verdict.HEAL else Became.ADDED
        return Taken(became, record, reason)


class Transaction:
    """One transaction of a connection: BEGIN IMMEDIATE, then COMMIT, or ROLLBACK after an exception."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            try:
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _about(path: str, reason: str) -> str:
    return f"{shown_path(path)}: {reason}"
