"""The transfers as Qt wants them: newest first, each row in its place for as long as it is listed."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from viewer.jobs.transfer import TransferRow
from viewer.ui.plain_text import single_line, tooltip
from viewer.ui.transfers import transfer_words

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
ROW = Qt.ItemDataRole.UserRole + 1


class TransferModel(QAbstractListModel):
    """Rows by their numbers; what did not change is not painted again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[TransferRow] = []  # newest first

    def set_rows(self, rows: Sequence[TransferRow]) -> None:
        """Show these."""
        wanted = {row.id: row for row in sorted(rows, key=lambda row: -row.id)}
        for place in reversed(range(len(self.rows))):
            if self.rows[place].id not in wanted:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self.rows[place]
                self.endRemoveRows()
        for place, row in enumerate(wanted.values()):
            if place == len(self.rows) or self.rows[place].id != row.id:
                self.beginInsertRows(QModelIndex(), place, place)
                self.rows.insert(place, row)
                self.endInsertRows()
            elif self.rows[place] != row:
                self.rows[place] = row
                index = self.index(place, 0)
                self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many there are."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the row, or its words."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return single_line(transfer_words.spoken(row))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(transfer_words.tip(row))
        return None
