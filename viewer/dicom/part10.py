"""The beginning of a DICOM file as the standard wants it, for files that came without (PS3.10 7.1)."""

import struct

from viewer.dicom.elements import LONG_VRS, Encoding, MalformedError
from viewer.dicom.preamble import PREAMBLE, begin, meta_values, written
from viewer.dicom.raw_header import META_SYNTAX, NotDicomError
from viewer.dicom.uids import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE

IMPLEMENTATION_UID = "2.25.268529205425386864744734316976751918396"  # of this program, for all versions
IMPLEMENTATION_NAME = "NEGATOSCOPE"
TIFF = (b"II*\0", b"MM\0*")  # a preamble that makes the file a TIFF as well stays; any other may be a program
_MAGIC = b"DICM"
_SYNTAX_OF = {
    Encoding(explicit=False): IMPLICIT_LITTLE,
    Encoding(explicit=True): EXPLICIT_LITTLE,
    Encoding(explicit=True, big_endian=True): EXPLICIT_BIG,
}


def begun(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Return preamble, "DICM" and File Meta Information, after which a data set follows."""
    meta = b"".join(
        (
            element(0x0002, 0x0001, b"OB", b"\0\1"),
            element(0x0002, 0x0002, b"UI", sop_class_uid.encode("ascii", "replace")),
            element(0x0002, 0x0003, b"UI", sop_instance_uid.encode("ascii", "replace")),
            element(0x0002, 0x0010, b"UI", transfer_syntax_uid.encode("ascii")),
            element(0x0002, 0x0012, b"UI", IMPLEMENTATION_UID.encode()),
            element(0x0002, 0x0013, b"SH", IMPLEMENTATION_NAME.encode()),
        )
    )
    return bytes(PREAMBLE) + _MAGIC + element(0x0002, 0x0000, b"UL", struct.pack("<I", len(meta))) + meta


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    """Return a data element with explicit VR, little endian, padded to an even length."""
    if len(value) % 2:
        value += b"\0" if vr in {b"UI", b"OB"} else b" "
    if vr in LONG_VRS:
        return struct.pack("<HH2s2xI", group, number, vr, len(value)) + value
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def as_part10(start: bytes, sop_class_uid: str, sop_instance_uid: str) -> bytes:
    """Return the start of a file so that the whole is a DICOM file that is no program as well.

    `start` is the file, or enough of it to hold the File Meta Information. A preamble becomes zeros, unless
    it is that of a TIFF. What lacks preamble or File Meta Information gets them; not a byte of the data set
    is changed. What cannot be understood is returned as it is.
    """
    try:
        position, _ = begin(start)
        found = meta_values(start, position)
    except (NotDicomError, MalformedError):
        return start
    if found is None:
        return start
    values, first = found
    if position == PREAMBLE + len(_MAGIC) and first > position:
        return start if start.startswith(TIFF) else bytes(PREAMBLE) + start[PREAMBLE:]
    encoding = written(start[first : first + 6], values)
    syntax = values.get(META_SYNTAX, b"").strip(b"\0 ").decode("ascii", "ignore") or _SYNTAX_OF.get(encoding)
    if syntax is None:  # implicit VR, big endian: no transfer syntax says that
        return start
    return begun(sop_class_uid, sop_instance_uid, syntax) + start[first:]
