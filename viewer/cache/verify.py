"""Reading back what is kept: bytes that have changed are found, set aside, and never shown unmarked."""

import json
import math
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from viewer.cache import ledger
from viewer.cache.disk import Disk, hash_stream, sync_folders
from viewer.cache.states import State
from viewer.cache.store import Store
from viewer.cache.studies import place_of
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import Refused
from viewer.dicom.text import shown_path

_INSTANCES = """
SELECT sop_instance_uid, object, path, bytes, modified_ns, state FROM main.instance
WHERE state <> :evicting AND (:all OR series IN (SELECT id FROM main.series WHERE study IN
  (SELECT value FROM json_each(:studies))))"""
_CONFLICTS = """
SELECT object, bytes FROM main.conflict WHERE :all OR sop_instance_uid IN (
  SELECT sop_instance_uid FROM main.instance WHERE series IN (
    SELECT id FROM main.series WHERE study IN (SELECT value FROM json_each(:studies))))"""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found. All but `damaged`, `missing` and `unreferenced` is as it was kept."""

    checked: int = 0  # instances and objects in conflict
    of: int = 0  # as many there are
    bytes: int = 0  # that were read
    damaged: int = 0  # their bytes are not those that were kept
    missing: int = 0  # their file is gone, or a file in place has changed
    healed: int = 0  # they were marked, and are whole
    unreferenced: int = 0  # files in obj/ that the index does not know; the next start adopts them
    problems: tuple[Refused, ...] = ()  # each with its reason
    cancelled: bool = False

    @property
    def sound(self) -> bool:
        """Tell whether all that was checked is whole."""
        return not (self.damaged or self.missing)

    def sentences(self) -> tuple[str, ...]:
        """Return what was found, for a person."""
        part = "" if self.checked == self.of else f" of {self.of:,}"
        said = [
            f"{self.checked:,}{part} files were checked; {self.checked - len(self.problems):,} are whole."
        ]
        counts = (
            (self.damaged, "damaged: their bytes have changed on this disk, and they were set aside"),
            (self.missing, "gone, or changed in place"),
            (self.healed, "whole again"),
            (self.unreferenced, "not in the index; the next start takes them in"),
        )
        said += [f"{count:,} {words}." for count, words in counts if count]
        return (*said, "It was stopped before the end.") if self.cancelled else tuple(said)


@dataclass(frozen=True, slots=True)
class _Row:
    """A file that is to be checked."""

    uid: str  # "" for an object in conflict
    sha256: str | None
    linked: bytes | None
    size: int
    modified_ns: int
    state: State


@dataclass(slots=True)
class _Findings:
    checked: int = 0
    bytes: int = 0
    damaged: int = 0
    missing: int = 0
    healed: int = 0


def verify(
    store: Store,
    *,
    keys: Sequence[StudyKey] | None = None,
    part: float = 1.0,
    report: Callable[[int, int], None] = lambda _done, _of: None,
    cancelled: Callable[[], bool] = lambda: False,
    disk: Disk | None = None,
) -> Verified:
    """Read back all objects, or those of some studies, or a random `part` (0 to 1) of them.

    Of files in place only size and time are looked at.

    What is not whole is marked in the index, and damaged objects are moved into quarantine/; with a store
    that is open for reading only it is just said. Raises ViewerError when the cache cannot be read.
    """
    rows, unreferenced = _rows(store, keys)
    chosen = rows if part >= 1 else random.sample(rows, math.ceil(len(rows) * part))
    checker = _Checker(store, disk or Disk())
    problems: list[Refused] = []
    for row in chosen:
        if cancelled():
            break
        reason = checker.check(row)
        if reason:
            problems.append(Refused(shown_path(store.folder.path_of(row.sha256, row.linked)), reason))
        report(checker.found.checked, len(chosen))
    found = checker.found
    return Verified(
        found.checked,
        len(rows),
        found.bytes,
        found.damaged,
        found.missing,
        found.healed,
        unreferenced,
        tuple(problems),
        cancelled=found.checked < len(chosen),
    )


def look_at_links(store: Store, key: StudyKey) -> bool:
    """Look whether the files in place of a study are there and as they were; tell whether anything changed.

    Those that are not are marked, and those that are back are whole again: it takes a moment for thousands,
    and reads none of them. Raises ViewerError when the cache cannot be used.
    """
    if store.read_only:
        return False
    rows, _ = _rows(store, [key])
    checker = _Checker(store, Disk())
    before = [row for row in rows if row.linked is not None]
    changed = [row for row in before if checker.now(row) is not row.state]
    for row in changed:
        checker.check(row)
    return bool(changed)


def _rows(store: Store, keys: Sequence[StudyKey] | None) -> tuple[list[_Row], int]:
    """Return what the index says is there, and how many objects it does not know, where all is looked at."""
    with store.reading() as connection:
        places = [] if keys is None else [place_of(connection, key) for key in keys]
        wanted = {"evicting": State.EVICTING, "all": keys is None, "studies": json.dumps(places)}
        instances = connection.execute(_INSTANCES, wanted).fetchall()
        conflicts = connection.execute(_CONFLICTS, wanted).fetchall()
        evicting = connection.execute("SELECT object FROM main.instance WHERE state = ?", (State.EVICTING,))
        known = {sha256 for (sha256,) in evicting}
    rows = [
        _Row(uid, sha256, linked, size, modified_ns, State(state))
        for uid, sha256, linked, size, modified_ns, state in instances
    ]
    rows += [_Row("", sha256, None, size, 0, State.WHOLE) for sha256, size in conflicts]
    if keys is not None:
        return rows, 0
    known |= {row.sha256 for row in rows}
    return rows, sum(name not in known for name in _names(store.folder.objects))


def _names(objects: Path) -> Sequence[str]:
    names: list[str] = []
    with suppress(OSError):
        for shard in objects.iterdir():
            names += [path.name for path in shard.iterdir()]
    return names


class _Checker:
    """Checks one file at a time and marks what it finds."""

    def __init__(self, store: Store, disk: Disk) -> None:
        self._store = store
        self._disk = disk
        self.found = _Findings()

    def now(self, row: _Row) -> State:
        """Return the state of a file."""
        return self._state(row)[0]

    def check(self, row: _Row) -> str:
        """Return what is wrong with a file in words, "" when it is whole."""
        state, reason = self._state(row, count=True)
        self.found.checked += 1
        self.found.damaged += state is State.DAMAGED
        self.found.missing += state is State.MISSING
        if state is not row.state and not self._store.read_only:
            self._mark(row)
        return reason

    def _state(self, row: _Row, *, count: bool = False) -> tuple[State, str]:
        if row.sha256 is None:
            return self._in_place(row)
        try:
            with self._store.folder.object_path(row.sha256).open("rb") as stream:
                sha256, size = hash_stream(stream)
        except FileNotFoundError:
            if (self._store.folder.quarantine / row.sha256).exists():
                return State.DAMAGED, "its bytes have changed on this disk, and it was set aside"
            return State.MISSING, "it is gone"
        except OSError as error:
            return State.DAMAGED, f"it cannot be read: {error.strerror or 'input error'}"
        self.found.bytes += size if count else 0
        if sha256 == row.sha256:
            return State.WHOLE, ""
        return State.DAMAGED, "its bytes have changed on this disk"

    def _in_place(self, row: _Row) -> tuple[State, str]:
        try:
            status = Path(self._store.folder.path_of(None, row.linked)).stat()
        except OSError as error:
            return State.MISSING, f"it cannot be found or read: {error.strerror or 'input error'}"
        if (status.st_size, status.st_mtime_ns) == (row.size, row.modified_ns):
            return State.WHOLE, ""
        return State.MISSING, "it has changed since it was read"

    def _mark(self, row: _Row) -> None:
        """Mark an instance, after looking again with nobody writing: it may just have come anew."""
        with self._store.writing() as connection:
            if not row.uid:  # an object in conflict
                self._set_aside_if_damaged(row)
                return
            now = ledger.known(connection, [row.uid]).get(row.uid)
            if now is None or (now.sha256, now.linked) != (row.sha256, row.linked):
                return
            state, _ = self._state(row)
            if state is State.DAMAGED and row.sha256 is not None:
                self._set_aside(row.sha256)
            ledger.recount(connection, ledger.mark(connection, [row.uid], state))
        self.found.healed += state is State.WHOLE

    def _set_aside_if_damaged(self, row: _Row) -> None:
        if row.sha256 is not None and self._state(row)[0] is State.DAMAGED:
            self._set_aside(row.sha256)

    def _set_aside(self, sha256: str) -> None:
        source, target = self._store.folder.object_path(sha256), self._store.folder.quarantine / sha256
        with suppress(FileNotFoundError):
            self._disk.rename(source, target)
            sync_folders(self._disk, [target.parent, source.parent])
