"""Work off the main thread: by priority, cancellable, with results that arrive on the main thread."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from enum import IntEnum
from typing import Any, Self, TypeVar

Post = Callable[[Callable[[], None]], None]  # runs a call on the main thread, from any thread

T = TypeVar("T")

PROGRESS_SECONDS = 0.1  # between two reports that are shown; more often nobody can read


class Priority(IntEnum):
    """What is done first; equal ones first come first served."""

    VISIBLE = 0  # somebody looks at an empty tile
    NEXT = 1  # the frames beside it
    THUMBNAIL = 2
    SCAN = 3  # folders being read
    PREFETCH = 4


class Job:
    """One piece of work. Its function polls `cancelled` between units and calls `report`."""

    def __init__(
        self,
        post: Post,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._post = post
        self._done = done
        self._failed = failed
        self._progress = progress
        self._cancelled = threading.Event()
        self._reported = 0.0

    @property
    def cancelled(self) -> bool:
        """Tell whether the result is no longer wanted."""
        return self._cancelled.is_set()

    def is_cancelled(self) -> bool:
        """Return `cancelled`, as a function to hand on."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Give the work up: nothing of it arrives any more."""
        self._cancelled.set()

    def report(self, done: int, total: int) -> None:
        """Tell how far the work is; arrives at most ten times a second, and at the end."""
        now = time.monotonic()
        if self._progress is None or (now - self._reported < PROGRESS_SECONDS and done < total):
            return
        self._reported = now
        progress = self._progress
        self._deliver(lambda: progress(done, total))

    def run(self, work: Callable[["Job"], Any]) -> None:
        """Do the work and deliver its result, or the exception it ended with."""
        if self.cancelled:
            return
        try:
            result = work(self)
        except Exception as error:  # noqa: BLE001  every failure reaches `failed`, none is swallowed
            failure = error  # the name `error` ends with this block
            self._deliver(lambda: self._failed(failure))
        else:
            self._deliver(lambda: self._done(result))

    def _deliver(self, call: Callable[[], None]) -> None:
        def unless_cancelled() -> None:
            if not self.cancelled:
                call()

        if not self.cancelled:
            self._post(unless_cancelled)


class JobQueue:
    """A few threads that take the waiting job of the highest priority."""

    def __init__(self, post: Post, threads: int = 3) -> None:
        self._post = post
        self._changed = threading.Condition()
        self._waiting: list[tuple[int, int, Job, Callable[[Job], Any]]] = []
        self._order = itertools.count()
        self._running: set[Job] = set()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"job {number + 1}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        work: Callable[[Job], T],
        *,
        priority: Priority,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[int, int], None] | None = None,
    ) -> Job:
        """Have `work(job)` done on a thread; then call `done(result)` or `failed(exception)` by `post`.

        Nothing is called after the job is cancelled.
        """
        job = Job(self._post, done, failed, progress)
        with self._changed:
            if self._closed:
                job.cancel()
                return job
            heapq.heappush(self._waiting, (int(priority), next(self._order), job, work))
            self._changed.notify()
        return job

    @property
    def running(self) -> int:
        """Return how many jobs are being done."""
        with self._changed:
            return len(self._running)

    @property
    def waiting(self) -> int:
        """Return how many jobs wait for a thread."""
        with self._changed:
            return sum(not job.cancelled for _, _, job, _ in self._waiting)

    def cancel_all(self) -> None:
        """Take no more jobs and cancel all there are, without waiting for those that are being done."""
        with self._changed:
            self._closed = True
            for _, _, job, _ in self._waiting:
                job.cancel()
            for job in self._running:
                job.cancel()
            self._waiting.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Cancel everything and wait for the threads, which end when their jobs look at `cancelled`.

        A job that waits for a decoder ends when that is closed: `cancel_all`, close it, then `close`.
        """
        self.cancel_all()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            job, work = task
            try:
                job.run(work)
            finally:
                with self._changed:
                    self._running.discard(job)
            del task, job, work  # what the closure holds (a frame, perhaps) is not kept while waiting

    def _next(self) -> tuple[Job, Callable[[Job], Any]] | None:
        with self._changed:
            while True:
                while self._waiting:
                    _, _, job, work = heapq.heappop(self._waiting)
                    if not job.cancelled:
                        self._running.add(job)
                        return job, work
                if self._closed:
                    return None
                self._changed.wait()
