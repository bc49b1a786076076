"""Importing: files are found, read in worker processes, and kept in batches that survive a power cut."""

import shutil
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice, repeat
from pathlib import Path

from viewer.cache.arrivals import Arrival, Became, Keep, Source, Taken
from viewer.cache.mounts import is_on_fixed_disk
from viewer.cache.store import BATCH_FILES, Store
from viewer.dicom.archive import is_zip
from viewer.dicom.dicomdir import MediaDirectory
from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.dicom.scan import as_named, find_paths, in_words
from viewer.dicom.text import shown_path
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.indexing import indexed
from viewer.jobs.queue import Priority
from viewer.jobs.workers import CancelledError

FIRST_BATCHES = (4, 16)  # the first results are wanted soon

Found = InstanceRecord | Refused | Skipped
_Batch = tuple[int, list[Arrival]]  # and which one it is


def _nothing(_: object) -> None:
    pass


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class How:
    """How things are imported."""

    scratch: Path  # a private folder into which zips are unpacked
    keep: Keep | None = None  # COPY or LINK; None: as `how_to_keep` says of each path
    source: Source | None = None  # None: named after each path
    floor_bytes: int = 0  # what must stay free on the disk of the cache
    priority: int = Priority.SCAN


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is."""

    looked: int = 0  # files
    added: int = 0  # instances that were not here
    bytes: int = 0  # of the files that were looked at


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears of an import, from the thread that does it."""

    taken: Callable[[Sequence[Taken]], object] = _nothing  # a batch that is durable
    progress: Callable[[Progress], object] = _nothing
    cancelled: Callable[[], bool] = _never  # may be asked from any thread


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of all that was to be imported. Paths are as a person knows them."""

    added: int = 0
    already_here: int = 0
    bytes: int = 0  # of the instances that are here now
    conflicts: tuple[Refused, ...] = ()
    failed: tuple[Refused, ...] = ()  # instances that could not be kept
    refused: tuple[Refused, ...] = ()  # files that look like DICOM and cannot be used
    skipped: tuple[Skipped, ...] = ()  # files of other kinds
    stopped: str = ""  # why it ended early, in a sentence
    cancelled: bool = False


@dataclass(slots=True)
class _Count:
    looked: int = 0
    added: int = 0
    already_here: int = 0
    bytes: int = 0
    kept_bytes: int = 0
    conflicts: list[Refused] = field(default_factory=list)
    failed: list[Refused] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def how_to_keep(path: str) -> Keep:
    """Return how files of a path are kept: in place on a disk that stays, else copied; zips are copied."""
    if is_zip(path) or not is_on_fixed_disk(path):
        return Keep.COPY
    return Keep.LINK


def import_paths(
    paths: Sequence[str], store: Store, pool: DecoderPool, how: How, hearing: Hearing | None = None
) -> ImportReport:
    """Import files, folders, media and zips; return what became of each file.

    Instances are told of, batch by batch, once they survive a power cut; what was told stays when the import
    is cancelled or fails later. A failure of the cache (its disk is full) ends the import and is said in
    `stopped`.
    """
    importing = _Importing(store, pool, how, hearing or Hearing())
    for path in paths:
        if not importing.ended():
            importing.root(path)
    return importing.report()


class _Turns:
    """Batches are copied at once and committed one after another: of two files of one UID the first stays."""

    def __init__(self) -> None:
        self._given = 0
        self._ended: set[int] = set()
        self._turn = 0
        self._changed = threading.Condition()

    def next(self) -> int:
        """Return the number of a batch, from 0; each one has to `end`."""
        self._given += 1
        return self._given - 1

    def wait(self, number: int) -> None:
        """Return when all batches before this one have ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._turn >= number)

    def end(self, number: int) -> None:
        """Say that a batch has ended, however it did."""
        with self._changed:
            self._ended.add(number)
            while self._turn in self._ended:
                self._ended.discard(self._turn)
                self._turn += 1
            self._changed.notify_all()


