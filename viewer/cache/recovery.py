"""What a start does: databases made, checked or moved aside, and index and files brought to agree again."""

import json
import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from viewer.cache import ledger
from viewer.cache.databases import (
    INDEX_STEPS,
    WORK_STEPS,
    NewerVersionError,
    is_garbage,
    is_sound,
    steps,
    upgrade,
)
from viewer.cache.disk import Disk
from viewer.cache.folder import SHARDS, CacheFolder, is_sha256
from viewer.cache.states import State


@dataclass(slots=True)
class Start:
    """How the cache was found."""

    clean: bool = True  # it was shut down in good order
    newer: bool = False  # a newer program wrote it: it may only be read
    needs_rebuild: bool = False  # objects are here that the index knows nothing of
    notices: list[str] = field(default_factory=list)  # for a person


def start(folder: CacheFolder, disk: Disk) -> Start:
    """Make or check the databases of a cache that this process owns. Raises OSError and sqlite3.Error."""
    found = Start(clean=folder.clean.exists())
    fresh_work = _opened(folder.work, steps(WORK_STEPS), found)
    fresh_index = _opened(folder.index, steps(INDEX_STEPS), found)
    if found.newer:
        return found
    if found.clean:
        disk.unlink(folder.clean)
        disk.sync_folder(folder.root)  # a mark that came back after a power cut would be a lie
    if fresh_index and next(objects(folder), None) is not None:
        found.needs_rebuild = True
        found.clean = False
        found.notices.append(
            f"The index of the study cache in {folder.root} is new, and its images are not in it yet:"
            " `viewer cache rebuild` finds them again."
        )
    if fresh_work and not fresh_index:
        found.notices.append(
            f"The file {folder.work} was missing or damaged: annotations that were not saved as objects,"
            " and what was still to be sent, may be in a backup of it."
        )
    return found


def _opened(path: Path, scripts: tuple[str, ...], found: Start) -> bool:
    """Bring a database up to date, moved aside when it is garbage; tell whether it is a new one."""
    try:
        if found.clean or not path.exists() or is_sound(path):
            return upgrade(path, scripts) == 0
    except NewerVersionError:
        found.newer = True
        found.notices.append(
            f"The study cache in {path.parent} was written by a newer Negatoscope;"
            " it is opened for reading only, and nothing in it is changed."
        )
        return False
    except sqlite3.DatabaseError as error:
        if not is_garbage(error):
            raise
    moved = _aside(path)
    found.notices.append(
        f"The database {path} was damaged; it was moved to {moved.name} and a new one was made."
    )
    return upgrade(path, scripts) == 0


def _aside(path: Path) -> Path:
    """Move a database and its log to a name that is free; nothing is ever deleted."""
    number = 1
    while (target := path.with_name(f"{path.name}.bak-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(target.with_name(target.name + suffix))
    path.rename(target)
    return target


def empty_tmp(folder: CacheFolder, disk: Disk) -> None:
    """Remove what was being written when the last owner ended. Raises OSError."""
    with os.scandir(folder.tmp) as entries:
        left = [Path(entry.path) for entry in entries if not entry.is_dir(follow_symlinks=False)]
    for path in left:
        disk.unlink(path)


def objects(folder: CacheFolder) -> Iterator[str]:
    """Yield the SHA-256 of each file in obj/, by name only. Raises OSError."""
    for shard in SHARDS:
        with os.scandir(folder.objects / shard) as entries:
            for entry in entries:
                if is_sha256(entry.name) and entry.name.startswith(shard):
                    yield entry.name


def reconcile(connection: sqlite3.Connection, folder: CacheFolder) -> tuple[str, ...]:
    """Mark the instances whose object is gone, and those that came back; return the objects without a row.

    Those are in the order in which they came, as far as work.db knows: of two of one UID the first is shown
    again. Within a transaction. Instances on their way out are left to whoever removes them. Raises OSError.
    """
    here = set(objects(folder))
    gone, back = [], []
    rows = connection.execute("SELECT sop_instance_uid, object, state FROM instance WHERE object IS NOT NULL")
    known = set()
    for uid, sha256, state in rows:
        known.add(sha256)
        if sha256 not in here and state in {State.WHOLE, State.DAMAGED}:
            gone.append(uid)
        elif sha256 in here and state == State.MISSING:
            back.append(uid)
    touched = ledger.mark(connection, gone, State.MISSING) | ledger.mark(connection, back, State.WHOLE)
    ledger.recount(connection, touched)
    known.update(sha256 for (sha256,) in connection.execute("SELECT object FROM conflict"))
    strays = sorted(here - known)
    arrived = dict(
        connection.execute(
            "SELECT object, arrived_at FROM work.arrival WHERE object IN (SELECT value FROM json_each(?))",
            (json.dumps(strays),),
        )
    )
    return tuple(sorted(strays, key=lambda sha256: arrived.get(sha256, math.inf)))


def mark_clean(folder: CacheFolder, disk: Disk) -> None:
    """Leave the mark of a shutdown in good order; without it the next start looks at everything."""
    with suppress(OSError):
        descriptor = disk.create(folder.clean)
        try:
            disk.sync(descriptor)
        finally:
            disk.close(descriptor)
