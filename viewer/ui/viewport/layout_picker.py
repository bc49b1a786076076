"""A small field of squares from which the number of viewports is chosen, by mouse or by keys."""

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewer.ui import fonts, theme

MOST_ROWS, MOST_COLUMNS = 4, 5
CELL = 32
SPACE = 4
PAD = 8
CAPTION = 24
TIMES = "\N{MULTIPLICATION SIGN}"


class LayoutPicker(QWidget):
    """Pops up above a button. The marked squares show the layout that a click or Enter chooses."""

    chosen = Signal(int, int)  # rows, columns

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._rows, self._columns = 1, 1
        self._words = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Layout")
        self.setFixedSize(self.sizeHint())
        self._mark(1, 1)

    def open_at(self, place: QPoint, rows: int, columns: int, words: str = "") -> None:
        """Pop up on top of `place` (global), inside the screen, with the present layout marked.

        `words` say what is divided, where that is not all of the room.
        """
        self._words = words
        self._mark(rows, columns)
        left, top = place.x(), place.y() - self.height()
        screen = QGuiApplication.screenAt(place)
        if screen is not None:
            room = screen.availableGeometry()
            left = max(min(left, room.right() - self.width()), room.left())
            top = max(min(top, room.bottom() - self.height()), room.top())
        self.move(left, top)
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def marked(self) -> tuple[int, int]:
        """Return the rows and columns that are marked."""
        return self._rows, self._columns

    def _mark(self, rows: int, columns: int) -> None:
        self._rows, self._columns = min(max(rows, 1), MOST_ROWS), min(max(columns, 1), MOST_COLUMNS)
        said = f"{self._rows} rows, {self._columns} columns"
        self.setAccessibleDescription(f"{self._words}: {said}" if self._words else said)
        self.update()

    def _choose(self) -> None:
        self.close()
        self.chosen.emit(self._rows, self._columns)

    def _mark_under(self, point: QPoint) -> None:
        step = CELL + SPACE
        self._mark((point.y() - PAD) // step + 1, (point.x() - PAD) // step + 1)

    def sizeHint(self) -> QSize:
        """Return the room of all squares and the caption."""
        wide, high = (2 * PAD + most * CELL + (most - 1) * SPACE for most in (MOST_COLUMNS, MOST_ROWS))
        return QSize(wide, high + CAPTION)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark up to the square under the mouse."""
        if self.rect().contains(event.position().toPoint()):
            self._mark_under(event.position().toPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the square under the mouse; beside the field, choose nothing."""
        if not self.rect().contains(event.position().toPoint()):
            self.close()
            return
        self._mark_under(event.position().toPoint())
        self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, choose with Enter, leave with Escape."""
        steps = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._mark(self._rows + steps[key][0], self._columns + steps[key][1])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._choose()
        elif key is Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Paint again in other colours."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the squares and say the layout in words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.raised))
        painter.setPen(QPen(QColor(colours.border), 1.0))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        for row in range(MOST_ROWS):
            for column in range(MOST_COLUMNS):
                inside = row < self._rows and column < self._columns
                painter.setPen(QPen(QColor(colours.accent if inside else colours.border), 1.0))
                painter.setBrush(QColor(colours.selection if inside else colours.panel))
                place = QRect(PAD + column * (CELL + SPACE), PAD + row * (CELL + SPACE), CELL - 1, CELL - 1)
                painter.drawRoundedRect(place, theme.RADIUS, theme.RADIUS)
        painter.setFont(fonts.sized(self.font(), fonts.BODY))
        painter.setPen(QColor(colours.text))
        caption = QRect(0, self.height() - CAPTION - SPACE, self.width(), CAPTION)
        shape = f"{self._rows} {TIMES} {self._columns}"
        words = f"{self._words}  {shape}" if self._words else shape
        painter.drawText(caption, int(Qt.AlignmentFlag.AlignCenter), words)
        painter.end()
