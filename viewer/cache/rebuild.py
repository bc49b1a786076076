"""Making the index again from the objects: into a new file that takes the old one's place when it is whole.

Nothing is ever deleted: the old index stays beside the new one, and a file that cannot be read stays where it
is and is named.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from viewer.cache import ledger
from viewer.cache.arrivals import Source
from viewer.cache.batch import Transaction
from viewer.cache.databases import INDEX_STEPS, WORK_STEPS, connect, steps, upgrade
from viewer.cache.disk import Disk
from viewer.cache.folder import CacheFolder, is_sha256
from viewer.cache.orphans import FOUND, Index
from viewer.cache.ownership import Lock
from viewer.cache.rows import SELECT_INSTANCES, instance_of
from viewer.cache.states import State
from viewer.dicom.records import InstanceRecord, Refused
from viewer.dicom.text import shown_path
from viewer.errors import ViewerError

_BATCH = 256  # files given to the reader of headers at a time
_OTHERS = ("-wal", "-shm", "-journal")  # files that belong to a database


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What is in the new index."""

    instances: int = 0
    conflicts: int = 0
    backup: Path | None = None  # the index before; None where there was none, or nothing was changed
    problems: tuple[Refused, ...] = ()  # files that could not be read; they stay
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    """A file of which the index is to know."""

    path: str
    sha256: str | None
    linked: bytes | None
    source: Source
    at: float  # seconds since 1970: when it came
    beside: bool = False  # the old index says that another one of its UID is shown


@dataclass(slots=True)
class _Old:
    """What only the old index knows, where it can still be read."""

    conflicts: set[str] = field(default_factory=set)
    lost: list[tuple[ledger.Entry, State]] = field(default_factory=list)  # their files are gone or damaged


def rebuild(
    root: Path,
    index: Index,
    *,
    report: Callable[[int, int], None] = lambda _done, _of: None,
    cancelled: Callable[[], bool] = lambda: False,
    disk: Disk | None = None,
) -> Rebuilt:
    """Make index.db again from all objects, files in place and what work.db knows of them.

    `index` reads the headers of files and answers for each path. Raises OwnedError while another process has
    the cache, ViewerError when it cannot be done; then the old index is as it was.
    """
    folder = CacheFolder(root)
    new = root / "index.new.db"
    with _in_words(root):
        folder.make()
        with closing(Lock(folder.lock)):
            try:
                done = _make(folder, new, index, report, cancelled)
                if not done.cancelled:
                    if done.problems:  # they may just not have been readable: the next start looks again
                        folder.clean.unlink(missing_ok=True)
                    done = replace(done, backup=_swap(folder, new, disk or Disk()))
            finally:
                _drop(new)
    return done


