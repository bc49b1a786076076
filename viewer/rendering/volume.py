"""A stack of parallel planes as one block of modality values (PS3.3 C.7.6.2.1.1)."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable, Modality, Rescale
from viewer.dicom.plane import ImagePlane, Vector
from viewer.errors import ViewerError
from viewer.rendering.modality_lut import to_modality
from viewer.rendering.padding import no_tissue

Values = NDArray[np.int16] | NDArray[np.float32]
Position = tuple[float, float, float]

MINIMUM_SLICES = 3  # fewer make no cross-section worth looking at
ORIENTATION_TOLERANCE = 1e-3  # of a direction cosine; scanners write six digits
SPACING_TOLERANCE = 0.01  # of the step between slices, and not less than
PLACE_TOLERANCE = 0.01  # mm, as positions are often rounded to two digits
DRIFT_TOLERANCE = 0.05  # of the step: how far a slice may lie from its place on the regular grid
TILT_NOTICE = 0.1  # degrees between the normal and the direction in which the slices follow each other
WHOLE_STEPS = 0.1  # a step so near to a multiple of the others is a gap where slices are missing
LABELS = {"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"}  # Segmentation, Label Map
INT16 = np.iinfo(np.int16)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the slices of a volume lie, before any of them is decoded."""

    order: tuple[int, ...]  # indices of the images given, along the normal
    rows: int
    columns: int
    origin: Position  # mm, centre of voxel 0,0,0
    slice_step: Position  # mm, from a voxel to the same one of the next slice; not the normal when tilted
    row_step: Position  # mm, from a voxel to the one of the next row (down a column)
    column_step: Position  # mm, from a voxel to the one of the next column (along a row)
    frame_of_reference_uid: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """Modality values on a regular grid, which a gantry tilt may have sheared.

    The voxel (slice, row, column) has its centre at origin + slice * slice_step + row * row_step +
    column * column_step. Padded voxels hold `lowest`, and `padding` says which they are.
    """

    values: Values  # (slices, rows, columns), C-contiguous, read-only
    origin: Position  # mm, centre of voxel 0,0,0
    slice_step: Position
    row_step: Position
    column_step: Position
    lowest: float  # the least value that is not padding
    padding: NDArray[np.bool_] | None = None  # the shape of `values`; None when nothing is padded
    unit: str = ""
    frame_of_reference_uid: str = ""

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Return the (3, 3) matrix from voxel (slice, row, column) offsets to mm."""
        return np.array([self.slice_step, self.row_step, self.column_step]).T

    @property
    def in_plane_spacing(self) -> float:
        """Return the finer of the spacings between rows and between columns, in mm."""
        return float(min(np.linalg.norm(self.row_step), np.linalg.norm(self.column_step)))

    @property
    def tilt(self) -> float:
        """Return the angle between the slices' normal and the way they follow each other, in degrees."""
        normal = np.cross(self.column_step, self.row_step)
        step = np.asarray(self.slice_step)
        cosine = float(normal @ step) / float(np.linalg.norm(normal) * np.linalg.norm(step))
        return math.degrees(math.acos(min(1.0, cosine)))

    def to_patient(self, voxel: Vector) -> Vector:
        """Return the patient position (3,) in mm of a voxel (slice, row, column), fractions allowed."""
        return np.asarray(self.origin) + self.matrix @ np.asarray(voxel, dtype=np.float64)

    def to_voxel(self, point: Vector) -> Vector:
        """Return the voxel (slice, row, column), with fractions, at a patient position (3,) in mm."""
        offset = np.asarray(point, dtype=np.float64) - np.asarray(self.origin)
        return np.linalg.solve(self.matrix, offset)

    def bounds(self) -> tuple[Vector, Vector]:
        """Return the least and the greatest patient coordinates (3,), (3,) in mm of voxel centres."""
        last = np.array(self.values.shape) - 1
        corners = [
            self.to_patient(np.array(corner) * last)
            for corner in np.ndindex(2, 2, 2)  # the eight corners of the block
        ]
        return np.min(corners, axis=0), np.max(corners, axis=0)


