"""Films on the desk, by a clock that tests hold in their hand."""

from dataclasses import replace

import pytest
from made import hung, key, picture, series

from viewer.dicom.image import Timing
from viewer.dicom.stacks import StackKind
from viewer.viewing.cine import Wish, schedule
from viewer.viewing.desk import Desk
from viewer.viewing.film import AHEAD, Film, plan_of, plans_in_step, timing_of
from viewer.viewing.linking import Links, Scrolling

TENTH = Timing(rate=10.0, frame_time=100.0)


class Disk:
    """Gives pictures at once, or when a test says so."""

    def __init__(self):
        self.slow = False
        self.dropped = 0
        self.waiting = []
        self.prepared = []

    def holds(self, _):
        return not self.slow

    def request(self, wanted, _, done, __):
        if self.slow:
            self.waiting.append((wanted, done))
        else:
            done(picture(wanted))

    def prepare(self, wanted, masking):
        self.prepared.append((wanted, masking))

    def planes(self, *_):
        pass

    def come(self):
        waiting, self.waiting = self.waiting, []
        for wanted, done in waiting:
            done(picture(wanted))


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def desk(disk):
    made = Desk(disk, capacity=lambda: False)
    made.link(replace(Links(), scroll=Scrolling.OFF))
    return made


def film_of(desk, counts, timing=TENTH):
    """Hang stacks of so many images and return the schedules of all."""
    desk.arrange(1, len(counts))
    for number, count in enumerate(counts):
        desk.hang(number, hung(count, series(f"1.{number}"), 100 * number + 1))
    return {number: schedule(timing, count) for number, count in enumerate(counts)}


def indices(desk):
    return [pane.index for pane in desk.panes]


def test_bir_B27_a_film_plays_by_the_clock_from_the_frame_that_is_seen(desk):
    plans = film_of(desk, [10])
    desk.go_to(0, 4)
    film = Film(desk, plans, 100.0, frame=5)
    seen = []
    for now in (100.0, 100.05, 100.11, 100.21, 100.51, 100.61):
        assert film.tick(now)
        seen.append(desk.pane.index)
    assert seen == [4, 4, 5, 6, 9, 0]
    assert film.skipped == 2


def test_c32_a_frame_that_is_read_too_late_is_counted_and_the_film_never_slows_down(desk, disk):
    film = Film(desk, film_of(desk, [10]), 0.0, frame=1)
    film.tick(0.0)
    disk.slow = True
    film.tick(0.11)  # frame 2 is asked for
    assert (desk.pane.index, desk.pane.loading, film.behind) == (1, True, False)
    film.tick(0.35)  # frame 4 is due, and nothing came
    assert (desk.pane.index, film.behind, film.skipped) == (1, True, 0)
    disk.come()
    film.tick(0.36)  # frame 2 was shown at last; 4 is asked for
    assert (desk.pane.index, film.behind) == (3, False)
    disk.come()
    film.tick(0.39)
    assert film.skipped == 1  # frame 3


def test_the_frames_that_come_next_are_made_ready_and_after_the_last_the_first(desk, disk):
    film = Film(desk, film_of(desk, [6]), 0.0, frame=1)
    film.tick(0.41)
    assert [wanted for wanted, _ in disk.prepared] == [key(6), key(1), key(2), key(3)][:AHEAD]


def test_a_film_that_is_late_reads_on_all_the_same(desk, disk):
    """Else each frame would be asked for when it is due, and no decoder would ever get ahead."""
    film = Film(desk, film_of(desk, [10]), 100.0)
    film.tick(100.0)
    disk.slow = True
    disk.prepared.clear()
    film.tick(100.11)
    assert desk.pane.loading
    assert [wanted for wanted, _ in disk.prepared] == [key(number) for number in range(3, 3 + AHEAD)]


def test_a_reader_who_goes_elsewhere_takes_the_film_along(desk):
    film = Film(desk, film_of(desk, [10]), 0.0, frame=1)
    film.tick(0.11)
    desk.go_to(0, 7)
    film.tick(0.15)
    film.tick(0.26)
    assert desk.pane.index == 8
    assert film.skipped == 0


def test_a_film_ends_when_its_stack_is_put_away(desk):
    film = Film(desk, film_of(desk, [10]), 0.0, frame=1)
    desk.hang(0, hung(3, series("1.9"), 300))
    assert not film.tick(0.5)


def test_c32_once_ends_at_the_last_frame_which_is_seen(desk):
    film_of(desk, [4])
    film = Film(desk, {0: schedule(TENTH, 4, Wish(mode="once"))}, 0.0, frame=1)
    assert [film.tick(now) for now in (0.1, 0.29, 0.31)] == [True, True, False]
    assert desk.pane.index == 3


def test_stopping_goes_to_the_first_frame_between_the_trims(desk):
    film_of(desk, [9])
    film = Film(desk, {0: schedule(TENTH, 9, Wish(first=3))}, 0.0, frame=5)
    film.tick(0.0)
    film.to_first()
    assert desk.pane.index == 2


def test_films_in_step_start_together_and_the_shorter_one_waits_for_the_longer(desk):
    film_of(desk, [6, 4])
    for number in (0, 1):
        desk.panes[number] = with_timing(desk.panes[number], TENTH)
    panes = dict(enumerate(desk.panes))
    film = Film(desk, plans_in_step(panes, 0, Wish()), 0.0)
    seen = []
    for now in (0.0, 0.11, 0.31, 0.41, 0.51, 0.61):
        film.tick(now)
        seen.append(tuple(indices(desk)))
    assert seen == [(0, 0), (1, 1), (3, 3), (4, 3), (5, 3), (0, 0)]
    assert film.numbers == (0, 1)


def test_time_passes_equally_fast_in_films_of_different_rates(desk):
    """One was acquired at 20, the other at 10 images a second; the first wants to be seen at 10."""
    film_of(desk, [8, 4])
    desk.panes[0] = with_timing(desk.panes[0], Timing(rate=10.0, frame_time=50.0))
    desk.panes[1] = with_timing(desk.panes[1], Timing(rate=10.0, frame_time=100.0))
    plans = plans_in_step(dict(enumerate(desk.panes)), 0, Wish())
    assert (plans[0].rate, plans[1].rate) == (10.0, 5.0)
    assert plans[0].cycle == plans[1].cycle == pytest.approx(800.0)
    faster = plans_in_step(dict(enumerate(desk.panes)), 0, Wish(factor=2.0))
    assert (faster[0].rate, faster[1].rate) == (20.0, 10.0)


def test_a_stack_of_single_images_plays_too_at_an_assumed_rate(desk):
    film_of(desk, [5])
    assert timing_of(desk.pane) == Timing()
    assert plan_of(desk.pane, Wish()).assumed


def with_timing(pane, timing):
    """Return a pane whose stack is one film with a timing."""
    film = replace(pane.hung, stack=replace(pane.hung.stack, kind=StackKind.MULTIFRAME))
    image = replace(pane.state.image, timing=timing)
    return replace(pane, hung=film, state=replace(pane.state, image=image))


def test_c32_a_frame_that_came_due_since_the_last_look_is_shown_at_once(desk):
    film = Film(desk, film_of(desk, [10]), 0.0, frame=1)
    film.tick(0.0999)
    assert film.wait(0.0999) == pytest.approx(0.0001, abs=1e-6)
    assert film.wait(0.1001) == 0  # and not 0.0999: then frame 2 would never be seen
    film.tick(0.1001)
    assert film.wait(0.1001) == pytest.approx(0.0999)
    assert (desk.panes[0].index, film.skipped) == (1, 0)
