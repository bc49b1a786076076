"""What stands beside each annotation: the same words on the picture, in the list and in what is saved."""

from collections.abc import Iterable
from dataclasses import dataclass

from viewer.annotations.kinds import KINDS, label, measured
from viewer.annotations.measurement import Measurement
from viewer.annotations.shapes import Annotation, Kind, Point
from viewer.annotations.statistics import Statistics
from viewer.dicom.image import Calibration, ImageDescription
from viewer.dicom.records import FrameKey
from viewer.viewing.drawings import Drawings
from viewer.viewing.picture import Picture
from viewer.viewing.region_values import RegionValues

Form = tuple[Kind, FrameKey, tuple[Point, ...]]

KEPT = 4096  # labels: those of a study; after that they are made anew


@dataclass(frozen=True, slots=True)
class _Said:
    """What was made of an annotation, and everything that it was made from."""

    shape: Annotation
    header: ImageDescription
    calibration: Calibration  # by hand, where a line of known length gives one
    values: Statistics | None
    label: str
    measurement: Measurement | None

    def holds(self, shape: Annotation, header: ImageDescription, image: ImageDescription) -> bool:
        """Tell whether it is still so, but for the numbers of the pixels."""
        return self.header is header and self.shape == shape and self.calibration == image.calibration


class Labels:
    """Makes labels on pictures, and remembers the numbers of pixels for pictures that are not at hand."""

    def __init__(self, drawings: Drawings) -> None:
        self._drawings, self._values = drawings, RegionValues()
        self._seen: dict[str, tuple[Form, Statistics]] = {}  # by UID
        self._said: dict[str, _Said] = {}  # by UID: each paint and each list asks for all of them

    def of(self, shape: Annotation, picture: Picture) -> str:
        """Return what stands beside an annotation on a picture."""
        values = self._values.of(shape, picture)
        if values is not None:
            self._seen[shape.uid] = _form(shape), values
        return self._say(shape, picture.description, values).label

    def values(self, shape: Annotation) -> Statistics | None:
        """Return the numbers of the pixels of an annotation as seen last, None where they were not."""
        seen = self._seen.get(shape.uid)
        return seen[1] if seen is not None and seen[0] == _form(shape) else None

    def known(self, shape: Annotation) -> str | None:
        """Return what stands beside an annotation whose picture was seen, None where it was not."""
        header, values = self._drawings.header(shape.frame), self.values(shape)
        has_pixels = KINDS[shape.kind].region is not None and not shape.read_only
        if header is None or (has_pixels and values is None):
            return None
        return self._say(shape, header, values).label

    def measured(self, shape: Annotation) -> Measurement | None:
        """Return the measurement of an annotation, None where there is none or its header is not known."""
        header = self._drawings.header(shape.frame)
        return None if header is None else self._say(shape, header, self.values(shape)).measurement

    def all(self, shapes: Iterable[Annotation]) -> dict[str, str]:
        """Return by UID what stands beside each annotation whose picture was seen."""
        found = {shape.uid: self.known(shape) for shape in shapes}
        return {uid: words for uid, words in found.items() if words is not None}

    def _say(self, shape: Annotation, header: ImageDescription, values: Statistics | None) -> _Said:
        """Return what an annotation says, made anew only where something that it depends on changed."""
        image, known = self._drawings.calibrated(header), self._said.get(shape.uid)
        if known is not None and known.values == values and known.holds(shape, header, image):
            return known
        found = _Said(
            shape, header, image.calibration, values, label(shape, image, values), measured(shape, image)
        )
        if len(self._said) >= KEPT:
            self._said.clear()
        self._said[shape.uid] = found
        return found


def _form(shape: Annotation) -> Form:
    return shape.kind, shape.frame, shape.points
