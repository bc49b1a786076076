"""One slice to be painted with solid shapes whose distances are known, in patient millimetres."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Field = NDArray[np.floating[Any]]  # what arithmetic may make of it; painting is float32 again
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A slice, or a part of one: `values` are Hounsfield units, painted in place.

    x to the patient's left, y to the back, z to the head (PS3.3 C.7.6.2.1.1).
    """

    values: Array  # (rows, columns)
    x: Array  # (1, columns) mm, centres of the columns
    y: Array  # (rows, 1) mm, centres of the rows
    z: float  # mm
    pixel: float  # mm, between rows and between columns

    @classmethod
    def blank(cls, size: tuple[int, int], corner: tuple[float, float], z: float, pixel: float) -> Self:
        """Return a slice of air; `corner` is x, y of the first pixel's centre, `size` rows, columns."""
        rows, columns = size
        return cls(
            np.full(size, -1000, np.float32),
            (corner[0] + pixel * np.arange(columns, dtype=np.float32))[None, :].astype(np.float32),
            (corner[1] + pixel * np.arange(rows, dtype=np.float32))[:, None].astype(np.float32),
            z,
            pixel,
        )

    def part(self, low: tuple[float, float], high: tuple[float, float]) -> Self:
        """Return the part between two points x, y in mm, and a pixel more; painting it paints this one."""
        columns = self._span(self.x[0], low[0], high[0])
        rows = self._span(self.y[:, 0], low[1], high[1])
        return replace(self, values=self.values[rows, columns], x=self.x[:, columns], y=self.y[rows])

    def _span(self, places: Array, low: float, high: float) -> slice:
        first = int(np.searchsorted(places, low - self.pixel))
        return slice(first, max(int(np.searchsorted(places, high + self.pixel)), first))

    def cover(self, distance: Field, edge: float = 0.0) -> Array:
        """Return how much of each pixel (0..1) lies inside a surface, from the distance to it in mm.

        `edge` is the width in mm over which it fades, at least a pixel.
        """
        covered: Array = np.clip(0.5 - distance / max(edge, self.pixel), 0, 1).astype(np.float32, copy=False)
        return covered

    def blend(self, cover: Field, value: Field | float) -> None:
        """Paint `value` HU where `cover` (0..1) says."""
        self.values[...] += cover * (value - self.values)

    def ellipsoid(self, centre: Point, axes: Point, value: float, edge: float = 0.0) -> None:
        """Paint an ellipsoid with half axes along x, y and z, all in mm."""
        if abs(self.z - centre[2]) > axes[2] + max(edge, self.pixel):
            return
        reach = (axes[0] + edge, axes[1] + edge)
        part = self.part(
            (centre[0] - reach[0], centre[1] - reach[1]), (centre[0] + reach[0], centre[1] + reach[1])
        )
        if part.values.size:
            part.blend(part.cover(part.to_ellipsoid(centre, axes), edge), value)

    def ellipsoids(self, centre: Point, axes: Point, value: float, edge: float = 0.0) -> None:
        """Paint an ellipsoid and its mirror image on the other side of the patient."""
        for x in (-centre[0], centre[0]):
            self.ellipsoid((x, centre[1], centre[2]), axes, value, edge)

    def rod(self, start: Point, end: Point, radius: float, value: float, *, flat: bool = False) -> None:
        """Paint a rod from the middle of one end to that of the other: round ends, or flat ones."""
        ends = np.array([start, end], np.float64)
        low, high = ends.min(axis=0) - radius, ends.max(axis=0) + radius
        if not low[2] - self.pixel <= self.z <= high[2] + self.pixel:
            return
        part = self.part((float(low[0]), float(low[1])), (float(high[0]), float(high[1])))
        if part.values.size:
            part.blend(part.cover(part.to_rod(ends, radius, flat=flat)), value)

    def slab(self, low: Point, high: Point, value: float) -> None:
        """Paint a box between two corners, in mm."""
        part = self.part(low[:2], high[:2])
        if not part.values.size:
            return
        outside = [
            np.maximum(low[0] - part.x, part.x - high[0]),
            np.maximum(low[1] - part.y, part.y - high[1]),
        ]
        above = np.float32(max(low[2] - self.z, self.z - high[2]))
        part.blend(part.cover(np.maximum(np.maximum(outside[0], outside[1]), above)), value)

    def to_ellipsoid(self, centre: Point, axes: Point) -> Array:
        """Return the distance in mm to an ellipsoid, negative inside: exact for a sphere, near for others."""
        across, down = (self.x - centre[0]) / axes[0], (self.y - centre[1]) / axes[1]
        up = (self.z - centre[2]) / axes[2]
        size = np.sqrt(across * across + down * down + np.float32(up * up))
        slope = (across / axes[0]) ** 2 + (down / axes[1]) ** 2 + np.float32((up / axes[2]) ** 2)
        away: Array = size * (size - 1) / np.sqrt(slope + np.float32(1e-9))
        return away.astype(np.float32, copy=False)

    def to_rod(self, ends: NDArray[np.float64], radius: float, *, flat: bool) -> Array:
        """Return the distance in mm to the surface of a rod, negative inside."""
        way = ends[1] - ends[0]
        length = float(np.linalg.norm(way))
        unit = (way / length).astype(np.float32)
        from_start = (self.x - ends[0][0], self.y - ends[0][1], self.z - ends[0][2])
        along = from_start[0] * unit[0] + from_start[1] * unit[1] + np.float32(from_start[2] * unit[2])
        nearest = along if flat else np.clip(along, 0, length)
        off = [part - nearest * unit[axis] for axis, part in enumerate(from_start)]
        side = np.sqrt(off[0] ** 2 + off[1] ** 2 + off[2] ** 2) - np.float32(radius)
        if flat:
            side = np.maximum(side, np.maximum(-along, along - np.float32(length)))
        distance: Array = side.astype(np.float32, copy=False)
        return distance


