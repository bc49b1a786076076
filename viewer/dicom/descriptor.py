"""A regular file as bytes at an offset: one system call to open it, one to look at it, one for each read."""

import os
import stat

from viewer.dicom.read import ByteSource, UnreadableError

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # never wait for a pipe
_POSITIONED = hasattr(os, "pread")
_VECTORED = hasattr(os, "preadv")


class Descriptor(ByteSource):
    """An open file without a Python file object: the headers of thousands are read in a second.

    Used by one thread. Close it with `with`.
    """

    def __init__(self, path: str) -> None:
        """Open a file. Raise UnreadableError when it is none, or cannot be opened."""
        try:
            self._descriptor = os.open(path, _FLAGS)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its name is not valid"
            raise UnreadableError(path, f"it cannot be opened: {reason}") from None
        self.status = os.fstat(self._descriptor)
        if not stat.S_ISREG(self.status.st_mode):
            os.close(self._descriptor)
            raise UnreadableError(path, "it is not a regular file")
        self.size = self._size = self.status.st_size

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; fewer only at the end of the file. Raise OSError."""
        size = max(0, min(size, self._size - offset))  # never allocate for a length that lies
        if _POSITIONED:
            return self._pread(self._descriptor, offset, size)
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        parts: list[bytes] = []
        while size > 0 and (data := os.read(self._descriptor, size)):
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def read_into(self, offset: int, room: memoryview) -> int:
        """Fill `room` with the bytes from `offset`; return how many there were. Raise OSError."""
        got = 0
        while got < len(room):
            if _VECTORED:
                more = os.preadv(self._descriptor, [room[got:]], offset + got)
            else:
                data = self.read_at(offset + got, len(room) - got)
                more = len(data)
                room[got : got + more] = data
            if not more:
                break
            got += more
        return got

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
