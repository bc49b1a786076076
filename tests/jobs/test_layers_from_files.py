"""Overlays, shutters and profiles of files come through a worker as they are, broken profiles do not."""

import make
import numpy as np
import pytest
from PIL import ImageCms

from viewer.jobs.decode import DecoderPool


@pytest.fixture
def pool():
    with DecoderPool(1) as workers:
        yield workers


def profile(change=lambda data: data):
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    change(data)
    return bytes(data) + b"\0" * (len(data) % 2)


def without_colorants(data):
    for at in range(132, 132 + 12 * data[131], 12):
        data[at : at + 4] = b"none"


def test_C16_a_profile_that_littlecms_takes_arrives(pool, tmp_path):
    made = profile()  # it holds the time
    path = make.write(make.us_color(ICCProfile=made), tmp_path / "a.dcm")
    description, _ = pool.read_frame(str(path))
    assert description.icc_profile.tobytes() == made


def test_E01_C16_a_profile_that_littlecms_refuses_stays_with_the_worker(pool, tmp_path):
    path = make.write(make.us_color(ICCProfile=profile(without_colorants)), tmp_path / "a.dcm")
    description, _ = pool.read_frame(str(path))
    assert description.icc_profile is None
    assert description.color_source == "no usable ICC profile: sRGB is assumed"
    assert "The ICC profile is damaged: sRGB is assumed" in description.notices


def test_C22_A11_overlays_and_shutters_arrive(pool, tmp_path):
    dataset = make.ct(
        ShutterShape="CIRCULAR", CenterOfCircularShutter=["3", "4"], RadiusOfCircularShutter="2"
    )
    mask = np.arange(48).reshape(6, 8) % 5 == 0
    for element, vr, value in [
        (0x0010, "US", 6), (0x0011, "US", 8), (0x0040, "CS", "G"), (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1), (0x0102, "US", 0), (0x3000, "OW", np.packbits(mask, bitorder="little").tobytes()),
    ]:  # fmt: skip
        dataset.add_new((0x6000, element), vr, value)
    description, _ = pool.read_frame(str(make.write(dataset, tmp_path / "a.dcm")))
    assert description.shutter.circle == (3, 4, 2)
    assert np.array_equal(description.overlays[0].mask(6, 8), mask)
