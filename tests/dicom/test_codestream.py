"""What a codestream says of itself, against what made it; and streams that lie or end early."""

import struct

import imagecodecs
import make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.dicom.codestream import CodestreamError, read_jpeg, read_jpeg_2000, read_rle

GRAY = make.ramp(24, 40, "u1", 0) % 251
DEEP = make.ramp(24, 40, "u2", 100)
COLOR = np.stack([GRAY, GRAY[::-1], GRAY.T.reshape(24, 40)], axis=-1)

JPEGS = {
    "baseline": imagecodecs.jpeg8_encode(GRAY, level=90),
    "color": imagecodecs.jpeg8_encode(COLOR, level=90, subsampling="422"),
    "extended": imagecodecs.jpeg_encode(DEEP, level=90, bitspersample=12),
    "lossless": imagecodecs.ljpeg_encode(DEEP, bitspersample=16),
    "JPEG-LS": imagecodecs.jpegls_encode(DEEP),
}
J2KS = {
    "raw": imagecodecs.jpeg2k_encode(DEEP, codecformat="j2k", level=0, reversible=True),
    "jp2": imagecodecs.jpeg2k_encode(DEEP, codecformat="jp2", level=0, reversible=True),
    "signed": imagecodecs.jpeg2k_encode(DEEP.astype("i2"), codecformat="j2k", level=0, reversible=True),
    "color": imagecodecs.jpeg2k_encode(COLOR, codecformat="j2k", level=0, reversible=True),
    "HTJ2K": imagecodecs.htj2k_encode(DEEP),
}


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_says_its_size_and_depth(name):
    stream = read_jpeg(JPEGS[name])
    assert (stream.rows, stream.columns, stream.complete) == (24, 40, True)
    assert stream.samples == (3 if name == "color" else 1)
    assert stream.precision == {"baseline": 8, "color": 8, "extended": 12}.get(name, 16)
    assert stream.lossless == (name in {"lossless", "JPEG-LS"})
    assert stream.jpeg_ls == (name == "JPEG-LS")
    assert stream.subsampled == (name == "color")


@pytest.mark.parametrize("name", J2KS)
def test_a_jpeg_2000_says_its_size_and_depth(name):
    stream = read_jpeg_2000(J2KS[name])
    assert (stream.rows, stream.columns, stream.complete) == (24, 40, True)
    assert stream.samples == (3 if name == "color" else 1)
    assert stream.precision == (8 if name == "color" else 16)
    assert stream.signed == (name == "signed")
    assert stream.high_throughput == (name == "HTJ2K")
    assert (stream.start > 0) == (name == "jp2")


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_without_its_end_is_not_complete(name):
    data = JPEGS[name]
    for cut in (1, 2, 3, len(data) // 10):
        assert not read_jpeg(data[:-cut]).complete
    assert read_jpeg(data + b"\0").complete  # padded to an even length


@pytest.mark.parametrize("name", J2KS)
def test_a_jpeg_2000_without_its_end_is_not_complete(name):
    data = J2KS[name]
    for cut in (1, 2, len(data) // 10):
        assert not read_jpeg_2000(data[:-cut]).complete
    assert read_jpeg_2000(data + b"\0").complete


def test_a_stuffed_byte_in_the_scan_is_no_marker():
    noise = np.random.default_rng(3).integers(0, 256, (64, 64), np.uint8)
    data = imagecodecs.jpeg8_encode(noise, level=100)
    assert b"\xff\x00" in data
    assert read_jpeg(data).complete


def test_an_adobe_marker_is_read():
    data = JPEGS["color"]
    adobe = b"\xff\xee" + struct.pack(">H5sHHHB", 14, b"Adobe", 100, 0, 0, 0)
    assert read_jpeg(data[:2] + adobe + data[2:]).adobe_transform == 0
    assert read_jpeg(data).component_ids == b"\x01\x02\x03"


def siz(x1: int, y1: int, tile: int = 0, samples: int = 1) -> bytes:
    body = (
        struct.pack(">H8IH", 0, x1, y1, 0, 0, tile or x1, tile or y1, 0, 0, samples)
        + b"\x07\x01\x01" * samples
    )
    return b"\xff\x4f\xff\x51" + struct.pack(">H", len(body) + 2) + body + b"\xff\x90" + bytes(10)


def test_the_size_of_a_bomb_is_read_without_decoding_it():
    stream = read_jpeg_2000(siz(65535, 65535))
    assert (stream.rows, stream.columns) == (65535, 65535)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xd8\xff\xd9", "no frame header"),
        (b"no jpeg", "start marker"),
        (JPEGS["baseline"][:2] + b"\x00" + JPEGS["baseline"][2:], "marker is missing"),
        (JPEGS["baseline"][:-2] + JPEGS["baseline"][2:], "more than one image"),
        (b"\xff\xd8\xff\xde\x00\x02" + JPEGS["baseline"][2:], "hierarchical"),
        (b"\xff\xd8" + b"\xff\xda\x00\x02" * 1001 + b"\xff\xd9", "1000 scans"),
    ],
)
def test_a_jpeg_that_cannot_be_decoded_is_refused_in_words(data, reason):
    with pytest.raises(CodestreamError, match=reason):
        read_jpeg(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + struct.pack(">I4s", 0, b"free") + bytes(8), "no codestream"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + struct.pack(">I4sQ", 1, b"free", 0), "no codestream"),
        (siz(1 << 20, 1 << 20, tile=1), "65535 tiles"),
        (siz(0, 5), "say 0 x 5"),
        (siz(64, 64)[:30], "cut"),
        (siz(64, 64)[:-12], "no image"),
        (b"\xff\xd8", "start marker"),
    ],
)
def test_a_jpeg_2000_that_cannot_be_decoded_is_refused_in_words(data, reason):
    with pytest.raises(CodestreamError, match=reason):
        read_jpeg_2000(data)


def rle_header(*offsets: int) -> bytes:
    return struct.pack("<16I", len(offsets), *offsets, *[0] * (15 - len(offsets)))


def test_rle_segments_reach_from_offset_to_offset():
    assert read_rle(rle_header(64, 70) + bytes(12)) == [(64, 70), (70, 76)]


@pytest.mark.parametrize(
    "data", [b"short", rle_header(), rle_header(60), rle_header(64, 64) + b"x", rle_header(64, 900) + b"xy"]
)
def test_an_rle_header_that_points_nowhere_is_refused(data):
    with pytest.raises(CodestreamError, match="RLE header"):
        read_rle(data)


@settings(deadline=None)
@given(
    data=st.sampled_from([*JPEGS.values(), *J2KS.values()]),
    spots=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 300),
)
def test_damaged_streams_give_a_description_or_a_reason(data, spots, cut):
    damaged = bytearray(data)
    for spot, byte in spots:
        damaged[spot % len(data)] = byte
    for read in (read_jpeg, read_jpeg_2000, read_rle):
        try:
            read(bytes(damaged[: len(damaged) - cut]))
        except CodestreamError as error:
            assert str(error)  # noqa: PT017  either outcome is good
