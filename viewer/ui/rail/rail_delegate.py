"""How the rows of the series rail look."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from viewer.ui import fonts, icons, text_lines, theme
from viewer.ui.rail.rail_model import PatientNode, Role, SeriesNode, StudyNode
from viewer.ui.theme import Colours

THUMBNAIL = 96  # logical pixels
HUE_BAR = 4
PATIENT_PAD = 6  # above and below a patient's lines
LINE = 17  # of 12 pixel text
SMALL_LINE = 15
MARK = 6.0  # size of the marks on a picture
BAR = 3.0  # height of what says how much was seen
EXPANDED = QStyle.StateFlag.State_Open


class RailDelegate(QStyledItemDelegate):
    """Paints patients as headings, studies as subheadings, series as a picture with words beside it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._symbols: dict[tuple[str, str, float], QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of the row; the width is the view's."""
        node = index.data(Role.NODE)
        if isinstance(node, PatientNode):
            height = 2 * PATIENT_PAD + LINE + SMALL_LINE * max(len(node.lines) - 1, 0)
        elif isinstance(node, StudyNode):
            height = LINE + (SMALL_LINE if node.subtitle else 0) + theme.GAP
        else:
            height = THUMBNAIL + theme.GAP
        return QSize(option.rect.width(), height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        node = index.data(Role.NODE)
        colours = theme.colours_of(option.palette)
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, place, state, colours, heading=isinstance(node, PatientNode))
        inner = QRectF(place).adjusted(HUE_BAR + theme.GAP, 0, -theme.GAP, 0)
        if isinstance(node, SeriesNode):
            self._paint_series(painter, inner, index, node, colours)
        elif isinstance(node, (PatientNode, StudyNode)):
            self._paint_heading(painter, inner, node, colours, expanded=bool(state & EXPANDED))
        painter.fillRect(
            QRect(place.left(), place.top(), HUE_BAR, place.height()), QColor(index.data(Role.HUE))
        )
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, place: QRect, state: QStyle.StateFlag, colours: Colours, *, heading: bool
    ) -> None:
        ground = colours.raised if heading else colours.panel
        if state & QStyle.StateFlag.State_Selected:
            ground = colours.selection
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = colours.hover
        painter.fillRect(place, QColor(ground))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 1.0))
            painter.drawRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_heading(
        self,
        painter: QPainter,
        inner: QRectF,
        node: PatientNode | StudyNode,
        colours: Colours,
        *,
        expanded: bool,
    ) -> None:
        patient = isinstance(node, PatientNode)
        first, *others = node.lines if isinstance(node, PatientNode) else (node.title, node.subtitle)
        top = inner.top() + (PATIENT_PAD if patient else theme.GRID)
        room = QRectF(inner.left(), top, inner.width() - 20, LINE)
        painter.setFont(fonts.sized(painter.font(), fonts.STRONG if patient else fonts.BODY, strong=patient))
        painter.setPen(QColor(colours.text))
        text_lines.draw(painter, room, first)
        painter.setFont(fonts.sized(painter.font(), fonts.SMALL))
        painter.setPen(QColor(colours.secondary))
        for number, line in enumerate(others):
            text_lines.draw(painter, room.translated(0, LINE + number * SMALL_LINE), line)
        symbol = self._symbol(painter, "chevron-down" if expanded else "chevron-right", colours.secondary)
        painter.drawPixmap(QPointF(inner.right() - 16, inner.center().y() - 8), symbol)

    def _paint_series(
        self, painter: QPainter, inner: QRectF, index: QModelIndex | QPersistentModelIndex,
        node: SeriesNode, colours: Colours,
    ) -> None:  # fmt: skip
        frame = QRectF(inner.left(), inner.top() + theme.GRID, THUMBNAIL, THUMBNAIL)
        self._paint_picture(painter, frame, index.data(Qt.ItemDataRole.DecorationRole), node, colours)
        self._paint_marks(painter, frame, index, colours)
        left = frame.right() + theme.GAP
        room = QRectF(left, frame.top() + 2, max(inner.right() - left, 1.0), THUMBNAIL)
        painter.setPen(QColor(colours.text if node.displayable else colours.secondary))
        painter.setFont(fonts.sized(painter.font(), fonts.BODY, strong=True))
        taken = text_lines.draw(painter, room, node.title)
        painter.setFont(fonts.sized(painter.font(), fonts.BODY))
        taken += text_lines.draw(painter, room.translated(0, taken), node.subtitle, most=3)
        painter.setFont(fonts.sized(painter.font(), fonts.SMALL))
        painter.setPen(QColor(colours.secondary))
        share: tuple[int, int] | None = index.data(Role.SHARE)
        begun = share is not None and 0 < share[0] < share[1]
        count = f"{share[0]:,} of {node.count_text} seen" if share is not None and begun else node.count_text
        text_lines.draw(painter, room.translated(0, taken + 2), count)

    def _paint_picture(
        self, painter: QPainter, frame: QRectF, picture: QPixmap | None, node: SeriesNode, colours: Colours
    ) -> None:
        """Paint the thumbnail, or a quiet placeholder: its modality, or a sheet if there is none to come."""
        shape = QPainterPath()
        shape.addRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        if picture is not None and not picture.isNull():
            painter.fillPath(shape, QColor(theme.IMAGE_GROUND))
            size = picture.deviceIndependentSize()
            size.scale(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(QPointF(), size)
            target.moveCenter(frame.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setClipPath(shape)
            painter.drawPixmap(target, picture, QRectF(picture.rect()))
            painter.setClipping(False)
            return
        painter.fillPath(shape, QColor(colours.raised))
        if not node.displayable:
            symbol = self._symbol(painter, "document", colours.secondary, size=32)
            painter.drawPixmap(frame.center() - QPointF(16, 16), symbol)
            return
        painter.setFont(fonts.sized(painter.font(), fonts.TITLE))
        painter.setPen(QColor(colours.secondary))
        painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter), node.modality or "…")

    def _paint_marks(
        self, painter: QPainter, frame: QRectF, index: QModelIndex | QPersistentModelIndex, colours: Colours
    ) -> None:
        """Paint a frame around what is open, a bar of what was seen, and a tick: shapes, not only colours."""
        share: tuple[int, int] | None = index.data(Role.SHARE)
        if share is not None and 0 < share[0] < share[1]:
            bar = QRectF(frame.left() + 4, frame.bottom() - 3 - BAR, frame.width() - 8, BAR)
            painter.fillRect(bar, QColor(colours.panel))
            bar.setWidth(max(bar.width() * share[0] / share[1], 1.0))
            painter.fillRect(bar, QColor(colours.secondary))
        if index.data(Role.OPEN):
            painter.setPen(QPen(QColor(colours.accent), 2.0))
            painter.drawRoundedRect(frame.adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        if index.data(Role.SEEN):
            corner = QRectF(frame.right() - 20, frame.bottom() - 20, 16, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.panel))
            painter.drawEllipse(corner)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            symbol = self._symbol(painter, "check", colours.text, size=12)
            painter.drawPixmap(corner.topLeft() + QPointF(2, 2), symbol)

    def _symbol(self, painter: QPainter, name: str, color: str, size: int = 16) -> QPixmap:
        ratio = painter.device().devicePixelRatio()
        key = (f"{name}/{size}", color, ratio)
        if key not in self._symbols:
            self._symbols[key] = icons.pixmap(name, color, size=size, scale=ratio)
        return self._symbols[key]
