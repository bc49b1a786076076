"""Every setting in one place. What is changed holds at once; there is nothing to confirm."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.cache.eviction import Limits
from viewer.settings import Settings
from viewer.tools.keys import Keys
from viewer.ui import theme
from viewer.ui.actions.action_row import ActionRow
from viewer.ui.plain_text import single_line
from viewer.ui.settings.key_page import KeyPage
from viewer.ui.settings.preferences import Preferences
from viewer.ui.settings.setting_page import SettingPage
from viewer.ui.settings.setting_rows import SETTINGS

KEYS, ELSEWHERE = "Keys", "Peers, monitors, hanging"
LIST_WIDTH = 208
LEAST = QSize(760, 480)  # nothing is cut off
NO_FILE = "Nothing is kept beyond this window: no settings file could be used."
ELSEWHERE_WORDS = "These are set where they can be tried, too."
PLACES = (  # names of actions, and what is set there
    ("peers", "PACS and other peers …"),
    ("receive", "Receive images …"),
    ("calibrate-monitor", "Calibrate this monitor …"),
    ("hang", "Hanging protocols …"),
)


class SettingsDialog(QDialog):
    """Subjects at the left, the lines of one at the right."""

    wanted = Signal(str)  # the name of an action: another place where something is set

    def __init__(
        self,
        preferences: Preferences,
        rows: Sequence[ActionRow],
        own_keys: Keys,
        automatic: Limits | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAccessibleName("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._preferences = preferences
        names = tuple(dict.fromkeys(row.page for row in SETTINGS))
        self.pages = {name: SettingPage(name, automatic) for name in names}
        self.keys = KeyPage(rows, own_keys)
        self.subjects = QListWidget()
        self._stack = QStackedWidget()
        self._words = QLabel(_where(preferences.path))
        for name in names:
            self._add(name, self.pages[name])
        self._add(KEYS, self.keys)
        self._add(ELSEWHERE, self._elsewhere())
        for page in self._loaded():
            page.edited.connect(preferences.change)
        preferences.changed.connect(self._load)
        preferences.failed.connect(self._say)
        self._lay_out()
        self.setMinimumSize(LEAST)
        self._load(preferences.now)
        self.subjects.setCurrentRow(0)

    def _add(self, name: str, page: QWidget) -> None:
        item = QListWidgetItem(name)
        item.setSizeHint(QSize(0, theme.TARGET))
        self.subjects.addItem(item)
        self._stack.addWidget(page)

    def _lay_out(self) -> None:
        self.subjects.setFixedWidth(LIST_WIDTH)
        self.subjects.setFrameShape(QFrame.Shape.NoFrame)
        self.subjects.setAccessibleName("Subjects")
        self.subjects.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setForegroundRole(self._words.palette().ColorRole.PlaceholderText)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * theme.GAP, theme.GAP, 2 * theme.GAP, theme.GAP)
        foot.addWidget(self._words, 1)
        foot.addWidget(buttons)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.subjects)
        middle.addWidget(self._stack, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(middle, 1)
        whole.addLayout(foot)

    def _elsewhere(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(*([2 * theme.GAP] * 4))
        column.setSpacing(theme.GAP)
        words = QLabel(ELSEWHERE_WORDS)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        column.addWidget(words)
        for name, title in PLACES:
            button = QPushButton(title)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, name=name: self.wanted.emit(name))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return page

    def open_at(self, subject: str) -> None:
        """Show one subject."""
        found = self.subjects.findItems(subject, Qt.MatchFlag.MatchExactly)
        if found:
            self.subjects.setCurrentItem(found[0])

    def _load(self, settings: Settings) -> None:
        for page in self._loaded():
            page.load(settings)

    def _loaded(self) -> tuple[SettingPage | KeyPage, ...]:
        return (*self.pages.values(), self.keys)

    def _say(self, words: str) -> None:
        self._words.setText(single_line(words))

    def sizeHint(self) -> QSize:
        """Return the room of the longest page."""
        return QSize(860, 600)


def _where(path: Path | None) -> str:
    return f"Kept in {single_line(str(path))}" if path is not None else NO_FILE
