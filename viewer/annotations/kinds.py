"""One row for each kind of annotation: its points, what is drawn, where it is held, what it says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from viewer.annotations import forms, measure, regions
from viewer.annotations.forms import Lines, Points
from viewer.annotations.measurement import Measurement
from viewer.annotations.regions import Patch
from viewer.annotations.shapes import Annotation, Kind, Point, exact
from viewer.annotations.statistics import Statistics
from viewer.dicom.image import ImageDescription

HALVINGS = 24  # of a way to the edge of the image: below float32 of the largest one

Encloses = Callable[[Points, tuple[int, int]], Patch]
Measured = Callable[[Points, ImageDescription], Measurement]


@dataclass(frozen=True, slots=True)
class KindRow:
    """What the program knows of a kind. `outline` and `handles` also take the first points of a new one."""

    name: str  # as a person calls it
    number_of_points: int | None  # None: any number
    outline: Callable[[Points], Lines]  # open or closed lines through image coordinates
    handles: Callable[[Points], Points]  # where the mouse can take it; handle n moves point n
    measured: Measured | None = None  # None: nothing to measure
    least: int = 1  # points below which there is nothing to measure or to keep
    region: Encloses | None = None  # its pixels, of an image of (rows, columns)
    held: Callable[[Points, int, Point], Points] = forms.hold_point  # the points with a handle elsewhere


_line, _point = forms.one_line, forms.every_point
KINDS: Mapping[Kind, KindRow] = MappingProxyType(
    {
        Kind.LENGTH: KindRow("Length", 2, _line, _point, measure.length, 2),
        Kind.POLYLINE: KindRow("Polyline", None, _line, _point, measure.polyline, 2),
        Kind.ANGLE: KindRow("Angle", 3, _line, _point, measure.angle, 3),
        Kind.COBB: KindRow("Cobb angle", 4, forms.two_lines, _point, measure.cobb, 4),
        Kind.BIDIRECTIONAL: KindRow("Bidirectional", 4, forms.two_lines, _point, measure.bidirectional, 4),
        Kind.RECTANGLE: KindRow(
            "Rectangle", 2, forms.rectangle, _point, measure.rectangle, 2, regions.rectangle
        ),
        Kind.ELLIPSE: KindRow(
            "Ellipse", 4, forms.ellipse, _point, measure.ellipse, 4, regions.ellipse, forms.hold_ellipse
        ),
        Kind.CIRCLE: KindRow(
            "Circle", 2, forms.circle, _point, measure.circle, 2, regions.circle, forms.hold_circle
        ),
        Kind.POLYGON: KindRow("Polygon", None, forms.closed, _point, measure.polygon, 3, regions.polygon),
        Kind.POINT: KindRow("Point", 1, _line, _point, measure.point, 1, regions.point),
        Kind.ARROW: KindRow("Arrow", 2, _line, _point, None, 2),
        Kind.TEXT: KindRow("Text", 1, _line, _point, None, 1),
        Kind.CALIBRATION: KindRow("Calibration", 2, _line, _point, None, 2),
        Kind.OUTLINE: KindRow("Outline", None, _line, forms.nowhere),
    }
)


def measured(annotation: Annotation, image: ImageDescription) -> Measurement | None:
    """Return the measurement of an annotation, None for what is not ours to measure or is not complete."""
    row = KINDS[annotation.kind]
    if row.measured is None or annotation.read_only or len(annotation.points) < row.least:
        return None
    return row.measured(annotation.points, image)


def label(annotation: Annotation, image: ImageDescription, values: Statistics | None = None) -> str:
    """Return what stands beside an annotation: a reader's own words, then the numbers on lines of their own.

    `values` are those of its pixels, where its kind has any. What another program drew has its own words
    alone. This is also what is written into a presentation state.
    """
    found = measured(annotation, image)
    numbers = [found.text] if found is not None else []
    if values is not None and found is not None:
        if annotation.kind is not Kind.POINT:
            numbers.append(values.in_words())
        elif values.count or found.value is None:  # a place with a value of its own: a velocity
            numbers.insert(0, values.of_point())
    return "\n".join([*([annotation.text] if annotation.text else []), *numbers])


def within(point: Point, image: ImageDescription) -> Point:
    """Return the nearest point of the image, float32-exact: graphics may not leave it (PS3.3 C.10.5)."""
    return exact(min(max(point[0], 0.0), image.columns), min(max(point[1], 0.0), image.rows))


def with_handle(annotation: Annotation, handle: int, point: Point, image: ImageDescription) -> Annotation:
    """Return the annotation with one handle moved to `point`, in the form of its kind.

    All its points stay in the image: where the form would leave it, the handle stops on the way.
    """
    held, points = KINDS[annotation.kind].held, annotation.points
    start, end = points[handle], within(point, image)
    found = held(points, handle, end)
    if not all(_is_inside(each, image) for each in found):
        found = _furthest(lambda to: held(points, handle, to), start, end, image)
    return replace(annotation, points=tuple(within(each, image) for each in found))


def _furthest(held: Callable[[Point], Points], start: Point, end: Point, image: ImageDescription) -> Points:
    """Return the form held as far from `start` towards `end` as it stays in the image, by halving."""
    near, far = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        form = held((start[0] + middle * (end[0] - start[0]), start[1] + middle * (end[1] - start[1])))
        if all(_is_inside(each, image) for each in form):
            near = middle
        else:
            far = middle
    return held((start[0] + near * (end[0] - start[0]), start[1] + near * (end[1] - start[1])))


def _is_inside(point: Point, image: ImageDescription) -> bool:
    return 0 <= point[0] <= image.columns and 0 <= point[1] <= image.rows


def moved(annotation: Annotation, by: Point, image: ImageDescription) -> Annotation:
    """Return the annotation moved by (columns, rows), not past the edge of the image: its form stays."""
    across = _limited(by[0], [x for x, _ in annotation.points], image.columns)
    down = _limited(by[1], [y for _, y in annotation.points], image.rows)
    points = tuple(within((x + across, y + down), image) for x, y in annotation.points)
    return replace(annotation, points=points)


def _limited(by: float, values: Sequence[float], size: int) -> float:
    return min(max(by, -min(values)), size - max(values))
