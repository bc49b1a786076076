"""The head of the list of studies: how wide the columns are, and by which one is sorted."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QPainter
from PySide6.QtWidgets import QHeaderView, QTableView

from viewer.cache.study_list import Order
from viewer.ui import fonts, theme
from viewer.ui.studies.study_delegate import NUMBERS
from viewer.viewing.study_source import NEWEST_FIRST, SORTED_BY, Column

WIDTHS = {
    Column.PATIENT: 240,  # at least
    Column.DESCRIPTION: 132,  # at least
    Column.DATE: 92,
    Column.MODALITIES: 80,
    Column.ACCESSION: 108,
    Column.IMAGES: 116,
    Column.BYTES: 76,
    Column.SOURCE: 124,
    Column.OPENED: 96,
    Column.HERE: 124,
}
LESS = (
    Column.SOURCE,
    Column.OPENED,
    Column.BYTES,
    Column.ACCESSION,
    Column.DESCRIPTION,
)  # given up first where it is narrow
LESS_OF_PEERS = (Column.ACCESSION, Column.DESCRIPTION, Column.SOURCE)  # who has it comes before its number
SHARE = 0.7  # of what is left over: the patient's; the rest is the description's


class StudyHeader(QHeaderView):
    """Shares the width among the columns of a source; a click sorts."""

    sort_wanted = Signal(Order)

    def __init__(self, columns: tuple[Column, ...], parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns, self._order = columns, Order()
        self._table = parent
        self.setHighlightSections(False)
        self.setSectionsClickable(True)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFixedHeight(theme.ROW)
        self.setMinimumSectionSize(48)
        self.setFont(fonts.sized(self.font(), fonts.SMALL))
        self.sectionClicked.connect(self._sort)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show the columns of another source."""
        self._columns = columns
        self.point(self._order)
        self.share(self._table.viewport().width())

    def share(self, room: int) -> None:
        """Give each column its width of `room` logical pixels; the least needed go where it is narrow."""
        needed = sum(WIDTHS[column] for column in self._columns)
        hidden: set[Column] = set()
        for column in LESS_OF_PEERS if Column.HERE in self._columns else LESS:
            if needed > room and column in self._columns:
                hidden.add(column)
                needed -= WIDTHS[column]
        free = max(room - needed, 0)
        name = free if Column.DESCRIPTION in hidden else round(free * SHARE)
        more = {Column.PATIENT: name, Column.DESCRIPTION: free - name}
        for number, column in enumerate(self._columns):
            self._table.setColumnHidden(number, column in hidden)
            if column not in hidden:
                self.resizeSection(number, WIDTHS[column] + more.get(column, 0))

    def point(self, order: Order) -> None:
        """Show by which column the rows are sorted."""
        self._order = order
        self.viewport().update()

    def paintSection(self, painter: QPainter, place: QRect, section: int) -> None:
        """Paint a name over its cells' words, and an arrow at the one that is sorted by."""
        colours, column = theme.colours_of(self.palette()), self._columns[section]
        painter.save()
        sortable = column in SORTED_BY
        hovered = sortable and self.underMouse() and place.contains(self.mapFromGlobal(QCursor.pos()))
        painter.fillRect(place, QColor(colours.hover if hovered else colours.window))
        sorted_by = SORTED_BY.get(column) is self._order.by
        painter.setFont(fonts.sized(self.font(), fonts.SMALL, strong=sorted_by))
        painter.setPen(QColor(colours.text if sorted_by else colours.secondary))
        arrow = (" \u2193" if self._order.descending else " \u2191") if sorted_by else ""
        side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
        room = place.adjusted(theme.GAP, 0, -theme.GAP, 0)
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), column.value + arrow)
        painter.restore()

    def _sort(self, section: int) -> None:
        by = SORTED_BY.get(self._columns[section])
        if by is not None:
            other_way = by is self._order.by
            self.sort_wanted.emit(Order(by, not self._order.descending if other_way else by in NEWEST_FIRST))
