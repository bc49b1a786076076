"""The studies that peers find, as Qt wants them: rows come while they are asked, and those there stay put."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from viewer.cache.presence import NOT_HERE, Here
from viewer.cache.study_list import Order, StudyFilter
from viewer.jobs.queue import JobQueue
from viewer.ui.studies.study_model import StudyModel
from viewer.viewing.remote_search import Asking, Hearing, RemoteSearch, Standing
from viewer.viewing.remote_studies import Found, RemoteStudies, RemoteStudy, merged


class RemoteModel(StudyModel):
    """Rows of one question at a time: nothing of an old one is ever shown under a new one."""

    stood = Signal()  # a place found more, or ended
    about_to_grow = Signal(int)  # a row is put in here: what is in sight should stay there

    def __init__(
        self, queue: JobQueue, source: RemoteStudies, asking: Callable[[], Asking], parent: QObject
    ) -> None:
        super().__init__(queue, source, parent)
        self._asking = asking
        self._search: RemoteSearch | None = None
        self.found = Found(Order())
        self.pages = self.found

    @property
    def busy(self) -> bool:
        """Tell whether a place is still being asked."""
        return self._search is not None and self._search.busy

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Return how each place stands; none while nothing was asked."""
        return self._search.standings if self._search is not None else ()

    def clear(self) -> None:
        """Show that nothing was asked."""
        self.forget()
        self._search = None
        self._empty(Order())
        self.stood.emit()

    def ask(self, asked: StudyFilter, order: Order, row: int = 0) -> None:  # noqa: ARG002  all rows are here
        """Ask all places of the source; where only the order is another, sort what is here."""
        if self._search is not None and asked == self._asked and order != self._order:
            self._sort(order)
            return
        self.forget()
        self._asked, self._order = asked, order
        self._empty(order)
        source = self._source
        places = source.places if isinstance(source, RemoteStudies) else ()
        self._search = RemoteSearch(self._asking(), places, asked, Hearing(self._add, self.stood.emit))
        self.stood.emit()

    def refresh(self) -> None:
        """Ask nobody: what a peer said stands until it is asked again."""

    def stop(self) -> None:
        """Ask no more; what was found stays."""
        if self._search is not None:
            self._search.stop()

    def forget(self) -> None:
        """Give up what is under way; what was found stays."""
        if self._search is not None:
            self._search.stop()
            self._search.forget()

    def hold(self, first: int, last: int) -> None:
        """Do nothing: all rows are read."""

    def want(self, first: int, last: int) -> None:
        """Do nothing: all rows are read."""

    def set_here(self, here: dict[str, Here]) -> None:
        """Take what is on this computer by now of the studies in the list."""
        last = self.columnCount() - 1
        for row, study in enumerate(self.found.rows):
            now = here.get(study.key.study_instance_uid, NOT_HERE)
            if now != study.here:
                self.found.put(row, replace(study, here=now))
                self.dataChanged.emit(self.index(row, 0), self.index(row, last))

    # ---------------------------------------------------------------------------------------------- rows
    def _empty(self, order: Order) -> None:
        self.beginResetModel()
        self.found = Found(order)
        self.pages = self.found
        self.endResetModel()

    def _sort(self, order: Order) -> None:
        self._order = order
        self.beginResetModel()
        self.found.sort(order)
        self.endResetModel()
        self.answered.emit()

    def _add(self, studies: Sequence[RemoteStudy]) -> None:
        first = not self.found.total
        last = self.columnCount() - 1
        for study in studies:
            same = self.found.same(study)
            before = self.found.study(same) if same is not None else None
            if same is not None and before is not None:
                self.found.put(same, merged(before, study))
                self.dataChanged.emit(self.index(same, 0), self.index(same, last))
                continue
            row = self.found.place(study)
            self.about_to_grow.emit(row)
            self.beginInsertRows(self.index(-1, -1), row, row)
            self.found.insert(row, study)
            self.endInsertRows()
        if first:
            self.answered.emit()
