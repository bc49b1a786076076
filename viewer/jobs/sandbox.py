"""What a worker process may use: bounded memory, no files written, few opened, no new privileges."""

import ctypes
import os
import signal
import sys
from pathlib import Path

try:
    import resource
except ImportError:  # Windows: the wall clock and the checks before decoding have to do
    resource = None  # type: ignore[assignment]  # there is no such module on Windows

MEMORY = 3 << 30  # bytes above what the imports took: six times the largest frame
OPEN_FILES = 64
PR_SET_NO_NEW_PRIVS = 38  # <linux/prctl.h>


def confine(memory: int = MEMORY) -> None:
    """Limit this process for good. What a system does not have is left out.

    A file that makes a codec ask for more than `memory` bytes meets MemoryError instead of the
    other programs of the machine; nothing can be written to disk.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which ends its workers
    _silence()
    if resource is not None:
        _limit(resource.RLIMIT_AS, _address_space() + memory)
        _limit(resource.RLIMIT_FSIZE, 0)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (ceiling, ceiling))
    except (ValueError, OSError):  # macOS knows RLIMIT_AS and refuses to set it
        return


def _address_space() -> int:
    """Return the bytes of address space in use, where the system says so; else a generous guess."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 2 << 30
    return pages * os.sysconf("SC_PAGE_SIZE")


def _silence() -> None:
    """Send what C libraries print (it may quote a file) to nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
