"""The ICC profile of a colour image from its header (PS3.3 C.11.15), checked as far as its frame goes."""

import struct

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header

HEADER = 128  # bytes; then the count of tags, and 12 bytes for each (ICC.1 7)
TAG = 12
LARGEST = 4 << 20  # bytes; the profiles of scanners with tables for every intent stay below
MOST_TAGS = 100


def read_icc(frame: FrameHeader) -> NDArray[np.uint8] | None:
    """Return the bytes of the profile, None and a notice when they can be no profile for RGB."""
    value = _value(frame)
    if value is None:
        return None
    if not _is_sound(value):
        frame.top.notices.add("The ICC profile is damaged or not for RGB: sRGB is assumed")
        return None
    return np.frombuffer(value, np.uint8)


def _value(frame: FrameHeader) -> bytes | None:
    """Return the profile of the image, or of the optical path of a slide (C.8.12.5)."""
    holders: list[Header | None] = [frame.top, frame.top.item("OpticalPathSequence")]
    for holder in holders:
        value = holder.value("ICCProfile") if holder is not None else None
        if isinstance(value, bytes) and value:
            return value
    return None


def _is_sound(value: bytes) -> bool:
    """Tell whether size, signature, colour space and table of tags are those of a profile for RGB."""
    if not HEADER + 4 <= len(value) <= LARGEST:
        return False
    size, count = struct.unpack_from(">I", value)[0], struct.unpack_from(">I", value, HEADER)[0]
    if not HEADER + 4 <= size <= len(value) or not 0 < count <= MOST_TAGS:
        return False
    if value[36:40] != b"acsp" or value[16:20] != b"RGB ":
        return False
    table = HEADER + 4
    if table + TAG * count > size:
        return False
    places = [struct.unpack_from(">II", value, table + TAG * index + 4) for index in range(count)]
    return all(offset + length <= size for offset, length in places)
