"""Annotations on the picture: one painter for each kind, thin lines that read on bone and on air."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QPolygonF

from viewer.annotations.forms import Lines
from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation, Kind, Point
from viewer.ui import fonts, theme
from viewer.ui.plain_text import single_line
from viewer.ui.viewport import outlined_text
from viewer.ui.viewport.label_places import BESIDE, Taken, edges_of, free_place

LINE = 1.5  # logical pixels
UNDER = 3.5  # the dark line beneath, which makes it read on bone
UNDER_OPACITY = 150
TICK = 5.0  # half the length of the marks at the ends of a length
HANDLE = 4.5  # radius
HEAD = 11.0  # length of the barbs of an arrow
BARB = 0.45  # radians between the shaft and a barb
ARC = 22.0  # radius of the arc of an angle
CROSS = 7.0  # half the length of the arms of a marked point
GAP_IN_CROSS = 2.0  # left free around the point itself: what is marked stays in sight
DASHES = (4.0, 3.0)  # of a shape that came from someone else

BRIGHTER = 135  # per cent
ARMS, PAIR = 3, 2  # points of an angle, ends of a line
ARC_STEPS, FULL_TURN = 16, 360.0
EDGE_ANCHORS = 8  # points of a curve from which its label may be led
MOST_CHORDS = 48  # of a curve, to keep a label off it
ROUND = {Kind.ELLIPSE, Kind.CIRCLE}

ToScreen = Callable[[float, float], tuple[float, float]]
Drawer = Callable[["Brush", Sequence[Sequence[QPointF]]], None]


def taken_by(annotations: Iterable[Annotation], to_screen: ToScreen) -> Taken:
    """Return what the lines of annotations take of the picture, from which labels keep off."""
    edges = [
        edges_of(np.array([to_screen(x, y) for x, y in _sampled(line)]))
        for annotation in annotations
        for line in (*outline_of(annotation), *_connected(annotation))
    ]
    return Taken(np.concatenate(edges)) if edges else Taken()


def _connected(annotation: Annotation) -> Lines:
    """Return the line that leads from one half of a Cobb angle to the other."""
    if annotation.kind is not Kind.COBB or len(annotation.points) != PAIR + PAIR:
        return ()
    (a, b), (c, d), (e, f), (g, h) = annotation.points
    return ((((a + c) / 2, (b + d) / 2), ((e + g) / 2, (f + h) / 2)),)


def paint(  # noqa: PLR0913  how it is marked is said by name
    painter: QPainter,
    annotation: Annotation,
    to_screen: ToScreen,
    label: str,
    *,
    selected: bool = False,
    hovered: bool = False,
    taken: Taken | None = None,
) -> QRectF:
    """Paint one annotation and return where its label stands (empty without a label), logical pixels.

    The label keeps off what is `taken`, where there is room, and takes its own place of it.

    `to_screen` maps image coordinates to logical pixels. Selected is brighter, not thicker.
    """
    if not annotation.points:
        return QRectF()
    points = [QPointF(*to_screen(x, y)) for x, y in annotation.points]
    lines = [[QPointF(*to_screen(x, y)) for x, y in line] for line in outline_of(annotation)]
    color = shown_color(annotation, selected=selected)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    PAINTERS[annotation.kind](Brush(painter, color, DASHES if _is_foreign(annotation) else ()), lines)
    if selected or hovered:
        _paint_handles(painter, points[: len(KINDS[annotation.kind].handles(annotation.points))], color)
    taken = taken or taken_by([annotation], to_screen)
    place = _paint_label(painter, _anchors(annotation, points, lines), taken, label, color)
    painter.restore()
    return place


def _is_foreign(annotation: Annotation) -> bool:
    return annotation.read_only or annotation.kind is Kind.OUTLINE


def outline_of(annotation: Annotation) -> Lines:
    """Return the lines that are seen, image coordinates; nothing where there is no point."""
    return KINDS[annotation.kind].outline(annotation.points) if annotation.points else ()


def shown_color(annotation: Annotation, *, selected: bool) -> QColor:
    """Return the colour of an annotation: its own or that of all, brighter when it is selected."""
    own = QColor(annotation.color) if annotation.color else QColor()
    if not own.isValid():
        return QColor(theme.ANNOTATION_SELECTED if selected else theme.ANNOTATION)
    return own.lighter(BRIGHTER) if selected else own


@dataclass(frozen=True, slots=True)
class Brush:
    """Draws each line twice: a dark one beneath, and the line itself."""

    painter: QPainter
    color: QColor
    dashes: Sequence[float] = ()

    def lines(self, lines: Sequence[QLineF], *, faint: bool = False) -> None:
        """Draw lines; faint ones are dashed and lead from one part of a shape to another."""
        for pen in _pens(self.color, DASHES if faint else self.dashes):
            self.painter.setPen(pen)
            self.painter.drawLines(list(lines))

    def polyline(self, points: Sequence[QPointF]) -> None:
        """Draw a line through points; a closed one ends where it began."""
        if len(points) == 1:
            self.cross(points[0])
            return
        for pen in _pens(self.color, self.dashes):
            self.painter.setPen(pen)
            self.painter.drawPolyline(QPolygonF(list(points)))

    def cross(self, point: QPointF) -> None:
        """Mark a point and leave the point itself free."""
        steps = (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1))
        self.lines([QLineF(point + step * GAP_IN_CROSS, point + step * CROSS) for step in steps])


def _paint_length(brush: Brush, lines: Sequence[Sequence[QPointF]]) -> None:
    """Paint each line with a mark across its ends."""
    for points in lines:
        whole = QLineF(points[0], points[-1])
        across = whole.normalVector().unitVector()
        drawn = [whole]
        if whole.length() > 0:
            step = QPointF(across.dx(), across.dy()) * TICK
            drawn += [QLineF(end - step, end + step) for end in (points[0], points[-1])]
        brush.lines(drawn)


def _paint_lines(brush: Brush, lines: Sequence[Sequence[QPointF]]) -> None:
    """Paint every line through its points."""
    for points in lines:
        brush.polyline(points)


def _paint_angle(brush: Brush, lines: Sequence[Sequence[QPointF]]) -> None:
    """Paint the arms and the arc between them."""
    for points in lines:
        brush.polyline(points)
        if len(points) == ARMS:
            first, corner, last = points
            _paint_arc(brush, corner, QLineF(corner, first), QLineF(corner, last))


def _paint_cobb(brush: Brush, lines: Sequence[Sequence[QPointF]]) -> None:
    """Paint two lines and what leads from the middle of one to that of the other."""
    _paint_lines(brush, lines)
    if len(lines) == PAIR and len(lines[1]) == PAIR:
        middles = [QLineF(line[0], line[1]).center() for line in lines]
        brush.lines([QLineF(middles[0], middles[1])], faint=True)


def _paint_arc(brush: Brush, corner: QPointF, first: QLineF, last: QLineF) -> None:
    radius = min(ARC, first.length() / 2, last.length() / 2)
    if radius < 1:
        return
    turn = first.angleTo(last)  # anticlockwise, degrees
    turn = turn - FULL_TURN if turn > FULL_TURN / 2 else turn
    steps = [
        QLineF.fromPolar(radius, first.angle() + turn * step / ARC_STEPS) for step in range(ARC_STEPS + 1)
    ]
    brush.polyline([corner + line.p2() for line in steps])


def _paint_arrow(brush: Brush, lines: Sequence[Sequence[QPointF]]) -> None:
    """Paint a shaft with two barbs at its first point."""
    for points in lines:
        shaft = QLineF(points[0], points[-1])
        drawn = [shaft]
        if shaft.length() > 0:
            length = min(HEAD, shaft.length())
            for side in (-1, 1):
                barb = QLineF(points[0], points[-1])
                barb.setAngle(shaft.angle() + side * math.degrees(BARB))
                barb.setLength(length)
                drawn.append(barb)
        brush.lines(drawn)


def _paint_text(brush: Brush, lines: Sequence[Sequence[QPointF]]) -> None:
    """Paint a small mark where the words belong."""
    for points in lines:
        brush.lines([QLineF(points[0], points[0])])


PAINTERS: dict[Kind, Drawer] = {
    Kind.LENGTH: _paint_length,
    Kind.POLYLINE: _paint_lines,
    Kind.ANGLE: _paint_angle,
    Kind.COBB: _paint_cobb,
    Kind.BIDIRECTIONAL: _paint_length,
    Kind.RECTANGLE: _paint_lines,
    Kind.ELLIPSE: _paint_lines,
    Kind.CIRCLE: _paint_lines,
    Kind.POLYGON: _paint_lines,
    Kind.POINT: _paint_lines,
    Kind.ARROW: _paint_arrow,
    Kind.TEXT: _paint_text,
    Kind.CALIBRATION: _paint_length,
    Kind.OUTLINE: _paint_lines,
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


def _anchors(
    annotation: Annotation, points: list[QPointF], lines: Sequence[Sequence[QPointF]]
) -> list[QPointF]:
    """Return the points from which a label may be led: on the edge for what is round."""
    if annotation.kind in ROUND and lines:
        return list(lines[0][:: max(len(lines[0]) // EDGE_ANCHORS, 1)])
    return points


def _paint_label(
    painter: QPainter,
    anchors: Sequence[QPointF],
    taken: Taken,
    label: str,
    color: QColor,
) -> QRectF:
    """Paint the label on a leader, where it covers neither the shape nor the edge; return its place."""
    words = [single_line(line) for line in label.splitlines()] if label else []
    if not words:
        return QRectF()
    font = fonts.sized(painter.font(), fonts.BODY)
    metrics = QFontMetricsF(font)
    size = QSizeF(max(metrics.horizontalAdvance(line) for line in words), metrics.height() * len(words))
    start, place = placed_label(anchors, size, _room(painter), taken)
    taken.places.append((place.left(), place.top(), place.right(), place.bottom()))
    end = _nearest(place.adjusted(-BESIDE, 0, BESIDE, 0), start)
    leader = QLineF(end, start)
    leader.setLength(max(leader.length() - HANDLE - LINE, 0.0))
    faint = QColor(color)
    faint.setAlphaF(0.7)
    for pen in _pens(faint)[0], QPen(faint, 1.0):
        painter.setPen(pen)
        painter.drawLine(leader)
    for number, line in enumerate(words):
        at = place.topLeft() + QPointF(0, number * metrics.height())
        outlined_text.draw(painter, at, line, font, color.name())
    return place


def _sampled(line: Sequence[Point]) -> list[Point]:
    """Return some points of a line: enough for a label to keep off it."""
    step = max(len(line) // MOST_CHORDS, 1)
    return [*line[::step], line[-1]]


def placed_label(
    points: Sequence[QPointF], size: QSizeF, room: QRectF, taken: Taken | None = None
) -> tuple[QPointF, QRectF]:
    """Return the point that a label of `size` is led to and the label's place.

    The place lies in `room` and off what is `taken` (else the line through the points) where there is room,
    else off other labels, else at least in `room`. Of many points some are looked at, evenly chosen.
    """
    through = np.array([(point.x(), point.y()) for point in points])
    taken = taken or Taken(edges_of(through))
    starts = through[np.lexsort((-through[:, 1], -through[:, 0]))]  # from the right, then from below
    few = starts[:: max(len(starts) // EDGE_ANCHORS, 1)]
    middle = (through[:1] + through[1:2]) / 2 if len(through) > 1 else through[:0]
    begins = np.concatenate((few[:1], starts[-1:], middle, few[1:]))
    wide, high = size.width(), size.height()
    box = room.left(), room.top(), room.right(), room.bottom()
    start, place = free_place(begins, (wide, high), box, taken)
    return QPointF(*start), QRectF(place[0], place[1], wide, high)


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
