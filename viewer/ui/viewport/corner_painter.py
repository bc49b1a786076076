"""What stands on the picture beside the anatomy: four corners, the edges' letters, warnings, a scale bar."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import ClassVar

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from viewer.ui import fonts, theme
from viewer.ui.plain_text import single_line
from viewer.ui.viewport import outlined_text
from viewer.viewing.scale_bar import Scale

MARGIN = 8.0  # from the viewport's edge, logical pixels
APART = 18.0  # between texts that stand side by side
SMALL_VIEWPORT = (280.0, 200.0)  # below this width or height the text is smaller
BESIDE_SCALE = 6.0  # between the scale bar and its text
TICK = 4.0  # half the height of the ends of the scale bar
WIDEST_NOTICE = 0.4  # of the width: a wider line of warnings has a line of its own
SIDES_OF_SCALE = 96.0  # the room that a scale bar must leave for the corners on both sides
BESIDE_LINE = 3.0  # between a line and the words about it
ELLIPSIS = "…"
WIDTHS_KEPT = 4096  # lines of text: those of a few hundred images
BETWEEN_NOTICES = "  ·  "

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Words for one viewport. The first line of a corner is the one that stays longest when room is short."""

    upper_left: tuple[str, ...] = ()
    upper_right: tuple[str, ...] = ()
    lower_left: tuple[str, ...] = ()
    lower_right: tuple[str, ...] = ()
    edges: tuple[str, str, str, str] | None = None  # letters: left, right, top, bottom
    notices: tuple[str, ...] = ()  # warnings, the most important first
    scale: Scale | None = None


class Side(IntEnum):
    """From which side of the viewport a line of text starts."""

    LEFT = 0
    CENTRE = 1
    RIGHT = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text with its place: `x` is its left end, `y` its top."""

    x: float
    y: float
    width: float
    text: str
    color: str
    strong: bool = False


class Metrics:
    """How large text of a font is. Most words stay from frame to frame: their widths are kept."""

    _kept: ClassVar[dict[tuple[str, str], float]] = {}  # by the font and the words

    def __init__(self, font: QFont) -> None:
        self._metrics, self._font = QFontMetricsF(font), font.key()

    def height(self) -> float:
        """Return the height of a line."""
        return self._metrics.height()

    def width(self, text: str) -> float:
        """Return the width of a line, logical pixels."""
        found = self._kept.get((self._font, text))
        if found is None:
            if len(self._kept) >= WIDTHS_KEPT:
                self._kept.clear()
            found = self._kept[self._font, text] = self._metrics.horizontalAdvance(text)
        return found

    def elided(self, text: str, room: float) -> str:
        """Return as much of a line as fits into `room`, ending in "…"."""
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is needed to lay text out in one viewport."""

    room: QRectF  # without the margin
    plain: Metrics
    strong: Metrics

    @property
    def step(self) -> float:
        """Return the height of a line."""
        return self.plain.height()

    def fitted(self, text: str, room: float) -> str:
        """Return as much of `text` as fits into `room`, ending in "…" when something is missing.

        A number is there whole or not at all, where other words stay: half of it would be another number.
        """
        if self.plain.width(text) <= room:
            return text
        cut = self.plain.elided(text, max(room, 0.0))
        whole, _, part = cut.removesuffix(ELLIPSIS).rpartition(" ")
        halved = any(character.isdigit() for character in part)
        return f"{whole.rstrip(' ·')} {ELLIPSIS}" if whole and halved else cut

    def line(
        self, side: Side, y: float, text: str, color: str = theme.CORNER_TEXT, *, strong: bool = False
    ) -> Line:
        """Return the line at its place."""
        width = (self.strong if strong else self.plain).width(text)
        spare = (self.room.width() - width) * side / Side.RIGHT
        return Line(self.room.left() + spare, y, width, text, color, strong)


def paint(painter: QPainter, rect: QRect, overlay: Overlay) -> None:
    """Paint `overlay` into `rect` (logical pixels). Text never leaves it and never covers other text."""
    plain, strong = _fonts(painter, rect)
    lines = layout(rect, overlay, plain, strong)
    for font, is_strong in ((plain, False), (strong, True)):
        own = [(line.x, line.y, line.text, line.color) for line in lines if line.strong is is_strong]
        outlined_text.draw_lines(painter, own, font)
    if overlay.scale is not None:
        _paint_scale(painter, _sheet(rect, plain, strong), overlay.scale, plain)


