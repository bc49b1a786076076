"""What was measured: one line each, to go to and to delete."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui import fonts, icons, theme
from viewer.ui.plain_text import single_line

EMPTY = "Nothing is measured yet. Choose Length (D) and drag across what you want to measure."
UID = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """One annotation as the list shows it; `uid` is the annotation's."""

    uid: str
    text: str  # "Length 42.1 mm"
    place: str = ""  # "Se 3 · Im 142"


class MeasurementPanel(QWidget):
    """The list of annotations. Signals carry the uid of one."""

    chosen = Signal(str)  # to be shown and selected
    delete_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[MeasurementRow, ...] = ()
        self._list = _Rows(self)
        self._list.setAccessibleName("Measurements")
        self._list.delete_pressed.connect(self._delete)
        self._list.itemDoubleClicked.connect(self._go)
        self._list.currentItemChanged.connect(lambda *_: self._offer())
        self._list.enter_pressed.connect(self._go)
        self._empty = QLabel(EMPTY, self)
        self._empty.setWordWrap(True)
        self._empty.setMargin(theme.GAP)
        self._empty.setForegroundRole(self._empty.palette().ColorRole.PlaceholderText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._go_to = self._button("arrow-right", "Go to this measurement (Enter)", "Go to measurement")
        self._remove = self._button("delete", "Delete this measurement (Del)", "Delete measurement")
        self._go_to.clicked.connect(self._go)
        self._remove.clicked.connect(self._delete)
        self._lay_out()
        self._offer()

    def _lay_out(self) -> None:
        heading = QLabel("Measurements", self)
        heading.setFont(fonts.sized(self.font(), fonts.STRONG, strong=True))
        head = QHBoxLayout()
        head.setContentsMargins(theme.GAP, theme.GRID, theme.GRID, theme.GRID)
        head.setSpacing(0)
        head.addWidget(heading, 1)
        head.addWidget(self._go_to)
        head.addWidget(self._remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._empty, 1)
        column.addWidget(self._list, 1)

    def _button(self, symbol: str, words: str, name: str) -> QToolButton:
        button = QToolButton(self)
        colours = theme.colours_of(self.palette())
        button.setIcon(icons.icon(symbol, colours.text, colours=colours))
        button.setIconSize(QSize(theme.ICON, theme.ICON))
        button.setFixedSize(theme.TARGET, theme.TARGET)
        button.setToolTip(words)
        button.setAccessibleName(name)
        return button

    @property
    def count(self) -> int:
        """Return how many annotations are listed."""
        return self._list.count()

    def set_rows(self, rows: Sequence[MeasurementRow]) -> None:
        """Show these; what is selected stays selected, and the list does not scroll away."""
        if tuple(rows) == self._rows:
            return
        self._rows = tuple(rows)
        kept, bar = self.current, self._list.verticalScrollBar()
        scrolled = bar.value()
        blocked = self._list.blockSignals(True)
        self._list.clear()
        for row in self._rows:
            item = QListWidgetItem(single_line(f"{row.text}   {row.place}"))
            item.setData(UID, row.uid)
            item.setSizeHint(QSize(0, theme.ROW))
            self._list.addItem(item)
            if row.uid == kept:
                self._list.setCurrentItem(item)
        self._list.blockSignals(blocked)
        self._list.doItemsLayout()
        bar.setValue(scrolled)
        self._offer()

    @property
    def current(self) -> str:
        """Return the uid of the selected one, "" when none is."""
        row = self._list.currentRow()
        return str(self._list.item(row).data(UID)) if row >= 0 else ""

    def select(self, uid: str) -> None:
        """Select one without going to it; "" selects none."""
        blocked = self._list.blockSignals(True)
        rows = [number for number, row in enumerate(self._rows) if row.uid == uid]
        self._list.setCurrentRow(rows[0] if rows else -1)
        self._list.blockSignals(blocked)
        self._offer()

    def _offer(self) -> None:
        self._empty.setVisible(not self._rows)
        self._list.setVisible(bool(self._rows))
        for button in (self._go_to, self._remove):
            button.setEnabled(bool(self.current))

    def _go(self) -> None:
        if self.current:
            self.chosen.emit(self.current)

    def _delete(self) -> None:
        if self.current:
            self.delete_wanted.emit(self.current)

    def sizeHint(self) -> QSize:
        """Return the width of the side panel."""
        return QSize(280, 400)


class _Rows(QListWidget):
    """A list that tells of Enter and Delete."""

    enter_pressed = Signal()
    delete_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell of Enter and Delete; everything else is the list's."""
        signals = {
            Qt.Key.Key_Return: self.enter_pressed,
            Qt.Key.Key_Enter: self.enter_pressed,
            Qt.Key.Key_Delete: self.delete_pressed,
            Qt.Key.Key_Backspace: self.delete_pressed,
        }
        signal = signals.get(Qt.Key(event.key()))
        if signal is None:
            super().keyPressEvent(event)
            return
        signal.emit()
        event.accept()
