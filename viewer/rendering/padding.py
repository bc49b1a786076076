"""Pixel padding (PS3.3 C.7.5.1.1.2): stored values that are no tissue."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Stored
from viewer.dicom.image import Padding

Mask = NDArray[np.bool_]
Numbers = NDArray[Any]  # any kind of numbers: u2, f4, u1


def padding_mask(stored: Stored | Numbers, padding: Padding | None) -> Mask | None:
    """Return where `stored` is padding, or not a number, in its shape; None where nothing is."""
    numbers: Numbers = stored
    mask: Mask | None = None
    if padding is not None:
        mask = (numbers >= padding.first) & (numbers <= padding.last)
    if stored.dtype.kind == "f":
        undefined = ~np.isfinite(stored)
        mask = undefined if mask is None else mask | undefined
    return mask if mask is not None and mask.any() else None


def spread(values: Numbers, mask: Mask) -> Numbers:
    """Return `values` (rows, columns) u2 or f4 with padding replaced by the mean of its tissue neighbours.

    So interpolation between a tissue pixel and a padded one sees tissue on both sides. Padding without
    a neighbour becomes the lowest tissue value; it is masked when shown and touches no tissue.
    """
    tissue = ~mask
    weights = tissue.astype(np.float32)
    weighted = np.where(tissue, values, 0).astype(np.float32)
    count = cv2.blur(weights, (3, 3), borderType=cv2.BORDER_CONSTANT)
    total = cv2.blur(weighted, (3, 3), borderType=cv2.BORDER_CONSTANT)
    lowest = values[tissue].min() if tissue.any() else 0
    near = mask & (count > 0.5 / 9)
    filled = values.copy()
    filled[mask] = lowest
    means = total[near] / count[near]
    filled[near] = np.rint(means) if values.dtype.kind == "u" else means
    return filled
