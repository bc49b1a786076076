"""When an image was seen: whole, in parts, too briefly, in a film."""

from dataclasses import replace

import pytest
from made import key, picture

from viewer.viewing.attention import (
    DWELL,
    LONGEST,
    SIDE,
    WHOLE,
    Attention,
    Stopwatch,
    in_time,
    parts_in_sight,
)
from viewer.viewing.viewport import ViewportState

ONE, TWO = key(1), key(2)


def fitted(width=640, height=480):
    return ViewportState(width=width, height=height, image=picture(ONE).description)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flipped", [False, True])
def test_an_image_that_is_fitted_is_in_sight_whole(rotation, flipped):
    assert parts_in_sight(replace(fitted(), rotation=rotation, flipped=flipped)) == WHOLE


def test_nothing_is_in_sight_without_an_image_and_of_a_thumbnail():
    assert parts_in_sight(ViewportState(width=640, height=480)) == 0
    assert parts_in_sight(fitted(100, 90)) == 0


def test_of_an_enlarged_image_the_parts_within_the_viewport_are_in_sight():
    state = fitted()
    enlarged = replace(state, zoom=state.fit_zoom * 2)  # the middle half along each side
    middle = sum(1 << (SIDE * row + column) for row in (1, 2) for column in (1, 2))
    assert parts_in_sight(enlarged) == middle
    corner = state.zoomed(2, *state.to_screen(0, 0))
    first = sum(1 << (SIDE * row + column) for row in (0, 1) for column in (0, 1))
    assert parts_in_sight(corner) == first
    assert parts_in_sight(replace(corner, flipped=True)) != first


def test_a_look_that_is_long_enough_counts_and_one_that_is_not_does_not():
    attention = Attention()
    assert attention.painted(0, ONE, WHOLE, 10.0) is None
    assert attention.painted(0, TWO, WHOLE, 10.0 + 0.9 * DWELL) is None  # it flew past
    assert attention.passed(10.0 + 1.8 * DWELL) == []
    assert attention.passed(10.0 + 2.0 * DWELL) == [TWO]


def test_short_looks_add_up_as_the_loops_of_a_film_do():
    attention, seen, at = Attention(), set(), 0.0
    for _ in range(2):
        for number in range(1, 11):  # 30 images a second
            seen.add(attention.painted(0, key(number), WHOLE, at))
            at += 1 / 30
    seen.update(attention.left(at))
    assert seen - {None} == {key(number) for number in range(1, 11)}


def test_a_frame_that_a_film_leaves_out_is_never_seen():
    attention, seen, at = Attention(), set(), 0.0
    for _ in range(9):
        for number in (1, 2, 4, 5):
            seen.add(attention.painted(0, key(number), WHOLE, at))
            at += 1 / 30
    assert key(3) not in seen


def test_an_enlarged_image_is_seen_when_every_part_was_in_sight():
    attention = Attention()
    left = 0b0011_0011_0011_0011
    attention.painted(0, ONE, left, 0.0)
    assert attention.passed(60.0) == []
    attention.painted(0, ONE, WHOLE & ~left, 60.0)
    assert attention.passed(60.0 + 2 * DWELL) == [ONE]


def test_viewports_are_apart_and_what_is_covered_ends():
    attention = Attention()
    attention.painted(0, ONE, WHOLE, 0.0)
    attention.painted(1, TWO, WHOLE, 0.9 * DWELL)
    assert attention.painted(0, None, 0, 0.95 * DWELL) is None  # a message in its place
    assert attention.passed(9.0) == [TWO]
    attention.forget()
    assert attention.passed(99.0) == []


# ------------------------------------------------------------------------------------------ for how long
def test_the_time_in_sight_is_that_of_all_showings_and_of_the_one_that_lasts():
    watch = Stopwatch()
    watch.painted(0, ONE, 10.0)
    watch.painted(0, ONE, 11.5)  # painted again: it is still there
    watch.painted(0, TWO, 12.0)
    watch.painted(1, ONE, 12.0)
    assert watch.seconds([ONE], 12.25) == pytest.approx(2.25)
    assert watch.seconds([ONE, TWO], 12.25) == pytest.approx(2.5)
    watch.painted(0, None, 14.0)
    watch.left(15.0)
    assert watch.seconds([ONE, TWO], 99.0) == pytest.approx(2.0 + 3.0 + 2.0)
    watch.forget()
    assert watch.seconds([ONE, TWO], 99.0) == 0


def test_a_reader_who_went_away_does_not_look():
    watch = Stopwatch()
    watch.painted(0, ONE, 0.0)
    assert watch.seconds([ONE], 3600.0) == LONGEST
    watch.painted(0, None, 3600.0)
    assert watch.seconds([ONE], 3600.0) == LONGEST


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.6, "less than a second"), (8.4, "8 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s")]
)
def test_times_are_said_in_minutes_and_seconds(seconds, words):
    assert in_time(seconds) == words
