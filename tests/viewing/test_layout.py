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
