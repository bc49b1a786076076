"""Opening paths: files are found in a job thread, read in worker processes, and told of as they come."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, pairwise, repeat
from pathlib import Path
from typing import Protocol

from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.dicom.scan import as_named, find_paths, in_words
from viewer.dicom.text import shown_path
from viewer.dicom.tree import Library
from viewer.jobs.decode import DecoderPool
from viewer.jobs.indexing import indexed
from viewer.jobs.queue import Job, JobQueue, Priority

BATCHES = (1, 4, 16, 48)  # files asked for at once, at first: the first image is wanted soon
BATCH = 128  # and later: a hundredth of a second of a worker
FIRST_KNOWN, KNOWN = 64, 1000  # instances told of at once where their records are known already

Found = InstanceRecord | Refused | Skipped
Prepare = Callable[[Callable[[int, int], None], Callable[[], bool]], list[str]]
Fetch = Callable[[Callable[[], bool]], Sequence[Found]]  # gets a function that tells whether to give up


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
        self._shown: dict[str, str] = {}  # what a person calls a file that was unpacked
        self._sorting = threading.Lock()  # the library is one, the jobs that add to it are several
        self._library = self._new_library()

    def forget(self) -> None:
        """Begin anew: what was opened before may be opened again; of an opening under way nothing is told."""
        self._library = self._new_library()

    def _new_library(self) -> Library:
        return Library(shown=lambda path: self._shown.get(path) or shown_path(path))

    def open(self, paths: Sequence[str], listener: Listener) -> Job:
        """Read files, folders, media and zips; return the job that can be cancelled."""
        return self.prepare(lambda _report, _cancelled: list(paths), listener)

    def prepare(self, prepare: Prepare, listener: Listener) -> Job:
        """Make what is to be opened first (the demonstration studies), then read it."""
        library = self._library

        def work(job: Job) -> None:
            def report(done: int, total: int) -> None:
                words = f"Making the demonstration study: {done} of {total} images"
                self._tell(job, lambda: listener.progress(words))

            roots = prepare(report, lambda: job.cancelled)
            self._read(job, roots, library, listener)

        return self._queue.submit(
            work,
            priority=Priority.SCAN,
            done=lambda _: listener.finished(""),
            failed=lambda error: listener.finished(str(error)),
        )

    def known(self, fetch: Fetch, listener: Listener) -> Job:
        """Open instances whose records are known already (those of the cache), the first ones at once."""
        library = self._library

        def work(job: Job) -> None:
            items = list(fetch(job.is_cancelled))
            for start, end in pairwise(
                (0, FIRST_KNOWN, *range(FIRST_KNOWN + KNOWN, len(items) + KNOWN, KNOWN))
            ):
                if job.cancelled:
                    return
                self._take(items[start:end], library, listener)

        return self._queue.submit(
            work,
            priority=Priority.NEXT,
            done=lambda _: listener.finished(""),
            failed=lambda error: listener.finished(str(error)),
        )

    def extend(self, items: Sequence[Found], listener: Listener) -> Job:
        """Add instances to what is open: they came while it was looked at."""
        library = self._library
        return self._queue.submit(
            lambda _: self._take(items, library, listener),
            priority=Priority.NEXT,
            done=lambda _: None,
            failed=lambda _: None,
        )

    def _take(self, items: Sequence[Found], library: Library, listener: Listener) -> None:
        found = [told for item in items for told in self._sorted_out(item, (), library)]
        if found:
            self._post(lambda: listener.found(found) if library is self._library else None)

    def _read(self, job: Job, roots: Sequence[str], library: Library, listener: Listener) -> None:
        """Tell of what is read. What is in the library is told of also when the job was cancelled since."""

        def found(items: Sequence[Found]) -> None:
            if library is self._library:
                listener.found(items)

        count = _Count()
        for batch in self._batches(job, roots):
            if job.cancelled:
                return
            items = [told for item in batch for told in self._sorted_out(item, roots, library)]
            count.looked += len(items)
            count.used += sum(isinstance(item, InstanceRecord) for item in items)
            words = f"Reading: {count.used:,} of {count.looked:,} files are DICOM"
            self._post(partial(found, items))
            self._tell(job, partial(listener.progress, words))

    def _sorted_out(self, item: Found, roots: Sequence[str], library: Library) -> Iterator[Found]:
        """Yield an instance that is new, else why it is not; in the words that a person knows.

        A whole file takes the place of a damaged one of the same instance: then both are told of.
        """
        item = as_named(item, roots)
        with self._sorting:
            answer = library.add(item) if isinstance(item, InstanceRecord) else None
        if answer is None or answer.path != item.path:
            yield in_words(item, self._shown)
        if answer is not None:
            yield in_words(answer, self._shown)

    def _batches(self, job: Job, roots: Sequence[str]) -> Iterator[Sequence[Found]]:
        found = find_paths(
            roots,
            cancelled=job.is_cancelled,
            scratch=self._scratch,
            shown=self._shown,
            read_directory=lambda path: self._pool.directory(
                path, priority=Priority.SCAN, cancelled=job.is_cancelled
            ),
        )
        for _, outcomes in indexed(_cut(found), lambda batch: self._index(job, batch)):
            yield outcomes

    def _index(self, job: Job, batch: Sequence[str | Found]) -> Sequence[Found]:
        paths = [item for item in batch if isinstance(item, str)]
        others = [item for item in batch if not isinstance(item, str)]
        return (*others, *self._pool.index(paths, priority=Priority.SCAN, cancelled=job.is_cancelled))

    def _tell(self, job: Job, call: Callable[[], object]) -> None:
        def told() -> None:
            if not job.cancelled:
                call()

        self._post(told)


def _cut(found: Iterator[str | Found]) -> Iterator[list[str | Found]]:
    """Yield what was found in batches that grow: the first image is wanted soon."""
    for size in chain(BATCHES, repeat(BATCH)):
        batch = list(islice(found, size))
        if not batch:
            return
        yield batch
