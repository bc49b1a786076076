"""The key sheet (F1 or ?): every key and what it does, made from the table of actions."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.ui import fonts, theme
from viewer.ui.actions.action_row import ActionRow


class KeySheet(QDialog):
    """All rows that have a key, in columns, under the names of their groups."""

    def __init__(self, rows: Sequence[ActionRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setAccessibleName("Keys")
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setContentsMargins(24, 16, 24, 16)
        columns.setSpacing(24)
        for part in _halves(keyed(rows)):
            columns.addLayout(self._column(part), 1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)

    def _column(self, rows: Sequence[ActionRow]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(theme.GRID)
        grid.setColumnStretch(1, 1)
        line = 0
        for group, members in groupby(rows, key=lambda row: row.group):
            if group:
                heading = self._label(group[0].upper() + group[1:], strong=True)
                heading.setContentsMargins(0, theme.GAP if line else 0, 0, 0)
                grid.addWidget(heading, line, 0, 1, 2)
                line += 1
            for row in members:
                grid.addWidget(self._key(row.key), line, 0, Qt.AlignmentFlag.AlignRight)
                words = self._label(f"{row.title} — {row.tip}" if row.tip else row.title)
                words.setWordWrap(True)
                grid.addWidget(words, line, 1)
                line += 1
        grid.setRowStretch(line, 1)
        return grid

    def _label(self, words: str, *, strong: bool = False) -> QLabel:
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(fonts.sized(self.font(), fonts.STRONG if strong else fonts.BODY, strong=strong))
        return label

    def _key(self, key: str) -> QLabel:
        """Return a key as it is written on this system's keyboards, in a frame like a key's."""
        colours = theme.colours_of(self.palette())
        label = self._label(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setMinimumWidth(theme.ROW)
        label.setStyleSheet(
            f"background: {colours.raised}; border: 1px solid {colours.border};"
            f"border-radius: {theme.RADIUS}px; padding: 2px 6px;"
        )
        return label

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go away with the keys that brought it, too."""
        if event.key() in {Qt.Key.Key_F1, Qt.Key.Key_Question}:
            self.close()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Return the room of two columns of about forty letters."""
        return QSize(820, 560)


def keyed(rows: Sequence[ActionRow]) -> list[ActionRow]:
    """Return the rows that have a key, those of a group together, groups in the order of the table."""
    order = {group: place for place, group in enumerate(dict.fromkeys(row.group for row in rows))}
    return sorted((row for row in rows if row.key), key=lambda row: order[row.group])


def _halves(rows: Sequence[ActionRow]) -> tuple[Sequence[ActionRow], Sequence[ActionRow]]:
    """Return two columns of about the same height; a group stays in one of them."""
    starts = [place for place in range(len(rows)) if place == 0 or rows[place].group != rows[place - 1].group]
    half = min(starts, key=lambda place: abs(len(rows) - 2 * place), default=0)
    return (rows[:half], rows[half:]) if half else (rows, ())
