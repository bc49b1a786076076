"""The series that a peer says a study has, while their images are still there and not here."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.dicom.records import SeriesRecord
from viewer.dicom.text import date, person_name
from viewer.jobs.queue import Job, Priority
from viewer.network.match import Match
from viewer.network.names import find_peer
from viewer.network.query import Level, Query
from viewer.ui.rail.rail_model import PatientNode, SeriesNode, StudyNode
from viewer.ui.rail.rail_nodes import hue
from viewer.ui.rail.series_rail import SeriesRail
from viewer.ui.study_words import counted
from viewer.viewing.persons import NAMELESS
from viewer.viewing.remote_search import Asking
from viewer.viewing.remote_studies import RemoteStudy

PAUSE = 250  # ms on a study before its peer is asked: who goes through the list asks for none of them
CHOOSE = "Choose a study to see its series"
NOT_SAID = "The peer does not say which series it has. Enter on the study fetches it."


class RemoteSeries(QWidget):
    """Asks one peer for one study at a time."""

    opened = Signal(object, str)  # RemoteStudy, Series Instance UID

    def __init__(self, asking: Callable[[], Asking], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asking = asking
        self._wanted: RemoteStudy | None = None
        self._job: Job | None = None
        self._found: list[Match] = []
        self.rail = SeriesRail(self)
        self.rail.setAccessibleName("Series that the peer has")
        self.rail.set_empty_words(CHOOSE)
        self.rail.opened.connect(self._open)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rail)

    @property
    def busy(self) -> bool:
        """Tell whether a peer is being asked, or will be."""
        return self._pause.isActive() or self._job is not None

    def show_study(self, study: RemoteStudy | None) -> None:
        """Ask for the series of a study after a moment; for those of none, and of several, not."""
        if study is not None and self._wanted is not None and study.key == self._wanted.key:
            self._wanted = study
            return
        self.forget()
        self._wanted, self._found = study, []
        self._show()
        self.rail.set_empty_words(CHOOSE if study is None else "")
        if study is not None:
            self._pause.start()

    def forget(self) -> None:
        """Give up what is under way."""
        self._pause.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _ask(self) -> None:
        study = self._wanted
        if study is None or not study.peers:
            return
        asking, name = self._asking(), study.peers[0].name
        query = Query(
            Level.SERIES,
            patient_id=study.record.patient.patient_id,
            study_instance_uid=study.record.study_instance_uid,
        )
        self.rail.set_empty_words(f"Asking {name} …")

        def work(job: Job) -> bool:
            def tell(match: Match) -> None:
                asking.post(lambda: None if job.cancelled else self._add(match))

            peer = find_peer(name, asking.neighbours.peers)
            return asking.neighbours.find(peer, query, tell, job.is_cancelled)

        self._job = asking.queue.submit(
            work, priority=Priority.NEXT, done=lambda _: self._done(), failed=self._failed
        )

    def _add(self, match: Match) -> None:
        self._found.append(match)
        self._show()

    def _done(self) -> None:
        self._job = None
        self.rail.set_empty_words(NOT_SAID)

    def _failed(self, error: Exception) -> None:
        self._job = None
        self.rail.set_empty_words(str(error))

    def _show(self) -> None:
        study = self._wanted
        self.rail.set_tree(() if study is None or not self._found else (_node(study, self._found),))

    def _open(self, uid: str) -> None:
        if self._wanted is not None:
            self.opened.emit(self._wanted, uid)


def _node(study: RemoteStudy, found: Sequence[Match]) -> PatientNode:
    record = study.record
    patient = record.patient
    rows = [match for match in found if match.series is not None]
    rows.sort(key=lambda match: _place(match.series))
    nodes = tuple(_row(match.series, match.instances) for match in rows if match.series is not None)
    title = "  ".join(part for part in (date(record.study_date), record.study_description) if part)
    facts = (patient.patient_id, date(patient.patient_birth_date), patient.patient_sex)
    lines = (person_name(patient.patient_name) or NAMELESS, "  ".join(fact for fact in facts if fact))
    uid = record.study_instance_uid
    return PatientNode(uid, lines, hue(0), (StudyNode(uid, title or "Undated study", "", nodes),))


def _row(series: SeriesRecord, instances: int | None) -> SeriesNode:
    number = "" if series.series_number is None else f"Series {series.series_number}"
    return SeriesNode(
        series.series_instance_uid,
        series.series_description or number or series.modality,
        "  ".join(part for part in (series.modality, number if series.series_description else "") if part),
        counted(instances, "image", "images") if instances is not None else "",
        tooltip="Double-click fetches the study, this series first, and opens it",
        modality=series.modality,
    )


def _place(series: SeriesRecord | None) -> tuple[bool, int, str]:
    number = series.series_number if series is not None else None
    return number is None, number or 0, series.series_instance_uid if series is not None else ""
