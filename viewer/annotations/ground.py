"""What lies under a measurement: how long a column and a row are there, in which unit, and who says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.annotations import wording
from viewer.annotations.shapes import Point
from viewer.dicom.image import CalibrationClass, ImageDescription, Region

MM_PER_CM = 10.0
NOWHERE = -1  # in no region
CENTIMETRES = ("cm", "cm")


class RefusedError(Exception):
    """Why no number would be right, in words that follow "no length: "."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Lengths of one pixel in `unit`: "mm", or "px" where nothing is known but the shape of the pixels."""

    across: float  # of a column
    down: float  # of a row
    unit: str
    calibration: CalibrationClass
    source: str  # the attribute that decided, for a person
    remark: str = ""  # what a reader must know of it, behind the number
    axes: Region | None = None  # an ultrasound region whose axes are no lengths both: `across` is none

    def vector(self, start: Point, end: Point) -> Point:
        """Return the way from one point to another, across and down, in `unit`."""
        return (end[0] - start[0]) * self.across, (end[1] - start[1]) * self.down


def ground_of(points: Sequence[Point], image: ImageDescription) -> Ground:
    """Return what the points lie on. Raises RefusedError where they lie on different things.

    In an ultrasound image all points must lie in one region (PS3.3 C.8.5.5), or all outside of every one.
    """
    calibration = image.calibration
    if calibration.kind is CalibrationClass.REGION:
        return _in_regions(points, image)
    if calibration.kind is CalibrationClass.NONE:
        return _pixels(image, calibration.source)
    across, down = calibration.column_spacing, calibration.row_spacing
    return Ground(across, down, "mm", calibration.kind, calibration.source, wording.remark(calibration))


def plain_ground_of(points: Sequence[Point], image: ImageDescription) -> Ground:
    """Return what the points lie on, where a length is a length in every direction. Raises RefusedError."""
    ground = ground_of(points, image)
    if ground.axes is not None:
        raise RefusedError("this ultrasound region is not in centimetres on both axes")
    return ground


def _pixels(image: ImageDescription, source: str) -> Ground:
    """Return pixels along a row; rows are stretched by the pixel aspect ratio (PS3.3 C.7.6.3.1.7)."""
    return Ground(1.0, image.pixel_aspect, "px", CalibrationClass.NONE, source)


def _in_regions(points: Sequence[Point], image: ImageDescription) -> Ground:
    """Return the ground in the region that holds all points and has the say at each, or one of its scale."""
    regions = sorted(image.calibration.regions, key=_rank)
    under = {next((n for n, r in enumerate(regions) if _holds(r, point)), NOWHERE) for point in points}
    if under == {NOWHERE}:
        return _pixels(image, "outside the calibrated ultrasound regions")
    if NOWHERE in under:
        raise RefusedError("a part lies outside the calibrated ultrasound region")
    low = min(x for x, _ in points), min(y for _, y in points)
    high = max(x for x, _ in points), max(y for _, y in points)
    common = next((r for r in regions if _holds(r, low) and _holds(r, high)), None)
    if common is None:
        raise RefusedError("it reaches across different ultrasound regions")
    if {_scale(regions[number]) for number in under} != {_scale(common)}:
        raise RefusedError("it reaches across ultrasound regions of different scale")
    return _in_region(common, image)


def _rank(region: Region) -> tuple[bool, int]:
    """Return what sorts the region first that has the say where several overlap.

    That is one of high priority, and among these the smallest: an inset lies on a larger region.
    """
    size = (region.right - region.left + 1) * (region.bottom - region.top + 1)
    return region.low_priority, size


def _holds(region: Region, point: Point) -> bool:
    """Tell whether a point lies on a pixel of the region, its far edges included."""
    x, y = point
    return region.left <= x <= region.right + 1 and region.top <= y <= region.bottom + 1


def _in_region(region: Region, image: ImageDescription) -> Ground:
    calibration = image.calibration
    number = region.number or calibration.regions.index(region) + 1
    source, remark = f"{calibration.source}, region {number}", wording.remark(calibration, number)
    if (region.unit_x, region.unit_y) == CENTIMETRES:
        across, down = abs(region.delta_x) * MM_PER_CM, abs(region.delta_y) * MM_PER_CM
        return Ground(across, down, "mm", calibration.kind, source, remark)
    return Ground(0.0, 0.0, "", calibration.kind, source, remark, region)


def _scale(region: Region) -> tuple[str, str, float, float]:
    return region.unit_x, region.unit_y, abs(region.delta_x), abs(region.delta_y)
