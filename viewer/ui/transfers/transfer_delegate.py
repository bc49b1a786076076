"""Paints one transfer: what, which way and where it stands, a bar, how far it is, and a button."""

from functools import cache

from PySide6.QtCore import QModelIndex as Index
from PySide6.QtCore import QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from viewer.jobs.transfer import Kind, State, TransferRow
from viewer.ui import fonts, icons, text_lines, theme
from viewer.ui.plain_text import single_line
from viewer.ui.transfers import transfer_words
from viewer.ui.transfers.transfer_model import ROW

HEIGHT = 84
LINE = 18
BAR = 4  # height of the bar of progress
BUTTON = 22  # height
SIGN = 16  # an icon before a line of text


class TransferDelegate(QStyledItemDelegate):
    """Rows are as high whatever they say, so that nothing jumps."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hot = -1  # the number of the transfer whose button the mouse is on

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index | QPersistentModelIndex) -> QSize:
        """Return a fixed height."""
        return QSize(option.rect.width(), HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index | QPersistentModelIndex
    ) -> None:
        """Paint one transfer."""
        row, colours = index.data(ROW), theme.colours_of(option.palette)
        painter.save()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(option.rect, QColor(colours.selection))
        if selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colours.accent))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        inner = QRectF(option.rect).adjusted(theme.GAP, theme.GRID, -theme.GAP, -theme.GRID)
        self._lines(painter, inner, option.font, row, colours)
        self._bar(painter, inner, row, colours)
        self._button(painter, option.rect, option.font, row, colours)
        painter.restore()

    def _lines(
        self, painter: QPainter, inner: QRectF, font: QFont, row: TransferRow, colours: theme.Colours
    ) -> None:
        indent = SIGN + theme.GAP
        name = "fetch" if row.kind is Kind.RETRIEVE else "send"
        _sign(painter, inner.left(), inner.top() + 1, name, colours.text)
        painter.setFont(fonts.sized(font, fonts.BODY, strong=True))
        painter.setPen(QColor(colours.text))
        text_lines.draw(painter, inner.adjusted(indent, 0, 0, 0), transfer_words.title(row))
        painter.setFont(fonts.sized(font, fonts.BODY))
        second = inner.adjusted(0, LINE, 0, 0)
        words, colour = transfer_words.state(row), _colour(row, colours)
        width = painter.fontMetrics().horizontalAdvance(words)
        if transfer_words.trouble(row):
            _sign(painter, second.right() - width - SIGN - theme.GRID, second.top() + 1, "warning", colour)
        painter.setPen(QColor(colour))
        right = QRectF(second.right() - width, second.top(), width + 1, painter.fontMetrics().height())
        painter.drawText(right, int(Qt.AlignmentFlag.AlignVCenter), words)
        painter.setPen(QColor(colours.secondary))
        taken = width + SIGN + 2 * theme.GAP
        verb = "Fetch" if row.kind is Kind.RETRIEVE else "Send"
        text_lines.draw(painter, second.adjusted(indent, 0, -taken, 0), f"{verb} {transfer_words.way(row)}")
        last = inner.adjusted(indent, inner.height() - (BUTTON + LINE) / 2, 0, 0)
        words = button_words(row)
        cut = _button_width(font, words) + theme.GAP if words else 0
        text_lines.draw(painter, last.adjusted(0, 0, -cut, 0), single_line(transfer_words.said(row)))

    def _bar(self, painter: QPainter, inner: QRectF, row: TransferRow, colours: theme.Colours) -> None:
        left = inner.left() + SIGN + theme.GAP
        whole = QRectF(left, inner.top() + 2 * LINE + theme.GRID, inner.right() - left, BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.border))
        painter.drawRoundedRect(whole, BAR / 2, BAR / 2)
        part = transfer_words.part(row)
        if part:
            whole.setWidth(whole.width() * part)
            running = row.state is State.RUNNING
            painter.setBrush(QColor(colours.accent if running else _colour(row, colours, colours.secondary)))
            painter.drawRoundedRect(whole, BAR / 2, BAR / 2)

    def _button(
        self, painter: QPainter, place: QRect, font: QFont, row: TransferRow, colours: theme.Colours
    ) -> None:
        words = button_words(row)
        if not words:
            return
        button = button_place(place, font, words)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.accent if row.id == self.hot else colours.disabled), 1))
        painter.setBrush(QColor(colours.hover if row.id == self.hot else colours.raised))
        painter.drawRoundedRect(QRectF(button).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)
        painter.setFont(fonts.sized(font, fonts.BODY))
        painter.setPen(QColor(colours.text))
        painter.drawText(button, int(Qt.AlignmentFlag.AlignCenter), words)


def button_words(row: TransferRow) -> str:
    """Return what the button of a row says; "" where it has none."""
    first = transfer_words.deeds(row)[0]
    return "" if first is transfer_words.Deed.REMOVE else transfer_words.deed_words(first, row)


def button_place(place: QRect, font: QFont, words: str) -> QRect:
    """Return where the button of a row is, which fills `place`."""
    width = _button_width(font, words)
    right, bottom = place.right() + 1 - theme.GAP, place.bottom() + 1 - theme.GRID
    return QRect(right - width, bottom - BUTTON, width, BUTTON)


def _button_width(font: QFont, words: str) -> int:
    metrics = QFontMetrics(fonts.sized(font, fonts.BODY))
    return metrics.horizontalAdvance(words) + 3 * theme.GAP


def _colour(row: TransferRow, colours: theme.Colours, quiet: str = "") -> str:
    if row.state is State.FAILED:
        return colours.red
    if row.state is State.SHORT or (row.state is State.PAUSED and row.sentence):
        return colours.amber
    return quiet or (colours.secondary if row.state is State.CANCELLED else colours.text)


@cache
def _icon(name: str, colour: str) -> QIcon:
    return icons.icon(name, colour, size=SIGN)


def _sign(painter: QPainter, left: float, top: float, name: str, colour: str) -> None:
    _icon(name, colour).paint(painter, QRect(round(left), round(top), SIGN, SIGN))
