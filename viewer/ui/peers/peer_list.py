"""The list of peers: our own door first, then each peer, and the one that is being added."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QWidget

from viewer.network.peer import Peer
from viewer.ui import theme
from viewer.ui.plain_text import single_line

NEW, OURSELVES = "New peer", "This computer"
UNSAVED = "\N{BULLET}"
NAME = Qt.ItemDataRole.UserRole + 1  # the name of the peer of a row; None for our own door, "" for a new one


class PeerList(QListWidget):
    """Names, with a mark at those of which something is not saved."""

    gone_to = Signal(object)  # the name, as in NAME

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Peers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.currentItemChanged.connect(
            lambda now, _: self.gone_to.emit(None if now is None else now.data(NAME))
        )

    def fill(self, peers: Sequence[Peer], unsaved: Collection[str], current: str | None) -> None:
        """List peers and go to one; to the first of them where that is not there any more."""
        self.blockSignals(True)
        self.clear()
        for name in (None, *(peer.name for peer in peers), *([""] if "" in unsaved else [])):
            item = QListWidgetItem()
            item.setData(NAME, name)
            item.setSizeHint(QSize(0, theme.TARGET))
            self.addItem(item)
            _mark(item, unsaved=name is not None and name in unsaved)
        names = self.names
        self.setCurrentRow(names.index(current) if current in names else min(1, len(names) - 1))
        self.blockSignals(False)
        self.gone_to.emit(self.currentItem().data(NAME))

    def go_to(self, name: str | None) -> None:
        """Go to a peer, if it is there."""
        if name in self.names:
            self.setCurrentRow(self.names.index(name))

    def mark(self, *, unsaved: bool) -> None:
        """Say whether something of the current one is not saved."""
        _mark(self.currentItem(), unsaved=unsaved)

    @property
    def names(self) -> list[str | None]:
        """Return what the rows are about, as in NAME."""
        return [self.item(number).data(NAME) for number in range(self.count())]


def _mark(item: QListWidgetItem, *, unsaved: bool) -> None:
    name = item.data(NAME)
    words = OURSELVES if name is None else single_line(name) or NEW
    item.setText(f"{words} {UNSAVED}" if unsaved else words)
    item.setToolTip(f"{words}: not saved yet" if unsaved else "")
