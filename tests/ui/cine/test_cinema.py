"""A film plays by the clock at the rate of its header, and leaves out what comes too late."""

import time

import make
import numpy as np
import pytest
from window import slices, written

from viewer.ui.cine import cinema as module

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

FRAMES = 20


@pytest.fixture
def person(reader, tmp_path):
    """Return a reader of a film of 20 frames, 40 ms each; every frame is of one grey."""
    stored = np.repeat(np.arange(FRAMES, dtype="u1") * 10, 24 * 32 * 3).reshape(FRAMES, 24, 32, 3)
    person = reader(make.write(make.us_color(stored, frames=FRAMES), tmp_path / "film"))
    for _ in range(FRAMES):  # every frame once: then nothing is late because of the disk
        person.key("Down")
    person.key("Home")
    return person


class Clock:
    """A clock that a test sets."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)


def test_c_plays_and_stops_and_the_bar_shows_it(person):
    cinema = person.window.reading.room.cinema
    assert person.window.furniture.cine.isVisible()
    person.key("C")
    assert cinema.playing
    assert person.window.furniture.cine.state.rate == pytest.approx(25)
    person.key("C")
    assert not cinema.playing


def test_the_frames_are_those_of_the_clock_at_the_rate_of_the_header(person):
    cinema = person.window.reading.room.cinema
    shown = []
    cinema.toggle()
    began = time.monotonic()
    person.desk.listen(lambda _: shown.append((time.monotonic() - began, person.pane.index)))
    person._qtbot.wait(600)
    cinema.stop()
    assert len(shown) > 5
    for moment, index in shown:
        assert abs(moment / 0.040 - index) <= 2.5, (moment, index)  # a busy machine is late, never early
    assert (person.seen()[100, 200] == 10 * person.pane.index).all()


def test_what_comes_too_late_is_left_out_and_counted(person, monkeypatch):
    clock = Clock(monkeypatch)
    cinema = person.window.reading.room.cinema
    cinema.toggle()
    clock.now += 0.041
    cinema._tick()
    assert (person.pane.index, cinema.skipped) == (1, 0)
    clock.now += 0.200
    cinema._tick()
    assert (person.pane.index, cinema.skipped) == (6, 4)
    cinema.stop()


def test_the_film_begins_again_at_its_end_or_stops_there(person, monkeypatch):
    clock = Clock(monkeypatch)
    cinema = person.window.reading.room.cinema
    cinema.toggle()
    clock.now += 0.040 * FRAMES + 0.010
    cinema._tick()
    assert person.pane.index == 0
    cinema.set_mode("once")
    for _ in range(2):
        clock.now += 0.040 * 15
        cinema._tick()
    assert not cinema.playing
    assert person.pane.index == FRAMES - 1


def test_another_rate_goes_on_from_the_same_frame(person, monkeypatch):
    clock = Clock(monkeypatch)
    cinema = person.window.reading.room.cinema
    cinema.toggle()
    clock.now += 0.205
    cinema._tick()
    assert person.pane.index == 5
    cinema.set_rate(5.0)
    clock.now += 0.210
    cinema._tick()
    assert person.pane.index == 6
    cinema.stop()


def test_hanging_something_else_stops_the_film(person, tmp_path):
    cinema = person.window.reading.room.cinema
    person.open(written(slices(3), tmp_path / "ct"))
    person.key("C")
    assert cinema.playing
    person.key("PgUp", "PgDown")
    assert not cinema.playing


def test_a_single_image_is_no_film_and_the_reason_is_said(reader, tmp_path):
    person = reader(written(slices(1), tmp_path / "ct"))
    person.key("C")
    assert person.said == "There is only one image in this stack."
    assert not person.window.reading.room.cinema.playing


# ------------------------------------------------------------------------------------ BIR B27: the tools
def test_bir_B27_c_plays_at_once_and_pauses_and_shift_c_stops_at_the_first_image(person, monkeypatch):
    clock = Clock(monkeypatch)
    cinema = person.window.reading.room.cinema
    person.key("C")
    assert cinema.playing
    clock.now += 0.205
    cinema._tick()
    person.key("C")
    assert (cinema.playing, person.pane.index) == (False, 5)
    person.key("C")
    assert cinema.playing
    person.key("Shift+C")
    assert (cinema.playing, person.pane.index) == (False, 0)


def test_bir_B27_first_last_and_steps(person):
    bar = person.window.furniture.cine
    person.key("C")
    bar.step_wanted.emit(1)
    assert not person.window.reading.room.cinema.playing
    index = person.pane.index
    bar.step_wanted.emit(-1)
    assert person.pane.index == max(index - 1, 0)
    bar.frame_wanted.emit(FRAMES)
    assert person.pane.index == FRAMES - 1
    person.key("Home")
    assert person.pane.index == 0


def test_bir_B27_a_rate_is_entered_and_holds_for_that_stack(person):
    bar = person.window.furniture.cine
    bar.rate_wanted.emit(10.0)
    assert (bar.state.rate, bar.state.factor) == (10.0, 0.4)
    person.key(">")
    assert bar.state.rate == pytest.approx(12.5)
    person.key("<")
    assert bar.state.rate == pytest.approx(10.0)
    person.window._dispatcher.run("cine-usual")
    assert bar.state.rate == pytest.approx(25.0)


def test_bir_B27_loop_sweep_and_once_follow_one_another(person):
    bar = person.window.furniture.cine
    modes = []
    for _ in range(4):
        modes.append(bar.state.mode)
        person.key("Alt+L")
    assert modes == ["loop", "sweep", "once", "loop"]


def test_c32_trims_are_set_at_the_image_that_is_seen_and_forgotten(person, monkeypatch):
    clock = Clock(monkeypatch)
    cinema, bar = person.window.reading.room.cinema, person.window.furniture.cine
    person.desk.go_to(0, 4)
    person.key("Shift+Home")
    person.desk.go_to(0, 6)
    person.key("Shift+End")
    assert (bar.state.first, bar.state.last, bar.state.trimmed) == (5, 7, True)
    person.desk.go_to(0, 4)
    cinema.toggle()
    seen = []
    for _ in range(5):
        seen.append(person.pane.index)
        clock.now += 0.0401
        cinema._tick()
    assert seen == [4, 5, 6, 4, 5]
    cinema.stop()
    person.key("Ctrl+Home")
    assert (bar.state.first, bar.state.last, bar.state.trimmed) == (1, FRAMES, False)


def test_once_played_again_begins_at_the_first_image(person, monkeypatch):
    Clock(monkeypatch)
    cinema = person.window.reading.room.cinema
    cinema.set_mode("once")
    person.key("End")
    cinema.toggle()
    assert (cinema.playing, person.pane.index) == (True, 0)
    cinema.stop()


def test_several_viewports_play_in_step(person, monkeypatch):
    clock = Clock(monkeypatch)
    cinema = person.window.reading.room.cinema
    hung = person.pane.hung
    person.window.reading.arrange(1, 2)
    person.window.reading.hang(hung, 1, index=7)
    person.settle()
    person.key("Shift+P")
    assert [pane.index for pane in person.desk.panes] == [0, 0]
    clock.now += 0.125
    cinema._tick()
    assert [pane.index for pane in person.desk.panes] == [3, 3]
    assert person.window.furniture.cine.state.together == 2
    person.key("C")
    assert not cinema.playing


def test_a_stack_of_single_images_plays_at_a_rate_that_is_called_assumed(reader, tmp_path):
    person = reader(written(slices(4), tmp_path / "ct"))
    bar = person.window.furniture.cine
    assert not bar.isVisible()
    person.key("C")
    assert bar.isVisible()
    assert (bar.state.rate, bar.state.assumed) == (15.0, True)
    person.key("C")
    assert bar.isVisible()  # who played it once may want to set it


def test_B22_the_time_of_the_frame_and_of_the_film_stand_in_the_bar(person):
    person.desk.go_to(0, 10)
    state = person.window.furniture.cine.state
    assert (state.time, state.total) == (pytest.approx(400.0), pytest.approx(800.0))
