"""Annotations on the picture: one painter for each kind, thin lines that read on bone and on air."""

import itertools
import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QPolygonF

from viewer.annotations.shapes import Annotation, Kind
from viewer.ui import fonts, outlined_text, theme
from viewer.ui.plain_text import single_line

LINE = 1.5  # logical pixels
UNDER = 3.5  # the dark line beneath, which makes it read on bone
UNDER_OPACITY = 150
TICK = 5.0  # half the length of the marks at the ends of a length
HANDLE = 4.5  # radius
LEADER = 22.0  # from the point that is named to its label
BESIDE = 4.0  # between the leader's end and the label
KEEP_OFF = 3.0  # the label stays at least this far from the shape
DASHES = (4.0, 3.0)  # of a shape that came from someone else
DIRECTIONS = ((1, 0), (1, 1), (1, -1), (0, 1), (0, -1), (-1, 1), (-1, -1), (-1, 0))  # the first free one wins

ToScreen = Callable[[float, float], tuple[float, float]]
Drawer = Callable[[QPainter, Sequence[QPointF], QColor], None]


def paint(
    painter: QPainter,
    annotation: Annotation,
    to_screen: ToScreen,
    label: str,
    *,
    selected: bool = False,
    hovered: bool = False,
) -> QRectF:
    """Paint one annotation and return where its label stands (empty without a label), logical pixels.

    `to_screen` maps image coordinates to logical pixels. Selected is brighter, not thicker.
    """
    points = [QPointF(*to_screen(x, y)) for x, y in annotation.points]
    if not points:
        return QRectF()
    color = QColor(theme.ANNOTATION_SELECTED if selected else theme.ANNOTATION)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    PAINTERS[annotation.kind](painter, points, color)
    if selected or hovered:
        _paint_handles(painter, points, color)
    place = _paint_label(painter, points, single_line(label), color) if label else QRectF()
    painter.restore()
    return place


def _paint_length(painter: QPainter, points: Sequence[QPointF], color: QColor) -> None:
    """Paint a line with a mark across each end."""
    lines = [QLineF(points[0], points[-1])]
    across = lines[0].normalVector().unitVector()
    if lines[0].length() > 0:
        step = QPointF(across.dx(), across.dy()) * TICK
        lines += [QLineF(end - step, end + step) for end in (points[0], points[-1])]
    for pen in _pens(color):
        painter.setPen(pen)
        painter.drawLines(lines)


def _paint_outline(painter: QPainter, points: Sequence[QPointF], color: QColor) -> None:
    """Paint the points of a foreign shape as they came, dashed."""
    for pen in _pens(color, DASHES if len(points) > 1 else ()):
        painter.setPen(pen)
        if len(points) == 1:
            painter.drawLine(points[0] - QPointF(TICK, 0), points[0] + QPointF(TICK, 0))
            painter.drawLine(points[0] - QPointF(0, TICK), points[0] + QPointF(0, TICK))
        else:
            painter.drawPolyline(QPolygonF(points))


PAINTERS: dict[Kind, Drawer] = {
    Kind.LENGTH: _paint_length,
    Kind.OUTLINE: _paint_outline,
}


def _pens(color: QColor, dashes: Sequence[float] = ()) -> tuple[QPen, QPen]:
    """Return the pen of the dark line beneath and the one of the line itself."""
    dark = QColor(theme.OUTLINE)
    dark.setAlpha(UNDER_OPACITY)
    under, line = QPen(dark, UNDER), QPen(color, LINE)
    for pen in (under, line):
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashes else Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dashes:
        line.setDashPattern([length / LINE * 1.5 for length in dashes])  # in widths of the pen
    return under, line


def _paint_handles(painter: QPainter, points: Sequence[QPointF], color: QColor) -> None:
    """Paint open rings: what lies under a point must stay in sight while it is placed."""
    for pen in _pens(color):
        painter.setPen(pen)
        for point in points:
            painter.drawEllipse(point, HANDLE, HANDLE)


