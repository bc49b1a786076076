"""Stacks that are played: which pane shows which frame at which time, several of them in step. No Qt."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from viewer.dicom.image import Timing
from viewer.dicom.stacks import StackKind
from viewer.viewing.cine import Cine, Schedule, Shown, Wish, acquired_rate, in_step, schedule, usual_rate
from viewer.viewing.desk import Desk
from viewer.viewing.pane import Hung, Pane

AHEAD = 4  # frames that are made ready before they are due: as many as two decoders take in turns, twice
LATE_WAIT = 0.004  # seconds between looks for a frame that is late


def timing_of(pane: Pane) -> Timing:
    """Return the timing that the header of what hangs in a pane gives; nothing for single images."""
    if pane.hung is None or pane.hung.stack.kind is not StackKind.MULTIFRAME:
        return Timing()
    image = pane.state.image
    return image.timing if image is not None else Timing()


def plan_of(pane: Pane, wish: Wish) -> Schedule:
    """Return when the images of a pane are shown."""
    return schedule(timing_of(pane), max(pane.count, 1), wish)


def plans_in_step(panes: Mapping[int, Pane], leader: int, wish: Wish) -> dict[int, Schedule]:
    """Return the schedules of panes whose cycles begin together, by the wishes for one of them.

    Time passes equally fast in all of them: one that says when its frames were acquired plays at the
    leader's speed, others at their own rate by the leader's factor. Trims of the reader are the leader's.
    """
    factor = wish.factor or 1.0
    lead = timing_of(panes[leader])
    pace = _pace(lead, panes[leader].count)
    plans = []
    for number, pane in panes.items():
        own = _pace(timing_of(pane), pane.count)
        equal = factor * pace / own if pace is not None and own is not None else factor
        trims = wish if number == leader else replace(wish, first=None, last=None)
        plans.append(plan_of(pane, replace(trims, factor=equal)))
    return dict(zip(panes, in_step(plans), strict=True))


def _pace(timing: Timing, count: int) -> float | None:
    """Return how many seconds of the acquisition pass in one of the usual display; None when unknown."""
    acquired = acquired_rate(timing, count)
    return None if acquired is None else usual_rate(timing, count)[0] / acquired


@dataclass(slots=True)
class _Track:
    hung: Hung
    cine: Cine
    index: int  # that was asked for last, 0-based
    awaited: Shown | None = None  # asked for, and not there yet
    late: bool = False  # that frame was read when it was due


class Film:
    """What is played, from its start to its stop."""

    def __init__(
        self, desk: Desk, plans: Mapping[int, Schedule], now: float, frame: int | None = None
    ) -> None:
        """Play panes of a desk by their schedules; from `frame` on, or all from their first."""
        self._desk = desk
        self._tracks: dict[int, _Track] = {}
        for number, plan in plans.items():
            pane = desk.panes[number]
            if pane.hung is not None:
                cine = Cine(plan)
                cine.start(now, plan.first if frame is None else frame)
                self._tracks[number] = _Track(pane.hung, cine, pane.index)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the panes that are played."""
        return tuple(self._tracks)

    @property
    def skipped(self) -> int:
        """Return how many frames came too late and were left out."""
        return sum(track.cine.skipped for track in self._tracks.values())

    @property
    def behind(self) -> bool:
        """Tell whether reading cannot keep pace: the frame that is due is not there yet."""
        return any(track.late for track in self._tracks.values())

    def actual_rate(self, number: int, now: float) -> float:
        """Return the frames per second that a pane really showed during the last second; 0 if not played."""
        track = self._tracks.get(number)
        return track.cine.actual_rate(now) if track is not None else 0.0

    def change(self, plans: Mapping[int, Schedule], now: float) -> None:
        """Go on from the same frames by other schedules."""
        for number, plan in plans.items():
            if number in self._tracks:
                self._tracks[number].cine.change(plan, now)

    def tick(self, now: float) -> bool:
        """Show what is due; tell whether there is anything left to be played."""
        for number, track in list(self._tracks.items()):
            pane = self._desk.panes[number] if number < len(self._desk.panes) else Pane()
            if pane.hung is None or pane.hung.keys != track.hung.keys or pane.key is None:
                del self._tracks[number]
            else:
                self._play(number, track, pane, now)
        return any(not track.cine.due(now).ended or track.awaited for track in self._tracks.values())

    def _play(self, number: int, track: _Track, pane: Pane, now: float) -> None:
        if pane.index != track.index and len(self._tracks) == 1:  # the reader went elsewhere: go on there
            track.cine.seek(now, pane.index + 1)
            track.index, track.awaited = pane.index, None
        if pane.loading:
            track.late = track.awaited is not None and track.cine.due(now).changes != track.awaited.changes
            return
        if track.awaited is not None:
            track.cine.show(track.awaited, now)
            track.awaited = None
        track.late = False
        shown = track.cine.due(now)
        if shown.frame - 1 != pane.index:
            self._desk.go_to(number, shown.frame - 1)
            track.index = self._desk.panes[number].index  # with tiles, not every one reaches both ends
            self._desk.read_on(number, _upcoming(track.cine.plan, shown.frame))  # also when it is late itself
            if self._desk.panes[number].loading:
                track.awaited = shown
                return
        track.cine.show(shown, now)

    def wait(self, now: float) -> float:
        """Return the seconds until there is something to be done."""
        waits = (self._wait(number, track, now) for number, track in self._tracks.items())
        return min(waits, default=math.inf)

    def _wait(self, number: int, track: _Track, now: float) -> float:
        until_next = track.cine.until_next(now)
        if track.awaited is not None or self._desk.panes[number].loading:
            return min(until_next, LATE_WAIT)
        return 0.0 if track.cine.is_due(now) else until_next  # it came due since the last look

    def to_first(self) -> None:
        """Show the first frame between the trims in every pane that was played."""
        for number, track in self._tracks.items():
            hung = self._desk.panes[number].hung if number < len(self._desk.panes) else None
            if hung is not None and hung.keys == track.hung.keys:
                self._desk.go_to(number, track.cine.plan.first - 1)


def _upcoming(plan: Schedule, frame: int) -> tuple[int, ...]:
    """Return the 0-based indices of the frames that come after one; beyond the end, from the beginning."""
    count = plan.last - plan.first + 1
    places = ((frame - plan.first + step) % count for step in range(1, min(AHEAD, count - 1) + 1))
    return tuple(plan.first - 1 + place for place in places)
