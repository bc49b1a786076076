"""The row above a list of studies: words, dates and modalities to find one by."""

from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from viewer.cache.study_list import StudyFilter
from viewer.dicom.records import PatientRecord
from viewer.ui import icons, theme
from viewer.ui.plain_text import tooltip
from viewer.ui.studies.remote_fields import RemoteFields
from viewer.ui.studies.study_chip import chip
from viewer.ui.studies.study_kinds import StudyKinds

DEBOUNCE = 60  # ms: letters typed quickly are one question
ROOM = 400  # logical pixels: the search is wide enough for its words before more modalities are shown
PLACEHOLDER = "Name, ID, accession number, description …"
TIP = "Find by name in any script, ID, accession number or description (Ctrl+F)"
REMOTE_PLACEHOLDER = "Name, patient ID or accession no."
REMOTE_TIP = (
    "Enter asks (Ctrl+F). A word with a digit is looked for as a whole patient ID and as an accession "
    "number; other words are the beginning of a name, the family name first: doe, jane. "
    "* stands for any letters, ? for one. Descriptions have a field under Advanced."
)


@dataclass(frozen=True, slots=True)
class Days:
    """Some days until today: from `first` days ago to `last` days ago; all where there are none."""

    words: str
    first: int | None = None
    last: int = 0


DAYS = (Days("Any date"), Days("Today", 0), Days("Yesterday", 1, 1), Days("7 days", 6), Days("30 days", 29))


