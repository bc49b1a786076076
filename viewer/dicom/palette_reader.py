"""Palette Color Lookup Tables, plain and segmented, from a header (PS3.3 C.7.6.3.1.5-6, C.7.9.2)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header
from viewer.dicom.lut_reader import FULL_TABLE, words
from viewer.dicom.luts import Palette
from viewer.errors import ViewerError

COLORS = ("Red", "Green", "Blue")
FRAME_TYPES = ("CTImageFrameTypeSequence", "MRImageFrameTypeSequence", "PETFrameTypeSequence")
DISCRETE, LINEAR, INDIRECT = 0, 1, 2  # opcodes of segments
DEEPEST = 1  # segments that an indirect segment names may not be indirect themselves


@dataclass(frozen=True, slots=True)
class _Descriptor:
    count: int
    first: int
    bits: int


def read_palette(header: Header, *, signed: bool) -> Palette | None:
    """Return the palette with its colours reduced to 8 bits, None and a notice when it cannot be used.

    16-bit entries give their high byte, unless all of them fit in the low one: then a writer has
    put 8-bit values into 16-bit words.
    """
    try:
        channels = [_channel(header, color) for color in COLORS]
        first = _descriptor(header, "Red").first
    except ViewerError as error:
        header.notices.add(str(error))
        return None
    wide = max(int(channel.max()) for channel in channels) > 0xFF  # noqa: PLR2004  one byte
    count = max(len(channel) for channel in channels)
    colors = np.empty((count, 3), np.uint8)
    for index, channel in enumerate(channels):
        filled = np.pad(channel, (0, count - len(channel)), mode="edge")
        colors[:, index] = filled >> 8 if wide else filled
    colors.flags.writeable = False
    if signed and first >= 0x8000:  # noqa: PLR2004  the sign bit
        first -= 0x10000
    return Palette(first, colors)


def read_supplemental(frame: FrameHeader, *, signed: bool) -> Palette | None:
    """Return the colours that a gray enhanced image has above its gray values (PS3.3 C.7.6.19), or None."""
    if "RedPaletteColorLookupTableDescriptor" not in frame.top:
        return None
    return read_palette(frame.top, signed=signed) if pixel_presentation(frame) in {"COLOR", "MIXED"} else None


def pixel_presentation(frame: FrameHeader) -> str:
    """Return Pixel Presentation (0008,9205) of the frame, else of the image, "" when absent."""
    for sequence in FRAME_TYPES:
        macro = frame.macro(sequence)
        if macro is not None and macro.code("PixelPresentation"):
            return macro.code("PixelPresentation")
    return frame.top.code("PixelPresentation")


def expand_segments(data: NDArray[np.uint16], offset_size: int, count: int) -> NDArray[np.uint16]:
    """Return the `count` entries of a segmented table (PS3.3 C.7.9.2.2).

    `data` holds opcodes, lengths and entries, one to a word; `offset_size` is the number of bytes
    of one word in the file, in which the offsets of indirect segments are counted. Raises
    ViewerError for data that do not make `count` entries.
    """
    entries: list[int] = []
    _run(data.tolist(), 0, None, entries, (offset_size, count, 0))
    if len(entries) < count:
        raise ViewerError("The segmented colour palette is shorter than it declares")
    return np.array(entries[:count], np.uint16)


def _run(
    data: list[int], start: int, segments: int | None, entries: list[int], limits: tuple[int, int, int]
) -> None:
    """Append the entries of `segments` segments (None: all there are) from index `start`."""
    size, count, depth = limits
    position, done = start, 0
    while position + 1 < len(data) and len(entries) < count and (segments is None or done < segments):
        opcode, length = data[position], data[position + 1]
        if length == 0:  # every segment must make entries, or a damaged table could run for ever
            raise ViewerError("The segmented colour palette is damaged")
        if opcode == DISCRETE:
            entries.extend(data[position + 2 : position + 2 + length])
            position += 2 + length
        elif opcode == LINEAR and position + 2 < len(data) and entries:
            entries.extend(_ramp(entries[-1], data[position + 2], length))
            position += 3
        elif opcode == INDIRECT and depth < DEEPEST:
            words_of_offset = 4 // size
            offset = _offset(data[position + 2 : position + 2 + words_of_offset], size)
            _run(data, offset // size, length, entries, (size, count, depth + 1))
            position += 2 + words_of_offset
        else:
            raise ViewerError("The segmented colour palette is damaged")
        done += 1


def _ramp(before: int, last: int, length: int) -> list[int]:
    """Return `length` entries that lead from `before` (left out) to `last` (included) in equal steps."""
    step = (last - before) / length
    return [round(before + step * index) for index in range(1, length + 1)]


def _offset(parts: list[int], size: int) -> int:
    """Return a 32-bit offset from its least significant words or bytes first."""
    return sum(part << (8 * size * index) for index, part in enumerate(parts))


def _descriptor(header: Header, color: str) -> _Descriptor:
    values = words(header, f"{color}PaletteColorLookupTableDescriptor")
    if len(values) != 3:  # noqa: PLR2004  entries, first mapped value, bits
        raise ViewerError("The colour palette is missing: shown as gray")
    return _Descriptor(int(values[0]) or FULL_TABLE, int(values[1]), int(values[2]))


def _channel(header: Header, color: str) -> NDArray[np.uint16]:
    descriptor = _descriptor(header, color)
    segmented = f"Segmented{color}PaletteColorLookupTableData"
    narrow = descriptor.bits <= 8  # noqa: PLR2004  one byte
    if segmented in header:
        data = words(header, segmented)
        if narrow:
            data = np.stack([data & 0xFF, data >> 8], axis=1).reshape(-1)
        return expand_segments(data, 1 if narrow else 2, descriptor.count)
    data = words(header, f"{color}PaletteColorLookupTableData")
    if narrow and len(data) < descriptor.count:
        data = np.stack([data & 0xFF, data >> 8], axis=1).reshape(-1)
    if len(data) < descriptor.count:
        raise ViewerError("The colour palette is shorter than it declares: shown as gray")
    return data[: descriptor.count].copy()
