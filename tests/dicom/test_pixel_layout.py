"""The Image Pixel Module of headers that make no sense: the nearest safe reading, and a notice for it."""

import make
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.uid import JPEG2000Lossless

from viewer.dicom.pixels import read_frame
from viewer.errors import ViewerError

STORED = make.ramp(5, 7, "<u2", 100)
RGB = make.ramp(5, 7 * 3, "u1", 0).reshape(5, 7, 3)


def frame_of(folder, dataset, syntax=None):
    return read_frame(str(make.write(dataset, folder / "image", syntax)))


def mr(**attributes):
    return make.mr(STORED, **attributes)


@pytest.mark.parametrize(
    ("attributes", "notice"),
    [
        ({"BitsStored": 0}, "Bits Stored (0028,0101) is not usable: 16 is assumed"),
        ({"BitsStored": 17, "HighBit": 16}, "Bits Stored (0028,0101) is not usable: 16 is assumed"),
        ({"BitsStored": None}, "Bits Stored (0028,0101) is not usable: 16 is assumed"),
        ({"HighBit": 99}, "High Bit (0028,0102) is not usable: 11 is assumed"),
        ({"HighBit": 3}, "High Bit (0028,0102) is not usable: 11 is assumed"),
        ({"BitsAllocated": 12}, "Bits Allocated (0028,0100) is not usable: 16 is assumed"),
        ({"BitsAllocated": 8}, "Bits Allocated (0028,0100) is not usable: 16 is assumed"),
        ({"BitsAllocated": 0}, "Bits Allocated (0028,0100) is not usable: 16 is assumed"),
        ({"BitsAllocated": None}, "Bits Allocated (0028,0100) is not usable: 16 is assumed"),
        ({"SamplesPerPixel": 0}, "Samples per Pixel (0028,0002) is not usable: 1 is assumed"),
        ({"SamplesPerPixel": 2}, "Samples per Pixel (0028,0002) is not usable: 1 is assumed"),
        ({"SamplesPerPixel": None}, "Samples per Pixel (0028,0002) is not usable: 1 is assumed"),
        ({"PixelRepresentation": 7}, "(0028,0103) is not usable: unsigned values are assumed"),
        ({"NumberOfFrames": "0"}, "Number of Frames (0028,0008) is not usable: 1 is assumed"),
        ({"NumberOfFrames": "-5"}, "Number of Frames (0028,0008) is not usable: 1 is assumed"),
        ({"PhotometricInterpretation": None}, "(0028,0004) is missing: MONOCHROME2 is assumed"),
        ({"PhotometricInterpretation": "MONOCHROME3"}, "(0028,0004) is not usable: MONOCHROME2 is assumed"),
        ({"PhotometricInterpretation": "YBR_FULL"}, "(0028,0004) is not usable: MONOCHROME2 is assumed"),
    ],
)  # fmt: skip
def test_e01_nonsense_about_the_pixels_shows_them_and_says_what_was_assumed(tmp_path, attributes, notice):
    description, frame = frame_of(tmp_path, mr(**attributes))
    assert np.array_equal(frame.stored, STORED)
    assert any(notice in words for words in description.notices), description.notices
    assert description.bits_stored <= description.bits_allocated == 16


@pytest.mark.parametrize("keyword", ["HighBit", "PixelRepresentation", "NumberOfFrames"])
def test_an_attribute_that_is_not_there_is_as_its_default_without_a_word(tmp_path, keyword):
    description, frame = frame_of(tmp_path, mr(**{keyword: None}))
    assert np.array_equal(frame.stored, STORED)
    assert description.notices == ()


def test_c10_a_high_bit_at_the_top_of_the_cell_is_believed(tmp_path):
    _, frame = frame_of(tmp_path, make.mr(STORED << 4, HighBit=15))
    assert np.array_equal(frame.stored, STORED)


@pytest.mark.parametrize(
    ("keyword", "vr", "value"),
    [
        ("Rows", "US", [5, 6]),
        ("Columns", "DS", "7.0"),
        ("Rows", "OB", b"\x05\x00"),
        ("BitsStored", "US", [12, 12, 12]),
        ("HighBit", "IS", "11"),
    ],
)
def test_e01_several_values_and_wrong_representations_are_read(tmp_path, keyword, vr, value):
    dataset = mr()
    tag = dataset[keyword].tag
    dataset[tag] = DataElement(tag, vr, value)
    description, frame = frame_of(tmp_path, dataset)
    assert np.array_equal(frame.stored, STORED)
    assert bool(description.notices) == isinstance(value, list)


@pytest.mark.parametrize("planar", [2, 65535])
def test_e01_an_unknown_planar_configuration_is_colour_by_pixel(tmp_path, planar):
    dataset = make.us_color(RGB)
    dataset.PlanarConfiguration = planar
    description, frame = frame_of(tmp_path, dataset)
    assert np.array_equal(frame.stored, RGB)
    assert any("Planar Configuration" in words for words in description.notices)


@pytest.mark.parametrize("attributes", [{"BitsAllocated": 12}, {"BitsAllocated": None}])
def test_e01_compressed_cells_are_as_wide_as_bits_stored_needs(tmp_path, attributes):
    path = make.write(mr(), tmp_path / "j2k", JPEG2000Lossless)
    dataset = dcmread(path)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path)
    description, frame = read_frame(str(path))
    assert np.array_equal(frame.stored, STORED)
    assert "Bits Allocated (0028,0100) is not usable: 16 is assumed" in description.notices


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"Rows": 0}, "0 rows"),
        ({"Columns": 0}, "0 columns"),
        ({"Rows": None}, "no usable Rows"),
        ({"SamplesPerPixel": 4}, "4 samples per pixel are not supported"),
        ({"SamplesPerPixel": 3}, "MONOCHROME2 has one sample per pixel"),
        ({"Rows": 60_000, "Columns": 60_000}, "larger than 512 MiB"),
    ],
)
def test_e03_what_has_no_safe_reading_is_refused(tmp_path, attributes, reason):
    with pytest.raises(ViewerError, match=reason):
        frame_of(tmp_path, mr(**attributes))
