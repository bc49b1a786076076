"""Series and pictures as values, and a main thread that a test runs by hand."""

import queue
import time
from collections.abc import Callable

import numpy as np

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey, InstanceRecord, PatientRecord, SeriesRecord, StudyRecord
from viewer.dicom.stacks import Stack, StackKind
from viewer.viewing.pane import Hung
from viewer.viewing.picture import Picture

CT = "1.2.840.10008.5.1.4.1.1.2"
PATIENCE = 20.0  # seconds


class Hands:
    """Runs what is posted when a test turns to it."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def post(self, call: Callable[[], None]) -> None:
        self._calls.put(call)

    def until(self, condition: Callable[[], object]) -> None:
        """Run what comes until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "it did not come"
            try:
                self._calls.get(timeout=0.02)()
            except queue.Empty:
                continue


def series(number=1, *, patient="One", study="1.2.3"):
    person = PatientRecord(patient, patient)
    return SeriesRecord(f"{study}.{number}", StudyRecord(study, person, "20260102"), "CT", number)


def record(uid, of=None, **attributes):
    """Return a CT instance at z = its number in mm."""
    number = attributes.setdefault("instance_number", int(uid.rpartition(".")[2]))
    given = {
        "path": f"/cd/{uid}", "rows": 48, "columns": 64,
        "image_position_patient": (0.0, 0.0, float(number)),
        "image_orientation_patient": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        "pixel_spacing": (0.5, 0.25), "frame_of_reference_uid": "1.9",
    } | attributes  # fmt: skip
    return InstanceRecord(uid, CT, of or series(), **given)


def hung(count, of=None, first=1):
    """Return a stack of `count` images."""
    records = tuple(record(f"1.7.{number}", of) for number in range(first, first + count))
    return Hung.of(of or series(), Stack(records, StackKind.VOLUME, 48, 64))


def picture(key, value=0):
    """Return a picture whose stored values are all `value`."""
    stored = np.full((48, 64), value, np.int16)
    stored.setflags(write=False)
    description = ImageDescription(key, CT, 48, 64, signed=True)
    return Picture.of(description, Frame(key, stored, "MONOCHROME2"))


def key(number, frame=1):
    return FrameKey(f"1.7.{number}", frame)
