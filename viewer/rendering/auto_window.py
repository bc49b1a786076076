"""A window where the header has none: from the values themselves, and always labelled as such."""

import numpy as np

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Window, WindowFunction
from viewer.rendering.layers import color_mask
from viewer.rendering.modality_lut import to_modality
from viewer.rendering.padding import Mask, padding_mask
from viewer.rendering.shutter import shutter_mask

TAILS = (0.5, 99.5)  # percent: a few hot or dead pixels do not decide what is seen
SAMPLES = 250_000  # values looked at; more would not move a percentile visibly


def _tissue(frame: Frame, description: ImageDescription, stride: int) -> Mask:
    """Return which of every `stride`th value is there, no padding, no colour, and not under the shutter."""
    stored = frame.stored[::stride, ::stride]
    tissue: Mask = np.ones(stored.shape, np.bool_)
    for mask in (padding_mask(stored, description.padding), color_mask(stored, description)):
        if mask is not None:
            tissue &= ~mask
    for mask in (frame.missing, shutter_mask(description)):
        if mask is not None:
            tissue &= ~mask[::stride, ::stride]
    return tissue


def auto_window(description: ImageDescription, frame: Frame) -> Window:
    """Return a window over the values of `frame` (rows, columns) that are tissue and seen, source "auto"."""
    stride = max(1, int(np.sqrt(frame.stored.size / SAMPLES)))
    stored = frame.stored[::stride, ::stride]
    tissue = stored[_tissue(frame, description, stride)]
    if tissue.size == 0:
        return Window(0.5, 1.0, WindowFunction.LINEAR_EXACT, "Auto", "auto")
    values = to_modality(tissue, description.modality_lut)
    lowest, highest = (float(value) for value in np.percentile(values, TAILS))
    if lowest == highest:  # mostly one value: look at the rest
        lowest, highest = float(values.min()), float(values.max())
    width = highest - lowest if highest > lowest else 1.0
    return Window((lowest + highest) / 2, width, WindowFunction.LINEAR_EXACT, "Auto", "auto")
