"""One worker process as the program sees it: started, asked, killed."""

import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from viewer.errors import ViewerError
from viewer.jobs import wire
from viewer.jobs.messages import Kind, Request, receive, send
from viewer.jobs.worker_entry import run

KILLED_SECONDS = 5.0  # within which the system removes a killed process


class WorkerDiedError(Exception):
    """The worker process ended, or stopped making sense, before it had answered."""


class WorkerProcess:
    """A spawned process and the connection to it. Used by one thread at a time, but for `kill`."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection: Connection
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=run, args=(theirs,), name="decoder", daemon=True)
        with _deaf_to_interrupts():
            self._process.start()
        theirs.close()  # so that the death of the worker ends the connection
        self._ready = False
        self.dead = False

    @property
    def pid(self) -> int | None:
        """Return the process id."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Wait until the worker has started. Raise WorkerDiedError when it does not."""
        if not self._ready and self._receive()[0] != Kind.READY:
            raise self._died()
        self._ready = True

    def ask(self, request: Request, answer: Any, on_size: Callable[[int], None]) -> Any:  # noqa: ANN401  a type
        """Return the worker's answer of type `answer`; tell `on_size` the pixels that it announces.

        Raise ViewerError with its sentence, or WorkerDiedError when it ended before it answered.
        """
        try:
            send(self._connection, Kind.REQUEST, request, Request)
            kind, parts = self._receive()
            if kind == Kind.SIZE:
                on_size(wire.decode(parts, int))
                kind, parts = self._receive()
            if kind == Kind.ANSWER:
                return wire.decode(parts, answer)
            sentence = wire.decode(parts, str)
        except (OSError, wire.WireError):
            raise self._died() from None
        raise ViewerError(sentence)

    def kill(self) -> None:
        """End the process at once, from any thread; whoever waits for its answer is told."""
        self.dead = True
        with contextlib.suppress(ValueError):  # removed already
            self._process.kill()

    def remove(self) -> None:
        """Kill the process, if it lives, and give back what the system holds for it."""
        self.kill()
        self._connection.close()
        with contextlib.suppress(ValueError):
            self._process.join(KILLED_SECONDS)
            self._process.close()

    def _receive(self) -> tuple[int, list[wire.Buffer]]:
        try:
            return receive(self._connection)
        except (EOFError, OSError, wire.WireError):
            raise self._died() from None

    def _died(self) -> WorkerDiedError:
        self.dead = True  # even if it lives: what it says cannot be trusted any more
        return WorkerDiedError()


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Block Ctrl-C, so that what is started here inherits that: while it imports it would end with a trace.

    A terminal sends it to every process of the program, also to those that are still importing.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # it would be started within, and what starts it unblocks Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
