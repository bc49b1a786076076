"""One transfer at length: the whole sentence, what is missing and why, and what can be done."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.jobs.transfer import TransferRow
from viewer.ui import icons, theme
from viewer.ui.plain_text import single_line
from viewer.ui.study_words import counted
from viewer.ui.transfers import transfer_words
from viewer.ui.transfers.transfer_words import Deed

MOST = 140  # height of the list of what is missing


class TransferDetails(QWidget):
    """Shows one at a time; what did not change is not touched, so that text stays selected."""

    wanted = Signal(object, int)  # Deed, the number of a transfer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row: TransferRow | None = None
        self._title, self._words = _label(self), _label(self)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self.buttons = {deed: QPushButton(self) for deed in Deed}
        self.unfold = QToolButton(self)
        self.unfold.setCheckable(True)
        self.unfold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.unfold.setIconSize(QSize(16, 16))
        self.unfold.toggled.connect(self._fold)
        self.copy = QPushButton("Copy", self)
        self.copy.setToolTip("Copy the sentence, and the UID and the reason of each missing object")
        self.copy.clicked.connect(self._copy)
        self.missing = QPlainTextEdit(self, readOnly=True)
        self.missing.setFrameShape(QFrame.Shape.NoFrame)
        self.missing.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.missing.setMaximumHeight(MOST)
        self.missing.setAccessibleName("Missing objects: UID and reason")
        self._lay_out()
        self.show_row(None)
        self._fold(on=False)

    def _lay_out(self) -> None:
        deeds = QHBoxLayout()
        deeds.setSpacing(theme.GAP)
        for deed, button in self.buttons.items():
            button.clicked.connect(lambda _=False, one=deed: self._want(one))
            deeds.addWidget(button)
        deeds.addStretch(1)
        deeds.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        column.setSpacing(theme.GRID)
        for part in (self._title, self._words):
            column.addWidget(part)
        column.addLayout(deeds)
        column.addWidget(self.unfold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.missing, 1)
        column.addStretch(0)

    def show_row(self, row: TransferRow | None) -> None:
        """Show a transfer, or none."""
        before, self.row = self.row, row
        self.setVisible(row is not None)
        if row is None or row == before:
            return
        _set(self._title, transfer_words.title(row))
        _set(self._words, row.sentence or f"{transfer_words.state(row)}, {transfer_words.way(row)}.")
        offered = transfer_words.deeds(row)
        for deed, button in self.buttons.items():
            button.setText(transfer_words.deed_words(deed, row))
            button.setToolTip(f"{transfer_words.TIPS[deed]} ({transfer_words.KEYS[deed]})")
            button.setVisible(deed in offered)
        if before is None or before.id != row.id or before.missing != row.missing:
            self._list(row)

    def _list(self, row: TransferRow) -> None:
        self.unfold.setVisible(bool(row.missing))
        more = f" (the first {len(row.missing):,})" if row.short > len(row.missing) else ""
        self.unfold.setText(f"{counted(row.short, 'object', 'objects')} missing{more}")
        lines = (f"{one.sop_instance_uid}   {single_line(one.reason)}" for one in row.missing)
        self.missing.setPlainText("\n".join(lines))
        self._fold(on=self.unfold.isChecked())

    def _fold(self, on: bool) -> None:  # noqa: FBT001  a slot
        colours = theme.colours_of(self.palette())
        self.unfold.setIcon(icons.icon("chevron-down" if on else "chevron-right", colours.text))
        self.missing.setVisible(on and self.row is not None and bool(self.row.missing))

    def _want(self, deed: Deed) -> None:
        if self.row is not None:
            self.wanted.emit(deed, self.row.id)

    def _copy(self) -> None:
        if self.row is not None:
            QGuiApplication.clipboard().setText(transfer_words.text(self.row))


def _label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _set(label: QLabel, words: str) -> None:
    shown = single_line(words)
    if label.text() != shown:
        label.setText(shown)
