"""What the process that listens may use: bounded memory, files and threads, no new privileges."""

import ctypes
import os
import signal
import sys
import threading
from pathlib import Path

try:
    import resource
except ImportError:  # Windows: the limits on connections and blocks have to do
    resource = None  # type: ignore[assignment]  # there is no such module on Windows

_OPEN_FILES = 512
_STACK = 1 << 20  # bytes of a thread
_PR_SET_NO_NEW_PRIVS = 38  # <linux/prctl.h>
_M_ARENA_MAX = -8  # <malloc.h>: each arena reserves 64 MB, and every thread would have its own


def confine(memory: int, file: int) -> None:
    """Limit this process for good: `memory` bytes beyond what it has, `file` bytes of one file.

    What a system does not have is left out.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which ends this process
    threading.stack_size(_STACK)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # what is printed there could quote a caller
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if hasattr(library, "mallopt"):
            library.mallopt(_M_ARENA_MAX, 2)
    if resource is not None:
        _limit(resource.RLIMIT_AS, _pages(0, 2 << 30) + memory)
        _limit(resource.RLIMIT_FSIZE, file)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)


def resident() -> int:
    """Return the bytes that this process has in memory; 0 where the system does not say."""
    return _pages(1, 0)


def _pages(place: int, otherwise: int) -> int:
    try:
        count = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[place])
    except (OSError, ValueError):
        return otherwise
    return count * os.sysconf("SC_PAGE_SIZE")


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (ceiling, ceiling))
    except (ValueError, OSError):  # macOS knows RLIMIT_AS and refuses to set it
        return
