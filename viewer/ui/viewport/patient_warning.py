"""The bar across the top of the images when they are not all of one patient."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.ui import fonts, theme
from viewer.ui.plain_text import single_line, tooltip
from viewer.viewing.persons import several

SWATCH = 12.0  # logical pixels: a square in the colour that frames the patient's images
DARK = "#1a1206"  # on amber and on red: more than 7:1 on both
MARK = 18.0  # the triangle


@dataclass(frozen=True, slots=True)
class Named:
    """One patient as a reader knows one, and the colour of the frame."""

    words: str  # name, ID, birth date
    hue: str


class PatientWarning(QWidget):
    """Amber, or red while the images of different patients are linked. It is in sight as long as they are."""

    changed = Signal()  # it needs more or less room

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._named: tuple[Named, ...] = ()
        self._linked = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Warning")
        self.hide()

    def warn(self, named: tuple[Named, ...], *, linked: bool) -> None:
        """Warn of several patients; of one there is nothing to say."""
        named = named if len(named) > 1 else ()
        if (named, linked) == (self._named, self._linked):
            return
        self._named, self._linked = named, linked
        self.setAccessibleDescription(". ".join((self.words, *self.people)))
        self.setToolTip(tooltip("\n".join((self.words, *self.people))) if named else "")
        self.changed.emit()
        self.update()

    @property
    def words(self) -> str:
        """Return the warning itself, "" when there is none."""
        if not self._named:
            return ""
        links = "LINKED ACROSS PATIENTS" if self._linked else "links between patients are off"
        return f"{several(len(self._named))} \N{EM DASH} {links}"

    @property
    def people(self) -> tuple[str, ...]:
        """Return who they are."""
        return tuple(
            f"{number}  {single_line(each.words)}" for number, each in enumerate(self._named, start=1)
        )

    def heightForWidth(self, width: int) -> int:
        """Return one line with the warning, and as many for the patients as they need."""
        line = QFontMetricsF(fonts.sized(self.font(), fonts.STRONG, strong=True)).height()
        return round((1 + len(self._rows(width))) * (line + theme.GRID) + theme.GAP)

    def _rows(self, width: int) -> list[list[Named]]:
        """Return the patients line by line: side by side where their names fit whole."""
        metrics = QFontMetricsF(fonts.sized(self.font(), fonts.STRONG, strong=True))
        rows: list[list[Named]] = []
        left = 0.0
        for each in (Named(words, named.hue) for words, named in zip(self.people, self._named, strict=True)):
            needed = self._width(metrics, each)
            if not rows or left + needed > width - 2 * theme.GAP:
                rows.append([])
                left = 0.0
            rows[-1].append(each)
            left += needed
        return rows

    @staticmethod
    def _width(metrics: QFontMetricsF, named: Named) -> float:
        return SWATCH + metrics.horizontalAdvance(named.words) + 4 * theme.GAP

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint words and signs in dark on amber or red."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.RED if self._linked else theme.AMBER))
        font = fonts.sized(self.font(), fonts.STRONG, strong=True)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        line = metrics.height() + theme.GRID
        y = theme.GAP / 2
        width = metrics.horizontalAdvance(self.words) + MARK + theme.GAP
        left = max((self.width() - width) / 2, theme.GAP)
        _triangle(painter, left, y + line / 2)
        _text(painter, QRectF(left + MARK + theme.GAP, y, self.width(), line), self.words)
        for row in self._rows(self.width()):
            y += line
            left = max((self.width() - sum(self._width(metrics, each) for each in row)) / 2, theme.GAP)
            for each in row:
                _swatch(painter, QRectF(left, y + (line - SWATCH) / 2, SWATCH, SWATCH), each.hue)
                left += SWATCH + theme.GAP
                room = QRectF(left, y, self.width() - left - theme.GAP, line)
                shown = metrics.elidedText(each.words, Qt.TextElideMode.ElideRight, room.width())
                _text(painter, room, shown)
                left += metrics.horizontalAdvance(shown) + 3 * theme.GAP
        painter.end()


def _text(painter: QPainter, place: QRectF, words: str) -> None:
    painter.setPen(QColor(DARK))
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(place, int(flags | Qt.TextFlag.TextSingleLine), words)


def _swatch(painter: QPainter, place: QRectF, hue: str) -> None:
    painter.setPen(QColor(DARK))
    painter.setBrush(QColor(hue))
    painter.drawRect(place)


def _triangle(painter: QPainter, left: float, middle: float) -> None:
    """Paint the sign that means attention in every language."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(DARK))
    top, bottom = middle - MARK / 2, middle + MARK / 2 - 2
    corners = [QPointF(left, bottom), QPointF(left + MARK, bottom), QPointF(left + MARK / 2, top)]
    painter.drawPolygon(QPolygonF(corners))
    painter.setBrush(QColor(theme.AMBER))
    painter.drawRect(QRectF(left + MARK / 2 - 1, top + MARK * 0.35, 2, MARK * 0.28))
    painter.drawRect(QRectF(left + MARK / 2 - 1, bottom - MARK * 0.2, 2, 2))
