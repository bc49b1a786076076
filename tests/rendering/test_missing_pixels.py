"""Pixels that a truncated file does not hold: never a value, never black, never part of a window."""

from dataclasses import replace

import make
import numpy as np
import pytest

from viewer.annotations import regions
from viewer.annotations.statistics import statistics_of
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Mask, MaskOperation
from viewer.dicom.native import first_missing
from viewer.dicom.pixel_layout import PixelLayout
from viewer.dicom.pixels import read_frame
from viewer.dicom.records import FrameKey
from viewer.rendering.auto_window import auto_window
from viewer.rendering.display_plane import DisplayPlane
from viewer.rendering.layers import STRIPE_GRAYS, Layers
from viewer.rendering.modality_lut import to_modality
from viewer.rendering.padding import no_tissue
from viewer.rendering.pipeline import pipeline_of
from viewer.rendering.spatial import Affine
from viewer.rendering.subtraction import difference
from viewer.rendering.viewport_renderer import ViewportRenderer

ROWS, COLUMNS = 40, 60


def described(stored):
    return ImageDescription(FrameKey("1.2"), "1.2", *stored.shape)


@pytest.fixture
def truncated(tmp_path):
    """Return a CT without a window of which the last 7 rows and 10 pixels are cut off."""
    stored = make.ramp(ROWS, COLUMNS, "<i2", 900)
    path = make.write(make.ct(stored, WindowCenter=None, WindowWidth=None), tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[: -2 * (7 * COLUMNS + 10)])
    return read_frame(str(path))


def test_a10_the_frame_says_which_pixels_are_missing(truncated):
    _, frame = truncated
    assert frame.first_missing == (ROWS - 7) * COLUMNS - 10
    assert np.count_nonzero(frame.missing) == 7 * COLUMNS + 10
    assert not frame.missing[ROWS - 8, COLUMNS - 11]
    assert frame.missing[ROWS - 8, COLUMNS - 10]
    assert frame.is_missing(COLUMNS - 10, ROWS - 8)
    assert not frame.is_missing(COLUMNS - 11, ROWS - 8)
    assert "8 of 40 rows are missing" in frame.damage


def test_a_whole_frame_misses_nothing(tmp_path):
    _, frame = read_frame(str(make.write(make.ct(), tmp_path / "whole.dcm")))
    assert (frame.first_missing, frame.missing, frame.is_missing(7, 5)) == (None, None, False)


@pytest.mark.parametrize(
    ("changes", "bits", "expected"),
    [
        ({}, 16 * 12, None),
        ({}, 16 * 12 - 1, 11),
        ({"bits_allocated": 1, "bits_stored": 1, "high_bit": 0}, 5, 5),
        ({"samples": 3, "bits_allocated": 8}, 8 * 10, 3),  # RGB RGB RGB R
        ({"samples": 3, "bits_allocated": 8, "by_plane": True}, 8 * 29, 5),  # 12 R, 12 G, 5 B
        ({"samples": 3, "bits_allocated": 8, "by_plane": True}, 8 * 20, 0),  # no blue at all
        ({"samples": 3, "bits_allocated": 8, "photometric": "YBR_FULL_422"}, 8 * 11, 4),  # 2 whole pairs
    ],
)
def test_a_pixel_is_missing_when_one_of_its_values_is(changes, bits, expected):
    assert first_missing(PixelLayout(3, 4, **changes), bits) == expected


def test_a10_missing_pixels_are_no_part_of_the_automatic_window(truncated):
    image, frame = truncated
    window = auto_window(image, frame)
    there = frame.stored[~frame.missing]
    assert window.center - window.width / 2 >= there.min() - 1024
    assert window.center + window.width / 2 <= there.max() - 1024


def test_b10_missing_pixels_are_not_counted_in_a_region(truncated):
    image, frame = truncated
    region = regions.rectangle(((0, 30), (60, 40)), (ROWS, COLUMNS)).whole((ROWS, COLUMNS))
    values = to_modality(frame.stored, image.modality_lut)
    found = statistics_of(values[region & ~no_tissue(frame, image.padding)])
    assert found.count == 3 * COLUMNS - 10
    assert found.minimum == 900 + 30 * COLUMNS - 1024


def stripes(grays):
    return set(np.unique(grays)) == set(STRIPE_GRAYS)


def test_a10_missing_pixels_are_striped_in_every_view(truncated):
    image, frame = truncated
    plane = DisplayPlane.of(image, frame)
    pipeline = pipeline_of(image, auto_window(image, frame))
    for scale in (1, 4):
        seen = ViewportRenderer().render(
            plane, pipeline, Affine.scaling(scale, scale), (COLUMNS * scale, ROWS * scale)
        )
        assert stripes(seen[(ROWS - 7) * scale :] & 0xFF)
    for top, dtype in ((255, np.uint8), (65535, np.uint16)):
        grays = Layers.of(image, frame).lie_on(np.zeros((ROWS, COLUMNS), dtype))
        assert stripes(grays[ROWS - 7 :] // (top // 255))
        assert not grays[: ROWS - 8].any()


def test_missing_pixels_are_not_mixed_into_tissue_nor_into_smaller_copies():
    stored = np.full((200, 200), 3000, "u2")
    stored[101:] = 0
    image = described(stored)
    frame = Frame(image.key, stored, "MONOCHROME2", "cut", 101 * 200)
    plane = DisplayPlane.of(image, frame)
    for level in plane.levels:
        assert level.pixels.min() == 3000


def test_missing_pixels_of_a_colour_image_are_striped():
    stored = np.zeros((20, 30, 3), "u1")
    image = replace(described(stored[..., 0]), samples_per_pixel=3, photometric="RGB")
    frame = Frame(image.key, stored, "RGB", "cut", 10 * 30)
    plane = DisplayPlane.of(image, frame)
    seen = ViewportRenderer().render(plane, None, Affine.scaling(1, 1), (30, 20))
    assert stripes(seen[10:] & 0xFF)
    assert not (seen[:10] & 0xFFFFFF).any()


def test_a_difference_misses_what_the_frame_or_its_mask_misses():
    stored = make.ramp(6, 8, "<u2")
    image = replace(described(stored), mask=Mask(MaskOperation.AVG_SUB, (1,)))
    whole = Frame(image.key, stored, "MONOCHROME2")
    cut = Frame(image.key, stored, "MONOCHROME2", "cut", 20)
    _, found = difference(image, [whole], [cut])
    assert found.first_missing == 20
    assert np.isnan(found.stored[found.missing]).all()
