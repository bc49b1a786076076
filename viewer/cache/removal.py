"""Removing a study for good, in two phases, so that no moment in between is a riddle.

First its instances are committed as evicting; then their objects are renamed into trash/, their rows go, and
then the files. What is interrupted before the rows are gone is made whole again by `settle`. Files that stay
in place are only forgotten.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from viewer.cache import ledger, seen
from viewer.cache.disk import Disk, sync_folders
from viewer.cache.folder import CacheFolder, is_sha256
from viewer.cache.protection import Moment, Reason, reasons
from viewer.cache.states import State
from viewer.cache.store import Store
from viewer.cache.studies import patient_text, place_of
from viewer.cache.study_list import StudyKey

_OF_STUDY = "series IN (SELECT id FROM main.series WHERE study = :study)"
# An object that something else refers to stays: a conflict, or an instance that is not on its way out.
_OBJECTS = f"""
SELECT DISTINCT object, bytes FROM main.instance
WHERE {_OF_STUDY} AND state = :evicting AND object IS NOT NULL
AND object NOT IN (SELECT object FROM main.conflict)
AND NOT EXISTS (SELECT 1 FROM main.instance AS other
    WHERE other.object = instance.object AND other.sop_instance_uid <> instance.sop_instance_uid)"""  # noqa: S608
_LINKS = f"""
SELECT path FROM main.instance
WHERE {_OF_STUDY} AND state = :evicting AND path IS NOT NULL"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of a study that was to be removed."""

    bytes: int = 0
    objects: int = 0
    links: int = 0  # files that stay in place and were forgotten
    kept_for: frozenset[Reason] = frozenset()  # why it was not removed


def remove(
    store: Store, key: StudyKey, unless: frozenset[Reason], moment: Moment, disk: Disk | None = None
) -> Removed:
    """Remove a study and its objects, unless one of some reasons holds for it.

    What holds is asked again here, within the transaction: since it was chosen, a study may have been
    opened or annotated. Raises ViewerError; then `settle` ends what was begun.
    """
    disk = disk or Disk()
    with store.writing() as connection:
        place = place_of(connection, key)
        if place is None:
            return Removed()
        why = _why(store, connection, moment, place) & unless
        if why:
            return Removed(kept_for=why)
        connection.execute(
            f"UPDATE main.instance SET state = :evicting WHERE {_OF_STUDY}",  # noqa: S608
            {"study": place, "evicting": State.EVICTING},
        )
    with store.writing() as connection:
        why = _why(store, connection, moment, place) & unless & {Reason.OPEN}
        if why:  # opened in the moment between
            _spare(connection, place)
            return Removed(kept_for=why)
        removed, files = _forget(store, connection, place, disk)
        _drop_facts(connection, key)
    _unlink(disk, files)
    return removed


def settle(store: Store, disk: Disk | None = None) -> int:
    """Undo removals that were interrupted, and unlink the files of those that were not undone.

    Returns how many instances are whole again. Raises ViewerError.
    """
    disk = disk or Disk()
    with store.writing() as connection:
        found = connection.execute(
            "SELECT sop_instance_uid, object, path FROM main.instance WHERE state = ?", (State.EVICTING,)
        ).fetchall()
        for _, sha256, _ in found:
            _bring_back(store.folder, sha256, disk)
        there = {uid for uid, sha256, path in found if Path(store.folder.path_of(sha256, path)).exists()}
        touched = ledger.mark(connection, sorted(there), State.WHOLE)
        touched |= ledger.mark(connection, [uid for uid, _, _ in found if uid not in there], State.MISSING)
        ledger.recount(connection, touched)
        left_over = [path for path in store.folder.trash.iterdir() if is_sha256(path.name)]
    _unlink(disk, left_over)
    return len(there)


def _bring_back(folder: CacheFolder, sha256: str | None, disk: Disk) -> None:
    """Rename an object that was on its way out to its name in obj/."""
    if sha256 is None or folder.object_path(sha256).exists():
        return
    with suppress(FileNotFoundError):
        disk.rename(folder.trash / sha256, folder.object_path(sha256))
        sync_folders(disk, [folder.object_path(sha256).parent])


def _why(store: Store, connection: sqlite3.Connection, moment: Moment, place: int) -> frozenset[Reason]:
    now = Moment(moment.now, store.leased(), moment.youngest_minutes)
    return reasons(connection, now, place).get(place, frozenset())


def _spare(connection: sqlite3.Connection, place: int) -> None:
    connection.execute(
        f"UPDATE main.instance SET state = :whole WHERE {_OF_STUDY} AND state = :evicting",  # noqa: S608
        {"study": place, "whole": State.WHOLE, "evicting": State.EVICTING},
    )


def _forget(
    store: Store, connection: sqlite3.Connection, place: int, disk: Disk
) -> tuple[Removed, list[Path]]:
    """Move the objects of a study into the trash and remove its rows; return the files to unlink.

    What came again since it was marked is whole, and stays.
    """
    values = {"study": place, "evicting": State.EVICTING}
    objects = connection.execute(_OBJECTS, values).fetchall()
    links = connection.execute(_LINKS, values).fetchall()
    files, folders = [], {store.folder.trash}
    for sha256, _ in objects:
        source, target = store.folder.object_path(sha256), store.folder.trash / sha256
        with suppress(FileNotFoundError):
            disk.rename(source, target)
            files.append(target)
            folders.add(source.parent)
    sync_folders(disk, sorted(folders))
    connection.execute(f"DELETE FROM main.instance WHERE {_OF_STUDY} AND state = :evicting", values)  # noqa: S608
    connection.executemany("DELETE FROM work.arrival WHERE object = ?", [(sha256,) for sha256, _ in objects])
    connection.executemany("DELETE FROM work.link WHERE path = ?", links)
    ledger.recount(connection, [place])
    return Removed(sum(size for _, size in objects), len(objects), len(links)), files


def _drop_facts(connection: sqlite3.Connection, key: StudyKey) -> None:
    if place_of(connection, key) is None:
        connection.execute(
            "DELETE FROM work.study_fact WHERE study_instance_uid = ? AND patient_key = ?",
            (key.study_instance_uid, patient_text(key.patient)),
        )
        seen.forget(connection, key)


def _unlink(disk: Disk, files: Iterable[Path]) -> None:
    for path in files:
        with suppress(OSError):  # it is out of the cache already; the next time it is tried again
            disk.unlink(path)
