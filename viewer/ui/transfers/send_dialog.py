"""To whom something is sent: what it is, how much, and the peers to choose from."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from viewer.ui import fonts, theme
from viewer.ui.plain_text import single_line

WIDTH = 420  # logical pixels
KEEPS = "Each object is sent once; what the peer has from here already is not sent again."


class SendDialog(QDialog):
    """Asks once; Enter sends, Esc does not."""

    chosen = Signal(str)  # the name of a peer

    def __init__(self, title: str, amount: str, names: Sequence[str], last: str, parent: QWidget) -> None:
        """`last` is the peer that was sent to last, "" for none."""
        super().__init__(parent)
        self.setWindowTitle("Send")
        self.setMinimumWidth(WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.title, self.amount = _plain(title), _plain(amount)
        self.title.setFont(fonts.sized(self.font(), fonts.STRONG, strong=True))
        self.peers = QComboBox(self)
        self.peers.setMinimumHeight(theme.ROW)
        self.peers.setAccessibleName("Peer to send to")
        for name in names:
            self.peers.addItem(single_line(name), name)
        self.peers.setCurrentIndex(max(list(names).index(last) if last in names else 0, 0))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, parent=self)
        self.send = self.buttons.addButton("Send", QDialogButtonBox.ButtonRole.AcceptRole)
        self.send.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: self.chosen.emit(self.peers.currentData()))
        self._lay_out()

    def _lay_out(self) -> None:
        quiet = _plain(KEEPS)
        quiet.setForegroundRole(quiet.palette().ColorRole.PlaceholderText)
        form = QFormLayout()
        form.addRow("To", self.peers)
        column = QVBoxLayout(self)
        column.setSpacing(theme.GAP)
        column.setContentsMargins(2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP)
        column.addWidget(self.title)
        column.addWidget(self.amount)
        column.addLayout(form)
        column.addWidget(quiet)
        column.addWidget(self.buttons)
        self.peers.setFocus()


def _plain(words: str) -> QLabel:
    label = QLabel(single_line(words))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