def merge(distances: Iterator[Array], roundness: float) -> Array:
    """Return the distance to several solids together, their seams rounded over `roundness` mm."""
    whole = next(distances)
    for other in distances:
        share = np.maximum(np.float32(roundness) - np.abs(whole - other), 0)
        rounded = np.minimum(whole, other) - share * share / np.float32(4 * roundness)
        whole = rounded.astype(np.float32, copy=False)
    return whole


@dataclass(frozen=True, slots=True, eq=False)
class Waves:
    """Smooth random relief in space: a sum of waves, of mean 0 and standard deviation 1."""

    vectors: Array  # (waves, 3) radians per mm
    phases: Array  # (waves,)

    @classmethod
    def of(cls, seed: int, wavelength: float, count: int = 10) -> Self:
        """Return waves of about `wavelength` mm in all directions."""
        random = np.random.default_rng(seed)
        ways = random.standard_normal((count, 3))
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        lengths = wavelength * random.uniform(0.75, 1.35, (count, 1))
        phases = random.uniform(0, 2 * np.pi, count)
        return cls((2 * np.pi * ways / lengths).astype(np.float32), phases.astype(np.float32))

    def on(self, canvas: Canvas, stretch: float = 1.0) -> Array:
        """Return the relief on a slice (rows, columns); `stretch` > 1 makes it finer.

        cos(a + b) = cos a cos b - sin a sin b turns the sum into products of a row and a column. (Not by `@`:
        threads of a linear algebra library that wait for each other cost more than the product.)
        """
        across = np.outer(self.vectors[:, 0], canvas.x[0] * np.float32(stretch))
        down = np.outer(canvas.y[:, 0] * np.float32(stretch), self.vectors[:, 1])
        down += self.vectors[:, 2] * np.float32(canvas.z * stretch) + self.phases
        rows = np.concatenate([np.cos(down), -np.sin(down)], axis=1)
        columns = np.concatenate([np.cos(across), np.sin(across)])
        total: Array = np.einsum("rw,wc->rc", rows, columns)
        return total * np.float32(np.sqrt(2 / len(self.phases)))

    def at(self, x: Field, y: Field, z: Field) -> Array:
        """Return the relief at points in mm, in the shape to which `x`, `y` and `z` broadcast."""
        total = np.zeros(np.broadcast_shapes(x.shape, y.shape, z.shape), np.float32)
        for vector, phase in zip(self.vectors, self.phases, strict=True):
            total += np.cos(vector[0] * x + vector[1] * y + vector[2] * z + phase)
        total *= np.float32(np.sqrt(2 / len(self.phases)))
        return total
