"""The parts of a multipart/related body, read as they come (RFC 2046 5.1, PS3.18 8.6.1.2).

Parts that say how long they are need no search for the boundary: that is most of the speed. What they say is
checked, for a boundary must follow.
"""

import re
from collections.abc import Callable, Iterator
from email.message import Message

from viewer.network.failure import Cause, NetworkError

MOST_HEADERS = 16 << 10  # bytes of the headers of one part
MOST_PREAMBLE = 64 << 10  # bytes before the first boundary, and after the last
MOST_PARTS = 100_000  # of one answer: the largest honest studies have some 40,000 instances
MOST_BOUNDARY = 70  # characters (RFC 2046 5.1.1)
_LENGTH = re.compile(r"\d{1,15}")

Read = Callable[[], bytes]  # b"" at the end
Broken = Callable[[str, Cause], NetworkError]  # what a breach of the rules becomes


def media_type(content_type: str) -> tuple[str, dict[str, str]]:
    """Return the type and the parameters of a Content-Type, in lower case but for the parameters' values."""
    message = Message()
    message["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")[:1024]
    parameters = {key.lower(): value for key, value in (message.get_params() or [])[1:]}
    return message.get_content_type(), parameters


class Parts:
    """Iterates over the parts of a body; each part must be read or left before the next is asked for."""

    def __init__(self, read: Read, boundary: str, broken: Broken) -> None:
        self._read, self._broken = read, broken
        if not 0 < len(boundary) <= MOST_BOUNDARY or not boundary.isascii():
            raise self._breach("answers in parts without saying what divides them")
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._buffer = b"\r\n"  # the first boundary need not follow a line of its own
        self._at = 0
        self._inside = False  # in a part of which not all was read
        self._ended = False
        self.count = 0
        self.headers: dict[str, str] = {}

    def __iter__(self) -> Iterator[dict[str, str]]:
        """Yield the headers of each part, names in lower case. Raises NetworkError."""
        self._leave(self._until_delimiter(), MOST_PREAMBLE)
        while self._another():
            self.count += 1
            if self.count > MOST_PARTS:
                raise self._breach(f"answers with more than {MOST_PARTS:,} parts")
            self.headers = self._read_headers()
            self._inside = True
            yield self.headers
            if self._inside:
                self._leave(self.body(), None)
        self._ended = True
        size = len(self._buffer) - self._at
        while size <= MOST_PREAMBLE and (data := self._read()):  # so that the connection can be used again
            size += len(data)

    def body(self) -> Iterator[memoryview]:
        """Yield the bytes of the present part; after the last, its end was seen. Raises NetworkError."""
        self._inside = False
        length = self.headers.get("content-length", "")
        if _LENGTH.fullmatch(length):
            yield from self._sized(int(length))
        else:
            yield from self._until_delimiter()

    def _sized(self, left: int) -> Iterator[memoryview]:
        while left:
            if self._at == len(self._buffer):
                self._more()
            piece = memoryview(self._buffer)[self._at : self._at + left]
            self._at += len(piece)
            left -= len(piece)
            yield piece
        self._hold(len(self._delimiter))
        if not self._buffer.startswith(self._delimiter, self._at):
            raise self._breach("sends a part that is not as long as it says")
        self._at += len(self._delimiter)

    def _until_delimiter(self) -> Iterator[memoryview]:
        """Yield the bytes before the next boundary and step behind it."""
        overlap = len(self._delimiter) - 1  # bytes that may be the beginning of a boundary
        while True:
            found = self._buffer.find(self._delimiter, self._at)
            end = found if found >= 0 else max(self._at, len(self._buffer) - overlap)
            if end > self._at:
                yield memoryview(self._buffer)[self._at : end]
                self._at = end
            if found >= 0:
                self._at += len(self._delimiter)
                return
            self._more()

    def _another(self) -> bool:
        """Read the rest of a boundary's line; return whether a part follows, and not the end."""
        self._hold(2)
        if self._buffer.startswith(b"--", self._at):
            return False
        line = self._line(MOST_BOUNDARY)
        if line.strip(b" \t"):
            raise self._breach("divides its answer into parts in a way that is not allowed")
        return True

    def _read_headers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        left = MOST_HEADERS
        while line := self._line(left):
            left -= len(line) + 2
            name, _, value = line.decode("latin-1").partition(":")
            found[name.strip().lower()] = value.strip()
        return found

    def _line(self, limit: int) -> bytes:
        """Return the bytes before the next end of line, at most `limit`, and step behind it."""
        while (found := self._buffer.find(b"\r\n", self._at)) < 0:
            if len(self._buffer) - self._at > limit:
                raise self._breach("sends a part with headers that do not end")
            self._more()
        if found - self._at > limit:
            raise self._breach("sends a part with headers that do not end")
        line = self._buffer[self._at : found]
        self._at = found + 2
        return line

    def _hold(self, count: int) -> None:
        """Have at least `count` bytes in the buffer."""
        while len(self._buffer) - self._at < count:
            self._more()

    def _more(self) -> None:
        data = self._read()
        if not data:
            raise self._broken("ended its answer in the middle of a part", Cause.CLOSED)
        self._buffer = self._buffer[self._at :] + data if self._at < len(self._buffer) else data
        self._at = 0

    def _leave(self, pieces: Iterator[memoryview], limit: int | None) -> None:
        """Read without keeping. Raise when there are more than `limit` bytes."""
        size = 0
        for piece in pieces:
            size += len(piece)
            if limit is not None and size > limit:
                raise self._breach("announces parts and sends something else")

    def _breach(self, words: str) -> NetworkError:
        return self._broken(words, Cause.PROTOCOL)


def encoded_head(boundary: str, content_type: str, length: int, *, first: bool) -> bytes:
    """Return what stands before the bytes of a part that we send."""
    start = "" if first else "\r\n"
    return f"{start}--{boundary}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n".encode()
