"""JPEG of unusual kinds: decoded or refused with a sentence that says what it is; JPEG XL."""

import imagecodecs
import make
import numpy as np
import pytest

from viewer.dicom.codecs import decode
from viewer.dicom.codestream import CodestreamError, jpeg_xl_size
from viewer.dicom.pixel_layout import PixelLayout

BASELINE = "1.2.840.10008.1.2.4.50"
JXL_LOSSLESS, JXL_JPEG, JXL = (f"1.2.840.10008.1.2.4.11{last}" for last in "012")
DEEP = make.ramp(24, 41, "u2", 100)
GRAY = (DEEP % 251).astype("u1")
COLOR = np.stack([GRAY, GRAY[::-1], np.roll(GRAY, 7, axis=1)], axis=-1)


def layout_of(values, bits=None):
    samples = 3 if values.ndim == 3 else 1
    allocated = 8 * values.itemsize
    bits = bits or allocated
    photometric = "RGB" if samples == 3 else "MONOCHROME2"
    return PixelLayout(*values.shape[:2], samples, allocated, bits, bits - 1, photometric=photometric)


@pytest.mark.parametrize("values", [DEEP, GRAY, COLOR], ids=["16 bit", "8 bit", "colour"])
def test_c31_lossless_jpeg_xl_gives_back_every_value(values):
    decoded = decode(imagecodecs.jpegxl_encode(values, lossless=True), JXL_LOSSLESS, layout_of(values))
    assert np.array_equal(decoded.stored, values)
    assert (decoded.stored.dtype, decoded.damage) == (values.dtype, "")


def test_jpeg_xl_of_12_bits_is_not_stretched_to_16():
    data = imagecodecs.jpegxl_encode(DEEP, lossless=True, bitspersample=12)
    assert np.array_equal(decode(data, JXL_LOSSLESS, layout_of(DEEP, 12)).stored, DEEP)
    deeper = imagecodecs.jpegxl_encode(DEEP * 8, lossless=True)
    with pytest.raises(CodestreamError, match="more than the 12 bits"):
        decode(deeper, JXL_LOSSLESS, layout_of(DEEP, 12))


def test_a_jpeg_that_was_packed_as_jpeg_xl_is_the_same_picture():
    jpeg = imagecodecs.jpeg8_encode(GRAY, level=95)
    there = decode(imagecodecs.jpegxl_encode_jpeg(jpeg), JXL_JPEG, layout_of(GRAY)).stored
    assert (
        np.abs(there.astype(int) - imagecodecs.jpeg8_decode(jpeg)).max() <= 3
    )  # of its own cosine transform


def test_lossy_jpeg_xl_comes_close():
    smooth = np.add.outer(np.arange(64), np.arange(80)).astype("u1")
    found = decode(imagecodecs.jpegxl_encode(smooth, distance=0.5), JXL, layout_of(smooth)).stored
    assert np.abs(found.astype(int) - smooth).max() <= 6


@pytest.mark.parametrize(
    "shape", [(8, 8), (16, 64), (64, 128), (30, 36), (33, 44), (100, 150), (9, 16), (600, 20), (9000, 1)]
)
def test_e03_the_size_of_jpeg_xl_is_known_before_it_is_decoded(shape):
    for boxes in (False, True):
        data = imagecodecs.jpegxl_encode(np.zeros(shape, "u1"), lossless=True, usecontainer=boxes)
        assert jpeg_xl_size(data) == shape
    with pytest.raises(CodestreamError, match="the header says 7 x 5"):
        decode(data, JXL_LOSSLESS, layout_of(np.zeros((5, 7), "u1")))


@pytest.mark.parametrize("damage", [lambda d: d[: len(d) // 2], lambda d: d[:200] + bytes(100) + d[300:]])
def test_a10_damaged_jpeg_xl_is_refused(damage):
    values = np.random.default_rng(1).integers(0, 4096, (40, 50), np.uint16)
    data = imagecodecs.jpegxl_encode(values, lossless=True)
    with pytest.raises(CodestreamError, match="JPEG XL data are damaged"):
        decode(damage(data), JXL_LOSSLESS, layout_of(values))


@pytest.mark.parametrize("data", [b"", b"no", b"\x00\x00\x00\x0cJXL " + bytes(40), b"\xff\x0a"])
def test_what_is_no_jpeg_xl_is_refused_in_words(data):
    with pytest.raises(CodestreamError, match=r"JPEG XL|empty"):
        decode(data, JXL, layout_of(GRAY))


def with_frame_marker(marker):
    data = imagecodecs.jpeg8_encode(GRAY, level=90)
    return data.replace(b"\xff\xc0", bytes((0xFF, marker)), 1)


@pytest.mark.parametrize("marker", [0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE])
def test_hierarchical_jpeg_is_refused_by_its_name(marker):
    with pytest.raises(CodestreamError, match="hierarchical JPEG is not supported"):
        decode(with_frame_marker(marker), BASELINE, layout_of(GRAY))


def test_jpeg_of_four_colours_is_refused_by_its_name():
    data = imagecodecs.jpeg8_encode(np.dstack([COLOR, GRAY]), colorspace="CMYK", outcolorspace="CMYK")
    with pytest.raises(CodestreamError, match=r"4 colours \(CMYK\)"):
        decode(data, BASELINE, layout_of(COLOR))


@pytest.mark.parametrize("marker", [0xC9, 0xCA, 0xCB])
def test_arithmetic_jpeg_is_refused_by_its_name(marker):
    with pytest.raises(CodestreamError, match="arithmetic-coded JPEG is not supported"):
        decode(with_frame_marker(marker), BASELINE, layout_of(GRAY))
