"""ICC profiles in headers: for colour only, and checked before anything else sees them."""

import make
import numpy as np
import pytest
from PIL import ImageCms
from pydicom.dataset import Dataset

from viewer.dicom.describe import describe

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
EVEN = PROFILE + b"\0" * (len(PROFILE) % 2)


def test_C16_a_colour_image_has_its_profile():
    description = describe(make.us_color(ICCProfile=EVEN), 1)
    assert description.icc_profile.tobytes() == EVEN
    assert "ICC Profile" in description.color_source


def test_C16_a_gray_image_has_none():
    description = describe(make.ct(ICCProfile=EVEN), 1)
    assert description.icc_profile is None
    assert description.color_source == ""


def test_C16_without_a_profile_it_is_said_what_is_assumed():
    description = describe(make.us_color(), 1)
    assert description.icc_profile is None
    assert description.color_source == "no ICC profile: sRGB is assumed"
    assert description.notices == ()


def test_C16_a_slide_has_the_profile_of_its_optical_path():
    path = Dataset()
    path.ICCProfile = EVEN
    assert describe(make.us_color(OpticalPathSequence=[path]), 1).icc_profile is not None


def changed(place, data):
    return EVEN[:place] + data + EVEN[place + len(data) :]


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile, no", EVEN[:100], EVEN[: len(EVEN) // 2], changed(36, b"nope"), changed(16, b"CMYK"),
        changed(128, b"\xff\xff\xff\xff"), changed(0, b"\x7f\xff\xff\xff"), changed(136, b"\xff\xff\xff\xf0"),
    ],
)  # fmt: skip
def test_E01_C16_a_broken_profile_is_told_and_not_used(profile):
    description = describe(make.us_color(ICCProfile=np.frombuffer(profile, "u1").tobytes()), 1)
    assert description.icc_profile is None
    assert any("ICC profile" in words for words in description.notices)
