"""Lengths by calibration: millimetres only where the header gives them (PS3.3 10.7.1, C.8.5.5)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.annotations.shapes import Point
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription, Region

MM_PER_CM = 10.0
FINE_BELOW = 1.0  # mm or pixels; shorter lengths get a second digit, else 0.04 would read 0.0
REMARKS = {
    CalibrationClass.PATIENT: "",
    CalibrationClass.CORRECTED: " (corrected)",
    CalibrationClass.DETECTOR: " (at detector)",
    CalibrationClass.NOMINAL: " (nominal)",
    CalibrationClass.REGION: "",
    CalibrationClass.NONE: "",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number, what it is counted in, and why it may be trusted."""

    value: float | None  # None: refused, `text` says why
    unit: str  # "mm", "px"; "" when refused
    calibration: CalibrationClass
    source: str  # the attribute that decided, for a person
    text: str  # as it is shown and saved: "33.1 mm (at detector)"


def length(points: Sequence[Point], image: ImageDescription) -> Measurement:
    """Return the distance between two points (image coordinates) of an image.

    With a spacing: hypot(columns * column spacing, rows * row spacing) in mm. In an ultrasound image
    both ends must lie in one region that is in centimetres on both axes. Without any: pixels along a
    row, rows stretched by the pixel aspect ratio (PS3.3 C.7.6.3.1.7).
    """
    (x0, y0), (x1, y1) = points
    calibration = image.calibration
    if calibration.kind is CalibrationClass.REGION:
        return _in_regions(points, image)
    if calibration.kind is CalibrationClass.NONE:
        return _in_pixels(points, image, calibration.source)
    millimetres = math.hypot((x1 - x0) * calibration.column_spacing, (y1 - y0) * calibration.row_spacing)
    return _measured(millimetres, "mm", calibration.kind, calibration.source)


def number(value: float) -> str:
    """Return a length as it is shown: a point, never a comma, whatever the country."""
    return f"{value:.2f}" if value < FINE_BELOW else f"{value:.1f}"


def _measured(value: float, unit: str, kind: CalibrationClass, source: str) -> Measurement:
    return Measurement(value, unit, kind, source, f"{number(value)} {unit}{REMARKS[kind]}")


def _refused(calibration: Calibration, reason: str) -> Measurement:
    return Measurement(None, "", calibration.kind, calibration.source, f"no length: {reason}")


def _in_pixels(points: Sequence[Point], image: ImageDescription, source: str) -> Measurement:
    (x0, y0), (x1, y1) = points
    pixels = math.hypot(x1 - x0, (y1 - y0) * image.pixel_aspect)
    return _measured(pixels, "px", CalibrationClass.NONE, source)


def _in_regions(points: Sequence[Point], image: ImageDescription) -> Measurement:
    (x0, y0), (x1, y1) = points
    calibration = image.calibration
    first, last = (_around(point, calibration.regions) for point in points)
    if not first and not last:
        return _in_pixels(points, image, "outside the calibrated ultrasound regions")
    if not first or not last:
        return _refused(calibration, "an end lies outside the calibrated ultrasound region")
    common = [region for region in first if region in last]
    if not common:
        return _refused(calibration, "its ends lie in different ultrasound regions")
    if len({_scale(region) for region in (common[0], first[0], last[0])}) > 1:
        return _refused(calibration, "its ends lie in ultrasound regions of different scale")
    region = common[0]
    if (region.unit_x, region.unit_y) != ("cm", "cm"):
        return _refused(calibration, "this ultrasound region is not in centimetres on both axes")
    centimetres = math.hypot((x1 - x0) * region.delta_x, (y1 - y0) * region.delta_y)
    return _measured(centimetres * MM_PER_CM, "mm", CalibrationClass.REGION, calibration.source)


def _around(point: Point, regions: Sequence[Region]) -> list[Region]:
    """Return the regions that hold a point, the smallest first: an inset lies on a larger region."""
    x, y = point
    found = [r for r in regions if r.left <= x <= r.right + 1 and r.top <= y <= r.bottom + 1]
    return sorted(found, key=lambda r: (r.right - r.left + 1) * (r.bottom - r.top + 1))


def _scale(region: Region) -> tuple[str, str, float, float]:
    return region.unit_x, region.unit_y, abs(region.delta_x), abs(region.delta_y)
