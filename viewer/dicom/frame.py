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
