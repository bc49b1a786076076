"""For how long which parts of which frames were in sight, in full quality. Pure: times are handed in.

A frame counts as seen when each of its 16 parts was in sight for `DWELL` seconds, all showings added up.
So an image that is fitted into its viewport is seen at a glance; one that is enlarged is seen when the reader
has moved over all of it; one that flies past while somebody drags to the end of a stack is not; and of a film
each frame is after the second or third loop, if it was not left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from viewer.dicom.records import FrameKey
from viewer.viewing.viewport import ViewportState

DWELL = 0.05  # seconds in sight: 20 images a second are the fastest at which people still read a stack
SIDE = 4  # parts along each side
PARTS = SIDE * SIDE
WHOLE = (1 << PARTS) - 1
EDGE = (
    0.12  # of a part that may be out of sight: 3 % of the image, as viewing.hidden does not speak of either
)
LEAST = 128  # device pixels of the longer side; below it is a thumbnail
FORGOTTEN = 4096  # frames that were begun and not ended
LONGEST = 60.0  # seconds of one showing that count: who moves nothing for longer looks elsewhere


def parts_in_sight(state: ViewportState) -> int:
    """Return a bit for each part of the image (row by row) that is in the viewport; 0 for a thumbnail."""
    image = state.image
    if image is None:
        return 0
    x0, y0 = state.to_image(0, 0)
    x1, y1 = state.to_image(state.width, state.height)  # turns are by right angles
    zoom = state.shown_zoom
    if max(image.columns, image.rows * image.pixel_aspect) * zoom < LEAST:
        return 0
    across = _shown(min(x0, x1) / image.columns, max(x0, x1) / image.columns)
    down = _shown(min(y0, y1) / image.rows, max(y0, y1) / image.rows)
    return sum(across << (SIDE * row) for row in range(SIDE) if down >> row & 1)


def _shown(low: float, high: float) -> int:
    """Return a bit for each of the parts of 0..1 that lies within low..high."""
    return sum(
        1 << part for part in range(SIDE) if low * SIDE <= part + EDGE and high * SIDE >= part + 1 - EDGE
    )


@dataclass(slots=True)
class _Sight:
    """What one viewport shows since when."""

    frame: FrameKey
    parts: int
    since: float


@dataclass(slots=True)
class Attention:
    """Adds up the time of each frame that is not seen yet."""

    _sights: dict[int, _Sight] = field(default_factory=dict)
    _times: dict[FrameKey, list[float]] = field(default_factory=dict)  # seconds of each part

    def painted(self, number: int, frame: FrameKey | None, parts: int, at: float) -> FrameKey | None:
        """Take what viewport `number` shows from now on (None: nothing to be counted).

        Return the frame that was there until now if it is seen by now.
        """
        seen = self._passed(number, at)
        if frame is None or not parts:
            self._sights.pop(number, None)
        else:
            self._sights[number] = _Sight(frame, parts, at)
        return seen

    def passed(self, at: float) -> list[FrameKey]:
        """Return the frames in sight that are seen by now."""
        found = [self._passed(number, at) for number in tuple(self._sights)]
        return [frame for frame in found if frame is not None]

    def left(self, at: float) -> list[FrameKey]:
        """Take that nothing is in sight any more; return what is seen by now."""
        found = self.passed(at)
        self._sights.clear()
        return found

    def forget(self) -> None:
        """Begin anew: what was looked at is closed."""
        self._sights.clear()
        self._times.clear()

    def _passed(self, number: int, at: float) -> FrameKey | None:
        sight = self._sights.get(number)
        if sight is None:
            return None
        times = self._times.setdefault(sight.frame, [0.0] * PARTS)
        more, sight.since = at - sight.since, at
        for part in range(PARTS):
            if sight.parts >> part & 1:
                times[part] += more
        if min(times) < DWELL:
            if len(self._times) > FORGOTTEN:
                del self._times[next(iter(self._times))]
            return None
        del self._times[sight.frame]
        return sight.frame


@dataclass(slots=True)
class Stopwatch:
    """For how long each frame was in sight in full quality, all showings added up; also after it was seen."""

    _sights: dict[int, tuple[FrameKey, float]] = field(default_factory=dict)
    _times: dict[FrameKey, float] = field(default_factory=dict)  # seconds

    def painted(self, number: int, frame: FrameKey | None, at: float) -> None:
        """Take what viewport `number` shows from now on (None: nothing to be counted)."""
        before = self._sights.pop(number, None)
        if before is not None:
            self._times[before[0]] = self._times.get(before[0], 0.0) + min(at - before[1], LONGEST)
        if frame is not None:
            self._sights[number] = frame, at

    def left(self, at: float) -> None:
        """Take that nothing is in sight any more."""
        for number in tuple(self._sights):
            self.painted(number, None, at)

    def seconds(self, frames: Iterable[FrameKey], at: float) -> float:
        """Return for how long frames were in sight until now, those that still are among them."""
        wanted = frozenset(frames)
        now = sum(min(at - since, LONGEST) for frame, since in self._sights.values() if frame in wanted)
        return now + sum(self._times.get(frame, 0.0) for frame in wanted)

    def forget(self) -> None:
        """Begin anew: what was looked at is closed."""
        self._sights.clear()
        self._times.clear()


def in_time(seconds: float) -> str:
    """Return a time as one says it: "8 s", "2 min 5 s"."""
    if seconds < 1:
        return "less than a second"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
