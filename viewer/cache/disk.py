"""The few calls of the operating system on which durability depends, in one place.

A subclass may make any of them fail, or write down the order in which they come.
"""

import errno
import hashlib
import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from viewer.cache.folder import PRIVATE_FILE

BLOCK = 1 << 20  # bytes read, hashed and written at a time: in the cache of a processor
SYNCING = 4  # threads that wait for the disk: their flushes share one commit of the journal

if sys.platform == "darwin":
    import fcntl

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


Item = TypeVar("Item")


@dataclass(slots=True)
class Written:
    """A file that was written and is perhaps not yet on the disk."""

    path: Path
    descriptor: int  # -1 once it is closed
    sha256: str
    size: int  # bytes


class Disk:
    """The calls as they are. All raise OSError."""

    def create(self, path: Path) -> int:
        """Make a file that is not there, for this user only; return its descriptor."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, PRIVATE_FILE)

    def open(self, path: Path) -> int:
        """Open one of our own files, to be flushed; return its descriptor."""
        return os.open(path, os.O_RDWR | _NO_FOLLOW)

    def write(self, descriptor: int, block: memoryview) -> int:
        """Write what fits of a block; return how many bytes."""
        return os.write(descriptor, block)

    def begin_sync(self, descriptor: int) -> None:
        """Have the system begin to write a file, so that `sync` waits less: a hint, no promise."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)  # Linux writes what is dirty first

    def sync(self, descriptor: int) -> None:
        """Return when a file is on the disk and not only in its buffers."""
        if sys.platform == "darwin":
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync() does not flush the drive there
        else:
            os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Close a file."""
        os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file a new name, in the place of a file that has it."""
        source.replace(target)

    def unlink(self, path: Path) -> None:
        """Remove a file; one that is gone is no error."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Return when the names in a folder are on the disk."""
        if os.name == "nt":  # a folder cannot be opened there; NTFS keeps a journal of names
            return
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            self.sync(descriptor)
        finally:
            self.close(descriptor)


def write_file(disk: Disk, source: BinaryIO, target: Path) -> Written:
    """Copy a stream into a new file and hash it on the way. The file is left open, to be flushed later.

    Raises OSError, and then leaves nothing; `ReadError` when it is the source that cannot be read.
    """
    descriptor = disk.create(target)
    try:
        sha256, size = _copy(disk, source, descriptor)
        disk.begin_sync(descriptor)
    except BaseException:
        disk.close(descriptor)
        disk.unlink(target)
        raise
    return Written(target, descriptor, sha256, size)


class ReadError(OSError):
    """The source could not be read; the cache is not at fault."""


def hash_stream(source: BinaryIO) -> tuple[str, int]:
    """Return the SHA-256 in hex and the size in bytes of what a stream still holds. Raise ReadError."""
    digest, size = hashlib.sha256(), 0
    block = memoryview(bytearray(BLOCK))
    while count := _read(source, block):
        digest.update(block[:count])
        size += count
    return digest.hexdigest(), size


def adopt_file(disk: Disk, path: Path) -> Written:
    """Return one of our own files as if it had just been written. Raise OSError."""
    descriptor = disk.open(path)
    try:
        with os.fdopen(os.dup(descriptor), "rb", buffering=0) as source:
            sha256, size = hash_stream(source)
    except BaseException:
        disk.close(descriptor)
        raise
    return Written(path, descriptor, sha256, size)


def sync_files(disk: Disk, files: Iterable[Written]) -> None:
    """Return when all files are on the disk and closed; the first that fails raises OSError."""

    def sync(file: Written) -> None:
        try:
            disk.sync(file.descriptor)
        finally:
            close_file(disk, file)

    _all(sync, list(files))


def close_file(disk: Disk, file: Written) -> None:
    """Close a file that was written, once: its number may belong to another file since. Raise OSError."""
    descriptor, file.descriptor = file.descriptor, -1
    if descriptor >= 0:
        disk.close(descriptor)


def sync_folders(disk: Disk, folders: Iterable[Path]) -> None:
    """Return when the names in all folders are on the disk; the first that fails raises OSError."""
    _all(disk.sync_folder, list(folders))


def _all(call: Callable[[Item], None], items: list[Item]) -> None:
    if len(items) <= 1:
        for item in items:
            call(item)
        return
    with ThreadPoolExecutor(SYNCING, thread_name_prefix="sync") as threads:
        for _ in threads.map(call, items):
            pass


def _copy(disk: Disk, source: BinaryIO, descriptor: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    block = memoryview(bytearray(BLOCK))
    while count := _read(source, block):
        part = block[:count]
        digest.update(part)
        size += count
        while part:
            part = part[disk.write(descriptor, part) :]
    return digest.hexdigest(), size


def _read(source: BinaryIO, block: memoryview) -> int:
    try:
        return source.readinto(block) or 0  # type: ignore[attr-defined]  # every binary stream has it
    except OSError as error:
        raise ReadError(error.errno, error.strerror) from None
