"""Decoders against the values that were encoded, and against streams that are not what the header says."""

import struct
import zlib

import imagecodecs
import make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    MPEG4HP41,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
    UID_dictionary,
)

from viewer.dicom.codecs import SYNTAXES, decode
from viewer.dicom.codestream import CodestreamError, read_jpeg
from viewer.dicom.jpeg_check import whole_gray
from viewer.dicom.pixel_layout import PixelLayout

DEEP = make.ramp(24, 40, "u2", 100)
GRAY = (make.ramp(24, 40, "u1", 0) % 251).astype("u1")
COLOR = np.stack([GRAY, GRAY[::-1], np.roll(GRAY, 7, axis=1)], axis=-1)


def j2k(values: np.ndarray, **options: object) -> bytes:
    return imagecodecs.jpeg2k_encode(values, codecformat="j2k", level=0, reversible=True, **options)


def layout_of(values: np.ndarray, **changes: object) -> PixelLayout:
    bits = 8 * values.dtype.itemsize
    given_values = {
        "rows": values.shape[0],
        "columns": values.shape[1],
        "samples": 3 if values.ndim == 3 else 1,
        "bits_allocated": bits,
        "bits_stored": bits,
        "high_bit": bits - 1,
        "signed": values.dtype.kind == "i",
        "photometric": "RGB" if values.ndim == 3 else "MONOCHROME2",
    }
    return PixelLayout(**(given_values | changes))


def lossless_jpeg(values: np.ndarray, **options: object) -> bytes:
    bits = 8 * values.dtype.itemsize
    return imagecodecs.jpeg8_encode(values, lossless=True, bitspersample=bits, **options)


LOSSLESS = {
    JPEGLossless: lambda v: lossless_jpeg(v, predictor=5),
    JPEGLosslessSV1: lambda v: lossless_jpeg(v, predictor=1),
    JPEGLSLossless: imagecodecs.jpegls_encode,
    JPEG2000Lossless: j2k,
    HTJ2KLossless: imagecodecs.htj2k_encode,
}


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("values", [DEEP, GRAY], ids=["16 bit", "8 bit"])
def test_c31_lossless_syntaxes_give_back_every_value(syntax, values):
    decoded = decode(LOSSLESS[syntax](values), syntax, layout_of(values))
    assert np.array_equal(decoded.stored, values)
    assert decoded.stored.dtype == values.dtype
    assert (decoded.photometric, decoded.damage) == ("MONOCHROME2", "")


@pytest.mark.parametrize("syntax", [JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless, HTJ2KLossless])
def test_c12_lossless_colour_is_not_converted(syntax):
    jpeg = {"colorspace": "RGB", "outcolorspace": "RGB", "predictor": 1}
    data = lossless_jpeg(COLOR, **jpeg) if syntax == JPEGLosslessSV1 else LOSSLESS[syntax](COLOR)
    decoded = decode(data, syntax, layout_of(COLOR))
    assert np.array_equal(decoded.stored, COLOR)
    assert decoded.photometric == "RGB"


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
def test_ybr_that_a_codec_leaves_alone_stays_ybr(syntax):
    data = LOSSLESS[syntax](COLOR) if syntax == JPEGLSLossless else j2k(COLOR, mct=False)
    decoded = decode(data, syntax, layout_of(COLOR, photometric="YBR_FULL"))
    assert np.array_equal(decoded.stored, COLOR)
    assert decoded.photometric == "YBR_FULL"


def test_jpeg_2000_with_its_colour_transform_is_rgb_afterwards():
    decoded = decode(j2k(COLOR), JPEG2000Lossless, layout_of(COLOR, photometric="YBR_RCT"))
    assert np.array_equal(decoded.stored, COLOR)
    assert decoded.photometric == "RGB"


@pytest.mark.parametrize("syntax", [JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless])
@pytest.mark.parametrize("bits", [12, 16])
def test_signed_values_keep_their_sign_where_the_codec_has_none(syntax, bits):
    values = np.linspace(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 960).astype("i2").reshape(24, 40)
    patterns = values.view("u2") & ((1 << bits) - 1)
    layout = layout_of(values, bits_stored=bits, high_bit=bits - 1)
    assert np.array_equal(decode(LOSSLESS[syntax](patterns), syntax, layout).stored, values)


