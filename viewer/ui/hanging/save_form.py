"""A small form in the side panel: what is seen, as a protocol for the next study of this kind; or a name."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.hanging.load import LONGEST_NAME
from viewer.hanging.protocol import Protocol
from viewer.ui import theme
from viewer.ui.plain_text import single_line
from viewer.viewing.hang_capture import KEPT_AT_FIRST, LOOK, WHEN, WHERE, in_words, offered, trimmed

WORDS = {
    "modality": "Modality",
    "body_part": "Body part",
    "study_description": "Study description",
    "description": "Series description",
    "plane": "Plane",
    "kind": "Kind of stack",
    "view": "View",
    "laterality": "Side",
    "window": "Window",
    "place": "Scale, edge and orientation",
    "colours": "Inversion and colours",
    "links": "Links and reference lines",
}
FORM_KEYS = {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter}
MOST_SHOWN = 42  # characters beside a check box; the tool tip has the rest
NAME_FIRST = "Give the protocol a name."


class SaveForm(QScrollArea):
    """Shows a captured protocol and lets one choose what of it is kept."""

    wanted = Signal(object)  # Protocol
    renamed = Signal(object, str)  # Protocol, and its other name
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setAccessibleName("Save what is seen as a hanging protocol")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setAccessibleName("Name of the protocol")
        self.name.setPlaceholderText("Name")
        self.checks: dict[str, QCheckBox] = {}
        self.save = QPushButton("Save")
        self.cancel = QPushButton("Cancel")
        self.complaint = _label("")
        self.summary = _label("")
        self._heading = _heading("The viewports, row by row")
        self._protocol, self._renames = Protocol(""), False
        self._taken: Callable[[str], str] = lambda _: ""
        self._choices = QWidget()
        self._column = QVBoxLayout()
        self.setWidget(self._whole())
        self.name.textChanged.connect(self._changed)
        self.name.returnPressed.connect(self._save)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.left)

    def _whole(self) -> QWidget:
        whole = QWidget()
        column = self._column
        whole.setLayout(column)
        column.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        column.setSpacing(theme.GAP)
        parts = (
            self.name,
            self._choices,
            self._heading,
            self.summary,
            self.complaint,
        )
        for part in parts:
            column.addWidget(part)
        column.addLayout(self._buttons())
        column.addStretch(1)
        return whole

    def show_protocol(self, protocol: Protocol, taken: Callable[[str], str]) -> None:
        """Ask for a name and for what is kept. `taken` returns what to say of a name that is in use."""
        self._protocol, self._taken, self._renames = protocol, taken, False
        self.checks = {name: self._check(protocol, name) for name in _names(offered(protocol))}
        self._show_choices()

    def ask_name(self, protocol: Protocol, taken: Callable[[str], str]) -> None:
        """Ask for another name of a protocol, of which nothing else changes."""
        self._protocol, self._taken, self._renames = protocol, taken, True
        self.checks = {}
        self.name.setText(protocol.name)
        self._show_choices()

    def _show_choices(self) -> None:
        self._heading.setVisible(not self._renames)
        choices = QWidget()
        column = QVBoxLayout(choices)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        for title, names in _groups(self.checks):
            column.addWidget(_heading(title))
            for name in names:
                column.addWidget(self.checks[name])
            column.addSpacing(theme.GRID)
        self._column.replaceWidget(self._choices, choices)
        self._choices.deleteLater()
        self._choices = choices
        self._changed()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.name.selectAll()

    def _check(self, protocol: Protocol, name: str) -> QCheckBox:
        title = WORDS[name.removeprefix("when ")]
        found: dict[str, None] = {}
        if name.startswith("when "):
            for each in protocol.when:
                found |= dict.fromkeys(getattr(each, name.removeprefix("when ")))
        words = single_line(f"{title}: {', '.join(found)}" if found else title)
        shown = words if len(words) <= MOST_SHOWN else words[: MOST_SHOWN - 1] + "…"
        check = QCheckBox(shown.replace("&", "&&"))
        check.setToolTip(words if shown != words else "")
        check.setChecked(name in KEPT_AT_FIRST)
        check.toggled.connect(self._changed)
        return check

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self.save)
        row.addWidget(self.cancel)
        row.addStretch(1)
        return row

    @property
    def protocol(self) -> Protocol:
        """Return the protocol as it would be saved."""
        kept = trimmed(self._protocol, (name for name, check in self.checks.items() if check.isChecked()))
        return Protocol(self.name.text().strip(), kept.when, kept.stages)

    def complain(self, words: str) -> None:
        """Say why it could not be saved."""
        self.complaint.setText(single_line(words))
        self.complaint.setVisible(bool(words))

    def _changed(self) -> None:
        if self._renames:
            self.summary.setText("")
            self.complain(self._taken(self.name.text().strip()))
            return
        protocol = self.protocol
        lines = [f"{number}  {in_words(slot)}" for number, slot in enumerate(protocol.stages[0].slots, 1)]
        if not protocol.when:
            lines.append("It is offered for every study, after all others.")
        self.summary.setText("\n".join(single_line(line) for line in lines))
        words = self._taken(protocol.name) if protocol.name else ""
        self.complain(words)

    def _save(self) -> None:
        name = self.name.text().strip()
        if not name or not name.isprintable():
            self.complain(NAME_FIRST)
            self.name.setFocus()
        elif self._renames:
            self.renamed.emit(self._protocol, name)
        else:
            self.wanted.emit(self.protocol)

    def event(self, event: QEvent) -> bool:
        """Keep the keys of a form from those of the images."""
        override = event.type() is QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in FORM_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _names(found: frozenset[str]) -> Iterator[str]:
    """Yield what is offered, in the order of the form."""
    yield from (f"when {name}" for name in WHEN if f"when {name}" in found)
    yield from (name for name in (*WHERE, *LOOK) if name in found)


def _groups(names: dict[str, QCheckBox]) -> Iterator[tuple[str, list[str]]]:
    groups = {
        "For studies with": [name for name in names if name.startswith("when ")],
        "Each viewport takes a series with the same": [name for name in names if name in WHERE],
        "And shows it with its": [name for name in names if name in LOOK],
    }
    yield from ((title, found) for title, found in groups.items() if found)


def _heading(words: str) -> QLabel:
    label = _label(words)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)  # quieter
    return label


def _label(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
