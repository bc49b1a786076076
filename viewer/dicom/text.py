"""PN, DA, TM and AS as a person reads them (PS3.5 6.2), and text of others made safe to show.

`printable` is the one function through which the names of files and the text of files go into messages,
logs and terminals.
"""

import os
import unicodedata

MOST_CHARACTERS = 1024  # of one text that is shown or indexed; the longest honest descriptions are 64
CUT = "…"
_DIGITS_OF_DATE = 8
_AGE_UNITS = {"D": ("day", "days"), "W": ("week", "weeks"), "M": ("month", "months"), "Y": ("year", "years")}
# Marks and overrides of direction: they could make a name or a number read as another one.
_DIRECTION = {chr(code) for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
# Cc control, Cf format, Cs lone surrogate, Co private use, Cn unassigned, Zl and Zp line and paragraph ends.
_UNSAFE = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str, limit: int = MOST_CHARACTERS) -> str:
    r"""Return `text` on one line, with what could deceive a reader or a terminal escaped, cut to `limit`.

    Control characters and overrides of direction become \x1b or \u202e; a byte of a file name that is not
    UTF-8 (a surrogate escape) becomes \xff.
    """
    cut = text if len(text) <= limit else text[: max(limit - 1, 0)] + CUT
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(_escaped(character) for character in cut)


def shown_path(path: str | bytes) -> str:
    """Return the name of a file as text that can be shown; uncut, so that it still names the file."""
    name = os.fsdecode(path)
    return printable(name, len(name))


def person_name(value: str) -> str:
    """Return a PN for a person: "YAMADA, Tarou (山田 太郎, やまだ たろう)".

    `value` has up to three groups separated by "=": alphabetic, ideographic and phonetic; each with up to
    five components separated by "^": family, given, middle, prefix, suffix (PS3.5 6.2.1.1.1). Prefix and
    suffix follow the given names.
    """
    first, *others = value.split("=")[:3]
    alphabetic = _name_group(first, ", ")
    rest = ", ".join(filter(None, (_name_group(group, " ") for group in others)))
    return f"{alphabetic} ({rest})" if alphabetic and rest else alphabetic or rest


def date(value: str) -> str:
    """Return a DA as "2026-11-22"; also the form 2026.11.22 of old files. What is no date stays as it is."""
    text = value.strip()
    digits = text.replace(".", "").replace("-", "")
    if len(digits) == _DIGITS_OF_DATE and digits.isascii() and digits.isdigit():
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return printable(text)


def time(value: str) -> str:
    """Return a TM as "10:11" or "10:11:12"; fractions of a second are left out. What is no time stays."""
    text = value.strip()
    digits = text.partition(".")[0].replace(":", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in {2, 4, 6}):
        return printable(text)
    parts = [digits[start : start + 2] for start in range(0, len(digits), 2)]
    return ":".join(parts) if len(parts) > 1 else f"{parts[0]} h"


def age(value: str) -> str:
    """Return an AS ("063Y") as "63 years". What is no age stays as it is."""
    text = value.strip()
    number, unit = text[:-1], text[-1:].upper()
    if unit not in _AGE_UNITS or not (number.isascii() and number.isdigit()):
        return printable(text)
    one, many = _AGE_UNITS[unit]
    return f"{int(number)} {one if int(number) == 1 else many}"


def _name_group(group: str, separator: str) -> str:
    components = [" ".join(part.split()) for part in group.split("^")]
    family, given = components[0], " ".join(part for part in components[1:] if part)
    return printable(separator.join(filter(None, (family, given))))


def _escaped(character: str) -> str:
    if character in _DIRECTION or unicodedata.category(character) in _UNSAFE:
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004  a byte that could not be decoded (PEP 383)
            return f"\\x{code - 0xDC00:02x}"
        return character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return character
