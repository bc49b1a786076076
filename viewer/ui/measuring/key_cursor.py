"""Drawing without a mouse: arrow keys move a cross over the picture, Enter clicks there."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from viewer.tools.tool import BACK, ENTER, Pointer
from viewer.ui import theme
from viewer.ui.furniture import Furniture
from viewer.ui.hands import Hands
from viewer.ui.viewport.viewport_widget import ViewportWidget
from viewer.viewing.desk import Desk

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
STEP, LEAP = 1.0, 10.0  # logical pixels of the screen
SIZE = 41  # of the cross, logical pixels
FREE = 5.0  # around its middle: what is marked stays in sight
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
ENDS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class Cross(QWidget):
    """The cross itself: lies on a viewport and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.resize(SIZE, SIZE)
        self.setAccessibleName("Cross moved by the arrow keys")

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint four arms that leave the middle free, and a ring around it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, reach = QPointF(SIZE / 2, SIZE / 2), SIZE / 2 - 2
        dark = QColor(theme.OUTLINE)
        dark.setAlpha(170)
        for pen in (QPen(dark, 3.5), QPen(QColor(theme.ACCENT), 1.5)):
            painter.setPen(pen)
            for across, down in ARROWS.values():
                step = QPointF(across, down)
                painter.drawLine(middle + step * FREE, middle + step * reach)
            painter.drawEllipse(QRectF(middle.x() - 12, middle.y() - 12, 24, 24))
        painter.end()


class KeyCursor(QObject):
    """Turns keys into the pointers that the mouse would make, while it is on.

    Also gives Enter and Backspace to a tool of several clicks that is under way, mouse or not.
    """

    def __init__(self, window: QMainWindow, furniture: Furniture, desk: Desk, hands: Hands) -> None:
        super().__init__(window)
        self._furniture, self._desk, self._hands = furniture, desk, hands
        self._cross: Cross | None = None
        self._number, self._at = 0, QPointF()
        self._held = False
        window.installEventFilter(self)

    @property
    def on(self) -> bool:
        """Tell whether the cross is there."""
        return self._cross is not None

    def toggle(self) -> None:
        """Bring the cross to the middle of the active viewport, or take it away."""
        if self.on:
            self.leave()
            return
        self._number = self._desk.active
        viewport = self._viewport()
        if viewport is None or self._desk.panes[self._number].picture is None:
            return
        self._cross = Cross(viewport)
        self._cross.destroyed.connect(self._gone)
        self._cross.show()
        self._furniture.grid.setFocus()
        self._to(QPointF(viewport.rect().center()))

    def leave(self) -> None:
        """Take the cross away; what was held is let go where it was taken."""
        if self._held:
            self._hands.cancel()
        self._held = False
        if self._cross is not None:
            self._cross.hide()
            self._cross.deleteLater()
            self._cross = None

    def _gone(self) -> None:
        """Notice that the viewport below the cross is gone."""
        self._cross = self._cross if self.sender() is None else None

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        """Take the keys of drawing before they are short cuts of the window."""
        if event.type() not in {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress}:
            return False
        if not isinstance(event, QKeyEvent) or not self._listens():
            return False
        mine = self._is_mine(event)
        if mine and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if mine:
            self._take(event)
        return mine

    def _listens(self) -> bool:
        """Tell whether keys are meant for the pictures, and not for a list or a field."""
        focus, grid = QApplication.focusWidget(), self._furniture.grid
        inside = focus is None or focus is grid or grid.isAncestorOf(focus) or focus is self.parent()
        return inside and grid.isVisible()

    def _is_mine(self, event: QKeyEvent) -> bool:
        key, keys = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in ARROWS:
            return self.on and keys in {NO_KEYS, SHIFT}
        if keys != NO_KEYS:
            return False
        drawing = self._hands.drawing is not None
        if key in ENDS:
            return self.on or drawing
        return (key == Qt.Key.Key_Backspace and drawing) or (key == Qt.Key.Key_Escape and self.on)

    def _take(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self.on and self._number != self._desk.active:  # the reader went on to another viewport
            self.leave()
            self.toggle()
        if key in ARROWS:
            across, down = ARROWS[key]
            far = LEAP if event.modifiers() & SHIFT else STEP
            self._to(self._at + QPointF(across, down) * far)
        elif key in ENDS and self.on:
            self._click()
        elif key == Qt.Key.Key_Escape:
            if not self._hands.cancel():
                self.leave()
            self._held = False
        else:
            self._hands.key(ENTER if key in ENDS else BACK)

    def _to(self, at: QPointF) -> None:
        viewport = self._viewport()
        if viewport is None or self._cross is None:
            self.leave()
            return
        x = min(max(at.x(), 0.0), viewport.width() - 1.0)
        y = min(max(at.y(), 0.0), viewport.height() - 1.0)
        self._at = QPointF(x, y)
        self._cross.move(round(x - SIZE / 2), round(y - SIZE / 2))
        viewport.moved.emit(self._pointer(viewport, down=self._held))

    def _click(self) -> None:
        """Click; on a measurement take hold of it, and let go at the next Enter."""
        viewport = self._viewport()
        if viewport is None:
            self.leave()
            return
        if self._held:
            self._held = False
            viewport.released.emit(self._pointer(viewport, down=False), LEFT)
            return
        takes_hold = self._hands.hovered is not None and self._hands.drawing is None
        viewport.pressed.emit(self._pointer(viewport, down=True), LEFT, NO_KEYS)
        if takes_hold:
            self._held = True
        else:
            viewport.released.emit(self._pointer(viewport, down=False), LEFT)

    def _pointer(self, viewport: ViewportWidget, *, down: bool) -> Pointer:
        ratio = viewport.devicePixelRatioF()
        return Pointer(self._at.x() * ratio, self._at.y() * ratio, down)

    def _viewport(self) -> ViewportWidget | None:
        viewports = self._furniture.grid.viewports
        return viewports[self._number] if self._number < len(viewports) else None
