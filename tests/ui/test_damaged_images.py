"""An image that cannot be shown among others that can, in the real window."""

import make
import pytest
from pydicom.uid import JPEGLSLossless
from window import middle, slices

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support .*")  # offscreen has no window manager


def test_a10_scrolling_to_an_image_that_cannot_be_decoded_shows_the_reason_and_no_other_image(
    reader, tmp_path
):
    for number, dataset in enumerate(slices(3)):
        dataset.PixelRepresentation = 0
        path = make.write(dataset, tmp_path / f"IM{number}", JPEGLSLossless)
        if number == 1:
            data = path.read_bytes()
            start = data.index(b"\xff\xd8\xff")  # the codestream: its header is made nonsense
            path.write_bytes(data[: start + 2] + bytes(40) + data[start + 42 :])
    person = reader(tmp_path)
    person.key("Home")
    assert middle(person.seen()).max() > 0
    person.key("Down")
    assert person.pane.picture is None
    assert "IM1" in person.pane.trouble
    assert person.viewport().look.overlay is None  # no words of the image before
    person.key("Down")
    assert person.pane.trouble == ""
    assert person.number() == 3


def test_a10_an_image_cut_off_in_the_file_says_what_is_missing(reader, tmp_path):
    path = make.write(slices(1)[0], tmp_path / "IM0")
    path.write_bytes(path.read_bytes()[:-3000])
    person = reader(path)
    assert "INCOMPLETE IMAGE" in person.words()
