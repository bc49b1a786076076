"""The Real World Value Mappings of a frame from its header (PS3.3 C.7.6.16.2.11)."""

import math

import numpy as np

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header, label
from viewer.dicom.lut_reader import words
from viewer.dicom.real_world import RealWorldMap

SEQUENCE = "RealWorldValueMappingSequence"
MOST_MAPS = 16  # of one frame: intensities, several quantities, and more than anybody reads
FULL_TABLE = 65_536
DOSE_UNITS = {"GY": "Gy", "RELATIVE": "relative"}  # of Dose Units (3004,0002)


def read_real_world(frame: FrameHeader, *, signed: bool) -> tuple[RealWorldMap, ...]:
    """Return every usable mapping: of the frame, else shared by all, else of the whole image."""
    for holder in (frame.own, frame.shared, frame.top):
        items = holder.items(SEQUENCE)[:MOST_MAPS] if holder is not None else []
        if items:
            found = [_map(item, signed=signed) for item in items]
            return tuple(each for each in found if each is not None)
    dose = _dose(frame.top) if "DoseGridScaling" in frame.top else None
    return () if dose is None else (dose,)


def _dose(header: Header) -> RealWorldMap | None:
    """Return the dose of stored values (PS3.3 C.8.8.3): no part of the modality LUT, so for read-outs too."""
    scaling = header.number("DoseGridScaling")
    if scaling is None or scaling <= 0:
        header.notices.add(f"{label('DoseGridScaling')} is not positive: no dose is given")
        return None
    unit = DOSE_UNITS.get(header.code("DoseUnits"), "")
    kind = header.text("DoseType").capitalize()
    return RealWorldMap(
        -math.inf,
        math.inf,
        scaling,
        unit=unit,
        label="Dose",
        explanation=kind,
        source=label("DoseGridScaling"),
    )


def _map(item: Header, *, signed: bool) -> RealWorldMap | None:
    first = _end(item, "First", signed=signed)
    last = _end(item, "Last", signed=signed)
    slope, intercept = item.number("RealWorldValueSlope"), item.number("RealWorldValueIntercept")
    table = item.numbers("RealWorldValueLUTData")
    usable = first is not None and last is not None and first <= last
    if first is None or last is None or not usable or (slope is None and not table):
        item.notices.add(f"{label(SEQUENCE)} has an item without a usable range or formula: ignored")
        return None
    units = item.item("MeasurementUnitsCodeSequence")
    entries = None
    if slope is None:
        if not len(table) == last - first + 1 <= FULL_TABLE:
            item.notices.add(f"{label('RealWorldValueLUTData')} does not fit its range: ignored")
            return None
        entries = np.array([math.nan if entry is None else entry for entry in table])
        entries.flags.writeable = False
    return RealWorldMap(
        first,
        last,
        1.0 if slope is None else slope,
        intercept or 0.0,
        entries,
        units.text("CodeValue") if units is not None else "",
        item.text("LUTLabel"),
        item.text("LUTExplanation"),
    )


def _end(item: Header, which: str, *, signed: bool) -> float | None:
    """Return the first or last stored value mapped; the 16-bit form has the sign of the pixels."""
    found = words(item, f"RealWorldValue{which}ValueMapped")
    if not len(found):
        return item.number(f"DoubleFloatRealWorldValue{which}ValueMapped")
    word = int(found[0])
    return float(word - 0x10000 if signed and word >= 0x8000 else word)  # noqa: PLR2004  the sign bit
