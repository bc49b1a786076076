"""Playing by a clock that tests hold in their hand: rates, trims, loops, sweeps, skipped frames."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.image import Timing
from viewer.viewing.cine import Cine, frame_at, schedule


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
    plan = schedule(Timing(frame_times=(0.0, 10.0, 60.0, 70.0)), 4, rate=2 * 3000 / 70)
    assert frames(plan, [0, 4.9, 5, 29.9, 30, 34.9, 35]) == [1, 1, 2, 2, 3, 3, 4]


def test_c32_sweeping_goes_there_and_back_without_showing_the_ends_twice():
    plan = schedule(Timing(rate=10.0, sweep=True), 4)
    assert frames(plan, [50 + 100 * step for step in range(9)]) == [1, 2, 3, 4, 3, 2, 1, 2, 3]


def test_sweeping_by_a_vector_is_its_mirror():
    plan = schedule(Timing(frame_times=(0.0, 10.0, 60.0)), 3, sweep=True)
    assert frames(plan, [0, 10, 59, 60, 109, 110, 111, 119, 120, 130]) == [1, 2, 2, 3, 3, 2, 2, 2, 1, 2]


def test_c32_trims_bound_what_is_played():
    plan = schedule(Timing(rate=10.0, first=3, last=5), 9)
    assert frames(plan, [0, 100, 200, 300]) == [3, 4, 5, 3]
    chosen = schedule(Timing(rate=10.0, first=3, last=5), 9, first=1, last=2)
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
    for sweep in (False, True):
        assert set(frames(schedule(Timing(), 1, sweep=sweep), range(0, 1000, 37))) == {1}


@given(
    st.integers(1, 30),
    st.floats(1, 120),
    st.booleans(),
    st.lists(st.floats(0, 1e5), min_size=2, max_size=20).map(sorted),
)
def test_changes_never_go_back_and_name_the_frame(count, rate, sweep, times):
    plan = schedule(Timing(rate=rate), count, sweep=sweep)
    readings = [frame_at(plan, time) for time in times]
    assert all(before.changes <= after.changes for before, after in itertools.pairwise(readings))
    for shown in readings:
        place = shown.changes % plan.steps
        assert shown.frame - 1 == (min(place, plan.steps - place) if sweep and count > 1 else place)


@given(st.integers(2, 12), st.floats(1, 120), st.booleans(), st.floats(0, 1e4))
def test_the_next_frame_comes_when_it_was_promised(count, rate, sweep, time):
    plan = schedule(Timing(rate=rate), count, sweep=sweep)
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
    cine.change(schedule(timing, 10, rate=1.0), 0.35)
    assert [cine.at(0.4), cine.at(1.3), cine.at(1.4)] == [4, 4, 5]
