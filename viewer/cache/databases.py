"""Opening the two databases of a cache, and bringing older ones up to date."""

import errno
import os
import re
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import resources
from pathlib import Path

from viewer.cache.folder import PRIVATE_FILE, CacheFolder

BUSY_MS = 5000  # to wait for another connection that writes
CHECKPOINT_PAGES = 1000
JOURNAL_BYTES = 16 << 20  # a write-ahead log is cut back to this
CACHE_KIB = 16 << 10

INDEX_STEPS = ("index.sql",)  # step n brings version n to n + 1; the last one is what the program knows
WORK_STEPS = ("work.sql", "work-2.sql")


class NewerVersionError(Exception):
    """A database was written by a newer version of the program."""


def steps(names: Sequence[str]) -> tuple[str, ...]:
    """Return the scripts of the steps with these names."""
    folder = resources.files("viewer.cache")
    return tuple((folder / name).read_text("utf-8") for name in names)


def version(connection: sqlite3.Connection) -> int:
    """Return the version of the main database of a connection; 0 for one without tables."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def upgrade(path: Path, scripts: Sequence[str]) -> int:
    """Make a database, or bring it to the version that the program knows; each step in one transaction.

    Return the version it had, 0 for a new one. A copy of an older one is kept beside it first, as
    `<stem>.bak-v<version>.db`. Raises sqlite3.Error; NewerVersionError for a database of a newer program,
    which is left untouched.
    """
    _make_private(path)
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        _configure(connection, "main")
        found = version(connection)
        if found > len(scripts):
            raise NewerVersionError(path.name)
        if 0 < found < len(scripts):
            _back_up(connection, path.with_name(f"{path.stem}.bak-v{found}.db"))
        for number in range(found, len(scripts)):
            _step(connection, scripts[number], number + 1)
    finally:
        connection.close()
    return found


def _make_private(path: Path) -> None:
    """Let nobody else read a database, nor its log, which SQLite makes with the same mode.

    One that is there is not opened: to close it would give up the locks that this process has on it.
    """
    with suppress(OSError):  # of a cache that cannot be written nothing is made
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        elif path.stat().st_mode & ~PRIVATE_FILE & 0o777:
            path.chmod(PRIVATE_FILE)


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    """Copy the main database; one that was made before by an attempt that did not end is made again."""
    partial = target.with_name(f"{target.name}.part")
    partial.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(partial),))
    partial.chmod(PRIVATE_FILE)
    partial.replace(target)


def _step(connection: sqlite3.Connection, script: str, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(script):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def statements(script: str) -> list[str]:
    """Return the statements of a script, so that they can be run in one transaction."""
    found, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found


def connect(folder: CacheFolder, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection to both databases: `main` is index.db, `work` is work.db; autocommit.

    It may be used by one thread at a time. Raises sqlite3.Error.
    """
    if read_only:
        return _connect_read_only(folder)
    connection = sqlite3.connect(folder.index, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("ATTACH ? AS work", (str(folder.work),))
        _configure(connection, "main")
        _configure(connection, "work")
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_read_only(folder: CacheFolder) -> sqlite3.Connection:
    try:
        return _connect_uri(folder, "mode=ro")
    except sqlite3.OperationalError:  # the files of a log cannot be made in a folder that cannot be written
        return _connect_uri(folder, "immutable=1")


def _connect_uri(folder: CacheFolder, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{folder.index.absolute().as_uri()}?{mode}", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS:d}")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("ATTACH ? AS work", (f"{folder.work.absolute().as_uri()}?{mode}",))
        for database in ("main", "work"):
            connection.execute(f"SELECT count(*) FROM {database}.sqlite_schema").fetchone()  # noqa: S608  ours
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection, database: str) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS:d}")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA {database}.journal_mode = WAL")
    connection.execute(f"PRAGMA {database}.synchronous = FULL")
    connection.execute(f"PRAGMA {database}.journal_size_limit = {JOURNAL_BYTES:d}")
    connection.execute(f"PRAGMA {database}.cache_size = -{CACHE_KIB:d}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES:d}")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")


def is_sound(path: Path) -> bool:
    """Tell whether a database passes SQLite's quick check.

    Raises sqlite3.Error when it cannot be asked, OSError when its disk fails to read it: a disk that does not
    answer now says nothing about what is on it.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if is_garbage(error):
            return False
        raise
    if disk_failed(said):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return said == "ok"


def disk_failed(said: str) -> bool:
    """Tell whether a quick check said that a page could not be read, and not that it is wrong. Pure."""
    failed = re.search(r"error code=(\d+)", said)
    return failed is not None and int(failed[1]) & 0xFF == sqlite3.SQLITE_IOERR


def is_garbage(error: sqlite3.Error) -> bool:
    """Tell whether an error says that a file is no database, or a damaged one; not that a disk failed."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
