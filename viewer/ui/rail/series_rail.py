"""The rail of patients, studies and series, with pictures; what is double-clicked or dragged gets shown."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QDrag, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTreeView, QWidget

from viewer.ui import theme
from viewer.ui.drops import SERIES_MIME
from viewer.ui.rail.rail_delegate import RailDelegate
from viewer.ui.rail.rail_model import PatientNode, RailModel, SeriesNode

WIDTH = 252  # a picture and about twenty letters beside it
ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
EMPTY = "Drop a folder or a CD here"


class SeriesRail(QTreeView):
    """Shows a RailModel. Signals carry the key of a series."""

    opened = Signal(str)  # double-click or Enter on a series that can be displayed
    unshowable = Signal(str)  # the same on one that cannot
    thumbnail_wanted = Signal(str)  # once for each series that comes into sight without a picture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rail_model = RailModel(self)
        self._asked: set[str] = set()
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self._words = EMPTY
        self._looking = QTimer(self, singleShot=True, interval=0)
        self._looking.timeout.connect(self._ask_for_visible)
        self._dress()
        self.setModel(self.rail_model)
        self.setItemDelegate(RailDelegate(self))
        self.rail_model.changing.connect(self._remember)
        self.rail_model.changed.connect(self._restore)
        self.rail_model.rowsInserted.connect(self._unfold)
        self.clicked.connect(self._fold_heading)
        self.doubleClicked.connect(self._open)
        self.expanded.connect(self._look_soon)
        self.collapsed.connect(self._look_soon)
        self.verticalScrollBar().valueChanged.connect(self._look_soon)

    def _dress(self) -> None:
        self.setAccessibleName("Series")
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setExpandsOnDoubleClick(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(theme.ROW)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMinimumWidth(180)

    def set_tree(self, patients: Sequence[PatientNode]) -> None:
        """Show these patients; selection, scroll position and pictures stay."""
        self.rail_model.set_tree(patients)

    def set_empty_words(self, words: str) -> None:
        """Say what to do while there is nothing to show."""
        self._words = words
        self.viewport().update()

    def select(self, key: str) -> None:
        """Make a series the current one and bring it into sight."""
        index = self.rail_model.index_of(key)
        if index.isValid():
            self.setCurrentIndex(index)
            if not self.viewport().rect().contains(self.visualRect(index)):
                self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def keyboardSearch(self, _letters: str) -> None:
        """Leave letters to the short cuts: a series is not found by the beginning of its name."""

    def sizeHint(self) -> QSize:
        """Return the width of a picture with words beside it."""
        return QSize(WIDTH, 600)

    # --------------------------------------------------------------------------------------- nothing jumps
    def _remember(self) -> None:
        """Keep what stands at the top and where; at the very top the top stays."""
        index = self.indexAt(QPoint(1, 0))
        scrolled = self.verticalScrollBar().value() > 0 and index.isValid()
        self._anchor = (QPersistentModelIndex(index), self.visualRect(index).top()) if scrolled else None

    def _restore(self) -> None:
        self._asked &= {key for key in self._asked if self.rail_model.index_of(key).isValid()}
        if self._anchor is not None:
            kept, before = self._anchor
            self.executeDelayedItemsLayout()
            bar = self.verticalScrollBar()
            if kept.isValid():
                bar.setValue(bar.value() + self.visualRect(kept).top() - before)
        self._anchor = None
        self._looking.start()

    def _unfold(self, parent: QModelIndex, first: int, last: int) -> None:
        for row in range(first, last + 1):
            self.expandRecursively(self.rail_model.index(row, 0, parent))

    # -------------------------------------------------------------------------------------- what a hand does
    def _fold_heading(self, index: QModelIndex) -> None:
        if not isinstance(self.rail_model.node(index), SeriesNode):
            self.setExpanded(index, not self.isExpanded(index))

    def _open(self, index: QModelIndex) -> None:
        node = self.rail_model.node(index)
        if isinstance(node, SeriesNode):
            (self.opened if node.displayable else self.unshowable).emit(node.key)

    def event(self, event: QEvent) -> bool:
        """Keep Enter for the rail while it has the keys: in the window it is a short cut of the viewports."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in ENTER
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter; everything else is the tree's."""
        if event.key() in ENTER:
            index = self.currentIndex()
            if isinstance(self.rail_model.node(index), SeriesNode):
                self._open(index)
            elif index.isValid():
                self._fold_heading(index)
            event.accept()
            return
        super().keyPressEvent(event)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Drag the series' picture."""
        index = self.currentIndex()
        dragged = self.rail_model.mimeData([index])
        if not dragged.hasFormat(SERIES_MIME):
            return
        drag = QDrag(self)
        drag.setMimeData(dragged)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if picture is not None:
            small = picture.scaledToHeight(
                round(64 * self.devicePixelRatioF()), Qt.TransformationMode.SmoothTransformation
            )
            small.setDevicePixelRatio(self.devicePixelRatioF())
            drag.setPixmap(small)
        drag.exec(Qt.DropAction.CopyAction)

    # ----------------------------------------------------------------------------------------- what is seen
    def _look_soon(self, *_: object) -> None:
        """Look when the rows stand; a plain `start` would take a signal's value for a time to wait."""
        self._looking.start()

    def _ask_for_visible(self) -> None:
        """Ask once for the picture of each series in sight that has none."""
        if not self.isVisible():
            return
        index, bottom = self.indexAt(QPoint(1, 0)), self.viewport().height()
        while index.isValid() and self.visualRect(index).top() < bottom:
            node = self.rail_model.node(index)
            if isinstance(node, SeriesNode) and node.displayable and node.key not in self._asked:
                self._asked.add(node.key)
                self.thumbnail_wanted.emit(node.key)
            index = self.indexBelow(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See whether more series came into sight."""
        super().resizeEvent(event)
        self._looking.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or words where there are none."""
        super().paintEvent(event)
        if self.rail_model.rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme.colours_of(self.palette()).secondary))
            room = QRect(16, 16, self.viewport().width() - 32, self.viewport().height() - 32)
            top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter
            painter.drawText(room, int(top | Qt.TextFlag.TextWordWrap), self._words)
            painter.end()
