"""Playing by a clock that tests hold in their hand: rates, trims, loops, sweeps, skipped frames."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.image import Timing
from viewer.viewing.cine import Cine, Wish, acquired_at, acquired_rate, frame_at, in_step, schedule


def frames(plan, times):
    return [frame_at(plan, time).frame for time in times]


def test_c32_a_constant_rate_shows_each_frame_for_its_time_and_loops():
    plan = schedule(Timing(rate=25.0, source="Frame Time (0018,1063)"), 3)
    assert frames(plan, [0, 39.9, 40, 79.9, 80, 119.9, 120, 160]) == [1, 1, 2, 2, 3, 3, 1, 2]
    assert not plan.assumed
    assert plan.source == "Frame Time (0018,1063)"


def test_a_silent_header_plays_at_fifteen_a_second_and_says_so():
    plan = schedule(Timing(), 4)
    assert (plan.rate, plan.assumed) == (15.0, True)
    assert frames(plan, [0, 66.6, 66.7]) == [1, 1, 2]


def test_c32_a_frame_time_vector_is_followed():
    plan = schedule(Timing(frame_times=(0.0, 10.0, 60.0, 70.0)), 4)
    assert frames(plan, [0, 9, 10, 59, 60, 69, 70, 93, 94]) == [
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
        1,
    ]  # 70 / 3 for the last
    assert not plan.assumed


def test_a_chosen_rate_keeps_the_rhythm_of_the_vector():
    plan = schedule(Timing(frame_times=(0.0, 10.0, 60.0, 70.0)), 4, Wish(factor=2.0))
    assert plan.rate == pytest.approx(2 * 3000 / 70)
    assert frames(plan, [0, 4.9, 5, 29.9, 30, 34.9, 35]) == [1, 1, 2, 2, 3, 3, 4]


def test_c32_sweeping_goes_there_and_back_without_showing_the_ends_twice():
    plan = schedule(Timing(rate=10.0, sweep=True), 4)
    assert frames(plan, [50 + 100 * step for step in range(9)]) == [1, 2, 3, 4, 3, 2, 1, 2, 3]


def test_sweeping_by_a_vector_is_its_mirror():
    plan = schedule(Timing(frame_times=(0.0, 10.0, 60.0)), 3, Wish(mode="sweep"))
    assert frames(plan, [0, 10, 59, 60, 109, 110, 111, 119, 120, 130]) == [1, 2, 2, 3, 3, 2, 2, 2, 1, 2]


def test_c32_trims_bound_what_is_played():
    plan = schedule(Timing(rate=10.0, first=3, last=5), 9)
    assert frames(plan, [0, 100, 200, 300]) == [3, 4, 5, 3]
    chosen = schedule(Timing(rate=10.0, first=3, last=5), 9, Wish(first=1, last=2))
    assert (chosen.first, chosen.last) == (1, 2)


@pytest.mark.parametrize(
    "timing",
    [
        Timing(rate=0.0),
        Timing(rate=math.nan),
        Timing(rate=-5.0),
        Timing(frame_times=(0.0, 1.0)),
        Timing(frame_times=(0.0, 5.0, 3.0, 9.0)),
        Timing(frame_times=(0.0, 0.0, 0.0, 0.0)),
        Timing(first=7, last=2),
    ],
)
def test_timing_that_makes_no_sense_falls_back_to_the_default(timing):
    plan = schedule(timing, 4)
    assert plan.assumed
    assert 1 <= plan.first <= plan.last <= 4
    assert frame_at(plan, 1e7).frame in range(plan.first, plan.last + 1)


def test_a_single_frame_stays():
    for mode in ("loop", "sweep", "once"):
        assert set(frames(schedule(Timing(), 1, Wish(mode=mode)), range(0, 1000, 37))) == {1}


@given(
    st.integers(1, 30),
    st.floats(1, 120),
    st.booleans(),
    st.lists(st.floats(0, 1e5), min_size=2, max_size=20).map(sorted),
)
def test_changes_never_go_back_and_name_the_frame(count, rate, sweep, times):
    plan = schedule(Timing(rate=rate), count, Wish(mode="sweep" if sweep else "loop"))
    readings = [frame_at(plan, time) for time in times]
    assert all(before.changes <= after.changes for before, after in itertools.pairwise(readings))
    for shown in readings:
        place = shown.changes % plan.steps
        assert shown.frame - 1 == (min(place, plan.steps - place) if sweep and count > 1 else place)


@given(st.integers(2, 12), st.floats(1, 120), st.booleans(), st.floats(0, 1e4))
def test_the_next_frame_comes_when_it_was_promised(count, rate, sweep, time):
    plan = schedule(Timing(rate=rate), count, Wish(mode="sweep" if sweep else "loop"))
    shown = frame_at(plan, time)
    assert frame_at(plan, time + shown.until_next + 1e-3).changes == shown.changes + 1


def test_c32_late_frames_are_skipped_and_counted_never_slowed_down():
    cine = Cine(schedule(Timing(rate=10.0), 20))
    cine.start(100.0)
    assert [cine.at(100.0 + time) for time in (0.0, 0.11, 0.21, 0.55, 0.56, 0.61)] == [1, 2, 3, 6, 6, 7]
    assert cine.skipped == 2  # frames 4 and 5
    assert cine.at(102.05) == 1  # two seconds are 20 frames, whatever happened in between
    assert cine.skipped == 2 + 13


def test_the_actual_rate_is_what_was_really_shown():
    cine = Cine(schedule(Timing(rate=30.0), 300))
    cine.start(0.0)
    for tick in range(1, 41):
        cine.at(tick * 0.1)  # a slow screen
    assert cine.actual_rate(4.0) == 10
    assert cine.skipped == 80


def test_playing_goes_on_where_it_stopped_and_starts_where_it_is_told():
    cine = Cine(schedule(Timing(rate=10.0), 10))
    cine.start(0.0, frame=7)
    assert [cine.at(time) for time in (0.0, 0.15)] == [7, 8]
    cine.stop()
    assert not cine.running
    assert cine.at(5.0) == 8
    assert cine.until_next(5.0) == math.inf
    cine.start(9.0)
    assert [cine.at(9.05), cine.at(9.15)] == [8, 9]
    assert cine.until_next(9.15) == pytest.approx(0.05, abs=1e-6)


def test_another_rate_goes_on_from_the_same_frame():
    timing = Timing(rate=10.0)
    cine = Cine(schedule(timing, 10))
    cine.start(0.0)
    assert cine.at(0.35) == 4
    cine.change(schedule(timing, 10, Wish(factor=0.1)), 0.35)
    assert [cine.at(0.4), cine.at(1.3), cine.at(1.4)] == [4, 4, 5]


# ------------------------------------------------------------------------------------- once, in step, times
def test_c32_once_ends_at_the_last_frame():
    plan = schedule(Timing(rate=10.0), 4, Wish(mode="once"))
    assert frames(plan, [0, 250, 299, 300, 1e6]) == [1, 3, 3, 4, 4]
    assert [frame_at(plan, time).ended for time in (299, 300, 1e6)] == [False, True, True]
    assert frame_at(plan, 1e6).until_next == math.inf


def test_c32_the_trims_of_the_reader_go_before_those_of_the_header_one_by_one():
    timing = Timing(rate=10.0, first=3, last=7)
    assert [(plan.first, plan.last) for plan in (
        schedule(timing, 9, Wish(first=5)), schedule(timing, 9, Wish(last=9)),
        schedule(timing, 9, Wish(first=8)), schedule(timing, 9, Wish(first=-4, last=99)),
    )] == [(5, 7), (3, 9), (8, 8), (1, 9)]  # fmt: skip


@pytest.mark.parametrize(
    ("timing", "rate", "assumed"),
    [
        (Timing(rate=12.0, frame_time=40.0), 12.0, False),
        (Timing(rate=25.0, frame_time=40.0), 25.0, False),
        (Timing(rate=6.0, frame_times=(0.0, 50.0, 300.0)), 6.0, False),
        (Timing(frame_times=(0.0, 50.0, 200.0)), 10.0, False),
        (Timing(), 15.0, True),
    ],
)
def test_c32_the_rate_of_the_header_goes_before_the_times_and_these_before_the_assumed_one(
    timing, rate, assumed
):
    plan = schedule(timing, 3)
    assert (plan.rate, plan.assumed) == (pytest.approx(rate), assumed)


def test_c32_a_recommended_rate_keeps_the_rhythm_of_the_vector():
    plan = schedule(Timing(rate=5.0, frame_times=(0.0, 50.0, 200.0)), 3)  # acquired at 10 a second
    assert plan.starts == pytest.approx((0.0, 100.0, 400.0))
    assert plan.length == pytest.approx(600.0)


def test_c32_a_trimmed_part_of_a_vector_plays_at_the_speed_of_the_whole():
    timing = Timing(frame_times=(0.0, 10.0, 20.0, 120.0, 220.0))
    plan = schedule(timing, 5, Wish(first=1, last=3))
    assert plan.starts == pytest.approx((0.0, 10.0, 20.0))


def test_a_chosen_speed_is_no_assumption_any_more():
    plan = schedule(Timing(), 4, Wish(factor=2.0))
    assert (plan.rate, plan.assumed, plan.source) == (30.0, False, "chosen")


@pytest.mark.parametrize(
    ("timing", "times"),
    [
        (Timing(frame_times=(0.0, 10.0, 30.5, 60.5)), [0.0, 10.0, 30.5, 60.5]),
        (Timing(frame_times=(0.0, 10.0, 30.5, 60.5), delay=100.0), [100.0, 110.0, 130.5, 160.5]),
        (Timing(rate=10.0, frame_time=40.0, delay=5.0), [5.0, 45.0, 85.0, 125.0]),
        (Timing(rate=10.0), [None] * 4),
        (Timing(frame_times=(0.0, 10.0)), [None] * 4),
    ],
)
def test_B22_the_time_of_a_frame_is_the_delay_and_the_increments_up_to_it(timing, times):
    assert [acquired_at(timing, 4, frame) for frame in range(1, 5)] == times


def test_B22_the_acquired_rate_is_the_mean_of_the_increments_whatever_the_display_rate():
    assert acquired_rate(Timing(rate=5.0, frame_times=(0.0, 10.0, 60.0)), 3) == pytest.approx(2000 / 60)
    assert acquired_rate(Timing(rate=5.0, frame_time=40.0), 3) == 25.0
    assert acquired_rate(Timing(rate=5.0), 3) is None


def test_films_in_step_begin_each_cycle_together_and_the_shorter_waits():
    long, short = in_step([schedule(Timing(rate=10.0), 5), schedule(Timing(rate=10.0), 3)])
    moments = [0, 100, 200, 300, 400, 500, 600, 999, 1000]
    assert frames(long, moments) == [1, 2, 3, 4, 5, 1, 2, 5, 1]
    assert frames(short, moments) == [1, 2, 3, 3, 3, 1, 2, 3, 1]
    changes = [frame_at(short, time).changes for time in moments]
    assert changes == [0, 1, 2, 2, 2, 3, 4, 5, 6]  # to wait is not to skip


def test_films_that_sweep_in_step_wait_at_their_first_frame():
    timing = Timing(rate=10.0, sweep=True)
    _, short = in_step([schedule(timing, 5), schedule(timing, 3)])  # cycles of 800 and 400 ms
    moments = [0, 100, 200, 300, 400, 500, 700, 800, 900]
    assert frames(short, moments) == [1, 2, 3, 2, 1, 1, 1, 1, 2]
    readings = [frame_at(short, time) for time in moments]
    assert [shown.changes for shown in readings] == [0, 1, 2, 3, 4, 4, 4, 4, 5]
    assert readings[5].until_next == pytest.approx(400, abs=0.01)


def test_a_frame_that_is_due_and_not_shown_counts_as_skipped_when_a_later_one_is():
    cine = Cine(schedule(Timing(rate=10.0), 20))
    cine.start(0.0)
    for time in (0.11, 0.21, 0.31):  # the disk is slow: nothing is shown
        assert cine.due(time).frame > 1
    assert cine.skipped == 0
    cine.show(cine.due(0.41), 0.41)
    assert cine.skipped == 3
