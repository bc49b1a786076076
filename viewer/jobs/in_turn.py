"""Jobs of which one begins when the one before has ended: changes of one file, in the order of the hand."""

from collections import deque
from collections.abc import Callable
from typing import Any

from viewer.jobs.queue import Job, JobQueue, Priority


class InTurn:
    """Runs jobs one after another on a queue whose threads would run them side by side. Main thread only."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._waiting: deque[Callable[[], object]] = deque()
        self._running = False

    @property
    def waiting(self) -> bool:
        """Tell whether something newer is still to come, or on its way."""
        return self._running or bool(self._waiting)

    def submit(
        self, work: Callable[[Job], Any], done: Callable[[Any], object], failed: Callable[[Exception], object]
    ) -> None:
        """Run `work` in a thread after what was submitted before; `done` or `failed` hears of it."""

        def ended(told: Callable[[Any], object], what: object) -> None:
            self._running = False
            try:
                told(what)
            finally:
                self._next()

        def begin() -> None:
            self._running = True
            self._queue.submit(
                work,
                priority=Priority.NEXT,
                done=lambda result: ended(done, result),
                failed=lambda error: ended(failed, error),
            )

        self._waiting.append(begin)
        self._next()

    def _next(self) -> None:
        if self._waiting and not self._running:
            self._waiting.popleft()()
