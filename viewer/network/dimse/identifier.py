"""Identifiers of queries and retrievals as bytes: keys out, answers in (PS3.4 C.2.2.1, C.4.1.1.3).

Texts are encoded in the character set that is asked for, and decoded by what the answer says of itself. A
peer that says nothing is believed to answer as UTF-8 where its bytes are that, else as ISO 8859-1.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from viewer.dicom.charset import decode, encodings
from viewer.dicom.elements import EXPLICIT, IMPLICIT, MalformedError, elements
from viewer.dicom.text import printable
from viewer.dicom.uids import IMPLICIT_LITTLE
from viewer.network.access import UnreadableError

CHARACTER_SET = 0x00080005
STUDY_DATE, STUDY_TIME, ACCESSION_NUMBER, LEVEL = 0x00080020, 0x00080030, 0x00080050, 0x00080052
MODALITY, MODALITIES, SOP_CLASSES = 0x00080060, 0x00080061, 0x00080062
SOP_CLASS, SOP_INSTANCE, FAILED_INSTANCES = 0x00080016, 0x00080018, 0x00080058
STUDY_DESCRIPTION, SERIES_DESCRIPTION = 0x00081030, 0x0008103E
PATIENT_NAME, PATIENT_ID, ISSUER, BIRTH_DATE, SEX = 0x00100010, 0x00100020, 0x00100021, 0x00100030, 0x00100040
BODY_PART, STUDY, SERIES = 0x00180015, 0x0020000D, 0x0020000E
SERIES_NUMBER, INSTANCE_NUMBER, LATERALITY = 0x00200011, 0x00200013, 0x00200060
STUDIES_OF_PATIENT, SERIES_OF_STUDY, INSTANCES_OF_STUDY = 0x00201200, 0x00201206, 0x00201208
INSTANCES_OF_SERIES, NUMBER_OF_FRAMES = 0x00201209, 0x00280008
_VRS = {
    **dict.fromkeys((CHARACTER_SET, LEVEL, MODALITY, MODALITIES, SEX, BODY_PART, LATERALITY), "CS"),
    **dict.fromkeys((SOP_CLASS, SOP_INSTANCE, SOP_CLASSES, FAILED_INSTANCES, STUDY, SERIES), "UI"),
    **dict.fromkeys((STUDY_DATE, BIRTH_DATE), "DA"),
    **dict.fromkeys((STUDY_DESCRIPTION, SERIES_DESCRIPTION, PATIENT_ID, ISSUER), "LO"),
    **dict.fromkeys((SERIES_NUMBER, INSTANCE_NUMBER, STUDIES_OF_PATIENT, SERIES_OF_STUDY), "IS"),
    **dict.fromkeys((INSTANCES_OF_STUDY, INSTANCES_OF_SERIES, NUMBER_OF_FRAMES), "IS"),
    STUDY_TIME: "TM",
    ACCESSION_NUMBER: "SH",
    PATIENT_NAME: "PN",
}
_MOST_VALUE = 0xFFFE  # bytes of one value
_TEXTS = {"LO", "SH", "PN"}
_EXPLICIT, _IMPLICIT = struct.Struct("<HH2sH"), struct.Struct("<HHI")
_PARTS = re.compile(r"([\^=\\*?]+)")  # what ends a code extension (PS3.5 6.1.2.5.3), and the wildcards
_PYTHON = {  # how Python calls the character sets that a query may be asked in
    "ISO_IR 192": "utf-8",
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 166": "iso8859-11",
    "GB18030": "gb18030",
    "\\ISO 2022 IR 87": "iso2022_jp",
    "\\ISO 2022 IR 149": "euc_kr",
}
_ESCAPES = {"\\ISO 2022 IR 149": b"\x1b$)C"}  # of a set whose codec does not write it
CHARACTER_SETS = tuple(_PYTHON)


def fits(text: str, character_set: str) -> bool:
    """Tell whether a character set has all the letters of a text."""
    try:
        text.encode(_PYTHON[character_set])
    except UnicodeEncodeError:
        return False
    return True


def encode_keys(keys: Mapping[int, str], transfer_syntax: str, character_set: str = "") -> bytes:
    """Return an identifier as bytes; `character_set` is a defined term of `CHARACTER_SETS`, "" for ASCII.

    Raises ValueError for a list of UIDs that is too long, of about a thousand.
    """
    parts = []
    for tag in sorted({**keys, CHARACTER_SET: ""}):
        vr = _VRS[tag]
        text = character_set if tag == CHARACTER_SET else keys[tag]
        data = _encoded(text, character_set) if vr in _TEXTS else text.encode("ascii", "replace")
        data += (b"\0" if vr == "UI" else b" ") * (len(data) % 2)
        group, element = tag >> 16, tag & 0xFFFF
        if transfer_syntax == IMPLICIT_LITTLE:
            parts.append(_IMPLICIT.pack(group, element, len(data)) + data)
        else:
            if len(data) > _MOST_VALUE:
                raise ValueError("too many UIDs for one request: ask for fewer at a time")
            parts.append(_EXPLICIT.pack(group, element, vr.encode(), len(data)) + data)
    return b"".join(parts)


def _encoded(text: str, character_set: str) -> bytes:
    """Encode a text part by part, so that each ends in ASCII as it began."""
    codec = _PYTHON.get(character_set, "ascii")
    if not character_set.startswith("\\"):
        return text.encode(codec, "replace")
    before = _ESCAPES.get(character_set, b"")
    return b"".join(
        part.encode() if part.isascii() else before + part.encode(codec, "replace")
        for part in _PARTS.split(text)
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """One identifier of a peer."""

    values: Mapping[int, bytes]

    def text(self, tag: int) -> str:
        """Return a text, "" when absent or empty."""
        raw = self.values.get(tag)
        if not raw:
            return ""
        said = self.values.get(CHARACTER_SET, b"").strip(b"\0 ")
        if said or raw.isascii():
            charsets = encodings(said)
            found = decode(raw, charsets, name=tag == PATIENT_NAME)
        else:
            try:
                found = raw.decode("utf-8")
            except UnicodeDecodeError:
                found = raw.decode("latin-1")
        return printable(found.strip("\0 "))

    def name(self) -> str:
        """Return the patient's name; empty groups and components at the end are left out."""
        groups = (group.strip().rstrip("^") for group in self.text(PATIENT_NAME).split("=")[:3])
        return "=".join(groups).rstrip("=")

    def texts(self, tag: int) -> tuple[str, ...]:
        """Return the values of an attribute of CS or UI."""
        found = self.values.get(tag, b"").decode("latin-1")  # lists of UIDs may be long
        return tuple(printable(part.strip("\0 ")) for part in found.split("\\") if part.strip("\0 "))

    def number(self, tag: int) -> int | None:
        """Return an IS, None when absent or no number."""
        found = self.text(tag)[:12]
        return int(found) if re.fullmatch(r"[+-]?[0-9]+", found) else None


def read_answer(data: bytes, transfer_syntax: str) -> Answer:
    """Return an identifier. Raises UnreadableError where the bytes are none."""
    encoding = IMPLICIT if transfer_syntax == IMPLICIT_LITTLE else EXPLICIT
    try:
        found = {
            element.tag: data[element.start : element.end]
            for element in elements(data, 0, len(data), encoding)
        }
    except MalformedError:
        raise UnreadableError("an answer that cannot be read") from None
    return Answer(found)