def test_a_signed_jpeg_2000_is_read_as_the_header_interprets_it():
    values = np.linspace(-2048, 2047, 960).astype("i2").reshape(24, 40)
    signed = layout_of(values, bits_stored=12, high_bit=11)
    assert np.array_equal(decode(j2k(values), JPEG2000Lossless, signed).stored, values)
    unsigned = layout_of(values.view("u2"), bits_stored=12, high_bit=11)
    assert np.array_equal(decode(j2k(values), JPEG2000Lossless, unsigned).stored, values & 0xFFF)


@pytest.mark.parametrize(
    ("syntax", "data", "values", "tolerance"),
    [
        (JPEGBaseline8Bit, imagecodecs.jpeg8_encode(GRAY, level=98), GRAY, 6),
        (JPEGExtended12Bit, imagecodecs.jpeg_encode(DEEP, level=98, bitspersample=12), DEEP, 8),
        (JPEGLSNearLossless, imagecodecs.jpegls_encode(DEEP, level=3), DEEP, 3),
        (JPEG2000, imagecodecs.jpeg2k_encode(DEEP, codecformat="j2k", level=90), DEEP, 70),
        (HTJ2K, imagecodecs.htj2k_encode(DEEP, level=0.0001, reversible=False), DEEP, 70),
    ],
)
def test_lossy_syntaxes_come_close(syntax, data, values, tolerance):
    decoded = decode(data, syntax, layout_of(values))
    assert np.abs(decoded.stored.astype(int) - values).max() <= tolerance
    assert decoded.damage == ""


def flat_color(colorspace: str, **options: object) -> bytes:
    values = np.full((16, 16, 3), (200, 60, 30), np.uint8)
    return imagecodecs.jpeg8_encode(values, level=100, colorspace="RGB", outcolorspace=colorspace, **options)


@pytest.mark.parametrize("photometric", ["YBR_FULL_422", "YBR_FULL"])
def test_c12_a_jpeg_in_ybr_comes_back_as_rgb(photometric):
    layout = layout_of(np.zeros((16, 16, 3), "u1"), photometric=photometric)
    decoded = decode(flat_color("YCBCR", subsampling="422"), JPEGBaseline8Bit, layout)
    assert np.abs(decoded.stored[8, 8].astype(int) - (200, 60, 30)).max() <= 2
    assert decoded.photometric == "RGB"


def test_c12_a_jpeg_in_rgb_is_not_converted():
    layout = layout_of(np.zeros((16, 16, 3), "u1"), photometric="RGB")
    decoded = decode(flat_color("RGB"), JPEGBaseline8Bit, layout)
    assert np.abs(decoded.stored[8, 8].astype(int) - (200, 60, 30)).max() <= 2
    assert decoded.photometric == "RGB"


def test_c12_a_jfif_marker_overrules_a_header_that_says_rgb():
    data = flat_color("YCBCR", subsampling="444")  # no Adobe marker, components 1, 2, 3
    assert data[6:11] == b"JFIF\0"  # which stands for YCbCr (T.871 7), as pydicom and browsers take it
    stored = decode(data, JPEGBaseline8Bit, layout_of(np.zeros((16, 16, 3), "u1"), photometric="RGB")).stored
    assert np.abs(stored[8, 8].astype(int) - (200, 60, 30)).max() <= 2


