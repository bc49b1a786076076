"""The other studies of the patient on the screen that are on this computer: one click opens one beside."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton

from viewer.cache.study_list import ListedStudy, Order, StudyFilter, StudyKey
from viewer.dicom.records import PatientRecord, StudyRecord
from viewer.dicom.text import date, person_name
from viewer.dicom.tree import patient_key
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.ui import theme
from viewer.ui.plain_text import single_line
from viewer.viewing.desk import Desk
from viewer.viewing.local_studies import LocalStudies

PAGE = 500  # rows asked for at once: IDs are looked for anywhere in an ID, so others may be among them
MOST_PAGES = 20
NO_CACHE = "There is no study cache on this computer."
NO_ID = "This patient has no ID: other studies cannot be told to be of the same one."
NONE = "This computer has no other study of this patient (Ctrl+Shift+F looks on all peers)."
NOBODY = "There is no image here."


def of_patient(
    local: LocalStudies, patient: PatientRecord, cancelled: Callable[[], bool]
) -> list[ListedStudy]:
    """Return the studies of the cache with the very issuer and ID of a patient, newest first. For jobs."""
    found: list[ListedStudy] = []
    for page in range(MOST_PAGES):
        asked = StudyFilter(patient_id=patient.patient_id)
        rows = local.page(asked, Order(), page * PAGE, PAGE, cancelled)
        found += [row for row in rows.rows if _is_of(row.record.patient, patient)]
        if cancelled() or (page + 1) * PAGE >= rows.total:
            break
    return found


def _is_of(one: PatientRecord, other: PatientRecord) -> bool:
    same = (one.issuer_of_patient_id, one.patient_id) == (other.issuer_of_patient_id, other.patient_id)
    return same and one.patient_id != ""


class Priors(QObject):
    """A button beside the patient's name, with the number of other studies and a list of them."""

    chosen = Signal(object)  # the StudyKey of a study to be opened beside

    def __init__(self, queue: JobQueue, local: LocalStudies | None, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._queue, self._local, self._desk = queue, local, desk
        self._study: StudyRecord | None = None
        self._job: Job | None = None
        self.found: Sequence[ListedStudy] = ()
        self.open_keys: Callable[[], set[StudyKey]] = set  # what is open already
        self.button = QToolButton()
        self.menu = QMenu(self.button)
        self.button.setMenu(self.menu)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMinimumHeight(theme.TARGET)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setToolTip("Other studies of this patient on this computer, by issuer and ID (Alt+P)")
        self.button.setAccessibleName("Priors")
        self.button.hide()
        self.menu.aboutToShow.connect(self._fill)
        desk.listen(lambda _: self.look())

    @property
    def busy(self) -> bool:
        """Tell whether the cache is being asked."""
        return self._job is not None

    @property
    def reason(self) -> str:
        """Return why there is nothing to choose from, "" where there is."""
        if self._study is None:
            return NOBODY
        if self._local is None:
            return NO_CACHE
        if not self._study.patient.patient_id:
            return NO_ID
        return "" if self.found else NONE

    def look(self) -> None:
        """Look for the others when another study is the active one."""
        hung = self._desk.pane.hung if self._desk.panes else None
        study = hung.series.study if hung is not None else None
        if study != self._study:
            self._study = study
            self.ask()

    def ask(self) -> None:
        """Ask the cache anew: something came into it."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        local, study = self._local, self._study
        if local is None or study is None or not study.patient.patient_id:
            self._show(())
            return
        self._job = self._queue.submit(
            lambda job: of_patient(local, study.patient, job.is_cancelled),
            priority=Priority.NEXT,
            done=self._take,
            failed=lambda _: self._take(()),
        )

    def _take(self, found: Sequence[ListedStudy]) -> None:
        self._job = None
        own = self._study
        self._show([row for row in found if own is None or _key(own) != row.key])

    def _show(self, found: Sequence[ListedStudy]) -> None:
        self.found = tuple(found)
        self.button.setText(f"Priors {len(self.found)}  \u25be")
        self.button.setVisible(bool(self.found))

    def _fill(self) -> None:
        """List the studies; those that are open have a tick."""
        self.menu.clear()
        opened = self.open_keys()
        for row in self.found:
            action = self.menu.addAction(self._words(row).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(row.key in opened)
            action.triggered.connect(partial(self._choose, row.key))

    def _choose(self, key: StudyKey, _checked: bool = False) -> None:  # noqa: FBT001, FBT002  a slot
        self.chosen.emit(key)

    def _words(self, row: ListedStudy) -> str:
        record = row.record
        images = f"{row.instances:,} image{'s' * (row.instances != 1)}"
        facts = [date(record.study_date) or "undated", " ".join(row.modalities), record.study_description]
        own = self._study.patient if self._study is not None else record.patient
        if patient_key(record.patient) != patient_key(own):
            facts.append(f"UNDER ANOTHER NAME: {person_name(record.patient.patient_name) or 'none'}")
        return single_line("   ".join(fact for fact in (*facts, images) if fact))


def _key(study: StudyRecord) -> StudyKey:
    return StudyKey(study.study_instance_uid, patient_key(study.patient))
