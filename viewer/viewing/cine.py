"""Which frame at which time (PS3.3 C.7.6.5): the clock decides, late frames are skipped and counted."""

import itertools
import math
from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass

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
    rate: float = DEFAULT_RATE  # frames per second, the mean
    assumed: bool = False  # the header gives no rate: DEFAULT_RATE
    source: str = ""  # the attribute, or whose wish, that decided the rate

    @property
    def last(self) -> int:
        """Return the last frame number."""
        return self.first + len(self.starts) - 1

    @property
    def cycle(self) -> float:
        """Return the ms after which everything repeats."""
        return 2 * self.starts[-1] if self.sweep and self.starts[-1] > 0 else self.length

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
    until_next: float  # ms


def schedule(
    timing: Timing,
    count: int,
    *,
    rate: float | None = None,
    first: int | None = None,
    last: int | None = None,
    sweep: bool | None = None,
) -> Schedule:
    """Return when each of `count` frames is shown; what is not given comes from the header.

    A Frame Time Vector keeps its rhythm, also at another `rate` (frames per second, the reader's wish).
    `first` and `last` are frame numbers, inclusive; out of order or range they mean the nearest sense.
    """
    low = min(max(timing.first if first is None else first, 1), max(count, 1))
    wanted = timing.last if last is None else last
    high = max(low, min(count if wanted is None else wanted, max(count, 1)))
    frames = high - low + 1
    starts = _vector(timing, count, low, high)
    usual = _usable(timing.rate)
    if starts:
        usual = 1000 * (frames - 1) / starts[-1]
    chosen = _usable(rate) or usual or DEFAULT_RATE
    if starts and usual:
        starts = tuple(start * usual / chosen for start in starts)
    else:
        starts = tuple(1000 * index / chosen for index in range(frames))
    return Schedule(
        low,
        starts,
        starts[-1] + 1000 / chosen,
        timing.sweep if sweep is None else sweep,
        chosen,
        assumed=not _usable(rate) and not usual,
        source="chosen" if _usable(rate) else timing.source,
    )


def frame_at(plan: Schedule, elapsed: float) -> Shown:
    """Return what is shown `elapsed` ms after the first frame was; a pure function of the two."""
    elapsed = max(elapsed, 0.0) + ROUNDING
    cycles, within = divmod(elapsed, plan.cycle)
    changes = int(cycles) * plan.steps
    if plan.sweep and within > plan.starts[-1] > 0:
        back = plan.cycle - within  # the way back is the way there in a mirror
        index = bisect_left(plan.starts, back)
        changes += plan.steps - index
        due = back - plan.starts[index - 1]
    else:
        index = bisect_right(plan.starts, within) - 1
        changes += index
        due = _next_start(plan, index) - within
    return Shown(plan.first + index, changes, max(due, 0.0))


def _next_start(plan: Schedule, index: int) -> float:
    """Return the ms at which the frame after `index` is shown on the way forwards."""
    if index + 1 < len(plan.starts):
        return plan.starts[index + 1]
    if plan.sweep and index > 0:
        return plan.cycle - plan.starts[index - 1]
    return plan.length


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

    def stop(self) -> None:
        """Stop at the frame that was asked for last."""
        self._began = None

    def change(self, plan: Schedule, now: float) -> None:
        """Go on from the same frame by another schedule."""
        self.plan = plan
        self._frame = min(max(self._frame, plan.first), plan.last)
        if self.running:
            skipped = self.skipped
            self.start(now)
            self.skipped = skipped

    def at(self, now: float) -> int:
        """Return the frame number to show now, and count those that were missed since the last call."""
        if self._began is None:
            return self._frame
        shown = frame_at(self.plan, (now - self._began) * 1000)
        if shown.changes != self._changes:
            self.skipped += max(shown.changes - self._changes - 1, 0)
            self._shown.append(now)
        self._changes, self._frame = shown.changes, shown.frame
        return shown.frame

    def until_next(self, now: float) -> float:
        """Return the seconds until the next frame is due; infinite when the clock stands."""
        if self._began is None:
            return math.inf
        return frame_at(self.plan, (now - self._began) * 1000).until_next / 1000

    def actual_rate(self, now: float) -> float:
        """Return the frames per second that were really asked for during the last second."""
        while self._shown and self._shown[0] <= now - RATE_SPAN:
            self._shown.popleft()
        return len(self._shown) / RATE_SPAN
