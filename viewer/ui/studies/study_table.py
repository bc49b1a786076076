"""The list of studies: rows that are chosen with mouse and keys."""

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from viewer.cache.study_list import Order, StudyFilter
from viewer.ui import fonts, theme
from viewer.ui.studies.study_choice import StudyChoice
from viewer.ui.studies.study_delegate import HEIGHT, StudyDelegate
from viewer.ui.studies.study_header import StudyHeader
from viewer.ui.studies.study_model import StudyModel

ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
REMOVE = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}
PLAIN = {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier}


class StudyTable(QTableView):
    """Shows a StudyModel and reads what is in sight."""

    opened = Signal()  # what is chosen, by double-click or Enter
    opened_beside = Signal()  # by Shift+Enter
    typed = Signal(str)  # letters, meant for the search
    remove_pressed = Signal()
    undo_pressed = Signal()
    menu_wanted = Signal(QPoint)  # where on the screen

    def __init__(self, model: StudyModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._delegate = StudyDelegate(model.source.columns, self)
        self.header = StudyHeader(model.source.columns, self)
        self._shown: tuple[StudyFilter, Order] | None = None  # what the rows are the answer to
        self._scrolled = 0
        self._words = ""
        self._dress()
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.choice = StudyChoice(model, self)
        model.modelAboutToBeReset.connect(self._before)
        model.answered.connect(self._again)
        self.selectionModel().currentChanged.connect(lambda *_: self._mark())
        self.verticalScrollBar().valueChanged.connect(lambda _: self.look())
        self.doubleClicked.connect(lambda _: self.opened.emit())
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def _dress(self) -> None:
        self.setAccessibleName("Studies")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        )  # the columns stay where they are
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalHeader(self.header)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(HEIGHT)
        rows.setDefaultSectionSize(HEIGHT)

    def set_columns(self) -> None:
        """Show the columns of the model's source."""
        columns = self._model.source.columns
        self._delegate.columns = columns
        self.header.set_columns(columns)

    def set_words(self, words: str) -> None:
        """Say what to do while there is no row."""
        self._words = words
        self.viewport().update()

    # -------------------------------------------------------------------------------------------- new answers
    def _before(self) -> None:
        self._scrolled = self.verticalScrollBar().value()

    def _again(self) -> None:
        """Show a new answer; of the same question it does not scroll away."""
        asked = self._model.asked
        same, self._shown = asked == self._shown, asked
        self.header.point(asked[1])
        self.choice.restore()
        if same:
            self.verticalScrollBar().setValue(self._scrolled)
        else:
            self.scrollToTop()
        self._mark()
        self.look()

    def look(self) -> None:
        """Have the rows read that are in sight, and half a screen on both sides of them."""
        beyond = max(self.viewport().height() // HEIGHT // 2, 1)
        top, bottom = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        last = bottom if bottom >= 0 else self._model.pages.total - 1
        self._model.want(max(top, 0) - beyond, last + beyond)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width, and read what came into sight."""
        super().resizeEvent(event)
        self.header.share(self.viewport().width())
        self.look()

    # ----------------------------------------------------------------------------------- mouse and keys
    def _menu(self, at: QPoint) -> None:
        if self.choice.studies and (self.indexAt(at).isValid() or not self.underMouse()):
            self.menu_wanted.emit(self.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter, remove with Delete and take that back with Ctrl+Z; letters are for the search."""
        key, text = Qt.Key(event.key()), event.text()
        if key in ENTER:
            beside = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            (self.opened_beside if beside else self.opened).emit()
        elif key in REMOVE:
            self.remove_pressed.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_pressed.emit()
        elif text.isprintable() and text.strip() and event.modifiers() in PLAIN:
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Let the row answer that the pointer leaves."""
        if event.type() is QEvent.Type.Leave:
            self._hover(-1)
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the row answer that the pointer is on."""
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(round(event.position().y())))

    def _hover(self, row: int) -> None:
        if row != self._delegate.hovered:
            self._delegate.hovered = row
            self.viewport().update()

    def _mark(self) -> None:
        """Mark the row that the keys mean."""
        self._delegate.current = self.currentIndex().row() if self.hasFocus() else -1
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are here."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._model.pages.total:
            self.selectRow(0)
        self._mark()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are elsewhere."""
        super().focusOutEvent(event)
        self._mark()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or words where there are none."""
        super().paintEvent(event)
        if self._model.pages.total == 0 and self._words:
            painter = QPainter(self.viewport())
            painter.setFont(fonts.sized(self.font(), fonts.STRONG))
            painter.setPen(QColor(theme.colours_of(self.palette()).secondary))
            room = QRect(0, 0, self.viewport().width(), self.viewport().height()).adjusted(48, 48, -48, -48)
            middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(middle), self._words)
            painter.end()
