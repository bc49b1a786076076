"""The mouse on a viewport: windows, lengths, pans and zooms by real mouse events."""

import math

import make
import numpy as np
import pytest
from window import LEFT, MIDDLE, RIGHT, slices, written

from viewer.annotations.kinds import label

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def person(reader, tmp_path):
    return reader(written(slices(5, spacing=(0.5, 0.25)), tmp_path / "ct"))


def window_of(person, number=0):
    voi = person.window.reading.room.looks.voi(number)
    return voi.center, voi.width


def measured(person):
    """Return the labels of everything that is drawn on the image in the active viewport."""
    image = person.pane.picture.description
    return [label(shape, image) for shape in person.drawings.on(image.key)]


# ------------------------------------------------------------------- windows (IHE BIR 4.16.4.2.2.5.4)
def test_the_right_button_dragged_to_the_right_widens_the_window(person):
    person.drag((300, 300), (400, 300), button=RIGHT)
    center, width = window_of(person)
    assert center == 40
    assert width == pytest.approx(400 * math.exp(100 / 250), rel=0.01)


def test_the_right_button_dragged_up_lowers_the_centre_and_brightens(person):
    before = person.seen().mean()
    person.drag((300, 300), (300, 250), button=RIGHT)
    center, width = window_of(person)
    assert center == pytest.approx(40 - 400 * 50 / 250, abs=1)
    assert width == 400
    assert person.seen().mean() > before


def test_the_window_tool_does_the_same_with_the_left_button_and_a_click_does_nothing(person):
    person.key("W")
    person.drag((300, 300), (300, 300))
    assert person.pane.state.voi is None
    person.drag((300, 300), (300, 350))
    assert window_of(person)[0] > 40


def test_a_window_by_hand_stays_while_scrolling_and_esc_takes_it_back(person):
    person.drag((300, 300), (400, 300), button=RIGHT)
    chosen = window_of(person)
    person.key("Down", "End")
    assert window_of(person) == chosen
    person.key("Esc")
    assert window_of(person) == (40, 400)


# ------------------------------------------------------------------------------- scroll, pan and zoom
def test_the_scroll_tool_goes_through_the_stack_by_dragging_down(person):
    person.drag((300, 300), (300, 316))
    assert person.number() == 5
    person.drag((300, 300), (300, 268))
    assert person.number() == 1


def test_the_middle_button_moves_the_image_with_the_hand(person):
    under = person.pane.state.to_image(300, 300)
    person.drag((300, 300), (340, 280), button=MIDDLE)
    assert person.pane.state.to_image(340, 280) == pytest.approx(under)


def test_zoom_keeps_the_point_that_was_pressed(person):
    person.key("Z")
    under = person.pane.state.to_image(200, 250)
    person.drag((200, 250), (200, 325))
    assert person.pane.state.to_image(200, 250) == pytest.approx(under)
    assert person.pane.state.shown_zoom == pytest.approx(person.pane.state.fit_zoom * math.exp(0.5))


def test_a_press_makes_its_viewport_the_active_one(person):
    person.window.reading.arrange(1, 2)
    person.press((50, 50), 1)
    person.release((50, 50), 1)
    assert person.desk.active == 1


# -------------------------------------------------------------------------------------------- lengths
def test_a_length_is_drawn_by_dragging_and_has_the_millimetres_of_unequal_spacings(person):
    person.key("D")
    person.drag(person.point(10, 10), person.point(26, 16))
    (line,) = person.drawings.annotations
    (start, end) = line.points
    expected = math.hypot((end[0] - start[0]) * 0.25, (end[1] - start[1]) * 0.5)
    assert expected == pytest.approx(5.0, abs=0.1)  # 16 columns of 0.25 and 6 rows of 0.5: 4 and 3
    assert measured(person) == [f"{expected:.1f} mm"]
    assert person.viewport().look.drawn[0].label == f"{expected:.1f} mm"


def test_while_it_is_dragged_the_length_is_already_seen(person):
    person.key("D")
    person.press(person.point(10, 10))
    person.move(person.point(30, 10))
    assert person.drawings.annotations == ()
    assert person.viewport().look.drawn[0].label.endswith("mm")
    person.key("Esc")
    assert person.viewport().look.drawn == ()
    person.release(person.point(30, 10))
    assert person.drawings.annotations == ()


