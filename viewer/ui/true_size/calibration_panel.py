"""The panel in which a bank card, or a ruler, tells how large a pixel of this monitor is."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.ui import theme
from viewer.viewing.monitors import CARD_MM, Screen, is_pitch

CARD_SHAPE = 53.98 / CARD_MM  # height by width, ISO/IEC 7810 ID-1
CORNER = 3.18 / CARD_MM  # the radius of its corners, by its width
FIRST = 320  # device pixels of the card where nothing is known
LEAST, MOST = 80, 3200  # device pixels of the card
WORDS = (
    "Hold a bank card against the frame and make the frame as wide: drag its right edge, or use the "
    "arrow keys (with Shift in steps of ten). Or measure the frame with a ruler and enter its width."
)
STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}


class CardFrame(QWidget):
    """A frame in the shape of a bank card, as wide as the reader makes it. All widths in device pixels."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Frame as wide as a bank card")
        self.setMinimumSize(420, 240)
        self._width = FIRST

    @property
    def wide(self) -> int:
        """Return the width of the frame in device pixels."""
        return self._width

    def set_wide(self, width: int) -> None:
        """Make the frame so many device pixels wide."""
        self._width = min(max(width, LEAST), MOST)
        self.setAccessibleDescription(f"{self._width} pixels wide")
        self.update()
        self.changed.emit()

    def event(self, event: QEvent) -> bool:
        """Keep the arrow keys from the window behind, whose short cuts go on below a panel."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            if Qt.Key(event.key()) in STEPS:
                event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Make it wider or narrower."""
        by = STEPS.get(Qt.Key(event.key()), 0)
        if not by:
            super().keyPressEvent(event)
            return
        ten = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.set_wide(self._width + by * (10 if ten else 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the edge to the mouse."""
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the right edge follow the mouse."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.set_wide(round((event.position().x() - theme.GAP) * self.devicePixelRatioF()))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the card in device pixels, its outer edge being what counts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = self.devicePixelRatioF()
        width = self._width / ratio
        place = QRectF(theme.GAP, theme.GAP, width, width * CARD_SHAPE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.ACCENT))
        painter.drawRoundedRect(place, width * CORNER, width * CORNER)
        painter.setPen(QPen(QColor(theme.IMAGE_GROUND), 1.0))
        middle = place.center().y()
        painter.drawLine(QPointF(place.left() + 8, middle), QPointF(place.right() - 8, middle))
        for end, sign in ((place.left() + 8, 1), (place.right() - 8, -1)):
            for way in (-1, 1):
                painter.drawLine(QPointF(end, middle), QPointF(end + sign * 7, middle + way * 5))


class CalibrationPanel(QWidget):
    """Asks for the width of a card in pixels, or of a frame in millimetres; one of the two is enough."""

    measured = Signal(float)  # mm of a device pixel
    forgotten = Signal()
    moved = Signal()  # to another monitor

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("Calibrate this monitor")
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        self.frame = CardFrame()
        self.length = QDoubleSpinBox()
        self.length.setRange(10.0, 1000.0)
        self.length.setDecimals(1)
        self.length.setSuffix(" mm")
        self.length.setValue(CARD_MM)
        self.length.setAccessibleName("Width of the frame in millimetres")
        self.length.setLocale(self.locale().c())  # numbers with a point, as everywhere
        self._which, self._known, self._pitch = QLabel(), QLabel(), QLabel()
        self._keep, self._forget = QPushButton("Keep"), QPushButton("Forget")
        self._forget.setToolTip("what was measured on this monitor")
        self._keep.clicked.connect(lambda: self.measured.emit(self.pitch))
        self._forget.clicked.connect(self.forgotten)
        self.frame.changed.connect(self._show_pitch)
        self.length.valueChanged.connect(lambda _: self._show_pitch())
        self._lay()

    @property
    def pitch(self) -> float:
        """Return the mm of a device pixel as the panel stands."""
        return self.length.value() / self.frame.wide

    def show_screen(self, screen: Screen, pitch: float | None, known: str) -> None:
        """Say which monitor it is and what is known of it; the frame begins at what is known."""
        self._which.setText(
            f"{screen.model or screen.name or 'This monitor'}, {screen.width} x {screen.height} pixels"
        )
        self._known.setText(known)
        self.length.setValue(CARD_MM)
        self.frame.set_wide(round(CARD_MM / pitch) if pitch else FIRST)
        self._show_pitch()

    def _lay(self) -> None:
        words = QLabel(WORDS)
        words.setWordWrap(True)
        for label in (words, self._which, self._known, self._pitch):
            label.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        row.addWidget(QLabel("Width of the frame:"))
        row.addWidget(self.length)
        row.addWidget(self._pitch, 1)
        row.addWidget(self._forget)
        row.addWidget(self._keep)
        column = QVBoxLayout(self)
        column.setSpacing(theme.GAP)
        for part in (self._which, self._known, words):
            column.addWidget(part)
        column.addWidget(self.frame, 1)
        column.addLayout(row)

    def _show_pitch(self) -> None:
        possible = is_pitch(self.pitch)
        self._pitch.setText(f"{self.pitch:.4f} mm a pixel" if possible else "no monitor has such pixels")
        self._keep.setEnabled(possible)

    def event(self, event: QEvent) -> bool:
        """Keep Escape from the window behind; tell when the panel comes to another monitor."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
            return True
        done = super().event(event)
        if event.type() is QEvent.Type.ScreenChangeInternal:
            self.moved.emit()
        return done

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go away with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Return room for a card on most monitors."""
        return QSize(560, 460)
