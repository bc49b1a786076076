"""Reference lines lie where two planes meet, worked out by hand."""

from dataclasses import replace

import pytest

from viewer.dicom.plane import ImagePlane
from viewer.viewing.links import Extent, reference_line

AXIAL = ImagePlane((-20.0, -10.0, 5.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.5, 0.25, "1.2")
SAGITTAL = ImagePlane((-12.0, -8.0, 30.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0), 2.0, 1.0, "1.2")


def test_a_sagittal_image_cuts_an_axial_one_in_a_vertical_line():
    line = reference_line(AXIAL, Extent(SAGITTAL, rows=20, columns=10))
    ends = sorted([line.start, line.end], key=lambda end: end[1])
    # x = -12 mm is 32 columns from the first centre; y from -8.5 to 1.5 mm, the edges of ten pixels of 1 mm
    assert ends[0] == pytest.approx((32.5, 1.5 / 0.5 + 0.5))
    assert ends[1] == pytest.approx((32.5, 11.5 / 0.5 + 0.5))


def test_an_axial_image_cuts_a_sagittal_one_in_a_horizontal_line():
    line = reference_line(SAGITTAL, Extent(AXIAL, rows=40, columns=80))
    ends = sorted([line.start, line.end])
    assert ends[0] == pytest.approx(((-10.25 + 8) / 1.0 + 0.5, (30 - 5) / 2.0 + 0.5))
    assert ends[1] == pytest.approx(((-10.25 + 20 + 8) / 1.0 + 0.5, 13.0))


def test_there_is_no_line_between_parallel_planes():
    moved = replace(AXIAL, position=(0.0, 0.0, 9.0))
    assert reference_line(AXIAL, Extent(moved, 40, 80)) is None


def test_there_is_no_line_where_the_other_image_ends_before_the_plane():
    assert reference_line(AXIAL, Extent(SAGITTAL, rows=5, columns=10)) is None


@pytest.mark.parametrize(("mine", "theirs"), [("1.2", "1.3"), ("", ""), ("1.2", "")])
def test_there_is_no_line_without_a_common_frame_of_reference(mine, theirs):
    shown = replace(AXIAL, frame_of_reference_uid=mine)
    other = replace(SAGITTAL, frame_of_reference_uid=theirs)
    assert reference_line(shown, Extent(other, 20, 10)) is None


def test_a_plane_through_a_corner_and_an_edge_has_both_ends():
    # the plane z = 31 mm runs along the upper edge of the sagittal image
    shown = replace(AXIAL, position=(-20.0, -10.0, 31.0))
    line = reference_line(shown, Extent(SAGITTAL, 20, 10))
    assert {round(line.start[1], 6), round(line.end[1], 6)} == {3.5, 23.5}
