"""The measurements of a study as the panel lists them, and as they are copied and saved."""

from collections.abc import Iterable, Sequence

from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation
from viewer.dicom.records import FrameKey, InstanceRecord
from viewer.dicom.tree import SeriesKey, patient_key, series_key
from viewer.ui.panels.measurement_panel import MeasurementRow
from viewer.ui.room import Room
from viewer.viewing.measurement_table import Entry
from viewer.viewing.pane import Hung
from viewer.viewing.shelf import Shelf

ON_PLANES = "On the three planes"


class Places:
    """Where frames are, as the corners of their pictures say; asked anew for each measurement of a list."""

    def __init__(self) -> None:
        self._series: dict[str, tuple[InstanceRecord, SeriesKey]] = {}  # by SOP Instance UID
        self._frames: dict[SeriesKey, tuple[Sequence[Hung], dict[FrameKey, str]]] = {}

    def of(self, frame: FrameKey, shelf: Shelf) -> tuple[str, str]:
        """Return series and image, counted as in the corners of the picture; "" for what is not known."""
        record = shelf.instance(frame.sop_instance_uid)
        if record is None:
            return "", ""
        number = record.series.series_number
        return "" if number is None else str(number), self._in_stacks(self._key(record), shelf).get(frame, "")

    def _key(self, record: InstanceRecord) -> SeriesKey:
        known = self._series.get(record.sop_instance_uid)
        if known is None or known[0] is not record:
            known = self._series[record.sop_instance_uid] = record, series_key(record)
        return known[1]

    def _in_stacks(self, key: SeriesKey, shelf: Shelf) -> dict[FrameKey, str]:
        """Return the place of each frame of a series in its stack; counted again when the series grew."""
        stacks, known = shelf.stacks(key), self._frames.get(key)
        if known is None or known[0] is not stacks:
            counted: dict[FrameKey, str] = {}
            for hung in stacks:
                for index, frame in enumerate(hung.keys, start=1):
                    counted.setdefault(frame, f"{index}/{len(hung.keys)}")
            known = self._frames[key] = stacks, counted
        return known[1]


def entries(shapes: Iterable[Annotation], room: Room, shelf: Shelf, places: Places) -> list[Entry]:
    """Return the measurements in the order of their series and images, then as they were drawn.

    Those of the patient in the active viewport: anonymised studies of two may have one Study Instance UID.
    """
    labels = room.looks.labels
    for picture in [pane.picture for pane in room.desk.panes if pane.picture is not None]:
        for shape in room.drawings.on(picture.description.key):  # what is in sight has its numbers at once
            labels.of(shape, picture)
    found = [
        Entry(
            shape,
            *places.of(shape.frame, shelf),
            labels.known(shape) or shape.text,
            labels.measured(shape),
            labels.values(shape),
        )
        for shape in shapes
        if not _is_of_another(shape, room, shelf)
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


def _is_of_another(shape: Annotation, room: Room, shelf: Shelf) -> bool:
    """Tell whether an annotation lies on an image of another patient than the active viewport shows."""
    record, hung = shelf.instance(shape.frame.sop_instance_uid), room.desk.pane.hung
    if record is None or hung is None or record.series.study.patient == hung.series.study.patient:
        return False
    return patient_key(record.series.study.patient) != patient_key(hung.series.study.patient)


def _number(text: str) -> int:
    digits = text.partition("/")[0]
    return int(digits) if digits.lstrip("-").isdigit() else 0
