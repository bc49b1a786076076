"""How numbers are written beside what they measure: a point, never a comma, whatever the country.

`is_computed` knows every line again that `viewer.annotations` adds below a reader's own words, so that a text
which comes back from a file can be taken apart.
"""

import math
import re

from viewer.dicom.image import Calibration, CalibrationClass

FINE_BELOW = 1.0  # mm or pixels; smaller ones get a second digit, else 0.04 would read 0.0
WHOLE_BELOW = 1e9  # whole numbers are written out up to here
LARGE = 1e6  # from here on a fraction of a unit says nothing
NO_UNIT = "1"  # of UCUM: a number as such, which would read as a second number
REMARKS = {
    CalibrationClass.PATIENT: "",
    CalibrationClass.CORRECTED: " (corrected)",
    CalibrationClass.DETECTOR: " (at detector)",
    CalibrationClass.NOMINAL: " (nominal)",
    CalibrationClass.REGION: " (ultrasound region)",
    CalibrationClass.USER: " (user)",
    CalibrationClass.NONE: "",
}
NAMED = "time|depth|distance|velocity|frequency|level|flow|area|volume|angle|slope|perimeter|product|diameter"
REFUSED = "length|angle|area|diameters|value|mean"  # "no length: reason"

_NUMBER = r"-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf)"
_REMARK = r"(?: \([a-z][a-z0-9 :]*\))?"
_LINES = (
    rf"{_NUMBER}(?: (?:mm|px)²?|°){_REMARK}",
    rf"{_NUMBER} x {_NUMBER} (?:mm|px){_REMARK}",
    rf"(?:{NAMED})(?: difference)? {_NUMBER}(?:°| \S+)?{_REMARK}",
    rf"no (?:{REFUSED}): .+",
    rf"value {_NUMBER}(?: .+)?",
    rf"mean {_NUMBER} SD {_NUMBER}(?: .+)?",
    rf"min {_NUMBER} max {_NUMBER} n \d+",
    rf"SUV (?:mean {_NUMBER} max )?{_NUMBER}",
    r"SUV n/a: .+",
    rf"at {_NUMBER}, {_NUMBER}(?:, {_NUMBER} mm| px)",
)
_COMPUTED = re.compile("|".join(f"(?:{line})" for line in _LINES))


def is_computed(line: str) -> bool:
    """Tell whether a line of a label was made by this program, and will be made again when it is shown."""
    return _COMPUTED.fullmatch(line) is not None


def number(value: float) -> str:
    """Return a length or an area as it is shown."""
    return f"{value:.2f}" if abs(value) < FINE_BELOW else f"{value:.1f}"


def seconds(value: float) -> str:
    """Return a time in s as it is shown: to the millisecond."""
    return f"{value:.3f}"


def figure(value: float) -> str:
    """Return a value of a pixel as it is shown: whole numbers as such, small ones with three digits."""
    if value == math.floor(value) and abs(value) < WHOLE_BELOW:
        return f"{value:.0f}"
    if abs(value) >= LARGE or abs(value) < FINE_BELOW:
        return f"{value:.3g}"
    return f"{value:.1f}"


def with_unit(figures: str, unit: str) -> str:
    """Return figures and their unit; a degree sign stands close, and no unit is none."""
    if unit == "°":
        return f"{figures}°"
    return figures if unit in {"", NO_UNIT} else f"{figures} {unit}"


def remark(calibration: Calibration, region: int | None = None) -> str:
    """Return what is said behind a length of how far it can be trusted, with a space before it."""
    if calibration.kind is CalibrationClass.REGION:
        return "" if region is None else f" (ultrasound region {region})"
    if calibration.kind is CalibrationClass.CORRECTED and calibration.method:
        return f" (corrected: {calibration.method})"
    return REMARKS[calibration.kind]