def test_c12_an_adobe_marker_overrules_the_header():
    data = flat_color("YCBCR", subsampling="444")
    no_app = data[:2] + data[2 + 2 + struct.unpack_from(">H", data, 4)[0] :]  # without JFIF
    for transform, expected in ((0, None), (1, (200, 60, 30))):
        adobe = b"\xff\xee" + struct.pack(">H5sHHHB", 14, b"Adobe", 100, 0, 0, transform)
        layout = layout_of(np.zeros((16, 16, 3), "u1"), photometric="RGB" if transform else "YBR_FULL")
        stored = decode(no_app[:2] + adobe + no_app[2:], JPEGBaseline8Bit, layout).stored[8, 8].astype(int)
        y = 0.299 * 200 + 0.587 * 60 + 0.114 * 30
        plain = (y, 128 + (30 - y) / 1.772, 128 + (200 - y) / 1.402)  # T.871 7: what is in the file
        assert np.abs(stored - (expected or plain)).max() <= 2


def packbits(plane: np.ndarray) -> bytes:
    coded = imagecodecs.packbits_encode(plane.tobytes())
    return coded + bytes(len(coded) % 2)


def rle(planes: list[np.ndarray]) -> bytes:
    segments = [packbits(plane) for plane in planes]
    offsets = [64 + sum(map(len, segments[:k])) for k in range(len(segments))]
    return struct.pack("<16I", len(segments), *offsets, *[0] * (15 - len(offsets))) + b"".join(segments)


@settings(deadline=None)
@given(
    dtype=st.sampled_from(["u1", "u2", "i2", "u4"]),
    color=st.booleans(),
    seed=st.integers(0, 99),
    runs=st.booleans(),
)
def test_rle_gives_back_every_value(dtype, color, seed, runs):
    shape = (5, 7, 3) if color else (5, 7)
    values = np.random.default_rng(seed).integers(0, 2 if runs else 200, shape).astype(dtype)
    samples = np.moveaxis(values.reshape(5, 7, -1), -1, 0)
    big = [np.ascontiguousarray(s).astype(np.dtype(dtype).newbyteorder(">")) for s in samples]
    planes = [s.view("u1").reshape(35, -1)[:, byte].copy() for s in big for byte in range(values.itemsize)]
    decoded = decode(rle(planes), RLELossless, layout_of(values, by_plane=True))
    assert np.array_equal(decoded.stored, values)
    assert decoded.stored.dtype == np.dtype(dtype)


def test_one_bit_rle_is_unpacked():
    bits = np.random.default_rng(4).integers(0, 2, (9, 11), np.uint8)
    layout = PixelLayout(9, 11, 1, 1, 1, 0)
    packed = np.packbits(bits.reshape(-1), bitorder="little")
    assert np.array_equal(decode(rle([packed]), RLELossless, layout).stored, bits)


