"""The command palette (Ctrl+K): everything by its name."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from viewer.ui import icons, theme
from viewer.ui.actions import fuzzy
from viewer.ui.actions.action_row import ActionRow
from viewer.ui.actions.palette_delegate import KEY, REASON, TIP, PaletteDelegate

WIDTH = 480
SHOWN = 10  # rows without scrolling
NOTHING = "Nothing is called that"
NAME = Qt.ItemDataRole.UserRole + 1


class CommandPalette(QFrame):
    """Pops up over the window; typing filters, Enter does, Escape leaves."""

    triggered = Signal(str)  # the name of a row

    def __init__(self, rows: Sequence[ActionRow], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._rows = tuple(rows)
        self._disabled: Mapping[str, str] = {}
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._field = QLineEdit(self)
        self._field.setPlaceholderText("Type a command")
        self._field.setAccessibleName("Command")
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(self._filter)
        self._field.installEventFilter(self)
        self._list = QListWidget(self)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setAccessibleName("Commands")
        self._list.setIconSize(QSize(theme.ICON, theme.ICON))
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setItemDelegate(PaletteDelegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.itemClicked.connect(self._do)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        column.setSpacing(theme.GRID)
        column.addWidget(self._field)
        column.addWidget(self._list)

    def set_rows(self, rows: Sequence[ActionRow]) -> None:
        """Take other rows, or the same with other keys."""
        self._rows = tuple(rows)

    def open_over(self, window: QWidget, disabled: Mapping[str, str] | None = None) -> None:
        """Pop up in the upper middle of `window`; `disabled` maps names to the reason why not."""
        self._disabled = disabled or {}
        self._field.clear()
        self._filter("")
        size = self.sizeHint()
        self.resize(size)
        self.move(window.mapToGlobal(QPoint((window.width() - size.width()) // 2, window.height() // 8)))
        self.show()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def found(self) -> list[str]:
        """Return the names that match, the best first."""
        names = (self._list.item(row).data(NAME) for row in range(self._list.count()))
        return [str(name) for name in names if name]

    def _filter(self, query: str) -> None:
        colours = theme.colours_of(self.palette())
        self._list.clear()
        for row in ranked(self._rows, query):
            item = QListWidgetItem(row.title)
            item.setData(NAME, row.name)
            item.setData(KEY, QKeySequence(row.key).toString(QKeySequence.SequenceFormat.NativeText))
            item.setData(TIP, row.tip)
            if row.icon:
                item.setIcon(icons.icon(row.icon, colours.text, colours=colours))
            if row.name in self._disabled:
                item.setData(REASON, self._disabled[row.name])
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self._list.addItem(item)
        if self._list.count() == 0:
            self._list.addItem(NOTHING)
            self._list.item(0).setFlags(Qt.ItemFlag.NoItemFlags)
            return
        self._list.setCurrentRow(0)

    def _do(self) -> None:
        row = self._list.currentRow()
        if row < 0:
            return
        item = self._list.item(row)
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.close()
            self.triggered.emit(str(item.data(NAME)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move in the list while the field has the focus."""
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            steps = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: SHOWN,
                Qt.Key.Key_PageUp: -SHOWN,
            }
            key = Qt.Key(event.key())
            if key in steps:
                row = self._list.currentRow() + steps[key]
                self._list.setCurrentRow(min(max(row, 0), self._list.count() - 1))
                return True
            if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._do()
                return True
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """Return the room of the field and ten rows."""
        return QSize(WIDTH, 2 * theme.GAP + theme.GRID + 32 + SHOWN * theme.TARGET)


def ranked(rows: Sequence[ActionRow], query: str) -> list[ActionRow]:
    """Return the rows that match `query`, the best first; all in their order when there is no query."""
    scored = [(fuzzy.score(query, row.title), row) for row in rows]
    return [
        row for points, row in sorted(((p, r) for p, r in scored if p is not None), key=lambda pair: -pair[0])
    ]
