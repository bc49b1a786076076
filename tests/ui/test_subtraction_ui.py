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
    assert "Use a frame as mask (Ctrl+M)" in person.window.reading.signs.reasons()["subtract-mask"]
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


# ------------------------------------------------------------------------------- the reader's own mask
def spots(*, relationship="LIN"):
    """Return a film of a bright ground with a dark spot that moves one column to the right a frame."""
    stored = np.full((5, 20, 30), 1000, "u2")
    for frame in range(5):
        stored[frame, 8:12, 10 + frame : 13 + frame] = 400
    return make.cr_mono1(stored, PixelIntensityRelationship=relationship), stored


def seen(person):
    return person.desk.pane.picture.frame.stored


def test_C25_a_chosen_frame_is_the_mask_of_all_in_log_space(reader, tmp_path):
    dataset, stored = spots()
    person = reader(written([dataset], tmp_path / "xa"))
    person.desk.go_to(0, 2)
    person.settle()
    person.key("Ctrl+M")
    assert person.desk.pane.hung.subtracted
    assert not seen(person).any()  # the mask minus itself
    assert "MASK SUBTRACTED: frame 3" in person.words(0)
    person.key("Home")
    expected = np.log(stored[0].astype(float)) - np.log(stored[2].astype(float))
    np.testing.assert_allclose(seen(person), expected, atol=1e-5)
    person.key("Shift+M")
    assert np.array_equal(seen(person), stored[0])
    person.key("Shift+M")
    np.testing.assert_allclose(seen(person), expected, atol=1e-5)


def test_C25_several_chosen_frames_are_averaged_and_taken_away_again(reader, tmp_path):
    dataset, stored = spots()
    person = reader(written([dataset], tmp_path / "xa"))
    person.key("Ctrl+M", "Down", "Ctrl+Shift+M")
    assert "MASK SUBTRACTED: frames 1-2" in person.words(0)
    person.key("End")
    logs = np.log(stored.astype(float))
    np.testing.assert_allclose(seen(person), logs[4] - (logs[0] + logs[1]) / 2, atol=1e-5)
    person.key("Home", "Ctrl+Shift+M")
    assert "MASK SUBTRACTED: frame 2" in person.words(0)


def test_C25_the_mask_is_moved_by_quarters_of_a_pixel_with_keys_and_reset_with_the_view(reader, tmp_path):
    dataset, stored = spots()
    person = reader(written([dataset], tmp_path / "xa"))
    person.key("Ctrl+M", "End", *["Ctrl+Shift+Right"] * 16)
    assert not seen(person).any()  # four columns to the right the spots lie upon one another
    assert "shift 0/4 px (down/right)" in person.words(0)
    person.key("Ctrl+Shift+Up")
    assert "shift -0.25/4 px (down/right)" in person.words(0)
    logs = np.log(stored.astype(float))
    mask = np.roll(logs[0], 4, axis=1)
    mask = 0.75 * mask + 0.25 * np.roll(mask, -1, axis=0)  # by linear interpolation, a quarter up
    np.testing.assert_allclose(seen(person), logs[4] - mask, atol=1e-5)
    person.key("Esc")
    assert "shift" not in person.words(0)
    assert person.desk.pane.hung.subtracted


def test_C25_a_drag_lays_the_mask_over_the_frame(reader, tmp_path):
    dataset, _ = spots()
    person = reader(written([dataset], tmp_path / "xa"))
    person.key("Ctrl+M", "End").key("Alt+M")
    person.drag(person.point(5, 5), person.point(9, 5))
    down, right = person.desk.pane.state.masking.shift
    assert (down, right) == (pytest.approx(0, abs=0.25), pytest.approx(4, abs=0.25))


def test_C25_the_mask_of_the_header_comes_back(person):
    person.key("Down", "Ctrl+M", "End", "Up")
    assert np.unique(seen(person)).tolist() == [80.0]  # frame 4 minus frame 2
    person.window._dispatcher.run("mask-header")
    person.settle()
    assert np.unique(seen(person)).tolist() == [120.0]
    assert "frame 1" in person.words(0)
    assert "mask-header" in person.window.reading.signs.reasons()


def test_C25_without_a_mask_in_the_header_forgetting_the_chosen_one_shows_the_frames(reader, tmp_path):
    person = reader(written([spots()[0]], tmp_path / "xa"))
    person.key("Ctrl+M")
    person.window._dispatcher.run("mask-header")
    person.settle()
    assert not person.desk.pane.hung.subtracted
    assert person.desk.pane.picture.masking is None


def test_C25_each_viewport_has_its_own_mask(reader, tmp_path):
    person = reader(written([spots()[0]], tmp_path / "xa"))
    person.window.reading.arrange(1, 2)
    person.window.reading.hang(person.desk.pane.hung, 1)
    person.settle()
    person.key("Ctrl+M")
    assert [pane.hung.subtracted for pane in person.desk.panes] == [True, False]


def test_C25_a_film_of_differences_plays_at_the_rate_of_the_header(reader, tmp_path):
    dataset, _ = spots()
    dataset.FrameTime, dataset.FrameIncrementPointer = "100", 0x00181063
    person = reader(written([dataset], tmp_path / "xa"))
    person.key("Ctrl+M", "C")
    assert person.window.furniture.cine.state.rate == 10.0
    shown = set()
    person.desk.listen(lambda _: shown.add(person.pane.picture.description.key.frame_number))
    person.wait(lambda: len(shown) == 5)
    assert person.pane.picture.masking.frames == (1,)
    person.key("C")


def test_a_colour_film_or_a_single_image_has_no_mask_to_choose(reader, tmp_path):
    person = reader(written([make.cr_mono1()], tmp_path / "cr"))
    assert "one frame only" in person.window.reading.signs.reasons()["mask-here"]
    person.key("Ctrl+M")
    assert "one frame only" in person.said
