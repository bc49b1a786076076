"""Which Graphic Objects each kind of annotation is written as, and how it is known again (PS3.3 C.10.5.1.2).

All are of the plain types that every program draws: POINT, POLYLINE, CIRCLE, ELLIPSE, in pixels.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from viewer.annotations.forms import corners
from viewer.annotations.kinds import KINDS, within
from viewer.annotations.shapes import Annotation, Kind, Point
from viewer.dicom.image import ImageDescription

Points = tuple[Point, ...]

POINT, POLYLINE, CIRCLE, ELLIPSE = "POINT", "POLYLINE", "CIRCLE", "ELLIPSE"
CLOSED, PAIRS = {Kind.RECTANGLE, Kind.POLYGON}, {Kind.COBB, Kind.BIDIRECTIONAL}
ROUND = {Kind.ELLIPSE: ELLIPSE, Kind.CIRCLE: CIRCLE}
LINE_POINTS = 2
HEAD = 1 / 60  # of the longer side of the image: length of the barbs of an arrow
BARB = 0.45  # radians between the shaft and a barb


@dataclass(frozen=True, slots=True)
class Graphic:
    """One Graphic Object: its Graphic Type and its points in image coordinates."""

    kind: str
    points: Points

    @property
    def is_closed(self) -> bool:
        """Tell whether it must say whether it is filled."""
        line = len(self.points) > LINE_POINTS and self.points[0] == self.points[-1]
        return self.kind in {CIRCLE, ELLIPSE} or line


def drawn_as(annotation: Annotation, image: ImageDescription) -> list[Graphic]:
    """Return the Graphic Objects of an annotation."""
    points = annotation.points
    if annotation.kind is Kind.ARROW:
        return [Graphic(POLYLINE, points), Graphic(POLYLINE, _head(points, image))]
    if annotation.kind in CLOSED:
        around = corners(points) if annotation.kind is Kind.RECTANGLE else points
        return [Graphic(POLYLINE, (*around, around[0]))]
    if annotation.kind in PAIRS:
        return [Graphic(POLYLINE, points[:LINE_POINTS]), Graphic(POLYLINE, points[LINE_POINTS:])]
    return [Graphic(ROUND.get(annotation.kind, POINT if len(points) == 1 else POLYLINE), points)]


def read_as(kind: Kind, graphics: Sequence[Graphic], anchor: Point | None) -> Points | None:
    """Return the points of an annotation from what it was written as, None where that does not fit.

    `anchor` is the Anchor Point of its text, where it has one.
    """
    if kind is Kind.TEXT and anchor is not None and not graphics:
        return (anchor,)
    types, read = FORMS.get(kind, ((POLYLINE,), _only))
    if kind is Kind.OUTLINE and len(graphics) == 1 and graphics[0].kind == POINT:
        return graphics[0].points
    if tuple(graphic.kind for graphic in graphics) != types:
        return None
    points = read([graphic.points for graphic in graphics])
    wanted, least = KINDS[kind].number_of_points, KINDS[kind].least
    if points is None or len(points) < least or (wanted is not None and len(points) != wanted):
        return None
    return points


def _only(lines: Sequence[Points]) -> Points | None:
    return lines[0]


def _joined(lines: Sequence[Points]) -> Points | None:
    return tuple(point for line in lines for point in line)


def _corners(lines: Sequence[Points]) -> Points | None:
    """Return two opposite corners of a rectangle that goes around along rows and columns."""
    if len(lines[0]) != len(corners(((0, 0), (1, 1)))) + 1:
        return None
    first, _, third, _, last = lines[0]
    return (first, third) if (*corners((first, third)), first) == lines[0] and first == last else None


def _open(lines: Sequence[Points]) -> Points | None:
    return lines[0][:-1] if lines[0][0] == lines[0][-1] else None


FORMS: Mapping[Kind, tuple[tuple[str, ...], Callable[[Sequence[Points]], Points | None]]] = MappingProxyType(
    {
        Kind.COBB: ((POLYLINE, POLYLINE), _joined),
        Kind.BIDIRECTIONAL: ((POLYLINE, POLYLINE), _joined),
        Kind.RECTANGLE: ((POLYLINE,), _corners),
        Kind.POLYGON: ((POLYLINE,), _open),
        Kind.ELLIPSE: ((ELLIPSE,), _only),
        Kind.CIRCLE: ((CIRCLE,), _only),
        Kind.POINT: ((POINT,), _only),
        Kind.TEXT: ((POINT,), _only),
        Kind.ARROW: ((POLYLINE, POLYLINE), _only),
    }
)


def _head(points: Points, image: ImageDescription) -> Points:
    """Return the barbs of an arrow, through its tip."""
    (x, y), (tail_x, tail_y) = points[0], points[-1]
    length = min(max(image.columns, image.rows) * HEAD, math.dist(points[0], points[-1]))
    angle = math.atan2(tail_y - y, tail_x - x)
    ends = (
        within((x + length * math.cos(angle + side), y + length * math.sin(angle + side)), image)
        for side in (-BARB, BARB)
    )
    first, last = ends
    return first, points[0], last
