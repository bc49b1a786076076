"""Planes through a volume: modality values between the voxels, by linear interpolation."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.plane import ImagePlane, Vector
from viewer.rendering.volume import Position, Volume

ON_GRID = 1e-6  # voxels: less than the rounding of a position in mm, more than that of float64
PARALLEL = 1e-6  # of a cosine: closer than any pair of directions that a scanner writes
LEAST_WEIGHT = 1e-3  # of voxels that are not padding; below, the rest of float32 would speak
MARGIN = 1e-9  # voxels: a plane on the last slice is inside, whatever the rounding


class Orientation(StrEnum):
    """The three planes of the patient."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"


# Along a row and down a column as a radiologist reads: the patient's left is on the right, the front is up
# on axial planes, the head is up on the others, and the front is on the left of a sagittal one.
DIRECTIONS: dict[Orientation, tuple[Position, Position]] = {
    Orientation.AXIAL: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    Orientation.CORONAL: ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    Orientation.SAGITTAL: ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}


@dataclass(frozen=True, slots=True)
class _Walk:
    """A plane in the voxels of a volume: start + column * along + row * down, each (slice, row, column)."""

    start: Vector  # (3,)
    along: Vector  # (3,) for one column to the right
    down: Vector  # (3,) for one row down

    def corners(self, rows: int, columns: int) -> Vector:
        """Return the centres of the four corner pixels, (4, 3)."""
        ends = [(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1)]
        return np.array([self.start + row * self.down + column * self.along for row, column in ends])


def reslice(volume: Volume, plane: ImagePlane, rows: int, columns: int) -> NDArray[np.float32]:
    """Return the modality values (rows, columns) of `plane`, NaN outside of the volume and in padding.

    Values are interpolated linearly in the voxel grid itself, which is right for a sheared volume too. The
    volume ends half a voxel past its outermost centres. Next to padding, only the voxels that are none
    count. A plane that lies exactly on the grid is read without interpolation.
    """
    walk = _walk(volume, plane)
    exact = _on_grid(volume.values, walk, rows, columns)
    if exact is None:
        return _between(volume, walk, rows, columns)
    if volume.padding is not None:
        padded = _on_grid(volume.padding, walk, rows, columns)
        if padded is not None:
            exact[padded == 1] = np.nan
    return exact


def orthogonal_plane(
    volume: Volume, orientation: Orientation, point: Position
) -> tuple[ImagePlane, int, int]:
    """Return the plane of the patient through `point` (mm) that spans the volume, its rows and columns.

    Pixels are square, of the finer in-plane spacing of the slices. Where the volume has voxel planes in
    this direction, the nearest of them is taken, so that an original slice is shown as it is; the position
    of the returned plane says where it truly lies.
    """
    row_direction, column_direction = DIRECTIONS[orientation]
    spacing = volume.in_plane_spacing
    low, high = volume.bounds()
    through = np.asarray(_snapped(volume, orientation, point))
    start = through.copy()
    sizes = []
    for direction in (np.asarray(row_direction), np.asarray(column_direction)):
        axis = int(np.argmax(np.abs(direction)))
        start[axis] = low[axis] if direction[axis] > 0 else high[axis]
        sizes.append(int((high[axis] - low[axis]) / spacing + ON_GRID) + 1)
    plane = ImagePlane(
        (float(start[0]), float(start[1]), float(start[2])),
        row_direction,
        column_direction,
        spacing,
        spacing,
        volume.frame_of_reference_uid,
    )
    return plane, sizes[1], sizes[0]


def step_through(volume: Volume, orientation: Orientation) -> float:
    """Return the distance in mm between the planes of scrolling: voxel planes, where there are any."""
    step = _grid_step(volume, orientation)
    return volume.in_plane_spacing if step is None else step


def nearest(steps: float) -> int:
    """Return the nearest whole number, of two the higher one, so that no step of 1 ever counts 0 or 2."""
    return math.floor(steps + 0.5 + ON_GRID)


def normal_of(orientation: Orientation) -> Vector:
    """Return the unit normal (3,) of a plane of the patient, row direction x column direction."""
    return np.cross(*DIRECTIONS[orientation])


def _grid_step(volume: Volume, orientation: Orientation) -> float | None:
    """Return the distance in mm of the voxel planes that lie this way; None when none do."""
    normal = normal_of(orientation)
    steps = [np.asarray(step) for step in (volume.slice_step, volume.row_step, volume.column_step)]
    along = [abs(float(step @ normal)) / float(np.linalg.norm(step)) for step in steps]
    across = int(np.argmax(along))
    others = max(cosine for index, cosine in enumerate(along) if index != across)
    return abs(float(steps[across] @ normal)) if others < PARALLEL else None


def _snapped(volume: Volume, orientation: Orientation, point: Position) -> Position:
    """Return `point` moved along the normal to the nearest voxel plane, if there are such planes."""
    step = _grid_step(volume, orientation)
    if step is None:
        return point
    normal = normal_of(orientation)
    offset = float((np.asarray(point) - np.asarray(volume.origin)) @ normal) / step
    moved = np.asarray(point) + (nearest(offset) - offset) * step * normal
    return float(moved[0]), float(moved[1]), float(moved[2])


