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
