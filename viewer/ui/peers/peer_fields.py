"""The parts of a form: a field with a line below it, which is a hint until something is wrong."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui import fonts, icons, theme

LINE = 16  # height of the line below a field
LABEL_WIDTH = 116


class Field(QWidget):
    """A label, a line to type in, and what is to be known of it. The line is there always: nothing jumps."""

    edited = Signal()

    def __init__(
        self, words: str, hint: str = "", *, placeholder: str = "", label: int = LABEL_WIDTH
    ) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setAccessibleName(words)
        self.line.setPlaceholderText(placeholder)
        self.line.setMinimumHeight(theme.ROW)
        self._label = plain(words)
        self._label.setFixedWidth(label)
        self._label.setBuddy(self.line)
        self._hint = hint
        self._below = plain("", fonts.SMALL)
        self._below.setFixedHeight(LINE)
        self._below.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.GRID)
        self._row.addWidget(self.line, 1)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(self._row)
        right.addWidget(self._below)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.GAP)
        whole.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(right, 1)
        self._label.setFixedHeight(theme.ROW)
        self.line.textEdited.connect(lambda _: self.edited.emit())
        self.say("")

    @property
    def text(self) -> str:
        """Return what is typed."""
        return self.line.text()

    @text.setter
    def text(self, words: str) -> None:
        self.line.setText(words)
        self.line.setCursorPosition(0)

    @property
    def fault(self) -> str:
        """Return what is said to be wrong."""
        return self._fault

    def say(self, fault: str) -> None:
        """Say what is wrong; "" for nothing, then the hint stands there."""
        self._fault = fault
        self._below.setText(f"\N{WARNING SIGN}\N{VARIATION SELECTOR-15} {fault}" if fault else self._hint)
        self._below.setToolTip(fault or self._hint)
        self.line.setAccessibleDescription(fault or self._hint)
        colours = theme.colours_of(self.palette())
        _paint(self._below, colours.amber if fault else colours.secondary)

    def set_hint(self, hint: str) -> None:
        """Say something else while nothing is wrong."""
        self._hint = hint
        self.say(self._fault)

    def hide_line(self) -> None:
        """Leave the line below away: another field's says what is to be said."""
        self._below.hide()

    def add(self, widget: QWidget) -> None:
        """Put something to the right of the line."""
        self._row.addWidget(widget)


class FileField(Field):
    """A field for the path of a file, with a button that asks for one."""

    chosen = Signal()  # with the button

    def __init__(self, words: str, hint: str, title: str) -> None:
        super().__init__(words, hint)
        self._title = title
        button = QToolButton()
        button.setIcon(icons.icon("open-folder"))
        button.setToolTip(f"Choose the file: {words}")
        button.setAccessibleName(f"Choose the file: {words}")
        button.setMinimumSize(theme.ROW, theme.ROW)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self._choose)
        self.add(button)

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, self._title, self.text, "PEM (*.pem *.crt *.cer *.key);;* (*)"
        )
        if path:
            self.text = path
            self.edited.emit()
            self.chosen.emit()


def plain(words: str, size: int = fonts.BODY, *, strong: bool = False) -> QLabel:
    """Return a label of plain text."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(fonts.sized(label.font(), size, strong=strong))
    return label


def secondary(label: QLabel) -> QLabel:
    """Make a label quiet."""
    _paint(label, theme.colours_of(label.palette()).secondary)
    return label


def amber(label: QLabel) -> QLabel:
    """Have a label ask for attention."""
    _paint(label, theme.colours_of(label.palette()).amber)
    return label


def _paint(label: QLabel, colour: str) -> None:
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, colour)
    label.setPalette(palette)
