"""Pixel padding (PS3.3 C.7.5.1.1.2): stored values that are no tissue."""

import functools
import itertools
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame, Stored
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


def no_tissue(frame: Frame, padding: Padding | None) -> Mask | None:
    """Return where a gray frame has padding, no number, or no pixel at all; None where nothing is."""
    masks = [mask for mask in (padding_mask(frame.stored, padding), frame.missing) if mask is not None]
    return functools.reduce(np.bitwise_or, masks) if masks else None


def spread(values: Numbers, mask: Mask) -> Numbers:
    """Return `values` (rows, columns) u2 or f4 with padding replaced by the mean of its tissue neighbours.

    So interpolation between a tissue pixel and a padded one sees tissue on both sides. Padding without
    a neighbour becomes the lowest tissue value; it is masked when shown and touches no tissue.
    """
    tissue = (~mask).view(np.uint8)
    lowest = cv2.minMaxLoc(values, mask=tissue)[0] if tissue.any() else 0
    filled = values.copy()
    np.copyto(filled, values.dtype.type(lowest), where=mask)
    near = cv2.dilate(tissue, np.ones((3, 3), np.uint8)).view(np.bool_) & mask
    rows, columns = np.nonzero(near)
    total, count = np.zeros(len(rows)), np.zeros(len(rows))
    for down, right in itertools.product((-1, 0, 1), repeat=2):
        row = np.clip(rows + down, 0, mask.shape[0] - 1)  # beyond the edge: a padded pixel, or tissue again
        column = np.clip(columns + right, 0, mask.shape[1] - 1)
        usable = ~mask[row, column]
        total += np.where(usable, values[row, column], 0)
        count += usable
    filled[near] = as_kind(total / count, values)
    return filled


def as_kind(means: NDArray[np.float64], values: Numbers) -> Numbers:
    """Return `means` rounded where `values` are whole numbers."""
    return np.rint(means) if values.dtype.kind == "u" else means
