"""Image coordinates to screen coordinates and back, as one affine map."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Affine:
    """x' = a x + b y + tx; y' = c x + d y + ty.

    Both sides are corner-based: 0,0 is the top left corner of the first pixel.
    """

    a: float = 1.0
    b: float = 0.0
    tx: float = 0.0
    c: float = 0.0
    d: float = 1.0
    ty: float = 0.0

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        """Return the mapped point."""
        return self.a * x + self.b * y + self.tx, self.c * x + self.d * y + self.ty

    def __matmul__(self, first: Self) -> "Affine":
        """Return the map that applies `first` and then this one."""
        return Affine(
            self.a * first.a + self.b * first.c,
            self.a * first.b + self.b * first.d,
            self.a * first.tx + self.b * first.ty + self.tx,
            self.c * first.a + self.d * first.c,
            self.c * first.b + self.d * first.d,
            self.c * first.tx + self.d * first.ty + self.ty,
        )

    @property
    def determinant(self) -> float:
        """Return the area of a mapped unit square, negative when the map mirrors."""
        return self.a * self.d - self.b * self.c

    @property
    def inverse(self) -> "Affine":
        """Return the map back. Raises ZeroDivisionError when the map is flat."""
        a, b = self.d / self.determinant, -self.b / self.determinant
        c, d = -self.c / self.determinant, self.a / self.determinant
        return Affine(a, b, -(a * self.tx + b * self.ty), c, d, -(c * self.tx + d * self.ty))

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Return the (2, 3) matrix."""
        return np.array([[self.a, self.b, self.tx], [self.c, self.d, self.ty]])

    @classmethod
    def scaling(cls, x: float, y: float) -> Self:
        """Return a stretch about 0,0."""
        return cls(a=x, d=y)

    @classmethod
    def translation(cls, x: float, y: float) -> Self:
        """Return a shift."""
        return cls(tx=x, ty=y)

    @classmethod
    def turned(cls, rotation: int, *, flipped: bool) -> Self:
        """Return a clockwise turn by 0, 90, 180 or 270 degrees, then a horizontal flip (PS3.3 C.10.6)."""
        cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[rotation]
        mirror = -1 if flipped else 1
        return cls(mirror * cosine, -mirror * sine, 0.0, sine, cosine, 0.0)
