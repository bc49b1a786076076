"""Where a label stands on a picture: beside its shape, off lines and other labels. Numbers only, no Qt."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LEADER = 22.0  # logical pixels from the point that is named to its label
REACHES = (1.0, 2.5, 4.5)  # leaders: how far a label goes to be free
BESIDE = 4.0  # between the leader's end and the label
KEEP_OFF = 3.0  # the label stays at least this far from lines
DIRECTIONS = ((1, 0), (1, 1), (1, -1), (0, 1), (0, -1), (-1, 1), (-1, -1), (-1, 0))  # the first free one wins

Numbers = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, top, right, bottom
Place = tuple[float, float]

_ACROSS, _DOWN = (np.array([step[axis] for step in DIRECTIONS], np.float64) for axis in (0, 1))
_NOTHING: Numbers = np.empty((0, 4))


@dataclass(slots=True)
class Taken:
    """What stands on a picture already: `edges` are lines x0, y0, x1, y1; `places` are boxes of labels."""

    edges: Numbers = field(default_factory=_NOTHING.copy)
    places: list[Box] = field(default_factory=list)


def edges_of(points: Numbers) -> Numbers:
    """Return the lines (n - 1, 4) through points (n, 2)."""
    return np.hstack((points[:-1], points[1:])) if len(points) > 1 else _NOTHING


def free_place(starts: Numbers, size: Place, room: Box, taken: Taken) -> tuple[Place, Box]:
    """Return the point of `starts` (n, 2) that a label is led to, and where the label of `size` stands.

    That is in `room` and off everything, as near as it can be; where there is no such place off other labels,
    else at least in `room`.
    """
    second: tuple[Place, Box] | None = None
    boxes = np.array(taken.places or _NOTHING)
    for reach in REACHES:
        begins, places = _around(starts, size, reach * LEADER)
        inside = (places[:, :2] >= room[:2]).all(axis=1) & (places[:, 2:] <= room[2:]).all(axis=1)
        open_to = inside & ~_overlap(places, boxes)
        if not open_to.any():
            continue
        begins, places = begins[open_to], places[open_to]
        second = second or (_pair(begins[0]), _box(places[0]))
        found = np.flatnonzero(~_touched(places, _near(taken.edges, places)))
        if found.size:
            return _pair(begins[found[0]]), _box(places[found[0]])
    return second or (_pair(starts[0]), _inside(starts, size, room))


def _around(starts: Numbers, size: Place, reach: float) -> tuple[Numbers, Numbers]:
    """Return starts and boxes, in the order in which they are preferred."""
    leader = reach / np.hypot(_ACROSS, _DOWN)
    left = starts[:, :1] + _ACROSS * leader + size[0] / 2 * (_ACROSS - 1) + BESIDE * _ACROSS
    top = starts[:, 1:] + _DOWN * leader - size[1] / 2
    corners = np.stack((left, top, left + size[0], top + size[1]), axis=-1).reshape(-1, 4)
    return np.repeat(starts, len(DIRECTIONS), axis=0), corners


def _overlap(places: Numbers, boxes: Numbers) -> NDArray[np.bool_]:
    one, other = places[:, np.newaxis], boxes[np.newaxis]
    apart = (one[..., :2] >= other[..., 2:]) | (one[..., 2:] <= other[..., :2])
    return np.asarray((~apart.any(axis=-1)).any(axis=-1))


def _near(edges: Numbers, places: Numbers) -> Numbers:
    """Return the edges that could touch any of the places."""
    first, last = places[:, :2].min(axis=0) - KEEP_OFF, places[:, 2:].max(axis=0) + KEEP_OFF
    low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
    found: Numbers = edges[((high >= first) & (low <= last)).all(axis=1)]
    return found


def _touched(places: Numbers, edges: Numbers) -> NDArray[np.bool_]:
    """Tell for each place whether a line comes near it (Liang and Barsky's clipping)."""
    start, step = edges[:, :2], edges[:, 2:] - edges[:, :2]
    still = step == 0
    divisor = np.where(still, 1.0, step)
    near = places[:, np.newaxis, :2] - KEEP_OFF - start
    far = places[:, np.newaxis, 2:] + KEEP_OFF - start
    within = (near <= 0) & (far >= 0)
    enter = np.where(still, np.where(within, -np.inf, np.inf), np.minimum(near / divisor, far / divisor))
    leave = np.where(still, np.where(within, np.inf, -np.inf), np.maximum(near / divisor, far / divisor))
    crossed = np.maximum(enter.max(axis=-1), 0.0) <= np.minimum(leave.min(axis=-1), 1.0)
    found: NDArray[np.bool_] = crossed.any(axis=-1)
    return found


def _inside(starts: Numbers, size: Place, room: Box) -> Box:
    """Return the first place, moved into the room."""
    left, top, _, _ = _around(starts[:1], size, LEADER)[1][0]
    x = max(min(float(left), room[2] - size[0]), room[0])
    y = max(min(float(top), room[3] - size[1]), room[1])
    return x, y, x + size[0], y + size[1]


def _pair(point: Numbers) -> Place:
    return float(point[0]), float(point[1])


def _box(place: Numbers) -> Box:
    left, top, right, bottom = (float(value) for value in place)
    return left, top, right, bottom
