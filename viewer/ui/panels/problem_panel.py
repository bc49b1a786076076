"""The files that could not be used, each with its reason in words, to read and to copy."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from viewer.ui import fonts, text_lines, theme
from viewer.ui.plain_text import single_line, tooltip

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
HEIGHT = 60  # a path and two lines of reason
LINE = 17
PROBLEM = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One file and why it cannot be used."""

    path: str
    reason: str

    @property
    def line(self) -> str:
        """Return both on one line, for the clipboard."""
        return f"{single_line(self.path)}\t{single_line(self.reason)}"


class _Problems(QAbstractListModel):
    """The problems as Qt wants them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: list[Problem] = []

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show these; when the list only grew, the rows before stay as they are."""
        kept = len(self.problems)
        if list(problems[:kept]) == self.problems:
            if len(problems) > kept:
                self.beginInsertRows(QModelIndex(), kept, len(problems) - 1)
                self.problems.extend(problems[kept:])
                self.endInsertRows()
            return
        self.beginResetModel()
        self.problems = list(problems)
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many there are."""
        return 0 if parent.isValid() else len(self.problems)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the problem, or its words."""
        if not index.isValid():
            return None
        problem = self.problems[index.row()]
        if role == PROBLEM:
            return problem
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return f"{single_line(problem.path)}: {single_line(problem.reason)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{problem.path}\n{problem.reason}")
        return None


class _Painter(QStyledItemDelegate):
    """Paints a path, cut in its middle, and the reason below it."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return a fixed height, so that long lists stay fast."""
        return QSize(option.rect.width(), HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one problem."""
        problem, colours = index.data(PROBLEM), theme.colours_of(option.palette)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(colours.selection))
        inner = QRectF(option.rect).adjusted(theme.GAP, theme.GRID, -theme.GAP, -theme.GRID)
        painter.setFont(fonts.sized(option.font, fonts.BODY))
        painter.setPen(QColor(colours.text))
        path = single_line(problem.path)
        shown = painter.fontMetrics().elidedText(path, Qt.TextElideMode.ElideMiddle, int(inner.width()))
        text_lines.draw(painter, inner, shown)
        painter.setPen(QColor(colours.secondary))
        text_lines.draw(painter, inner.translated(0, LINE), problem.reason, most=2)
        painter.restore()


class _List(QListView):
    """A list that copies with the usual key."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is selected, or everything."""
        if event.matches(QKeySequence.StandardKey.Copy):
            chosen = sorted(index.row() for index in self.selectedIndexes())
            rows = chosen or range(self.model().rowCount())
            lines = [self.model().index(row, 0).data(PROBLEM).line for row in rows]
            QGuiApplication.clipboard().setText("\n".join(lines))
            event.accept()
            return
        super().keyPressEvent(event)


class ProblemPanel(QWidget):
    """The list with its heading and a button that copies all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Problems(self)
        self._list = _List(self)
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Painter(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setAccessibleName("Files that could not be used")
        self._heading = QLabel(self)
        self._heading.setFont(fonts.sized(self.font(), fonts.STRONG, strong=True))
        self._copy = QPushButton("Copy all", self)
        self._copy.setToolTip("Copy all paths and reasons as text")
        self._copy.clicked.connect(self._copy_all)
        head = QHBoxLayout()
        head.setContentsMargins(theme.GAP, theme.GRID, theme.GRID, theme.GRID)
        head.addWidget(self._heading, 1)
        head.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._list, 1)
        self.set_problems(())

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show these problems."""
        self._model.set_problems(problems)
        count = len(problems)
        words = "1 file could not be used" if count == 1 else f"{count:,} files could not be used"
        self._heading.setText(words if count else "All files could be used")
        self._copy.setEnabled(bool(count))

    @property
    def text(self) -> str:
        """Return everything as lines of path, tab, reason."""
        return "\n".join(problem.line for problem in self._model.problems)

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text)

    def sizeHint(self) -> QSize:
        """Return the width of the side panel."""
        return QSize(320, 400)
