"""Slices become one volume of modality values, or there is a reason in words why they do not."""

import math
from dataclasses import replace

import numpy as np
import pytest

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Padding
from viewer.dicom.luts import LookupTable, Rescale
from viewer.dicom.plane import ImagePlane
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.rendering.volume import arrange, build

ROWS, COLUMNS = 4, 5
HOUNSFIELD = Rescale(1.0, -1024.0, "HU")
START = np.array([-12.5, 7.25, 40.0])


def stack(count=6, step=(0.0, 0.0, 2.5), rescale=HOUNSFIELD, **plane):
    """Return `count` axial descriptions, `step` mm apart, pixels 0.5 mm high and 0.25 mm wide."""
    images = []
    for number in range(count):
        position = tuple(float(value) for value in START + number * np.array(step))
        place = ImagePlane(position, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.5, 0.25, "1.2.3")
        key = FrameKey(f"1.2.{number}")
        images.append(
            ImageDescription(
                key,
                "1.2.840.10008.5.1.4.1.1.2",
                ROWS,
                COLUMNS,
                modality_lut=rescale,
                plane=replace(place, **plane),
            )
        )
    return images


def pictures(images, dtype="u2", scale=100):
    """Return frames whose stored values tell slice, row and column apart."""
    base = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    return [
        Frame(image.key, (base + scale * number).astype(dtype), "MONOCHROME2")
        for number, image in enumerate(images)
    ]


def move(image, offset):
    moved = tuple(float(value) for value in np.array(image.plane.position) + offset)
    return replace(image, plane=replace(image.plane, position=moved))


def test_voxel_and_patient_coordinates_agree_with_the_planes():
    images = stack()
    volume = build(images, pictures(images))
    for number, image in enumerate(images):
        expected = image.plane.to_patient(3.5, 1.5)  # the centre of column 3, row 1
        assert np.allclose(volume.to_patient((number, 1, 3)), expected, atol=1e-9)
        assert np.allclose(volume.to_voxel(expected), (number, 1, 3), atol=1e-9)


def test_slices_are_sorted_along_the_normal_whatever_their_order():
    images = stack()
    frames = pictures(images)
    shuffled = [3, 0, 5, 1, 4, 2]
    volume = build([images[index] for index in shuffled], [frames[index] for index in shuffled])
    assert volume.values[:, 0, 0].tolist() == [-1024, -924, -824, -724, -624, -524]
    assert volume.origin == (-12.5, 7.25, 40.0)


def test_ct_values_are_int16_read_only_and_in_hounsfield_units():
    images = stack()
    volume = build(images, pictures(images))
    assert volume.values.dtype == np.int16
    assert not volume.values.flags.writeable
    assert volume.unit == "HU"
    assert volume.values[2, 1, 3] == 200 + 8 - 1024
    assert volume.lowest == -1024


def test_b11_b15_each_pet_slice_has_its_own_slope():
    images = [
        replace(image, modality_lut=Rescale(0.5 + number, 0.25, "BQML"))
        for number, image in enumerate(stack())
    ]
    volume = build(images, pictures(images))
    assert volume.values.dtype == np.float32
    assert volume.values[3, 2, 1] == np.float32(3.5 * (300 + 11) + 0.25)
    assert volume.unit == "BQML"


def test_whole_numbers_that_do_not_fit_int16_make_a_float_volume():
    images = stack(rescale=Rescale(1.0, -1024.0))
    frames = pictures(images, scale=12_000)  # up to 60019 - 1024
    volume = build(images, frames)
    assert volume.values.dtype == np.float32
    assert volume.values[0, 0, 1] == -1023
    assert volume.values[5, 3, 4] == 60_000 + 19 - 1024


def test_unsigned_values_above_32767_that_fit_after_the_rescale_stay_exact():
    images = stack(rescale=Rescale(1.0, -32_768.0))
    frames = pictures(images, scale=12_000)
    volume = build(images, frames)
    assert volume.values.dtype == np.int16
    assert volume.values[5, 3, 4] == 60_000 + 19 - 32_768