def places(painter: QPainter, rect: QRect, overlay: Overlay) -> list[tuple[float, float, float, float]]:
    """Return where the texts stand (left, top, right, bottom, logical pixels), for labels to keep off."""
    plain, strong = _fonts(painter, rect)
    found = []
    for line in layout(rect, overlay, plain, strong):
        metrics = QFontMetricsF(strong if line.strong else plain)
        right, bottom = line.x + line.width, line.y + metrics.height()
        found.append((line.x, line.y, right, bottom))
    return found


def _fonts(painter: QPainter, rect: QRect) -> tuple[QFont, QFont]:
    """Return the fonts of plain and of strong lines."""
    size = fonts.BODY
    if rect.width() < SMALL_VIEWPORT[0] or rect.height() < SMALL_VIEWPORT[1]:
        size = fonts.SMALL - 1
    return fonts.sized(painter.font(), size), fonts.sized(painter.font(), size, strong=True)


def paint_captions(painter: QPainter, rect: QRect, captions: Sequence[tuple[Place, str, str]]) -> None:
    """Paint small words beside places (logical pixels), inside of `rect`: from where a line comes."""
    font = fonts.sized(painter.font(), fonts.SMALL)
    metrics = QFontMetricsF(font)
    for (x, y), words, color in captions:
        right = rect.width() - metrics.horizontalAdvance(words) - MARGIN
        bottom = rect.height() - metrics.height() - MARGIN
        at = QPointF(min(max(x + BESIDE_LINE, MARGIN), right), min(max(y + BESIDE_LINE, MARGIN), bottom))
        outlined_text.draw(painter, at, words, font, color)


def _sheet(rect: QRect, plain: QFont, strong: QFont) -> Sheet:
    room = QRectF(rect).adjusted(MARGIN, MARGIN - 2, -MARGIN, -MARGIN + 2)
    return Sheet(room, Metrics(plain), Metrics(strong))


def layout(rect: QRect, overlay: Overlay, plain: QFont, strong: QFont) -> tuple[Line, ...]:
    """Return every line of text with its place."""
    sheet = _sheet(rect, plain, strong)
    if sheet.room.width() < sheet.step or sheet.room.height() < sheet.step:
        return ()
    notice = _notice(sheet, overlay.notices)
    alone = notice is not None and notice.width > WIDEST_NOTICE * sheet.room.width()
    top = sheet.room.top() + (sheet.step if alone else 0.0)
    letters = _letters(sheet, overlay.edges, top)
    upper_centre = [letters[2].width if letters else 0.0]
    if notice is not None and not alone:
        notice = replace(notice, y=notice.y + sheet.step)
        upper_centre.append(notice.width)
    lower_centre = [letters[3].width if letters else 0.0, _scale_width(sheet, overlay.scale)]
    middle = sheet.room.center().y()
    half = sheet.step * (0.5 if letters else 0.0)  # the letters at the sides stand in the middle
    rows = int((middle - half - top) / sheet.step)
    upper = _pair(sheet, (overlay.upper_left, overlay.upper_right), rows, upper_centre)
    rows = int((sheet.room.bottom() - middle - half) / sheet.step)
    lower = _pair(sheet, (overlay.lower_left, overlay.lower_right), rows, lower_centre, upwards=True)
    lines = [sheet.line(side, top + row * sheet.step, text) for side, row, text in upper]
    floor = sheet.room.bottom() - sheet.step
    lines += [sheet.line(side, floor - row * sheet.step, text) for side, row, text in lower]
    return (*lines, *letters, *((notice,) if notice is not None else ()))


def _notice(sheet: Sheet, notices: tuple[str, ...]) -> Line | None:
    """Return the warnings on one line at the top; those that do not fit are counted."""
    words = [single_line(word) for word in notices]
    for kept in range(len(words), 0, -1):
        more = [f"+{len(words) - kept}"] if kept < len(words) else []
        text = BETWEEN_NOTICES.join([*words[:kept], *more])
        line = sheet.line(Side.CENTRE, sheet.room.top(), text, theme.AMBER, strong=True)
        if line.width <= sheet.room.width():
            return line
    if not words:
        return None
    text = sheet.strong.elided(words[0], sheet.room.width())
    return sheet.line(Side.CENTRE, sheet.room.top(), text, theme.AMBER, strong=True)


