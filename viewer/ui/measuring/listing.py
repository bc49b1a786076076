"""The measurements of a study as the panel lists them, and as they are copied and saved."""

from collections.abc import Iterable

from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation
from viewer.dicom.tree import series_key
from viewer.ui.panels.measurement_panel import MeasurementRow
from viewer.ui.room import Room
from viewer.viewing.measurement_table import Entry
from viewer.viewing.shelf import Shelf

ON_PLANES = "On the three planes"


def entries(shapes: Iterable[Annotation], room: Room, shelf: Shelf) -> list[Entry]:
    """Return the measurements in the order of their series and images, then as they were drawn."""
    labels = room.looks.labels
    for picture in [pane.picture for pane in room.desk.panes if pane.picture is not None]:
        for shape in room.drawings.on(picture.description.key):  # what is in sight has its numbers at once
            labels.of(shape, picture)
    found = [
        Entry(
            shape,
            *_place(shape, shelf),
            labels.known(shape) or shape.text,
            labels.measured(shape),
            labels.values(shape),
        )
        for shape in shapes
    ]
    return sorted(found, key=lambda entry: (not entry.series, _number(entry.series), _number(entry.image)))


def rows(listed: Iterable[Entry]) -> list[MeasurementRow]:
    """Return a row for each measurement, under the series that it is in."""
    return [
        MeasurementRow(
            entry.shape.uid,
            f"{KINDS[entry.shape.kind].name} {_first(entry)}".strip(),
            f"Im {entry.image}" if entry.image else "",
            f"Series {entry.series}" if entry.series else ON_PLANES if not entry.image else "",
            "\n".join(entry.label.split("\n")[1:]),
            entry.shape.color,
        )
        for entry in listed
    ]


def _first(entry: Entry) -> str:
    return entry.label.partition("\n")[0]


def _place(shape: Annotation, shelf: Shelf) -> tuple[str, str]:
    """Return series and image, counted as in the corners of the picture; "" for what is not known."""
    record = shelf.instance(shape.frame.sop_instance_uid)
    if record is None:
        return "", ""
    number = record.series.series_number
    series = "" if number is None else str(number)
    for hung in shelf.stacks(series_key(record)):
        if shape.frame in hung.keys:
            return series, f"{hung.keys.index(shape.frame) + 1}/{len(hung.keys)}"
    return series, ""


def _number(text: str) -> int:
    digits = text.partition("/")[0]
    return int(digits) if digits.lstrip("-").isdigit() else 0
