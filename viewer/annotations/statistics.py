"""Numbers of a region: mean, standard deviation and extremes of the modality values inside an outline."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.annotations.wording import figure, with_unit
from viewer.dicom.image import Suv


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the pixels of a region, in the unit of the modality values; NaN where there is no pixel."""

    mean: float = math.nan
    sd: float = math.nan  # of the pixels themselves: the sum of squares is divided by `count`
    minimum: float = math.nan
    maximum: float = math.nan
    count: int = 0  # pixels that counted: inside, no padding, finite
    unit: str = ""  # "HU", "BQML", ...
    suv: Suv | None = None  # of PET: SUV = value x its factor, for the mean and the extremes alike
    reason: str = ""  # why there are no numbers, when `count` is 0: "a colour image"

    def in_words(self) -> str:
        """Return the lines that stand beside a region."""
        if not self.count:
            return f"no mean: {self.reason or 'no pixel centre lies inside'}"
        first = with_unit(f"mean {figure(self.mean)} SD {figure(self.sd)}", self.unit)
        second = f"min {figure(self.minimum)} max {figure(self.maximum)} n {self.count}"
        return "\n".join((first, second, *self._suv(f"mean {{}} max {self._as_suv(self.maximum)}")))

    def of_point(self) -> str:
        """Return the lines that stand beside a single pixel."""
        if not self.count:
            return f"no value: {self.reason or 'no pixel lies here'}"
        return "\n".join((f"value {with_unit(figure(self.mean), self.unit)}", *self._suv("{}")))

    def _suv(self, form: str) -> list[str]:
        """Return the line with the SUV by body weight, or the reason why there is none."""
        if self.suv is None:
            return []
        if self.suv.factor is None:
            return [f"SUV n/a: {self.suv.reason}"]
        return [f"SUV {form.format(self._as_suv(self.mean))}"]

    def _as_suv(self, value: float) -> str:
        factor = self.suv.factor if self.suv is not None else None
        return "" if factor is None else f"{value * factor:.2f}"


def statistics_of(values: NDArray[np.floating]) -> Statistics:
    """Return the statistics of modality values (n,), of those that are finite.

    They are after the Modality LUT and before any window (PS3.3 C.11.1).
    """
    chosen = values.astype(np.float64, copy=False)
    chosen = chosen[np.isfinite(chosen)]
    if not chosen.size:
        return Statistics()
    return Statistics(
        float(chosen.mean()), float(chosen.std()), float(chosen.min()), float(chosen.max()), int(chosen.size)
    )


def weighted(values: NDArray[np.floating], counts: NDArray[np.integer]) -> Statistics:
    """Return the statistics of finite values (n,), each there `counts` (n,) times, all at least once."""
    if not values.size:
        return Statistics()
    chosen = values.astype(np.float64, copy=False)
    mean = float(np.average(chosen, weights=counts))
    sd = math.sqrt(float(np.average((chosen - mean) ** 2, weights=counts)))
    return Statistics(mean, sd, float(chosen.min()), float(chosen.max()), int(counts.sum()))
