"""Presentation LUT (PS3.3 C.11.4, C.11.6): polarity or a table, and P-values to whole display values."""

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.luts import LookupTable
from viewer.rendering.modality_lut import Values

DisplayValues = NDArray[np.uint8] | NDArray[np.uint16]

# A step that arithmetic leaves a hair below where it belongs is lifted: with at most 17 significant
# bits in a header's numbers two different results are never as close as this.
HAIR = 1e-9


def output_range(bits: int, *, inverted: bool) -> tuple[float, float]:
    """Return the display values of P-values 0 and 1: IDENTITY, or INVERSE when `inverted`."""
    top = float(2**bits - 1)
    return (top, 0.0) if inverted else (0.0, top)


def to_p_values(shares: Values, table: LookupTable) -> Values:
    """Return the P-values 0..1 of VOI output `shares` 0..1, in their shape, by a Presentation LUT table.

    The whole output of the VOI LUT is scaled onto all of the entries (C.11.4); the nearest one is taken.
    What is not a number stays so.
    """
    last = len(table.entries) - 1
    index = np.floor(np.nan_to_num(shares, nan=0.0) * last + (0.5 + HAIR)).astype(np.int64)
    levels = table.entries.take(index, mode="clip") / (2**table.bits - 1)
    return np.where(np.isnan(shares), np.nan, levels)


def quantise(shown: Values, bits: int, *, floor: bool) -> DisplayValues:
    """Return `shown` 0..2**bits-1 as whole numbers, `bits` 8 or 16: floor(y + 0.5), or floor(y) on demand.

    What is not a number becomes 0, black.
    """
    top = float(2**bits - 1)
    bounded = np.clip(shown if floor else shown + (0.5 + HAIR), 0.0, top)
    whole = np.nan_to_num(bounded, copy=False, nan=0.0)
    return whole.astype(np.uint8) if bits == 8 else whole.astype(np.uint16)  # noqa: PLR2004  bits of a byte
