"""The page of the keys: every action, its keys, and how to change them."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.settings import Settings
from viewer.tools.keys import RESERVED, KeyChoice, Keys, chosen, effective, holder
from viewer.ui import fonts, theme
from viewer.ui.actions import fuzzy
from viewer.ui.actions.action_row import ActionRow

NAME = Qt.ItemDataRole.UserRole + 1
HINT = "Choose an action, then press its new key. A reader's own keys are marked with a dot."


class KeyPage(QWidget):
    """Lists the actions with their keys. One key does one thing: one that is taken is refused."""

    edited = Signal(object)  # Callable[[Settings], Settings]

    def __init__(self, rows: Sequence[ActionRow], own: Keys) -> None:
        """`own` are the keys that the actions have where nothing is set, by name."""
        super().__init__()
        self._titles = {row.name: row.title for row in rows}
        self._groups = {row.name: row.group for row in rows}
        self._own = own
        self._choices: tuple[KeyChoice, ...] = ()
        self.filter = QLineEdit()
        self.tree = QTreeWidget()
        self.editor = QKeySequenceEdit()
        self.take, self.none, self.back = (
            QPushButton("Set"), QPushButton("No key"), QPushButton("Default")
        )  # fmt: skip
        self.words = QLabel(HINT)
        self._dress()
        self._lay_out()
        self._fill()
        self.load(Settings())

    # ------------------------------------------------------------------------------------ how it is made
    def _dress(self) -> None:
        self.filter.setPlaceholderText("Find an action or a key")
        self.filter.setAccessibleName("Find an action or a key")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.tree.setHeaderLabels(["Action", "Keys"])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName("Actions and their keys")
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.currentItemChanged.connect(lambda *_: self._chosen())
        self.editor.setMaximumSequenceLength(1)
        self.editor.setAccessibleName("New key")
        self.editor.keySequenceChanged.connect(lambda _: self._look())
        for button in (self.take, self.none, self.back):
            button.setAutoDefault(False)  # Enter is a key that may be given, too
        self.take.clicked.connect(self._take)
        self.none.clicked.connect(lambda: self._set(()))
        self.back.clicked.connect(lambda: self._set(self._own[self.current]))
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(2 * theme.ROW)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(theme.GAP)
        line.addWidget(self.editor, 1)
        for button in (self.take, self.none, self.back):
            line.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(*([2 * theme.GAP] * 4))
        column.setSpacing(theme.GAP)
        column.addWidget(self.filter)
        column.addWidget(self.tree, 1)
        column.addLayout(line)
        column.addWidget(self.words)

    def _fill(self) -> None:
        for name, title in self._titles.items():
            item = QTreeWidgetItem([title, ""])
            item.setData(0, NAME, name)
            item.setToolTip(0, self._groups[name])
            self.tree.addTopLevelItem(item)

    # ------------------------------------------------------------------------------------ what it shows
    @property
    def current(self) -> str:
        """Return the name of the action that is chosen, "" for none."""
        item = self.tree.currentItem()
        return str(item.data(0, NAME)) if item is not None else ""

    def load(self, settings: Settings) -> None:
        """Show the keys that hold."""
        self._choices = settings.keys
        keys, mine = effective(self._own, self._choices), {choice.name for choice in self._choices}
        for item in self._items():
            name = str(item.data(0, NAME))
            words = "   ".join(_native(key) for key in keys[name])
            item.setText(1, f"{words}  •" if name in mine else words)
            font = fonts.sized(self.font(), fonts.BODY, strong=name in mine)
            item.setFont(1, font)
        self._chosen()

    def choose(self, name: str) -> None:
        """Choose an action."""
        for item in self._items():
            if item.data(0, NAME) == name:
                self.tree.setCurrentItem(item)

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.tree.topLevelItem(number) for number in range(self.tree.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _filter(self, text: str) -> None:
        wanted = text.strip()
        for item in self._items():
            by_name = fuzzy.score(wanted, item.text(0)) is not None
            item.setHidden(bool(wanted) and not by_name and wanted.casefold() not in item.text(1).casefold())

    def _chosen(self) -> None:
        name = self.current
        self.editor.clear()
        for widget in (self.editor, self.take, self.none, self.back):
            widget.setEnabled(bool(name))
        if name:
            own = ", ".join(_native(key) for key in self._own[name]) or "no key"
            self._say(f"{self._titles[name]}. Default: {own}.")
            self.back.setEnabled(any(choice.name == name for choice in self._choices))
        else:
            self._say(HINT)
        self.take.setEnabled(False)

    # ------------------------------------------------------------------------------------ what is changed
    def _look(self) -> None:
        """Say whether the key that was pressed is free."""
        key = self.key
        taken = self._taken_by(key) if key else ""
        self.take.setEnabled(bool(key) and not taken)
        if taken:
            self._say(
                f"{_native(key)} is taken: {taken}. Choose another key, or free it there first.",
                attention=True,
            )

    @property
    def key(self) -> str:
        """Return the key that was pressed, as it is kept."""
        return self.editor.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _taken_by(self, key: str) -> str:
        if key in RESERVED:
            return RESERVED[key]
        name = holder(effective(self._own, self._choices), key, but=self.current)
        return self._titles.get(name, "") if name is not None else ""

    def _take(self) -> None:
        key = self.key
        if key and not self._taken_by(key):
            self._set((key,))

    def _set(self, keys: tuple[str, ...]) -> None:
        own, name = self._own, self.current
        if name:
            self.edited.emit(lambda settings: replace(settings, keys=chosen(own, settings.keys, name, keys)))

    def _say(self, words: str, *, attention: bool = False) -> None:
        self.words.setText(words)
        colours = theme.colours_of(self.palette())
        palette = self.words.palette()
        palette.setColor(QPalette.ColorRole.WindowText, colours.amber if attention else colours.secondary)
        self.words.setPalette(palette)


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key
