"""The attributes that an index needs, straight from the bytes of a file, without a Dataset (PS3.5 7).

`scan` walks the top-level elements up to the Pixel Data and reads only what it must: 8 KB of most files. It
answers only where it is certain; otherwise `viewer.dicom.parsed_header` gives the same answer, slower.
"""

import io
import struct
import zlib
from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise

from viewer.dicom.elements import (
    IMPLICIT,
    LONG_VRS,
    MOST_ELEMENTS,
    SHORT_VRS,
    UNDEFINED,
    Encoding,
    MalformedError,
    NeedsMoreError,
    end_of_sequence,
)
from viewer.dicom.nested import Sequence, first_frame, referenced_instances
from viewer.dicom.pattern import Pattern, Piece
from viewer.dicom.preamble import begin, meta_pieces, meta_values, written
from viewer.dicom.raw_header import (
    META_SYNTAX,
    MOST_VALUE_BYTES,
    PER_FRAME_GROUPS,
    REFERENCED_SERIES,
    SHARED_GROUPS,
    TOP_LEVEL,
    PixelMark,
    RawHeader,
)
from viewer.dicom.read import ByteSource
from viewer.dicom.recall import MOST_MISSES, Known, Recall
from viewer.dicom.uids import DEFLATED

CHUNK = 8192  # holds the whole header of a typical CT image
MOST_HEADER_BYTES = 256 << 20  # before the Pixel Data
MOST_SEQUENCE_BYTES = 64 << 20  # per-frame groups of the largest honest images are ~50 MB
MOST_META_BYTES = 1 << 20
MOST_INFLATED_BYTES = 4 << 20  # of a deflated file that are looked at
PIXEL_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)  # Float, Double Float, Pixel Data
_NESTED = {REFERENCED_SERIES: 4 << 20, SHARED_GROUPS: 1 << 20, PER_FRAME_GROUPS: 1 << 16}  # bytes kept


def scan(source: ByteSource, size: int, recall: Recall | None = None) -> RawHeader | None:
    """Return the header of a file of `size` bytes, None where a tolerant parser should look.

    `recall` is what a reader of many headers keeps between two of them; the answer is the same without.
    Raise NotDicomError.
    """
    head = source.read_at(0, CHUNK)
    start, magic = begin(head)
    recall = recall or Recall()
    fits = recall.pattern.match(head, start) if recall.pattern is not None else None
    try:
        if fits is not None and recall.known is not None:
            walk = _Walk(source, size, recall.known.encoding, fits[0])
            pattern = recall.pattern if walk.go_on(head, fits[1]) else None
            found = walk.look_inside()
            return RawHeader(walk.encoding, fits[0], found, walk.pixels, size, magic, walk.damage, pattern)
        return _scan(source, size, head, (start, magic), recall)
    except (MalformedError, NeedsMoreError, struct.error, zlib.error):
        return None


def _scan(
    source: ByteSource, size: int, head: bytes, begun: tuple[int, bool], recall: Recall
) -> RawHeader | None:
    """Return the header of a file that begins with `head`, whose first element stands at `begun`."""
    first, magic = begun
    found = meta_values(head, first) or meta_values(source.read_at(0, MOST_META_BYTES), first)
    if found is None:
        return None
    values, start = found
    available: int | None = size
    deflated = values.get(META_SYNTAX, b"").strip(b"\0 ") == DEFLATED.encode()
    if deflated:
        source, size, available = _inflated(source, start, size)
        head, start = source.read_at(0, CHUNK), 0
    walk = _Walk(source, size, written(head[start : start + 6] or source.read_at(start, 6), values), values)
    starts = walk.run(head, start, recall)
    known = None if deflated or len(starts) > MOST_MISSES else recall.known
    if known is not None and known.encoding == walk.encoding:
        _learn(recall, known, head, first, starts)
    referenced = walk.look_inside()
    if walk.damage and available is None:
        return None  # the part that was inflated is too small
    return RawHeader(walk.encoding, values, referenced, walk.pixels, available, magic, walk.damage)


