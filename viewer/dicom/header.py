"""Attributes of a dataset read tolerantly: what cannot be read gives a fallback and a notice."""

import math
import unicodedata
from collections.abc import Sequence

from pydicom.datadict import dictionary_description, dictionary_VR, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

MOST_NOTICES = 16  # a damaged header could fill the picture with words
LONGEST_TEXT = 1024  # characters of a value that is shown; longer ones are no description
MOST_VALUES = 65_536  # of one attribute that are looked at: a whole 16-bit table
TEXT_VRS = {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UT"}
# Direction overrides and isolates: a name that carries them could read as another one.
INVISIBLE = {
    chr(code)
    for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF, 0x2028, 0x2029)
}


class Notices:
    """What was found wrong while reading one header: short sentences, each once."""

    def __init__(self) -> None:
        self._words: list[str] = []

    def add(self, words: str) -> None:
        """Remember `words`, unless they are known or there are too many already."""
        if words not in self._words and len(self._words) < MOST_NOTICES:
            self._words.append(words)

    @property
    def words(self) -> tuple[str, ...]:
        """Return the notices in the order in which they were found."""
        return tuple(self._words)


class Header:
    """A dataset, or one item of a sequence, whose attributes are asked for by keyword."""

    def __init__(self, dataset: Dataset, notices: Notices, *, little_endian: bool = True) -> None:
        self.dataset = dataset
        self.notices = notices
        self.little_endian = little_endian

    def __contains__(self, keyword: str) -> bool:
        return _tag(keyword) in self.dataset

    def value(self, keyword: str) -> object:
        """Return the value as pydicom converts it, the bare strings where it cannot, else None."""
        tag = _tag(keyword)
        if tag not in self.dataset:
            return None
        try:
            return self.dataset[tag].value
        except Exception:  # noqa: BLE001  pydicom raises many kinds for a value that it cannot convert
            return self._strings(keyword)

    def values(self, keyword: str) -> list[object]:
        """Return the values as a list, empty for an absent or empty attribute."""
        value = self.value(keyword)
        if isinstance(value, (MultiValue, list, tuple)):
            return list(value[:MOST_VALUES])
        return [value] if value or value == 0 else []

    def numbers(self, keyword: str) -> list[float | None]:
        """Return the values as finite numbers, None for each one that is not."""
        numbers = [_number(value) for value in self.values(keyword)]
        if any(number is None for number in numbers):
            self.notices.add(f"{label(keyword)} is not a number")
        return numbers

    def number(self, keyword: str) -> float | None:
        """Return the first value as a finite number; None for an absent or unusable one."""
        numbers = self.numbers(keyword)
        return numbers[0] if numbers else None

    def integer(self, keyword: str) -> int | None:
        """Return the first value as a whole number; None for an absent or unusable one."""
        number = self.number(keyword)
        if number is None:
            return None
        if number != int(number):
            self.notices.add(f"{label(keyword)} is not a whole number")
            return None
        return int(number)

    def vector(self, keyword: str, length: int) -> tuple[float, ...] | None:
        """Return exactly `length` finite numbers, or None."""
        numbers = self.numbers(keyword)
        if not numbers:
            return None
        whole = tuple(number for number in numbers if number is not None)
        if len(whole) == len(numbers) == length:
            return whole
        self.notices.add(f"{label(keyword)} is incomplete and was not used")
        return None

    def texts(self, keyword: str) -> tuple[str, ...]:
        """Return the values as clean text (see `clean`)."""
        return tuple(clean(str(value)) for value in self.values(keyword))

    def text(self, keyword: str) -> str:
        """Return the value as clean text, several values joined by a backslash; "" when absent."""
        return clean("\\".join(self.texts(keyword)))

    def code(self, keyword: str) -> str:
        """Return the first value in upper case: an enumerated value of the standard."""
        texts = self.texts(keyword)
        return texts[0].upper() if texts else ""

    def items(self, keyword: str) -> list["Header"]:
        """Return the items of a sequence, none for an absent or damaged one."""
        value = self.value(keyword)
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            return []
        return [self._inside(item) for item in value if isinstance(item, Dataset)]

    def item(self, keyword: str, number: int = 0) -> "Header | None":
        """Return one item of a sequence, counted from 0, or None."""
        value = self.value(keyword)
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)) or number >= len(value):
            return None
        item = value[number]
        return self._inside(item) if isinstance(item, Dataset) else None

    def _inside(self, item: Dataset) -> "Header":
        return Header(item, self.notices, little_endian=self.little_endian)

    def _strings(self, keyword: str) -> object:
        """Return the strings of a value that pydicom refuses (a DS "1,5"), None for a binary one."""
        raw = self.dataset.get_item(_tag(keyword), keep_deferred=True).value
        if isinstance(raw, bytes) and dictionary_VR(keyword) in TEXT_VRS:
            return raw.decode("latin-1").rstrip("\0 ").split("\\")
        self.notices.add(f"{label(keyword)} is damaged")
        return None


def label(keyword: str) -> str:
    """Return the name and tag of an attribute, as in "Window Center (0028,1050)"."""
    tag = _tag(keyword)
    return f"{dictionary_description(tag)} ({tag >> 16:04X},{tag & 0xFFFF:04X})"


def clean(text: str) -> str:
    """Return `text` without control and direction characters, cut to `LONGEST_TEXT` characters."""
    cut = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    if cut.isascii() and cut.isprintable():
        return cut.strip()
    shown = (" " if character in "\t\r\n\f" else character for character in cut)
    return "".join(character for character in shown if _visible(character)).strip()


def _visible(character: str) -> bool:
    return character not in INVISIBLE and unicodedata.category(character) != "Cc"


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return int(tag)


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever cannot be converted raises
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
