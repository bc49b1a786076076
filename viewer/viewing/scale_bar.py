"""How long a scale bar is: the longest of 1, 2 and 5 times a power of ten that fits."""

import math
from dataclasses import dataclass

UNITS = ((1000.0, "m"), (10.0, "cm"), (1.0, "mm"), (0.001, "µm"))  # millimetres in each, largest first


@dataclass(frozen=True, slots=True)
class Scale:
    """A bar of `length` logical pixels that stands for what `text` says."""

    length: float
    text: str


def scale_bar(pixel_mm: float, available_px: float) -> Scale | None:
    """Return the bar for pixels of `pixel_mm` millimetres, at most `available_px` long.

    None when there is no such spacing or no room: both must be positive and finite.
    """
    longest = pixel_mm * available_px
    if not (math.isfinite(longest) and pixel_mm > 0 and available_px > 0 and longest > 0):
        return None
    power = math.floor(math.log10(longest))
    candidates = [step * 10.0**exponent for exponent in (power - 1, power) for step in (1, 2, 5, 10)]
    length_mm = max(length for length in candidates if length <= longest * (1 + 1e-9))
    return Scale(length_mm / pixel_mm, _words(length_mm))


def _words(length_mm: float) -> str:
    in_mm, unit = next((row for row in UNITS if length_mm >= row[0] * (1 - 1e-9)), UNITS[-1])
    return f"{length_mm / in_mm:.12g} {unit}"
