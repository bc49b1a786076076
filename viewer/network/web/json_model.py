"""The values of a DICOM JSON object (PS3.18 F), whatever a server may have put there."""

from collections.abc import Iterator
from typing import Any

_MOST_TEXT = 4096  # characters of one value; the longest that are asked for have 324
_MOST_DIGITS = 12  # of an IS (PS3.5 6.2)
_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def values(row: Any, tag: str) -> list[Any]:  # noqa: ANN401  any JSON
    """Return the values of an attribute by its tag (8 hexadecimal digits), [] for none."""
    element = row.get(tag) if isinstance(row, dict) else None
    found = element.get("Value") if isinstance(element, dict) else None
    return found if isinstance(found, list) else []


def texts(row: Any, tag: str) -> tuple[str, ...]:  # noqa: ANN401  any JSON
    """Return the values of an attribute as texts; the groups of a name are joined by "="."""
    return tuple(_text(value) for value in values(row, tag))


def text(row: Any, tag: str) -> str:  # noqa: ANN401  any JSON
    """Return the first value of an attribute as a text, "" for none."""
    found = values(row, tag)
    return _text(found[0]) if found else ""


def number(row: Any, tag: str) -> int | None:  # noqa: ANN401  any JSON
    """Return the first value of an attribute as a whole number, also when it is written as a text."""
    word = text(row, tag).strip()
    digits = word.removeprefix("-")
    return int(word) if digits.isascii() and digits.isdecimal() and len(word) <= _MOST_DIGITS else None


def items(row: Any, tag: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401  any JSON
    """Yield the items of a sequence."""
    return (each for each in values(row, tag) if isinstance(each, dict))


def _text(value: object) -> str:
    if isinstance(value, dict):
        groups = [str(value.get(group) or "") for group in _GROUPS]
        value = "=".join(groups).rstrip("=")
    if value is None or isinstance(value, list | bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[:_MOST_TEXT].strip("\0 ")
