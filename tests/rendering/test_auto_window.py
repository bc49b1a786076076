"""A window made from the values of an image."""

import numpy as np
import pytest

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Padding
from viewer.dicom.luts import Rescale
from viewer.dicom.records import FrameKey
from viewer.rendering.auto_window import auto_window

KEY = FrameKey("1.2")


def auto(stored, **more):
    return auto_window(ImageDescription(KEY, "1.2", *stored.shape, **more), Frame(KEY, stored, "MONOCHROME2"))


def test_a_few_hot_pixels_do_not_flatten_the_picture():
    stored = np.random.default_rng(1).integers(100, 200, (300, 400)).astype("u2")
    stored[::100, ::100] = 65535
    window = auto(stored)
    assert (window.source, window.explanation) == ("auto", "Auto")
    assert 140 < window.center < 160
    assert 95 <= window.width <= 100


def test_an_image_of_one_value_has_a_window_around_it():
    window = auto(np.full((4, 5), 7, "i2"), modality_lut=Rescale(2, 1))
    assert (window.center, window.width) == (15, 1)


def test_an_almost_empty_image_shows_the_little_there_is():
    stored = np.zeros((100, 100), "u2")
    stored[50, 50] = 40
    window = auto(stored)
    assert (window.center, window.width) == (20, 40)


@pytest.mark.parametrize("stored", [np.full((2, 2), -2000, "i2"), np.full((2, 2), np.nan, "f4")])
def test_c08_an_image_without_tissue_has_a_window_too(stored):
    window = auto(stored, padding=Padding(-2000, -2000))
    assert window.width > 0


def test_small_fractions_keep_their_range():
    stored = np.linspace(0, 0.003, 10_000, dtype="f4").reshape(100, 100)
    window = auto(stored)
    assert window.center == pytest.approx(0.0015, rel=0.01)
    assert window.width == pytest.approx(0.00297, rel=0.01)
