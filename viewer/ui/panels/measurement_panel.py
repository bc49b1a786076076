"""What was measured in a study: under its series, to go to, to name, to delete, to copy and to save."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QKeyEvent, QPixmap
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

EMPTY = (
    "Nothing is measured yet. Choose Length (D) and drag across what you want to measure, "
    "or another tool of the button beside it."
)
UID = Qt.ItemDataRole.UserRole + 1
OWN_KEYS = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_F2,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
}
MARK = QSize(3, 14)  # of the colour before a row, logical pixels


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """One annotation as the list shows it; `uid` is the annotation's."""

    uid: str
    text: str  # "Length 42.1 mm"
    place: str = ""  # "Im 142/210"
    group: str = ""  # "Series 3": a heading above the first of them
    more: str = ""  # further lines: the numbers of a region
    color: str = ""  # "#rrggbb"; "": that of all


class MeasurementPanel(QWidget):
    """The list of annotations. Signals carry the uid of one."""

    chosen = Signal(str)  # to be shown and selected
    delete_wanted = Signal(str)
    name_wanted = Signal(str)
    menu_wanted = Signal(str)
    copy_wanted = Signal()  # all of them, as text
    save_wanted = Signal()  # all of them, as a table

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[MeasurementRow, ...] = ()
        self._lines: tuple[MeasurementRow | str, ...] = ()  # rows and headings, an item of the list for each
        self._list = _Rows(self)
        self._list.setAccessibleName("Measurements")
        self._list.delete_pressed.connect(self._delete)
        self._list.name_pressed.connect(self._name)
        self._list.itemClicked.connect(self._go)
        self._list.currentItemChanged.connect(lambda *_: self._offer())
        self._list.enter_pressed.connect(self._go)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self._ask_menu)
        self._empty = QLabel(EMPTY, self)
        self._empty.setWordWrap(True)
        self._empty.setMargin(theme.GAP)
        self._empty.setForegroundRole(self._empty.palette().ColorRole.PlaceholderText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._copy = self._button("copy", "Copy all as text (Ctrl+Shift+C)", "Copy all measurements")
        self._save = self._button("save", "Save all as CSV …", "Save measurements")
        self._go_to = self._button("arrow-right", "Go to this measurement (Enter)", "Go to measurement")
        self._rename = self._button("words", "Name this measurement (F2)", "Name measurement")
        self._remove = self._button("delete", "Delete this measurement (Del)", "Delete measurement")
        self._copy.clicked.connect(self.copy_wanted)
        self._save.clicked.connect(self.save_wanted)
        self._go_to.clicked.connect(self._go)
        self._rename.clicked.connect(self._name)
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
        for button in (self._copy, self._save):
            head.addWidget(button)
        head.addSpacing(theme.GAP)
        for button in (self._go_to, self._rename, self._remove):
            head.addWidget(button)
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
        return len(self._rows)

    def set_rows(self, rows: Sequence[MeasurementRow]) -> None:
        """Show these; what is selected stays selected, and the list does not scroll away.

        Items are made for what changed alone: it is told of every edit, and there may be hundreds of rows.
        """
        if tuple(rows) == self._rows:
            return
        self._rows, old = tuple(rows), self._lines
        self._lines = tuple(_lines(self._rows))
        kept, bar = self.current, self._list.verticalScrollBar()
        scrolled = bar.value()
        blocked = self._list.blockSignals(True)
        start = _common(old, self._lines)
        end = _common(old[start:][::-1], self._lines[start:][::-1])
        for _ in range(len(old) - start - end):
            self._list.takeItem(start)
        for place in range(start, len(self._lines) - end):
            self._list.insertItem(place, self._item(self._lines[place]))
        self._list.blockSignals(blocked)
        if self.current != kept:
            self.select(kept)
        self._list.doItemsLayout()
        bar.setValue(scrolled)
        self._offer()

    def _item(self, line: MeasurementRow | str) -> QListWidgetItem:
        return self._heading(line) if isinstance(line, str) else self._row(line)

    def _heading(self, words: str) -> QListWidgetItem:
        item = QListWidgetItem(single_line(words))
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setForeground(QColor(theme.colours_of(self.palette()).secondary))
        item.setSizeHint(QSize(0, theme.ROW))
        return item

    def _row(self, row: MeasurementRow) -> QListWidgetItem:
        lines = [single_line(f"{row.text}   {row.place}"), *map(single_line, row.more.splitlines())]
        item = QListWidgetItem("\n".join(lines))
        item.setToolTip(html.escape("\n".join(lines)).replace("\n", "<br>"))  # a narrow list cuts them off
        mark = QPixmap(MARK)
        mark.fill(QColor(row.color or theme.ANNOTATION))
        item.setIcon(QIcon(mark))
        item.setData(UID, row.uid)
        further = QFontMetrics(self._list.font()).lineSpacing() * (len(lines) - 1)
        item.setSizeHint(QSize(0, theme.ROW + further))
        return item

    @property
    def current(self) -> str:
        """Return the uid of the selected one, "" when none is."""
        row = self._list.currentRow()
        return str(self._list.item(row).data(UID) or "") if row >= 0 else ""

    def select(self, uid: str) -> None:
        """Select one without going to it; "" selects none."""
        blocked = self._list.blockSignals(True)
        rows = range(self._list.count())
        self._list.setCurrentRow(
            next((row for row in rows if uid and self._list.item(row).data(UID) == uid), -1)
        )
        self._list.blockSignals(blocked)
        self._offer()

    def _offer(self) -> None:
        self._empty.setVisible(not self._rows)
        self._list.setVisible(bool(self._rows))
        for button in (self._copy, self._save):
            button.setEnabled(bool(self._rows))
        for button in (self._go_to, self._rename, self._remove):
            button.setEnabled(bool(self.current))

    def _go(self) -> None:
        if self.current:
            self.chosen.emit(self.current)

    def _name(self) -> None:
        if self.current:
            self.name_wanted.emit(self.current)

    def _delete(self) -> None:
        if self.current:
            self.delete_wanted.emit(self.current)

    def _ask_menu(self, at: QPoint) -> None:
        item = self._list.itemAt(at)
        if item is not None and item.data(UID):
            self.menu_wanted.emit(str(item.data(UID)))

    def sizeHint(self) -> QSize:
        """Return the width of the side panel."""
        return QSize(280, 400)


def _lines(rows: Sequence[MeasurementRow]) -> Iterator[MeasurementRow | str]:
    """Yield the rows, and a heading before the first of each group."""
    group = ""
    for row in rows:
        if row.group and row.group != group:
            yield row.group
        group = row.group
        yield row


def _common(one: Sequence[object], other: Sequence[object]) -> int:
    """Return how many first parts are the same in both."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


class _Rows(QListWidget):
    """A list that tells of Enter, F2 and Delete."""

    enter_pressed = Signal()
    delete_pressed = Signal()
    name_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIconSize(MARK)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def event(self, event: QEvent) -> bool:
        """Keep the keys of a list, which are short cuts of the images elsewhere."""
        mine = isinstance(event, QKeyEvent) and Qt.Key(event.key()) in OWN_KEYS
        if mine and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell of Enter, F2 and Delete; everything else is the list's."""
        signals = {
            Qt.Key.Key_Return: self.enter_pressed,
            Qt.Key.Key_Enter: self.enter_pressed,
            Qt.Key.Key_F2: self.name_pressed,
            Qt.Key.Key_Delete: self.delete_pressed,
            Qt.Key.Key_Backspace: self.delete_pressed,
        }
        signal = signals.get(Qt.Key(event.key()))
        if signal is None:
            super().keyPressEvent(event)
            return
        signal.emit()
        event.accept()