def _learn(recall: Recall, known: Known, head: bytes, first: int, starts: list[int]) -> None:
    """Make a pattern of the elements that are known, without those at `starts` in `head`: they differ."""
    places = known.places(head, starts)
    if places is None or known.encoding.big_endian or (recall.pattern and places <= recall.varying):
        return
    recall.varying |= places
    recall.pattern = None
    pieces, varying = meta_pieces(known.data, first)
    if (pieces[-1].end if pieces else first) != known.starts[0]:
        return
    varying |= {len(pieces) + place for place in recall.varying}
    read, words = _READERS[known.encoding], _WORDS[known.encoding.big_endian]
    for start, end in pairwise(known.starts):
        word, _, header = read(known.data, start)
        width = 2 if known.encoding.explicit and header == 8 else 4  # noqa: PLR2004  bytes (PS3.5 7.1)
        value = start + header
        pieces.append(Piece(start, value - width, value, end, words.get(word, 0)))
    wanted = [piece.tag for piece in pieces if piece.tag]
    if len(wanted) == len(set(wanted)):  # of two the last one counts
        recall.pattern = Pattern(known.data, pieces, varying)


def _inflated(source: ByteSource, start: int, size: int) -> tuple[ByteSource, int, int | None]:
    """Return the beginning of a deflated data set as a stream of its own (PS3.5 A.5).

    With the bytes there are in it, and again if that is all, else None.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data = bytearray()
    for position in range(start, size, CHUNK):
        block = source.read_at(position, CHUNK)
        data += inflater.decompress(inflater.unconsumed_tail + block, MOST_INFLATED_BYTES - len(data) + 1)
        if inflater.eof or len(data) > MOST_INFLATED_BYTES:
            break
    return ByteSource(io.BytesIO(data), len(data)), len(data), len(data) if inflater.eof else None


Reader = Callable[[bytes, int], tuple[int, int, int]]  # word, length, bytes before the value


def _explicit(*, big: bool) -> Reader:
    order = ">" if big else "<"
    header, long_length = struct.Struct(order + "I2sH").unpack_from, struct.Struct(order + "I").unpack_from

    def read(data: bytes, at: int) -> tuple[int, int, int]:
        word, vr, length = header(data, at)
        if vr in SHORT_VRS:
            return word, length, 8
        if vr in LONG_VRS:
            return word, long_length(data, at + 8)[0], 12
        raise MalformedError

    return read


def _implicit(*, big: bool) -> Reader:
    header = struct.Struct(">II" if big else "<II").unpack_from

    def read(data: bytes, at: int) -> tuple[int, int, int]:
        word, length = header(data, at)
        return word, length, 8

    return read


_READERS = {
    Encoding(explicit, big): (_explicit if explicit else _implicit)(big=big)
    for explicit in (False, True)
    for big in (False, True)
}


def _tag(word: int) -> int:
    """Return the tag of four little-endian bytes, which come as element << 16 | group."""
    return (word & 0xFFFF) << 16 | word >> 16


# The tags by their four bytes as one number: no swapping per element.
_WORDS = {
    True: {tag: tag for tag in (*TOP_LEVEL, *_NESTED, *PIXEL_TAGS)},
    False: {_tag(tag): tag for tag in (*TOP_LEVEL, *_NESTED, *PIXEL_TAGS)},
}


class _Walk:
    """One walk over the top-level elements of a data set."""

    def __init__(self, source: ByteSource, size: int, encoding: Encoding, values: dict[int, bytes]) -> None:
        self._source, self._size, self._values = source, size, values
        self._nested: dict[int, Sequence] = {}
        self.encoding = encoding
        self.pixels: PixelMark | None = None
        self.damage = ""

    def run(self, head: bytes, position: int, recall: Recall) -> list[int]:
        """Read elements from `position` of the stream, whose first bytes are `head`, to the Pixel Data.

        Return where those begin that were read one by one.
        """
        known = recall.known if recall.known and recall.known.encoding == self.encoding else None
        starts: list[int] = []
        self._elements(head, position, known, starts)
        if len(starts) > MOST_MISSES:
            recall.replace(self._remembered(head, starts) if known is None else None)
        return starts

    def go_on(self, head: bytes, position: int) -> bool:
        """Read elements from `position` on; tell whether the Pixel Data begin right there."""
        if position + 12 <= len(head):
            word, length, header = _READERS[self.encoding](head, position)
            if _WORDS[self.encoding.big_endian].get(word) in PIXEL_TAGS:
                self.pixels = PixelMark(position + header, None if length == UNDEFINED else length)
                return True
        self._elements(head, position, None, [])
        return False

    def _elements(self, data: bytes, position: int, known: Known | None, starts: list[int]) -> None:
        read, words = _READERS[self.encoding], _WORDS[self.encoding.big_endian]
        base = 0
        for _ in range(MOST_ELEMENTS):
            at = position - base
            if known is not None and not base:
                skipped = known.skip(data, at, self._values)
                position, at = position + skipped, at + skipped
                if len(starts) > MOST_MISSES:
                    known = None
            if at + 12 > len(data):
                data, base, at = self._source.read_at(position, CHUNK), position, 0
                if len(data) < 8 or position > MOST_HEADER_BYTES:  # noqa: PLR2004  no room for an element
                    self._ended(position)
                    return
                data += bytes(4)  # room to look for a long length at the very end
            word, length, header = read(data, at)
            starts.append(position)
            position += header
            if length == UNDEFINED or word in words:
                tag = words.get(word, 0)
                if tag in PIXEL_TAGS:
                    self.pixels = PixelMark(position, None if length == UNDEFINED else length)
                    return
                position = self._take(tag, position, length, data[at + header : at + header + length])
            else:
                position += length
        self.damage = f"the header has more than {MOST_ELEMENTS} elements; the rest was not read"

    def _remembered(self, head: bytes, starts: list[int]) -> Known:
        """Return the elements that lie in the first bytes, for the next header."""
        read, words = _READERS[self.encoding], _WORDS[self.encoding.big_endian]
        within = starts[: bisect_right(starts, len(head) - 12)]
        kept: list[tuple[int, bytes] | None] = []
        alone: list[int] = []
        for place, start in enumerate(within[:-1]):
            word, length, header = read(head, start)
            tag = words.get(word, 0)
            wanted = bool(tag) and tag not in _NESTED
            kept.append((tag, head[start + header : start + header + length]) if wanted else None)
            if tag in _NESTED or (wanted and length == UNDEFINED):
                alone.append(place)
        return Known(head, self.encoding, within, kept, alone)

    def _ended(self, position: int) -> None:
        if position > MOST_HEADER_BYTES:
            self.damage = "the header is larger than a header can be; the rest was not read"
        elif position > self._size:
            self.damage = "the file is cut off in its header"

    def _take(self, tag: int, position: int, length: int, value: bytes) -> int:
        """Keep a wanted value, pass over an undefined length; return where the next element begins."""
        if length == UNDEFINED:
            return self._take_sequence(tag, position)
        most = _NESTED.get(tag, MOST_VALUE_BYTES)
        if len(value) < min(length, most):
            value = self._source.read_at(position, min(length, most))
        if position + length <= self._size:
            if tag in _NESTED:
                self._nested[tag] = Sequence(value[:most], self.encoding)
            else:
                self._values[tag] = value[:most]
        return position + length

    def _take_sequence(self, tag: int, position: int) -> int:
        """Pass over a sequence of undefined length, reading twice as much each time it does not end."""
        inside = self._inside(position)
        size = CHUNK
        while True:
            data = self._source.read_at(position, size)
            try:
                end = end_of_sequence(data, 0, inside)
            except NeedsMoreError:
                if len(data) < size:  # the file ends first
                    return self._size + 1
                if size >= MOST_SEQUENCE_BYTES:
                    raise MalformedError from None
                size *= 2
                continue
            if tag:
                self._nested[tag] = Sequence(data[: end - 8], inside)
            return position + end

    def _inside(self, position: int) -> Encoding:
        """Return how the items at `position` are written: implicit if the VR is UN (PS3.5 6.2.2)."""
        before = self._source.read_at(max(position - 8, 0), 2)
        if self.encoding.explicit and before == b"UN":
            return IMPLICIT
        return self.encoding

    def look_inside(self) -> tuple[bytes, ...]:
        """Add what the first frame says of itself to the values; return the images that are referred to."""
        for tag in (PER_FRAME_GROUPS, SHARED_GROUPS):
            if tag in self._nested:
                self._values.update({**first_frame(self._nested[tag]), **self._values})
        if REFERENCED_SERIES not in self._nested:
            return ()
        return referenced_instances(self._nested[REFERENCED_SERIES])
