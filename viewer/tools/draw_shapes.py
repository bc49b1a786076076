"""What the clicks of a drawing tool make of a shape: pure functions of points in image coordinates."""

import itertools
import math
from collections.abc import Callable, Sequence

from viewer.annotations.kinds import within
from viewer.annotations.shapes import Point
from viewer.dicom.image import ImageDescription

Points = tuple[Point, ...]
Form = Callable[[Points, ImageDescription], Points]  # from what was clicked to the points of a kind

CORNERS = 3  # the least that enclose something
AXIS_STARTED = 3  # points of a bidirectional measurement of which the last ends the short axis
AREA = 1e-3  # square pixels: what encloses less was no shape but a slip of the hand


def as_clicked(points: Points, _: ImageDescription) -> Points:
    """Return the points as they were clicked."""
    return points


def ellipse(points: Points, image: ImageDescription) -> Points:
    """Return the ends of the major axis, then of the minor one, of the ellipse between two corners.

    Which axis is the longer one is counted in pixels, as Graphic Type ELLIPSE has it (PS3.3 C.10.5.1.2).
    """
    (x0, y0), (x1, y1) = points
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    across = within((min(x0, x1), middle_y), image), within((max(x0, x1), middle_y), image)
    down = within((middle_x, min(y0, y1)), image), within((middle_x, max(y0, y1)), image)
    return (*across, *down) if abs(x1 - x0) >= abs(y1 - y0) else (*down, *across)


def circle(points: Points, image: ImageDescription) -> Points:
    """Return centre and edge of a circle inside the image: its radius is shortened where needed."""
    (x, y), (to_x, to_y) = points
    radius = math.hypot(to_x - x, to_y - y)
    room = min(x, image.columns - x, y, image.rows - y)
    if radius <= room:
        return points
    part = room / radius
    return points[0], within((x + (to_x - x) * part, y + (to_y - y) * part), image)


def crossing(points: Points, image: ImageDescription) -> Points:
    """Return long and short axis: the end of the short one is brought square to the long one.

    Square as it is seen, with the shape of the pixels (PS3.3 C.7.6.3.1.7), and inside the image.
    """
    (x0, y0), (x1, y1), start, end = points
    aspect = image.pixel_aspect
    across, down = -(y1 - y0) * aspect, (x1 - x0) / aspect  # in pixels, square to the long axis
    squared = across * across + down * down * aspect * aspect
    if squared == 0:
        return points
    along = ((end[0] - start[0]) * across + (end[1] - start[1]) * down * aspect * aspect) / squared
    along = _limited(start, (across, down), along, image)
    return (*points[:AXIS_STARTED], within((start[0] + along * across, start[1] + along * down), image))


def _limited(start: Point, step: Point, along: float, image: ImageDescription) -> float:
    """Return `along` shortened so that start + along * step is inside the image."""
    for at, by, size in zip(start, step, (image.columns, image.rows), strict=True):
        if by * along > 0 and at + along * by > size:
            along = (size - at) / by
        elif by * along < 0 and at + along * by < 0:
            along = -at / by
    return along


# ------------------------------------------------------------------------------- what is worth keeping
def has_length(points: Points) -> bool:
    """Tell whether every pair of points is a line and no dot: for one line, or for two."""
    return all(start != end for start, end in zip(points[::2], points[1::2], strict=False))


def has_arms(points: Points) -> bool:
    """Tell whether both arms of an angle have a length."""
    return points[0] != points[1] != points[2]


def has_width_and_height(points: Points) -> bool:
    """Tell whether two corners enclose an area."""
    (x0, y0), (x1, y1) = points[0], points[1]
    return abs(x1 - x0) * abs(y1 - y0) > AREA


def has_axes(points: Points) -> bool:
    """Tell whether both axes of an ellipse have a length."""
    return math.dist(points[0], points[1]) * math.dist(points[2], points[3]) > AREA


def has_course(points: Points) -> bool:
    """Tell whether an open line goes anywhere."""
    return len(set(points)) > 1


def has_area(points: Points) -> bool:
    """Tell whether a closed line goes around something; one that crosses itself may."""
    if len(set(points)) < CORNERS:
        return False
    (x0, y0), *others = points
    return any(
        abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) > AREA
        for (x1, y1), (x2, y2) in itertools.pairwise(others)
    )


def thinned(points: Sequence[Point], most: int) -> Points:
    """Return at most `most` points evenly chosen from many, the first and the last among them."""
    if len(points) <= most:
        return tuple(points)
    step = (len(points) - 1) / (most - 1)
    return tuple(points[round(number * step)] for number in range(most))