def arrange(images: Sequence[ImageDescription]) -> Grid:
    """Return the regular grid on which `images` lie, from their headers alone.

    Raises ViewerError, with the reason, when they do not make one volume: too few, in colour, without a
    position, of several sizes, orientations, spacings or frames of reference, with a gap or a duplicate.
    Nothing is averaged away, and Slice Thickness has no say.
    """
    if len(images) < MINIMUM_SLICES:
        raise _refusal(f"it takes at least {MINIMUM_SLICES} parallel slices, and there are {len(images)}")
    planes = [_plane(image) for image in images]
    _check_alike(images, planes)
    first = planes[0]
    distances = [float(np.asarray(plane.position) @ first.normal) for plane in planes]
    order = tuple(sorted(range(len(planes)), key=distances.__getitem__))
    positions = np.array([planes[index].position for index in order])
    _check_spacing(positions @ first.normal)
    step = (positions[-1] - positions[0]) / (len(order) - 1)
    _check_drift(positions, step)
    return Grid(
        order,
        images[0].rows,
        images[0].columns,
        _position(positions[0]),
        _position(step),
        _position(np.asarray(first.column_direction) * first.row_spacing),
        _position(np.asarray(first.row_direction) * first.column_spacing),
        first.frame_of_reference_uid,
    )


def build(
    images: Sequence[ImageDescription],
    frames: Iterable[Frame],
    grid: Grid | None = None,
    report: Callable[[int], None] | None = None,
) -> Volume:
    """Return the volume of `images`, one frame each, both in the same order (which may be any).

    Each slice goes through its own modality LUT, so that a PET whose slope changes from slice to slice is
    right. Values are int16 when the slope and intercept are the same whole numbers for all and every value
    fits, else float32. `frames` is consumed one at a time, and `report` is told how many are done.
    Raises ViewerError when there is no such volume, or no memory for it.
    """
    grid = arrange(images) if grid is None else grid
    places = {index: place for place, index in enumerate(grid.order)}
    try:
        block = _Block(len(images), grid, whole=_is_whole(images))
        for index, (image, frame) in enumerate(zip(images, frames, strict=True)):
            block.put(places[index], image, frame)
            if report is not None:
                report(index + 1)
    except MemoryError as error:
        raise _refusal("there is not enough free memory") from error
    return block.volume(grid, images[0].modality_lut.unit)


class _Block:
    """Slices put one by one into an array that becomes float32 when a value does not fit int16."""

    def __init__(self, slices: int, grid: Grid, *, whole: bool) -> None:
        shape = (slices, grid.rows, grid.columns)
        self._values: Values = np.empty(shape, np.int16) if whole else np.empty(shape, np.float32)
        self._padding: NDArray[np.bool_] | None = None
        self._lowest = math.inf

    def put(self, place: int, image: ImageDescription, frame: Frame) -> None:
        """Convert one slice; raise ViewerError when its pixels are not those of its header."""
        shape: tuple[int, ...] = self._values.shape[1:]
        if frame.stored.shape != shape:
            got = " x ".join(str(size) for size in frame.stored.shape)
            raise _refusal(
                f"the pixels of one slice are {got}, not {shape[0]} x {shape[1]} as its header says"
            )
        padded = no_tissue(frame, image.padding)
        valid = frame.stored if padded is None else frame.stored[~padded]
        if valid.size:
            self._lowest = min(self._lowest, _lowest(valid, image.modality_lut))
        if padded is not None:
            if self._padding is None:
                self._padding = np.zeros(self._values.shape, np.bool_)
            self._padding[place] = padded
        if self._values.dtype == np.int16 and not _fits(valid, image.modality_lut):
            self._values = self._values.astype(np.float32)
        self._values[place] = _converted(
            frame.stored, image.modality_lut, whole=self._values.dtype == np.int16
        )

    def volume(self, grid: Grid, unit: str) -> Volume:
        """Return what was put, sealed."""
        lowest = self._lowest if math.isfinite(self._lowest) else 0.0
        if self._padding is not None:
            self._values[self._padding] = lowest
            self._padding.flags.writeable = False
        self._values.flags.writeable = False
        return Volume(
            self._values,
            grid.origin,
            grid.slice_step,
            grid.row_step,
            grid.column_step,
            lowest,
            self._padding,
            unit,
            grid.frame_of_reference_uid,
        )


def _converted(stored: Stored, modality: Modality, *, whole: bool) -> NDArray[np.int16] | NDArray[np.float32]:
    """Return the modality values of `stored`; `whole` ones by int16 arithmetic, exact as they fit."""
    if whole and isinstance(modality, Rescale):
        values = stored.astype(np.int16)  # modulo 65536, as are the next two lines: the sum is right again
        values *= np.int16(modality.slope)
        values += np.int16(modality.intercept)
        return values
    return to_modality(stored, modality).astype(np.float32)


def _is_whole(images: Sequence[ImageDescription]) -> bool:
    """Tell whether all slices share one rescale by whole numbers that int16 can hold."""
    first = images[0].modality_lut
    if not isinstance(first, Rescale):
        return False
    numbers = (first.slope, first.intercept)
    rescales = [image.modality_lut for image in images if isinstance(image.modality_lut, Rescale)]
    alike = len(rescales) == len(images) and all((each.slope, each.intercept) == numbers for each in rescales)
    return alike and all(
        float(number).is_integer() and INT16.min <= number <= INT16.max for number in numbers
    )


