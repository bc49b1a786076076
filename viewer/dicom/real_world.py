"""Real World Value Mapping as values (PS3.3 C.7.6.16.2.11): for read-outs, never for display."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class RealWorldMap:
    """What stored values from `first` to `last`, inclusive, mean."""

    first: float
    last: float
    slope: float = 1.0
    intercept: float = 0.0
    table: NDArray[np.float64] | None = None  # (last - first + 1,) instead of a line; read-only
    unit: str = ""  # UCUM code, "mm2/s"
    label: str = ""
    explanation: str = ""
    source: str = "Real World Value Mapping (0040,9096)"  # which attribute decided, for a person

    def value(self, stored: float) -> float | None:
        """Return the real world value of a stored one, None outside the range that is mapped."""
        if not self.first <= stored <= self.last:
            return None
        if self.table is None:
            return self.slope * stored + self.intercept
        index = int(stored - self.first)
        return float(self.table[index]) if index < len(self.table) else None
