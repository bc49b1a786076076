"""A point in the patient, found in every viewport of its frame of reference (PS3.3 C.7.4.1)."""

from dataclasses import dataclass

import numpy as np

from viewer.dicom.image import ImageDescription
from viewer.dicom.plane import ImagePlane, Vector
from viewer.viewing.linking import is_same_study_person
from viewer.viewing.pane import Pane
from viewer.viewing.track import Track, Tracks

NO_COMMON_FRAME = "no common frame of reference"
NO_PLANE = "This image does not say where it lies in the patient."


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A point that the reader showed: mm in the patient, and whose frame of reference that is."""

    point: Vector  # (3,)
    frame_of_reference_uid: str
    pane: Pane  # in which it was shown


def reason(image: ImageDescription | None) -> str:
    """Return why a point of an image cannot be looked for in others, "" when it can."""
    if image is None:
        return "There is no image here."
    return "" if image.plane is not None and image.plane.frame_of_reference_uid else NO_PLANE


def mark(pane: Pane, x: float, y: float) -> Mark | None:
    """Return the point under image coordinates of what a pane shows; None where its place is not known."""
    image = pane.state.image
    if image is None or image.plane is None or not image.plane.frame_of_reference_uid:
        return None
    return Mark(image.plane.to_patient(x, y), image.plane.frame_of_reference_uid, pane)


def is_common(found: Mark, pane: Pane, tracks: Tracks) -> bool:
    """Tell whether the point means something in another pane: one patient and one frame of reference."""
    if not is_same_study_person(found.pane, pane):
        return False
    if pane.state.image is not None and pane.state.image.plane is not None:
        return pane.state.image.plane.frame_of_reference_uid == found.frame_of_reference_uid
    track = tracks.of(pane.hung)
    return track is not None and track.frame_of_reference_uid == found.frame_of_reference_uid


def nearest(found: Mark, pane: Pane, tracks: Tracks) -> int | None:
    """Return the image of a pane's stack that is nearest to the point; None where none is known to be."""
    track = tracks.of(pane.hung)
    if track is None or track.frame_of_reference_uid != found.frame_of_reference_uid:
        return None
    return track.nearest(float(np.asarray(found.point) @ track.normal), pane.index)[0]


def foot(found: Mark, pane: Pane, track: Track | None) -> tuple[float, float] | None:
    """Return the image coordinates at which the point is drawn; None on images that do not go through it.

    An image stands for half of the distance to its neighbours, on both sides.
    """
    plane = _plane(pane)
    if plane is None or plane.frame_of_reference_uid != found.frame_of_reference_uid:
        return None
    reach = track.reach if track is not None else 0.0
    if abs(plane.distance(found.point)) > reach + 1e-3:  # mm: the rounding of positions
        return None
    return plane.to_image(found.point)


def _plane(pane: Pane) -> ImagePlane | None:
    return pane.picture.description.plane if pane.picture is not None else None
