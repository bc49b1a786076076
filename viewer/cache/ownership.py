"""One owner per cache: a lock that is held for life, and a door at which a second start hands over its words."""

import os
import sys
from pathlib import Path

from viewer.cache.folder import PRIVATE_FILE
from viewer.errors import ViewerError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class OwnedError(ViewerError):
    """Another process owns the cache."""


class Lock:
    """A file that is held locked until `close`, or until the process ends however it may."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises OwnedError when another has it, OSError when it cannot be made.

        The file is never removed: another process could hold the lock of a file that has no name.
        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, PRIVATE_FILE)
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            os.close(self._descriptor)
            raise OwnedError(
                f"The study cache in {path.parent} is in use by another Negatoscope that is running."
            ) from None

    def close(self) -> None:
        """Give the lock up."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
