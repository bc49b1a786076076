"""Read-outs where the axes of an ultrasound region are not both lengths: M-mode, Doppler (C.8.5.5.1)."""

from dataclasses import dataclass, replace

from viewer.annotations.ground import MM_PER_CM, Ground, RefusedError
from viewer.annotations.measurement import Measurement, Quantity
from viewer.annotations.shapes import Point
from viewer.annotations.wording import figure, number, seconds, with_unit
from viewer.dicom.image import Region

NAMES = {
    "s": "time",
    "cm/s": "velocity",
    "Hz": "frequency",
    "cm²": "area",
    "cm³": "volume",
    "cm²/s": "flow",
    "cm³/s": "flow",
    "°": "angle",
}  # "%", "dB", "dB/s": level
SLOPES = {"cm": "cm/s", "cm/s": "cm/s²", "Hz": "Hz/s"}  # by the unit of what goes with time


@dataclass(frozen=True, slots=True)
class _Axis:
    name: str
    unit: str  # "mm" where the header has centimetres
    delta: float  # of one pixel, in `unit`
    zero: float | None  # image coordinate of the value 0


def along_axes(start: Point, end: Point, ground: Ground, region: Region) -> Measurement:
    """Return what lies between two points along each axis that has a unit, and the slope where one is time.

    All are amounts without a sign, whichever point came first. Raises RefusedError when no axis has a unit.
    """
    steps = abs(end[0] - start[0]), abs(end[1] - start[1])
    found = [
        Quantity(_between(axis), step * abs(axis.delta), axis.unit)
        for axis, step in zip(_axes(region), steps, strict=True)
        if axis is not None
    ]
    if not found:
        raise RefusedError("this ultrasound region has no unit")
    slope = SLOPES.get(region.unit_y) if region.unit_x == "s" else None
    if slope is not None and steps[0] > 0:
        rise, run = steps[1] * abs(region.delta_y), steps[0] * abs(region.delta_x)
        found.append(Quantity("slope", rise / run, slope))
    return _in_words(found, ground)


def at_axes(point: Point, ground: Ground, region: Region) -> Measurement | None:
    """Return the physical values at a point, relative to the reference pixel; None where it has none.

    The value of the axis down the image stands first and is the value: the velocity in a Doppler spectrum.
    """
    found = [
        Quantity(axis.name, (at - axis.zero) * axis.delta, axis.unit)
        for axis, at in zip(reversed(_axes(region)), reversed(point), strict=True)
        if axis is not None and axis.zero is not None
    ]
    if not found:
        return None
    return replace(_in_words(found, ground), value=found[0].value, unit=found[0].unit)


def _between(axis: _Axis) -> str:
    return axis.name if axis.name in {"time", "depth", "distance"} else f"{axis.name} difference"


def _axes(region: Region) -> tuple[_Axis | None, _Axis | None]:
    return (
        _axis(region.unit_x, region.delta_x, region.zero_x, "distance"),
        _axis(region.unit_y, region.delta_y, region.zero_y, "depth"),
    )


def _axis(unit: str, delta: float, zero: float | None, of_length: str) -> _Axis | None:
    if not unit:
        return None
    if unit == "cm":
        return _Axis(of_length, "mm", delta * MM_PER_CM, zero)
    return _Axis(NAMES.get(unit, "level"), unit, delta, zero)


def _in_words(found: list[Quantity], ground: Ground) -> Measurement:
    lines = [f"{one.name} {with_unit(_figures(one), one.unit)}{ground.remark}" for one in found]
    return Measurement(None, "", ground.calibration, ground.source, "\n".join(lines), tuple(found))


def _figures(quantity: Quantity) -> str:
    if quantity.unit == "s":
        return seconds(quantity.value)
    return number(quantity.value) if quantity.unit in {"mm", "cm/s", "cm/s²"} else figure(quantity.value)
