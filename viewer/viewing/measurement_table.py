"""All measurements of a study as text: for a report, and for a table. It names no patient."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass

from viewer.annotations.kinds import KINDS
from viewer.annotations.measurement import Measurement
from viewer.annotations.shapes import Annotation
from viewer.annotations.statistics import Statistics

COLUMNS = (
    "series", "image", "sop_instance_uid", "frame", "kind", "words", "value", "unit", "calibration",
    "calibration_source", "mean", "sd", "minimum", "maximum", "count", "unit_of_values", "text",
)  # fmt: skip
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheet programs know UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so would be calculated by some of them


@dataclass(frozen=True, slots=True)
class Entry:
    """One measurement and where it is."""

    shape: Annotation
    series: str = ""  # Series Number
    image: str = ""  # its place in the stack, as in the corner of the picture
    label: str = ""  # what stands beside it
    measurement: Measurement | None = None
    values: Statistics | None = None


def as_text(entries: Iterable[Entry]) -> str:
    """Return a line for each measurement: series, image, kind and what stands beside it, between tabs."""
    lines = []
    for entry in entries:
        place = f"Se {entry.series}" if entry.series else "", f"Im {entry.image}" if entry.image else ""
        words = ", ".join(entry.label.split("\n"))
        lines.append("\t".join((*place, KINDS[entry.shape.kind].name, words.replace("\t", " "))))
    return "\n".join(lines)


def as_csv(entries: Iterable[Entry]) -> str:
    """Return a table with a heading (RFC 4180, UTF-8 with a mark); numbers have a point, not a comma."""
    stream = io.StringIO()
    stream.write(BYTE_ORDER_MARK)
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_cell(value) for value in _row(entry)])
    return stream.getvalue()


def _row(entry: Entry) -> tuple[object, ...]:
    shape, found, values = entry.shape, entry.measurement, entry.values or Statistics()
    measured = (
        (found.value, found.unit, found.calibration.value, found.source) if found else (None, "", "", "")
    )
    count = values.count or None
    return (
        entry.series,
        entry.image,
        shape.frame.sop_instance_uid,
        shape.frame.frame_number,
        KINDS[shape.kind].name,
        shape.text,
        *measured,
        *(values.mean, values.sd, values.minimum, values.maximum, count, values.unit if count else ""),
        entry.label,
    )


def _cell(value: object) -> str:
    """Return a value as it stands in a cell; words never begin a formula."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, float):
        return repr(value)
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
