"""The desk: what hangs where, whichever way the pictures arrive."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import hung, key, picture, series

from viewer.jobs.queue import Priority
from viewer.viewing.arrangement import Placed
from viewer.viewing.desk import Desk
from viewer.viewing.layout import Layout
from viewer.viewing.pane import Pane
from viewer.viewing.viewport import ViewportState
from viewer.viewing.wishes import MOST_ASKED, READ_AHEAD


class Slow:
    """Answers requests when, and in the order in which, a test says so."""

    def __init__(self):
        self.waiting = {}
        self.memory = {}
        self.asked = []
        self.dropped = 0

    def request(self, wanted, priority, done, failed):
        self.asked.append((wanted, priority))
        if wanted in self.memory:
            done(self.memory[wanted])
        else:
            self.waiting.setdefault(wanted, []).append((done, failed))

    def holds(self, wanted):
        return wanted in self.waiting or wanted in self.memory

    def answer(self, wanted):
        self.memory[wanted] = picture(wanted)
        for done, _ in self.waiting.pop(wanted, []):
            done(self.memory[wanted])

    def fail(self, wanted, reason):
        for _, failed in self.waiting.pop(wanted):
            failed(reason)

    def visible(self):
        return [wanted for wanted, priority in self.asked if priority is Priority.VISIBLE]


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def desk(slow):
    return Desk(slow, capacity=lambda: False)


def shown(desk, number=0):
    found = desk.panes[number].picture
    return found and found.description.key


def test_a_stack_hangs_and_its_picture_comes_later(desk, slow):
    heard = []
    desk.listen(heard.append)
    desk.hang(0, hung(5), 2)
    assert desk.pane.loading
    assert not desk.settled
    slow.answer(key(3))
    assert shown(desk) == key(3)
    assert desk.settled
    assert heard == [0, 0]


def test_indices_beyond_the_ends_mean_the_ends(desk):
    desk.hang(0, hung(3), 99)
    assert desk.pane.index == 2
    for by, expected in ((1, 2), (-1, 1), (-9, 0), (2, 2)):
        desk.scroll(0, by)
        assert desk.pane.index == expected


def test_an_empty_desk_can_be_scrolled_without_harm(desk, slow):
    desk.scroll(0, 3)
    desk.go_to(0, -1)
    assert desk.pane == Pane()
    assert slow.asked == []


def test_the_picture_seen_stays_until_the_next_one_is_there(desk, slow):
    desk.hang(0, hung(3))
    slow.answer(key(1))
    desk.go_to(0, 1)
    assert shown(desk) == key(1)
    assert desk.pane.loading
    slow.answer(key(2))
    assert shown(desk) == key(2)


def test_a_picture_that_comes_too_late_is_not_shown(desk, slow):
    desk.hang(0, hung(9))
    slow.answer(key(1))
    desk.go_to(0, 1)
    desk.go_to(0, 2)
    slow.answer(key(3))
    slow.answer(key(2))
    assert shown(desk) == key(3)


def test_the_newest_wish_overtakes_those_before_it(desk, slow):
    desk.hang(0, hung(50))
    slow.answer(key(1))
    for index in range(1, 40):
        desk.go_to(0, index)
    assert len(slow.waiting) == MOST_ASKED
    slow.answer(key(2))
    assert key(40) in slow.waiting
    slow.answer(key(40))
    assert shown(desk) == key(40)
    assert len(slow.visible()) < 6


def test_what_is_in_memory_is_shown_at_once_though_others_are_under_way(desk, slow):
    slow.memory[key(9)] = picture(key(9))
    desk.hang(0, hung(20))
    for index in range(1, 5):
        desk.go_to(0, index)
    desk.go_to(0, 8)
    assert shown(desk) == key(9)


def test_a_failure_shows_its_words_and_never_an_older_picture(desk, slow):
    desk.hang(0, hung(3))
    slow.answer(key(1))
    desk.go_to(0, 1)
    slow.fail(key(2), "/cd/2: it is cut off")
    assert (desk.pane.picture, desk.pane.state.image) == (None, None)
    assert desk.pane.trouble == "/cd/2: it is cut off"
    assert desk.settled


def test_the_trouble_of_one_image_is_not_that_of_the_next(desk, slow):
    desk.hang(0, hung(3))
    slow.fail(key(1), "broken")
    desk.go_to(0, 1)
    assert desk.pane.trouble == ""
    assert desk.pane.loading
    slow.answer(key(2))
    assert desk.pane.trouble == ""
    assert shown(desk) == key(2)


def test_hanging_looks_as_the_header_says_and_keeps_the_size(desk, slow):
    desk.resize(0, 640, 480)
    desk.hang(0, hung(3))
    slow.answer(key(1))
    desk.view(0, lambda state: replace(state, zoom=4.0, inverted=True))
    desk.hang(0, hung(3, first=11))
    assert desk.pane.state == ViewportState(width=640, height=480)


def test_scrolling_keeps_how_it_is_looked_at(desk, slow):
    desk.hang(0, hung(3))
    slow.answer(key(1))
    desk.view(0, lambda state: replace(state, zoom=4.0, pan=(3.0, 4.0)))
    desk.go_to(0, 1)
    slow.answer(key(2))
    assert (desk.pane.state.zoom, desk.pane.state.pan) == (4.0, (3.0, 4.0))
    assert desk.pane.state.image.key == key(2)


def test_a_stack_that_grew_in_front_keeps_what_is_seen(desk, slow):
    desk.hang(0, hung(3, first=5), 1)
    slow.answer(key(6))
    desk.regrow(hung(9))
    assert (desk.pane.index, desk.pane.count) == (5, 9)
    assert shown(desk) == desk.pane.key == key(6)
    assert not desk.pane.loading


def test_another_stack_that_grew_changes_nothing(desk):
    desk.hang(0, hung(3))
    before = desk.pane
    desk.regrow(hung(5, first=20))
    assert desk.pane is before


def test_panes_keep_what_hangs_in_them_when_the_layout_changes(desk, slow):
    desk.arrange(2, 2)
    desk.hang(1, hung(3))
    desk.activate(3)
    desk.arrange(1, 2)
    assert desk.panes[1].hung == hung(3)
    assert desk.active == 1
    desk.arrange(1, 1)
    slow.answer(key(1))  # for a pane that is gone
    assert desk.panes == [Pane()]


def test_activating_tells_of_both_panes_and_of_none_that_is_not_there(desk):
    desk.arrange(1, 3)
    heard = []
    desk.listen(heard.append)
    desk.activate(2)
    desk.activate(2)
    desk.activate(7)
    assert heard == [0, 2]
    assert desk.active == 2


def test_the_next_images_are_read_ahead_a_few_at_a_time_in_the_direction_of_scrolling(slow):
    desk = Desk(slow)
    desk.hang(0, hung(9), 4)
    slow.answer(key(5))
    assert list(slow.waiting) == [key(6), key(7)][:READ_AHEAD]
    slow.answer(key(6))
    assert list(slow.waiting) == [key(7), key(8)]
    slow.answer(key(7))
    slow.answer(key(8))
    desk.go_to(0, 3)
    slow.answer(key(4))
    assert key(3) in slow.waiting


def test_all_is_read_ahead_in_the_end_and_nothing_twice(slow):
    desk = Desk(slow)
    desk.hang(0, hung(9), 4)
    while slow.waiting:
        slow.answer(next(iter(slow.waiting)))
    assert sorted(wanted for wanted, _ in slow.asked) == [key(number) for number in range(1, 10)]


def test_nothing_is_read_ahead_when_memory_is_full(desk, slow):
    desk.hang(0, hung(9), 4)
    slow.answer(key(5))
    assert slow.waiting == {}


@given(st.lists(st.tuples(st.sampled_from(["go", "answer", "fail"]), st.integers(0, 11)), max_size=60))
def test_however_answers_come_what_is_seen_is_never_another_image_than_the_last_that_arrived(steps):
    slow = Slow()
    desk = Desk(slow)
    desk.hang(0, hung(12))
    for step, number in steps:
        waiting = sorted(slow.waiting)
        if step == "go":
            desk.go_to(0, number)
        elif waiting and step == "answer":
            slow.answer(waiting[number % len(waiting)])
        elif waiting:
            slow.fail(waiting[number % len(waiting)], "broken")
        assert desk.pane.picture is None or not desk.pane.trouble
    while slow.waiting:
        slow.answer(next(iter(slow.waiting)))
    assert desk.settled
    assert desk.pane.trouble or shown(desk) == desk.pane.key


# ------------------------------------------------------------------------------------- layouts and tiles
def test_everything_is_arranged_at_once(desk, slow):
    heard = []
    desk.hang(0, hung(3), 1)
    desk.activate(0)
    desk.listen(heard.append)
    inverted = Placed(hung(5, series(2), first=10), 4, lambda state: replace(state, inverted=True))
    desk.place(2, 2, [Placed(hung(3)), None, inverted])
    assert (desk.rows, desk.columns, desk.active) == (2, 2, 0)
    assert [pane.count for pane in desk.panes] == [3, 0, 5, 0]
    assert [pane.index for pane in desk.panes] == [0, 0, 4, 0]
    assert desk.panes[2].state.inverted
    assert set(heard) == {0, 1, 2, 3}
    slow.answer(key(1))
    slow.answer(key(14))
    assert (shown(desk, 0), shown(desk, 2)) == (key(1), key(14))


def test_bir_B7_tiles_show_consecutive_images_and_move_together(desk, slow):
    desk.place(1, 2, [Placed(hung(9), 2, tiles=(2, 2)), Placed(hung(3, series(2), first=20))])
    assert [pane.index for pane in desk.panes] == [2, 3, 4, 5, 0]
    desk.scroll(3, 1)  # whichever tile the hand is on
    assert [pane.index for pane in desk.panes] == [3, 4, 5, 6, 0]
    desk.go_to(0, 99)  # the last page is a full one
    assert [pane.index for pane in desk.panes] == [5, 6, 7, 8, 0]
    desk.go_to(0, 0)
    desk.view(1, lambda state: replace(state, zoom=3.0))
    assert [pane.state.zoom for pane in desk.panes] == [3.0, 3.0, 3.0, 3.0, None]
    for number in range(1, 5):
        slow.answer(key(number))
    assert [shown(desk, tile) for tile in range(4)] == [key(number) for number in range(1, 5)]


def test_tiles_without_an_image_stay_empty(desk):
    desk.place(1, 1, [Placed(hung(3), 0, tiles=(2, 2))])
    assert [pane.count for pane in desk.panes] == [3, 3, 3, 0]
    desk.scroll(3, 1)
    desk.scroll(0, 1)
    assert [pane.index for pane in desk.panes] == [0, 1, 2, 0]


def test_bir_B7_one_viewport_or_all_are_cut_into_tiles_and_whole_again(desk, slow):
    desk.place(1, 2, [Placed(hung(9), 4), Placed(hung(9, series(2), first=20), 2)])
    slow.answer(key(5))
    slow.answer(key(22))
    desk.lay(desk.layout.split(0, (1, 3)))
    assert [pane.index for pane in desk.panes] == [4, 5, 6, 2]
    slow.answer(key(6))
    slow.answer(key(7))
    assert desk.settled
    desk.lay(Layout(1, 2, ((2, 1), (2, 1))))
    assert [pane.index for pane in desk.panes] == [4, 5, 2, 3]
    desk.lay(Layout.grid(1, 2))
    assert [pane.index for pane in desk.panes] == [4, 2]
    slow.answer(key(23))
    assert desk.settled
    assert (shown(desk, 0), shown(desk, 1)) == (key(5), key(22))


def test_what_memory_dropped_is_read_ahead_again(slow):
    desk = Desk(slow)
    desk.hang(0, hung(4))
    for _ in range(8):
        for wanted in list(slow.waiting):
            slow.answer(wanted)
    assert len(slow.memory) == 4
    del slow.memory[key(4)]
    slow.asked.clear()
    desk.go_to(0, 1)
    assert slow.asked == [(key(2), Priority.VISIBLE)]  # nobody said that something is gone
    slow.dropped += 1
    desk.go_to(0, 2)
    assert (key(4), Priority.PREFETCH) in slow.asked
