"""Bytes of text values to text, by Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1.2).

Never fails: what cannot be decoded becomes a replacement character, and lengths are bounded, because a
long value full of escape sequences would otherwise cost seconds.
"""

import re
from collections.abc import Sequence

from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

from viewer.dicom.text import CUT

MOST_BYTES = 4096  # of one value; PN is at most 3 x 64 characters, LO 64, LT 10240 (not indexed)
_ESCAPE = 0x1B
_FRAGMENTS = re.compile(rb"\x1b[^\x1b]*|[^\x1b]+")
_LATIN_DELIMITERS = b"\\\r\n\f\t"  # each ends a code extension (PS3.5 6.1.2.5.3)
_NAME_DELIMITERS = _LATIN_DELIMITERS + b"^="
# Python's own ISO 2022 decoders want the escape sequences; the single-byte encodings must not see them.
_STATEFUL = {"iso2022_jp", "iso2022_jp_2"}
_STANDING_ALONE = {"UTF8", "GB18030", "GBK"}  # have no code extensions (PS3.3 C.12.1.1.2)
_ASCII = b"\x1b(B"  # changes only the lower half; the upper half keeps the first character set
_FOUR_BYTE_ESCAPES = (b"\x1b$(", b"\x1b$)")


def encodings(specific_character_set: bytes) -> tuple[str, ...]:
    """Return the Python encodings of a raw Specific Character Set; an unknown term means ISO 8859-1.

    ISO 8859-1 rather than ASCII: it shows most of what such files hold, and loses no byte.
    """
    terms = specific_character_set[:256].decode("latin-1").strip("\0 ").split("\\")
    found = [_encoding(term.strip("\0 ")) for term in terms]
    return tuple(found)


def decode(value: bytes, charsets: Sequence[str], *, name: bool = False) -> str:
    """Return a raw text value as text, without the padding around it.

    `name` tells that "^" and "=" end a code extension, as they do in a PN. The number of bytes looked at
    is bounded by `MOST_BYTES`; a cut text ends with an ellipsis.
    """
    cut = value[:MOST_BYTES]
    if _ESCAPE not in cut or charsets[0] in _STANDING_ALONE:
        text = _plain(cut, charsets[0])
    else:
        delimiters = _NAME_DELIMITERS if name else _LATIN_DELIMITERS
        text = "".join(_fragment(part, charsets, delimiters) for part in _FRAGMENTS.findall(cut))
    text = text.strip("\0 ")
    return text if len(value) <= MOST_BYTES else text + CUT


def _encoding(term: str) -> str:
    if term in python_encoding:
        found = python_encoding[term]
        return "latin_1" if not term or found == "iso8859" else found
    spelled = re.sub(r"^ISO[ _-]?(2022)?[ _-]?IR[ _-]?(?=\d)", _respelled, term, flags=re.IGNORECASE)
    return python_encoding.get(spelled, "latin_1")


def _respelled(match: re.Match[str]) -> str:
    return "ISO 2022 IR " if match.group(1) else "ISO_IR "


def _plain(value: bytes, encoding: str) -> str:
    try:
        return value.decode(encoding, "replace")
    except LookupError:
        return value.decode("latin_1")


def _fragment(part: bytes, charsets: Sequence[str], delimiters: bytes) -> str:
    """Decode one part of a value that begins with an escape sequence, or the part before the first one."""
    if part[0] != _ESCAPE:
        return _plain(part, charsets[0])
    size = 4 if part.startswith(_FOUR_BYTE_ESCAPES) else 3
    encoding = CODES_TO_ENCODINGS.get(part[:size])
    if encoding is None or part.startswith(_ASCII):
        return _plain(part[size:], charsets[0])
    if encoding in _STATEFUL:
        return _plain(part, encoding)
    body = part[size:]
    end = next((index for index, byte in enumerate(body) if byte in delimiters), len(body))
    return _plain(body[:end], encoding) + _plain(body[end:], charsets[0])
