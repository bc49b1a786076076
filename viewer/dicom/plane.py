"""Where an image lies in the patient (PS3.3 C.7.6.2), in mm and in letters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ImagePlane:
    """The plane of an image.

    Image coordinates are (column, row) in pixels with 0,0 at the top left *corner* of the first
    pixel (PS3.3 C.10.5.1.2), so the centre of the first pixel, which `position` names, is 0.5,0.5.
    """

    position: tuple[float, float, float]  # mm, centre of the first pixel
    row_direction: tuple[float, float, float]  # unit vector along a row, to higher columns
    column_direction: tuple[float, float, float]  # unit vector down a column, to higher rows
    row_spacing: float  # mm between rows (vertical): the first value of Pixel Spacing
    column_spacing: float  # mm between columns (horizontal): the second value
    frame_of_reference_uid: str = ""

    @property
    def normal(self) -> Vector:
        """Return the unit normal (3,), row direction x column direction."""
        return np.cross(self.row_direction, self.column_direction)

    def to_patient(self, x: float, y: float) -> Vector:
        """Return the patient position (3,) in mm of image coordinates (the only place with -0.5)."""
        along_row = (x - 0.5) * self.column_spacing * np.asarray(self.row_direction)
        down = (y - 0.5) * self.row_spacing * np.asarray(self.column_direction)
        return np.asarray(self.position) + along_row + down

    def to_image(self, point: Vector) -> tuple[float, float]:
        """Return the image coordinates of the foot of `point` (3,) mm on this plane."""
        offset = np.asarray(point, dtype=np.float64) - np.asarray(self.position)
        x = float(offset @ np.asarray(self.row_direction)) / self.column_spacing + 0.5
        y = float(offset @ np.asarray(self.column_direction)) / self.row_spacing + 0.5
        return x, y

    def distance(self, point: Vector) -> float:
        """Return the signed distance of `point` (3,) mm from the plane, along the normal."""
        return float((np.asarray(point, dtype=np.float64) - np.asarray(self.position)) @ self.normal)
