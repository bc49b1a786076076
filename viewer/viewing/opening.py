"""Opening paths: files are found in a job thread, read in worker processes, and told of as they come."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.dicom.scan import find_paths
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import Job, JobQueue, Priority

BATCHES = (1, 4, 16)  # files asked for at once, at first: the first image is wanted soon
BATCH = 48  # and later

Found = InstanceRecord | Refused | Skipped
Prepare = Callable[[Callable[[int, int], None], Callable[[], bool]], list[str]]


class Listener(Protocol):
    """What hears of an opening, on the main thread."""

    def found(self, items: Sequence[Found]) -> None:
        """Take what was just read."""

    def progress(self, words: str) -> None:
        """Take a line that says how far it is."""

    def finished(self, reason: str) -> None:
        """Take that it ended; `reason` is "" or says why it ended early."""


@dataclass(slots=True)
class _Count:
    looked: int = 0
    used: int = 0


class Opening:
    """Reads what the user opens. Several openings may run one after another; each can be cancelled."""

    def __init__(
        self,
        queue: JobQueue,
        pool: DecoderPool,
        post: Callable[[Callable[[], None]], None],
        scratch: Path,
    ) -> None:
        """`scratch` is a private folder into which zips are unpacked; it goes when the program ends."""
        self._queue = queue
        self._pool = pool
        self._post = post
        self._scratch = scratch

    def open(self, paths: Sequence[str], listener: Listener) -> Job:
        """Read files, folders, media and zips; return the job that can be cancelled."""
        return self.prepare(lambda _report, _cancelled: list(paths), listener)

    def prepare(self, prepare: Prepare, listener: Listener) -> Job:
        """Make what is to be opened first (the demonstration studies), then read it."""

        def work(job: Job) -> None:
            def report(done: int, total: int) -> None:
                self._tell(job, lambda: listener.progress(f"Making the demonstration study: {done} of {total} images"))

            roots = prepare(report, lambda: job.cancelled)
            self._read(job, roots, listener)

        return self._queue.submit(
            work,
            priority=Priority.SCAN,
            done=lambda _: listener.finished(""),
            failed=lambda error: listener.finished(str(error)),
        )

    def _read(self, job: Job, roots: Sequence[str], listener: Listener) -> None:
        count = _Count()
        for items in self._batches(job, roots):
            if job.cancelled:
                return
            count.looked += len(items)
            count.used += sum(isinstance(item, InstanceRecord) for item in items)
            words = f"Reading: {count.used} images and documents in {count.looked} files"
            self._tell(job, lambda items=items, words=words: (listener.found(items), listener.progress(words)))  # type: ignore[misc]

    def _batches(self, job: Job, roots: Sequence[str]) -> Iterator[list[Found]]:
        sizes = iter(BATCHES)
        size = next(sizes)
        paths: list[str] = []
        others: list[Found] = []
        for item in find_paths(roots, cancelled=lambda: job.cancelled, scratch=self._scratch):
            if isinstance(item, str):
                paths.append(item)
            else:
                others.append(item)
            if len(paths) >= size:
                yield [*others, *self._index(job, paths)]
                paths, others, size = [], [], next(sizes, BATCH)
        if paths or others:
            yield [*others, *self._index(job, paths)]

    def _index(self, job: Job, paths: list[str]) -> list[Found]:
        if not paths:
            return []
        return self._pool.index(paths, priority=Priority.SCAN, cancelled=lambda: job.cancelled)

    def _tell(self, job: Job, call: Callable[[], object]) -> None:
        self._post(lambda: None if job.cancelled else (call(), None)[1])
