"""Mask subtraction against the words of PS3.3 C.7.6.10.1, pixel by pixel."""

import math
from dataclasses import replace

import numpy as np
import pytest

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Mask, MaskOperation, Padding
from viewer.dicom.luts import LookupTable, Rescale
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.rendering.pipeline import pipeline_of, resolve_voi
from viewer.rendering.subtraction import difference, frames_of, read_difference, subtract, to_log, window_of

ROWS, COLUMNS, FRAMES = 5, 7, 6
AVG, TID, REV = MaskOperation.AVG_SUB, MaskOperation.TID, MaskOperation.REV_TID
STORED = np.random.default_rng(7).integers(1, 4000, (FRAMES, ROWS, COLUMNS)).astype("u2")


def image(number=1, **more):
    return ImageDescription(FrameKey("1.2.3", number), "1.2", ROWS, COLUMNS, FRAMES, bits_stored=12, **more)


def read(mask, **more):
    return lambda key: (
        image(key.frame_number, mask=mask, **more),
        Frame(key, STORED[key.frame_number - 1], "MONOCHROME2"),
    )


def differences(mask, number, **more):
    return read_difference(FrameKey("1.2.3", number), read(mask, **more))[2].stored


def at(values, row, column):
    """Return a value between four pixels by the areas beside it; beyond the edge, the edge."""
    row, column = min(max(row, 0), ROWS - 1), min(max(column, 0), COLUMNS - 1)
    total = 0.0
    for r in range(ROWS):
        for c in range(COLUMNS):
            total += max(0.0, 1 - abs(row - r)) * max(0.0, 1 - abs(column - c)) * values[r][c]
    return total


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.25, -0.5), (-1.0, 2.0), (3.3, 100.0)])
def test_C25_average_subtraction_in_log_space_with_a_shifted_mask(shift):
    mask = Mask(AVG, (1, 3), contrast_averaging=2, sub_pixel_shift=shift)
    found = differences(mask, 4, intensity="LIN")
    assert found.dtype == np.float32
    masks = [[(math.log(a) + math.log(b)) / 2 for a, b in zip(*rows, strict=True)]
             for rows in zip(STORED[0].tolist(), STORED[2].tolist(), strict=True)]  # fmt: skip
    for row in range(ROWS):
        for column in range(COLUMNS):
            contrast = (math.log(STORED[3, row, column]) + math.log(STORED[4, row, column])) / 2
            expected = contrast - at(masks, row - shift[0], column - shift[1])
            assert found[row, column] == pytest.approx(expected, abs=1e-5)


def test_C25_a_mask_moves_by_rows_down_and_columns_to_the_right():
    spot = np.zeros((5, 7))
    spot[1, 2] = 8.0
    moved = -subtract([np.zeros((5, 7))], [spot], (2.0, 1.0))
    assert np.argwhere(moved).tolist() == [[3, 3]]


def test_C25_a_tid_mask_is_the_frame_an_offset_before():
    signed = STORED.astype(int)
    np.testing.assert_array_equal(differences(Mask(TID), 4), signed[3] - signed[2])
    np.testing.assert_array_equal(differences(Mask(TID, tid_offset=3), 4), signed[3] - signed[0])
    np.testing.assert_array_equal(differences(Mask(TID, tid_offset=-2), 1), signed[0] - signed[2])


@pytest.mark.parametrize(("number", "mask_frame"), [(5, 5), (6, 4), (7, 3), (8, 2)])
def test_C25_a_reversed_tid_mask_goes_back_while_the_frames_go_on(number, mask_frame):
    """MFN = (FCFN - TID Offset) - (CFN - FCFN)."""
    mask = Mask(REV, ranges=((5, 8),), tid_offset=0)
    assert frames_of(mask, number, 10) == ((number,), (mask_frame,))


@pytest.mark.parametrize(
    ("mask", "number"),
    [
        (Mask(TID), 1),
        (Mask(TID, tid_offset=-1), FRAMES),
        (Mask(AVG, (1,), ranges=((2, 3), (5, 5))), 4),
        (Mask(AVG, (1,), contrast_averaging=2), FRAMES),
        (Mask(REV, ranges=((2, 6),), tid_offset=1), 3),
    ],
)
def test_C25_a_frame_without_a_mask_has_no_difference_to_show(mask, number):
    with pytest.raises(ViewerError, match=rf"Frame {number} has no mask"):
        frames_of(mask, number, FRAMES)


def test_C25_the_values_are_logarithms_only_where_they_were_linear():
    stored = np.array([[0, 1, 100]], "u2")
    table = LookupTable(0, np.arange(101, dtype="u2") * 2, 16)
    lin = to_log(stored, image(intensity="LIN"))
    assert lin.tolist() == [[0.0, 0.0, pytest.approx(math.log(100))]]
    for relation in ("LOG", "DISP", ""):
        assert to_log(stored, image(intensity=relation)).tolist() == [[0, 1, 100]]
    rescaled = image(intensity="LIN", modality_lut=Rescale(0.5, 0.0))
    assert to_log(stored, rescaled)[0, 2] == pytest.approx(math.log(50))
    assert to_log(stored, image(intensity="LIN", modality_lut=table)).tolist() == [[0, 2, 200]]
    assert to_log(stored, image(intensity="LOG", modality_lut=table)).tolist() == [[0, 1, 100]]


def test_C25_padding_is_no_difference_and_stays_black():
    mask = Mask(AVG, (1,))
    description = image(mask=mask, padding=Padding(7, 7), inverted=True)
    contrast, before = STORED[1].copy(), STORED[0].copy()
    contrast[0, 0], before[2, 3] = 7, 7
    changed, frame = difference(
        description,
        [Frame(description.key, contrast, "MONOCHROME1")],
        [Frame(description.key, before, "MONOCHROME1", "cut short")],
    )
    assert np.argwhere(np.isnan(frame.stored)).tolist() == [[0, 0], [2, 3]]
    shown = pipeline_of(changed, resolve_voi(changed, frame)).render(frame.stored)
    assert shown[0, 0] == shown[2, 3] == 0
    assert frame.damage == "cut short"


def test_C25_differences_have_a_window_around_nothing_and_say_what_they_are():
    header, changed, frame = read_difference(FrameKey("1.2.3", 2), read(Mask(AVG, (1,)), intensity="LIN"))
    assert (header.notices, changed.notices) == ((), ("MASK SUBTRACTED: frame 1",))
    voi = resolve_voi(changed, frame)
    assert (voi.center, voi.source) == (0.0, "auto")
    pipeline = pipeline_of(changed, voi)
    assert pipeline.render(np.zeros((1, 1), "f4")).tolist() == [[128]]
    assert changed.modality_lut.unit == "ln"
    assert changed.key == header.key  # what is drawn belongs to the frame


def test_C25_a_frame_minus_itself_is_a_flat_gray():
    assert window_of(np.zeros((3, 3), "f4")).width > 0
    assert window_of(np.full((3, 3), np.nan, "f4")).width > 0


def test_C25_frames_of_another_size_and_headers_without_a_mask_are_refused():
    with pytest.raises(ViewerError, match="differ in size"):
        subtract([np.zeros((2, 3))], [np.zeros((3, 2))])
    with pytest.raises(ViewerError, match="no mask"):
        read_difference(FrameKey("1.2.3", 2), read(None))
    with pytest.raises(ViewerError, match="no mask"):
        difference(replace(image(), mask=None), [], [])