def test_a_modality_table_is_looked_up():
    table = LookupTable(10, np.array([5, 7, 9], np.uint16), 16)
    images = stack(3, rescale=table)
    frames = [Frame(image.key, np.full((ROWS, COLUMNS), 11, "u2"), "MONOCHROME2") for image in images]
    assert (build(images, frames).values == 7).all()


def test_padding_is_marked_and_holds_the_lowest_value():
    images = [replace(image, padding=Padding(9000, 9000)) for image in stack()]
    frames = pictures(images)
    stored = frames[2].stored.copy()
    stored[0, 0] = 9000
    frames[2] = replace(frames[2], stored=stored)
    volume = build(images, frames)
    assert np.argwhere(volume.padding).tolist() == [[2, 0, 0]]
    assert volume.lowest == volume.values[2, 0, 0] == -1024


def test_a_gantry_tilt_is_a_shear_and_its_angle_is_known():
    lean = math.tan(math.radians(15)) * 2.5
    images = stack(step=(0.0, lean, 2.5))
    volume = build(images, pictures(images))
    assert volume.tilt == pytest.approx(15, abs=1e-6)
    assert np.allclose(volume.to_patient((5, 0, 0)), images[5].plane.position, atol=1e-9)
    assert stack_tilt() == pytest.approx(0, abs=1e-6)


def stack_tilt():
    images = stack()
    return build(images, pictures(images)).tilt


def test_slice_spacing_comes_from_the_positions():
    grid = arrange(stack(step=(0.0, 0.0, 0.7)))
    assert grid.slice_step == pytest.approx((0, 0, 0.7))


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        (stack(2), "at least 3"),
        (stack()[:3] + stack()[4:], r"a gap of 5\.00 mm after slice 3 of 5, and 2\.50 mm between"),
        ([*stack(), stack()[2]], "slices 3 and 4 of 7 lie at the same place"),
        (
            [*stack()[:5], move(stack()[5], (0, 0, 0.2))],
            r"not evenly spaced, from 2\.50 to 2\.70 mm, first after slice 5 of 6",
        ),
        ([*stack()[:3], move(stack()[3], (1, 0, 0)), *stack()[4:]], "lies 1.00 mm off the line"),
        ([*stack()[:5], replace(stack()[5], rows=7)], "different sizes"),
        ([*stack()[:5], *stack(6, row_direction=(0.0, 0.0, 1.0))[5:]], "not parallel"),
        ([*stack()[:5], *stack(6, column_spacing=0.3)[5:]], "different pixel spacings"),
        ([*stack()[:5], *stack(6, frame_of_reference_uid="1.9")[5:]], "frame of reference"),
        ([*stack()[:5], *stack(6, rescale=Rescale(1, 0, "US"))[5:]], "different units"),
        ([*stack()[:5], replace(stack()[5], plane=None)], "where it lies"),
        ([*stack()[:5], replace(stack()[5], samples_per_pixel=3)], "in colour"),
        (
            [replace(image, sop_class_uid="1.2.840.10008.5.1.4.1.1.66.4") for image in stack()],
            "a segmentation",
        ),
        (stack(6, column_direction=(0.1, 0.995, 0.0)), "right angles"),
    ],
)
def test_A07_what_makes_no_volume_is_refused_with_a_reason(images, reason):
    with pytest.raises(ViewerError, match=reason):
        arrange(images)


def test_positions_rounded_by_the_scanner_are_no_gap():
    images = [move(image, (0, 0, 0.004 * (-1) ** number)) for number, image in enumerate(stack(20))]
    assert arrange(images).slice_step[2] == pytest.approx(2.5, abs=1e-3)


def test_pixels_of_another_size_than_the_header_says_are_refused():
    images = stack()
    frames = pictures(images)
    frames[4] = replace(frames[4], stored=np.zeros((3, 3), "u2"))
    with pytest.raises(ViewerError, match="3 x 3, not 4 x 5"):
        build(images, frames)
