"""Windows stand where they stood, if the monitor is still there, and always where a hand reaches them."""

from hypothesis import given
from hypothesis import strategies as some

from viewer.viewing.window_places import (
    LEAST,
    Rectangle,
    Screen,
    WindowPlace,
    free_screen,
    place_of,
    restored,
)

LEFT = Screen("DP-1", 0, 0, 1920, 1080)
RIGHT = Screen("DP-2", 1920, -200, 2560, 1440)


def test_a_window_stands_where_it_stood_also_when_its_monitor_moved():
    place = place_of("2", Rectangle(2000, 0, 800, 600), RIGHT)
    assert restored(place, (LEFT, RIGHT)) == Rectangle(2000, 0, 800, 600)
    moved = Screen("DP-2", -2560, 0, 2560, 1440)
    assert restored(place, (LEFT, moved)) == Rectangle(-2480, 200, 800, 600)


def test_a_window_whose_monitor_is_gone_has_no_place():
    assert restored(WindowPlace("2", "DP-2", 10, 10, 800, 600), (LEFT,)) is None
    assert restored(WindowPlace("2"), (LEFT,)) is None


@given(
    some.integers(-9000, 9000),
    some.integers(-9000, 9000),
    some.integers(LEAST, 9000),
    some.integers(LEAST, 9000),
)
def test_a_window_is_always_wholly_on_its_monitor(left, top, width, height):
    found = restored(WindowPlace("main", "DP-1", left, top, width, height), (LEFT,))
    assert found is not None
    assert found.left >= 0
    assert found.top >= 0
    assert found.left + found.width <= LEFT.width
    assert found.top + found.height <= LEFT.height


def test_a_further_window_goes_where_none_is():
    assert free_screen((LEFT, RIGHT), ["DP-1"]) == RIGHT
    assert free_screen((LEFT, RIGHT), ["DP-2", "DP-1"]) is None
