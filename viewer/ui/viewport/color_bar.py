"""The bar of pseudo-colours at the right of a picture, with the values that its colours stand for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from viewer.dicom.header_text import number_text
from viewer.dicom.luts import LookupTable, Voi, Window, WindowFunction
from viewer.rendering.pipeline import GrayscalePipeline
from viewer.rendering.pseudo_color import PseudoColor
from viewer.ui import fonts, theme
from viewer.ui.viewport import outlined_text
from viewer.ui.viewport.qimage import own_image

STEPS = 256  # values along the bar: as many as there are colours
SHARE = 0.4  # of the height of a viewport, at most
LONGEST = 220.0  # logical pixels
SMALLEST_VIEWPORT = (240, 220)  # logical pixels: in a smaller one there is no room beside the words
WIDE = 10.0
FROM_EDGE = 30.0  # logical pixels: the letter of the right edge stands outside
MARKS = 5  # values beside the bar
SIGMOID_SHARE = 1.0  # widths to each side of the centre of a sigmoid: beyond are the last 2 %
LARGE = 100  # from this number on whole numbers are shown


@dataclass(frozen=True, slots=True, eq=False)
class ColorBar:
    """Colours (n, 3) from the lowest value to the highest, and the words beside them from low to high."""

    rgb: NDArray[np.uint8]
    words: tuple[str, ...]


def color_bar(colors: PseudoColor, pipeline: GrayscalePipeline, unit: str) -> ColorBar | None:
    """Return the bar of the modality values that the VOI LUT tells apart, each in the colour it is shown in.

    None where there is no VOI LUT.
    """
    if pipeline.voi is None:
        return None
    low, high = _ends(pipeline.voi)
    values = np.linspace(low, high, STEPS)
    rgb = colors.colored(pipeline.render_values(values).astype(np.uint8))
    words = [_short(float(value), high - low) for value in np.linspace(low, high, MARKS)]
    words[-1] = f"{words[-1]} {unit}".strip()
    return ColorBar(rgb, tuple(words))


def paint(painter: QPainter, rect: QRect, bar: ColorBar) -> None:
    """Paint the bar into the right half of `rect` (logical pixels), the highest value on top."""
    if rect.width() < SMALLEST_VIEWPORT[0] or rect.height() < SMALLEST_VIEWPORT[1]:
        return
    length = min(SHARE * rect.height(), LONGEST)
    place = QRectF(rect.right() - FROM_EDGE - WIDE, rect.center().y() - length / 2, WIDE, length)
    painter.drawImage(place, own_image(bar.rgb[::-1, np.newaxis]))
    painter.setPen(QPen(QColor(theme.OUTLINE), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place)
    font = fonts.sized(painter.font(), fonts.SMALL)
    metrics = QFontMetricsF(font)
    for number, words in enumerate(bar.words):
        y = place.bottom() - length * number / (len(bar.words) - 1)
        left = place.left() - 6 - metrics.horizontalAdvance(words)
        outlined_text.draw(painter, QPointF(left, y - metrics.height() / 2), words, font, theme.CORNER_TEXT)


def _ends(voi: Voi) -> tuple[float, float]:
    """Return the lowest and the highest modality value that are told apart (PS3.3 C.11.2.1.2-3)."""
    if isinstance(voi, LookupTable):
        return float(voi.first), float(voi.first + max(len(voi.entries) - 1, 1))
    if voi.function is WindowFunction.SIGMOID:
        return voi.center - SIGMOID_SHARE * voi.width, voi.center + SIGMOID_SHARE * voi.width
    return _linear_ends(voi)


def _linear_ends(voi: Window) -> tuple[float, float]:
    if voi.function is WindowFunction.LINEAR and voi.width > 1:
        low = voi.center - voi.width / 2
        return low, low + voi.width - 1
    return voi.center - voi.width / 2, voi.center + voi.width / 2


def _short(value: float, extent: float) -> str:
    """Return a value with as many digits as its neighbours on the bar need."""
    if extent >= LARGE:
        return number_text(round(value))
    return f"{value:.3g}" if extent < 1 else f"{value:.1f}"
