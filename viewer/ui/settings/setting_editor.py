"""One line of a settings page: what is set, what it is for, its default, and a way back to that."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui import fonts, icons, theme
from viewer.ui.settings.setting_rows import SettingRow

LABEL_WIDTH = 176
EDITOR_WIDTH = 208


class SettingEditor(QWidget):
    """Shows the value of one row and tells of what a hand makes of it."""

    edited = Signal(object)  # the value as `Settings` has it

    def __init__(self, row: SettingRow, default: object) -> None:
        super().__init__()
        self.row = row
        self._default, self._value = default, default
        self._control = self._made()
        self._control.setAccessibleName(row.title)
        self._control.setAccessibleDescription(f"{row.tip}. {self._default_words()}")
        self._control.setMinimumHeight(theme.ROW)
        self._back = QToolButton()
        self._back.setIcon(icons.icon("undo"))
        self._back.setToolTip(self._default_words().replace("Default", "Back to the default"))
        self._back.setAccessibleName(f"{row.title}: back to the default")
        self._back.setFixedSize(theme.ROW, theme.ROW)
        self._back.clicked.connect(lambda: self.edited.emit(self._default))
        self._lay_out()
        self.show_value(default)

    def _lay_out(self) -> None:
        title = _label(self.row.title)
        title.setFixedWidth(LABEL_WIDTH)
        title.setWordWrap(True)
        title.setMinimumHeight(theme.ROW)
        title.setBuddy(self._control)
        line = QHBoxLayout()
        line.setSpacing(theme.GRID)
        line.addWidget(self._control)
        line.addWidget(self._back)
        line.addStretch(1)
        tip = self.row.tip[0].upper() + self.row.tip[1:]
        below = _label(f"{tip}. {self._default_words()}", fonts.SMALL, quiet=True)
        below.setWordWrap(True)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(line)
        right.addWidget(below)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.GAP)
        whole.addWidget(title, 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(right, 1)

    def show_value(self, value: object) -> None:
        """Show what is set; tells nobody."""
        self._value = value
        control = self._control
        with QSignalBlocker(control):
            if isinstance(control, QCheckBox):
                control.setChecked(bool(value))
            elif isinstance(control, QComboBox):
                control.setCurrentIndex(max(control.findData(value), 0))
            elif isinstance(control, QDoubleSpinBox) and isinstance(value, int | float):
                control.setValue(float(value) / self.row.scale)
        self._back.setVisible(value != self._default)

    @property
    def control(self) -> QWidget:
        """Return what the hand works with."""
        return self._control

    def _made(self) -> QWidget:
        if isinstance(self._default, bool):
            return self._check_box()
        return self._combo_box() if self.row.choices else self._spin_box()

    def _check_box(self) -> QCheckBox:
        box = QCheckBox()
        box.toggled.connect(self.edited.emit)
        return box

    def _combo_box(self) -> QComboBox:
        box = QComboBox()
        for value, words in self.row.choices:
            box.addItem(words, value)
        box.setFixedWidth(EDITOR_WIDTH)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.installEventFilter(self)
        box.currentIndexChanged.connect(lambda index: self.edited.emit(self.row.choices[index][0]))
        return box

    def _spin_box(self) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(self.row.low, self.row.high)
        box.setDecimals(self.row.digits)
        box.setSuffix(f" {self.row.unit}" if self.row.unit else "")
        box.setGroupSeparatorShown(True)
        box.setKeyboardTracking(False)
        box.setFixedWidth(EDITOR_WIDTH)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.installEventFilter(self)
        box.valueChanged.connect(self._numbered)
        return box

    def _numbered(self, value: float) -> None:
        whole = isinstance(self._default, int)
        self.edited.emit(round(value * self.row.scale) if whole else value * self.row.scale)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the page: scrolling over a control must not change it."""
        if event.type() is QEvent.Type.Wheel and watched is self._control and not self._control.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _default_words(self) -> str:
        return f"Default: {words_of(self.row, self._default)}".replace(" ", "\N{NO-BREAK SPACE}")


def words_of(row: SettingRow, value: Any) -> str:  # noqa: ANN401  of any field
    """Return a value as a person reads it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if row.choices:
        return next((words for each, words in row.choices if each == value), str(value))
    return f"{value / row.scale:,.{row.digits}f} {row.unit}".strip()


def _label(words: str, size: int = fonts.BODY, *, quiet: bool = False) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(fonts.sized(label.font(), size))
    if quiet:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
