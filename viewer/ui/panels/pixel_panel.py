"""Why the pixel under the pointer looks as it does: a row for each stage, in their order."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from viewer.ui import fonts, theme
from viewer.ui.plain_text import single_line
from viewer.viewing.why import DAMAGE, NOTICE_STAGE, REAL_WORLD, Step

EMPTY = "Point at an image: every step from the stored value to the grey on the screen is listed here."
TITLES = {
    "stored": "Stored",
    "padding": "Padding",
    "modality": "Modality",
    "voi": "VOI",
    "presentation": "Presentation",
    "displayed": "Displayed",
    REAL_WORLD: "Real world",
    DAMAGE: "Damaged",
    NOTICE_STAGE: "Header",
}
WORDS_ONLY = (DAMAGE, NOTICE_STAGE)  # without a value


class PixelPanel(QWidget):
    """The list of stages. `appeared` asks for them when the panel comes into sight."""

    appeared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []
        self._heading = _label(fonts.sized(self.font(), fonts.STRONG, strong=True))
        self._heading.setMargin(theme.GAP)
        self._empty = _label(self.font(), EMPTY)
        self._empty.setMargin(theme.GAP)
        self._empty.setForegroundRole(self._empty.palette().ColorRole.PlaceholderText)
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(theme.GAP, 0, theme.GAP, theme.GAP)
        self._column.setSpacing(theme.GAP)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(inner)
        self._scroll.setAccessibleName("Stages of the pixel under the pointer")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._heading)
        whole.addWidget(self._empty)
        whole.addWidget(self._scroll, 1)
        self.set_steps("", ())

    def set_steps(self, place: str, steps: Sequence[Step], reason: str = "") -> None:
        """Show the stages of one pixel; `place` says which it is, `reason` why there are none."""
        self._heading.setText(single_line(place) or "Pixel")
        self._empty.setText(single_line(reason) or EMPTY)
        self._empty.setVisible(not steps)
        while len(self._rows) < len(steps):
            self._rows.append(_Row())
            self._column.insertWidget(len(self._rows) - 1, self._rows[-1])
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(steps))
            if number < len(steps):
                row.set_step(steps[number])

    @property
    def text(self) -> str:
        """Return all that is shown, as lines."""
        rows = [row.text for row in self._rows if not row.isHidden()]
        return "\n".join([self._heading.text(), *(rows or [self._empty.text()])])

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        self.appeared.emit()

    def sizeHint(self) -> QSize:
        """Return the width of the side panel."""
        return QSize(280, 400)


class _Row(QWidget):
    """One stage: its name, its value, and below them who decided."""

    def __init__(self) -> None:
        super().__init__()
        small = fonts.sized(self.font(), fonts.SMALL)
        self._title = _label(self.font())
        self._title.setWordWrap(False)
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._value = _label(fonts.sized(self.font(), fonts.STRONG, strong=True))
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._source, self._note = _label(small), _label(small)
        for quiet in (self._title, self._source, self._note):
            quiet.setForegroundRole(quiet.palette().ColorRole.PlaceholderText)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._title, 0, 0)
        grid.addWidget(self._value, 0, 1)
        grid.addWidget(self._source, 1, 0, 1, 2)
        grid.addWidget(self._note, 2, 0, 1, 2)

    def set_step(self, step: Step) -> None:
        """Show a stage."""
        self._title.setText(TITLES.get(step.stage, step.stage))
        self._value.setText("" if step.stage in WORDS_ONLY else single_line(step.words))
        self._source.setText(single_line(step.decided_by))
        self._note.setText(single_line(step.note))
        self._note.setVisible(bool(step.note))

    @property
    def text(self) -> str:
        """Return what is shown, on one line."""
        parts = (self._title, self._value, self._source, self._note)
        return "  ".join(part.text() for part in parts if part.text())


def _label(font: QFont, words: str = "") -> QLabel:
    label = QLabel(words)
    label.setFont(font)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label
