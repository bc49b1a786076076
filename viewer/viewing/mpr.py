"""Three planes of the patient through a stack, linked by a cross-hair (multiplanar reformatting).

A reformatted plane is one more source of modality values for the same pipeline: it comes as an
ImageDescription and a Frame, as the frame of a file does.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame
from viewer.dicom.header_text import location
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription, Timing
from viewer.dicom.luts import Rescale, Window, WindowFunction
from viewer.dicom.plane import Vector
from viewer.dicom.records import FrameKey
from viewer.rendering.auto_window import TAILS
from viewer.rendering.reslice import Orientation, nearest, normal_of, orthogonal_plane, reslice, step_through
from viewer.rendering.volume import TILT_NOTICE, Position, Volume, arrange, build
from viewer.viewing.links import Extent, Line, reference_line

NOTICE = "MPR: interpolated"
SAMPLES = 250_000  # voxels looked at for a window; more would not move a percentile visibly
OF_ONE_SLICE = {  # keywords whose text is true of one slice only, and not of a plane across them
    "AcquisitionDate", "AcquisitionDateTime", "AcquisitionNumber", "AcquisitionTime", "ContentDate",
    "ContentTime", "Exposure", "ExposureTime", "ImageComments", "ImageOrientationPatient",
    "ImagePositionPatient", "ImageType", "InstanceCreationTime", "InstanceNumber", "Laterality",
    "NumberOfFrames", "PatientOrientation", "SliceLocation", "SliceThickness", "SOPInstanceUID",
    "TableHeight", "TriggerTime", "XRayTubeCurrent",
}  # fmt: skip


def load(
    images: Sequence[ImageDescription],
    frame_of: Callable[[FrameKey], Frame],
    report: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Volume | None:
    """Return the volume of a stack, in a job: `frame_of` reads each frame, and `report` hears of it.

    The headers are checked before anything is read. None when `cancelled` says so between two frames.
    Raises ViewerError, with the reason, when the stack has no volume.
    """
    grid = arrange(images)
    stopped = cancelled or _never

    def frames() -> Iterator[Frame]:
        for image in images:
            if stopped():
                raise _CancelledError
            yield frame_of(image.key)

    def done(count: int) -> None:
        if report is not None:
            report(count, len(images))

    try:
        return build(images, frames(), grid, done)
    except _CancelledError:
        return None


class _CancelledError(Exception):
    """The reader no longer wants the volume."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Crosshair:
    """The point that the three planes go through."""

    point: Position  # mm in the patient


