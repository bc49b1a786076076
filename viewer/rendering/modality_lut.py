"""Modality LUT (PS3.3 C.11.1): stored values to modality values, such as Hounsfield units."""

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Stored
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable, Modality

Values = NDArray[np.float64]


def to_modality(stored: Stored, modality: Modality) -> Values:
    """Return the modality values of `stored`, of its shape, in `modality.unit`.

    A rescale is slope * stored + intercept, never rounded (C.11.1.1.2); a table gives its unsigned
    entries, the first below its range and the last above it (C.11.1.1.1).
    """
    if isinstance(modality, LookupTable):
        return look_up(stored, modality).astype(np.float64)
    values = stored.astype(np.float64)
    values *= modality.slope
    values += modality.intercept
    return values


def look_up(inputs: NDArray[np.generic], table: LookupTable) -> NDArray[np.uint16]:
    """Return the entries for `inputs`, of their shape. Inputs that are no integers are rounded (half up)."""
    if inputs.dtype.kind == "f":
        last = table.first + len(table.entries) - 1
        bounded = np.nan_to_num(np.clip(inputs, table.first, last), nan=table.first)
        whole = np.floor(bounded.astype(np.float64) + 0.5).astype(np.int64)
    else:
        whole = inputs.astype(np.int64)
    entries: NDArray[np.uint16] = table.entries.take(whole - table.first, mode="clip")
    return entries


def modality_range(description: ImageDescription) -> tuple[float, float]:
    """Return the lowest and the highest modality value that Bits Stored can give."""
    modality = description.modality_lut
    if isinstance(modality, LookupTable):
        return 0.0, float(2**modality.bits - 1)
    bits = description.bits_stored
    lowest, highest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if description.signed else (0, 2**bits - 1)
    if description.supplemental is not None:  # gray values end where the colours begin (C.7.6.19)
        highest = min(highest, max(description.supplemental.first - 1, lowest))
    ends = sorted(modality.slope * stored + modality.intercept for stored in (lowest, highest))
    return ends[0], ends[1]
