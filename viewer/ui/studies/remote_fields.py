"""Fields of their own for what a peer compares, below the search."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from viewer.cache.study_list import StudyFilter
from viewer.dicom.records import PatientRecord
from viewer.dicom.text import printable
from viewer.ui import theme

STARS = "* stands for any letters, ? for one"
FIELDS = (
    ("patient_name", "Patient name", f"Family name first, from its beginning: Doe, Jane. {STARS}"),
    ("patient_id", "Patient ID", f"The whole ID. {STARS}"),
    ("accession_number", "Accession no.", f"The whole number. {STARS}"),
    ("study_description", "Description", f"A word of it; not every peer looks at it. {STARS}"),
)


class RemoteFields(QWidget):
    """Patient name, Patient ID, Accession Number and description."""

    wanted = Signal()  # Enter
    left = Signal()  # Down
    given_up = Signal()  # Esc

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[str, _Line] = {}
        self._patient: PatientRecord | None = None  # whose studies are looked for, and nobody else's
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        for name, words, tip in FIELDS:
            line = self.lines[name] = _Line(self)
            label = QLabel(words)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setBuddy(line)
            label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
            line.setAccessibleName(words)
            line.setToolTip(tip)
            line.entered.connect(self.wanted)
            line.left.connect(self.left)
            line.given_up.connect(self.given_up)
            row.addWidget(label)
            row.addWidget(line, 1)
        self.lines["patient_id"].textEdited.connect(lambda _: self._unbind())

    def narrow(self, asked: StudyFilter) -> StudyFilter:
        """Return what is looked for, with what these fields say."""
        issuer = self._patient.issuer_of_patient_id if self._patient is not None else ""
        return StudyFilter(
            text=asked.text,
            patient_name=self.lines["patient_name"].text().strip(),
            patient_id=self.lines["patient_id"].text().strip(),
            accession_number=self.lines["accession_number"].text().strip(),
            study_description=self.lines["study_description"].text().strip(),
            modalities=asked.modalities,
            date_from=asked.date_from,
            date_to=asked.date_to,
            issuer_of_patient_id=issuer,
            same_patient=self._patient is not None,
        )

    def set_patient(self, patient: PatientRecord) -> None:
        """Look for the studies of one patient, by ID and issuer and never by the name alone."""
        self.clear()
        self._patient = patient
        line = self.lines["patient_id"]
        line.setText(patient.patient_id)
        issuer = printable(patient.issuer_of_patient_id)
        line.setToolTip(f"The studies of this very ID{f', issued by {issuer}' if issuer else ''}")

    def clear(self) -> None:
        """Look for nothing."""
        for line in self.lines.values():
            line.clear()
        self._unbind()

    def _unbind(self) -> None:
        """Take the ID as one that was typed: no longer that of one patient."""
        self._patient = None
        self.lines["patient_id"].setToolTip(FIELDS[1][2])


class _Line(QLineEdit):
    """One field; it lets go of the keys that are meant for the list."""

    entered = Signal()
    left = Signal()
    given_up = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMaxLength(64)  # PS3.5 6.2: of LO, and of each part of a PN
        self.setMinimumWidth(80)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask with Enter; go to the list with Down; Esc takes away what was typed, then itself."""
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.entered.emit()
        elif key is Qt.Key.Key_Down:
            self.left.emit()
        elif key is Qt.Key.Key_Escape and self.text():
            self.clear()
            self.textEdited.emit("")
        elif key is Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)
            return
        event.accept()
