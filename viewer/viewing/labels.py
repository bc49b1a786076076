"""What stands beside each annotation: the same words on the picture, in the list and in what is saved."""

from collections.abc import Iterable

from viewer.annotations.kinds import KINDS, label, measured
from viewer.annotations.measurement import Measurement
from viewer.annotations.shapes import Annotation, Kind, Point
from viewer.annotations.statistics import Statistics
from viewer.dicom.records import FrameKey
from viewer.viewing.drawings import Drawings
from viewer.viewing.picture import Picture
from viewer.viewing.region_values import RegionValues

Form = tuple[Kind, FrameKey, tuple[Point, ...]]


class Labels:
    """Makes labels on pictures, and remembers the numbers of pixels for pictures that are not at hand."""

    def __init__(self, drawings: Drawings) -> None:
        self._drawings, self._values = drawings, RegionValues()
        self._seen: dict[str, tuple[Form, Statistics]] = {}  # by UID

    def of(self, shape: Annotation, picture: Picture) -> str:
        """Return what stands beside an annotation on a picture."""
        values = self._values.of(shape, picture)
        if values is not None:
            self._seen[shape.uid] = _form(shape), values
        return label(shape, self._drawings.calibrated(picture.description), values)

    def values(self, shape: Annotation) -> Statistics | None:
        """Return the numbers of the pixels of an annotation as seen last, None where they were not."""
        seen = self._seen.get(shape.uid)
        return seen[1] if seen is not None and seen[0] == _form(shape) else None

    def known(self, shape: Annotation) -> str | None:
        """Return what stands beside an annotation whose picture was seen, None where it was not."""
        image = self._drawings.description(shape.frame)
        values = self.values(shape)
        has_pixels = KINDS[shape.kind].region is not None and not shape.read_only
        if image is None or (has_pixels and values is None):
            return None
        return label(shape, image, values)

    def measured(self, shape: Annotation) -> Measurement | None:
        """Return the measurement of an annotation, None where there is none or its header is not known."""
        image = self._drawings.description(shape.frame)
        return None if image is None else measured(shape, image)

    def all(self, shapes: Iterable[Annotation]) -> dict[str, str]:
        """Return by UID what stands beside each annotation whose picture was seen."""
        found = {shape.uid: self.known(shape) for shape in shapes}
        return {uid: words for uid, words in found.items() if words is not None}


def _form(shape: Annotation) -> Form:
    return shape.kind, shape.frame, shape.points
