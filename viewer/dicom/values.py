"""Raw values of a header as text and numbers; what is damaged is absent (PS3.5 6.2)."""

import math
import struct
from dataclasses import dataclass
from functools import lru_cache

from viewer.dicom.charset import MOST_BYTES, decode, encodings
from viewer.dicom.raw_header import RawHeader
from viewer.dicom.text import MOST_CHARACTERS, printable

_CHARACTER_SET = 0x00080005
_LONGEST_NUMBERS = 1024  # bytes of a DS; int() of a million digits would cost seconds
_REMEMBERED = 1024  # values of one kind that are not read twice: the images of a series share most of theirs


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one header."""

    raw: dict[int, bytes]
    charsets: tuple[str, ...]
    big_endian: bool

    def text(self, tag: int) -> str:
        """Return a text without the padding, "" when absent."""
        value = self.raw.get(tag)
        return _text(value[: MOST_BYTES + 1], self.charsets) if value else ""

    def name(self, tag: int) -> str:
        """Return a PN, its groups separated by "="; empty groups and components at the end are left out."""
        value = self.raw.get(tag)
        return _name(value[: MOST_BYTES + 1], self.charsets) if value else ""

    def code(self, tag: int) -> str:
        """Return the first value of a CS, UI, DA or TM: ASCII, without padding; "" when absent."""
        value = self.raw.get(tag)
        return _code(value[:MOST_CHARACTERS]) if value else ""

    def codes(self, tag: int) -> tuple[str, ...]:
        """Return all values of a CS; none when absent."""
        value = self.raw.get(tag)
        return _codes(value[:MOST_CHARACTERS]) if value else ()

    def integer(self, tag: int) -> int | None:
        """Return the first value of an IS."""
        value = self.raw.get(tag)
        return _integer(value[:_LONGEST_NUMBERS]) if value else None

    def decimal(self, tag: int) -> float | None:
        """Return the first value of a DS or IS."""
        value = self.raw.get(tag)
        numbers = _numbers(value[:_LONGEST_NUMBERS]) if value else None
        return numbers[0] if numbers else None

    def decimals(self, tag: int, count: int) -> tuple[float, ...] | None:
        """Return all values of a DS, None unless there are `count` and all are numbers."""
        value = self.raw.get(tag)
        numbers = _numbers(value[:_LONGEST_NUMBERS]) if value else ()
        return numbers if len(numbers) == count else None

    def unsigned(self, tag: int) -> int | None:
        """Return a US of one value; None for any other size, so that a UL is not believed."""
        value = self.raw.get(tag, b"")
        return int.from_bytes(value, "big" if self.big_endian else "little") if len(value) == 2 else None  # noqa: PLR2004  bytes of a US

    def unsigned_long(self, tag: int) -> int | None:
        """Return a UL of one value, None for any other size."""
        value = self.raw.get(tag, b"")
        return int.from_bytes(value, "big" if self.big_endian else "little") if len(value) == 4 else None  # noqa: PLR2004  bytes of a UL

    def floating(self, tag: int) -> float | None:
        """Return an FD or FL of one value."""
        value = self.raw.get(tag, b"")
        code = {4: "f", 8: "d"}.get(len(value))
        if code is None:
            return None
        (number,) = struct.unpack((">" if self.big_endian else "<") + code, value)
        return float(number) if math.isfinite(number) else None


def values_of(header: RawHeader) -> Values:
    """Return the values of a header, with its character sets."""
    charsets = _encodings(header.values.get(_CHARACTER_SET, b"")[:MOST_CHARACTERS])
    return Values(header.values, charsets, header.encoding.big_endian)


_encodings = lru_cache(_REMEMBERED)(encodings)


@lru_cache(_REMEMBERED)
def _text(value: bytes, charsets: tuple[str, ...]) -> str:
    return _cut(decode(value, charsets))


@lru_cache(_REMEMBERED)
def _name(value: bytes, charsets: tuple[str, ...]) -> str:
    groups = (group.strip().rstrip("^") for group in decode(value, charsets, name=True).split("=")[:3])
    return "=".join(_cut(group) for group in groups).rstrip("=")


@lru_cache(_REMEMBERED)
def _code(value: bytes) -> str:
    return value.decode("latin-1").partition("\\")[0].strip("\0 ")


@lru_cache(_REMEMBERED)
def _codes(value: bytes) -> tuple[str, ...]:
    return tuple(part.strip("\0 ") for part in value.decode("latin-1").split("\\"))


def _integer(value: bytes) -> int | None:
    try:
        return int(value)
    except ValueError:  # several numbers, a fraction, zeros at the end
        numbers = _numbers(value)
        return int(numbers[0]) if numbers and numbers[0].is_integer() else None


@lru_cache(_REMEMBERED)
def _numbers(value: bytes) -> tuple[float, ...]:
    try:
        numbers = tuple(map(float, value.strip(b"\0 ").split(b"\\")))
    except ValueError:
        return ()
    return numbers if all(map(math.isfinite, numbers)) else ()


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else printable(text)
