"""Which frame at which time (PS3.3 C.7.6.5): the clock decides, late frames are skipped and counted."""

import itertools
import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from viewer.dicom.image import Timing

DEFAULT_RATE = 15.0  # frames per second where the header is silent; the reader is told that it is assumed
RATE_SPAN = 1.0  # seconds over which the actual rate is counted
ROUNDING = 1e-6  # ms: times in a header are whole microseconds at best, and a clock's sums are not exact


@dataclass(frozen=True, slots=True)
class Schedule:
    """When each frame between the trims is shown, once through."""

    first: int  # frame number, from 1
    starts: tuple[float, ...]  # ms from the start, one per frame, the first 0, never falling
    length: float  # ms until the first frame is shown again in a loop, > 0
    sweep: bool = False  # forwards and backwards in turn
    once: bool = False  # stops at the last frame
    together: float = 0.0  # ms that a cycle lasts at least: of the longest film that is played in step
    rate: float = DEFAULT_RATE  # frames per second, the mean
    assumed: bool = False  # the header gives no rate: DEFAULT_RATE
    source: str = ""  # the attribute, or whose wish, that decided the rate

    @property
    def last(self) -> int:
        """Return the last frame number."""
        return self.first + len(self.starts) - 1

    @property
    def own_cycle(self) -> float:
        """Return the ms after which the first frame comes again by itself."""
        return 2 * self.starts[-1] if self.sweep and self.starts[-1] > 0 else self.length

    @property
    def cycle(self) -> float:
        """Return the ms after which everything repeats: a shorter film waits for those in step with it."""
        return max(self.own_cycle, self.together)

    @property
    def steps(self) -> int:
        """Return the number of changes of the frame in one cycle."""
        count = len(self.starts)
        return 2 * (count - 1) if self.sweep and count > 1 else count

    def start_of(self, frame: int) -> float:
        """Return the ms at which a frame is first shown; frames outside the trims mean the nearest."""
        return self.starts[min(max(frame - self.first, 0), len(self.starts) - 1)]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the clock says: the frame, how many changes led to it, and when the next one is due."""

    frame: int  # number, from 1
    changes: int  # since the start: the difference between two readings tells what was skipped
    until_next: float  # ms; infinite after the last frame of a film that is played once
    ended: bool = False  # nothing comes any more


@dataclass(frozen=True, slots=True)
class Wish:
    """How a reader wants a stack to be played; None: as its header says."""

    factor: float | None = None  # of the usual rate
    mode: str | None = None  # "loop", "sweep" or "once"
    first: int | None = None  # frame number, from 1
    last: int | None = None  # inclusive


def usual_rate(timing: Timing, count: int) -> tuple[float, bool]:
    """Return the frames per second that the header of `count` frames wants, and whether they are assumed."""
    acquired = acquired_rate(timing, count)
    usual = _usable(timing.rate) or acquired
    return (usual, False) if usual else (DEFAULT_RATE, True)


def acquired_rate(timing: Timing, count: int) -> float | None:
    """Return the frames per second at which frames were acquired, the mean; None when nothing tells."""
    times = _vector(timing, count, 1, count)
    if times:
        return 1000 * (count - 1) / times[-1]
    return 1000 / timing.frame_time if _usable(timing.frame_time) and timing.frame_time else None


def acquired_at(timing: Timing, count: int, frame: int) -> float | None:
    """Return T(n), the ms from Content Time to a frame (PS3.3 C.7.6.5); None when nothing tells.

    T(n) = Frame Delay + the sum of the Frame Time Vector up to n, or + Frame Time * (n - 1).
    """
    times = _vector(timing, count, 1, count)
    if times:
        return timing.delay + times[frame - 1]
    return (
        timing.delay + timing.frame_time * (frame - 1)
        if _usable(timing.frame_time) and timing.frame_time
        else None
    )


def schedule(timing: Timing, count: int, wish: Wish = Wish()) -> Schedule:
    """Return when each of `count` frames is shown; what is not wished for comes from the header.

    A Frame Time Vector keeps its rhythm, also at another rate. Trims are frame numbers, inclusive; out of
    order or range they mean the nearest sense.
    """
    low = min(max(timing.first if wish.first is None else wish.first, 1), max(count, 1))
    wanted = timing.last if wish.last is None else wish.last
    high = max(low, min(count if wanted is None else wanted, max(count, 1)))
    starts = _vector(timing, count, low, high)
    usual, assumed = usual_rate(timing, count)
    factor = _usable(wish.factor) or 1.0
    rate = usual * factor
    if starts:  # what was acquired within 1 s takes acquired / rate seconds
        stretch = (acquired_rate(timing, count) or rate) / rate
        starts = tuple(start * stretch for start in starts)
    else:
        starts = tuple(1000 * index / rate for index in range(high - low + 1))
    return Schedule(
        low,
        starts,
        starts[-1] + 1000 / rate,
        timing.sweep if wish.mode is None else wish.mode == "sweep",
        wish.mode == "once",
        rate=rate,
        assumed=assumed and factor == 1,
        source=timing.source if factor == 1 else "chosen",
    )


def in_step(plans: Sequence[Schedule]) -> list[Schedule]:
    """Return schedules whose cycles begin together: the shorter films wait at their ends."""
    longest = max((plan.own_cycle for plan in plans), default=0.0)
    return [replace(plan, together=longest) for plan in plans]


def frame_at(plan: Schedule, elapsed: float) -> Shown:
    """Return what is shown `elapsed` ms after the first frame was; a pure function of the two."""
    elapsed = max(elapsed, 0.0) + ROUNDING
    if plan.once:
        return _once_at(plan, elapsed)
    cycles, within = divmod(elapsed, plan.cycle)
    changes = int(cycles) * plan.steps
    if plan.sweep and within >= plan.own_cycle:  # back at the first frame, where it waits for the others
        return Shown(plan.first, changes + plan.steps, plan.cycle - within + _next_start(plan, 0))
    if plan.sweep and within > plan.starts[-1] > 0:
        back = plan.own_cycle - within  # the way back is the way there in a mirror
        index = bisect_left(plan.starts, back)
        changes += plan.steps - index
        due = back - plan.starts[index - 1]
    else:
        index = bisect_right(plan.starts, within) - 1
        changes += index
        due = _next_start(plan, index) - within
    return Shown(plan.first + index, changes, max(due, 0.0))


def _once_at(plan: Schedule, elapsed: float) -> Shown:
    index = bisect_right(plan.starts, elapsed) - 1
    if index + 1 == len(plan.starts):
        return Shown(plan.last, index, math.inf, ended=True)
    return Shown(plan.first + index, index, plan.starts[index + 1] - elapsed)


def _next_start(plan: Schedule, index: int) -> float:
    """Return the ms at which the frame after `index` is shown on the way forwards."""
    if index + 1 < len(plan.starts):
        return plan.starts[index + 1]
    if plan.sweep and index > 0:
        return plan.own_cycle - plan.starts[index - 1]
    return plan.cycle


def _vector(timing: Timing, count: int, low: int, high: int) -> tuple[float, ...]:
    """Return the header's own times from frame `low` to `high`, empty when they are none or make no sense."""
    times = timing.frame_times[low - 1 : high]
    if len(timing.frame_times) != count or not all(math.isfinite(time) for time in times):
        return ()
    rising = all(before <= after for before, after in itertools.pairwise(times))
    if not rising or times[-1] <= times[0]:
        return ()
    return tuple(time - times[0] for time in times)


