"""Words written on the picture itself: a small field where they will stand."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from viewer.ui import fonts, theme

MOST_LETTERS = 500  # of a reader's words: they and the numbers fit into the 1024 of a presentation state
LETTERS_SEEN = 24
END_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class WordsEditor(QPlainTextEdit):
    """Enter takes the words, Shift+Enter begins a line, Esc gives up; leaving the field takes them, too."""

    done = Signal(str)
    given_up = Signal()

    def __init__(self, parent: QWidget, at: QPoint, text: str = "") -> None:
        super().__init__(text, parent)
        self._ended = False
        self.setAccessibleName("Words of this measurement")
        self.setPlaceholderText("Words, then Enter")
        self.setFont(fonts.sized(self.font(), fonts.BODY))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet(f"background: {theme.PANEL}; border: 1px solid {theme.ACCENT};")
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._fit)
        self._at, self._within = at, parent
        self._fit()
        self.selectAll()
        self.show()
        self.setFocus()

    def _fit(self) -> None:
        """Grow with the words, and stay on the picture."""
        metrics = QFontMetrics(self.font())
        lines = self.toPlainText().split("\n")
        wanted = max(metrics.horizontalAdvance(line) for line in (*lines, "n" * LETTERS_SEEN))
        place_in = self._within.rect()
        width = min(wanted + 4 * theme.GAP, place_in.width())
        height = min(metrics.lineSpacing() * len(lines) + 2 * theme.GAP + theme.GRID, place_in.height())
        x = min(max(self._at.x(), 0), place_in.width() - width)
        y = min(max(self._at.y(), 0), place_in.height() - height)
        self.setGeometry(x, y, width, height)

    def event(self, event: QEvent) -> bool:
        """Keep every key: none of them is a short cut of the window while one writes."""
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """End with Enter or Esc."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if Qt.Key(event.key()) in END_KEYS and not shift:
            self._end(taken=True)
        elif event.key() == Qt.Key.Key_Escape:
            self._end(taken=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was written when the reader goes on with something else."""
        super().focusOutEvent(event)
        self._end(taken=True)

    def _end(self, *, taken: bool) -> None:
        if self._ended:
            return
        self._ended = True
        self.hide()
        self.deleteLater()
        if taken:
            self.done.emit(self.toPlainText().strip()[:MOST_LETTERS])
        else:
            self.given_up.emit()


class LengthEditor(QFrame):
    """Asks how many millimetres a line is long, and for which images that counts."""

    done = Signal(float, bool)  # millimetres; for the whole series
    given_up = Signal()

    def __init__(self, parent: QWidget, at: QPoint, length: float = 0.0, *, series: bool = False) -> None:
        super().__init__(parent)
        self._ended = False
        self.setStyleSheet(f"LengthEditor {{ background: {theme.PANEL}; border: 1px solid {theme.ACCENT}; }}")
        self._field = QLineEdit(f"{length:g}" if length else "", self)
        self._field.setPlaceholderText("length")
        self._field.setAccessibleName("Length in millimetres")
        self._field.setMaxLength(10)
        self._field.setFixedWidth(88)
        self._series = QCheckBox("whole series", self)
        self._series.setChecked(series)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, theme.GRID, theme.GAP, theme.GRID)
        row.addWidget(self._field)
        row.addWidget(QLabel("mm", self))
        row.addWidget(self._series)
        self.adjustSize()
        place_in = parent.rect()
        x = min(max(at.x(), 0), max(place_in.width() - self.width(), 0))
        y = min(max(at.y(), 0), max(place_in.height() - self.height(), 0))
        self.move(x, y)
        for widget in (self._field, self._series):
            widget.installEventFilter(self)
        self.show()
        self._field.setFocus()
        self._field.selectAll()

    @property
    def millimetres(self) -> float | None:
        """Return what was entered, with a point or a comma; None when it is no length."""
        try:
            entered = float(self._field.text().replace(",", "."))
        except ValueError:
            return None
        return entered if 0 < entered < float("inf") else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep every key, end with Enter or Esc."""
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if Qt.Key(event.key()) in END_KEYS:
                self._take()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._end()
                self.given_up.emit()
                return True
        return super().eventFilter(watched, event)

    def _take(self) -> None:
        found = self.millimetres
        if found is None:
            self._field.selectAll()
            self._field.setToolTip("A number of millimetres, such as 50 or 12.5")
            return
        whole = self._series.isChecked()
        self._end()
        self.done.emit(found, whole)

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self.hide()
            self.deleteLater()
