"""Shows one pane; turns the mouse into pointers. It knows nothing of DICOM."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from viewer.annotations.shapes import Annotation, Point
from viewer.rendering.layers import Shown
from viewer.rendering.pipeline import GrayscalePipeline
from viewer.rendering.pseudo_color import PseudoColor
from viewer.rendering.viewport_renderer import ViewportRenderer
from viewer.tools.tool import Pointer
from viewer.ui import theme
from viewer.ui.drops import SERIES_MIME, local_paths
from viewer.ui.viewport import annotation_painter, color_bar, corner_painter
from viewer.ui.viewport.annotation_painter import UNDER_OPACITY
from viewer.ui.viewport.color_bar import ColorBar
from viewer.ui.viewport.corner_painter import Overlay
from viewer.ui.viewport.qimage import shared_image
from viewer.viewing.pane import Pane

FRAME = 4  # logical pixels of the patient's colour, on all sides
THIN, UNDER = 1.0, 3.0  # logical pixels: the planes of other viewports, and the dark line beneath
WHEEL_STEP = 120  # eighths of a degree that one notch of a wheel reports


@dataclass(frozen=True, slots=True)
class Drawn:
    """One annotation as it is to be painted."""

    annotation: Annotation
    label: str
    selected: bool = False
    hovered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Everything that a viewport paints."""

    pane: Pane
    pipeline: GrayscalePipeline | None = None  # None for colour
    overlay: Overlay | None = None
    drawn: tuple[Drawn, ...] = ()
    lines: tuple[tuple[Point, Point, str], ...] = ()  # image coordinates and a colour: where other planes cut
    captions: tuple[tuple[Point, str, str], ...] = ()  # image coordinates, words and a colour: whose line
    hint: str = ""  # what to do when nothing hangs here
    active: bool = False
    colors: PseudoColor | None = None  # in the place of greys
    bar: ColorBar | None = None  # what those colours stand for
    hue: str = ""  # the patient's colour when more than one patient is on the screen


