"""The beginning of a file: preamble, File Meta Information, and how the data set is written (PS3.10 7.1)."""

import struct

from viewer.dicom.elements import LONG_VRS, SHORT_VRS, Encoding, MalformedError
from viewer.dicom.pattern import Piece
from viewer.dicom.raw_header import META, META_INSTANCE, META_SYNTAX, NotDicomError
from viewer.dicom.uids import EXPLICIT_BIG

PREAMBLE = 128
_MOST_FIRST_VALUE = 1 << 16  # bytes of the first value of a data set with implicit VR
_LONGEST_HEADER = 12  # bytes of an element before its value
_META_HEADER = struct.Struct("<2xH2sH").unpack_from  # element, VR, length
_OWN = (0x0000, META_INSTANCE & 0xFFFF)  # elements whose values are others in each file: length, instance
_META = {tag & 0xFFFF: tag for tag in META}


def begin(head: bytes) -> tuple[int, bool]:
    """Return where the first element stands, and whether the file says that it is DICOM.

    `head` is at least 140 bytes, or the whole file. Raise NotDicomError.
    """
    magic = head[PREAMBLE : PREAMBLE + 4] == b"DICM"
    if magic and head[PREAMBLE + 4 : PREAMBLE + 6] == b"\x02\x00":
        return PREAMBLE + 4, True
    if _plausible(head):
        return 0, False
    if magic:
        return PREAMBLE + 4, True
    if head[:4] == b"DICM" and _plausible(head[4:]):
        return 4, True
    raise NotDicomError


def _plausible(head: bytes) -> bool:
    """Tell whether bytes begin as a data set does: low in group 0002 or 0008, with a VR or a short value."""
    if len(head) < 8:  # noqa: PLR2004  a tag, and a VR or a length
        return False
    explicit = _is_vr(head[4:6])
    if head[:2] == b"\x00\x08":
        return explicit and head[2] == 0
    if head[:2] not in {b"\x02\x00", b"\x08\x00"} or head[3] != 0:
        return False
    length = int.from_bytes(head[4:8], "little")
    return explicit or (length % 2 == 0 and length < _MOST_FIRST_VALUE)


def _is_vr(code: bytes) -> bool:
    return code in SHORT_VRS or code in LONG_VRS


def meta_values(head: bytes, start: int) -> tuple[dict[int, bytes], int] | None:
    """Return the wanted values of the File Meta Information and where the data set begins.

    It is always written with explicit VR, little endian. None when `head` ends before it does.
    Raise MalformedError.
    """
    values: dict[int, bytes] = {}
    position, last = start, len(head) - _LONGEST_HEADER
    while head.startswith(b"\x02\x00", position):
        if position > last:
            return None
        tag, vr, length = _META_HEADER(head, position)
        value = position + 8
        if vr in LONG_VRS:
            value, length = position + 12, int.from_bytes(head[position + 8 : position + 12], "little")
        elif vr not in SHORT_VRS:
            raise MalformedError
        position = value + length
        if tag in _META:
            values[_META[tag]] = head[value:position]
    return (values, position) if position <= len(head) else None


def meta_pieces(head: bytes, start: int) -> tuple[list[Piece], set[int]]:
    """Return the elements of the File Meta Information, which are in `head`, and which differ by instance."""
    pieces: list[Piece] = []
    position = start
    while head.startswith(b"\x02\x00", position):
        tag, vr, length = _META_HEADER(head, position)
        length_at, value = position + 6, position + 8
        if vr in LONG_VRS:
            length_at, value = position + 8, position + 12
            length = int.from_bytes(head[length_at:value], "little")
        pieces.append(Piece(position, length_at, value, value + length, _META.get(tag, 0)))
        position = value + length
    return pieces, {index for index, one in enumerate(pieces) if _META_HEADER(head, one.start)[0] in _OWN}


def written(first: bytes, values: dict[int, bytes]) -> Encoding:
    """Return how a data set is written, by looking at its first 6 bytes: some are not written as they say."""
    if len(first) == 6 and (first[0] == 0) != (first[1] == 0):  # noqa: PLR2004  a group below 0100
        big = first[0] == 0
    else:
        big = values.get(META_SYNTAX, b"").strip(b"\0 ") == EXPLICIT_BIG.encode()
    return Encoding(explicit=_is_vr(first[4:6]), big_endian=big)
