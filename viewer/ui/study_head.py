"""The head of the study browser: where is looked, how much was found, and the way back to the images."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from viewer.ui import fonts, icons, theme
from viewer.ui.plain_text import single_line


class StudyHead(QWidget):
    """One button for each source."""

    chosen = Signal(int)  # the number of a source
    import_wanted = Signal()
    left = Signal()

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.GAP, theme.GRID // 2, theme.GRID, theme.GRID // 2)
        self._row.setSpacing(theme.GRID)
        self._sources = QButtonGroup(self)
        self._sources.idClicked.connect(self.chosen)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setFont(fonts.sized(self.font(), fonts.BODY))
        self._words.setForegroundRole(self._words.palette().ColorRole.PlaceholderText)
        self._words.setContentsMargins(theme.GAP, 0, 0, 0)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._row.addWidget(self._words, 1)
        take = _button("Import …", "open-folder", "Copy a folder, a CD or a zip to this computer", self)
        take.clicked.connect(self.import_wanted)
        back = _button("Images", "layout-2x2", "Back to the images (Esc)", self)
        back.clicked.connect(self.left)
        self._row.addWidget(take)
        self._row.addWidget(back)
        self.set_sources(names)
        self.setFixedHeight(theme.TARGET + theme.GRID)

    def set_sources(self, names: Sequence[str], current: int = 0) -> None:
        """Offer these sources."""
        for button in self._sources.buttons():
            self._sources.removeButton(button)
            self._row.removeWidget(button)
            button.deleteLater()
        for number, name in enumerate(names):
            button = _button(single_line(name), "", f"Studies of: {single_line(name)}", self)
            button.setCheckable(True)
            button.setChecked(number == current)
            self._sources.addButton(button, number)
            self._row.insertWidget(number, button)

    def say(self, words: str) -> None:
        """Say how much was found."""
        self._words.setText(single_line(words))
        self._words.setToolTip(single_line(words))


def _button(words: str, symbol: str, tip: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(words)
    button.setToolTip(tip)
    button.setMinimumHeight(theme.TARGET)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if symbol:
        colours = theme.colours_of(parent.palette())
        button.setIcon(icons.icon(symbol, colours.text, colours=colours))
        button.setIconSize(QSize(theme.ICON, theme.ICON))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button
