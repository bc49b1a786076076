"""The stored values of one frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.records import FrameKey

Stored = NDArray[np.generic]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Stored values as decoded: masked to Bits Stored and sign-extended, no LUT applied.

    `stored` is read-only and C-contiguous: (rows, columns) for one sample per pixel, of u1, u2, i1,
    i2, u4, i4, f4 or f8 (1-bit data are unpacked to u1 0/1); (rows, columns, 3) u1 or u2 for colour.
    """

    key: FrameKey
    stored: Stored
    photometric: str  # what `stored` is now: a codec that turned YBR into RGB leaves "RGB"
    damage: str = ""  # what is missing or doubtful in these pixels, in words; "" when whole
    first_missing: int | None = None  # in reading order from 0: the file holds neither it nor those behind it

    @property
    def missing(self) -> NDArray[np.bool_] | None:
        """Return which pixels (rows, columns) the file does not hold; their `stored` mean nothing."""
        if self.first_missing is None:
            return None
        rows, columns = self.stored.shape[:2]
        return (np.arange(rows * columns) >= self.first_missing).reshape(rows, columns)

    def is_missing(self, column: int, row: int) -> bool:
        """Tell whether the file holds nothing of one pixel, counted from 0."""
        return self.first_missing is not None and row * self.stored.shape[1] + column >= self.first_missing
