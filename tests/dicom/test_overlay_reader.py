"""Overlay planes of headers, held against pydicom, against DCMTK and against one bit at a time."""

import subprocess
from dataclasses import replace

import make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import ExplicitVRBigEndian

from viewer.dicom.describe import describe
from viewer.dicom.overlay import OverlayKind
from viewer.dicom.pixels import read_frame

ROWS, COLUMNS = make.ROWS, make.COLUMNS  # 6, 8
RANDOM = np.random.default_rng(60)
MARKS = RANDOM.integers(0, 2, (5, 7)).astype(bool)


def packed(marks):
    """Return Overlay Data of `marks` in reading order, first bit lowest, and no gap between frames."""
    data = bytearray((marks.size + 7) // 8)
    for index, mark in enumerate(marks.reshape(-1)):
        data[index // 8] |= int(mark) << index % 8
    return bytes(data) + b"\0" * (len(data) % 2)


def with_overlay(dataset, marks, origin=(1, 1), group=0x6000, kind="G", **more):
    dataset.add_new((group, 0x0010), "US", marks.shape[-2])
    dataset.add_new((group, 0x0011), "US", marks.shape[-1])
    dataset.add_new((group, 0x0040), "CS", kind)
    dataset.add_new((group, 0x0050), "SS", list(origin))
    dataset.add_new((group, 0x0100), "US", 1)
    dataset.add_new((group, 0x0102), "US", 0)
    if marks.ndim == 3:
        dataset.add_new((group, 0x0015), "IS", str(len(marks)))
    if "first" in more:
        dataset.add_new((group, 0x0051), "US", more["first"])
    dataset.add_new((group, 0x3000), "OW", packed(marks))
    return dataset


def placed(marks, origin, rows=ROWS, columns=COLUMNS):
    """Return the mask of the image, pixel by pixel: origin 1,1 is its first pixel."""
    mask = np.zeros((rows, columns), bool)
    for row in range(marks.shape[0]):
        for column in range(marks.shape[1]):
            there = (row + origin[0] - 1, column + origin[1] - 1)
            if 0 <= there[0] < rows and 0 <= there[1] < columns:
                mask[there] = marks[row, column]
    return mask


def masks(description):
    return [plane.mask(description.rows, description.columns) for plane in description.overlays]


@given(top=st.integers(-7, 9), left=st.integers(-9, 11))
def test_C22_overlay_origin_may_lie_outside_the_image(top, left):
    description = describe(with_overlay(make.ct(), MARKS, (top, left)), 1)
    expected = placed(MARKS, (top, left))
    assert np.array_equal(masks(description)[0], expected)
    cut = expected.sum() < MARKS.sum()
    assert any("beyond the image" in words for words in description.notices) == cut


def test_C22_pydicom_reads_the_same_mask():
    dataset = with_overlay(make.ct(), RANDOM.integers(0, 2, (ROWS, COLUMNS)).astype(bool))
    (mask,) = masks(describe(dataset, 1))
    assert np.array_equal(mask, dataset.overlay_array(0x6000))


@pytest.mark.corpus
@pytest.mark.parametrize(
    "name", ["pydicom__examples_overlay.dcm", "pydicom-data__MR-SIEMENS-DICOM-WithOverlays.dcm"]
)
def test_C22_real_overlays_are_those_of_pydicom(corpus, name):
    path = corpus / "overlay" / name
    description, _ = read_frame(str(path))
    (mask,) = masks(description)
    assert mask.any()
    assert np.array_equal(mask, dcmread(path).overlay_array(0x6000))


def drawn_by_dcmtk(dcmtk, path, number, frame=1):
    options = ["-O", "+O", str(number), "+Omr", "+Fr", str(frame), "1", "+opb", "+Ww", "60000", "2"]
    done = subprocess.run([dcmtk, *options, path], capture_output=True, check=True)
    words = " ".join(line for line in done.stdout.decode().splitlines() if line[:1] != "#").split()
    columns, rows = int(words[1]), int(words[2])
    return np.array(words[4:], int).reshape(rows, columns) == 255


@pytest.mark.parametrize("origin", [(1, 1), (-2, 3), (4, -3), (5, 6)])
def test_C22_dcmtk_draws_the_same_pixels(tmp_path, dcmtk, origin):
    path = make.write(with_overlay(make.ct(), MARKS, origin), tmp_path / "a.dcm")
    description, _ = read_frame(str(path))
    assert np.array_equal(masks(description)[0], drawn_by_dcmtk(dcmtk, path, 1))


def test_C22_a_multi_frame_overlay_lies_on_the_frames_it_names(tmp_path, dcmtk):
    marks = RANDOM.integers(0, 2, (2, 5, 7)).astype(bool)
    dataset = with_overlay(make.enhanced_ct(4), marks, (2, 0), first=2)
    path = make.write(dataset, tmp_path / "a.dcm")
    for number, expected in [(1, None), (2, marks[0]), (3, marks[1]), (4, None)]:
        description, _ = read_frame(str(path), number)
        if expected is None:
            assert description.overlays == ()
        else:
            assert np.array_equal(masks(description)[0], placed(expected, (2, 0)))
            assert np.array_equal(masks(description)[0], drawn_by_dcmtk(dcmtk, path, 1, number))


def test_C22_an_overlay_that_names_no_frames_lies_on_all():
    dataset = with_overlay(make.enhanced_ct(3), MARKS)
    for number in (1, 2, 3):
        assert np.array_equal(masks(describe(dataset, number))[0], placed(MARKS, (1, 1)))


def embedded(bits=12, position=13, **more):
    """Return an image with an overlay in bit `position` of its cells, the mask and the values."""
    stored = make.ramp(dtype="<u2", start=4000)  # up to 4047: bits 0 to 11
    mask = RANDOM.integers(0, 2, stored.shape).astype(bool)
    dataset = make.mr(stored, **more)
    dataset.BitsStored, dataset.HighBit = bits, bits - 1
    dataset.PixelData = (stored | mask.astype("<u2") << position).astype("<u2").tobytes()
    for element, vr, value in [
        (0x0010, "US", ROWS), (0x0011, "US", COLUMNS), (0x0040, "CS", "R"), (0x0050, "SS", [1, 1]),
        (0x0100, "US", 16), (0x0102, "US", position),
    ]:  # fmt: skip
        dataset.add_new((0x6002, element), vr, value)
    return dataset, mask, stored


@pytest.mark.parametrize("position", [12, 13, 15])
@pytest.mark.parametrize("syntax", [None, "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5"])
def test_C22_an_overlay_in_unused_bits_of_the_pixels_is_taken_out_before_they_are_masked(
    tmp_path, position, syntax
):
    dataset, mask, stored = embedded(position=position)
    description, frame = read_frame(str(make.write(dataset, tmp_path / "a.dcm", syntax)))
    (plane,) = description.overlays
    assert plane.kind is OverlayKind.ROI
    assert plane.group == 0x6002
    assert np.array_equal(plane.mask(ROWS, COLUMNS), mask)
    assert np.array_equal(frame.stored, stored)


def test_C22_dcmtk_finds_the_overlay_in_the_pixels_too(tmp_path, dcmtk):
    dataset, mask, _ = embedded()
    dataset[(0x6002, 0x0040)].value = "G"
    path = make.write(dataset, tmp_path / "a.dcm")
    assert np.array_equal(drawn_by_dcmtk(dcmtk, path, 1), mask)


def test_C22_a_bit_of_the_stored_values_is_no_overlay(tmp_path):
    dataset, _, _ = embedded(bits=16, position=13)
    description, _ = read_frame(str(make.write(dataset, tmp_path / "a.dcm")))
    assert description.overlays == ()


def test_C31_overlays_of_big_endian_files_are_the_same(tmp_path):
    dataset = with_overlay(make.ct(), MARKS)
    little = read_frame(str(make.write(dataset, tmp_path / "little.dcm")))[0]
    words = np.frombuffer(dataset[(0x6000, 0x3000)].value, "<u2").astype(">u2").tobytes()
    dataset[(0x6000, 0x3000)].value = words
    big = read_frame(str(make.write(dataset, tmp_path / "big.dcm", ExplicitVRBigEndian)))[0]
    assert np.array_equal(masks(big)[0], masks(little)[0])


def test_all_sixteen_planes_are_read_with_their_labels():
    dataset = make.ct()
    for group in range(0x6000, 0x6020, 2):
        with_overlay(dataset, MARKS, group=group, kind="R" if group == 0x6004 else "G")
        dataset.add_new((group, 0x1500), "LO", f"Plane {group:04X}")
    planes = describe(dataset, 1).overlays
    assert [plane.group for plane in planes] == list(range(0x6000, 0x6020, 2))
    assert [plane.label for plane in planes][1] == "Plane 6002"
    assert [plane.kind for plane in planes].index(OverlayKind.ROI) == 2


@pytest.mark.parametrize(
    ("element", "vr", "value"),
    [
        (0x0010, "US", 0), (0x0010, "US", 65535), (0x0011, "UN", b"xx"), (0x0050, "SS", [1]),
        (0x0050, "US", [65534, 1]), (0x0015, "IS", "0"), (0x3000, "OW", b""), (0x3000, "OW", b"\1\0"),
        (0x0040, "CS", "NONSENSE"), (0x0051, "US", 7), (0x0015, "IS", "999999999"),
    ],
)  # fmt: skip
def test_E01_E03_nonsense_in_an_overlay_leaves_the_image_readable(element, vr, value):
    dataset = with_overlay(make.ct(), MARKS)
    if (0x6000, element) in dataset:
        del dataset[(0x6000, element)]
    dataset.add_new((0x6000, element), vr, value)
    description = describe(dataset, 1)
    assert len(description.overlays) <= 1
    assert replace(description, overlays=()).rows == ROWS
