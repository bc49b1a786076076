"""What a viewport does not show of its image."""

import pytest

from viewer.dicom.image import ImageDescription
from viewer.dicom.overlay import Shutter
from viewer.dicom.records import FrameKey
from viewer.viewing.corner_text import Corners, Detail, Subject, Template, corner_text
from viewer.viewing.hidden import is_part, outside_share, shutter_share
from viewer.viewing.viewport import ViewportState

IMAGE = ImageDescription(FrameKey("1.2"), "1.2", 200, 100, pixel_aspect=0.5)  # seen as a square
TEMPLATE = Template({Detail.FULL: Corners(lower_right=("{Zoom}",))})


def view(**more):
    return ViewportState(width=300, height=100, image=more.pop("image", IMAGE), **more)


@pytest.mark.parametrize(
    ("state", "share"),
    [
        (view(), 0.0),
        (view(zoom=1.0), 0.0),
        (view(zoom=1.0, pan=(110.0, 0.0)), 0.1),
        (view(zoom=1.0, pan=(0.0, -25.0)), 0.25),
        (view(zoom=1.0, pan=(400.0, 0.0)), 1.0),
        (view(zoom=2.0), 0.5),
        (view(zoom=2.0, rotation=90, flipped=True), 0.5),
        (view(image=None), 0.0),
    ],
)
def test_A22_the_share_of_the_image_beside_the_viewport_is_known(state, share):
    assert outside_share(state) == pytest.approx(share)


def test_A22_a_shutter_hides_its_share_as_long_as_it_is_shut():
    shut = ImageDescription(FrameKey("1.2"), "1.2", 200, 100, shutter=Shutter(rectangle=(1, 1, 100, 50)))
    assert shutter_share(view(image=shut)) == pytest.approx(0.75)
    assert is_part(view(image=shut))
    assert not is_part(view(image=shut, shutter=False))


@pytest.mark.parametrize(
    ("pan", "words"), [(0.0, "Zoom 100 %"), (102.0, "Zoom 100 %"), (110.0, "Zoom 100 % (part)")]
)
def test_A22_the_corner_says_so_beside_the_zoom_but_not_of_a_line_of_pixels(pan, words):
    state = view(zoom=1.0, pan=(pan, 0.0))
    subject = Subject(IMAGE, zoom=state.shown_zoom, part=is_part(state))
    assert corner_text(TEMPLATE, subject, Detail.FULL).lower_right == (words,)
