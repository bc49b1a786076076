"""Colour images become the RGB that PS3.3 C.7.6.3.1.2 prints."""

import math

import numpy as np
import pytest

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Palette
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.rendering.color import is_color, to_rgb

KEY = FrameKey("1.2")


def rgb_of(stored, photometric, bits=8, palette=None):
    stored = np.ascontiguousarray(stored)
    description = ImageDescription(
        KEY, "1.2", *stored.shape[:2], photometric=photometric, bits_stored=bits, palette=palette
    )
    return to_rgb(Frame(KEY, stored, photometric), description)


def samples(shape=(7, 11, 3), top=255, dtype="u1"):
    return np.random.default_rng(3).integers(0, top, shape, endpoint=True).astype(dtype)


def whole(value):
    return min(max(math.floor(value + 0.5), 0), 255)


def full(y, cb, cr):
    return (
        whole(y + 1.402 * (cr - 128)),
        whole(y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128)),
        whole(y + 1.772 * (cb - 128)),
    )


def partial(y, cb, cr):
    """CCIR 601-2 with Y 16..235 and Cb, Cr 16..240."""
    u, v, luma = (cb - 128) * 255 / 224, (cr - 128) * 255 / 224, (y - 16) * 255 / 219
    return whole(luma + 1.402 * v), whole(luma - 0.344136 * u - 0.714136 * v), whole(luma + 1.772 * u)


def test_c09_rgb_is_untouched():
    stored = samples()
    assert np.array_equal(rgb_of(stored, "RGB"), stored)
    assert np.array_equal(rgb_of(stored, "YBR_RCT"), stored)  # its decoder has made RGB of it


@pytest.mark.parametrize(
    ("photometric", "formula"),
    [("YBR_FULL", full), ("YBR_FULL_422", full), ("YBR_PARTIAL_420", partial), ("YBR_PARTIAL_422", partial)],
)
def test_c11_ybr_is_the_printed_matrix(photometric, formula):
    stored = samples()
    expected = [[formula(*(int(v) for v in pixel)) for pixel in row] for row in stored]
    assert np.array_equal(rgb_of(stored, photometric), expected)


def test_grey_in_ybr_stays_grey():
    stored = np.full((1, 256, 3), 128, "u1")
    stored[0, :, 0] = range(256)
    assert np.array_equal(rgb_of(stored, "YBR_FULL")[0], np.repeat(np.arange(256)[:, None], 3, axis=1))


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_deep_colour_is_scaled_by_its_bits_stored(bits):
    stored = samples(top=2**bits - 1, dtype="u2")
    expected = np.vectorize(lambda v: whole(255 * int(v) / (2**bits - 1)))(stored)
    assert np.array_equal(rgb_of(stored, "RGB", bits), expected)


def test_c13_palette_indices_take_its_ends_beyond_it():
    colors = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], "u1")
    stored = np.array([[0, 9, 10], [11, 12, 200]], "u1")
    shown = rgb_of(stored, "PALETTE COLOR", palette=Palette(10, colors))
    assert shown.tolist() == [[[1, 2, 3]] * 3, [[4, 5, 6], [7, 8, 9], [7, 8, 9]]]


@pytest.mark.parametrize("kind", ["ARGB", "CMYK", "HSV", ""])
def test_interpretations_without_an_agreed_meaning_are_refused_in_words(kind):
    with pytest.raises(ViewerError, match="cannot be displayed"):
        rgb_of(samples(), kind)
    with pytest.raises(ViewerError, match="palette is missing"):
        rgb_of(samples((2, 2)), "PALETTE COLOR")


def test_only_colour_is_colour():
    assert not is_color(Frame(KEY, samples((2, 2)), "MONOCHROME1"))
    assert is_color(Frame(KEY, samples(), "YBR_FULL"))
    assert is_color(Frame(KEY, samples((2, 2)), "PALETTE COLOR"))


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "i4"])
@pytest.mark.parametrize("first", [-70, 0, 10, 40_000])
def test_c13_large_images_take_the_colours_that_small_ones_take(dtype, first):
    colors = np.random.default_rng(5).integers(0, 256, (300, 3)).astype("u1")
    limits = np.iinfo(dtype)
    stored = np.random.default_rng(6).integers(max(limits.min, -70_000), min(limits.max, 70_000), (260, 270))
    stored = stored.astype(dtype)
    shown = rgb_of(stored, "PALETTE COLOR", palette=Palette(first, colors))
    for row, column in ((0, 0), (17, 200), (259, 269), (130, 3)):
        index = min(max(int(stored[row, column]) - first, 0), 299)
        assert shown[row, column].tolist() == colors[index].tolist()
    places = np.clip(stored.astype(int) - first, 0, 299)
    assert np.array_equal(shown, colors[places])
