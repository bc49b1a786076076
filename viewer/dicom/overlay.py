"""What lies on the stored values of an image: overlay planes and display shutters, as values."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

WHITEST = 65_535  # of a P-value in 16 bits (PS3.3 C.7.6.11)


class OverlayKind(StrEnum):
    """Overlay Type (PS3.3 C.9.2.1.1)."""

    GRAPHIC = "G"
    ROI = "R"


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPlane:
    """One plane of bits over one frame (PS3.3 C.9.2), cut to the image and put at its place there."""

    group: int  # 0x6000, 0x6002 ... 0x601E
    kind: OverlayKind
    bits: NDArray[
        np.uint8
    ]  # (ceil(rows * columns / 8),) of the image, first pixel in the lowest bit; read-only
    label: str = ""

    def mask(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """Return (rows, columns) of the image, True where the plane has a mark."""
        flat = np.unpackbits(self.bits, count=rows * columns, bitorder="little")
        return flat.view(np.bool_).reshape(rows, columns)


@dataclass(frozen=True, slots=True)
class Shutter:
    """Display Shutter (PS3.3 C.7.6.11): what lies outside any of its shapes is hidden.

    Pixels are numbered from 1 in the untransformed image, and the edges are seen. At least one shape is
    there.
    """

    rectangle: tuple[int, int, int, int] | None = None  # left, upper, right, lower
    circle: tuple[int, int, int] | None = None  # row, column of the centre; radius in pixels along a row
    polygon: tuple[tuple[int, int], ...] = ()  # row, column of each vertex; closed
    overlay_group: int | None = None  # whose marks are hidden (C.7.6.15)
    value: int = 0  # P-value 0..65535 of what is hidden, for any depth of the pixels
    lab: tuple[int, int, int] | None = None  # the same as a colour: CIELab in 16 bits each (C.10.7.1.1)
