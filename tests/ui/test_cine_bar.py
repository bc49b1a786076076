from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QSlider, QToolButton

from viewer.ui.cine_bar import CineBar, CineState, next_mode, reached_words

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
        ("At the end: Loop", "mode_wanted", "sweep"),
    ],
)
def test_each_button_tells_what_is_wanted(bar, qtbot, name, signal, value):
    with qtbot.waitSignal(getattr(bar, signal), check_params_cb=lambda told: told == value):
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
    bar.set_state(replace(STATE, frame=12345, frames=20000, playing=True, actual_rate=123.4, frame_time=8.1))
    assert {label.width() for label in bar.findChildren(QLabel)} == width
    assert {label.text() for label in bar.findChildren(QLabel)} >= {"12345 / 20000", "123.4 fps · 8.1 ms"}


def test_the_rate_that_is_reached_is_said_as_far_as_it_is_known():
    assert reached_words(CineState()) == ""
    assert reached_words(CineState(frame_time=33.333)) == "33.3 ms"
    assert reached_words(CineState(actual_rate=29.97, frame_time=33.333)) == "30.0 fps · 33.3 ms"


def test_the_ways_of_playing_follow_one_another():
    assert [next_mode(mode) for mode in ("loop", "sweep", "once")] == ["sweep", "once", "loop"]
