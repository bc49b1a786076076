"""Where the images of a stack lie along their common normal, so that stacks can be compared by position."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.plane import ImagePlane, Vector
from viewer.dicom.records import FrameKey, InstanceRecord
from viewer.dicom.stack_geometry import normal_of
from viewer.viewing.pane import Hung

PARALLEL = 0.9998  # cosine between two normals: one degree
ALONE = 5.0  # mm: half of what one image stands for when it has no neighbours
MOST_KEPT = 64  # tracks

Place = tuple[Vector, Vector, str]  # position and normal (3,), Frame of Reference UID


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The images of a stack along their normal. `heights` (n,) in mm, NaN for images without a position."""

    frame_of_reference_uid: str  # "" when it is unknown, or not one for all
    normal: Vector  # (3,)
    heights: NDArray[np.float64]
    reach: float  # mm: half of the usual distance between neighbours, what one image stands for
    times: int = 1  # volumes of equal size, one after the other

    @classmethod
    def of(cls, places: Sequence[Place | None], times: int = 1) -> Self | None:
        """Return the track of images; None where they have no positions, or are not parallel."""
        known = [place for place in places if place is not None]
        if not known:
            return None
        normal = known[0][1]
        if any(float(normal @ other) < PARALLEL for _, other, _ in known):
            return None
        heights = np.array([np.nan if place is None else float(place[0] @ normal) for place in places])
        apart = np.diff(np.unique(np.round(heights[np.isfinite(heights)], 3)))
        uids = {uid for _, _, uid in known}
        reach = float(np.median(apart)) / 2 if apart.size else ALONE
        return cls(uids.pop() if len(uids) == 1 else "", normal, heights, reach, times)

    def nearest(self, height: float, index: int = 0) -> tuple[int, float]:
        """Return the image nearest to a height, of the time of image `index`, and how far it is.

        The distance is in mm and never negative.
        """
        size = len(self.heights) // self.times
        start = index // size * size if size else 0
        off = np.abs(self.heights[start : start + size] - height)
        if not np.isfinite(off).any():
            return index, float("inf")
        found = int(np.nanargmin(off))
        return start + found, float(off[found])

    def sense(self, other: "Track") -> int:
        """Return 1 where another track runs the same way, -1 where it runs the other, 0 where it crosses."""
        along = float(self.normal @ other.normal)
        return 0 if abs(along) < PARALLEL else 1 if along > 0 else -1


class Tracks:
    """The tracks of the stacks that hang, made once each; the planes of frames are learned as they come."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Hung, Track | None]] = {}
        self._planes: dict[FrameKey, ImagePlane] = {}

    def learn(self, planes: Iterable[tuple[FrameKey, ImagePlane]]) -> None:
        """Take where frames lie whose header says so frame by frame (PS3.3 C.7.6.16.2.3)."""
        new = {key: plane for key, plane in planes if key not in self._planes}
        if new:
            self._planes |= new
            self._known = {stack: known for stack, known in self._known.items() if not by_frame(known[0])}

    def knows(self, hung: Hung) -> bool:
        """Tell whether nothing more can be learned of the frames of a stack; films have no places."""
        placed = by_frame(hung) and hung.stack.records[0].frame_of_reference_uid != ""
        return not placed or all(key in self._planes for key in hung.keys)

    def forget(self) -> None:
        """Forget everything: the studies were closed."""
        self._known.clear()
        self._planes.clear()

    def of(self, hung: Hung | None) -> Track | None:
        """Return the track of a stack; None where it has none, and for planes through a volume."""
        if hung is None or hung.reformat is not None:
            return None
        known = self._known.get(id(hung.stack))
        if known is None or known[0].stack is not hung.stack:
            while len(self._known) >= MOST_KEPT:
                del self._known[next(iter(self._known))]
            known = self._known[id(hung.stack)] = (hung, Track.of(self._places(hung), hung.stack.times))
        return known[1]

    def plane(self, hung: Hung, index: int) -> ImagePlane | None:
        """Return the plane of one image of a stack, None where it is not known."""
        if by_frame(hung):
            return self._planes.get(hung.keys[index])
        record = hung.stack.records[index]
        place, cosines = record.image_position_patient, record.image_orientation_patient
        spacing = record.pixel_spacing
        if normal_of(record) is None or place is None or cosines is None or spacing is None:
            return None
        row, column = (cosines[0], cosines[1], cosines[2]), (cosines[3], cosines[4], cosines[5])
        uid = record.frame_of_reference_uid
        return ImagePlane((place[0], place[1], place[2]), row, column, spacing[0], spacing[1], uid)

    def _places(self, hung: Hung) -> list[Place | None]:
        if by_frame(hung):
            planes = (self._planes.get(key) for key in hung.keys)
            return [None if plane is None else _of_plane(plane) for plane in planes]
        return [_of_record(record) for record in hung.stack.records]


def by_frame(hung: Hung) -> bool:
    """Tell whether the images of a stack are frames, each with a place of its own."""
    return len(hung.keys) != len(hung.stack.records)


def _of_plane(plane: ImagePlane) -> Place:
    return np.asarray(plane.position, np.float64), plane.normal, plane.frame_of_reference_uid


def _of_record(record: InstanceRecord) -> Place | None:
    normal = normal_of(record)
    if normal is None:
        return None
    return np.asarray(record.image_position_patient, np.float64), normal, record.frame_of_reference_uid
