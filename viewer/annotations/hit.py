"""Which annotation, and which handle of it, is under a point of the screen."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation, Point

TOLERANCE = 8.0  # logical pixels: what a hand hits without aiming; times the pixel ratio


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found under a point."""

    annotation: Annotation
    handle: int | None = None  # None: the annotation itself


def find(
    annotations: Iterable[Annotation],
    to_screen: Callable[[float, float], Point],
    at: Point,
    tolerance: float = TOLERANCE,
) -> Hit | None:
    """Return what lies within `tolerance` of screen point `at`, both in device pixels.

    The nearest handle wins over any line; among equals the one drawn last, which is seen on top.
    """
    handles: list[tuple[float, Hit]] = []
    lines: list[tuple[float, Hit]] = []
    for annotation in reversed(tuple(annotations)):
        row = KINDS[annotation.kind]
        for number, point in enumerate(row.handles(annotation.points)):
            handles.append((math.dist(to_screen(*point), at), Hit(annotation, number)))
        for line in row.outline(annotation.points):
            seen = [to_screen(*point) for point in line]
            lines.append((_distance_to_line(at, seen), Hit(annotation)))
    for found in (handles, lines):
        near = [entry for entry in found if entry[0] <= tolerance]
        if near:
            return min(near, key=lambda entry: entry[0])[1]
    return None


def _distance_to_line(at: Point, line: list[Point]) -> float:
    if len(line) == 1:
        return math.dist(line[0], at)
    return min((_distance_to_segment(at, start, end) for start, end in pairwise(line)), default=math.inf)


def _distance_to_segment(at: Point, start: Point, end: Point) -> float:
    across, down = end[0] - start[0], end[1] - start[1]
    squared = across * across + down * down
    if squared == 0:
        return math.dist(at, start)
    along = ((at[0] - start[0]) * across + (at[1] - start[1]) * down) / squared
    along = min(max(along, 0.0), 1.0)
    return math.dist(at, (start[0] + along * across, start[1] + along * down))