def test_a_deflated_frame_is_inflated_and_a_bomb_is_not():
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(DEEP.tobytes()) + packer.flush()
    assert np.array_equal(decode(data, "1.2.840.10008.1.2.8.1", layout_of(DEEP)).stored, DEEP)
    with pytest.raises(CodestreamError, match="of 1920 bytes"):
        decode(data[: len(data) // 2], "1.2.840.10008.1.2.8.1", layout_of(DEEP))


STREAMS = {
    JPEGBaseline8Bit: (imagecodecs.jpeg8_encode(GRAY, level=90), GRAY),
    JPEGExtended12Bit: (imagecodecs.jpeg_encode(DEEP, level=90, bitspersample=12), DEEP),
    JPEGLosslessSV1: (LOSSLESS[JPEGLosslessSV1](DEEP), DEEP),
    JPEGLSLossless: (imagecodecs.jpegls_encode(DEEP), DEEP),
    JPEG2000Lossless: (j2k(DEEP), DEEP),
    HTJ2KLossless: (imagecodecs.htj2k_encode(DEEP), DEEP),
    RLELossless: (rle([(DEEP >> 8).astype("u1"), (DEEP & 255).astype("u1")]), DEEP),
}


@pytest.mark.parametrize("syntax", STREAMS)
@pytest.mark.parametrize("kept", [0.999, 0.9, 0.5])
def test_a10_a_cut_codestream_is_refused_or_called_damaged_never_shown_as_whole(syntax, kept):
    data, values = STREAMS[syntax]
    try:
        decoded = decode(data[: int(len(data) * kept)], syntax, layout_of(values))
    except CodestreamError as error:
        words = str(error)
        assert any(word in words for word in ("cut", "damaged", "no image"))
    else:
        assert decoded.damage


@pytest.mark.parametrize("syntax", STREAMS)
def test_a_codestream_of_another_size_is_refused_before_it_is_decoded(syntax):
    data, values = STREAMS[syntax]
    with pytest.raises(CodestreamError, match=r"the header says 40 x 25|cut or damaged"):
        decode(data, syntax, layout_of(values, rows=25))


def test_e02_a_codestream_that_claims_65535_squared_is_refused_in_words():
    data = bytearray(j2k(GRAY))
    struct.pack_into(">8I", data, 8, 65535, 65535, 0, 0, 65535, 65535, 0, 0)
    with pytest.raises(CodestreamError, match="data are 65535 x 65535, the header says 40 x 24"):
        decode(bytes(data), JPEG2000Lossless, layout_of(GRAY))


@pytest.mark.parametrize(
    ("data", "layout", "reason"),
    [
        (imagecodecs.jpeg8_encode(COLOR), layout_of(GRAY), "3 components, the header says 1"),
        (imagecodecs.jpeg_encode(DEEP, bitspersample=12), layout_of(GRAY), "12 bits, the header allocates 8"),
        (b"", layout_of(GRAY), "empty"),
    ],
)
def test_a_codestream_that_disagrees_with_the_header_is_refused(data, layout, reason):
    with pytest.raises(CodestreamError, match=reason):
        decode(data, JPEGBaseline8Bit, layout)


def test_a_syntax_without_decoder_is_named():
    with pytest.raises(CodestreamError, match=r"MPEG-4 AVC/H\.264"):
        decode(b"x", MPEG4HP41, layout_of(GRAY))


def test_a_panic_of_the_second_rle_decoder_is_caught():
    with pytest.raises(CodestreamError, match="RLE data are cut or damaged"):
        decode(struct.pack("<16I", 1, 64, *[0] * 14) + b"\x7f", RLELossless, layout_of(GRAY))


@settings(deadline=None, max_examples=200)
@given(syntax=st.sampled_from(sorted(STREAMS)), spot=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_a_damaged_byte_gives_pixels_or_a_reason(syntax, spot, byte):
    data, values = STREAMS[syntax]
    damaged = bytearray(data)
    damaged[spot % 200] = byte
    try:
        decoded = decode(bytes(damaged), syntax, layout_of(values))
    except CodestreamError as error:
        assert str(error)  # noqa: PT017  either outcome is good
    else:
        assert decoded.stored.shape == values.shape


def test_every_listed_syntax_is_known_to_the_standard():
    unknown = {syntax for syntax in SYNTAXES if syntax not in UID_dictionary}
    jpeg_xl = {f"1.2.840.10008.1.2.4.11{last}" for last in "012"}
    assert unknown <= {"1.2.840.10008.1.2.8.1", *jpeg_xl}  # Deflated Image Frame and JPEG XL, 2024


@settings(deadline=None, max_examples=60)
@given(
    rows=st.integers(1, 70), columns=st.integers(1, 70), level=st.integers(5, 100), seed=st.integers(0, 99)
)
def test_a_gray_jpeg_that_is_decoded_and_checked_at_once_has_the_pixels_of_a_plain_decoder(
    rows, columns, level, seed
):
    values = np.random.default_rng(seed).integers(0, 256, (rows, columns), np.uint8)
    data = imagecodecs.jpeg8_encode(values, level=level)
    at_once = whole_gray(data, read_jpeg(data))
    assert at_once is not None
    assert np.array_equal(at_once, imagecodecs.jpeg8_decode(data))


def test_a_gray_jpeg_too_large_to_be_counted_is_decoded_at_once_too():
    values = make.ramp(2048, 2048, "u1", 0)
    data = imagecodecs.jpeg8_encode(values, level=90)
    assert np.array_equal(whole_gray(data, read_jpeg(data)), imagecodecs.jpeg8_decode(data))
    assert whole_gray(data[:-2000] + data[-2:], read_jpeg(data)) is None
