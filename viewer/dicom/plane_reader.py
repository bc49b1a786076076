"""The plane of a frame from its header (PS3.3 C.7.6.2, C.7.6.16.2, C.8.4.15, C.8.8.3.2)."""

import numpy as np

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header
from viewer.dicom.plane import ImagePlane, Vector

LENGTH_TOLERANCE = 0.01  # of a unit vector: cosines are often rounded to two or three digits
RIGHT_ANGLE_TOLERANCE = 2e-3  # cosine between row and column: what rounding to three digits can do
FARTHEST = 1e6  # mm; a position beyond a kilometre is a damaged number

Triple = tuple[float, float, float]


def read_directions(frame: FrameHeader) -> tuple[Vector, Vector] | None:
    """Return the unit vectors (3,) along a row and down a column, made exactly perpendicular.

    None when the header has none, or six numbers that no image plane can have.
    """
    cosines = _orientation(frame)
    if cosines is None:
        return None
    row, column = np.array(cosines[:3]), np.array(cosines[3:])
    lengths = np.array([np.linalg.norm(row), np.linalg.norm(column)])
    if np.any(np.abs(lengths - 1.0) > LENGTH_TOLERANCE):
        frame.top.notices.add("Image Orientation (0020,0037) is not made of unit vectors: ignored")
        return None
    row, column = row / lengths[0], column / lengths[1]
    if abs(float(row @ column)) > RIGHT_ANGLE_TOLERANCE:
        frame.top.notices.add("Image Orientation (0020,0037) has no right angle: ignored")
        return None
    # Rows keep their direction; columns give way by less than the tolerance.
    column -= (column @ row) * row
    return row, column / np.linalg.norm(column)


def read_plane(frame: FrameHeader) -> ImagePlane | None:
    """Return the plane of a frame; None without a position, directions and a spacing that make sense."""
    directions = read_directions(frame)
    spacing = read_spacing(frame)
    if directions is None or spacing is None:
        return None
    position = _position(frame, np.cross(*directions))
    if position is None:
        return None
    return ImagePlane(
        position,
        _triple(directions[0]),
        _triple(directions[1]),
        spacing[0],
        spacing[1],
        frame.top.text("FrameOfReferenceUID"),
    )


def read_spacing(frame: FrameHeader, keyword: str = "PixelSpacing") -> tuple[float, float] | None:
    """Return a spacing in mm, (between rows, between columns); None when absent or not positive."""
    holder = frame.holder("PixelMeasuresSequence", keyword)
    return positive_pair(holder, keyword)


def positive_pair(header: Header, keyword: str) -> tuple[float, float] | None:
    """Return two positive numbers of an attribute, or None."""
    pair = header.vector(keyword, 2)
    if pair is None:
        return None
    if min(pair) <= 0:
        header.notices.add("A pixel spacing of the header is not positive: ignored")
        return None
    return pair[0], pair[1]


def _orientation(frame: FrameHeader) -> tuple[float, ...] | None:
    holder = frame.holder("PlaneOrientationSequence", "ImageOrientationPatient")
    if "ImageOrientationPatient" in holder:
        return holder.vector("ImageOrientationPatient", 6)
    detector = frame.top.item("DetectorInformationSequence")
    return detector.vector("ImageOrientationPatient", 6) if detector is not None else None


def _position(frame: FrameHeader, normal: Vector) -> Triple | None:
    """Return the centre of the first pixel in mm."""
    holder = frame.holder("PlanePositionSequence", "ImagePositionPatient")
    detector = frame.top.item("DetectorInformationSequence")
    if "ImagePositionPatient" not in holder and detector is not None:
        holder = detector
    position = holder.vector("ImagePositionPatient", 3)
    if position is None:
        return None
    if max(abs(value) for value in position) > FARTHEST:
        frame.top.notices.add("Image Position (0020,0032) is beyond all measure: ignored")
        return None
    if frame.own is not None or frame.number == 1:
        return position[0], position[1], position[2]
    step = _nuclear_step(frame, normal) if detector is not None else _dose_step(frame, normal)
    return None if step is None else _triple(np.array(position) + step)


def _nuclear_step(frame: FrameHeader, normal: Vector) -> Vector | None:
    """Return how far a frame of an NM volume lies from the first one (PS3.3 C.8.4.15): signed spacing.

    None for frames that are no slices: other energies, phases or angles of view.
    """
    spacing = frame.top.number("SpacingBetweenSlices")
    slices = frame.top.numbers("SliceVector")
    if spacing is None or len(slices) < frame.number:
        return None
    index, first = slices[frame.number - 1], slices[0]
    return None if index is None or first is None else (index - first) * spacing * normal


def _dose_step(frame: FrameHeader, normal: Vector) -> Vector | None:
    """Return how far a frame of a dose grid lies from the first one (PS3.3 C.8.8.3.2).

    None when the header does not say where the frames after the first lie.
    """
    if "GridFrameOffsetVector" not in frame.top:
        return np.zeros(3) if _frames_in_time(frame) else None
    offsets = frame.top.numbers("GridFrameOffsetVector")
    if len(offsets) < frame.number:
        return None
    offset, first = offsets[frame.number - 1], offsets[0]
    if offset is None or first is None:
        return None
    # First value zero: offsets along the normal; otherwise they are patient z coordinates.
    axis = normal if first == 0 else np.array([0.0, 0.0, 1.0])
    return (offset - first) * axis


def _frames_in_time(frame: FrameHeader) -> bool:
    """Tell whether the frames follow each other in time, and so lie in one plane."""
    return any(keyword in frame.top for keyword in ("FrameTime", "FrameTimeVector", "CineRate"))


def _triple(vector: Vector) -> Triple:
    x, y, z = (float(value) + 0.0 for value in vector)  # + 0.0 turns -0.0 into 0.0
    return x, y, z