def test_two_clicks_draw_a_length_too(person):
    person.key("D")
    for place in (person.point(10, 10), person.point(26, 16)):
        person.press(place)
        person.release(place)
        person.move(person.point(26, 16))
    assert len(person.drawings.annotations) == 1
    assert len(measured(person)) == 1


def test_a_length_without_a_spacing_is_in_pixels_and_never_in_millimetres(reader, tmp_path):
    stored = np.add.outer(np.arange(48), np.arange(64)).astype("u1")
    person = reader(make.write(make.sc(stored), tmp_path / "sc"))
    person.key("D")
    person.drag(person.point(10, 10), person.point(40, 10))
    (words,) = measured(person)
    assert "mm" not in words
    assert words.endswith("px")


def test_undo_redo_and_delete(person):
    person.key("D")
    person.drag(person.point(10, 10), person.point(26, 16))
    drawn = person.drawings.annotations
    steps = {
        "Ctrl+Z": (),
        "Ctrl+Shift+Z": drawn,
        "Delete": (),
        "Ctrl+Z ": drawn,
        "Ctrl+Z  ": (),
        "Ctrl+Y": drawn,
    }
    for key, expected in steps.items():
        person.key(key.strip())
        assert person.drawings.annotations == expected, key


def test_a_length_stays_with_its_image(person):
    person.key("D")
    person.drag(person.point(10, 10), person.point(26, 16))
    person.key("Down")
    assert person.viewport().look.drawn == ()
    person.key("Up")
    assert len(person.viewport().look.drawn) == 1


def test_a_handle_moves_one_end_and_the_line_moves_both(person):
    person.key("D")
    person.drag(person.point(10, 10), person.point(30, 10))
    (before,) = person.drawings.annotations
    person.key("S")
    person.drag(person.point(*before.points[1]), person.point(30, 30))
    (moved,) = person.drawings.annotations
    assert moved.points[0] == before.points[0]
    assert moved.points[1] == pytest.approx((30, 30), abs=0.2)
    assert moved.uid == before.uid
    middle = ((moved.points[0][0] + moved.points[1][0]) / 2, (moved.points[0][1] + moved.points[1][1]) / 2)
    person.drag(person.point(*middle), person.point(middle[0] + 5, middle[1]))
    (shifted,) = person.drawings.annotations
    assert shifted.points[0] == pytest.approx((moved.points[0][0] + 5, moved.points[0][1]), abs=0.2)
    person.key("Ctrl+Z", "Ctrl+Z")
    assert person.drawings.annotations == (before,)


def test_a_line_begun_on_one_image_does_not_end_on_another(person):
    person.key("D")
    start, end = person.point(10, 10), person.point(26, 16)
    person.press(start)
    person.release(start)
    person.wheel(1).settle()
    person.press(end)
    person.release(end)
    for shape in person.drawings.annotations:
        assert person.drawings.description(shape.frame) is not None
        assert shape.frame == person.drawings.description(shape.frame).key
    assert [shape.frame for shape in person.drawings.annotations if shape.points[0] == (10, 10)] == []


def test_a_line_follows_the_view_when_it_is_zoomed_between_two_clicks(person):
    person.key("D")
    start = person.point(30, 20)
    person.press(start)
    person.release(start)
    person.key("+")
    where = person.point(36, 22)
    person.move(where)
    person.press(where)
    person.release(where)
    for shape in person.drawings.annotations:
        assert shape.points[1] == pytest.approx((36, 22), abs=0.3)


def test_another_button_pressed_while_a_line_is_dragged_does_not_end_it(person):
    person.key("D")
    person.press(person.point(10, 10), button=LEFT)
    person.move(person.point(20, 10))
    person.press(person.point(20, 10), button=RIGHT)
    person.release(person.point(20, 10), button=RIGHT)
    assert person.drawings.annotations == ()
    person.release(person.point(30, 10), button=LEFT)
    (line,) = person.drawings.annotations
    assert line.points[1] == pytest.approx((30, 10), abs=0.3)
    assert person.pane.state.voi is None
