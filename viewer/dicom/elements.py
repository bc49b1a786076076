"""Data elements, sequences and items found in bytes, without a Dataset (PS3.5 7).

Everything here is bounded: nesting, the number of elements, and no length is believed before the bytes
are there.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST_NESTING = 64  # sequences within sequences; the standard's own templates stay below 20
MOST_ELEMENTS = 250_000  # in one walk; an enhanced image of 2,000 frames has about 150,000
UNDEFINED = 0xFFFFFFFF
ITEM = 0xFFFEE000
END_OF_ITEM = 0xFFFEE00D
END_OF_SEQUENCE = 0xFFFEE0DD
SHORT_VRS = frozenset(
    b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split()
)  # length in two bytes
LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())  # length in four bytes


class MalformedError(Exception):
    """Bytes that are not what the standard says; the caller turns it into words about the file."""


class NeedsMoreError(Exception):
    """The bytes end before the sequence does."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a data set is written."""

    explicit: bool  # VR
    big_endian: bool = False


IMPLICIT = Encoding(explicit=False)
EXPLICIT = Encoding(explicit=True)
_HEADERS = {False: struct.Struct("<HHI"), True: struct.Struct(">HHI")}
_LENGTHS = {False: struct.Struct("<I"), True: struct.Struct(">I")}
_SHORT_LENGTHS = {False: struct.Struct("<H"), True: struct.Struct(">H")}


@dataclass(frozen=True, slots=True)
class Element:
    """One data element: where its value stands in the bytes."""

    tag: int  # group << 16 | element
    start: int
    end: int  # without the delimiter of an undefined length
    encoding: Encoding  # of what is inside


def elements(
    data: bytes, start: int, end: int, encoding: Encoding, *, last: int | None = None
) -> Iterator[Element]:
    """Yield the elements of data[start:end] in file order. Raise MalformedError where they cannot be read.

    `last` is a tag after which nothing is wanted: if its length is undefined it reaches to `end`.
    """
    position = start
    for _ in range(MOST_ELEMENTS):
        if position + 8 > end:
            return
        try:
            tag, value, length, inside = _header(data, position, encoding)
            if tag == last and length == UNDEFINED:
                yield Element(tag, value, end, inside)
                return
            if length == UNDEFINED:
                after = end_of_sequence(data, value, inside)
                yield Element(tag, value, after - 8, inside)
            else:
                after = value + length
                if after > end:
                    raise MalformedError
                yield Element(tag, value, after, encoding)
        except (struct.error, NeedsMoreError):
            raise MalformedError from None
        position = after
    raise MalformedError


def items(data: bytes, sequence: Element) -> Iterator[tuple[int, int]]:
    """Yield where each item of a sequence begins and ends. Raise MalformedError where they cannot be read."""
    position = sequence.start
    while position + 8 <= sequence.end:
        tag, length = tag_and_length(data, position, big_endian=sequence.encoding.big_endian)
        if tag == END_OF_SEQUENCE:
            return
        if tag != ITEM:
            raise MalformedError
        start = position + 8
        if length == UNDEFINED:
            try:
                position = _end(data, start, sequence.encoding, [_IN_ITEM])
            except (struct.error, NeedsMoreError):
                raise MalformedError from None
            yield start, position - 8
        else:
            position = start + length
            if position > sequence.end:
                raise MalformedError
            yield start, position


def end_of_sequence(data: bytes, start: int, encoding: Encoding) -> int:
    """Return the position after the delimiter of a sequence of undefined length whose items begin at `start`.

    Raise NeedsMoreError when the bytes end first, MalformedError when they are no sequence.
    """
    try:
        return _end(data, start, encoding, [_IN_SEQUENCE])
    except struct.error:
        raise NeedsMoreError from None


def tag_and_length(data: bytes, position: int, *, big_endian: bool) -> tuple[int, int]:
    """Return tag and length of an item or delimiter, which have no VR. Raise struct.error at the end."""
    group, element, length = _HEADERS[big_endian].unpack_from(data, position)
    return group << 16 | element, length


_IN_SEQUENCE, _IN_ITEM = True, False  # what a level of nesting expects: items, or elements


def _end(data: bytes, position: int, encoding: Encoding, levels: list[bool]) -> int:
    """Walk until all `levels` of undefined length are closed; return the position after the last one."""
    inside = [encoding] * len(levels)
    for _ in range(MOST_ELEMENTS):
        if position > len(data):
            raise NeedsMoreError
        tag, _length = tag_and_length(data, position, big_endian=inside[-1].big_endian)
        if tag == (END_OF_SEQUENCE if levels[-1] is _IN_SEQUENCE else END_OF_ITEM):
            position += 8
            levels.pop()
            inside.pop()
            if not levels:
                return position
            continue
        position, length, within = _entered(data, position, inside[-1], levels[-1])
        if length != UNDEFINED:
            position += length
            continue
        if len(levels) >= 2 * MOST_NESTING:
            raise MalformedError
        levels.append(not levels[-1])  # items hold elements, and only sequences have undefined lengths
        inside.append(within)
    raise MalformedError


def _entered(data: bytes, position: int, encoding: Encoding, level: bool) -> tuple[int, int, Encoding]:  # noqa: FBT001  a level, not an option
    """Return where the value of the next item or element begins, its length and encoding."""
    if level is not _IN_SEQUENCE:
        return _header(data, position, encoding)[1:]
    tag, length = tag_and_length(data, position, big_endian=encoding.big_endian)
    if tag != ITEM:
        raise MalformedError
    return position + 8, length, encoding


def _header(data: bytes, position: int, encoding: Encoding) -> tuple[int, int, int, Encoding]:
    """Return tag, position of the value, its length, and the encoding of what is inside it."""
    big = encoding.big_endian
    group, element, length = _HEADERS[big].unpack_from(data, position)
    tag = group << 16 | element
    if not encoding.explicit:
        return tag, position + 8, length, encoding
    vr = data[position + 4 : position + 6]
    if vr in SHORT_VRS:
        (length,) = _SHORT_LENGTHS[big].unpack_from(data, position + 6)
        return tag, position + 8, length, encoding
    if vr not in LONG_VRS:
        raise MalformedError
    (length,) = _LENGTHS[big].unpack_from(data, position + 8)
    # A sequence of unknown VR and undefined length is written with implicit VR (PS3.5 6.2.2).
    inside = IMPLICIT if vr == b"UN" and length == UNDEFINED else encoding
    return tag, position + 12, length, inside