class StudyFilterBar(QWidget):
    """What is looked for. `changed` comes when it should be asked; at each letter, or with Enter."""

    changed = Signal()
    left = Signal()  # the keys should go to the list: Down, or Enter
    given_up = Signal()  # Esc, with nothing typed
    wanted = Signal()  # Enter or the button, where it is not asked at each letter
    stopped = Signal()  # what is under way should be given up

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.as_typed = True
        self._asking = False
        self.search = _Search(self)
        self._dates = QButtonGroup(self)
        self.kinds = StudyKinds(self)
        self.trash = chip("Trash", self, symbol="delete")
        self.trash.setToolTip("Studies that were deleted: they can be restored until the trash is emptied")
        self.go = chip("Search", self)
        self.go.setCheckable(False)
        self.go.clicked.connect(self._press)
        self.advanced = chip("Advanced", self)
        self.advanced.setToolTip("A field for each: patient name, patient ID, accession number, description")
        self.fields = RemoteFields(self)
        self._later = QTimer(self, singleShot=True, interval=DEBOUNCE)
        self._later.timeout.connect(self.changed)
        self.search.textChanged.connect(self._typed)
        self.search.left.connect(self._leave)
        self.search.entered.connect(self._enter)
        self.fields.wanted.connect(self._enter)
        self.fields.left.connect(self.left)
        self.fields.given_up.connect(self.given_up)
        self.search.given_up.connect(self.given_up)
        self.trash.toggled.connect(lambda _: self._ask())
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP, theme.GRID, theme.GAP, theme.GAP)
        column.setSpacing(theme.GRID)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        column.addLayout(row)
        column.addWidget(self.fields)
        row.addWidget(self.search, 3)
        row.addWidget(self.go)
        for part in (self.go, self.advanced, self.fields):
            part.hide()
        self.advanced.toggled.connect(self._show_fields)
        row.addSpacing(theme.GAP)
        for number, days in enumerate(DAYS):
            button = chip(days.words, self)
            button.setChecked(days.first is None)
            self._dates.addButton(button, number)
            row.addWidget(button)
        self._dates.idClicked.connect(lambda _: self._ask())
        row.addSpacing(theme.GAP)
        row.addLayout(self.kinds.row)
        self.kinds.changed.connect(self._ask)
        self.kinds.grew.connect(self._fit)
        row.addStretch(1)
        row.addWidget(self.advanced)
        row.addWidget(self.trash)

    def set_remote(self, *, on: bool) -> None:
        """Ask peers, when told to; or this computer, at each letter."""
        self.as_typed = not on
        self._later.stop()
        self.search.setPlaceholderText(REMOTE_PLACEHOLDER if on else PLACEHOLDER)
        self.search.setToolTip(tooltip(REMOTE_TIP if on else TIP))
        self.trash.setVisible(not on)
        self.go.setVisible(on)
        self.advanced.setVisible(on)
        self.fields.setVisible(on and self.advanced.isChecked())
        self._fit()

    def set_asking(self, *, on: bool) -> None:
        """Offer to stop what is under way, or to search."""
        self._asking = on
        self.go.setText("Stop" if on else "Search")
        self.go.setToolTip("Stop asking; what was found stays (Esc)" if on else "Ask for this (Enter)")

    def _press(self) -> None:
        (self.stopped if self._asking else self.wanted).emit()

    def _show_fields(self, on: bool) -> None:  # noqa: FBT001  a slot
        self.fields.setVisible(on and not self.as_typed)
        if on and self.fields.isVisible():
            self.fields.lines["patient_name"].setFocus()

    def look_for(self, patient: PatientRecord) -> None:
        """Look for all studies of one patient, by ID and issuer."""
        self._blank()
        self.advanced.setChecked(True)
        self.fields.set_patient(patient)

    # ----------------------------------------------------------------------------------------- what is asked
    @property
    def asked(self) -> StudyFilter:
        """Return what is looked for."""
        first, last = _range(DAYS[max(self._dates.checkedId(), 0)], date.today())  # noqa: DTZ011  the reader's day
        asked = StudyFilter(
            text=self.search.text(),
            modalities=self.kinds.chosen,
            date_from=first,
            date_to=last,
            deleted=self.trash.isChecked() and self.as_typed,
        )
        return self.fields.narrow(asked) if self.advanced.isChecked() and not self.as_typed else asked

    @property
    def waiting(self) -> bool:
        """Tell whether something was typed that is not asked yet."""
        return self._later.isActive()

    @property
    def narrowed(self) -> bool:
        """Tell whether anything is left out, apart from the trash."""
        asked = self.asked
        fields = (asked.patient_name, asked.patient_id, asked.accession_number, asked.study_description)
        return bool(asked.text.strip() or asked.modalities or asked.date_from or any(fields))

    def take_keys(self) -> None:
        """Put the keys into the search."""
        self.search.setFocus()
        self.search.selectAll()

    def type(self, letters: str) -> None:
        """Take letters that were typed elsewhere."""
        self.search.setFocus()
        self.search.insert(letters)

    def widen(self) -> None:
        """Look for everything."""
        self._blank()
        self._ask()

    def _blank(self) -> None:
        self.search.clear()
        self.fields.clear()
        self._dates.button(0).setChecked(True)
        self.kinds.clear()

    def _typed(self) -> None:
        if self.as_typed:
            self._later.start()

    def _ask(self) -> None:
        self._later.stop()
        self.changed.emit()

    def _leave(self) -> None:
        if self._later.isActive():
            self._ask()
        self.left.emit()

    def _enter(self) -> None:
        if not self.as_typed:
            self.wanted.emit()
        self._leave()

    # ------------------------------------------------------------------------------------------- room
    def _fit(self) -> None:
        """Show as many modalities as there is room for; the rest is behind "More"."""
        others = sum(button.sizeHint().width() + theme.GRID for button in self._dates.buttons())
        ends = (self.trash,) if self.as_typed else (self.go, self.advanced)
        room = self.width() - others - sum(one.sizeHint().width() + theme.GRID for one in ends) - ROOM
        self.kinds.fit(min(room, self.width() // 2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See how many modalities there is room for."""
        super().resizeEvent(event)
        self._fit()


class _Search(QLineEdit):
    """The field for words; it lets go of the keys that are meant for the list."""

    left = Signal()
    entered = Signal()
    given_up = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setPlaceholderText(PLACEHOLDER)
        self.setAccessibleName("Find a study")
        self.setToolTip(TIP)
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(176)
        self.setMaximumWidth(520)
        self.setMaxLength(256)
        colours = theme.colours_of(self.palette())
        glass = icons.icon("search", colours.secondary, colours=colours, size=16)
        self.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the list with Down or Enter; Esc takes away what was typed, then itself."""
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Down:
            self.left.emit()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.entered.emit()
        elif key is Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key is Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)
            return
        event.accept()


def _range(days: Days, today: date) -> tuple[str, str]:
    """Return the first and the last day as DA; "" for any."""
    if days.first is None:
        return "", ""
    first, last = today - timedelta(days=days.first), today - timedelta(days=days.last)
    return f"{first:%Y%m%d}", f"{last:%Y%m%d}"
