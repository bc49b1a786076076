"""A number, what it is counted in, and why it may be trusted."""

from dataclasses import dataclass

from viewer.dicom.image import CalibrationClass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A further number of one measurement."""

    name: str  # "perimeter", "short axis", "time", ...
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """What an annotation measures; `value` None without `more` is a refusal, and `text` says why."""

    value: float | None
    unit: str  # "mm", "px", "mm²", "°", "cm/s"; "" without a value
    calibration: CalibrationClass
    source: str  # the attribute that decided, for a person
    text: str  # as it is shown and saved: "33.1 mm (at detector)"; several lines where there is more
    more: tuple[Quantity, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Tell whether no number would have been right."""
        return self.value is None and not self.more
