"""Native values: bits, bytes, signs, planes, and what is missing."""

import make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from viewer.dicom.native import decode_native, expand_422, significant_bits
from viewer.dicom.pixel_layout import PixelLayout
from viewer.dicom.pixels import FrameReader, read_frame
from viewer.errors import ViewerError

SYNTAXES = [None, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


def by_hand(cell: int, layout: PixelLayout) -> int:
    """PS3.5 8.1.1, one value at a time: the bits from High Bit down, Bits Stored of them."""
    shift = layout.high_bit + 1 - layout.bits_stored
    value = (cell >> shift) & ((1 << layout.bits_stored) - 1)
    if layout.signed and value >> (layout.bits_stored - 1):
        value -= 1 << layout.bits_stored
    return value


@given(
    data=st.data(),
    allocated=st.sampled_from([8, 16, 32, 64]),
    signed=st.booleans(),
    stored=st.integers(1, 64),
)
def test_c10_bits_outside_bits_stored_are_dropped_and_the_sign_is_extended(data, allocated, signed, stored):
    stored = min(stored, allocated)
    high = data.draw(st.integers(stored - 1, allocated - 1))
    cells = data.draw(st.lists(st.integers(0, 2**allocated - 1), min_size=1, max_size=8))
    layout = PixelLayout(1, len(cells), 1, allocated, stored, high, signed)
    values = significant_bits(np.array(cells, f"u{allocated // 8}"), layout)
    assert values.tolist() == [by_hand(cell, layout) for cell in cells]
    assert values.dtype == np.dtype(f"{'i' if signed else 'u'}{allocated // 8}")


def test_e02_one_bit_frames_follow_each_other_within_a_byte(tmp_path):
    frames = np.random.default_rng(1).integers(0, 2, (5, 3, 5), np.uint8)  # 15 bits a frame
    dataset = make.sc(np.zeros((3, 5), "u1"))
    dataset.NumberOfFrames = 5
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = 0
    packed = np.packbits(frames.reshape(-1), bitorder="little").tobytes()
    dataset.PixelData = packed + bytes(len(packed) % 2)
    path = str(make.write(dataset, tmp_path / "bits"))
    reader = FrameReader()
    for number in (3, 1, 5, 2, 4):
        _, frame = reader.read(path, number)
        assert np.array_equal(frame.stored, frames[number - 1])
        assert frame.damage == ""


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("dtype", ["<i2", "<u2", "u1"])
def test_c31_values_are_the_same_in_every_byte_order(tmp_path, syntax, dtype):
    stored = make.ramp(5, 7, dtype, start=100)
    path = make.write(make.ct(stored), tmp_path / "image", syntax)
    _, frame = read_frame(str(path))
    assert np.array_equal(frame.stored, stored)
    assert not frame.stored.flags.writeable
    assert frame.stored.flags.c_contiguous
    assert frame.stored.dtype.isnative


def test_eight_bit_values_in_big_endian_words_are_swapped_back(tmp_path):
    stored = np.arange(2 * 3 * 5, dtype="u1").reshape(2, 3, 5)  # 15 bytes a frame
    dataset = make.sc(stored)
    words = np.frombuffer(dataset.PixelData, "<u2").byteswap().tobytes()
    dataset.PixelData = words
    dataset["PixelData"].VR = "OW"
    path = str(make.write(dataset, tmp_path / "words", ExplicitVRBigEndian))
    for number in (1, 2):
        assert np.array_equal(read_frame(path, number)[1].stored, stored[number - 1])


def test_c11_planes_become_pixels(tmp_path):
    pixels = np.random.default_rng(2).integers(0, 256, (4, 6, 3), np.uint8)
    dataset = make.us_color(pixels)
    dataset.PixelData = np.moveaxis(pixels, -1, 0).tobytes()
    dataset.PlanarConfiguration = 1
    _, frame = read_frame(str(make.write(dataset, tmp_path / "planes")))
    assert np.array_equal(frame.stored, pixels)
    assert frame.photometric == "RGB"


def test_c11_native_422_gives_each_pair_of_pixels_its_chrominance():
    layout = PixelLayout(1, 4, 3, 8, 8, 7, photometric="YBR_FULL_422")
    stored = expand_422(np.array([10, 11, 1, 2, 12, 13, 3, 4], "u1"), layout)
    assert stored.tolist() == [[[10, 1, 2], [11, 1, 2], [12, 3, 4], [13, 3, 4]]]


def test_native_422_in_a_file_is_expanded_and_called_so(tmp_path):
    dataset = make.us_color(np.zeros((2, 4, 3), "u1"))
    dataset.PhotometricInterpretation = "YBR_FULL_422"
    dataset.PixelData = bytes([10, 11, 1, 2, 12, 13, 3, 4] * 2)
    _, frame = read_frame(str(make.write(dataset, tmp_path / "ybr")))
    assert frame.stored[1].tolist() == [[10, 1, 2], [11, 1, 2], [12, 3, 4], [13, 3, 4]]
    assert (frame.photometric, frame.damage) == ("YBR_FULL", "")


@pytest.mark.parametrize(("keyword", "dtype"), [("FloatPixelData", "<f4"), ("DoubleFloatPixelData", "<f8")])
def test_e02_floating_values_are_kept(tmp_path, keyword, dtype):
    values = np.linspace(-1.5, 1e6, 15, dtype=dtype).reshape(3, 5)
    dataset = make.ct(np.zeros((3, 5), "<i2"), PixelData=None)
    dataset.BitsAllocated = dataset.BitsStored = values.itemsize * 8
    dataset.HighBit = values.itemsize * 8 - 1
    setattr(dataset, keyword, values.tobytes())
    _, frame = read_frame(str(make.write(dataset, tmp_path / "float")))
    assert np.array_equal(frame.stored, values)


def test_a10_rows_that_the_file_does_not_hold_are_zero_and_counted(tmp_path):
    stored = make.ramp(6, 8)
    path = make.write(make.ct(stored), tmp_path / "whole")
    (tmp_path / "cut").write_bytes(path.read_bytes()[: -2 * 8 * 2 - 1])  # two rows and a byte
    _, frame = read_frame(str(tmp_path / "cut"))
    assert frame.damage == "3 of 6 rows are missing: the file is truncated"
    assert np.array_equal(frame.stored[:3], stored[:3])
    assert not frame.stored[4:].any()


def test_a10_a_frame_behind_the_end_of_the_file_is_said_to_be_missing(tmp_path):
    stored = make.ramp(6, 8)
    dataset = make.ct(np.stack([stored, stored + 1, stored + 2]))
    path = make.write(dataset, tmp_path / "three")
    (tmp_path / "cut").write_bytes(path.read_bytes()[: -6 * 8 * 2])
    reader = FrameReader()
    assert reader.read(str(tmp_path / "cut"), 2)[1].damage == ""
    with pytest.raises(ViewerError, match="frame 3 is missing: the file holds 2 of 3 frames"):
        reader.read(str(tmp_path / "cut"), 3)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"Rows": 0}, "0 rows"),
        ({"SamplesPerPixel": 65535}, "65535 samples"),
        ({"SamplesPerPixel": 4}, "4 samples"),
        ({"BitsAllocated": 24, "Rows": 5}, "24 bits allocated"),
        ({"NumberOfFrames": 2_000_000_000}, "2000000000 frames"),
        ({"Rows": 65535, "Columns": 65535}, "larger than 512 MiB"),
        ({"Columns": None}, "no usable Columns"),
        ({"PixelData": None}, "no image"),
    ],
)
def test_a_header_that_no_image_can_have_is_refused_in_words(tmp_path, attributes, reason):
    path = make.write(make.ct(**attributes), tmp_path / "liar")
    with pytest.raises(ViewerError, match=reason):
        read_frame(str(path))


def test_one_bit_may_begin_anywhere_in_its_byte():
    layout = PixelLayout(1, 3, 1, 1, 1, 0)
    assert decode_native(b"\x28", layout, first_bit=3).tolist() == [[1, 0, 1]]
