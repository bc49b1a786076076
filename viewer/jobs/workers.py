"""A bounded number of worker processes, lent to the threads that wait for one, by priority."""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from viewer.jobs.worker_process import WorkerProcess

CANCEL_POLL = 0.05  # seconds between two looks at `cancelled` while waiting


class CancelledError(Exception):
    """The result is no longer wanted, or the program is closing."""


class Workers:
    """At most `size` processes; each is started when it is first needed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._changed = threading.Condition()
        self._idle: list[WorkerProcess] = []
        self._lent: set[WorkerProcess] = set()
        self._slots = 0  # taken; a slot may be between two processes
        self._waiting: list[tuple[int, int]] = []  # heap of priority, ticket
        self._tickets = itertools.count()
        self._closed = False

    def warm_up(self) -> None:
        """Start the processes without waiting for them."""
        with self._changed:
            while not self._closed and len(self._idle) + self._slots < self.size:
                self._idle.append(WorkerProcess())

    @contextmanager
    def lend(
        self, priority: int, cancelled: Callable[[], bool], *, fresh: bool = False
    ) -> Iterator[WorkerProcess]:
        """Lend a process, a new one if `fresh`, to the caller whose priority number is lowest.

        Raise CancelledError when `cancelled` says so before one is free, or when closed.
        """
        self._take_slot(priority, cancelled)
        worker = None
        try:
            worker = self._start_or_reuse(fresh=fresh)
            yield worker
        finally:
            self._take_back(worker)

    def pids(self) -> set[int]:
        """Return the process ids of the processes that live."""
        with self._changed:
            return {worker.pid for worker in (*self._idle, *self._lent) if worker.pid is not None}

    def close(self) -> None:
        """Kill all processes and wait until those who borrowed them have noticed."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            for worker in self._lent:
                worker.kill()
            self._changed.notify_all()
        for worker in idle:
            worker.remove()
        with self._changed:
            self._changed.wait_for(lambda: self._slots == 0)

    @property
    def closed(self) -> bool:
        """Tell whether `close` has been called."""
        return self._closed

    def _take_slot(self, priority: int, cancelled: Callable[[], bool]) -> None:
        with self._changed:
            mine = (priority, next(self._tickets))
            heapq.heappush(self._waiting, mine)
            try:
                while self._slots >= self.size or self._waiting[0] != mine:
                    if self._closed or cancelled():
                        raise CancelledError
                    self._changed.wait(CANCEL_POLL)
                if self._closed or cancelled():
                    raise CancelledError
                self._slots += 1
            finally:
                self._waiting.remove(mine)
                heapq.heapify(self._waiting)
                self._changed.notify_all()

    def _start_or_reuse(self, *, fresh: bool) -> WorkerProcess:
        with self._changed:
            if self._closed:
                raise CancelledError
            old = self._idle.pop() if self._idle else None
            worker = WorkerProcess() if fresh or old is None else old
            self._lent.add(worker)
        if old is not None and old is not worker:
            old.remove()
        return worker

    def _take_back(self, worker: WorkerProcess | None) -> None:
        if worker is not None and (worker.dead or self._closed):
            worker.remove()
        with self._changed:
            self._slots -= 1
            if worker is not None:
                self._lent.discard(worker)
                if not worker.dead:
                    self._idle.append(worker)
            self._changed.notify_all()
