"""One thread that ends what has taken too long."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Deadline:
    """A moment at which something is ended."""

    def __init__(self, watchdog: "Watchdog", seconds: float, end: Callable[[], None]) -> None:
        self._watchdog = watchdog
        self.seconds = seconds
        self.end = end
        self.moment = time.monotonic() + seconds
        self.expired = False

    def restart(self, seconds: float) -> None:
        """Allow `seconds` from now."""
        self.seconds = seconds
        self.moment = time.monotonic() + seconds
        self._watchdog.wake()


class Watchdog:
    """Calls `end` of every deadline that passes; its thread starts with the first one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._deadlines: list[Deadline] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def guard(self, seconds: float, end: Callable[[], None]) -> Iterator[Deadline]:
        """Call `end` unless the block is left within `seconds`."""
        deadline = Deadline(self, seconds, end)
        with self._changed:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._watch, name="decoder watchdog", daemon=True)
                self._thread.start()
            self._deadlines.append(deadline)
            if deadline.moment <= min(other.moment for other in self._deadlines):
                self._changed.notify()
        try:
            yield deadline
        finally:
            with self._changed:
                self._deadlines.remove(deadline)

    def wake(self) -> None:
        """Look at the deadlines again."""
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """End the thread. Deadlines are watched no more."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                waiting = [deadline for deadline in self._deadlines if not deadline.expired]
                for deadline in waiting:
                    if deadline.moment <= now:
                        deadline.expired = True
                        deadline.end()
                moments = [deadline.moment for deadline in waiting if not deadline.expired]
                self._changed.wait(max(0.0, min(moments) - now) if moments else None)