def _walk(volume: Volume, plane: ImagePlane) -> _Walk:
    inverse = np.linalg.inv(volume.matrix)
    return _Walk(
        volume.to_voxel(np.asarray(plane.position)),
        inverse @ (np.asarray(plane.row_direction) * plane.column_spacing),
        inverse @ (np.asarray(plane.column_direction) * plane.row_spacing),
    )


def _on_grid(values: NDArray[np.generic], walk: _Walk, rows: int, columns: int) -> NDArray[np.float32] | None:
    """Return the voxels of a plane whose pixel centres are voxel centres, None when they are not."""
    corners = walk.corners(rows, columns)
    whole = np.rint(walk.start).astype(int), np.rint(walk.along).astype(int), np.rint(walk.down).astype(int)
    rounded = _Walk(whole[0].astype(float), whole[1].astype(float), whole[2].astype(float))
    if np.abs(corners - rounded.corners(rows, columns)).max() > ON_GRID:
        return None
    units = sorted(int(np.abs(vector).sum()) for vector in whole[1:])
    if units != [1, 1] or np.abs(whole[1] @ whole[2]):
        return None
    picture = np.full((rows, columns), np.nan, np.float32)
    index: list[slice | int] = [int(place) for place in whole[0]]
    target: list[slice] = []
    axes = []
    for step, count in ((whole[2], rows), (whole[1], columns)):
        axis = int(np.argmax(np.abs(step)))
        source, part = _overlap(int(whole[0][axis]), int(step[axis]), count, values.shape[axis])
        index[axis] = source
        target.append(part)
        axes.append(axis)
    fixed = 3 - sum(axes)
    place = int(whole[0][fixed])
    if 0 <= place < values.shape[fixed]:
        view = values[tuple(index)]
        picture[tuple(target)] = view if axes[0] < axes[1] else view.T
    return picture


def _overlap(start: int, step: int, count: int, size: int) -> tuple[slice, slice]:
    """Return which voxels of an axis a walk of `count` steps of +1 or -1 meets, and at which pixels."""
    low, high = (start, start + count) if step > 0 else (start - count + 1, start + 1)
    first, last = max(low, 0), min(high, size)
    if last <= first:
        return slice(0, 0), slice(0, 0)
    if step > 0:
        return slice(first, last), slice(first - start, last - start)
    stop = first - 1
    return slice(last - 1, stop if stop >= 0 else None, -1), slice(start - last + 1, start - first + 1)


def _between(volume: Volume, walk: _Walk, rows: int, columns: int) -> NDArray[np.float32]:
    """Return the interpolated plane, from the part of the volume that it meets."""
    corners = walk.corners(rows, columns)
    shape = np.array(volume.values.shape)
    first = np.clip(np.floor(corners.min(axis=0) - MARGIN).astype(int), 0, shape)
    last = np.clip(np.ceil(corners.max(axis=0) + MARGIN).astype(int) + 1, 0, shape)
    if (last <= first).any():
        # The plane passes by, or within half a voxel outside: let the outermost layer decide.
        first, last = np.clip(first, 0, shape - 1), np.maximum(last, np.clip(first, 0, shape - 1) + 1)
    part = tuple(slice(int(low), int(high)) for low, high in zip(first, last, strict=True))
    moved = _Walk(walk.start - first, walk.along, walk.down)
    values = _resampled(volume.values[part], moved, rows, columns)
    if volume.padding is None or not volume.padding[part].any():
        return values
    weight = _resampled((~volume.padding[part]).astype(np.uint8), moved, rows, columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        sum_of_valid = values - (1 - weight) * np.float32(volume.lowest)  # padded voxels hold `lowest`
        return np.where(weight > LEAST_WEIGHT, sum_of_valid / weight, np.float32(np.nan))


def _resampled(values: NDArray[np.generic], walk: _Walk, rows: int, columns: int) -> NDArray[np.float32]:
    """Let SimpleITK walk through an array as float32 (int16 would truncate), NaN outside."""
    import SimpleITK as sitk  # noqa: N813, PLC0415  0.35 s and 110 MB that only an oblique plane is worth

    image = sitk.GetImageFromArray(values)  # x, y, z of the image are column, row, slice
    matrix = np.array([walk.along[::-1], walk.down[::-1], np.zeros(3)]).T
    transform = sitk.AffineTransform(  # type: ignore[no-untyped-call]  # SimpleITK annotates only in part
        [float(number) for number in matrix.ravel()], [float(number) for number in walk.start[::-1]]
    )
    filtered = sitk.Resample(
        image,
        [columns, rows, 1],
        transform,
        sitk.sitkLinear,
        [0.0, 0.0, 0.0],
        [1.0, 1.0, 1.0],
        [float(number) for number in np.eye(3).ravel()],
        float("nan"),
        sitk.sitkFloat32,
    )
    picture: NDArray[np.float32] = sitk.GetArrayFromImage(filtered)[0]
    return picture
