"""The differences from a mask, in the window."""

import make
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence
from window import written

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

STORED = np.stack([np.full((20, 30), 100 + 40 * frame, "u2") for frame in range(5)])


def run(*, masked=True, **attributes):
    """Return a film whose frame n has the value 60 + 40 n everywhere."""
    dataset = make.cr_mono1(STORED, PixelIntensityRelationship="DISP", **attributes)
    if masked:
        item = Dataset()
        item.MaskOperation, item.MaskFrameNumbers, item.ApplicableFrameRange = "AVG_SUB", [1], [1, 4]
        dataset.MaskSubtractionSequence = Sequence([item])
    return dataset


@pytest.fixture
def person(reader, tmp_path):
    return reader(written([run()], tmp_path / "xa"))


def test_C25_shift_m_shows_the_frame_minus_its_mask_and_back(person):
    pane = person.desk.pane
    person.desk.go_to(0, 2)
    person.settle()
    person.key("Shift+M")
    person.settle()
    pane = person.desk.pane
    assert np.unique(pane.picture.frame.stored).tolist() == [80.0]
    assert "MASK SUBTRACTED" in person.words(0)
    assert "(auto)" in person.words(0)
    person.key("Down")
    person.settle()
    assert np.unique(person.desk.pane.picture.frame.stored).tolist() == [120.0]
    person.key("Shift+M")
    person.settle()
    assert np.unique(person.desk.pane.picture.frame.stored).tolist() == [220]
    assert "MASK SUBTRACTED" not in person.words(0)


def test_C25_a_frame_that_has_no_mask_says_so_and_is_not_shown_instead(person):
    person.key("Shift+M")
    person.desk.go_to(0, 4)
    person.settle()
    assert person.desk.pane.picture is None
    assert "Frame 5 has no mask" in person.desk.pane.trouble
    person.key("Shift+M")
    person.settle()
    assert person.desk.pane.picture is not None


def test_C25_without_a_mask_in_the_header_it_cannot_be_asked_for(reader, tmp_path):
    person = reader(written([run(masked=False)], tmp_path / "xa"))
    assert "no mask" in person.window.reading.signs.reasons()["subtract-mask"]
    person.key("Shift+M")
    person.settle()
    assert not person.desk.pane.hung.subtracted


def test_differences_are_never_saved_as_if_they_were_the_image(person):
    person.key("Shift+M")
    person.settle()
    person.key("Ctrl+S")
    person.settle()
    header = person.window.reading.room.drawings.description(person.desk.pane.key)
    assert header is None or header.modality_lut.source != "mask subtraction"
    assert person.desk.pane.picture.header.mask is not None
