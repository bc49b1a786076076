"""One owner per cache: a lock that is held for life, and a door for the words of a second start.

Words are a list of texts as JSON, of limited length, behind their length; nothing else is understood. On
systems with local sockets the door is one in a folder of this user only; on Windows it is a port of this
machine, and whoever knocks must know what only this user can read.
"""

import hashlib
import json
import os
import secrets
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from viewer.cache.folder import PRIVATE_FILE, PRIVATE_FOLDER
from viewer.errors import ViewerError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

MOST_BYTES = 1 << 20  # of one message: a command line is not longer
LONGEST_ADDRESS = 100  # bytes of the path of a local socket; systems allow 104 to 108
SECONDS = 5.0  # for the other side to answer
ANSWER = b"taken"
_LENGTH = struct.Struct(">I")
_TOKEN_BYTES = 32
_DOOR = "door"
_LOCAL = hasattr(socket, "AF_UNIX") and os.name != "nt"


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


class Door:
    """Listens until it is closed. What is said at it is told from a thread of its own."""

    def __init__(self, root: Path, on_words: Callable[[list[str]], None]) -> None:
        """Open the door of the cache that this process owns. Raises OSError."""
        self._on_words = on_words
        self._place = address(root)
        self._token = secrets.token_bytes(_TOKEN_BYTES)
        self._socket = self._bound()
        self._socket.listen(4)
        self._socket.settimeout(None)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="door", daemon=True)
        self._thread.start()

    def _bound(self) -> socket.socket:
        self._place.unlink(missing_ok=True)  # of an owner that was killed: the lock says that it is gone
        if _LOCAL:
            made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            made.bind(str(self._place))
            self._place.chmod(PRIVATE_FILE)
            return made
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.bind(("127.0.0.1", 0))
        descriptor = os.open(self._place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{made.getsockname()[1]} {self._token.hex()}")
        return made

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller, suppress(OSError, ValueError, RecursionError):
                caller.settimeout(SECONDS)
                words = self._heard(caller)
                if not self._closing.is_set():
                    self._on_words(words)
                    caller.sendall(ANSWER)

    def _heard(self, caller: socket.socket) -> list[str]:
        """Return the words of a caller. Raise ValueError for anything else."""
        if not _LOCAL and not secrets.compare_digest(_received(caller, _TOKEN_BYTES), self._token):
            raise ValueError("the caller does not know the token")
        (length,) = _LENGTH.unpack(_received(caller, _LENGTH.size))
        if length > MOST_BYTES:
            raise ValueError("too many words")
        words = json.loads(_received(caller, length))
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError("no list of words")
        return words

    def close(self) -> None:
        """Close the door and wait for its thread."""
        if self._closing.is_set():
            return
        self._closing.set()
        with suppress(OSError):
            _connected(self._place).close()  # wakes the thread, wherever it waits
        self._socket.close()
        self._thread.join()
        with suppress(OSError):
            self._place.unlink()


def hand_over(root: Path, words: Sequence[str]) -> bool:
    """Give words to the process that owns a cache; tell whether it took them."""
    message = json.dumps(list(words)).encode()
    if len(message) > MOST_BYTES:
        return False
    try:
        with _connected(address(root)) as caller:
            caller.sendall(_LENGTH.pack(len(message)) + message)
            return _received(caller, len(ANSWER)) == ANSWER
    except (OSError, ValueError):
        return False


def address(root: Path) -> Path:
    """Return where the door of a cache is: in its folder, or in one with a shorter name. Raises OSError."""
    inside = root.absolute() / _DOOR
    if not _LOCAL or len(os.fsencode(inside)) <= LONGEST_ADDRESS:
        return inside
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:32]
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"negatoscope-{os.getuid()}"
    if len(os.fsencode(folder / name)) > LONGEST_ADDRESS:
        folder = Path("/tmp") / folder.name  # noqa: S108  checked below to be of this user only
    with suppress(FileExistsError):
        folder.mkdir(mode=PRIVATE_FOLDER)
    status = folder.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or folder.is_symlink():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder / name


def _connected(place: Path) -> socket.socket:
    """Return a connection to a door. Raises OSError, ValueError."""
    if _LOCAL:
        caller = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        to: tuple[str, int] | str = str(place)
        token = b""
    else:
        port, _, text = place.read_text("ascii").partition(" ")
        caller = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        to, token = ("127.0.0.1", int(port)), bytes.fromhex(text)
    try:
        caller.settimeout(SECONDS)
        caller.connect(to)
        caller.sendall(token)
    except BaseException:
        caller.close()
        raise
    return caller


def _received(caller: socket.socket, count: int) -> bytes:
    """Return exactly `count` bytes. Raise ValueError when there are not so many."""
    found = b""
    while len(found) < count:
        part = caller.recv(count - len(found))
        if not part:
            raise ValueError("the other side ended")
        found += part
    return found
