"""How a row of the list of studies looks: a line to find it by, and a quieter one below."""

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from viewer.cache.study_list import ListedStudy
from viewer.ui import fonts, icons, study_words, text_lines, theme
from viewer.ui.plain_text import single_line
from viewer.ui.studies.study_model import STUDY, Index
from viewer.viewing.study_source import Column

HEIGHT = 44  # two lines
TOP, LINE, SMALL_LINE = 6, 17, 15
SIGN = 16  # logical pixels of a warning or a pin
NUMBERS = {Column.IMAGES, Column.BYTES}  # at the right, so that figures stand below figures
TEXTS = {Column.DESCRIPTION, Column.MODALITIES, Column.SOURCE}  # long, and of one kind: two lines of the same
MAIN = {Column.DATE, Column.DESCRIPTION, Column.IMAGES, Column.MODALITIES, Column.HERE}
RING = 11  # logical pixels, of what is partly here
MARK = 3  # width of the bar that marks the row of the keys
BLANK = 0.45  # of a cell's width: the sign of a row that is still read


class StudyDelegate(QStyledItemDelegate):
    """Paints cells. `hovered` is the row under the pointer: the whole row answers, not a cell of it."""

    def __init__(self, columns: tuple[Column, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self.hovered = -1
        self.current = -1  # the row that the keys mean, while the list has them
        self._signs: dict[tuple[str, str, float], QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return a fixed height; the width is the column's."""
        return QSize(option.rect.width(), HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        colours = theme.colours_of(option.palette)
        place: QRect = option.rect
        painter.save()
        ground = colours.panel
        if option.state & QStyle.StateFlag.State_Selected:
            ground = colours.selection
        elif index.row() == self.hovered:
            ground = colours.raised
        painter.fillRect(place, QColor(ground))
        painter.fillRect(place.left(), place.bottom(), place.width(), 1, QColor(colours.window))
        if index.row() == self.current and index.column() == 0:
            painter.fillRect(place.left(), place.top(), MARK, place.height() - 1, QColor(colours.accent))
        study = index.data(STUDY)
        inner = QRectF(place).adjusted(theme.GAP, TOP, -theme.GAP, 0)
        column = self.columns[index.column()]
        if study is None:
            self._blank(painter, inner, colours, column)
        else:
            self._paint(painter, inner, study, column, colours)
        painter.restore()

    def _blank(self, painter: QPainter, inner: QRectF, colours: theme.Colours, column: Column) -> None:
        """Paint that a row is there and its words are not, yet."""
        if column in {Column.PATIENT, Column.DESCRIPTION}:
            bar = QRectF(inner.left(), inner.top() + 5, inner.width() * BLANK, 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.raised))
            painter.drawRoundedRect(bar, theme.RADIUS, theme.RADIUS)

    def _paint(
        self, painter: QPainter, inner: QRectF, study: ListedStudy, column: Column, colours: theme.Colours
    ) -> None:
        first, second = study_words.lines(study, column)
        troubled = column is Column.IMAGES and bool(study_words.troubles(study))
        name = column is Column.PATIENT
        if not name and column not in MAIN:
            colour = colours.secondary
        else:
            colour = colours.amber if troubled else colours.text
        painter.setFont(fonts.sized(painter.font(), fonts.STRONG if name else fonts.BODY, strong=name))
        painter.setPen(QColor(colour))
        if column in TEXTS:
            text_lines.draw(painter, inner, first, most=2)
            return
        if column is Column.HERE:
            self._here(painter, inner, study_words.here_part(study), colours)
            inner = inner.adjusted(SIGN + theme.GRID, 0, 0, 0)
        pinned = name and study.pinned
        room = inner.adjusted(0, 0, -SIGN - theme.GRID, 0) if pinned else inner
        taken = _line(painter, room, LINE, first, column)
        if troubled:
            self._sign(
                painter, inner.right() - taken - theme.GRID - SIGN, inner.top(), "warning", colours.amber
            )
        if pinned:
            self._sign(painter, inner.left() + taken + theme.GRID, inner.top(), "pin", colours.secondary)
        if second:
            painter.setFont(fonts.sized(painter.font(), fonts.SMALL))
            painter.setPen(QColor(colours.secondary))
            _line(painter, inner.adjusted(0, LINE, 0, 0), SMALL_LINE, second, column)

    def _here(self, painter: QPainter, inner: QRectF, part: float, colours: theme.Colours) -> None:
        """Paint how much is on this computer: an empty ring, a ring that is filled in part, a tick."""
        if part == 1:
            self._sign(painter, inner.left(), inner.top(), "check", colours.accent)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(inner.left() + 2.5, inner.top() + 2.5, RING, RING)
        painter.setPen(QPen(QColor(colours.accent if part else colours.disabled), 1.5))
        painter.drawEllipse(ring)
        if part:
            painter.setBrush(QColor(colours.accent))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawPie(ring, 90 * 16, -round(part * 360 * 16))
        painter.restore()

    def _sign(self, painter: QPainter, left: float, top: float, name: str, colour: str) -> None:
        ratio = painter.device().devicePixelRatio()
        key = (name, colour, ratio)
        if key not in self._signs:
            self._signs[key] = icons.pixmap(name, colour, size=SIGN, scale=ratio)
        painter.drawPixmap(QPointF(left, top), self._signs[key])


def _line(painter: QPainter, place: QRectF, height: float, words: str, column: Column) -> float:
    """Paint a line of a cell; return how wide it is."""
    side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
    flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(single_line(words), Qt.TextElideMode.ElideRight, place.width())
    room = QRectF(place.left(), place.top(), place.width(), height)
    painter.drawText(room, int(flags | Qt.TextFlag.TextSingleLine), shown)
    return metrics.horizontalAdvance(shown)