def _letters(sheet: Sheet, edges: tuple[str, str, str, str] | None, top: float) -> tuple[Line, ...]:
    """Return the letters at the left, right, top and bottom, or none where there is no room for them."""
    enough = 5 * sheet.step
    if edges is None or sheet.room.height() < enough or sheet.room.width() < enough:
        return ()
    middle = sheet.room.center().y() - sheet.step / 2
    places = (
        (Side.LEFT, middle),
        (Side.RIGHT, middle),
        (Side.CENTRE, top),
        (Side.CENTRE, sheet.room.bottom() - sheet.step),
    )
    lines = (
        sheet.line(side, y, text, theme.CORNER_TEXT) for (side, y), text in zip(places, edges, strict=True)
    )
    return tuple(lines)


def _pair(
    sheet: Sheet,
    corners: tuple[tuple[str, ...], ...],
    rows: int,
    centre: list[float],
    *,
    upwards: bool = False,
) -> list[tuple[Side, int, str]]:
    """Return (side, row counted from the viewport's edge, text) for two corners side by side.

    `centre` holds the width that is taken in the middle of each row. In the lower corners the last line
    stands at the edge, and row 0 is there.
    """
    left, right = (_cut(lines, rows) for lines in corners)
    if upwards:
        left, right = left[::-1], right[::-1]
    placed = []
    for row in range(max(len(left), len(right))):
        one = left[row] if row < len(left) else ""
        other = right[row] if row < len(right) else ""
        taken = centre[row] if row < len(centre) else 0.0
        for side, text in zip((Side.LEFT, Side.RIGHT), _beside(sheet, one, other, taken), strict=True):
            if text:
                placed.append((side, row, text))
    return placed


def _cut(lines: tuple[str, ...], rows: int) -> list[str]:
    """Return the first `rows` lines; the last of them tells that there were more."""
    shown = [single_line(line) for line in lines]
    if len(shown) <= rows:
        return shown
    kept = shown[: max(rows, 0)]
    if kept:
        kept[-1] += f" {ELLIPSIS}"
    return kept


def _beside(sheet: Sheet, left: str, right: str, taken: float) -> tuple[str, str]:
    """Return two texts that fit on one row on both sides of a middle that is `taken` wide."""
    width = sheet.room.width()
    if taken > 0:
        room = (width - taken) / 2 - APART
        return sheet.fitted(left, room), sheet.fitted(right, room)
    room = width - APART
    first, second = (sheet.plain.width(text) for text in (left, right))
    if first + second <= room:
        return left, right
    half = room / 2
    if first <= half:
        return left, sheet.fitted(right, room - first)
    if second <= half:
        return sheet.fitted(left, room - second), right
    return sheet.fitted(left, half), sheet.fitted(right, half)


def _scale_width(sheet: Sheet, scale: Scale | None) -> float:
    """Return how wide the scale bar with its text is, 0 where there is no room for it."""
    if scale is None:
        return 0.0
    width = scale.length + BESIDE_SCALE + sheet.plain.width(scale.text)
    wide = (sheet.room.width() - width) / 2 - APART >= SIDES_OF_SCALE
    return width if wide and sheet.room.height() > 8 * sheet.step else 0.0


def _paint_scale(painter: QPainter, sheet: Sheet, scale: Scale, font: QFont) -> None:
    """Paint the bar and its text above the letter at the bottom edge."""
    width = _scale_width(sheet, scale)
    if width <= 0:
        return
    y = round(sheet.room.bottom() - 1.5 * sheet.step) + 0.5
    left = round(sheet.room.center().x() - width / 2)
    right = left + scale.length
    lines = [QLineF(left, y, right, y), *(QLineF(x, y - TICK, x, y + TICK) for x in (left, right))]
    for color, thickness in ((theme.OUTLINE, 3.0), (theme.CORNER_TEXT, 1.0)):
        pen = QPen(QColor(color), thickness)
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        painter.drawLines(lines)
    at = QPointF(right + BESIDE_SCALE, y - sheet.step / 2)
    outlined_text.draw(painter, at, scale.text, font, theme.CORNER_TEXT)
