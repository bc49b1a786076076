"""The curves of other programs' graphics as lines through points (PS3.3 C.10.5.1.2)."""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from viewer.annotations.shapes import Point, exact

Points = tuple[Point, ...]

STEPS = 64  # of a full turn: off by 0.1 % of the radius
SPLINE_STEPS = 8  # between two points of a curve
LONGEST = 8_000  # points of one outline: Graphic Data hold 8,191 in the 16-bit length of an explicit VR

ELLIPSE_POINTS = 4
CIRCLE_POINTS = 2


def polyline(points: Sequence[Point]) -> Points:
    """Return the points themselves, evenly thinned where they are too many to be written again."""
    if len(points) > LONGEST:
        step = -(-len(points) // (LONGEST - 1))
        points = [*points[:-1:step], points[-1]]
    return tuple(exact(x, y) for x, y in points)


def circle(points: Sequence[Point]) -> Points:
    """Return a closed line around the first point through the second. Raises ValueError for others."""
    if len(points) != CIRCLE_POINTS:
        raise ValueError("a circle has 2 points")
    (x, y), edge = points
    radius = math.dist((x, y), edge)
    return _around((x, y), (radius, 0.0), (0.0, radius))


def ellipse(points: Sequence[Point]) -> Points:
    """Return a closed line: the ends of the major axis, then of the minor. Raises ValueError for others."""
    if len(points) != ELLIPSE_POINTS:
        raise ValueError("an ellipse has 4 points")
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points
    center = ((x0 + x1) / 2, (y0 + y1) / 2)
    return _around(center, ((x1 - x0) / 2, (y1 - y0) / 2), ((x3 - x2) / 2, (y3 - y2) / 2))


def interpolated(points: Sequence[Point]) -> Points:
    """Return a Catmull-Rom curve through all points; the standard leaves the kind of curve open."""
    found: list[Point] = []
    for index in range(len(points) - 1):
        before = points[max(index - 1, 0)]
        after = points[min(index + 2, len(points) - 1)]
        control = (before, points[index], points[index + 1], after)
        found += [_between(control, step / SPLINE_STEPS) for step in range(SPLINE_STEPS)]
    return polyline([*found, *points[-1:]])


CURVES: Mapping[str, Callable[[Sequence[Point]], Points]] = MappingProxyType(
    {
        "POINT": polyline,
        "POLYLINE": polyline,
        "INTERPOLATED": interpolated,
        "CIRCLE": circle,
        "ELLIPSE": ellipse,
    }
)


def _around(center: Point, first: Point, second: Point) -> Points:
    points = []
    for step in range(STEPS):
        turn = 2 * math.pi * step / STEPS
        along, across = math.cos(turn), math.sin(turn)
        x = center[0] + first[0] * along + second[0] * across
        points.append(exact(x, center[1] + first[1] * along + second[1] * across))
    return (*points, points[0])


def _between(control: Sequence[Point], part: float) -> Point:
    """Return the point at `part` 0..1 of the way from the second to the third control point."""
    weights = (
        (-part + 2 * part**2 - part**3) / 2,
        (2 - 5 * part**2 + 3 * part**3) / 2,
        (part + 4 * part**2 - 3 * part**3) / 2,
        (part**3 - part**2) / 2,
    )
    x = sum(weight * point[0] for weight, point in zip(weights, control, strict=True))
    y = sum(weight * point[1] for weight, point in zip(weights, control, strict=True))
    return x, y
