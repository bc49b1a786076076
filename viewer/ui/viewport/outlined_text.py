"""Text on a picture: light with a dark edge, so that it reads on bone and on air; each line drawn once."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap, QPixmapCache

from viewer.ui import theme

EDGE = 1.0  # logical pixels of dark around the letters
STRAIGHT, DIAGONAL = 210, 110  # opacity of the dark: softer at the corners, so that letters stay apart
AROUND = tuple(
    (x, y, DIAGONAL if x and y else STRAIGHT)
    for x in (-EDGE, 0.0, EDGE)
    for y in (-EDGE, 0.0, EDGE)
    if x or y
)
ROOM = 2.0  # logical pixels beyond the advance: for the edge and for letters that lean out


def draw(painter: QPainter, at: QPointF, text: str, font: QFont, color: str) -> None:
    """Paint one line whose top left corner is `at`; drawn lines are kept, most stay from frame to frame."""
    draw_lines(painter, [(at.x(), at.y(), text, color)], font)


def draw_lines(painter: QPainter, lines: Iterable[tuple[float, float, str, str]], font: QFont) -> None:
    """Paint lines in one font: left, top, the words and their colour."""
    ratio = painter.device().devicePixelRatio()
    name = f"outlined/{ratio}/{font.pixelSize()}/{font.weight()}"
    for x, y, text, color in lines:
        if text:
            key = f"{name}/{color}/{text}"
            drawn = QPixmap()
            if not QPixmapCache.find(key, drawn):
                drawn = _drawn(text, font, color, ratio)
                QPixmapCache.insert(key, drawn)
            painter.drawPixmap(QPointF(_snapped(x - ROOM, ratio), _snapped(y - ROOM, ratio)), drawn)


def _snapped(at: float, ratio: float) -> float:
    """Return the nearest whole device pixel: between pixels the letters would blur."""
    return round(at * ratio) / ratio


def _drawn(text: str, font: QFont, color: str, ratio: float) -> QPixmap:
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 2 * ROOM, metrics.height() + 2 * ROOM
    drawn = QPixmap(max(round(width * ratio), 1), max(round(height * ratio), 1))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setFont(font)
    place = QRectF(ROOM, ROOM, width, height)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignAbsolute
    flags = int(left | Qt.TextFlag.TextSingleLine)
    dark = QColor(theme.OUTLINE)
    for x, y, opacity in AROUND:
        dark.setAlpha(opacity)
        painter.setPen(dark)
        painter.drawText(place.translated(x, y), flags, text)
    painter.setPen(QColor(color))
    painter.drawText(place, flags, text)
    painter.end()
    return drawn
