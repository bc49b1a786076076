"""How a row of the command palette looks: icon, title, what it is for, key."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QIcon, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from viewer.ui import fonts, text_lines, theme

KEY = Qt.ItemDataRole.UserRole + 2
TIP = Qt.ItemDataRole.UserRole + 3
REASON = Qt.ItemDataRole.UserRole + 4  # why it cannot be used now


class PaletteDelegate(QStyledItemDelegate):
    """Paints one row of 32 pixels."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of a target for the mouse."""
        return QSize(option.rect.width(), theme.TARGET)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        colours = theme.colours_of(option.palette)
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selection))
            painter.drawRoundedRect(option.rect, theme.RADIUS, theme.RADIUS)
        inner = QRectF(option.rect).adjusted(theme.GAP, 0, -theme.GAP, 0)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QIcon):
            mode = QIcon.Mode.Normal if enabled else QIcon.Mode.Disabled
            place = QRectF(inner.left(), inner.center().y() - theme.ICON / 2, theme.ICON, theme.ICON)
            picture.paint(painter, place.toRect(), Qt.AlignmentFlag.AlignCenter, mode)
        painter.setFont(fonts.sized(option.font, fonts.BODY))
        words = inner.adjusted(theme.ICON + theme.GAP, 0, 0, 0)
        _paint_words(painter, words, index, colours, enabled=enabled)
        painter.restore()


def _paint_words(
    painter: QPainter,
    room: QRectF,
    index: QModelIndex | QPersistentModelIndex,
    colours: theme.Colours,
    *,
    enabled: bool,
) -> None:
    """Paint the title, the key at the right, and between them what it is for, or why it cannot be used."""
    metrics = QFontMetricsF(painter.font())
    line = QRectF(room.left(), room.center().y() - metrics.height() / 2, room.width(), metrics.height())
    title, key = str(index.data(Qt.ItemDataRole.DisplayRole)), str(index.data(KEY) or "")
    painter.setPen(QColor(colours.text if enabled else colours.disabled))
    text_lines.draw(painter, line, title)
    key_width = metrics.horizontalAdvance(key)
    painter.setPen(QColor(colours.secondary))
    text_lines.draw(painter, line.adjusted(line.width() - key_width - 1, 0, 1, 0), key)
    between = line.adjusted(
        metrics.horizontalAdvance(title) + 2 * theme.GAP, 0, -key_width - 2 * theme.GAP, 0
    )
    if between.width() > metrics.averageCharWidth() * 4:
        text_lines.draw(painter, between, str(index.data(REASON) or index.data(TIP) or ""))
