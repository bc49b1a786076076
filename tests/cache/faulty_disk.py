"""A disk whose k-th call fails, and one that counts them."""

import errno
import threading
from pathlib import Path

from viewer.cache.disk import Disk

SPACE = ("create", "write", "sync", "rename")


class FaultyDisk(Disk):
    """Counts its calls and lets the one with number `fails_at` (from 1) fail, and `also` those
    after it that need space."""

    def __init__(self, fails_at: int = 0, code: int = errno.EIO, *, also: bool = False) -> None:
        self.fails_at = fails_at
        self.code = code
        self.also = also
        self.calls: list[str] = []
        self._counting = threading.Lock()

    def begin_to_fail(self, number: int) -> None:
        """Forget the calls so far, and let the one with a number fail."""
        self.calls.clear()
        self.fails_at = number

    def end(self) -> int:
        """Fail no more; return how many calls there were since it began."""
        self.fails_at = 0
        return len(self.calls)

    def _count(self, name: str) -> None:
        with self._counting:
            self.calls.append(name)
            number = len(self.calls)
        if self.fails_at and (
            number == self.fails_at or (self.also and number > self.fails_at and name in SPACE)
        ):
            raise OSError(self.code, "the disk failed")

    def create(self, path: Path) -> int:
        self._count("create")
        return super().create(path)

    def open(self, path: Path) -> int:
        self._count("open")
        return super().open(path)

    def write(self, descriptor: int, block: memoryview) -> int:
        self._count("write")
        return super().write(descriptor, block[: max(len(block) // 2, 1)])  # short writes are legal

    def begin_sync(self, descriptor: int) -> None:
        self._count("begin_sync")
        super().begin_sync(descriptor)

    def sync(self, descriptor: int) -> None:
        self._count("sync")
        super().sync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        self._count("rename")
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._count("unlink")
        super().unlink(path)

    def sync_folder(self, folder: Path) -> None:
        self._count("sync_folder")
        super().sync_folder(folder)
