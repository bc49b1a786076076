"""The list of this computer's studies, with the trash behind it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.cache.study_list import Order
from viewer.jobs.queue import JobQueue
from viewer.ui import theme
from viewer.ui.studies.study_filter import StudyFilterBar
from viewer.ui.studies.study_model import StudyModel
from viewer.ui.studies.study_table import StudyTable
from viewer.ui.study_words import counted
from viewer.viewing.local_studies import NoStudies
from viewer.viewing.study_source import StudySource

NO_FIT = "No study fits what is looked for.\n\nEsc in the search field begins again."
EMPTY_TRASH = "The trash is empty."
NOTHING = (
    "No study is on this computer yet.\n\n"
    "Drop a folder, a CD or a zip here, or open one with Ctrl+O:\nwhat was opened is found here again."
)
IN_TRASH = "Deleted studies stay here until the trash is emptied."


class LocalList(QWidget):
    """Asks a source for what a filter says."""

    opened = Signal(object, bool)  # StudyKeys; beside what is open
    said = Signal(str)  # how much was found
    counted = Signal(int)  # the studies of an answer to "everything"
    restore_wanted = Signal()
    empty_wanted = Signal()

    def __init__(
        self, queue: JobQueue, source: StudySource, bar: StudyFilterBar, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._filter, self._order = bar, Order()
        self.model = StudyModel(queue, source, self)
        self.table = StudyTable(self.model, self)
        self.trash_bar = QWidget(self)
        self._restore, self._empty = QPushButton("Restore"), QPushButton("Empty trash …")
        self._lay_out()
        self.table.header.sort_wanted.connect(self._sort)
        self.table.opened.connect(lambda: self._open(beside=False))
        self.table.opened_beside.connect(lambda: self._open(beside=True))
        self.table.choice.changed.connect(lambda: self._restore.setEnabled(bool(self.table.choice.studies)))
        self.model.answered.connect(self._answered)
        self.model.failed.connect(self._failed)
        self._restore.clicked.connect(self.restore_wanted)
        self._empty.clicked.connect(self.empty_wanted)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.trash_bar)
        row.setContentsMargins(2 * theme.GAP, theme.GRID, theme.GAP, theme.GRID)
        row.addWidget(QLabel(IN_TRASH), 1)
        row.addWidget(self._restore)
        row.addWidget(self._empty)
        self.trash_bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.trash_bar)
        column.addWidget(self.table, 1)

    def ask(self) -> None:
        """Look for what the filter says."""
        self.trash_bar.setVisible(self._filter.asked.deleted)
        self.model.ask(self._filter.asked, self._order)

    def _sort(self, order: Order) -> None:
        self._order = order
        self.ask()

    def _answered(self) -> None:
        total = self.model.pages.total
        self.said.emit(counted(total, "study", "studies"))
        self.table.set_words("" if total else self._nothing())
        self._empty.setEnabled(bool(total))
        asked = self._filter.asked
        if not self._filter.narrowed and not asked.deleted:
            self.counted.emit(total)

    def _nothing(self) -> str:
        source = self.model.source
        if isinstance(source, NoStudies):
            return source.reason
        if self._filter.narrowed:
            return NO_FIT
        return EMPTY_TRASH if self._filter.asked.deleted else NOTHING

    def _failed(self, words: str) -> None:
        self.said.emit(words)
        self.table.set_words(words)

    def _open(self, *, beside: bool) -> None:
        chosen = self.table.choice.studies
        if chosen and not self._filter.asked.deleted:
            self.opened.emit(chosen, beside)