@contextmanager
def _in_words(root: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ViewerError(
            f"The index of the study cache in {root} cannot be made again: {reason}."
        ) from error


def _make(
    folder: CacheFolder,
    new: Path,
    index: Index,
    report: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> Rebuilt:
    """Write the new index and close it."""
    upgrade(folder.work, steps(WORK_STEPS))
    _drop(new)
    upgrade(new, steps(INDEX_STEPS))
    old = _old(folder)
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS work", (str(folder.work),))
        connection.execute("PRAGMA main.journal_mode = DELETE")  # one file, which can be renamed
        connection.execute("PRAGMA main.synchronous = OFF")  # it is flushed as a whole, before it counts
        files = _files(connection, folder, old)
        found, problems = _headers(files, index, report, cancelled)
        if cancelled():
            return Rebuilt(cancelled=True)
        with Transaction(connection):
            _write(connection, found, old)
        instances, conflicts = connection.execute(
            "SELECT (SELECT count(*) FROM main.instance), (SELECT count(*) FROM main.conflict)"
        ).fetchone()
    return Rebuilt(instances, conflicts, problems=tuple(problems))


def _old(folder: CacheFolder) -> _Old:
    """Return what the old index knows; nothing where it is gone or garbage."""
    old = _Old()
    if not folder.index.exists():
        return old
    with suppress(sqlite3.Error, ValueError, TypeError, KeyError), closing(connect(folder)) as connection:
        old.conflicts = {sha256 for (sha256,) in connection.execute("SELECT object FROM main.conflict")}
        states = connection.execute(
            "SELECT sop_instance_uid, object, path, bytes, modified_ns, state FROM main.instance"
        ).fetchall()
        for uid, sha256, linked, size, modified_ns, state in states:
            if os.path.lexists(folder.path_of(sha256, linked)):
                continue
            row = connection.execute(f"{SELECT_INSTANCES} WHERE sop_instance_uid = ?", (uid,)).fetchone()
            record = instance_of(row, folder)
            kept = State.DAMAGED if state == State.DAMAGED else State.MISSING
            old.lost.append((ledger.Entry(record, sha256, linked, size, modified_ns, FOUND), kept))
    return old


def _files(connection: sqlite3.Connection, folder: CacheFolder, old: _Old) -> list[_File]:
    """Return all objects and all files in place, in the order in which they came."""
    arrivals = {
        sha256: (Source(words, bool(origin)), at)
        for sha256, words, origin, at in connection.execute("SELECT * FROM work.arrival")
    }
    found = []
    for shard in sorted(folder.objects.iterdir()):
        for path in sorted(shard.iterdir()) if shard.is_dir() else ():
            if is_sha256(path.name) and folder.object_path(path.name) == path:
                source, at = arrivals.get(path.name, (FOUND, path.stat().st_mtime))
                found.append(_File(str(path), path.name, None, source, at, path.name in old.conflicts))
    for linked, source, at in connection.execute("SELECT path, source, linked_at FROM work.link"):
        found.append(_File(os.fsdecode(linked), None, linked, Source(source, origin=False), at))
    return sorted(found, key=lambda file: (file.at, file.beside, file.path))


def _headers(
    files: Sequence[_File],
    index: Index,
    report: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> tuple[list[tuple[_File, InstanceRecord]], list[Refused]]:
    """Read all headers; return the instances in the order of the files, and what is none."""
    found: list[tuple[_File, InstanceRecord]] = []
    problems: list[Refused] = []
    waiting = iter(files)
    while (batch := list(islice(waiting, _BATCH))) and not cancelled():
        outcomes = {outcome.path: outcome for outcome in index([file.path for file in batch])}
        again = [file.path for file in batch if not isinstance(outcomes.get(file.path), InstanceRecord)]
        if again:  # the reader may have failed, and not the file
            outcomes |= {outcome.path: outcome for outcome in index(again)}
        for file in batch:
            outcome = outcomes.get(file.path)
            if isinstance(outcome, InstanceRecord):
                found.append((file, outcome))
            else:
                reason = outcome.reason if outcome is not None else "it could not be read"
                problems.append(Refused(shown_path(file.path), reason))
        report(len(found) + len(problems), len(files))
    return found, problems


def _write(connection: sqlite3.Connection, found: Sequence[tuple[_File, InstanceRecord]], old: _Old) -> None:
    """Write all rows in the order in which the files came, so that studies begin as they began."""
    shown = _shown(found)
    replaced: dict[str, _File] = {}  # damaged ones, shown until a whole one came
    touched: set[int] = set()
    for file, record in found:
        uid = record.sop_instance_uid
        if file.sha256 is not None and file.source is FOUND:
            ledger.write_arrival(connection, file.sha256, file.source, file.at)
        is_shown = shown.get(uid) is file
        until = not is_shown and bool(record.note) and uid not in replaced
        if is_shown or (until and _comes_later(shown.get(uid), file)):
            touched |= ledger.write_index(connection, [_entry(file, record)], file.at)
            if is_shown:
                _beside(connection, replaced.get(uid), uid)
            replaced[uid] = file
        else:
            _beside(connection, file, uid)
    for entry, state in old.lost:
        uid = entry.record.sop_instance_uid
        if uid not in shown:
            touched |= ledger.write_index(connection, [entry], _added(connection, entry))
            ledger.mark(connection, [uid], state)
    ledger.recount(connection, sorted(touched))


def _shown(found: Sequence[tuple[_File, InstanceRecord]]) -> dict[str, _File]:
    """Return which file is shown of each instance: the first, but a whole one before a damaged one.

    What the old index knew comes before that. One that was beside another is not shown because the other
    is lost or was removed: it stays beside, until somebody imports it again.
    """
    shown: dict[str, _File] = {}
    for file, record in sorted(found, key=lambda one: (one[0].beside, bool(one[1].note))):
        if not file.beside:
            shown.setdefault(record.sop_instance_uid, file)
    return shown


def _comes_later(shown: _File | None, file: _File) -> bool:
    return shown is not None and shown.at > file.at


def _entry(file: _File, record: InstanceRecord) -> ledger.Entry:
    return ledger.Entry(record, file.sha256, file.linked, *_size(file), file.source)


def _beside(connection: sqlite3.Connection, file: _File | None, uid: str) -> None:
    """Write down that an object has the UID of another that is shown."""
    if file is not None and file.sha256 is not None:
        ledger.write_conflict(connection, file.sha256, uid, _size(file)[0], file.at)


def _size(file: _File) -> tuple[int, int]:
    """Return the bytes of a file and, of one in place, its time in nanoseconds."""
    status = Path(file.path).stat()
    return status.st_size, status.st_mtime_ns if file.linked is not None else 0


def _added(connection: sqlite3.Connection, entry: ledger.Entry) -> float:
    row = connection.execute(
        "SELECT arrived_at FROM work.arrival WHERE object = ?1 "
        "UNION ALL SELECT linked_at FROM work.link WHERE path = ?2",
        (entry.sha256, entry.linked),
    ).fetchone()
    return float(row[0]) if row else 0.0


def _swap(folder: CacheFolder, new: Path, disk: Disk) -> Path | None:
    """Put the new index in the place of the old one; return where the old one is now.

    At every moment there is an index: the old one gets a second name first.
    """
    descriptor = disk.open(new)
    try:
        disk.sync(descriptor)
    finally:
        disk.close(descriptor)
    backup = None
    if folder.index.exists():
        _fold_log(folder.index)
        backup = _free_name(folder.root)
        try:
            backup.hardlink_to(folder.index)
        except OSError:  # not every file system has links
            shutil.copy2(folder.index, backup)
        for other in _OTHERS:  # of one that was no database: a new one must not find them
            with suppress(FileNotFoundError):
                disk.rename(
                    folder.root / f"{folder.index.name}{other}", backup.with_name(backup.name + other)
                )
    disk.rename(new, folder.index)
    disk.sync_folder(folder.root)
    return backup


def _fold_log(database: Path) -> None:
    """Write what is in the log of a database into it, where it is one."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _free_name(root: Path) -> Path:
    number = 1
    while (root / f"index.bak-{number}.db").exists():
        number += 1
    return root / f"index.bak-{number}.db"


def _drop(new: Path) -> None:
    """Remove a new index that was not finished."""
    for other in ("", *_OTHERS):
        with suppress(OSError):
            new.with_name(new.name + other).unlink(missing_ok=True)
