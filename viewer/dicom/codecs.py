"""Codestreams as stored values: which decoder for which transfer syntax (PS3.5 8.2, A.4).

The order is strict before fast, then fast: a decoder that returns a picture for half a codestream is
not asked. imagecodecs releases the interpreter lock, pylibjpeg does not; both run in worker processes.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from openjpeg.utils import decode as openjpeg_decode
from rle.rle import decode_segment

from viewer.dicom.codestream import (
    Codestream,
    CodestreamError,
    jpeg_xl_size,
    read_jpeg,
    read_jpeg_2000,
    read_rle,
)
from viewer.dicom.frame import Stored
from viewer.dicom.jpeg_2000_check import damage as end_damage
from viewer.dicom.jpeg_2000_check import heard, promising_termination
from viewer.dicom.jpeg_check import DAMAGED, Check, whole_gray
from viewer.dicom.native import decode_native, significant_bits
from viewer.dicom.pixel_layout import PixelLayout
from viewer.dicom.uids import transfer_syntax_name

Values = NDArray[np.generic]
BYTE = 8
COLOR = 3  # samples per pixel
CMYK = 4
WARNINGS = 2  # imagecodecs: log what is more than information
MIN_INFLATED = 1024  # bytes; so that the bound never cuts the padding of a tiny frame


@dataclass(frozen=True, slots=True)
class Decoded:
    """The stored values of one frame and what they are now."""

    stored: Stored
    photometric: str
    damage: str = ""
    first_missing: int | None = None  # as in Frame


Decoder = Callable[[bytes, Codestream, PixelLayout], Values]
FrameDecoder = Callable[[bytes, PixelLayout], Decoded]


def decode(data: bytes, transfer_syntax: str, layout: PixelLayout) -> Decoded:
    """Return the stored values (rows, columns[, 3]) of one frame's codestream.

    Raise CodestreamError with the reason, as the end of a sentence, when it cannot be decoded.
    """
    family = SYNTAXES.get(transfer_syntax)
    if family is None:
        raise CodestreamError(f"pixel data in {transfer_syntax_name(transfer_syntax)} cannot be decoded")
    if not data:
        raise CodestreamError("the frame is empty")
    return family(data, layout)


def _jpeg(data: bytes, layout: PixelLayout) -> Decoded:
    """JPEG (ISO 10918) and, as files confuse the two, JPEG-LS (ISO 14495)."""
    stream = read_jpeg(data)
    name = "JPEG-LS" if stream.jpeg_ls else "JPEG"
    _check_size(stream, layout, name)
    if stream.jpeg_ls:
        if not stream.complete:
            raise CodestreamError("the JPEG-LS data are cut: the end marker is missing")
        values = _first_that_can(name, (_imagecodecs_jpeg_ls,), data, stream, layout)
        return Decoded(_cells(values, stream, layout), _unsubsampled(layout.photometric))
    gray = whole_gray(data, stream)
    if gray is not None:
        return Decoded(_cells(gray, stream, layout), _after_jpeg(stream, layout))
    check = Check(data, stream)
    values = _first_that_can(name, (_imagecodecs_jpeg,), data, stream, layout)
    if not stream.complete:
        damage = "the JPEG data are cut: part of the picture is missing or wrong"
    else:
        damage = check.damage() or _beyond_precision(values, stream)
    return Decoded(_cells(values, stream, layout), _after_jpeg(stream, layout), damage)


def _jpeg_2000(data: bytes, layout: PixelLayout) -> Decoded:
    """JPEG 2000 (ISO 15444-1) and HTJ2K (ISO 15444-15)."""
    stream = read_jpeg_2000(data)
    _check_size(stream, layout, "JPEG 2000")
    if not stream.complete and stream.high_throughput:
        raise CodestreamError("the HTJ2K data are cut: the end marker is missing")
    order: tuple[Decoder, ...] = (_imagecodecs_jpeg_2000, _pylibjpeg_openjpeg)
    if stream.high_throughput or stream.subsampled:
        order = (_pylibjpeg_openjpeg,)
    with heard() as warnings:
        values = _first_that_can("JPEG 2000", order, promising_termination(data, stream), stream, layout)
    transformed = stream.color_transform or layout.photometric in {"YBR_RCT", "YBR_ICT"}
    photometric = "RGB" if transformed and layout.samples == COLOR else _unsubsampled(layout.photometric)
    damage = end_damage(warnings) if stream.complete else "the JPEG 2000 data are cut: detail is missing"
    return Decoded(_cells(values, stream, layout), photometric, damage)


def _jpeg_xl(data: bytes, layout: PixelLayout) -> Decoded:
    """JPEG XL (ISO/IEC 18181), also a JPEG that was packed anew; colours come back as RGB."""
    rows, columns = jpeg_xl_size(data)
    stream = Codestream(rows, columns, layout.samples, layout.bits_stored, signed=False)
    _check_size(stream, layout, "JPEG XL")
    values = _first_that_can("JPEG XL", (_imagecodecs_jpeg_xl,), data, stream, layout)
    if int(values.max()) >> layout.bits_stored:
        raise CodestreamError(f"the JPEG XL data have more than the {layout.bits_stored} bits of the header")
    photometric = "RGB" if layout.samples == COLOR else layout.photometric
    return Decoded(_cells(values, stream, layout), photometric)


def _rle(data: bytes, layout: PixelLayout) -> Decoded:
    """RLE (PS3.5 G): one segment for each byte of each sample, the most significant first."""
    width = max(1, layout.bits_allocated // BYTE)
    segments = read_rle(data)
    if len(segments) != width * layout.samples:
        expected = width * layout.samples
        raise CodestreamError(f"the RLE data have {len(segments)} segments, the header asks for {expected}")
    bits = layout.rows * layout.columns * (1 if layout.bits_allocated == 1 else BYTE)
    size = (bits + BYTE - 1) // BYTE
    whole = [_rle_segment(data[begin:end], size) for begin, end in segments]
    planes = [plane[:size] for plane in whole]
    too_long = any(plane.size > size + 1 for plane in whole)  # 1: a pad byte and what it is taken for
    damage = "the RLE data are damaged: part of the picture is wrong" if too_long else ""
    if layout.bits_allocated == 1:
        return Decoded(decode_native(planes[0].tobytes(), layout), layout.photometric, damage)
    cells = np.empty((layout.rows * layout.columns, layout.samples, width), np.uint8)
    for index, plane in enumerate(planes):
        cells[:, index // width, width - 1 - index % width] = plane
    plain = replace(layout, by_plane=False, photometric=_unsubsampled(layout.photometric))
    return Decoded(decode_native(cells.tobytes(), plain), plain.photometric, damage)


def _deflated_frame(data: bytes, layout: PixelLayout) -> Decoded:
    """Deflated Image Frame (PS3.5 A.4.13): each frame is one raw deflate stream."""
    size = (layout.frame_bits + BYTE - 1) // BYTE
    try:
        inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, size + MIN_INFLATED)
    except zlib.error:
        raise CodestreamError("the deflated data are damaged") from None
    if len(inflated) < size:
        raise CodestreamError(f"the deflated data have {len(inflated)} of {size} bytes")
    return Decoded(decode_native(inflated[:size], layout), _unsubsampled(layout.photometric))


def _check_size(stream: Codestream, layout: PixelLayout, name: str) -> None:
    """Refuse a codestream that is not what the header says, before memory is taken for it."""
    if (stream.rows, stream.columns) != (layout.rows, layout.columns):
        raise CodestreamError(
            f"the {name} data are {stream.columns} x {stream.rows}, "
            f"the header says {layout.columns} x {layout.rows}"
        )
    if stream.samples == CMYK:
        raise CodestreamError(f"the {name} data have 4 colours (CMYK), which is not supported")
    if stream.samples != layout.samples:
        raise CodestreamError(
            f"the {name} data have {stream.samples} components, the header says {layout.samples}"
        )
    if stream.precision > max(BYTE, layout.bits_allocated):
        raise CodestreamError(
            f"the {name} data have {stream.precision} bits, the header allocates {layout.bits_allocated}"
        )


def _first_that_can(
    name: str, order: tuple[Decoder, ...], data: bytes, stream: Codestream, layout: PixelLayout
) -> Values:
    """Return what the first decoder makes of the data that does not refuse them."""
    for decoder in order:
        try:
            values = decoder(data, stream, layout)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException:  # noqa: BLE001, S112  a Rust panic is no Exception; a refusal: ask the next
            continue
        if values.size == layout.values and values.dtype.kind in "ui":
            return values
    raise CodestreamError(f"the {name} data are damaged")


def _imagecodecs_jpeg(data: bytes, stream: Codestream, layout: PixelLayout) -> Values:
    """Decode lossy and lossless JPEG of 2 to 16 bits; a picture in YCbCr comes back as RGB."""
    if stream.samples != COLOR:
        return imagecodecs.jpeg8_decode(data)
    if stream.lossless or not _is_ybr(stream, layout):
        return imagecodecs.jpeg8_decode(data, colorspace="RGB", outcolorspace="RGB")
    return imagecodecs.jpeg8_decode(data, colorspace="YCBCR", outcolorspace="RGB")


def _imagecodecs_jpeg_ls(data: bytes, _stream: Codestream, _layout: PixelLayout) -> Values:
    return imagecodecs.jpegls_decode(data)


def _imagecodecs_jpeg_xl(data: bytes, _stream: Codestream, _layout: PixelLayout) -> Values:
    return imagecodecs.jpegxl_decode(data)


def _imagecodecs_jpeg_2000(data: bytes, _stream: Codestream, _layout: PixelLayout) -> Values:
    return imagecodecs.jpeg2k_decode(data, verbose=WARNINGS)


def _pylibjpeg_openjpeg(data: bytes, _stream: Codestream, _layout: PixelLayout) -> Values:
    values: Values = openjpeg_decode(data, j2k_format=0)
    return values


def _rle_segment(segment: bytes, size: int) -> NDArray[np.uint8]:
    """Return the bytes of one segment, `size` or more. Raise CodestreamError when there are fewer."""
    for decoder in (imagecodecs.packbits_decode, decode_segment):
        try:
            plane = np.frombuffer(decoder(segment), np.uint8)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException:  # noqa: BLE001, S112  pylibjpeg-rle panics are no Exceptions; ask the next
            continue
        if plane.size >= size:
            return plane
    raise CodestreamError("the RLE data are cut or damaged")


def _is_ybr(stream: Codestream, layout: PixelLayout) -> bool:
    """Tell whether a lossy JPEG of three components is in YCbCr.

    An Adobe marker decides, then component letters, then a JFIF marker, then the header (PS3.5 8.2.1);
    but nobody subsamples red and blue, so a subsampled codestream is YCbCr whatever it is called.
    """
    if stream.subsampled:
        return True
    if stream.adobe_transform is not None:
        return stream.adobe_transform == 1
    if stream.component_ids in {b"RGB", b"rgb"}:
        return False
    return stream.jfif or layout.photometric != "RGB"


def _beyond_precision(values: Values, stream: Codestream) -> str:
    """Return in words that lossless values need more bits than the codestream has: a difference is wrong."""
    spare = BYTE * values.itemsize - stream.precision
    if not stream.lossless or spare <= 0 or not int(values.max()) >> stream.precision:
        return ""
    return DAMAGED


def _after_jpeg(stream: Codestream, layout: PixelLayout) -> str:
    """Return the photometric interpretation of what the JPEG decoder returned."""
    if layout.samples == COLOR and not stream.lossless:
        return "RGB"
    return _unsubsampled(layout.photometric)


def _unsubsampled(photometric: str) -> str:
    """Return the name once every pixel has its own chrominance."""
    return "YBR_FULL" if photometric == "YBR_FULL_422" else photometric


def _cells(values: Values, stream: Codestream, layout: PixelLayout) -> Stored:
    """Return decoded values as stored values of Bits Allocated, as the header interprets them.

    A codec returns the sign only where its syntax has one. Elsewhere, and where codestream and
    header disagree, the values are bit patterns with the sign in the codestream's highest bit.
    """
    size = max(BYTE, layout.bits_allocated) // BYTE
    cells = np.array(values.astype(f"{values.dtype.kind}{size}", copy=False), order="C").view(f"u{size}")
    stored = layout.bits_stored
    if layout.signed and not stream.signed:
        stored = min(stored, stream.precision)
    pattern = replace(layout, bits_allocated=size * BYTE, bits_stored=stored, high_bit=stored - 1)
    shape = (layout.rows, layout.columns, COLOR) if layout.samples == COLOR else (layout.rows, layout.columns)
    return significant_bits(cells.reshape(-1), pattern).reshape(shape)


SYNTAXES: dict[str, FrameDecoder] = {
    "1.2.840.10008.1.2.4.50": _jpeg,  # baseline, process 1
    "1.2.840.10008.1.2.4.51": _jpeg,  # extended, processes 2 and 4: 8 and 12 bits
    "1.2.840.10008.1.2.4.53": _jpeg,  # spectral selection, processes 6 and 8 (retired)
    "1.2.840.10008.1.2.4.55": _jpeg,  # full progression, processes 10 and 12 (retired)
    "1.2.840.10008.1.2.4.57": _jpeg,  # lossless, process 14
    "1.2.840.10008.1.2.4.70": _jpeg,  # lossless, selection value 1
    "1.2.840.10008.1.2.4.80": _jpeg,  # JPEG-LS lossless
    "1.2.840.10008.1.2.4.81": _jpeg,  # JPEG-LS near-lossless
    "1.2.840.10008.1.2.4.90": _jpeg_2000,  # lossless only
    "1.2.840.10008.1.2.4.91": _jpeg_2000,
    "1.2.840.10008.1.2.4.92": _jpeg_2000,  # part 2 multi-component: no transform beyond part 1 in sight
    "1.2.840.10008.1.2.4.93": _jpeg_2000,
    "1.2.840.10008.1.2.4.110": _jpeg_xl,  # lossless
    "1.2.840.10008.1.2.4.111": _jpeg_xl,  # a JPEG, packed anew
    "1.2.840.10008.1.2.4.112": _jpeg_xl,
    "1.2.840.10008.1.2.4.201": _jpeg_2000,  # HTJ2K lossless
    "1.2.840.10008.1.2.4.202": _jpeg_2000,  # HTJ2K lossless RPCL
    "1.2.840.10008.1.2.4.203": _jpeg_2000,  # HTJ2K
    "1.2.840.10008.1.2.5": _rle,
    "1.2.840.10008.1.2.8.1": _deflated_frame,
}
