"""What peers find: rows that stream in, what each peer said, and what can be done with what is chosen."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from viewer.cache.presence import Here, present
from viewer.cache.study_list import Order, StudyFilter
from viewer.dicom.text import printable
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.ui import theme
from viewer.ui.studies.remote_model import RemoteModel
from viewer.ui.studies.study_delegate import HEIGHT
from viewer.ui.studies.study_table import StudyTable
from viewer.ui.study_words import counted
from viewer.viewing.remote_search import Asking, Ending, Standing
from viewer.viewing.remote_studies import RemoteStudies, RemoteStudy

LOOKING = 300  # ms between two looks at what is here by now
START = "Type whom or what to look for and press Enter,\nor choose Today, Yesterday or a modality."


class RemoteList(QWidget):
    """The list of one source of peers at a time."""

    opened = Signal(object, bool)  # RemoteStudies of the list, to be opened; beside what is open
    fetch_wanted = Signal(object)  # RemoteStudies of the list, to be fetched and not opened
    priors_wanted = Signal(object)  # the PatientRecord whose studies are looked for
    chosen_changed = Signal()
    stood = Signal(str)  # how much was found, in words

    def __init__(
        self,
        queue: JobQueue,
        source: RemoteStudies,
        asking: Callable[[], Asking],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue, self._asking = queue, asking
        self._order = Order()
        self._looking: Job | None = None
        self.model = RemoteModel(queue, source, asking, self)
        self.table = StudyTable(self.model, self)
        self.notice = QLabel(self)
        self.open_button = QPushButton("Open")
        self.fetch_button = QPushButton("Fetch")
        self.priors_button = QPushButton("Priors")
        self._soon = QTimer(self, singleShot=True, interval=LOOKING)
        self._soon.timeout.connect(self._look)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.notice.setTextFormat(Qt.TextFormat.PlainText)
        self.notice.setWordWrap(True)
        self.notice.setForegroundRole(self.notice.palette().ColorRole.Text)
        self.notice.setStyleSheet(f"color: {theme.colours_of(self.palette()).amber};")
        self.notice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open_button.setToolTip("Fetches what is chosen and opens it as its images come (Enter)")
        self.fetch_button.setToolTip("Fetches what is chosen to this computer, and opens nothing")
        self.priors_button.setToolTip(
            "All studies of this patient on this computer and on all peers, by ID and issuer (Ctrl+Shift+F)"
        )
        row = QHBoxLayout()
        row.setContentsMargins(theme.GAP, theme.GRID, theme.GAP, theme.GRID)
        row.setSpacing(theme.GRID)
        row.addWidget(self.notice, 1)
        for button in (self.open_button, self.fetch_button, self.priors_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        self.table.set_words(START)

    def _connect(self) -> None:
        self.open_button.clicked.connect(lambda: self._open(beside=False))
        self.fetch_button.clicked.connect(self.fetch)
        self.priors_button.clicked.connect(self.look_for_priors)
        self.table.opened.connect(lambda: self._open(beside=False))
        self.table.opened_beside.connect(lambda: self._open(beside=True))
        self.table.menu_wanted.connect(self._menu)
        self.table.choice.changed.connect(self._chosen)
        self.table.header.sort_wanted.connect(self._sort)
        self.model.stood.connect(self._stand)
        self.model.about_to_grow.connect(self._hold_still)
        self.model.dataChanged.connect(self._data_changed)

    # ----------------------------------------------------------------------------------------- asking
    @property
    def source(self) -> RemoteStudies:
        """Return where is looked."""
        source = self.model.source
        assert isinstance(source, RemoteStudies)  # noqa: S101  it is made with one and given no other
        return source

    @property
    def busy(self) -> bool:
        """Tell whether something is under way."""
        return self.model.busy or self._soon.isActive() or self._looking is not None

    def set_source(self, source: RemoteStudies) -> None:
        """Look elsewhere: nothing of what the place before said stays."""
        self.model.clear()
        self.model.set_source(source)
        self.model.clear()
        self.table.set_columns()
        self.table.set_words(START)

    def ask(self, asked: StudyFilter) -> None:
        """Ask all places of the source."""
        self.model.ask(asked, self._order)

    def _sort(self, order: Order) -> None:
        self._order = order
        self.table.header.point(order)
        if self.model.standings:
            self.model.ask(self.model.asked[0], order)

    # ----------------------------------------------------------------------------------------- answers
    def _stand(self) -> None:
        standings = self.model.standings
        self.notice.setText("\n".join(_notices(standings)))
        self.stood.emit(_summary(standings, self.model.found.total))
        self.table.set_words(_empty(standings) if standings else START)
        if standings and not self.model.busy:
            self.look()  # images may have come while the rows were under way
        self._chosen()

    def _hold_still(self, row: int) -> None:
        """Keep in sight what is in sight when a row comes in above it."""
        bar = self.table.verticalScrollBar()
        top = self.table.rowAt(0)
        if bar.value() > 0 and 0 <= row <= top:
            QTimer.singleShot(0, self, lambda: bar.setValue(bar.value() + HEIGHT))

    def look(self) -> None:
        """See soon what is on this computer by now of the studies in the list."""
        if self.model.found.total and not self._soon.isActive():
            self._soon.start()

    def _look(self) -> None:
        store = self._asking().store
        if store is None:
            return
        if self._looking is not None:
            self._soon.start()
            return
        uids = [study.key.study_instance_uid for study in self.model.found.rows]

        def work(_: Job) -> dict[str, Here]:
            with store.reading() as connection:
                return present(connection, uids)

        def done(here: dict[str, Here]) -> None:
            self._looking = None
            self.model.set_here(here)

        def failed(_: Exception) -> None:
            self._looking = None

        self._looking = self._queue.submit(work, priority=Priority.NEXT, done=done, failed=failed)

    def forget(self) -> None:
        """Give up what is under way; what was found stays."""
        self._soon.stop()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self.model.forget()

    # ------------------------------------------------------------------------------------- what is chosen
    @property
    def chosen(self) -> tuple[RemoteStudy, ...]:
        """Return what is chosen, in the order of the list."""
        found = self.model.found
        studies = [found.study(row) for row in found.rows_of(self.table.choice.studies)]
        return tuple(study for study in studies if study is not None)

    def _data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        rows = range(first.row(), last.row() + 1)
        if set(self.model.found.rows_of(self.table.choice.studies)) & set(rows):
            self._chosen()

    def _chosen(self) -> None:
        chosen = self.chosen
        self.open_button.setEnabled(bool(chosen))
        self.fetch_button.setEnabled(any(not study.complete for study in chosen))
        self.priors_button.setEnabled(len(chosen) == 1 and bool(chosen[0].record.patient.patient_id))
        several = f" {len(chosen):,} studies" if len(chosen) > 1 else ""
        self.fetch_button.setText(f"Fetch{several}")
        self.chosen_changed.emit()

    def _open(self, *, beside: bool) -> None:
        if self.chosen:
            self.opened.emit(self.chosen, beside)

    def fetch(self) -> None:
        """Have what is chosen fetched, and not opened."""
        if self.chosen:
            self.fetch_wanted.emit(self.chosen)

    def look_for_priors(self) -> None:
        """Look everywhere for the studies of the patient who is chosen."""
        if len(self.chosen) == 1:
            self.priors_wanted.emit(self.chosen[0].record.patient)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction("Open\tEnter", lambda: self._open(beside=False))
        menu.addAction("Open beside what is open\tShift+Enter", lambda: self._open(beside=True))
        menu.addAction("Fetch, and open nothing", self.fetch).setEnabled(self.fetch_button.isEnabled())
        menu.addSeparator()
        menu.addAction("This patient's priors", self.look_for_priors).setEnabled(
            self.priors_button.isEnabled()
        )
        menu.exec(at)
        menu.deleteLater()


def _notices(standings: Sequence[Standing]) -> list[str]:
    """Return a sentence for each place that did not say all."""
    found = []
    for one in standings:
        name = printable(one.name)
        if one.ending is Ending.FAILED:
            words = one.sentence if one.sentence.startswith(name) else f"{name}: {one.sentence}"
            found.append(
                f"Incomplete after {counted(one.rows, 'study', 'studies')}: {words}" if one.rows else words
            )
        elif one.ending is Ending.FIRST:
            words = "the first study" if one.rows == 1 else f"the first {one.rows:,} studies"
            found.append(f"{name}: {words}; it has more, ask for less.")
        elif one.ending is Ending.STOPPED:
            found.append(f"{name}: stopped; there may be more.")
        if one.vague:
            found.append(
                f"{name} does not say of {counted(one.vague, 'study', 'studies')} which modality:"
                " those listed may be of another."
            )
    return found


def _summary(standings: Sequence[Standing], rows: int) -> str:
    asking = [printable(one.name) for one in standings if one.ending is Ending.ASKING]
    total = counted(rows, "study", "studies")
    if asking:
        return f"{total}; asking {', '.join(asking)} …"
    if not standings:
        return ""
    unsure = any(one.ending is not Ending.ALL for one in standings)
    if unsure and not rows:
        return "No answer" if all(one.ending is Ending.FAILED for one in standings) else "Incomplete"
    return f"{total}, incomplete" if unsure else total


def _empty(standings: Sequence[Standing]) -> str:
    """Return what stands where there is no row: never that there is nothing, where nobody said so."""
    asking = [printable(one.name) for one in standings if one.ending is Ending.ASKING]
    none = [printable(one.name) for one in standings if one.ending is Ending.ALL and not one.rows]
    lines = [f"Asking {', '.join(asking)} …"] if asking else []
    lines += [f"No study matches on {', '.join(none)}."] if none else []
    silent = [printable(one.name) for one in standings if one.ending not in {Ending.ASKING, Ending.ALL}]
    lines += [f"No answer from {', '.join(silent)}: why is said above."] if silent and not asking else []
    return "\n\n".join(lines)
