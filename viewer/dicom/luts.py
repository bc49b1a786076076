"""The look-up tables and windows of a header as values (PS3.3 C.11); `viewer.rendering` applies them."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class WindowFunction(StrEnum):
    """VOI LUT Function (PS3.3 C.11.2.1.2-3)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Rescale:
    """Modality value = slope * stored value + intercept (PS3.3 C.11.1)."""

    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""  # "HU", "BQML", ...; "" when the header does not say
    source: str = ""  # which attribute decided, for a person


IDENTITY = Rescale()


@dataclass(frozen=True, slots=True)
class Window:
    """A range of modality values stretched over the display (PS3.3 C.11.2.1.2)."""

    center: float
    width: float  # > 0
    function: WindowFunction = WindowFunction.LINEAR
    explanation: str = ""
    source: str = ""  # "Window Center (0028,1050) value 1", "auto", "preset Lung", "mouse"


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """A table of a header, for modality or VOI values (PS3.3 C.11.1.1, C.11.2.1.1).

    Inputs below `first` take the first entry, inputs past the end the last one.
    """

    first: int  # the input value of the first entry, sign resolved
    entries: NDArray[np.uint16]  # (n,), 1 <= n <= 65536, read-only
    bits: int  # of the entries: the output range is 0 .. 2**bits - 1
    explanation: str = ""
    unit: str = ""
    source: str = ""

    def __eq__(self, other: object) -> bool:
        """Compare by value."""
        return (
            isinstance(other, LookupTable)
            and (self.first, self.bits, self.explanation) == (other.first, other.bits, other.explanation)
            and np.array_equal(self.entries, other.entries)
        )

    def __hash__(self) -> int:
        """Agree with `__eq__`."""
        return hash((self.first, self.bits, self.explanation, len(self.entries)))


Modality = Rescale | LookupTable
Voi = Window | LookupTable


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Palette Color Lookup Table (PS3.3 C.7.6.3.1.5), expanded and reduced to 8 bits."""

    first: int  # the stored value of the first colour
    colors: NDArray[np.uint8]  # (n, 3) red, green, blue, read-only
