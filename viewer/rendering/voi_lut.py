"""VOI LUT (PS3.3 C.11.2): modality values to the range a person wants to see."""

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.luts import LookupTable, Voi, Window, WindowFunction
from viewer.rendering.modality_lut import Values, look_up

FloatArray = NDArray[np.floating]

LEAST_EXTENT = 1e-12  # of a window, relative to its middle: a float64 resolves nothing inside a smaller one


def apply_voi(values: FloatArray, voi: Voi, low: float = 0.0, high: float = 1.0) -> Values:
    """Return `values`, of any shape, mapped to `low`..`high`; `high` < `low` shows them inverted.

    `low` and `high` are ymin and ymax of the standard's formulas (C.11.2.1.2.1, C.11.2.1.3).
    NaN stays NaN, except in tables, whose first entry it takes.
    """
    if isinstance(voi, LookupTable):
        shown: Values = look_up(values, voi) * ((high - low) / (2**voi.bits - 1)) + low
        return shown
    exact = values.astype(np.float64, copy=False)
    if voi.function is WindowFunction.SIGMOID and voi.width > 0:
        return _sigmoid(exact, voi, low, high)
    if voi.function is WindowFunction.LINEAR and voi.width >= 1:
        return _linear(exact, voi.center - 0.5, voi.width - 1, low, high)
    # Writers of ADC and PET maps put widths below 1 without naming a function: LINEAR has no meaning
    # for them (C.11.2.1.2.1 asks for >= 1), LINEAR EXACT is what they meant.
    return _linear(exact, voi.center, voi.width, low, high)


def full_range(lowest: float, highest: float, source: str) -> Window:
    """Return the window that maps `lowest` to 0 and `highest` to 1: the identity VOI LUT."""
    width = highest - lowest if highest > lowest else 1.0  # a slope of 0 leaves one value: a middle grey
    return Window((lowest + highest) / 2, width, WindowFunction.LINEAR_EXACT, "Identity", source)


def _linear(values: Values, middle: float, extent: float, low: float, high: float) -> Values:
    """Return the straight line through low at middle - extent/2 and high at middle + extent/2, clamped.

    An extent of 0 is a threshold: `low` up to and including `middle`. The line is computed as
    values * gradient + offset, in this order, so that truncating it gives DCMTK's results to the
    last bit also where a step falls on a whole number.
    """
    left, right = middle - extent / 2, middle + extent / 2
    if extent > abs(middle) * LEAST_EXTENT:
        gradient = (high - low) / extent
        shown = np.clip(values, left, right) * gradient
        shown += high - (middle / extent + 0.5) * (high - low)
    else:
        shown = np.full_like(values, low)
    shown[values <= left] = low
    shown[values > right] = high
    return shown


def _sigmoid(values: Values, window: Window, low: float, high: float) -> Values:
    """Return 1 / (1 + exp(-4 (x - c) / w)) of C.11.2.1.3.1 as a hyperbolic tangent, which cannot overflow."""
    with np.errstate(over="ignore"):  # beyond the largest number it is as good as infinite
        shown = np.tanh((values - window.center) / window.width * 2)
    shown += 1
    shown *= (high - low) / 2
    shown += low
    return shown
