"""One row for each kind of annotation: its points, what is drawn, where it is held, what it says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from viewer.annotations import measure
from viewer.annotations.shapes import Annotation, Kind, Point, exact
from viewer.dicom.image import ImageDescription

Points = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class KindRow:
    """What the program knows of a kind."""

    name: str  # as a person calls it
    number_of_points: int | None  # None: any number
    outline: Callable[[Points], tuple[Points, ...]]  # open or closed lines through image coordinates
    handles: Callable[[Points], Points]  # where the mouse can take it; handle n moves point n
    measured: Callable[[Points, ImageDescription], measure.Measurement] | None  # None: nothing to measure


def _one_line(points: Points) -> tuple[Points, ...]:
    return (points,)


def _every_point(points: Points) -> Points:
    return points


def _no_handles(_: Points) -> Points:
    return ()


KINDS: Mapping[Kind, KindRow] = MappingProxyType(
    {
        Kind.LENGTH: KindRow("Length", 2, _one_line, _every_point, measure.length),
        Kind.OUTLINE: KindRow("Outline", None, _one_line, _no_handles, None),
    }
)


def measured(annotation: Annotation, image: ImageDescription) -> measure.Measurement | None:
    """Return the measurement of an annotation, None for what is not ours to measure."""
    row = KINDS[annotation.kind]
    if row.measured is None or annotation.read_only:
        return None
    return row.measured(annotation.points, image)


def label(annotation: Annotation, image: ImageDescription) -> str:
    """Return what stands beside an annotation: a reader's own words, then the measurement on its own line.

    This is also what is written into a presentation state.
    """
    measurement = measured(annotation, image)
    words = [annotation.text] if annotation.text else []
    return "\n".join(words if measurement is None else [*words, measurement.text])


def within(point: Point, image: ImageDescription) -> Point:
    """Return the nearest point of the image, float32-exact: graphics may not leave it (PS3.3 C.10.5)."""
    return exact(min(max(point[0], 0.0), image.columns), min(max(point[1], 0.0), image.rows))


def with_handle(annotation: Annotation, handle: int, point: Point, image: ImageDescription) -> Annotation:
    """Return the annotation with one handle moved to `point`, kept inside the image."""
    points = list(annotation.points)
    points[handle] = within(point, image)
    return replace(annotation, points=tuple(points))


def moved(annotation: Annotation, by: Point, image: ImageDescription) -> Annotation:
    """Return the annotation moved by (columns, rows), not past the edge of the image: its form stays."""
    across = _limited(by[0], [x for x, _ in annotation.points], image.columns)
    down = _limited(by[1], [y for _, y in annotation.points], image.rows)
    points = tuple(within((x + across, y + down), image) for x, y in annotation.points)
    return replace(annotation, points=points)


def _limited(by: float, values: Sequence[float], size: int) -> float:
    return min(max(by, -min(values)), size - max(values))
