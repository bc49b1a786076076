"""Native (not encapsulated) Pixel Data as stored values (PS3.5 8.1, Annex D; PS3.3 C.7.6.3)."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Stored
from viewer.dicom.pixel_layout import PixelLayout
from viewer.dicom.read import ByteSource, DicomFile, PixelElement, UnreadableError

BYTE = 8


def read_native(
    file: DicomFile, layout: PixelLayout, source: ByteSource, number: int
) -> tuple[Stored, int | None]:
    """Return frame `number` (from 1) and the first pixel that is missing from it, None when it is whole.

    The result is (rows, columns) or (rows, columns, samples), masked to Bits Stored and sign-extended;
    pixels that the file does not hold are 0. Raise UnreadableError when the file holds none of the frame.
    """
    element = file.pixels
    if element is None or element.length is None:
        raise UnreadableError(file.path, "the length of its pixel data is not known")
    layout = _as_written(layout, element.length)
    first_bit = (number - 1) * layout.frame_bits
    first = first_bit // BYTE
    wanted = (first_bit + layout.frame_bits + BYTE - 1) // BYTE - first
    swap = not file.little_endian and element.vr == "OW" and layout.bits_allocated <= BYTE
    data, there = _bytes_in_order(element, source, first, wanted, swap=swap)
    if there <= 0:
        held = max(0, min(element.length, file.size - element.offset)) * BYTE // layout.frame_bits
        raise UnreadableError(
            file.path, f"frame {number} is missing: the file holds {held} of {layout.frames} frames"
        )
    stored = decode_native(data, layout, little_endian=file.little_endian, first_bit=first_bit % BYTE)
    return stored, first_missing(layout, there * BYTE - first_bit % BYTE)


def decode_native(
    data: bytes, layout: PixelLayout, *, little_endian: bool = True, first_bit: int = 0
) -> Stored:
    """Return the stored values (rows, columns[, samples]) of the bytes of one frame.

    `data` begin at the byte that holds the first value; `first_bit` is its bit for 1-bit data.
    """
    if layout.bits_allocated == 1:
        flat = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return _shaped(flat[first_bit : first_bit + layout.values], layout)
    order = "<" if little_endian else ">"
    kind = "f" if layout.floating else "u"
    code = f"{kind}{layout.bits_allocated // BYTE}"
    values = np.frombuffer(data, f"{order}{code}").astype(code, copy=True)
    if layout.subsampled:
        return expand_422(values, layout)
    if layout.floating:
        return _shaped(values, layout)
    return _shaped(significant_bits(values, layout), layout)


def significant_bits(values: NDArray[np.unsignedinteger], layout: PixelLayout) -> Stored:
    """Return the values between bit 0 and Bits Stored, sign-extended (PS3.5 8.1.1).

    `values` are whole cells of Bits Allocated, and are changed in place; what stands outside (old
    overlays, garbage) is dropped.
    """
    above = layout.bits_allocated - 1 - layout.high_bit
    width = layout.bits_allocated - layout.bits_stored
    if above:
        np.left_shift(values, above, out=values)
    if layout.signed:
        signed = values.view(f"i{values.itemsize}")
        return np.right_shift(signed, width, out=signed) if width else signed
    return np.right_shift(values, width, out=values) if width else values


def expand_422(values: NDArray[np.generic], layout: PixelLayout) -> Stored:
    """Return (rows, columns, 3) from Y1 Y2 Cb Cr per pair of pixels (PS3.3 C.7.6.3.1.2)."""
    pairs = values.reshape(layout.rows, -1, 4)
    full = np.empty((layout.rows, pairs.shape[1] * 2, 3), values.dtype)
    full[:, 0::2, 0], full[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    full[:, 0::2, 1:] = full[:, 1::2, 1:] = pairs[..., 2:]
    return np.ascontiguousarray(full[:, : layout.columns])


def first_missing(layout: PixelLayout, bits: int) -> int | None:
    """Return the first pixel, in reading order from 0, of which a value is not among the first `bits`."""
    if bits >= layout.frame_bits:
        return None
    values = max(0, bits) // layout.bits_allocated
    if layout.subsampled:
        return values // 4 * 2  # Y1 Y2 Cb Cr
    if layout.by_plane:  # only a pixel that is in the last plane is in all of them
        return max(0, values - (layout.samples - 1) * layout.rows * layout.columns)
    return values // layout.samples


def missing_rows(layout: PixelLayout, first: int) -> str:
    """Return in words how much is missing from pixel `first` on."""
    rows = layout.rows - first // layout.columns
    return f"{rows} of {layout.rows} rows are missing: the file is truncated"


def _shaped(flat: Stored, layout: PixelLayout) -> Stored:
    if layout.samples == 1:
        return flat.reshape(layout.rows, layout.columns)
    if layout.by_plane:
        planes = flat.reshape(layout.samples, layout.rows, layout.columns)
        return np.ascontiguousarray(np.moveaxis(planes, 0, -1))
    return flat.reshape(layout.rows, layout.columns, layout.samples)


def _as_written(layout: PixelLayout, length: int) -> PixelLayout:
    """Return the layout without 4:2:2 when the length says that the writer did not subsample."""
    if layout.subsampled and (
        length >= layout.frames * layout.values * layout.bits_allocated // BYTE or layout.columns % 2
    ):
        return replace(layout, photometric=layout.photometric.removesuffix("_422"))
    return layout


def _bytes_in_order(
    element: PixelElement, source: ByteSource, first: int, wanted: int, *, swap: bool
) -> tuple[bytes, int]:
    """Return `wanted` bytes, padded with 0, and how many of them are the file's.

    With `swap` they stand in swapped words: big endian 8-bit and 1-bit values under VR OW (PS3.5 D.2).
    """
    skip = first % 2 if swap else 0
    there = min(wanted, element.length or 0, max(0, (element.length or 0) - first))
    reach = there + skip + (there + skip) % 2 if swap else there
    data = source.read_at(element.offset + first - skip, reach)
    if swap:
        even = data + b"\0" * (len(data) % 2)
        data = np.frombuffer(even, "<u2").byteswap().tobytes()[skip:]
    data = data[:there]
    return data + bytes(wanted - len(data)), len(data)
