"""Ctrl-C while threads work: they are told and end tidily, rather than go on to their end."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether Ctrl-C was pressed; the second time interrupts whatever is done.

    Raises KeyboardInterrupt at the end of the block when it was pressed in it.
    """
    pressed = threading.Event()

    def press(_number: int, _frame: FrameType | None) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    except Exception:
        if pressed.is_set():
            raise KeyboardInterrupt from None  # whatever else it says, it was stopped
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed.is_set():
        raise KeyboardInterrupt