class _Importing:
    """One import under way."""

    def __init__(self, store: Store, pool: DecoderPool, how: How, hearing: Hearing) -> None:
        self._store = store
        self._pool = pool
        self._how = how
        self._hearing = hearing
        self._shown: dict[str, str] = {}  # what a person calls a file that was unpacked
        self._count = _Count()
        self._stopped = ""  # why nothing more can be kept
        self._turns = _Turns()

    def ended(self) -> bool:
        """Tell whether nothing more is to be read."""
        return bool(self._stopped) or self._hearing.cancelled()

    def root(self, root: str) -> None:
        """Import one path. What was begun when the import ends early is still told of."""
        keep = self._how.keep or how_to_keep(root)
        if is_zip(root):
            keep = Keep.COPY  # what is unpacked goes
        source = self._how.source or Source(source_words(root, keep), origin=True)
        found = find_paths(
            [root],
            cancelled=self.ended,
            scratch=self._how.scratch,
            shown=self._shown,
            read_directory=self._directory,
        )
        with (
            closing(self._arrivals(root, found, source, keep)) as batches,
            closing(indexed(batches, self._take)) as kept,
        ):
            for ((_, batch),), answers in kept:
                self._tell(batch, answers)

    def _directory(self, path: str) -> MediaDirectory:
        return self._pool.directory(path, priority=self._how.priority)

    def _arrivals(
        self, root: str, found: Iterator[str | Found], source: Source, keep: Keep
    ) -> Generator[list[_Batch], None, None]:
        """Yield instances as they are found, in batches, each a list of one."""
        with closing(indexed(_cut(found), self._index)) as outcomes:
            for _, batch in outcomes:
                arrivals = []
                for outcome, identity in batch:
                    self._count.looked += 1
                    self._count.bytes += identity[0] if identity else 0
                    named = as_named(outcome, [root])
                    if isinstance(named, InstanceRecord):
                        arrivals.append(Arrival(named, source, keep, identity))
                    else:
                        self._other(named)
                yield [(self._turns.next(), arrivals)]

    def _index(self, batch: Sequence[str | Found]) -> list[tuple[Found, tuple[int, int] | None]]:
        """Read the headers of a batch; beside each outcome, which file it was then."""
        if self.ended():
            return []
        paths = [item for item in batch if isinstance(item, str)]
        identities = [_identity(path) for path in paths]
        try:
            outcomes = self._pool.index(paths, priority=self._how.priority, cancelled=self.ended)
        except CancelledError:
            return []
        others = [(item, None) for item in batch if not isinstance(item, str)]
        return [*others, *zip(outcomes, identities, strict=True)]

    def _take(self, batch: Sequence[_Batch]) -> list[Taken]:
        """Keep a batch; nothing of it when the import has ended."""
        ((number, arrivals),) = batch
        try:
            return self._kept(arrivals, lambda: self._turns.wait(number))
        except ViewerError as error:
            self._stopped = self._stopped or str(error)
            return []
        finally:
            self._turns.end(number)

    def _kept(self, arrivals: Sequence[Arrival], before_commit: Callable[[], None]) -> list[Taken]:
        if self.ended():
            return []
        coming = sum(one.identity[0] for one in arrivals if one.identity and one.keep is not Keep.LINK)
        if coming:
            check_room(self._store.folder.root, coming, self._how.floor_bytes)
        return self._store.take(arrivals, self._hearing.cancelled, before_commit)

    def _tell(self, batch: Sequence[Arrival], answers: Sequence[Taken]) -> None:
        told = []
        for arrival, answer in zip(batch, answers, strict=False):  # a batch that was given up has none
            taken = self._in_words(arrival, answer)
            if taken.became is Became.FAILED and self._hearing.cancelled():
                continue  # it was not begun
            told.append(taken)
            self._note(arrival, taken)
            if arrival.record.path in self._shown:
                with suppress(OSError):  # the scratch folder goes at the end, too
                    Path(arrival.record.path).unlink()
        if told:
            self._hearing.taken(told)
        self._hearing.progress(Progress(self._count.looked, self._count.added, self._count.bytes))

    def _note(self, arrival: Arrival, taken: Taken) -> None:
        count, path = self._count, self._name(arrival.record.path)
        reason = taken.reason.removeprefix(f"{shown_path(path)}: ")
        if taken.became is Became.FAILED:
            count.failed.append(Refused(path, reason))
            return
        count.kept_bytes += arrival.identity[0] if arrival.identity else 0
        if taken.became is Became.CONFLICT:
            count.conflicts.append(Refused(path, reason))
        elif taken.became is Became.ADDED:
            count.added += 1
        else:
            count.already_here += 1

    def _in_words(self, arrival: Arrival, taken: Taken) -> Taken:
        """Return an answer whose reason names the file as a person knows it."""
        path = arrival.record.path
        if not taken.reason or path not in self._shown:
            return taken
        return replace(taken, reason=taken.reason.replace(shown_path(path), self._shown[path]))

    def _name(self, path: str) -> str:
        return self._shown.get(path, path)

    def _other(self, item: Refused | Skipped) -> None:
        named = in_words(item, self._shown)
        if isinstance(named, Refused):
            self._count.refused.append(named)
        elif isinstance(named, Skipped):
            self._count.skipped.append(named)

    def report(self) -> ImportReport:
        """Return what became of all."""
        count = self._count
        return ImportReport(
            added=count.added,
            already_here=count.already_here,
            bytes=count.kept_bytes,
            conflicts=tuple(count.conflicts),
            failed=tuple(count.failed),
            refused=tuple(count.refused),
            skipped=tuple(count.skipped),
            stopped=self._stopped,
            cancelled=self._hearing.cancelled(),
        )


def check_room(root: Path, coming: int, floor_bytes: int) -> None:
    """Raise ViewerError when `coming` bytes would leave less on the cache's disk than others may need."""
    if not floor_bytes:
        return
    try:
        free = shutil.disk_usage(root).free
    except OSError as error:
        reason = error.strerror or "input or output error"
        raise ViewerError(f"The study cache in {root} cannot be used: {reason}.") from None
    if free - coming < floor_bytes:
        raise ViewerError(
            f"The import was stopped: less than {floor_bytes / 1e9:.1f} GB would be left on the"
            f" disk of the study cache in {root}; free some space or trim the cache."
        )


def source_words(root: str, keep: Keep) -> str:
    """Return where files come from, as a person says it."""
    name = shown_path(Path(root).name or root)
    if is_zip(root):
        return f"archive {name}"
    if Path(root).name.upper().startswith("DICOMDIR"):
        return f"medium {shown_path(Path(root).absolute().parent.name or root)}"
    kind = "file" if Path(root).is_file() else "folder"
    return f"{kind} {name}" if keep is Keep.LINK else f"copy of {kind} {name}"


def _identity(path: str) -> tuple[int, int] | None:
    """Return the size and modification time (ns) of a file; None when it cannot be told."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def _cut(found: Iterator[str | Found]) -> Iterator[list[str | Found]]:
    for size in chain(FIRST_BATCHES, repeat(BATCH_FILES)):
        batch = list(islice(found, size))
        if not batch:
            return
        yield batch
