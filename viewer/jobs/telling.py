"""Something that changes often is told of now and then, and once after the last change."""

import threading
import time
from collections.abc import Callable

from viewer.jobs.queue import PROGRESS_SECONDS, Post

_CLOSING = 1.0  # s


class Telling:
    """Calls a function by `post` after changes, at most ten times a second. Of any thread."""

    def __init__(self, post: Post, changed: Callable[[], None]) -> None:
        self._post, self._changed = post, changed
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None  # that will tell of the last change
        self._told = 0.0
        self._closed = False

    def tell(self) -> None:
        """Say that something has changed."""
        with self._lock:
            if self._timer is not None or self._closed:
                return
            wait = max(self._told + PROGRESS_SECONDS - time.monotonic(), 0)
            self._timer = threading.Timer(wait, self._deliver)
            self._timer.daemon = True
            self._timer.start()

    def _deliver(self) -> None:
        with self._lock:
            self._timer = None
            self._told = time.monotonic()
            if self._closed:
                return
        self._post(self._changed)

    def close(self) -> None:
        """Tell of nothing more."""
        with self._lock:
            self._closed = True
            timer = self._timer
        if timer is not None:
            timer.cancel()
            timer.join(_CLOSING)
