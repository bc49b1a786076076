"""Raw values of a header as text and numbers; what is damaged is absent (PS3.5 6.2)."""

import math
import struct
from dataclasses import dataclass

from viewer.dicom.charset import decode, encodings
from viewer.dicom.raw_header import RawHeader
from viewer.dicom.text import MOST_CHARACTERS, printable

_CHARACTER_SET = 0x00080005
_LONGEST_NUMBER = 64  # bytes; DS has 16, IS 12; int() of a million digits would cost seconds


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one header."""

    raw: dict[int, bytes]
    charsets: tuple[str, ...]
    big_endian: bool

    def text(self, tag: int) -> str:
        """Return a text without the padding, "" when absent."""
        value = self.raw.get(tag)
        return _cut(decode(value, self.charsets)) if value else ""

    def name(self, tag: int) -> str:
        """Return a PN, its groups separated by "="; empty groups and components at the end are left out."""
        value = self.raw.get(tag)
        if not value:
            return ""
        groups = (
            group.strip().rstrip("^") for group in decode(value, self.charsets, name=True).split("=")[:3]
        )
        return "=".join(_cut(group) for group in groups).rstrip("=")

    def code(self, tag: int) -> str:
        """Return the first value of a CS, UI, DA or TM: ASCII, without padding; "" when absent."""
        value = self.raw.get(tag, b"")[:MOST_CHARACTERS]
        return value.decode("latin-1").partition("\\")[0].strip("\0 ")

    def codes(self, tag: int) -> tuple[str, ...]:
        """Return all values of a CS; none when absent."""
        value = self.raw.get(tag, b"")[:MOST_CHARACTERS]
        return tuple(part.strip("\0 ") for part in value.decode("latin-1").split("\\")) if value else ()

    def integer(self, tag: int) -> int | None:
        """Return the first value of an IS."""
        number = self.decimal(tag)
        return int(number) if number is not None and number.is_integer() else None

    def decimal(self, tag: int) -> float | None:
        """Return the first value of a DS or IS."""
        values = self._decimals(tag)
        return values[0] if values else None

    def decimals(self, tag: int, count: int) -> tuple[float, ...] | None:
        """Return all values of a DS, None unless there are `count` and all are numbers."""
        values = self._decimals(tag)
        return values if len(values) == count else None

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

    def _decimals(self, tag: int) -> tuple[float, ...]:
        """Return the values of a DS or IS; empty when one of them is no finite number."""
        value = self.raw.get(tag, b"")[: 16 * _LONGEST_NUMBER]
        try:
            numbers = tuple(float(part) for part in value.decode("ascii").strip("\0 ").split("\\"))
        except ValueError:
            return ()
        return numbers if all(map(math.isfinite, numbers)) else ()


def values_of(header: RawHeader) -> Values:
    """Return the values of a header, with its character sets."""
    charsets = encodings(header.values.get(_CHARACTER_SET, b""))
    return Values(header.values, charsets, header.encoding.big_endian)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else printable(text)
