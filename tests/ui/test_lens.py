"""The magnifier shows stored values, larger, where the pointer is."""

import time

import make
import numpy as np
import pytest
from window import LEFT, RIGHT, _send_move, pixels_of, slices, windowed, written

STORED = np.random.default_rng(11).integers(850, 1250, (120, 160)).astype("<i2")


@pytest.fixture
def person(reader, tmp_path):
    person = reader(make.write(make.ct(STORED, spacing=(1.0, 1.0)), tmp_path / "ct"))
    person.key("Shift+S", "Shift+F")  # squares, one device pixel each
    return person


def lens_of(person):
    return person.window.view_tools.lens.lens


def seen_through(person):
    """Return the greys in the lens, without its rim and its words."""
    return pixels_of(lens_of(person).grab().toImage())[20:-4, 4:-4, 0]


def expected(person, at, factor):
    """Return the greys that the lens must have where the image is, by hand; NaN beside the image."""
    lens = lens_of(person)
    left, top = person.pane.state.to_screen(0, 0)
    corner = lens.pos()
    across = (corner.x() + np.arange(lens.width()) + 0.5 - at[0]) / factor + at[0] - left
    down = (corner.y() + np.arange(lens.height()) + 0.5 - at[1]) / factor + at[1] - top
    columns, rows = np.floor(across).astype(int), np.floor(down).astype(int)
    greys = np.floor(windowed(STORED - 1024.0, 40, 400) + 0.5)
    result = np.full((lens.height(), lens.width()), np.nan)
    ok_rows, ok_columns = (rows >= 0) & (rows < 120), (columns >= 0) & (columns < 160)
    result[np.ix_(ok_rows, ok_columns)] = greys[np.ix_(rows[ok_rows], columns[ok_columns])]
    return result[20:-4, 4:-4]


def test_held_it_shows_the_stored_pixels_larger_and_the_wheel_changes_it(person):
    at = tuple(float(round(place)) for place in person.point(80, 60))
    person.key("Shift+Z")
    assert lens_of(person) is None
    person.press(at)
    for factor in (2, 3):
        shown, wanted = seen_through(person), expected(person, at, factor)
        there = ~np.isnan(wanted)
        assert there.sum() > 10000
        assert np.abs(shown[there] - wanted[there]).max() <= 1
        assert (shown[~there] == 0).all()
        person.wheel(-1)
    assert person.pane.index == 0
    person.release(at)
    assert lens_of(person) is None


def test_it_follows_the_hand_and_the_window_while_it_is_held(person):
    person.key("Shift+Z")
    start, end = person.point(40, 30), tuple(float(round(place)) for place in person.point(90, 70))
    person.press(start)
    _send_move(person.viewport(), end, LEFT)
    assert np.nanmax(np.abs(seen_through(person) - expected(person, end, 2))) <= 1
    before = seen_through(person)
    person.key("N")
    assert (
        np.abs((255 - before.astype(int)) - seen_through(person))[~np.isnan(expected(person, end, 2))].max()
        <= 1
    )
    person.release(end)


def test_another_button_may_have_it(person):
    person.window.reading.room.hands.buttons["right"] = "magnifier"
    person.press(person.point(80, 60), button=RIGHT)
    assert lens_of(person) is not None
    person.release(person.point(80, 60), button=RIGHT)
    assert lens_of(person) is None


def test_switched_on_it_stays_and_the_wheel_scrolls_as_always(reader, tmp_path):
    person = reader(written(slices(5), tmp_path / "ct"))
    person.window.reading.room.desk.go_to(0, 0)
    person.settle()
    sizes = []
    for _ in range(4):
        person.key("Alt+X")
        lens = lens_of(person)
        sizes.append(None if lens is None else lens._factor)
    assert sizes == [2.0, 3.0, 4.0, None]
    person.key("Alt+X")
    person.move(person.point(10, 10))
    before = seen_through(person)
    person.wheel(1)
    person.settle()
    assert person.pane.index == 1
    assert (seen_through(person) != before).any()


def test_in_an_empty_viewport_there_is_nothing_to_magnify(reader):
    person = reader()
    person.key("Alt+X")
    assert lens_of(person) is None
    assert person.said == "There is no image here."


def test_a_viewport_that_goes_takes_its_lens_along(reader, tmp_path):
    person = reader(written(slices(2), tmp_path / "ct"))
    person.window.reading.arrange(1, 2)
    person.key("Tab", "Tab", "Alt+X")
    person.window.reading.arrange(1, 1)
    person.settle()
    person.key("Alt+X")
    assert lens_of(person).parent() is person.viewport()
    assert len(person.window.view_tools.lens._lenses) == 1


def test_on_a_mammogram_it_moves_within_a_frame(reader, tmp_path):
    stored = np.random.default_rng(3).integers(0, 4000, (4096, 3328)).astype("<u2")
    person = reader(make.write(make.ct(stored, spacing=(0.07, 0.07)), tmp_path / "mg"), size=(1600, 1100))
    person.key("Shift+Z")
    person.press(person.point(1000, 1000))
    taken = []
    for step in range(20):
        began = time.perf_counter()
        _send_move(person.viewport(), person.point(1000 + 40 * step, 1000 + 30 * step), LEFT)
        lens_of(person).repaint()
        taken.append(time.perf_counter() - began)
    person.release(person.point(1800, 1600))
    assert sorted(taken)[10] < 0.016
