"""How numbers are written beside what they measure: a point, never a comma, whatever the country."""

import math

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
