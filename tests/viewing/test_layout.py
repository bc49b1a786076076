"""Boxes and tiles: how many panes there are, and where each one lies."""

from hypothesis import given
from hypothesis import strategies as st

from viewer.viewing.layout import Layout

shapes = st.tuples(st.integers(1, 4), st.integers(1, 5))


@st.composite
def layouts(draw):
    rows, columns = draw(shapes)
    tiles = tuple(draw(shapes) for _ in range(rows * columns))
    return Layout.grid(rows, columns, tiles)


@given(layouts())
def test_each_pane_is_in_one_box(layout):
    assert [number for box in layout.boxes for number in box] == list(range(layout.count))
    assert all(number in layout.boxes[layout.box_of(number)] for number in range(layout.count))


@given(layouts(), st.integers(600, 4000), st.integers(600, 3000))
def test_panes_lie_inside_of_the_room_and_never_on_each_other(layout, width, height):
    places = layout.places(width, height, 2)
    for number, (x, y, wide, high) in enumerate(places):
        assert x >= 0
        assert y >= 0
        assert x + wide <= width
        assert y + high <= height
        for left, top, across, down in places[:number]:
            assert x >= left + across or left >= x + wide or y >= top + down or top >= y + high


@given(layouts(), st.integers(600, 4000), st.integers(600, 3000))
def test_panes_of_one_kind_are_equally_large_to_a_pixel(layout, width, height):
    for box in layout.boxes:
        sizes = [layout.places(width, height, 2)[number][2:] for number in box]
        for side in (0, 1):
            assert max(size[side] for size in sizes) - min(size[side] for size in sizes) <= 2


def test_one_box_alone_takes_the_whole_room_with_its_tiles():
    layout = Layout.grid(1, 2, ((1, 1), (1, 2)))
    assert layout.places(100, 50, 2, alone=1) == (None, (0, 0, 49, 50), (51, 0, 49, 50))
    assert layout.places(100, 50, 2, alone=0) == ((0, 0, 100, 50), None, None)


def test_two_by_two_has_gaps_of_two_pixels():
    assert Layout.grid(2, 2).places(102, 82, 2) == (
        (0, 0, 50, 40), (52, 0, 50, 40), (0, 42, 50, 40), (52, 42, 50, 40),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------ several windows
TWO = Layout.grid(1, 2, ((2, 2),)).with_windows(((2, 1),))


def test_the_boxes_of_further_windows_follow_those_of_the_main_one():
    assert TWO.grids == ((1, 2), (2, 1))
    assert TWO.windows == (range(2), range(2, 4))
    assert TWO.boxes == (range(4), range(4, 5), range(5, 6), range(6, 7))
    assert [TWO.window_of(pane) for pane in range(7)] == [0, 0, 0, 0, 0, 1, 1]
    assert TWO.names == ((0, 0), (0, 1), (1, 0), (1, 1))
    assert (TWO.panes_of(0), TWO.panes_of(1)) == (range(5), range(5, 7))


def test_each_window_divides_its_own_room_and_shows_one_box_alone_by_itself():
    assert [place is None for place in TWO.places(100, 100, 0, window=1)] == [True] * 5 + [False] * 2
    assert TWO.places(100, 60, 0, window=1)[5:] == ((0, 0, 100, 30), (0, 30, 100, 30))
    assert TWO.places(100, 60, 0, alone=3, window=1)[5:] == (None, (0, 0, 100, 60))
    assert TWO.places(100, 60, 0, alone=3) == TWO.places(100, 60, 0)


def test_another_grid_in_one_window_leaves_the_others_as_they_are():
    assert TWO.regrid(1, 1) == Layout.grid(1, 1, ((2, 2),)).with_windows(((2, 1),))
    assert TWO.regrid(1, 3, window=1).grids == ((1, 2), (1, 3))
    assert TWO.regrid(1, 3, window=1).tiles[0] == (2, 2)
    assert TWO.without_window(1) == Layout.grid(1, 2, ((2, 2),))
    assert Layout.grid(1, 1).beside(TWO).grids == ((1, 1), (2, 1))
