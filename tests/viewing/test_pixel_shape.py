"""Pixels that are not square, from the header to a viewport."""

import make
import numpy as np
import pytest

from viewer.commands.render import Options, picture
from viewer.dicom.pixels import FrameReader


@pytest.mark.parametrize(
    ("attributes", "width", "height"),
    [
        ({"PixelSpacing": [0.8, 0.4]}, 60, 120),  # twice as high as wide: PS3.3 10.7.1.3, rows first
        ({"PixelSpacing": [0.4, 0.8]}, 120, 60),
        ({"PixelSpacing": None, "PixelAspectRatio": ["2", "1"]}, 60, 120),
        ({"PixelSpacing": None, "PixelAspectRatio": ["1", "1"]}, 120, 120),
    ],
)
def test_c21_the_image_has_the_form_of_its_pixels_without_a_presentation_state(
    tmp_path, attributes, width, height
):
    bright = np.full((30, 30), 2000, "<i2")
    path = make.write(make.ct(bright, **attributes), tmp_path / "image")
    seen = picture(*FrameReader().read(str(path), 1), Options(size=(120, 120)))
    rows, columns = np.nonzero(seen)
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == (width, height)
