"""Encapsulated Pixel Data: which bytes of the file are frame k (PS3.5 A.4)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from pydicom.dataset import Dataset

from viewer.dicom.read import ByteSource, PixelElement, UnreadableError

ITEM = 0xFFFEE000
SEQUENCE_DELIMITER = 0xFFFEE0DD
HEADER = 8  # bytes: tag and length of an item
MAX_FRAGMENTS = 2_000_000  # 64-bit offsets of 10^6 frames and a few; each costs one small read
START_MARKERS = (
    b"\xff\xd8\xff",  # JPEG, JPEG-LS
    b"\xff\x4f\xff\x51",  # JPEG 2000, HTJ2K
    b"\x00\x00\x00\x0cjP  ",  # the same in a JP2 file
)
MARKER_BYTES = 8


@dataclass(frozen=True, slots=True)
class Fragment:
    """One item of the Pixel Data."""

    item: int  # offset of the item tag from the first fragment's, as offset tables count
    offset: int  # of the value in the file
    length: int  # bytes that are there
    whole: bool = True  # False when the file ends inside it


@dataclass(frozen=True, slots=True)
class FragmentTable:
    """The fragments of each frame that the file holds, from the first."""

    frames: tuple[tuple[Fragment, ...], ...]

    def read(self, path: str, source: ByteSource, number: int, frames: int) -> bytes:
        """Return the codestream of frame `number`. Raise UnreadableError when the file does not hold it."""
        if not 1 <= number <= len(self.frames):
            raise UnreadableError(
                path, f"frame {number} is missing: the file holds {len(self.frames)} of {frames} frames"
            )
        parts = [source.read_at(fragment.offset, fragment.length) for fragment in self.frames[number - 1]]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def is_cut(self, number: int) -> bool:
        """Tell whether the file ends inside frame `number`."""
        return not all(fragment.whole for fragment in self.frames[number - 1])


def read_table(
    path: str, dataset: Dataset, element: PixelElement, source: ByteSource, frames: int
) -> FragmentTable:
    """Return which fragments belong to which of `frames` frames.

    The basic offset table decides, else the extended one (PS3.3 C.7.6.3.1.8), else one fragment per
    frame, else the start markers of the codestreams. Raise UnreadableError when none can.
    """
    basic, fragments, ended = _walk(path, element, source)
    if not fragments:
        raise UnreadableError(path, "its pixel data are empty")
    if frames == 1:
        return FragmentTable((tuple(fragments),))
    for offsets in (basic, _extended(dataset)):
        if grouped := _by_offsets(fragments, offsets, frames, ended=ended):
            return FragmentTable(grouped)
    if len(fragments) == frames:
        return FragmentTable(tuple((fragment,) for fragment in fragments))
    grouped = _by_markers(fragments, source)
    if len(grouped) == frames or (not ended and 0 < len(grouped) < frames):
        return FragmentTable(grouped)
    if len(fragments) < frames and (not grouped or len(grouped) == len(fragments)):
        return FragmentTable(tuple((fragment,) for fragment in fragments))
    counts = f"{len(fragments)} parts for {frames} frames"
    raise UnreadableError(path, f"its pixel data have {counts} and no table says which is which")


def read_fragments(path: str, element: PixelElement, source: ByteSource) -> tuple[Fragment, ...]:
    """Return all fragments, for data that are one stream. Raise UnreadableError when there are none."""
    _, fragments, _ = _walk(path, element, source)
    if not any(fragment.length for fragment in fragments):
        raise UnreadableError(path, "its pixel data are empty")
    return tuple(fragments)


def _walk(path: str, element: PixelElement, source: ByteSource) -> tuple[list[int], list[Fragment], bool]:
    """Return the basic offset table, the fragments and whether they end as they should."""
    basic: list[int] = []
    fragments: list[Fragment] = []
    position = element.offset
    first = -1  # where offsets count from: the item tag after the basic offset table
    while len(header := source.read_at(position, HEADER)) == HEADER:
        group, number, length = struct.unpack("<HHI", header)
        tag = group << 16 | number
        if tag == SEQUENCE_DELIMITER:
            return basic, fragments, True
        if tag != ITEM:
            break
        value = position + HEADER
        if position == element.offset:
            basic = np.frombuffer(source.read_at(value, length // 4 * 4), "<u4").tolist()
            first = value + length
        else:
            there = source.reach(value, length)
            fragments.append(Fragment(position - first, value, there, there == length))
            if there < length:
                return basic, fragments, False
            if len(fragments) > MAX_FRAGMENTS:
                raise UnreadableError(path, f"its pixel data have more than {MAX_FRAGMENTS} parts")
        position = value + length
    if position == element.offset:
        raise UnreadableError(path, "its pixel data do not begin with an item")
    return basic, fragments, False


def _extended(dataset: Dataset) -> list[int]:
    """Return the Extended Offset Table (7FE0,0001), or nothing."""
    table = dataset.get("ExtendedOffsetTable")
    if not isinstance(table, bytes):
        return []
    offsets: list[int] = np.frombuffer(table[: len(table) // 8 * 8], "<u8").tolist()
    return offsets


def _by_offsets(
    fragments: Sequence[Fragment], offsets: Sequence[int], frames: int, *, ended: bool
) -> tuple[tuple[Fragment, ...], ...]:
    """Group fragments by an offset table; nothing when the table does not fit the fragments."""
    if len(offsets) != frames or offsets[0] != 0 or any(a >= b for a, b in pairwise(offsets)):
        return ()
    index = {fragment.item: i for i, fragment in enumerate(fragments)}
    held = [offset for offset in offsets if offset <= fragments[-1].item]
    if any(offset not in index for offset in held) or (len(held) < frames and ended):
        return ()
    starts = [index[offset] for offset in held] + [len(fragments)]
    return tuple(tuple(fragments[a:b]) for a, b in pairwise(starts))


def _by_markers(fragments: Sequence[Fragment], source: ByteSource) -> tuple[tuple[Fragment, ...], ...]:
    """Group fragments by the markers that codestreams begin with; nothing when the first has none."""
    groups: list[list[Fragment]] = []
    for fragment in fragments:
        if source.read_at(fragment.offset, min(MARKER_BYTES, fragment.length)).startswith(START_MARKERS):
            groups.append([fragment])
        elif groups:
            groups[-1].append(fragment)
        else:
            return ()
    return tuple(map(tuple, groups))
