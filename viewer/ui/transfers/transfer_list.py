"""The list of transfers under the hand: arrows, keys, a button in each row, a menu."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QWidget

from viewer.jobs.transfer import TransferRow
from viewer.ui.transfers import transfer_words
from viewer.ui.transfers.transfer_delegate import TransferDelegate, button_place, button_words
from viewer.ui.transfers.transfer_model import ROW, TransferModel
from viewer.ui.transfers.transfer_words import Deed

BY_KEY = {
    Qt.Key.Key_Space: (Deed.PAUSE, Deed.RESUME),
    Qt.Key.Key_Delete: (Deed.CANCEL, Deed.REMOVE),
    Qt.Key.Key_Backspace: (Deed.CANCEL, Deed.REMOVE),
    Qt.Key.Key_Return: (Deed.RETRY, Deed.RESUME),
    Qt.Key.Key_Enter: (Deed.RETRY, Deed.RESUME),
    Qt.Key.Key_F: (Deed.FIRST,),
}
OWN_KEYS = {*BY_KEY, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
            Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Escape}  # fmt: skip


class TransferList(QListView):
    """Tells what is wanted of which transfer."""

    wanted = Signal(object, int)  # Deed, the number of a transfer
    left = Signal()
    stood = Signal()  # another row is the current one

    def __init__(self, model: TransferModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painter = TransferDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self._painter)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName("Transfers")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._offer)

    @property
    def current(self) -> TransferRow | None:
        """Return the transfer that is selected."""
        chosen = self.selectedIndexes()
        return chosen[0].data(ROW) if chosen else None

    def currentChanged(
        self,
        current: QModelIndex | QPersistentModelIndex,
        previous: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Tell of it."""
        super().currentChanged(current, previous)
        self.stood.emit()

    # ------------------------------------------------------------------------------------------------- keys
    def event(self, event: QEvent) -> bool:
        """Keep the keys of the list from the actions of the window."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
            if plain and event.key() in OWN_KEYS:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pauses and resumes, Del cancels, Enter tries again; copying copies what a row says."""
        row = self.current
        deeds = BY_KEY.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Copy) and row is not None:
            QGuiApplication.clipboard().setText(transfer_words.text(row))
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif deeds is not None:
            deed = next((one for one in deeds if row is not None and one in transfer_words.deeds(row)), None)
            if deed is not None and row is not None:
                self.wanted.emit(deed, row.id)
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    # ------------------------------------------------------------------------------------------------ mouse
    def _button_at(self, at: QPoint) -> TransferRow | None:
        """Return the transfer whose button is there."""
        index = self.indexAt(at)
        row: TransferRow | None = index.data(ROW) if index.isValid() else None
        if row is None or not button_words(row):
            return None
        place = button_place(self.visualRect(index), self.font(), button_words(row))
        return row if place.contains(at) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show on which button the mouse is."""
        row = self._button_at(event.position().toPoint())
        hot = row.id if row is not None else -1
        if hot != self._painter.hot:
            self._painter.hot = hot
            self.viewport().update()
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Do what the button of a row says."""
        super().mouseReleaseEvent(event)
        row = self._button_at(event.position().toPoint())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.wanted.emit(transfer_words.deeds(row)[0], row.id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the selected one in sight when its details fold out below."""
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())

    def leaveEvent(self, event: QEvent) -> None:
        """Leave the button."""
        self._painter.hot = -1
        self.viewport().update()
        super().leaveEvent(event)

    def _offer(self, at: QPoint) -> None:
        row = self.current
        if row is not None:
            menu = self.menu(row)
            menu.exec(self.viewport().mapToGlobal(at))
            menu.deleteLater()

    def menu(self, row: TransferRow) -> QMenu:
        """Return what can be done with a transfer."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for deed in transfer_words.deeds(row):
            action = menu.addAction(f"{transfer_words.deed_words(deed, row)}\t{transfer_words.KEYS[deed]}")
            action.setToolTip(transfer_words.TIPS[deed])
            action.triggered.connect(lambda _=False, one=deed: self.wanted.emit(one, row.id))
        menu.addSeparator()
        copy = menu.addAction("Copy\tCtrl+C")
        copy.triggered.connect(lambda _=False: QGuiApplication.clipboard().setText(transfer_words.text(row)))
        return menu
