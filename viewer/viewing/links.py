"""What one viewport shows of where another one looks: the line in which their planes meet."""

from dataclasses import dataclass

import numpy as np

from viewer.dicom.plane import ImagePlane

PARALLEL = 1e-3  # sine of the angle below which two planes do not meet within a patient
TOUCHING = 1e-6  # mm: closer is on the plane


@dataclass(frozen=True, slots=True)
class Extent:
    """A plane and how much of it there is."""

    plane: ImagePlane
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be drawn, in image coordinates (0,0 is the top left corner of the first pixel)."""

    start: tuple[float, float]
    end: tuple[float, float]


def reference_line(shown: ImagePlane, other: Extent) -> Line | None:
    """Return where the image `other` cuts the plane `shown`, in the image coordinates of `shown`.

    Both ends lie on the edge of the other image, so the line may leave the shown one. None when the planes
    are parallel, do not meet within the other image, or do not share a frame of reference (PS3.3 C.7.4.1):
    then nothing is known of how they lie to each other.
    """
    plane = other.plane
    if not shown.frame_of_reference_uid or shown.frame_of_reference_uid != plane.frame_of_reference_uid:
        return None
    if float(np.linalg.norm(np.cross(shown.normal, plane.normal))) < PARALLEL:
        return None
    corners = [(0, 0), (other.columns, 0), (other.columns, other.rows), (0, other.rows)]
    points = [plane.to_patient(x, y) for x, y in corners]
    heights = [shown.distance(point) for point in points]
    met = []
    for index, height in enumerate(heights):
        after = (index + 1) % len(heights)
        if abs(height) <= TOUCHING:
            met.append(points[index])
        elif abs(heights[after]) > TOUCHING and (height < 0) != (heights[after] < 0):
            share = height / (height - heights[after])
            met.append(points[index] + share * (points[after] - points[index]))
    if len(met) < 2:  # noqa: PLR2004  a line has two ends
        return None
    return Line(shown.to_image(met[0]), shown.to_image(met[1]))
