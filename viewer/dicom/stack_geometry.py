"""Distances, gaps, tilt and drift of parallel images (PS3.3 C.7.6.2.1.1)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.records import InstanceRecord

Vectors = NDArray[np.float64]

SAME_POSITION = 0.01  # mm: positions are written to 0.001 at least
UNIFORM = 0.01  # relative: what the rounding of positions does to distances
GAP = 0.05  # relative: more than rounding and table motion do
NO_TILT = 0.1  # degrees
FARTHEST = 1e6  # mm: positions beyond a kilometre are no positions
_UNIT_TOLERANCE = 0.02  # of the length and the right angle of direction cosines
_MOST_NAMED_GAPS = 8
_DIGITS = 6  # of a distance in mm: a nanometre; more is rounding


def normal_of(record: InstanceRecord) -> Vectors | None:
    """Return the unit normal (3,) of an image, row x column direction; None without a sane position."""
    if record.image_orientation_patient is None or record.image_position_patient is None:
        return None
    row, column = np.array(record.image_orientation_patient, dtype=np.float64).reshape(2, 3)
    far = max(abs(value) for value in record.image_position_patient) > FARTHEST
    if far or np.abs((row, column)).max() > 1 + _UNIT_TOLERANCE:
        return None
    off = np.array([row @ row - 1, column @ column - 1, row @ column])
    if np.abs(off).max() > _UNIT_TOLERANCE:
        return None
    normal: Vectors = np.cross(row, column)
    return normal / np.linalg.norm(normal)


def positions_of(records: Sequence[InstanceRecord]) -> Vectors:
    """Return the positions (n, 3) of images in mm; all must have one."""
    return np.array([record.image_position_patient for record in records], dtype=np.float64).reshape(-1, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """The positions of the images of one volume, in order."""

    places: Vectors  # (n, 3) mm
    distances: Vectors  # (n,) mm along the normal, ascending
    steps: Vectors  # (n-1,) mm between neighbours, along the normal
    spacing: float | None  # mm: the usual step; None for one image

    @classmethod
    def of(cls, places: Vectors, normal: Vectors | None) -> Self:
        """Measure positions (n, 3) in mm along a unit normal (3,)."""
        distances: Vectors = places @ (np.zeros(3) if normal is None else normal)
        steps: Vectors = np.diff(distances)
        return cls(places, distances, steps, round(float(np.median(steps)), _DIGITS) if steps.size else None)

    def warnings(self) -> tuple[str, ...]:
        """Return what a reader must know of the positions, in words."""
        if self.spacing is None or self.spacing <= 0:
            return ()
        return (*self._uneven(self.spacing), *self._tilt(), *self._drift(self.spacing))

    def _uneven(self, spacing: float) -> tuple[str, ...]:
        off = np.abs(self.steps - spacing)
        if off.max() <= max(SAME_POSITION, UNIFORM * spacing):
            return ()
        wide = np.flatnonzero(self.steps > spacing * (1 + GAP))
        narrow = bool((self.steps < spacing * (1 - GAP)).any())
        if wide.size and not narrow and self._isolated(wide):
            named = tuple(f"gap after image {index + 1}" for index in wide[:_MOST_NAMED_GAPS])
            more = wide.size - len(named)
            return (*named, f"{more} more gaps") if more else named
        return (f"variable spacing {self.steps.min():.4g} to {self.steps.max():.4g} mm",)

    def _isolated(self, wide: NDArray[np.intp]) -> bool:
        """Tell whether wide steps are exceptions, not a part of the volume with another spacing."""
        return 2 * wide.size <= self.steps.size and not bool((np.diff(wide) == 1).any())

    def _tilt(self) -> tuple[str, ...]:
        angle = self.tilt()
        words = f"tilted by {angle:.1f}°: the images are not stacked at right angles"
        return (words,) if angle > NO_TILT else ()

    def tilt(self) -> float:
        """Return the angle in degrees between the normal and the line from the first to the last image."""
        way = float(np.linalg.norm(self.places[-1] - self.places[0]))
        along = abs(float(self.distances[-1] - self.distances[0]))
        return math.degrees(math.acos(min(1.0, along / way))) if way > 0 else 0.0

    def _drift(self, spacing: float) -> tuple[str, ...]:
        """Tell of images that are shifted against each other other than by a tilt."""
        share = (self.distances - self.distances[0]) / (self.distances[-1] - self.distances[0])
        line = self.places[0] + np.outer(share, self.places[-1] - self.places[0])
        off = float(np.linalg.norm(self.places - line, axis=1).max())
        tolerance = max(5 * SAME_POSITION, UNIFORM * spacing)
        return (f"images shifted against each other by up to {off:.3g} mm",) if off > tolerance else ()