class ViewportWidget(QWidget):
    """One viewport. Positions in its signals are device pixels from its top left corner."""

    pressed = Signal(Pointer, Qt.MouseButton, Qt.KeyboardModifier)
    moved = Signal(Pointer)
    released = Signal(Pointer, Qt.MouseButton)
    doubled = Signal()
    wheeled = Signal(int, Qt.KeyboardModifier, Pointer)
    resized = Signal(int, int)
    series_dropped = Signal(str)
    files_dropped = Signal(object)  # paths, as they are: a list of Qt would lose bytes that are not UTF-8
    screen_changed = Signal()  # it is on another monitor
    painted = Signal()  # the picture of `look` stands on the screen in full quality, in this very paint

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setMinimumSize(64, 64)
        self._renderer = ViewportRenderer()
        self._look = Look(Pane())
        self._stale: Callable[[], Look] | None = None  # makes the look that is painted next
        self._wheel = 0
        self.takes_wheel: Callable[[int], bool] = lambda _: False  # somebody else wants these notches
        self.is_busy: Callable[[], bool] = lambda: False  # whether a tool waits for another click here

    @property
    def look(self) -> Look:
        """Return what is painted."""
        if self._stale is not None:
            make, self._stale = self._stale, None
            self._look = make()
            overlay = self._look.overlay
            if overlay is not None:
                self.setAccessibleDescription("; ".join((*overlay.upper_left[:1], *overlay.lower_left)))
        return self._look

    def look_anew(self, make: Callable[[], Look]) -> None:
        """Show what `make` returns when it is painted: of several changes at once only the last is made."""
        self._stale = make
        self.update()

    def set_look(self, look: Look) -> None:
        """Show something else."""
        self.look_anew(lambda: look)

    def sizeHint(self) -> QSize:
        """Return a usable size."""
        return QSize(512, 512)

    @property
    def device_size(self) -> tuple[int, int]:
        """Return the size in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the image, then what lies on it."""
        painter = QPainter(self)
        look = self.look
        if look.pane.picture is None:
            painter.fillRect(self.rect(), QColor(theme.IMAGE_GROUND))
            _paint_words(painter, self.rect(), look)
        else:
            self._paint_picture(painter)
            self._paint_drawn(painter)
        if look.bar is not None:
            color_bar.paint(painter, self.rect(), look.bar)
        if look.overlay is not None:
            corner_painter.paint(painter, self.rect(), look.overlay)
        _paint_border(painter, self.rect(), look)
        painter.end()
        if look.pane.picture is not None:
            self.painted.emit()

    def _paint_picture(self, painter: QPainter) -> None:
        look, size = self._look, self.device_size
        assert look.pane.picture is not None  # noqa: S101  the only caller looked
        state = look.pane.state
        pixels = self._renderer.render(
            look.pane.picture.plane,
            look.pipeline,
            state.affine,
            size,
            state.smooth,
            Shown(state.overlays, state.shutter, look.colors),
        )
        painter.drawImage(QPointF(0, 0), shared_image(pixels, self.devicePixelRatioF()))

    def _paint_drawn(self, painter: QPainter) -> None:
        to_screen = self._to_logical()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_lines(painter, [(to_screen(*a), to_screen(*b), color) for a, b, color in self._look.lines])
        corner_painter.paint_captions(
            painter, self.rect(), [(to_screen(*at), words, color) for at, words, color in self._look.captions]
        )
        shapes = [drawn.annotation for drawn in self._look.drawn]
        taken = annotation_painter.taken_by(shapes, to_screen)
        if shapes and self._look.overlay is not None:
            taken.places += corner_painter.places(painter, self.rect(), self._look.overlay)
        for drawn in self._look.drawn:
            annotation_painter.paint(
                painter,
                drawn.annotation,
                to_screen,
                drawn.label,
                selected=drawn.selected,
                hovered=drawn.hovered,
                taken=taken,
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _to_logical(self) -> Callable[[float, float], Point]:
        affine, ratio = self._look.pane.state.affine, self.devicePixelRatioF()

        def to_logical(x: float, y: float) -> Point:
            across, down = affine(x, y)
            return across / ratio, down / ratio

        return to_logical

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the new size in device pixels."""
        super().resizeEvent(event)
        self.resized.emit(*self.device_size)

    def event(self, event: QEvent) -> bool:
        """Follow a move to a screen of another scale, of which `changeEvent` does not hear."""
        done = super().event(event)
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self.resized.emit(*self.device_size)
        if event.type() is QEvent.Type.ScreenChangeInternal:
            self.screen_changed.emit()
        return done

    def _pointer(self, position: QPointF, milliseconds: int, *, down: bool) -> Pointer:
        ratio = self.devicePixelRatioF()
        return Pointer(position.x() * ratio, position.y() * ratio, down, milliseconds / 1000)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin."""
        pointer = self._pointer(event.position(), event.timestamp(), down=True)
        self.pressed.emit(pointer, event.button(), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on."""
        down = event.buttons() != Qt.MouseButton.NoButton
        self.moved.emit(self._pointer(event.position(), event.timestamp(), down=down))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End."""
        pointer = self._pointer(event.position(), event.timestamp(), down=False)
        self.released.emit(pointer, event.button())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the fast second click of a tool; without one, ask for one pane alone or all again."""
        pointer = self._pointer(event.position(), event.timestamp(), down=True)
        if self.is_busy():
            self.pressed.emit(pointer, event.button(), event.modifiers())
        elif event.button() is Qt.MouseButton.LeftButton:
            self.doubled.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Count whole notches; fine wheels and touch pads add up to them."""
        self._wheel += event.angleDelta().y() or event.angleDelta().x()
        notches = int(self._wheel / WHEEL_STEP)
        self._wheel -= notches * WHEEL_STEP
        if notches and not self.takes_wheel(-notches):
            pointer = self._pointer(event.position(), event.timestamp(), down=False)
            self.wheeled.emit(-notches, event.modifiers(), pointer)
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a series from the rail, or files from outside."""
        if event.mimeData().hasFormat(SERIES_MIME) or event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hang the series, or open the files."""
        data = event.mimeData()
        if data.hasFormat(SERIES_MIME):
            self.series_dropped.emit(bytes(data.data(SERIES_MIME).data()).decode())
        else:
            self.files_dropped.emit(local_paths(data))
        event.acceptProposedAction()


def _paint_lines(painter: QPainter, lines: Sequence[tuple[Point, Point, str]]) -> None:
    """Paint the planes of other viewports, each on a dark line of its own: so it reads on bone, too."""
    dark = QColor(theme.OUTLINE)
    dark.setAlpha(UNDER_OPACITY)
    for under in (True, False):
        for start, end, color in lines:
            painter.setPen(QPen(dark, UNDER) if under else QPen(QColor(color), THIN))
            painter.drawLine(QPointF(*start), QPointF(*end))


def _paint_words(painter: QPainter, rect: QRect, look: Look) -> None:
    """Say why there is no picture, or what to do to get one."""
    painter.setPen(QColor(theme.AMBER if look.pane.trouble else theme.SECONDARY))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(rect.adjusted(24, 24, -24, -24), int(flags), look.pane.trouble or look.hint)


def _paint_border(painter: QPainter, rect: QRect, look: Look) -> None:
    """Frame the viewport in the patient's colour where there are several, and the active one in its own."""
    if look.hue:
        painter.setPen(QPen(QColor(look.hue), 2 * FRAME))  # half of the pen lies outside
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect)
    if look.active:
        painter.setPen(QPen(QColor(theme.ACCENT), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
