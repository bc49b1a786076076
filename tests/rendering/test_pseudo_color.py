"""Colours stand for greys after everything else, and touch nothing else."""

import numpy as np
import pytest

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Padding
from viewer.dicom.luts import Palette, Window
from viewer.dicom.palettes import WELL_KNOWN, load
from viewer.dicom.records import FrameKey
from viewer.rendering.display_plane import DisplayPlane
from viewer.rendering.layers import Shown
from viewer.rendering.pipeline import GrayscalePipeline
from viewer.rendering.pseudo_color import PseudoColor
from viewer.rendering.spatial import Affine
from viewer.rendering.viewport_renderer import ViewportRenderer

PET = PseudoColor.of("pet", load(WELL_KNOWN[1]))
WINDOW = Window(500.0, 1001.0)


def rendered(stored, shown, **pipeline):
    description = ImageDescription(
        FrameKey("1.2.3"), "1.2", *stored.shape, signed=stored.dtype.kind == "i", **pipeline
    )
    plane = DisplayPlane.of(description, Frame(FrameKey("1.2.3"), stored, "MONOCHROME2"))
    stages = GrayscalePipeline(voi=WINDOW, inverted=description.inverted, padding=description.padding)
    size = stored.shape[1], stored.shape[0]
    pixels = ViewportRenderer().render(plane, stages, Affine(), size, smooth=False, shown=shown)
    return pixels.view(np.uint8).reshape(*stored.shape, 4)[..., 2::-1]


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "i4", "f4"])
def test_each_grey_becomes_the_colour_of_its_place_in_the_palette(dtype):
    stored = np.linspace(0, 100 if dtype == "u1" else 1100, 600).reshape(20, 30).astype(dtype)
    gray = rendered(stored, Shown())[..., 0]
    assert (rendered(stored, Shown(colors=PET)) == load(WELL_KNOWN[1]).colors[gray]).all()


def test_an_inverted_image_goes_through_the_palette_backwards():
    stored = np.arange(0, 1000, dtype="u2").reshape(20, 50)
    colors = rendered(stored, Shown(colors=PET), inverted=True)
    assert (colors == PET.rgb[255 - rendered(stored, Shown())[..., 0]]).all()


def test_padding_stays_black_whatever_the_first_colour_is():
    stored = np.full((10, 10), 500, "u2")
    stored[:, :3] = 63
    spring = PseudoColor.of("spring", load(WELL_KNOWN[4]))
    colors = rendered(stored, Shown(colors=spring), padding=Padding(63, 63))
    assert (colors[:, :3] == 0).all()
    assert (colors[:, 3:] == spring.rgb[128]).all()  # ((500 - 499.5) / 1000 + 0.5) * 255 = 127.6


def test_the_renderer_notices_another_palette():
    stored = np.arange(0, 1000, dtype="u2").reshape(20, 50)
    description = ImageDescription(FrameKey("1.2.3"), "1.2", 20, 50)
    plane = DisplayPlane.of(description, Frame(FrameKey("1.2.3"), stored, "MONOCHROME2"))
    renderer, pipeline = ViewportRenderer(), GrayscalePipeline(voi=WINDOW)
    gray = renderer.render(plane, pipeline, Affine(), (50, 20)).copy()
    tinted = renderer.render(plane, pipeline, Affine(), (50, 20), shown=Shown(colors=PET)).copy()
    assert (tinted != gray).any()
    assert (renderer.render(plane, pipeline, Affine(), (50, 20)) == gray).all()


def test_a_short_palette_is_laid_over_all_greys():
    two = PseudoColor.of("two", Palette(0, np.array([[1, 2, 3], [4, 5, 6]], np.uint8)))
    assert two.rgb[[0, 127, 128, 255]].tolist() == [[1, 2, 3], [1, 2, 3], [4, 5, 6], [4, 5, 6]]
    assert two.colored(np.array([[0, 255]], np.uint8)).tolist() == [[[1, 2, 3], [4, 5, 6]]]
    assert two.words[255] == np.int32(np.uint32(0xFF040506).view(np.int32))