@dataclass(frozen=True, slots=True, eq=False)
class MprState:
    """A volume, what is known of its images, and where one looks. Change it by its methods."""

    volume: Volume
    base: ImageDescription  # of an image of the stack: its windows, polarity and text
    crosshair: Crosshair

    @classmethod
    def of(cls, volume: Volume, base: ImageDescription) -> Self:
        """Return the three planes through the middle voxel of the volume."""
        if not base.vois:  # one window for all planes, so that scrolling does not change the greys
            base = replace(base, vois=(volume_window(volume),), default_voi=0, identity_voi=False)
        middle = volume.to_patient((np.array(volume.values.shape) - 1) // 2)
        return cls(volume, base, Crosshair(_position(middle)))

    def extent(self, orientation: Orientation) -> Extent:
        """Return the plane that is shown, and its size."""
        return Extent(*orthogonal_plane(self.volume, orientation, self.crosshair.point))

    def picture(self, orientation: Orientation) -> tuple[ImageDescription, Frame]:
        """Return what a viewport shows of one plane."""
        return picture(self.volume, self.base, orientation, self.crosshair.point)

    def moved_to(self, point: Position) -> Self:
        """Return the planes through another point, in mm; outside the volume, its nearest point."""
        low, high = self.volume.bounds()
        return replace(self, crosshair=Crosshair(_position(np.clip(np.asarray(point), low, high))))

    def clicked(self, orientation: Orientation, x: float, y: float) -> Self:
        """Return the planes through the image coordinates `x`, `y` of one: it stays, the others follow."""
        return self.moved_to(_position(self.extent(orientation).plane.to_patient(x, y)))

    def scrolled(self, orientation: Orientation, steps: int) -> Self:
        """Return the planes with one moved along its normal; the others stay."""
        from_here = np.asarray(self.crosshair.point)
        way = steps * step_through(self.volume, orientation) * normal_of(orientation)
        return self.moved_to(_position(from_here + way))

    def count(self, orientation: Orientation) -> int:
        """Return how many planes there are to scroll through."""
        low, high = self._range(orientation)
        return round((high - low) / step_through(self.volume, orientation)) + 1

    def index(self, orientation: Orientation) -> int:
        """Return which of them is shown, from 0, in the direction of the normal."""
        here = float(np.asarray(self.crosshair.point) @ normal_of(orientation))
        low, _ = self._range(orientation)
        step = step_through(self.volume, orientation)
        return min(max(nearest((here - low) / step), 0), self.count(orientation) - 1)

    def at_index(self, orientation: Orientation, index: int) -> Self:
        """Return the planes with one moved to the place `index` of its range."""
        return self.scrolled(orientation, index - self.index(orientation))

    def place(self, orientation: Orientation) -> tuple[float, float]:
        """Return the image coordinates of the cross-hair on one plane."""
        return self.extent(orientation).plane.to_image(np.asarray(self.crosshair.point))

    def lines(self, orientation: Orientation) -> dict[Orientation, Line]:
        """Return the lines in which the other two planes cut this one, in its image coordinates."""
        shown = self.extent(orientation)
        found: dict[Orientation, Line] = {}
        for other in Orientation:
            line = _line(shown, self.extent(other)) if other is not orientation else None
            if line is not None:
                found[other] = line
        return found

    def _range(self, orientation: Orientation) -> tuple[float, float]:
        """Return the places along the normal, in mm, where the volume begins and ends."""
        ends = [float(corner @ normal_of(orientation)) for corner in self.volume.bounds()]
        return min(ends), max(ends)


def picture(
    volume: Volume, base: ImageDescription, orientation: Orientation, point: Position
) -> tuple[ImageDescription, Frame]:
    """Return the plane of the patient through `point` (mm) as an image with modality values, NaN outside.

    The description has the windows, polarity and text of `base`, true millimetres in the patient, no SOP
    class (there is no instance that a presentation state could refer to), and says that it is interpolated.
    """
    plane, rows, columns = orthogonal_plane(volume, orientation, point)
    values = reslice(volume, plane, rows, columns)
    values.flags.writeable = False
    key = FrameKey(_uid(base.key, orientation, plane.position))
    tilt = (f"TILT {volume.tilt:.1f}°",) if volume.tilt > TILT_NOTICE else ()
    description = replace(
        base,
        key=key,
        sop_class_uid="",
        rows=rows,
        columns=columns,
        number_of_frames=1,
        bits_allocated=32,
        bits_stored=32,
        signed=True,
        modality_lut=Rescale(unit=volume.unit, source=NOTICE),
        padding=None,
        supplemental=None,
        overlays=(),
        shutter=None,
        real_world=(),
        plane=plane,
        patient_orientation=None,
        pixel_aspect=1.0,
        calibration=Calibration(
            CalibrationClass.PATIENT, plane.row_spacing, plane.column_spacing, "positions of the slices"
        ),
        timing=Timing(),
        notices=(*base.notices, NOTICE, *tilt),
        text={
            **{keyword: text for keyword, text in base.text.items() if keyword not in OF_ONE_SLICE},
            "SliceLocation": location(plane),
        },
    )
    return description, Frame(key, values, base.photometric)


def is_reformatted(description: ImageDescription) -> bool:
    """Tell whether an image was made here from a volume, so that no file can refer to it."""
    return description.sop_class_uid == ""


def volume_window(volume: Volume) -> Window:
    """Return a window over the values of the whole volume without its padding, source "auto"."""
    stride = max(1, round((volume.values.size / SAMPLES) ** (1 / 3)))
    every = (slice(None, None, stride),) * 3
    values: NDArray[np.generic] = volume.values[every]
    if volume.padding is not None and not volume.padding[every].all():
        values = values[~volume.padding[every]]
    lowest, highest = (float(value) for value in np.percentile(values.astype(np.float32), TAILS))
    width = highest - lowest if highest > lowest else 1.0
    return Window((lowest + highest) / 2, width, WindowFunction.LINEAR_EXACT, "Auto", "auto")


def _line(shown: Extent, other: Extent) -> Line | None:
    """Return the reference line of two planes of one volume, which share its space by construction."""
    here = replace(shown.plane, frame_of_reference_uid="volume")
    there = replace(other.plane, frame_of_reference_uid="volume")
    return reference_line(here, replace(other, plane=there))


def _uid(base: FrameKey, orientation: Orientation, position: Position) -> str:
    """Return a UID (PS3.5 B.2) that is the same for the same plane of the same stack."""
    place = ",".join(f"{number:.4f}" for number in position)
    name = f"{base.sop_instance_uid}/{base.frame_number}/{orientation.value}/{place}"
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, name).int}"


def _position(vector: Vector) -> Position:
    return float(vector[0]), float(vector[1]), float(vector[2])
