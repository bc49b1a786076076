"""Images of one pixel, of one line, of 1 to 64 bits, and very long ones, from a file to their greys."""

import make
import numpy as np
import pytest
from fuzz_entry import draw

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Rescale, Window, WindowFunction
from viewer.dicom.pixels import FrameReader
from viewer.dicom.records import FrameKey
from viewer.rendering.pipeline import pipeline_of, resolve_voi

SQUARE = WindowFunction.LINEAR_EXACT


def shown(dataset, path):
    """Return the greys of a file, drawn pixel by pixel; it is drawn in a viewport, too."""
    description, frame = FrameReader().read(str(make.write(dataset, path)), 1)
    draw(description, frame)
    return pipeline_of(description, resolve_voi(description, frame)).render(frame.stored)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (2, 1)])
def test_e02_one_pixel_and_one_line_are_shown(tmp_path, shape):
    stored = np.full(shape, 1064, "<i2")
    assert (
        shown(make.ct(stored), tmp_path / "image").tolist() == np.full(shape, 128).tolist()
    )  # 40 HU: middle


@pytest.mark.parametrize("shape", [(1, 30_000), (30_000, 2)])
def test_e02_a_very_long_image_is_shown(tmp_path, shape):
    stored = np.arange(shape[0] * shape[1]).reshape(shape).astype("<u2")
    greys = shown(make.mr(stored, BitsStored=16, HighBit=15, WindowCenter="30000", WindowWidth="60000"),
                  tmp_path / "image")  # fmt: skip
    assert greys.shape == shape
    assert (greys.flat[0], greys.flat[-1]) == (0, 255 if stored.flat[-1] > 59_000 else 127)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"])
def test_e02_every_type_of_stored_values_has_the_greys_of_the_formula(dtype):
    stored = np.array([[0, 10, 20], [30, 40, 100]], dtype)
    image = ImageDescription(
        FrameKey("1.2"), "1.2", 2, 3, modality_lut=Rescale(2, -20), vois=(Window(20, 80, SQUARE),)
    )
    greys = pipeline_of(image, resolve_voi(image, Frame(image.key, stored, "MONOCHROME2"))).render(stored)
    expected = [[min(max(int(((2 * x - 20) - 20) / 80 * 255 + 127.5 + 0.5), 0), 255) for x in row]
                for row in stored.tolist()]  # fmt: skip
    assert greys.tolist() == expected


def test_e02_thirty_two_bits_are_read_from_a_file(tmp_path):
    dataset = make.ct(np.array([[0, 70_000], [140_000, 280_000]], "<u4"), intercept=0.0,
                      WindowCenter="140000", WindowWidth="280000")  # fmt: skip
    assert shown(dataset, tmp_path / "image").tolist() == [[0, 64], [128, 255]]


def test_a09_each_of_many_frames_is_reached_by_its_number(tmp_path):
    stored = np.arange(120, dtype="u1")[:, None, None, None] * np.ones((1, 4, 6, 3), "u1")
    path = str(make.write(make.us_color(stored, frames=120), tmp_path / "cine"))
    reader = FrameReader()
    for number in (120, 1, 77, 2):
        description, frame = reader.read(path, number)
        assert (description.key.frame_number, int(frame.stored[0, 0, 0])) == (number, number - 1)
