"""Making room: what was opened least recently goes first, and never what a person would miss."""

import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from viewer.cache.disk import Disk
from viewer.cache.folder import CacheFolder
from viewer.cache.protection import EVERY, YOUNGEST_MINUTES, Candidate, Moment, Reason, candidates
from viewer.cache.removal import remove, settle
from viewer.cache.store import Store

GIB = 1 << 30
_FLOOR = 2 * GIB  # bytes that others on the disk may need at any moment
_FLOOR_PART = 0.05  # of a disk: a file system that is fuller becomes slow
_MAX_PART = 0.5  # of what the disk could give: the other half is for everybody else
_UNITS = ("bytes", "KB", "MB", "GB", "TB")
_STEP = 1000

# In the trash a person has said that a study may go, also when it exists nowhere else.
_IN_TRASH = EVERY - {Reason.ORIGIN, Reason.YOUNG}
_SIZES = """
SELECT (SELECT coalesce(sum(bytes), 0) FROM main.instance WHERE object IS NOT NULL)
     + (SELECT coalesce(sum(bytes), 0) FROM main.conflict)"""


@dataclass(frozen=True, slots=True)
class Space:
    """The disk of the cache, in bytes."""

    used: int  # by the cache
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the cache may take."""

    max_bytes: int
    floor_free_bytes: int  # what must stay free on its disk, whoever takes the rest
    youngest_minutes: float = YOUNGEST_MINUTES

    @classmethod
    def of(cls, space: Space) -> "Limits":
        """Return the limits where nobody set any: half of what is free or ours, and a floor."""
        return cls(
            max_bytes=int((space.free + space.used) * _MAX_PART),
            floor_free_bytes=max(_FLOOR, int(space.total * _FLOOR_PART)),
        )

    def needed(self, space: Space) -> int:
        """Return how many bytes must go."""
        return max(space.used - self.max_bytes, self.floor_free_bytes - space.free, 0)


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What was removed to make room."""

    needed: int = 0  # bytes, at first
    freed: int = 0
    studies: int = 0
    from_trash: int = 0  # studies that had been deleted before
    thumbs: int = 0  # small pictures, which are made again
    protected: tuple[tuple[Reason, int], ...] = ()  # studies that had to stay; one may have several reasons
    cancelled: bool = False

    @property
    def short(self) -> int:
        """Return how many bytes are still to go."""
        return max(self.needed - self.freed, 0)

    def sentences(self) -> tuple[str, ...]:
        """Return what was done and what was not, for a person; it names no patient."""
        if not self.needed:
            return ("There is room enough; nothing was removed.",)
        done = [
            f"{count:,} {name}"
            for count, name in (
                (self.from_trash, "from the trash"),
                (self.studies, "that had not been opened for longest"),
            )
            if count
        ]
        what = f"; studies removed: {', '.join(done)}" if done else ""
        said = [f"{in_words(self.freed)} of {in_words(self.needed)} were freed{what}."]
        if self.cancelled:
            said.append("It was stopped before the end.")
        if self.short:
            said.append(f"{in_words(self.short)} more should go, but what is left must stay.")
        said += [f"{_studies(count)} {reason.value}." for reason, count in self.protected]
        return tuple(said)


@dataclass(slots=True)
class _Progress:
    """What has been done so far."""

    needed: int
    report: Callable[[int, int], None]  # bytes freed, bytes needed
    cancelled: Callable[[], bool]
    freed: int = 0
    studies: int = 0
    from_trash: int = 0
    thumbs: int = 0
    kept: Counter[Reason] = field(default_factory=Counter)

    def is_done(self) -> bool:
        return self.freed >= self.needed or self.cancelled()

    def add(self, size: int) -> None:
        self.freed += size
        self.report(min(self.freed, self.needed), self.needed)


def space(connection: sqlite3.Connection, folder: CacheFolder) -> Space:
    """Return what the cache takes and what its disk has. Raises OSError."""
    disk = shutil.disk_usage(folder.root)
    used = int(connection.execute(_SIZES).fetchone()[0])
    return Space(used + sum(size for _, size in _thumbs(folder)), disk.free, disk.total)


