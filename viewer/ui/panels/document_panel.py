"""A report or another object that is no image, to read and to copy."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.ui import fonts, theme
from viewer.ui.plain_text import single_line

NOTHING = "No document is open."
HINT = "Double-click a series in the list that is not an image: a report, a plan, a waveform."
READING = "Reading …"


class DocumentPanel(QWidget):
    """Shows one text. What comes from files is never taken for markup."""

    chosen = Signal(int)  # which of several objects is to be read

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whose = _label(fonts.sized(self.font(), fonts.BODY))
        self._title = _label(fonts.sized(self.font(), fonts.STRONG, strong=True))
        self._what = _label(fonts.sized(self.font(), fonts.BODY))
        self._what.setForegroundRole(self._what.palette().ColorRole.PlaceholderText)
        self._several = QComboBox(self)
        self._several.setAccessibleName("Objects of this series")
        self._several.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._several.activated.connect(self.chosen)
        self._text = QPlainTextEdit(self)
        self._text.setReadOnly(True)
        self._text.setUndoRedoEnabled(False)
        self._text.document().setDocumentMargin(theme.GAP)
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setAccessibleName("Document")
        self._text.setPlaceholderText(HINT)
        self._copy = QPushButton("Copy all", self)
        self._copy.setToolTip("Copy the whole text")
        self._copy.clicked.connect(self._copy_all)
        self._arrange()
        self.clear()

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._whose)
        words.addWidget(self._title)
        words.addWidget(self._what)
        head = QHBoxLayout()
        head.setContentsMargins(theme.GAP, theme.GRID, theme.GRID, theme.GRID)
        head.addLayout(words, 1)
        head.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._several)
        column.addWidget(self._text, 1)

    def clear(self) -> None:
        """Show nothing."""
        self.offer("", ())
        self._show(NOTHING, "", "")

    def offer(self, whose: str, names: Sequence[str]) -> None:
        """Let one of several objects be chosen; the first is the one that is shown.

        `whose` says of which patient they are: that may be another one than whose images hang.
        """
        self._whose.setText(single_line(whose))
        self._whose.setVisible(bool(whose))
        self._several.clear()
        self._several.addItems([single_line(name) for name in names])
        self._several.setVisible(len(names) > 1)

    def wait(self, what: str) -> None:
        """Say that an object is being read."""
        self._show(READING, what, "")

    def set_document(self, title: str, what: str, text: str) -> None:
        """Show a document from its beginning."""
        self._show(title, what, text)

    def set_trouble(self, what: str, reason: str) -> None:
        """Say why an object cannot be read."""
        self._show("It cannot be read", what, reason)

    def _show(self, title: str, what: str, text: str) -> None:
        self._title.setText(single_line(title))
        self._what.setText(single_line(what))
        self._what.setVisible(bool(what))
        self._text.setPlainText(text)
        self._copy.setEnabled(bool(text))

    @property
    def text(self) -> str:
        """Return all that is shown, as it is copied."""
        lines = (self._whose.text(), self._title.text(), self._what.text(), self._text.toPlainText())
        return "\n".join(line for line in lines if line)

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text)

    def sizeHint(self) -> QSize:
        """Return a width at which paragraphs can be read."""
        return QSize(420, 400)


def _label(font: QFont) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setFont(font)
    return label
