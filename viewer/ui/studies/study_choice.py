"""What is chosen in a list of studies: kept by study and not by row, so sorting does not choose another."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QObject, Signal
from PySide6.QtWidgets import QAbstractItemView

from viewer.cache.study_list import StudyFilter, StudyKey
from viewer.ui.studies.study_model import StudyModel

FLAG = QItemSelectionModel.SelectionFlag


class StudyChoice(QObject):
    """Follows the hand in a view, and puts the selection back when the rows are others."""

    changed = Signal()

    def __init__(self, model: StudyModel, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._model, self._view = model, view
        self._kept: tuple[StudyKey, ...] = ()
        self._filter: StudyFilter | None = None  # of the answer that the choice was made in
        self._following = False  # rows are selected by the program, not by a hand
        model.modelAboutToBeReset.connect(lambda: self._follow(on=True))
        model.modelReset.connect(lambda: self._follow(on=False))
        model.came.connect(self._came)
        view.selectionModel().selectionChanged.connect(lambda *_: self._picked())

    @property
    def studies(self) -> tuple[StudyKey, ...]:
        """Return the studies that are chosen, whether their rows are in sight or not."""
        return self._kept

    @property
    def unread(self) -> bool:
        """Tell whether rows are chosen that are not read yet."""
        return any(self._model.pages.study(row) is None for row in self._rows())

    def choose(self, keys: Sequence[StudyKey]) -> None:
        """Choose these studies."""
        self._kept = tuple(keys)
        self._select(self._model.pages.rows_of(self._kept), FLAG.ClearAndSelect)
        self.changed.emit()

    def leave(self, keys: Sequence[StudyKey]) -> None:
        """Choose the study after these, or else the one before: they go, and nobody sees them any more."""
        if not set(self._kept).intersection(keys):
            return
        pages, rows = self._model.pages, self._model.pages.rows_of(keys)
        beside = (max(rows, default=-1) + 1, min(rows, default=0) - 1)
        found = [pages.study(row) for row in beside if 0 <= row < pages.total]
        self.choose([study.key for study in found if study is not None][:1])

    def restore(self) -> None:
        """Choose in a new answer what was chosen before; where it is no longer there, the first row.

        Of another question only what is in sight stays chosen: nothing is done to studies that nobody sees.
        """
        before, (asked, _) = self._kept, self._model.asked
        rows = sorted(self._model.pages.rows_of(before))
        if asked != self._filter:
            self._filter = asked
            self._kept = tuple(
                study.key for row in rows if (study := self._model.pages.study(row)) is not None
            )
        if not self._kept and (first := self._model.pages.study(0)) is not None:
            self._kept, rows = (first.key,), [0]
        self._select(rows, FLAG.ClearAndSelect)
        if self._kept != before:
            self.changed.emit()

    def _rows(self) -> list[int]:
        return sorted(index.row() for index in self._view.selectionModel().selectedRows())

    def _follow(self, *, on: bool) -> None:
        self._following = on

    def _picked(self) -> None:
        if self._following:
            return
        rows = self._rows()
        found = [self._model.pages.study(row) for row in rows]
        self._kept = tuple(study.key for study in found if study is not None)
        if None in found:  # a long selection: what is done is done with all of it
            self._model.hold(rows[0], rows[-1])
        self.changed.emit()

    def _came(self, first: int, count: int) -> None:
        """Take rows that were read: some were chosen while blank, some are chosen by their study."""
        blank = [row for row in self._rows() if first <= row < first + count]
        found = [self._model.pages.study(row) for row in blank]
        known = set(self._kept)
        new = tuple(study.key for study in found if study is not None and study.key not in known)
        here = set(range(first, first + count)).intersection(self._model.pages.rows_of(self._kept))
        self._select(sorted(here), FLAG.Select)
        if new:
            self._kept += new
            self.changed.emit()

    def _select(self, rows: Sequence[int], flag: QItemSelectionModel.SelectionFlag) -> None:
        model, last = self._model, self._model.columnCount() - 1
        selection = QItemSelection()
        for row in rows:
            selection.select(model.index(row, 0), model.index(row, last))
        self._following = True
        if rows and self._view.currentIndex().row() not in rows:
            self._view.selectionModel().setCurrentIndex(model.index(rows[0], 0), FLAG.NoUpdate)
        self._view.selectionModel().select(selection, flag)
        self._following = False