def choose(found: Iterable[Candidate], needed: int) -> list[Candidate]:
    """Return the studies to remove so that `needed` bytes are free, the least recently used first.

    Fewer bytes where what is left is protected; none that frees nothing. Pure.
    """
    chosen: list[Candidate] = []
    freed = 0
    able = [one for one in found if one.bytes and not one.reasons]
    for one in sorted(able, key=lambda one: (one.last_used, one.key.study_instance_uid, one.key.patient)):
        if freed >= needed:
            break
        chosen.append(one)
        freed += one.bytes
    return chosen


def trim(
    store: Store,
    limits: Limits,
    *,
    report: Callable[[int, int], None] = lambda _freed, _needed: None,
    cancelled: Callable[[], bool] = lambda: False,
    now: float | None = None,
    disk: Disk | None = None,
) -> Trimmed:
    """Make room until the limits are kept: the trash goes first, then thumbnails, then studies.

    Raises ViewerError when the cache cannot be written.
    """
    settle(store, disk)
    at = time.time() if now is None else now
    with store.reading() as connection:
        needed = limits.needed(space(connection, store.folder))
    progress = _Progress(needed, report, cancelled)
    moment = Moment(at, store.leased(), limits.youngest_minutes)
    remover = _Remover(store, moment, progress, disk)
    progress.from_trash = remover.remove(deleted=True, unless=_IN_TRASH)
    _drop_thumbs(store.folder, progress)
    progress.studies = remover.remove(deleted=False, unless=EVERY)
    return Trimmed(
        needed=needed,
        freed=progress.freed,
        studies=progress.studies,
        from_trash=progress.from_trash,
        thumbs=progress.thumbs,
        protected=tuple((reason, progress.kept[reason]) for reason in Reason if progress.kept[reason]),
        cancelled=cancelled(),
    )


def in_words(size: int) -> str:
    """Return a number of bytes as a person reads it, in powers of 1,000."""
    value = float(size)
    for unit in _UNITS[:-1]:
        if value < _STEP:
            return f"{value:.0f} {unit}" if unit == _UNITS[0] else f"{value:.1f} {unit}"
        value /= _STEP
    return f"{value:.1f} {_UNITS[-1]}"


@dataclass(frozen=True, slots=True)
class _Remover:
    """Removes studies until enough is free."""

    store: Store
    moment: Moment
    progress: _Progress
    disk: Disk | None

    def remove(self, *, deleted: bool, unless: frozenset[Reason]) -> int:
        """Remove studies of the trash or of the list; return how many."""
        progress, count = self.progress, 0
        if progress.is_done():
            return 0
        with self.store.reading() as connection:
            found = [
                replace(one, reasons=one.reasons & unless)
                for one in candidates(connection, self.moment)
                if one.deleted is deleted
            ]
        for one in found:
            progress.kept.update(one.reasons)
        for one in choose(found, progress.needed - progress.freed):
            if progress.is_done():
                break
            removed = remove(self.store, one.key, unless, self.moment, self.disk)
            progress.kept.update(removed.kept_for)
            progress.add(removed.bytes)
            count += not removed.kept_for
        return count


def _drop_thumbs(folder: CacheFolder, progress: _Progress) -> None:
    for path, size in _thumbs(folder):
        if progress.is_done():
            return
        try:
            path.unlink()
        except OSError:
            continue
        progress.thumbs += 1
        progress.add(size)


def _thumbs(folder: CacheFolder) -> Sequence[tuple[Path, int]]:
    """Return the small pictures and their sizes in bytes, in no particular order."""
    found = []
    try:
        for path in folder.thumbs.rglob("*"):
            status = path.lstat()
            if path.is_file() and not path.is_symlink():
                found.append((path, status.st_size))
    except OSError:
        return found
    return found


def _studies(count: int) -> str:
    return f"{count:,} studies stay because they are" if count != 1 else "1 study stays because it is"
