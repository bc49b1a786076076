"""Going on: pages of tiles, the next study, another patient."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from viewer.dicom.records import SeriesRecord
from viewer.dicom.text import date, person_name
from viewer.dicom.tree import Patient, Study, patient_key
from viewer.ui.plain_text import single_line
from viewer.ui.reading import Reading
from viewer.viewing.persons import NAMELESS
from viewer.viewing.shelf import Shelf

Deed = Callable[[], None]
NO_FURTHER = "There is no further {}."
MOST_MENU = 40  # patients in a menu


class Going:
    """Shows other images of those that are open."""

    def __init__(
        self, window: QWidget, reading: Reading, shelf: Callable[[], Shelf], say: Callable[[str], None]
    ) -> None:
        self._window, self._reading, self._shelf, self._say = window, reading, shelf, say
        self._desk = reading.room.desk
        self.menu: QMenu | None = None

    def table(self) -> Mapping[str, Deed]:
        """Return every deed by the name of its action."""
        return {
            "next-page": partial(self._page, 1),
            "previous-page": partial(self._page, -1),
            "next-study": partial(self._study, 1),
            "previous-study": partial(self._study, -1),
            "next-patient": partial(self._patient, 1),
            "previous-patient": partial(self._patient, -1),
            "select-patient": self._select_patient,
        }

    def _page(self, by: int) -> None:
        self._reading.scroll(self._desk.active, by * len(self._desk.box(self._desk.active)))

    def _study(self, by: int) -> None:
        studies = [study for patient in self._shelf().patients() for study in patient.studies]
        here = self._here(studies)
        index = 0 if here is None else here + by
        if 0 <= index < len(studies):
            self._show(studies[index])
        else:
            self._say(NO_FURTHER.format("study"))

    def _patient(self, by: int) -> None:
        patients = self._shelf().patients()
        keys = [patient_key(patient.record) for patient in patients]
        hung = self._desk.pane.hung
        own = patient_key(hung.series.study.patient) if hung is not None else None
        index = keys.index(own) + by if own in keys else 0
        if 0 <= index < len(patients):
            self._meet(patients[index])
        else:
            self._say(NO_FURTHER.format("patient"))

    def _select_patient(self) -> None:
        """Offer everybody who is open."""
        menu = QMenu(self._window)
        for patient in self._shelf().patients()[:MOST_MENU]:
            record = patient.record
            facts = (
                person_name(record.patient_name) or NAMELESS,
                record.patient_id,
                date(record.patient_birth_date),
            )
            words = single_line("   ".join(fact for fact in facts if fact)).replace("&", "&&")
            menu.addAction(words).triggered.connect(lambda _=False, chosen=patient: self._meet(chosen))
        self.menu = menu
        strip = self._reading.furniture.strip
        menu.popup(strip.mapToGlobal(QPoint(0, strip.height())))

    def _meet(self, patient: Patient) -> None:
        """Show the newest study of a patient."""
        self._show(patient.studies[-1])

    def _show(self, study: Study) -> None:
        self._reading.touched = True
        self._reading.show_study(study, self._shelf().study_stacks(study))

    def _here(self, studies: list[Study]) -> int | None:
        hung = self._desk.pane.hung
        series: SeriesRecord | None = hung.series if hung is not None else None
        wanted = self._shelf().study_of(series) if series is not None else None
        records = [study.record for study in studies]
        return records.index(wanted.record) if wanted is not None and wanted.record in records else None
