"""Plain text broken into lines that fit, the last one cut with "…"."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextLayout

from viewer.ui.plain_text import single_line


def wrapped(text: str, font: QFont, width: float, most: int) -> list[str]:
    """Return `text` as at most `most` lines no wider than `width` logical pixels."""
    shown = single_line(text)
    layout = QTextLayout(shown, font)
    layout.beginLayout()
    lines: list[str] = []
    while len(lines) < most:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(width, 1.0))
        start = line.textStart()
        last = len(lines) == most - 1
        lines.append(shown[start:] if last else shown[start : start + line.textLength()].rstrip())
    layout.endLayout()
    metrics = QFontMetricsF(font)
    return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines]


def draw(painter: QPainter, place: QRectF, text: str, *, most: int = 1) -> float:
    """Paint `text` in the painter's font and colour from the top of `place`; return the height it took."""
    step = QFontMetricsF(painter.font()).height()
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
    flags = int(left | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
    lines = wrapped(text, painter.font(), place.width(), most)
    for number, line in enumerate(lines):
        painter.drawText(QRectF(place.left(), place.top() + number * step, place.width(), step), flags, line)
    return step * len(lines)
