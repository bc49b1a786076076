"""What is double-clicked in the rail and is no image: read in a worker, shown in the panel."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from viewer.dicom.document import Document
from viewer.dicom.records import InstanceRecord, SeriesRecord
from viewer.dicom.uids import Kind, sop_class
from viewer.jobs.queue import Job
from viewer.ui.furniture import Furniture
from viewer.ui.rail import rail_nodes
from viewer.viewing.loader import Loader
from viewer.viewing.shelf import Shelf

READABLE = frozenset({Kind.REPORT, Kind.DOCUMENT})  # what a physician wrote
MOST = 1000  # objects of one series that can be chosen from


class Documents(QObject):
    """Reads one object at a time; what is asked for last is what is shown."""

    def __init__(
        self, loader: Loader, furniture: Furniture, shelf: Callable[[], Shelf], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._loader, self._furniture, self._shelf = loader, furniture, shelf
        self._records: list[InstanceRecord] = []
        self._job: Job | None = None
        furniture.document.chosen.connect(self._read)

    @property
    def busy(self) -> bool:
        """Tell whether an object is being read."""
        return self._job is not None

    def open(self, key: str) -> None:
        """Show the objects of a row of the rail, beginning with the first."""
        self._offer(self._shelf().objects(key)[:MOST])

    def open_reports(self, series: SeriesRecord) -> bool:
        """Show the reports and documents of the study of a series; tell whether there are any."""
        study = self._shelf().study_of(series)
        records = [record for each in study.series for record in each.instances] if study is not None else []
        found = [record for record in records if sop_class(record.sop_class_uid).kind in READABLE]
        self._offer(found[:MOST])
        return bool(found)

    def _offer(self, records: list[InstanceRecord]) -> None:
        """Let one of several objects be chosen, and show the first."""
        if records:
            self._records = records
            names = [_name(record) for record in self._records]
            self._furniture.document.offer(_whose(self._records[0]), names)
            self._furniture.show_document()
            self._read(0)

    def clear(self) -> None:
        """Forget what was read: the studies were closed."""
        self._stop()
        self._records = []
        self._furniture.document.clear()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _read(self, number: int) -> None:
        self._stop()
        record = self._records[number]
        what = _name(record)
        self._furniture.document.wait(what)
        asked: list[Job] = []
        job = self._loader.document(
            record.path,
            lambda found: self._take(asked, found),
            lambda reason: self._refuse(asked, what, reason),
        )
        asked.append(job)
        self._job = job

    def _take(self, asked: list[Job], found: Document) -> None:
        if self._job in asked:
            self._job = None
            self._furniture.document.set_document(found.title, found.what, found.text)

    def _refuse(self, asked: list[Job], what: str, reason: str) -> None:
        if self._job in asked:
            self._job = None
            self._furniture.document.set_trouble(what, reason)


def _whose(record: InstanceRecord) -> str:
    who = rail_nodes.identity(record.series.study, "")
    return "  ".join(fact for fact in (who.name, who.patient_id, who.born) if fact)


def _name(record: InstanceRecord) -> str:
    """Return what to call an object in a list: its class, and its number where it has one."""
    number = "" if record.instance_number is None else f" {record.instance_number}"
    return f"{sop_class(record.sop_class_uid).name}{number}"