def _usable(rate: float | None) -> float | None:
    """Return a rate that a clock can keep, else None."""
    return rate if rate is not None and math.isfinite(rate) and rate > 0 else None


class Cine:
    """A clock that plays a schedule. `now` is in seconds, of any clock that never goes back."""

    def __init__(self, plan: Schedule) -> None:
        self.plan = plan
        self.skipped = 0  # frames that were due and were not asked for in time
        self._began: float | None = None  # the `now` at which frame `plan.first` would have been shown
        self._changes = 0
        self._frame = plan.first
        self._shown: deque[float] = deque()

    @property
    def running(self) -> bool:
        """Tell whether the clock runs."""
        return self._began is not None

    def start(self, now: float, frame: int | None = None) -> None:
        """Play from `frame`, or from where it stopped."""
        began = now - self.plan.start_of(self._frame if frame is None else frame) / 1000
        shown = frame_at(self.plan, (now - began) * 1000)
        self._began, self._changes, self._frame = began, shown.changes, shown.frame
        self.skipped = 0
        self._shown = deque([now])

    def seek(self, now: float, frame: int) -> None:
        """Go on from another frame; what was skipped stays counted."""
        skipped, shown = self.skipped, self._shown
        self.start(now, frame)
        self.skipped, self._shown = skipped, shown

    def stop(self) -> None:
        """Stop at the frame that was asked for last."""
        self._began = None

    def change(self, plan: Schedule, now: float) -> None:
        """Go on from the same frame by another schedule."""
        self.plan = plan
        self._frame = min(max(self._frame, plan.first), plan.last)
        if self.running:
            self.seek(now, self._frame)

    def due(self, now: float) -> Shown:
        """Return what is to be shown now."""
        if self._began is None:
            return Shown(self._frame, self._changes, math.inf, ended=True)
        return frame_at(self.plan, (now - self._began) * 1000)

    def is_due(self, now: float) -> bool:
        """Tell whether a frame is due that is not shown yet."""
        return self.due(now).changes != self._changes

    def show(self, shown: Shown, now: float) -> None:
        """Take note that a frame that was due is shown, and count those before it that never were."""
        if shown.changes != self._changes:
            self.skipped += max(shown.changes - self._changes - 1, 0)
            self._shown.append(now)
        self._changes, self._frame = shown.changes, shown.frame

    def at(self, now: float) -> int:
        """Return the frame number to show now, and count those that were missed since the last call."""
        shown = self.due(now)
        self.show(shown, now)
        return shown.frame

    def until_next(self, now: float) -> float:
        """Return the seconds until the next frame is due; infinite when the clock stands."""
        return self.due(now).until_next / 1000

    def actual_rate(self, now: float) -> float:
        """Return the frames per second that were really asked for during the last second."""
        while self._shown and self._shown[0] <= now - RATE_SPAN:
            self._shown.popleft()
        return len(self._shown) / RATE_SPAN
