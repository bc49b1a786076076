"""The studies of a source as Qt wants them: only pages of what is in sight are ever read."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from viewer.cache.study_list import Order, StudyFilter
from viewer.errors import ViewerError
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.ui import study_words
from viewer.ui.plain_text import tooltip
from viewer.viewing.study_pages import Rows, StudyPages
from viewer.viewing.study_source import PAGE, SORTED_BY, StudyPage, StudySource

STUDY = Qt.ItemDataRole.UserRole + 1
FAULT = "The list could not be read: a fault of the program."

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class StudyModel(QAbstractTableModel):
    """Rows of one answer. The old answer stays whole until the new one is here: rows are never mixed."""

    answered = Signal()  # the first rows of a new answer are here
    came = Signal(int, int)  # rows that were blank so far: the first, and how many
    failed = Signal(str)

    def __init__(self, queue: JobQueue, source: StudySource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue, self._source = queue, source
        self._asked, self._order = StudyFilter(), Order()
        self._shown: tuple[StudyFilter, Order] | None = None  # what the rows are the answer to
        self.pages: Rows = StudyPages()
        self._question: Job | None = None
        self._jobs: dict[int, Job] = {}
        self._sight = (0, 0)  # pages, the first and the last
        self._held: set[int] = set()  # pages that are wanted in sight or not

    # --------------------------------------------------------------------------------------------- asking
    @property
    def source(self) -> StudySource:
        """Return where is looked."""
        return self._source

    @property
    def busy(self) -> bool:
        """Tell whether rows are under way."""
        return self._question is not None or bool(self._jobs)

    @property
    def asked(self) -> tuple[StudyFilter, Order]:
        """Return what was asked last."""
        return self._asked, self._order

    def set_source(self, source: StudySource) -> None:
        """Look in another place; nothing of the one before stays."""
        self.forget()
        self.beginResetModel()
        self._source, self.pages, self._shown = source, StudyPages(), None
        self.endResetModel()

    def ask(self, asked: StudyFilter, order: Order, row: int = 0) -> None:
        """Ask anew; what was asked before and is not here yet is given up. `row` is wanted first."""
        self.forget()
        self._asked, self._order = asked, order
        source, number = self._source, row // PAGE
        self._question = self._queue.submit(
            lambda job: _first(source, asked, order, number, job),
            priority=Priority.VISIBLE,
            done=lambda page: self._answer(page, (asked, order)),
            failed=self._fail,
        )

    def refresh(self) -> None:
        """Ask the same again: something changed."""
        self.ask(self._asked, self._order, self._sight[0] * PAGE)

    def forget(self) -> None:
        """Give up what is under way."""
        for job in (self._question, *self._jobs.values()):
            if job is not None:
                job.cancel()
        self._question = None
        self._jobs.clear()
        self._held.clear()

    def hold(self, first: int, last: int) -> None:
        """Read the pages of these rows, though they are not in sight: somebody chose them."""
        for number in range(first // PAGE, last // PAGE + 1):
            self._held.add(number)
            if self._question is None and number not in self._jobs and not self.pages.use(number):
                self._jobs[number] = self._read(number)

    def want(self, first: int, last: int) -> None:
        """Read the pages of these rows, as they come into sight; what went out of sight is given up."""
        if self._question is not None or not self.pages.total:
            return
        rows = range(max(first, 0), min(last, self.pages.total - 1) + 1)
        if not rows:
            return
        self._sight = (rows[0] // PAGE, rows[-1] // PAGE)
        pages = range(self._sight[0], self._sight[1] + 1)
        for number in self._jobs.keys() - set(pages) - self._held:
            self._jobs.pop(number).cancel()
        for number in pages:
            if number not in self._jobs and not self.pages.use(number):
                self._jobs[number] = self._read(number)

    def _read(self, number: int) -> Job:
        (asked, order), source = self._shown or (self._asked, self._order), self._source
        return self._queue.submit(
            lambda job: source.page(asked, order, number * PAGE, PAGE, job.is_cancelled),
            priority=Priority.VISIBLE,
            done=lambda page: self._take(number, page),
            failed=self._fail,
        )

    # -------------------------------------------------------------------------------------------- answers
    def _answer(self, page: StudyPage, question: tuple[StudyFilter, Order]) -> None:
        self.beginResetModel()
        self._question = None
        self._shown = question
        pages = self.pages = StudyPages(page.total)
        pages.put(page.offset // PAGE, page.rows)
        self.endResetModel()
        self.answered.emit()

    def _take(self, number: int, page: StudyPage) -> None:
        self._jobs.pop(number, None)
        if page.total != self.pages.total:  # it changed in between: rows of two answers do not fit together
            self.refresh()
            return
        if isinstance(self.pages, StudyPages):
            self.pages.put(number, page.rows)
        if page.rows:
            first = number * PAGE
            last = first + len(page.rows) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))
            self.came.emit(first, len(page.rows))

    def _fail(self, error: Exception) -> None:
        self.forget()
        self.failed.emit(str(error) if isinstance(error, ViewerError) else FAULT)

    # ----------------------------------------------------------------------------------------- what Qt asks
    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many studies the answer has, read or not."""
        return 0 if parent.isValid() else self.pages.total

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the columns of the source."""
        return 0 if parent.isValid() else len(self._source.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the study of a row, its words in a column, or nothing while it is not read."""
        study = self.pages.study(index.row()) if index.isValid() else None
        if study is None:
            return None
        if role == STUDY:
            return study
        column = self._source.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return study_words.lines(study, column)[0]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(study_words.tip(study, column))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return (
                study_words.spoken(study)
                if index.column() == 0
                else ", ".join(line for line in study_words.lines(study, column) if line)
            )
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the name of a column, and what a click on it does."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        column = self._source.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.value
        if role == Qt.ItemDataRole.ToolTipRole and column in SORTED_BY:
            return f"Sort by {column.value.lower()}; once more: the other way round"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


def _first(source: StudySource, asked: StudyFilter, order: Order, number: int, job: Job) -> StudyPage:
    """Return a page, or the last one there is when there are fewer now."""
    page = source.page(asked, order, number * PAGE, PAGE, job.is_cancelled)
    if page.rows or not page.total:
        return page
    last = (page.total - 1) // PAGE
    return source.page(asked, order, last * PAGE, PAGE, job.is_cancelled)