def _paint_label(painter: QPainter, points: Sequence[QPointF], label: str, color: QColor) -> QRectF:
    """Paint the label on a leader from the lowest point, where it covers neither the shape nor the edge."""
    font = fonts.sized(painter.font(), fonts.BODY)
    metrics = QFontMetricsF(font)
    size = QSizeF(metrics.horizontalAdvance(label), metrics.height())
    start, place = placed_label(points, size, _room(painter))
    end = _nearest(place.adjusted(-BESIDE, 0, BESIDE, 0), start)
    leader = QLineF(end, start)
    leader.setLength(max(leader.length() - HANDLE - LINE, 0.0))
    faint = QColor(color)
    faint.setAlphaF(0.7)
    for pen in _pens(faint)[0], QPen(faint, 1.0):
        painter.setPen(pen)
        painter.drawLine(leader)
    outlined_text.draw(painter, place.topLeft(), label, font, color.name())
    return place


def placed_label(points: Sequence[QPointF], size: QSizeF, room: QRectF) -> tuple[QPointF, QRectF]:
    """Return the point that a label of `size` is led to and the label's place.

    The place lies in `room` and off the shape where there is such a place, else at least in `room`.
    """
    starts = sorted(points, key=lambda point: (-point.x(), -point.y()))
    edges = [QLineF(one, other) for one, other in itertools.pairwise(points)]
    for start in (starts[0], starts[-1], *(edge.center() for edge in edges[:1])):
        for across, down in DIRECTIONS:
            place = _beside(start, across, down, size)
            if room.contains(place) and not any(_touches(place, edge) for edge in edges):
                return start, place
    place = _beside(starts[0], 1, 0, size)
    left = max(min(place.left(), room.right() - size.width()), room.left())
    top = max(min(place.top(), room.bottom() - size.height()), room.top())
    return starts[0], QRectF(QPointF(left, top), size)


def _beside(start: QPointF, across: int, down: int, size: QSizeF) -> QRectF:
    """Return a place for the label in one of eight directions from `start`."""
    reach = LEADER / math.hypot(across, down)
    x = start.x() + across * reach + size.width() / 2 * (across - 1) + BESIDE * across
    y = start.y() + down * reach - size.height() / 2
    return QRectF(QPointF(x, y), size)


def _touches(place: QRectF, edge: QLineF) -> bool:
    """Tell whether a line comes near a rectangle (Liang and Barsky's clipping)."""
    box = place.adjusted(-KEEP_OFF, -KEEP_OFF, KEEP_OFF, KEEP_OFF)
    enter, leave = 0.0, 1.0
    for step, near, far in (
        (edge.dx(), box.left() - edge.x1(), box.right() - edge.x1()),
        (edge.dy(), box.top() - edge.y1(), box.bottom() - edge.y1()),
    ):
        if step == 0:
            if near > 0 or far < 0:
                return False
            continue
        first, second = sorted((near / step, far / step))
        enter, leave = max(enter, first), min(leave, second)
    return enter <= leave


def _nearest(place: QRectF, point: QPointF) -> QPointF:
    """Return the point of the label's left or right side, half way down, that is nearer to `point`."""
    x = place.left() if abs(place.left() - point.x()) <= abs(place.right() - point.x()) else place.right()
    if place.left() <= point.x() <= place.right():
        return QPointF(point.x(), place.top() if point.y() < place.top() else place.bottom())
    return QPointF(x, place.center().y())


def _room(painter: QPainter) -> QRectF:
    """Return the whole of what is painted on, logical pixels."""
    device = painter.device()
    ratio = device.devicePixelRatio() if isinstance(device, (QImage, QPixmap)) else 1.0
    return QRectF(0, 0, device.width() / ratio, device.height() / ratio).adjusted(4, 4, -4, -4)