def _fits(valid: Stored, modality: Modality) -> bool:
    """Tell whether all values that are not padding fit int16 after a whole-number rescale."""
    if not isinstance(modality, Rescale) or valid.dtype.kind == "f":
        return False
    if not valid.size:
        return True
    ends = [modality.slope * int(end) + modality.intercept for end in (valid.min(), valid.max())]
    return INT16.min <= min(ends) and max(ends) <= INT16.max


def _lowest(valid: Stored, modality: Modality) -> float:
    """Return the least modality value of `valid`, which is not empty."""
    if isinstance(modality, LookupTable):
        return float(np.min(_converted(valid, modality, whole=False)))
    return min(modality.slope * float(end) + modality.intercept for end in (valid.min(), valid.max()))


def _plane(image: ImageDescription) -> ImagePlane:
    """Return the plane of a slice; raise ViewerError when the image cannot be one."""
    if image.samples_per_pixel != 1 or image.palette is not None or image.supplemental is not None:
        raise _refusal("the images are in colour")
    if image.sop_class_uid in LABELS:
        raise _refusal("the images are a segmentation, and there is nothing between a label and the next")
    if image.plane is None:
        raise _refusal("the header of an image does not say where it lies in the patient")
    skew = abs(float(np.dot(image.plane.row_direction, image.plane.column_direction)))
    if skew > ORIENTATION_TOLERANCE:
        raise _refusal("the rows and columns of an image are not at right angles")
    return image.plane


def _check_alike(images: Sequence[ImageDescription], planes: Sequence[ImagePlane]) -> None:
    """Raise ViewerError when the slices differ in anything but their place."""
    first = planes[0]
    for image, plane in zip(images, planes, strict=True):
        if (image.rows, image.columns) != (images[0].rows, images[0].columns):
            raise _refusal("the slices are of different sizes")
        if not np.allclose(_directions(plane), _directions(first), rtol=0, atol=ORIENTATION_TOLERANCE):
            raise _refusal("the slices are not parallel")
        spacing = (plane.row_spacing, plane.column_spacing)
        if not np.allclose(spacing, (first.row_spacing, first.column_spacing), rtol=1e-3, atol=0):
            raise _refusal("the slices have different pixel spacings")
        if plane.frame_of_reference_uid != first.frame_of_reference_uid:
            raise _refusal("the slices do not share one frame of reference")
        if image.modality_lut.unit != images[0].modality_lut.unit:
            raise _refusal("the values of the slices are in different units")


def _directions(plane: ImagePlane) -> Vector:
    return np.array([plane.row_direction, plane.column_direction])


def _check_spacing(distances: Vector) -> None:
    """Raise ViewerError when sorted `distances` (slices,) mm have a gap, a duplicate or vary."""
    steps = np.diff(distances)
    usual = float(np.median(steps))
    count = len(distances)
    tolerance = max(PLACE_TOLERANCE, SPACING_TOLERANCE * usual)
    nearest = int(np.argmin(steps))
    if steps[nearest] <= tolerance:
        raise _refusal(f"slices {nearest + 1} and {nearest + 2} of {count} lie at the same place")
    worst = int(np.argmax(np.abs(steps - usual)))
    if abs(steps[worst] - usual) <= tolerance:
        return
    times = float(steps[worst]) / usual
    if round(times) > 1 and abs(times - round(times)) < WHOLE_STEPS:
        raise _refusal(
            f"there is a gap of {steps[worst]:.2f} mm after slice {worst + 1} of {count}, "
            f"and {usual:.2f} mm between the others"
        )
    raise _refusal(
        f"the slices are not evenly spaced, from {steps.min():.2f} to {steps.max():.2f} mm, "
        f"first after slice {int(np.argmax(np.abs(steps - usual) > tolerance)) + 1} of {count}"
    )


def _check_drift(positions: Vector, step: Vector) -> None:
    """Raise ViewerError when sorted `positions` (slices, 3) mm do not lie on one straight line."""
    expected = positions[0] + np.arange(len(positions))[:, None] * step
    away = np.linalg.norm(positions - expected, axis=1)
    worst = int(np.argmax(away))
    if away[worst] > max(PLACE_TOLERANCE, DRIFT_TOLERANCE * float(np.linalg.norm(step))):
        raise _refusal(
            f"slice {worst + 1} of {len(positions)} lies {away[worst]:.2f} mm off the line of the others"
        )


def _position(vector: Vector) -> Position:
    return float(vector[0]), float(vector[1]), float(vector[2])


def _refusal(reason: str) -> ViewerError:
    return ViewerError(f"Planes through this series cannot be made: {reason}.")
