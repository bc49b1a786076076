"""The Mask Module of a header, good and bad."""

import make
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence

from viewer.dicom.describe import describe
from viewer.dicom.image import Mask, MaskOperation
from viewer.rendering.subtraction import subtract

FRAMES = 8


def xa(*items, **attributes):
    dataset = make.cr_mono1(np.zeros((FRAMES, 4, 6), "u2"), PixelIntensityRelationship="LIN", **attributes)
    dataset.MaskSubtractionSequence = Sequence(list(items))
    return dataset


def item(operation="AVG_SUB", **attributes):
    found = Dataset()
    found.MaskOperation = operation
    for keyword, value in attributes.items():
        setattr(found, keyword, value)
    return found


def test_C25_a_mask_is_read_with_all_that_it_says():
    mask = item(
        MaskFrameNumbers=[1, 2],
        ApplicableFrameRange=[3, 5, 7, 8],
        ContrastFrameAveraging=2,
        MaskSubPixelShift=[0.5, -1.25],
    )
    found = describe(xa(mask), 4)
    assert found.mask == Mask(MaskOperation.AVG_SUB, (1, 2), ((3, 5), (7, 8)), 2, 1, (0.5, 1.25))
    assert found.intensity == "LIN"
    assert describe(xa(item("TID", TIDOffset=-2)), 1).mask == Mask(MaskOperation.TID, tid_offset=-2)


@pytest.mark.parametrize(
    ("shift", "place"),
    [
        ([2.0, 0.0], (3, 2)),
        ([-1.0, 0.0], (0, 2)),
        ([0.0, 2.0], (1, 0)),
        ([0.0, -3.0], (1, 5)),
        ([1.0, 1.0], (2, 1)),
    ],
)
def test_C25_a_positive_shift_moves_the_mask_to_lower_rows_and_to_the_left_hand_column(shift, place):
    """PS3.3 C.7.6.10.1.2, with a mask of one bright pixel at row 1, column 2."""
    spot = np.zeros((4, 6))
    spot[1, 2] = 8.0
    read = describe(xa(item(MaskFrameNumbers=1, MaskSubPixelShift=shift)), 2).mask
    moved = -subtract([np.zeros((4, 6))], [spot], read.sub_pixel_shift)
    assert [tuple(where) for where in np.argwhere(moved).tolist()] == [place]


def test_C25_half_a_pixel_is_shared_between_two_columns():
    spot = np.zeros((4, 6))
    spot[1, 2] = 8.0
    read = describe(xa(item(MaskFrameNumbers=1, MaskSubPixelShift=[0.0, 0.5])), 2).mask
    moved = -subtract([np.zeros((4, 6))], [spot], read.sub_pixel_shift)
    assert moved[1].tolist() == [0, 4, 4, 0, 0, 0]


def test_C25_each_frame_has_the_operation_that_is_meant_for_it():
    items = [
        item(MaskFrameNumbers=1, ApplicableFrameRange=[2, 4]),
        item(MaskFrameNumbers=5, ApplicableFrameRange=[6, 8]),
    ]
    found = [describe(xa(*items), frame).mask.mask_frames for frame in (1, 2, 6)]
    assert found == [(1,), (1,), (5,)]


@pytest.mark.parametrize(
    "items",
    [
        (),
        (item("NONE", MaskFrameNumbers=1),),
        (item("", MaskFrameNumbers=1),),
        (item("SOME"),),
        (item(),),
        (item(MaskFrameNumbers=0),),
        (item(MaskFrameNumbers=[1, FRAMES + 1]),),
        (item(MaskFrameNumbers=[1] * 10_000),),
        (item("REV_TID"),),
        (item("REV_TID", ApplicableFrameRange=[5, 2]),),
    ],
)
def test_C25_what_makes_no_mask_is_left_out(items):
    assert describe(xa(*items), 1).mask is None


def test_C25_an_offset_beyond_the_run_is_not_taken_for_another_one():
    """Each frame then has no mask, and says so: with a default one would see another picture."""
    assert describe(xa(item("TID", TIDOffset=FRAMES + 5)), 1).mask.tid_offset == FRAMES + 5


def test_C25_numbers_that_make_no_sense_have_their_defaults():
    odd = item(
        MaskFrameNumbers=1,
        ApplicableFrameRange=[9, 2, 3],
        ContrastFrameAveraging=60_000,
        MaskSubPixelShift=[1e9, 0],
    )
    found = describe(xa(odd), 1)
    assert found.mask == Mask(MaskOperation.AVG_SUB, (1,))
    assert "Mask Sub-pixel Shift (0028,6114) is larger than an image: ignored" in found.notices
