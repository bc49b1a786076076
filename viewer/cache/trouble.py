"""What a failing disk or database means for the cache, in one sentence for the person who can act on it."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from viewer.cache.disk import FULL
from viewer.errors import ViewerError

_REBUILD = "its database is damaged; `viewer cache rebuild` makes the index again"
_BUSY = "another program is using its database"
_CAUSES = {
    sqlite3.SQLITE_FULL: "its disk is full; free some space and try again",
    sqlite3.SQLITE_IOERR: "its disk failed or is full",
    sqlite3.SQLITE_READONLY: "its folder cannot be written",
    sqlite3.SQLITE_CANTOPEN: "its database cannot be opened",
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_CORRUPT: _REBUILD,
    sqlite3.SQLITE_NOTADB: _REBUILD,
    sqlite3.SQLITE_PERM: "its files belong to somebody else",
}


def disk_words(root: Path, error: OSError) -> str:
    """Return what a failing disk means for the cache, in one sentence."""
    if error.errno in FULL:
        return f"The disk of the study cache in {root} is full; free some space and try again."
    reason = error.strerror or "input or output error"
    return f"The study cache in {root} cannot be used: {reason}."


def database_words(root: Path, error: sqlite3.DatabaseError) -> str:
    """Return what a failing database means, in one sentence; "" for a fault of the program."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    cause = _CAUSES.get(code)
    return f"The study cache in {root} cannot be used: {cause}." if cause else ""


def place_words(root: Path, network: str, synced: str) -> tuple[str, str]:
    """Return why a cache cannot be in a folder, and what to know where it can; each "" or one sentence. Pure.

    `network` is the file system of another computer that it is on, `synced` a folder that a program copies to
    other computers; "" for none.
    """
    refusal = (
        f"The study cache cannot be in {root}, which is on another computer ({network}), where a database is"
        " not safe; choose a folder on a disk of this computer with VIEWER_CACHE."
    )
    warning = (
        f"The study cache is in {root}, and a program may copy {synced} to other computers, with images of"
        " patients; choose a folder that stays on this computer with VIEWER_CACHE."
    )
    return (refusal, "") if network else ("", warning if synced else "")


def is_begun(root: Path) -> bool:
    """Tell whether there is a folder of a cache. Raises ViewerError where none can be or be seen."""
    try:
        mode = root.stat().st_mode
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ViewerError(disk_words(root, error)) from error
    if not stat.S_ISDIR(mode):
        raise ViewerError(f"The study cache in {root} cannot be used: it is a file, not a folder.")
    return True


@contextmanager
def disk_in_words(root: Path) -> Iterator[None]:
    """Raise what the disk raises as ViewerError."""
    try:
        yield
    except OSError as error:
        raise ViewerError(disk_words(root, error)) from error


@contextmanager
def databases_in_words(root: Path) -> Iterator[None]:
    """Raise what the databases raise as ViewerError, unless it is a fault of the program."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        words = database_words(root, error)
        if not words:
            raise
        raise ViewerError(words) from error
