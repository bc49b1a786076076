"""The place where studies are found: sources at the top, what is looked for, the list, and the series."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from viewer.cache.study_list import Order, StudyKey
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.ui import theme
from viewer.ui.study_filter import StudyFilterBar
from viewer.ui.study_head import StudyHead
from viewer.ui.study_model import StudyModel
from viewer.ui.study_series import StudySeries
from viewer.ui.study_table import StudyTable
from viewer.ui.study_words import counted
from viewer.viewing.loader import Loader
from viewer.viewing.local_studies import NoStudies
from viewer.viewing.study_source import StudySource

SERIES_WIDTH = 264
NO_FIT = "No study fits what is looked for.\n\nEsc in the search field begins again."
EMPTY_TRASH = "The trash is empty."
NOTHING = (
    "No study is on this computer yet.\n\n"
    "Drop a folder, a CD or a zip here, or open one with Ctrl+O:\nwhat was opened is found here again."
)
IN_TRASH = "Deleted studies stay here until the trash is emptied."


class StudyBrowser(QWidget):
    """Looks in one source at a time. Signals carry what a hand chose."""

    opened = Signal(object, object, bool)  # StudyKeys; a SeriesKey to be hung first, or None; beside others
    left = Signal()  # back to the images
    menu_wanted = Signal(QPoint)
    remove_wanted = Signal()
    restore_wanted = Signal()
    empty_wanted = Signal()
    counted = Signal(int)  # the studies of an answer to "everything"

    def __init__(
        self, queue: JobQueue, loader: Loader, sources: Sequence[StudySource], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self.head = StudyHead([source.name for source in sources])
        self.sources = tuple(sources)
        self.filter = StudyFilterBar(self)
        self.model = StudyModel(queue, self.sources[0], self)
        self.table = StudyTable(self.model, self)
        self.series = StudySeries(queue, loader, self)
        self._order = Order()
        self._kinds: Job | None = None
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.trash_bar = QWidget(self)
        row = QHBoxLayout(self.trash_bar)
        row.setContentsMargins(2 * theme.GAP, theme.GRID, theme.GAP, theme.GRID)
        row.addWidget(QLabel(IN_TRASH), 1)
        self._restore = QPushButton("Restore")
        self._empty = QPushButton("Empty trash …")
        row.addWidget(self._restore)
        row.addWidget(self._empty)
        self.trash_bar.hide()
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.setHandleWidth(2)
        parts.addWidget(self.table)
        parts.addWidget(self.series)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 0)
        parts.setCollapsible(0, False)
        parts.setSizes([1200, SERIES_WIDTH])
        line = QFrame(self)
        line.setFixedHeight(1)
        line.setStyleSheet(f"background: {theme.BORDER};")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.filter, self.trash_bar, line):
            column.addWidget(part)
        column.addWidget(parts, 1)

    def _connect(self) -> None:
        self.head.chosen.connect(self._switch)
        self.head.left.connect(self.left)
        self.filter.changed.connect(self.ask)
        self.filter.left.connect(self.table.setFocus)
        self.filter.given_up.connect(self._give_up)
        self.table.header.sort_wanted.connect(self._sort)
        self.table.typed.connect(self.filter.type)
        self.table.opened.connect(lambda: self._open(beside=False))
        self.table.opened_beside.connect(lambda: self._open(beside=True))
        self.table.remove_pressed.connect(self.remove_wanted)
        self.table.menu_wanted.connect(self.menu_wanted)
        self.table.choice.changed.connect(self._chosen)
        self.model.answered.connect(self._answered)
        self.model.failed.connect(self._failed)
        self.series.opened.connect(lambda key, series: self.opened.emit((key,), series, False))
        self._restore.clicked.connect(self.restore_wanted)
        self._empty.clicked.connect(self.empty_wanted)

    # ------------------------------------------------------------------------------------------------ asking
    @property
    def source(self) -> StudySource:
        """Return where is looked."""
        return self.model.source

    @property
    def chosen(self) -> tuple[StudyKey, ...]:
        """Return the studies that are chosen."""
        return self.table.choice.studies

    @property
    def busy(self) -> bool:
        """Tell whether something that can be seen is under way."""
        return self.filter.waiting or self.model.busy or self.series.busy

    def ask(self) -> None:
        """Look for what the filter says."""
        self.trash_bar.setVisible(self.filter.asked.deleted)
        self.model.ask(self.filter.asked, self._order)

    def refresh(self) -> None:
        """Look again: something changed."""
        self.model.refresh()
        self.series.refresh()
        if self._kinds is not None:
            self._kinds.cancel()
        source = self.source
        self._kinds = self._queue.submit(
            lambda job: source.modalities(job.is_cancelled),
            priority=Priority.NEXT,
            done=self.filter.set_modalities,
            failed=lambda _: None,
        )

    def begin(self) -> None:
        """Look for the first time, with the keys in the list."""
        self.ask()
        self.refresh()

    def forget(self) -> None:
        """Give up what is under way."""
        self.model.forget()
        self.series.forget()
        if self._kinds is not None:
            self._kinds.cancel()

    def _switch(self, number: int) -> None:
        self.model.set_source(self.sources[number])
        self.table.set_columns()
        self.filter.as_typed = self.source.as_typed
        self.begin()

    def _sort(self, order: Order) -> None:
        self._order = order
        self.ask()

    # --------------------------------------------------------------------------------------------- answers
    def _answered(self) -> None:
        total = self.model.pages.total
        self.head.say(counted(total, "study", "studies"))
        self.table.set_words("" if total else self._nothing())
        self._empty.setEnabled(bool(total))
        asked = self.filter.asked
        if not self.filter.narrowed and not asked.deleted:
            self.counted.emit(total)

    def _nothing(self) -> str:
        if isinstance(self.source, NoStudies):
            return self.source.reason
        if self.filter.narrowed:
            return NO_FIT
        return EMPTY_TRASH if self.filter.asked.deleted else NOTHING

    def _failed(self, words: str) -> None:
        self.head.say(words)
        self.table.set_words(words)

    def _chosen(self) -> None:
        self.series.show_study(self.source, self.chosen)
        self._restore.setEnabled(bool(self.chosen))

    # ----------------------------------------------------------------------------------- what a hand does
    def _open(self, *, beside: bool) -> None:
        if self.chosen and not self.filter.asked.deleted:
            self.opened.emit(self.chosen, None, beside)

    def _give_up(self) -> None:
        if self.filter.narrowed or self.filter.asked.deleted:
            self.filter.widen()
        else:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back to the images with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            event.accept()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Give the keys to the list when the place comes into sight."""
        if event.type() is QEvent.Type.Show:
            self.table.setFocus()
        return super().event(event)
