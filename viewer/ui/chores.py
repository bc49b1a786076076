"""Long work that a reader asked for: one piece at a time, with how far it is and a way to stop it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject

from viewer.errors import ViewerError
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.ui.furniture import Furniture

T = TypeVar("T")

FAULT = "That did not work: a fault of the program."


@dataclass(frozen=True, slots=True)
class _Chore:
    words: str
    work: Callable[[Job], Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None]
    quiet: bool


class Chores(QObject):
    """Does one chore after another, so that threads are left for what is looked at."""

    def __init__(
        self, queue: JobQueue, furniture: Furniture, say: Callable[[str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._queue, self._furniture, self._say = queue, furniture, say
        self._waiting: deque[_Chore] = deque()
        self._running: tuple[Job, _Chore] | None = None

    @property
    def busy(self) -> bool:
        """Tell whether anything is being done or waits."""
        return self._running is not None or bool(self._waiting)

    def run(
        self,
        words: str,
        work: Callable[[Job], T],
        done: Callable[[T], None],
        *,
        failed: Callable[[str], None] | None = None,
        quiet: bool = False,
    ) -> None:
        """Have `work(job)` done; it reports to the job and polls `job.cancelled`.

        `words` say what it is while it runs: "Exporting". What is `quiet` waits for everything else. Where
        `failed` does not take it, the reader is told why something failed.
        """
        chore = _Chore(words, work, done, failed or self._say, quiet)
        if quiet:
            self._waiting.append(chore)
        else:
            loud = sum(not waiting.quiet for waiting in self._waiting)
            self._waiting.insert(loud, chore)
        self._next()

    def quick(self, work: Callable[[], T], done: Callable[[T], None]) -> Job:
        """Have something short done at once, such as a mark in the database."""
        return self._queue.submit(
            lambda _: work(),
            priority=Priority.NEXT,
            done=done,
            failed=lambda error: self._say(_sentence(error)),
        )

    def cancel(self) -> None:
        """Give up what is being done; what was done so far stays."""
        if self._running is not None:
            job, chore = self._running
            job.cancel()
            self._running = None
            self._say(f"{chore.words}: stopped. What was done so far stays.")
            self._next()

    def shut(self) -> None:
        """Stop without a word: the program ends."""
        self._waiting.clear()
        if self._running is not None:
            self._running[0].cancel()
            self._running = None

    def _next(self) -> None:
        if self._running is not None or not self._waiting:
            return
        chore = self._waiting.popleft()
        job = self._queue.submit(
            chore.work,
            priority=Priority.SCAN,
            done=lambda result: self._end(chore.done, result),
            failed=lambda error: self._end(chore.failed, _sentence(error)),
            progress=lambda done, total: self._show(chore, done, total),
        )
        self._running = (job, chore)
        self._show(chore, 0, 0)

    def _end(self, tell: Callable[[Any], None], result: object) -> None:
        self._running = None
        tell(result)
        self._next()

    def _show(self, chore: _Chore, done: int, total: int) -> None:
        if chore.quiet:
            return
        far = f": {done:,} of {total:,}" if total else f": {done:,} files" if done else " …"
        words = f"{chore.words}{far}"
        self._furniture.say(words, busy=True, answer="Stop", answered=self.cancel)


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, ViewerError) else FAULT
