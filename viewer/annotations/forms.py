"""The geometry of each kind: the lines that are seen, and how its form is kept while it is held.

All in image coordinates, as the points are saved (PS3.3 C.10.5): a circle is a circle of pixels, and the
axes of an ellipse are at right angles in pixels. Where pixels are not square both are stretched on the
screen with the picture, and what is drawn is exactly what is counted and measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.annotations.shapes import Point

Points = tuple[Point, ...]
Lines = tuple[Points, ...]

FEWEST_STEPS = 64  # of a curve, however small
FINE = 0.02  # pixels that a chord may lie off its curve
MOST_STEPS = 2048


@dataclass(frozen=True, slots=True)
class Oval:
    """An ellipse: all points centre + u cos t + v sin t. Its half axes are `u` and `v`."""

    centre: Point
    u: Point
    v: Point


def oval_of_axes(points: Sequence[Point]) -> Oval:
    """Return the ellipse of four points: the ends of the major axis, then those of the minor axis."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points
    centre = (x0 + x1 + x2 + x3) / 4, (y0 + y1 + y2 + y3) / 4
    return Oval(centre, ((x1 - x0) / 2, (y1 - y0) / 2), ((x3 - x2) / 2, (y3 - y2) / 2))


def oval_of_circle(points: Sequence[Point]) -> Oval:
    """Return the circle of two points: its centre and a point of its edge."""
    radius = math.dist(points[0], points[1])
    return Oval(points[0], (radius, 0.0), (0.0, radius))


# ----------------------------------------------------------------------------------------- what is seen
def one_line(points: Points) -> Lines:
    """Return the points joined in their order."""
    return (points,)


def closed(points: Points) -> Lines:
    """Return the points joined in their order, and the last with the first."""
    return ((*points, points[0]),)


def two_lines(points: Points) -> Lines:
    """Return a line through the first two points and one through those that follow."""
    return tuple(line for line in (points[:2], points[2:]) if line)


def corners(points: Sequence[Point]) -> Points:
    """Return the four corners of a rectangle of two opposite ones, in order around it."""
    (x0, y0), (x1, y1) = points
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def rectangle(points: Points) -> Lines:
    """Return the edge of a rectangle; a single point as it is."""
    return closed(corners(points)) if len(points) > 1 else one_line(points)


def ellipse(points: Points) -> Lines:
    """Return the edge of an ellipse; its axes alone while it has fewer than four points."""
    return (edge(oval_of_axes(points)),) if len(points) == 4 else two_lines(points)  # noqa: PLR2004  two axes


def circle(points: Points) -> Lines:
    """Return the edge of a circle; a single point as it is."""
    return (edge(oval_of_circle(points)),) if len(points) > 1 else one_line(points)


def edge(oval: Oval) -> Points:
    """Return the edge of an ellipse as a closed line whose chords lie within `FINE` of it."""
    (x, y), (ux, uy), (vx, vy) = oval.centre, oval.u, oval.v
    largest = max(math.hypot(ux, uy), math.hypot(vx, vy))
    steps = min(max(math.ceil(math.pi * math.sqrt(largest / (2 * FINE))), FEWEST_STEPS), MOST_STEPS)
    turns = [2 * math.pi * step / steps for step in range(steps)]
    around = [
        (x + ux * math.cos(turn) + vx * math.sin(turn), y + uy * math.cos(turn) + vy * math.sin(turn))
        for turn in turns
    ]
    return (*around, around[0])


# ------------------------------------------------------------------------------------- where it is held
def every_point(points: Points) -> Points:
    """Return the points themselves."""
    return points


def nowhere(_: Points) -> Points:
    """Return no handle: it cannot be changed."""
    return ()


def hold_point(points: Points, handle: int, to: Point) -> Points:
    """Return the points with one of them at `to`."""
    return (*points[:handle], to, *points[handle + 1 :])


def hold_circle(points: Points, handle: int, to: Point) -> Points:
    """Return the circle with its centre at `to`, of the same size, or with its edge through `to`."""
    if handle != 0 or len(points) < 2:  # noqa: PLR2004  centre and edge
        return hold_point(points, handle, to)
    (x, y), (edge_x, edge_y) = points
    return to, (edge_x + to[0] - x, edge_y + to[1] - y)


def hold_ellipse(points: Points, handle: int, to: Point) -> Points:
    """Return the ellipse with one end of an axis at `to`, or as near as its form allows.

    The axes stay perpendicular bisectors. An end of the first axis turns and stretches it about its other
    end, and the second axis keeps its length. An end of the second one changes the length of that alone.
    """
    if len(points) < 4:  # noqa: PLR2004  two axes
        return hold_point(points, handle, to)
    if handle in {2, 3}:
        return _with_second_axis(points, handle, to)
    first = hold_point(points[:2], handle, to)
    (x0, y0), (x1, y1) = first
    length, half = math.dist(*first), math.dist(points[2], points[3]) / 2
    if length == 0:
        return points
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    across, down = (y0 - y1) / length * half, (x1 - x0) / length * half
    if _turns(points[0], points[1], points[2], points[3]) < 0:
        across, down = -across, -down
    return *first, (middle[0] - across, middle[1] - down), (middle[0] + across, middle[1] + down)


def _with_second_axis(points: Points, handle: int, to: Point) -> Points:
    (x0, y0), (x1, y1) = points[:2]
    length = math.dist(points[0], points[1])
    if length == 0:
        return points
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    normal = (y0 - y1) / length, (x1 - x0) / length
    reach = (to[0] - middle[0]) * normal[0] + (to[1] - middle[1]) * normal[1]
    near = middle[0] + reach * normal[0], middle[1] + reach * normal[1]
    far = middle[0] - reach * normal[0], middle[1] - reach * normal[1]
    return (*points[:2], near, far) if handle == 2 else (*points[:2], far, near)  # noqa: PLR2004  its first end


def _turns(a: Point, b: Point, c: Point, d: Point) -> float:
    """Return the cross product of a→b and c→d: on which side the second axis begins."""
    return (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
