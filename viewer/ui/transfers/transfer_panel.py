"""The list of transfers with its heading and one of them at length: beside the images, below the studies."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from viewer.ui import fonts, icons, theme
from viewer.ui.study_words import counted
from viewer.ui.transfers import transfer_words
from viewer.ui.transfers.transfer_details import TransferDetails
from viewer.ui.transfers.transfer_list import TransferList
from viewer.ui.transfers.transfer_model import TransferModel

EMPTY = (
    "Nothing was transferred yet.\n\nWhat is fetched from a PACS or sent to one is listed here,"
    " and goes on after a restart of the program."
)
NONE = "Transfers"
WIDE_DETAILS = 380  # logical pixels


class TransferPanel(QWidget):
    """Shows a model that others may show as well. `wide` puts the details beside the list."""

    wanted = Signal(object, int)  # Deed, the number of a transfer
    clear_wanted = Signal()
    left = Signal()
    looked = Signal()  # the list came into sight

    def __init__(self, model: TransferModel, *, wide: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._wide = model, wide
        self.list = TransferList(model, self)
        self.details = TransferDetails(self)
        self.heading = QLabel(NONE, self)
        self.heading.setFont(fonts.sized(self.font(), fonts.STRONG, strong=True))
        self.clear = QPushButton("Clear finished", self)
        self.clear.setToolTip("Takes what is complete or cancelled off the list; images stay")
        self.clear.clicked.connect(self.clear_wanted)
        self.close_button = QToolButton(self)
        self.close_button.setIcon(icons.icon("close"))
        self.close_button.setToolTip("Fold away (Esc)")
        self.close_button.setAccessibleName("Fold transfers away")
        self.close_button.clicked.connect(self.left)
        self.close_button.setVisible(wide)
        self._empty = QLabel(EMPTY, self)
        self._empty.setWordWrap(True)
        self._empty.setMargin(theme.GAP)
        self._empty.setForegroundRole(self._empty.palette().ColorRole.PlaceholderText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._lay_out()
        for part in (self.list, self.details):
            part.wanted.connect(self.wanted)
        self.list.left.connect(self.left)
        self.list.stood.connect(self._stand)
        for signal in (model.dataChanged, model.rowsInserted, model.rowsRemoved):
            signal.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.GAP, theme.GRID, theme.GRID, theme.GRID)
        head.addWidget(self.heading, 1)
        head.addWidget(self.clear)
        head.addWidget(self.close_button)
        way = QBoxLayout.Direction.LeftToRight if self._wide else QBoxLayout.Direction.TopToBottom
        body = QBoxLayout(way)
        body.setSpacing(0)
        body.addWidget(self.list, 1)
        body.addWidget(self.details)
        if self._wide:
            self.details.setFixedWidth(WIDE_DETAILS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._empty, 1)
        column.addLayout(body, 1)

    def refresh(self) -> None:
        """Show what the model has now."""
        rows = self._model.rows
        words = counted(len(rows), "transfer", "transfers") if rows else NONE
        if self.heading.text() != words:
            self.heading.setText(words)
        self.clear.setEnabled(any(row.state in transfer_words.CLEARED for row in rows))
        self._empty.setVisible(not rows)
        self.list.setVisible(bool(rows))
        self._stand()
        if self.isVisible():
            self.looked.emit()

    def _stand(self) -> None:
        self.details.show_row(self.list.current)

    def come(self, number: int = 0) -> None:
        """Give the list the keys, at a transfer where one is named, else at what is selected or the first."""
        rows = self._model.rows
        place = next((at for at, row in enumerate(rows) if row.id == number), 0)
        if rows and (number or self.list.current is None):
            self.list.setCurrentIndex(self._model.index(place, 0))
            self.list.scrollTo(self._model.index(place, 0))
        self.list.setFocus()

    def showEvent(self, event: object) -> None:
        """Tell that it is looked at."""
        super().showEvent(event)  # type: ignore[arg-type]  # handed on as it came
        self.looked.emit()

    def sizeHint(self) -> QSize:
        """Return the width of the side panel, or the height of a place below the studies."""
        return QSize(900, 280) if self._wide else QSize(320, 400)
