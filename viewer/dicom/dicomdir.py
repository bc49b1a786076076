"""The files that a DICOMDIR lists (PS3.3 F, PS3.10 8): a hint, never an order.

The records are read one after the other as they stand in the file. Their offsets, which could form loops,
are not looked at. A reference that could leave the medium is refused, and one bad record costs one record.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from viewer.dicom.elements import Element, Encoding, MalformedError, elements, items
from viewer.dicom.preamble import begin, meta_values, written
from viewer.dicom.raw_header import META_CLASS, NotDicomError
from viewer.dicom.read import ByteSource, UnreadableError, open_regular
from viewer.dicom.records import Refused
from viewer.dicom.text import printable
from viewer.dicom.uids import MEDIA_DIRECTORY

MOST_BYTES = 64 << 20  # of a DICOMDIR; one of 100,000 images has about 50 MB
MOST_DAMAGED = 100  # records; what has more is no directory
MOST_PARTS = 64  # of one path; the standard allows 8
_RECORDS, _IN_USE, _FILE_ID = 0x00041220, 0x00041410, 0x00041500
_SOP_CLASS = 0x00080016


@dataclass(frozen=True, slots=True)
class MediaDirectory:
    """What a DICOMDIR says is on the medium."""

    files: tuple[str, ...]  # relative to the folder of the DICOMDIR, separated by "/"; perhaps not there
    problems: tuple[Refused, ...]


def read_directory(path: str) -> MediaDirectory:
    """Return the files that a DICOMDIR lists; a DICOMDIR that cannot be read lists none and is a problem.

    Another object that only has the name of a DICOMDIR lists none and is none.
    """
    data = b""
    try:
        stream = open_regular(path)
        size = os.fstat(stream.fileno()).st_size
        with ByteSource(stream, size) as source:
            data = source.read_at(0, MOST_BYTES)
        sequence = _record_sequence(data)
    except UnreadableError as error:
        return MediaDirectory((), (Refused(path, error.reason),))
    except (OSError, NotDicomError, MalformedError):
        if _is_other(data):
            return MediaDirectory((), ())
        return MediaDirectory((), (Refused(path, "the DICOMDIR is damaged: its records cannot be read"),))
    files: dict[str, None] = {}  # in their order, each once
    problems: list[Refused] = []
    for record in _records(data, sequence):
        reference = _reference(data, record, sequence.encoding)
        if reference is None:
            problems.append(Refused(path, "a record of the DICOMDIR is damaged"))
        elif reference:
            name, reason = _safe(reference)
            if reason:
                problems.append(Refused(f"{path}: {printable(os.fsdecode(reference))}", reason))
            else:
                files[name] = None
    return MediaDirectory(tuple(files), tuple(dict.fromkeys(problems)))


def _record_sequence(data: bytes) -> Element:
    """Return the Directory Record Sequence. Raise MalformedError when there is none."""
    start, _magic = begin(data[:8192])
    found = meta_values(data, start)
    if found is None:
        raise MalformedError
    values, start = found
    encoding = written(data[start : start + 6], values)
    for element in elements(data, start, len(data), encoding, last=_RECORDS):
        if element.tag == _RECORDS:
            return element
    raise MalformedError


def _is_other(data: bytes) -> bool:
    """Tell whether a file without directory records says that it is an object of another class."""
    try:
        start, _magic = begin(data[:8192])
        values, start = meta_values(data, start) or ({}, len(data))
        if META_CLASS in values:
            return values[META_CLASS].strip(b"\0 ") != MEDIA_DIRECTORY.encode()
        encoding = written(data[start : start + 6], values)
        return any(element.tag == _SOP_CLASS for element in elements(data, start, len(data), encoding))
    except (NotDicomError, MalformedError):
        return False


def _records(data: bytes, sequence: Element) -> Iterator[tuple[int, int]]:
    """Yield where each record begins and ends; after one that cannot be measured, look for the next.

    A damaged record is given as one without bytes.
    """
    position = sequence.start
    marker = b"\xff\xfe\xe0\x00" if sequence.encoding.big_endian else b"\xfe\xff\x00\xe0"
    for _ in range(MOST_DAMAGED):
        rest = Element(sequence.tag, position, sequence.end, sequence.encoding)
        try:
            for start, end in items(data, rest):
                yield start, end
                position = end
        except MalformedError:
            yield position, position
            position = data.find(marker, position + 8, sequence.end)
            if position >= 0:
                continue
        return


def _reference(data: bytes, record: tuple[int, int], encoding: Encoding) -> bytes | None:
    """Return the Referenced File ID of a record: b"" when it has none or is not in use, None when damaged."""
    if record[0] == record[1]:
        return None
    values: dict[int, bytes] = {}
    try:
        for element in elements(data, *record, encoding):
            values[element.tag] = data[element.start : element.end]
    except MalformedError:
        return None
    in_use = values.get(_IN_USE, b"\xff\xff")
    return values.get(_FILE_ID, b"").strip(b"\0 ") if any(in_use) else b""


def _safe(reference: bytes) -> tuple[str, str]:
    """Return a reference as a relative path, or "" and why it is refused."""
    text = os.fsdecode(reference)
    if text.startswith(("/", "\\")):
        return "", "the DICOMDIR refers to an absolute path; it was not opened"
    parts = [part.strip(" ") for part in text.replace("/", "\\").split("\\")]
    if len(parts) > MOST_PARTS:
        return "", "the DICOMDIR refers to a path of too many folders; it was not opened"
    if ".." in parts:
        return "", "the DICOMDIR refers to a file outside of the medium; it was not opened"
    if any(":" in part for part in parts):
        return "", "the DICOMDIR refers to a drive; it was not opened"
    if not all(parts) or any(ord(character) < ord(" ") for character in text):
        return "", "the DICOMDIR refers to a name that no file has"
    return "/".join(part for part in parts if part != "."), ""
