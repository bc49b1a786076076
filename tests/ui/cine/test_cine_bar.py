from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QSlider, QToolButton

from viewer.ui.cine.cine_bar import CineBar
from viewer.ui.cine.cine_state import CineState, next_mode, reached_words, time_words

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support .*")  # offscreen has no window manager

STATE = CineState(playing=False, frame=7, frames=30, rate=15.0)


@pytest.fixture
def bar(qtbot):
    made = CineBar()
    qtbot.addWidget(made)
    made.set_state(STATE)
    made.show()
    return made


def press(bar, qtbot, name):
    found = next(made for made in bar.findChildren(QToolButton) if made.accessibleName() == name)
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("name", "signal", "value"),
    [
        ("First image", "frame_wanted", 1),
        ("Last image", "frame_wanted", 30),
        ("Previous image", "step_wanted", -1),
        ("Next image", "step_wanted", 1),
        ("Play", "play_wanted", True),
        ("Begin at this image", "trims_wanted", (7, 30)),
        ("End at this image", "trims_wanted", (1, 7)),
        ("At the end: Loop", "mode_wanted", "sweep"),
    ],
)
def test_each_button_tells_what_is_wanted(bar, qtbot, name, signal, value):
    with qtbot.waitSignal(
        getattr(bar, signal),
        check_params_cb=lambda *told: told == (value if isinstance(value, tuple) else (value,)),
    ):
        press(bar, qtbot, name)


def test_while_it_plays_the_button_pauses(bar, qtbot):
    bar.set_state(replace(STATE, playing=True))
    with qtbot.waitSignal(bar.play_wanted, check_params_cb=lambda on: on is False):
        press(bar, qtbot, "Pause")


def test_showing_a_state_tells_nobody(bar, qtbot):
    with qtbot.assertNotEmitted(bar.frame_wanted), qtbot.assertNotEmitted(bar.rate_wanted):
        bar.set_state(CineState(playing=True, frame=90, frames=100, rate=60.0, mode="sweep"))
    assert bar.findChild(QSlider).value() == 90
    assert bar.findChild(QDoubleSpinBox).value() == 60.0


def test_the_slider_and_the_rate_tell_what_is_wanted(bar, qtbot):
    with qtbot.waitSignal(bar.frame_wanted, check_params_cb=lambda frame: frame == 12):
        bar.findChild(QSlider).setValue(12)
    with qtbot.waitSignal(bar.rate_wanted, check_params_cb=lambda rate: rate == 25.0):
        bar.findChild(QDoubleSpinBox).setValue(25.0)


def test_a_single_image_cannot_be_played(bar):
    bar.set_state(CineState())
    assert not bar.findChild(QSlider).isEnabled()


def test_the_words_do_not_move_the_rest(bar):
    width = {label.width() for label in bar.findChildren(QLabel)}
    bar.set_state(replace(STATE, frame=1234, frames=2000, playing=True, actual_rate=12.34, skipped=3))
    assert {label.width() for label in bar.findChildren(QLabel)} == width
    assert {label.text() for label in bar.findChildren(QLabel)} >= {"1234 / 2000", "12.3 fps · 3 skipped"}


def test_the_rate_that_is_reached_is_said_as_far_as_it_is_known():
    assert reached_words(CineState()) == ""
    assert reached_words(CineState(factor=0.5)) == "\u00d70.5"
    assert reached_words(CineState(actual_rate=29.97, factor=1.0)) == "30.0 fps · \u00d71 · 0 skipped"
    late = CineState(actual_rate=9.0, skipped=12, behind=True)
    assert reached_words(late) == "9.0 fps · 12 skipped, decoding"


def test_B22_the_time_of_the_frame_stands_within_that_of_the_film():
    assert time_words(CineState()) == ""
    assert time_words(CineState(time=533.3, total=4000.0)) == "0.53 / 4.00 s"


def test_the_ways_of_playing_follow_one_another():
    assert [next_mode(mode) for mode in ("loop", "sweep", "once")] == ["sweep", "once", "loop"]


def test_an_assumed_rate_says_so(bar):
    assert bar._assumed.text() == ""
    bar.set_state(replace(STATE, assumed=True))
    assert bar._assumed.text() == "assumed"
    assert "no rate" in bar._assumed.toolTip()
    bar.set_state(replace(STATE, source="Frame Time (0018,1063)"))
    assert bar._assumed.text() == ""
    assert "Frame Time" in bar._rate.toolTip()


@pytest.mark.parametrize(("typed", "rate"), [("12", 12.0), ("2x", 30.0), ("x0.5", 7.5), ("7,5 fps", 7.5)])
def test_a_rate_is_entered_as_images_a_second_or_as_a_factor(bar, qtbot, typed, rate):
    bar.set_state(replace(STATE, usual=15.0))
    bar._rate.selectAll()
    with qtbot.waitSignal(bar.rate_wanted, check_params_cb=lambda told: told == rate):
        qtbot.keyClicks(bar._rate, typed)
        qtbot.keyClick(bar._rate, Qt.Key.Key_Return)


def test_what_is_no_rate_cannot_be_typed(bar, qtbot):
    bar._rate.selectAll()
    qtbot.keyClicks(bar._rate, "abc12")
    assert bar._rate.text().startswith("12")


def test_the_marks_of_the_slider_show_the_trims_and_can_be_dragged(bar, qtbot):
    bar.resize(1200, 32)
    bar.set_state(replace(STATE, first=5, last=20))
    slider = bar._slider
    assert slider.trims == (5, 20)
    low = slider.height() - 6
    places = [QPoint(round(slider.place_of(frame)), low) for frame in (5, 10)]
    with qtbot.assertNotEmitted(bar.frame_wanted), qtbot.waitSignal(bar.trims_wanted) as told:
        qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=places[0])
        qtbot.mouseMove(slider, places[1])
    assert told.args == [10, 20]
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=places[1])


def test_the_whole_film_is_offered_only_where_a_part_was_cut(bar, qtbot):
    assert not bar._whole.isEnabled()
    bar.set_state(replace(STATE, first=5, last=20))
    with qtbot.waitSignal(bar.whole_wanted):
        press(bar, qtbot, "Play the whole film")


def test_an_end_before_the_beginning_moves_the_beginning(bar, qtbot):
    bar.set_state(replace(STATE, first=10, last=20))
    with qtbot.waitSignal(bar.trims_wanted, check_params_cb=lambda *told: told == (1, 7)):
        press(bar, qtbot, "End at this image")
