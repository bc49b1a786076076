"""The place where studies are found: sources at the top, what is looked for, the list, and the series."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.cache.study_list import StudyKey
from viewer.dicom.records import PatientRecord
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.ui import theme
from viewer.ui.studies.local_list import LocalList
from viewer.ui.studies.remote_list import RemoteList
from viewer.ui.studies.remote_series import RemoteSeries
from viewer.ui.studies.study_filter import StudyFilterBar
from viewer.ui.studies.study_head import StudyHead
from viewer.ui.studies.study_series import StudySeries
from viewer.ui.studies.study_table import StudyTable
from viewer.viewing.loader import Loader
from viewer.viewing.remote_search import Asking
from viewer.viewing.remote_studies import EVERYWHERE, RemoteStudies
from viewer.viewing.study_source import StudySource

SERIES_WIDTH = 264


class StudyBrowser(QWidget):
    """Looks in one source at a time. Signals carry what a hand chose."""

    opened = Signal(object, object, bool)  # StudyKeys; a SeriesKey to be hung first, or None; beside others
    left = Signal()  # back to the images
    menu_wanted = Signal(QPoint)
    remove_wanted = Signal()
    undo_wanted = Signal()
    restore_wanted = Signal()
    empty_wanted = Signal()
    counted = Signal(int)  # the studies of an answer to "everything"

    def __init__(
        self,
        queue: JobQueue,
        loader: Loader,
        source: StudySource,
        asking: Callable[[], Asking],
        parent: QWidget | None = None,
    ) -> None:
        """`source` is this computer; with `asking` peers are asked, once there are some."""
        super().__init__(parent)
        self._queue = queue
        self.head = StudyHead([source.name])
        self.sources: tuple[StudySource, ...] = (source,)
        self.filter = StudyFilterBar(self)
        self.page = LocalList(queue, source, self.filter, self)
        self.model, self.table, self.trash_bar = self.page.model, self.page.table, self.page.trash_bar
        self.series = StudySeries(queue, loader, self)
        self.remote = RemoteList(queue, RemoteStudies(EVERYWHERE, ()), asking, self)
        self.remote_series = RemoteSeries(asking, self)
        self._lists, self._sides = QStackedWidget(self), QStackedWidget(self)
        self._kinds: Job | None = None
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.setHandleWidth(2)
        for stack, first, second in (
            (self._lists, self.page, self.remote),
            (self._sides, self.series, self.remote_series),
        ):
            stack.addWidget(first)
            stack.addWidget(second)
            parts.addWidget(stack)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 0)
        parts.setCollapsible(0, False)
        parts.setSizes([1200, SERIES_WIDTH])
        line = QFrame(self)
        line.setFixedHeight(1)
        line.setStyleSheet(f"background: {theme.BORDER};")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.filter, line):
            column.addWidget(part)
        column.addWidget(parts, 1)

    def _connect(self) -> None:
        self.head.chosen.connect(self._switch)
        self.head.left.connect(self.left)
        self.filter.changed.connect(self.ask)
        self.filter.left.connect(lambda: self.list.setFocus())  # noqa: PLW0108  of that moment
        self.filter.wanted.connect(lambda: self.remote.ask(self.filter.asked))
        self.filter.stopped.connect(self.remote.model.stop)
        self.remote.table.typed.connect(self.filter.type)
        self.remote.stood.connect(self._stood)
        self.remote.chosen_changed.connect(self._chosen)
        self.filter.given_up.connect(self._give_up)
        self.table.typed.connect(self.filter.type)
        self.page.opened.connect(lambda keys, beside: self.opened.emit(keys, None, beside))
        self.table.remove_pressed.connect(self.remove_wanted)
        self.table.undo_pressed.connect(self.undo_wanted)
        self.table.menu_wanted.connect(self.menu_wanted)
        self.table.choice.changed.connect(self._chosen)
        self.page.said.connect(lambda words: None if self.far else self.head.say(words))
        self.page.counted.connect(self.counted)
        self.page.restore_wanted.connect(self.restore_wanted)
        self.page.empty_wanted.connect(self.empty_wanted)
        self.series.opened.connect(lambda key, series: self.opened.emit((key,), series, False))

    # ------------------------------------------------------------------------------------------------ asking
    @property
    def far(self) -> bool:
        """Tell whether peers are looked in."""
        return self._lists.currentWidget() is self.remote

    @property
    def source(self) -> StudySource:
        """Return where is looked."""
        return self.remote.source if self.far else self.model.source

    @property
    def list(self) -> StudyTable:
        """Return the list that is in sight."""
        return self.remote.table if self.far else self.table

    @property
    def chosen(self) -> tuple[StudyKey, ...]:
        """Return the studies of this computer that are chosen; none while peers are looked in."""
        return () if self.far else self.table.choice.studies

    @property
    def patient(self) -> PatientRecord | None:
        """Return whose study is chosen, where it is one."""
        if self.far:
            return self.remote.chosen[0].record.patient if len(self.remote.chosen) == 1 else None
        rows = self.model.pages.rows_of(self.chosen)
        study = self.model.pages.study(rows[0]) if len(rows) == 1 else None
        return study.record.patient if study is not None else None

    @property
    def busy(self) -> bool:
        """Tell whether something that can be seen is under way."""
        far = self.remote.busy or self.remote_series.busy
        return self.filter.waiting or self.model.busy or self.series.busy or far

    def ask(self) -> None:
        """Look for what the filter says; peers are not asked for everything unless somebody says so."""
        if self.far:
            if self.filter.narrowed:
                self.remote.ask(self.filter.asked)
            return
        self.page.ask()

    def refresh(self) -> None:
        """Look again: something changed."""
        if self.far:
            self.remote.look()
            self.filter.kinds.set_modalities(self.source.modalities(lambda: False))
            return
        self.model.refresh()
        self.series.refresh()
        if self._kinds is not None:
            self._kinds.cancel()
        source = self.source
        self._kinds = self._queue.submit(
            lambda job: source.modalities(job.is_cancelled),
            priority=Priority.NEXT,
            done=self.filter.kinds.set_modalities,
            failed=lambda _: None,
        )

    def begin(self) -> None:
        """Look for the first time, with the keys in the list; peers that were asked are not asked again."""
        if not (self.far and self.remote.model.standings):
            self.ask()
        self.refresh()

    def forget(self) -> None:
        """Give up what is under way."""
        self.model.forget()
        self.series.forget()
        self.remote.forget()
        self.remote_series.forget()
        if self._kinds is not None:
            self._kinds.cancel()

    def set_sources(self, sources: Sequence[StudySource]) -> None:
        """Offer these places, this computer first; the one in sight stays where it is still there."""
        current = next((n for n, one in enumerate(sources) if one.name == self.source.name), 0)
        same = current < len(sources) and sources[current].name == self.source.name
        self.sources = tuple(sources)
        self.head.set_sources([source.name for source in sources], current)
        if not same:
            self.head.select(0)

    def _switch(self, number: int) -> None:
        source = self.sources[number]
        self.forget()
        far = isinstance(source, RemoteStudies)
        for stack in (self._lists, self._sides):
            stack.setCurrentIndex(int(far))
        self.filter.set_remote(on=not source.as_typed)
        self.trash_bar.hide()
        if isinstance(source, RemoteStudies):
            self.remote.set_source(source)
        self.begin()

    # --------------------------------------------------------------------------------------------- answers
    def _stood(self, words: str) -> None:
        if self.far:
            self.head.say(words)
            self.filter.set_asking(on=self.remote.model.busy)

    def _chosen(self) -> None:
        if not self.far:
            self.series.show_study(self.source, self.chosen)
            return
        studies = self.remote.chosen
        here = len(studies) == 1 and studies[0].complete
        self._sides.setCurrentIndex(int(not here))
        self.series.show_study(self.sources[0], studies[0].here.keys if here else ())
        self.remote_series.show_study(studies[0] if len(studies) == 1 and not here else None)

    # ----------------------------------------------------------------------------------- what a hand does
    def _give_up(self) -> None:
        if self.remote.model.busy and self.far:
            self.remote.model.stop()
        elif self.filter.narrowed or self.filter.asked.deleted:
            self.filter.widen()
        else:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back to the images with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            if self.far and self.remote.model.busy:
                self.remote.model.stop()
            else:
                self.left.emit()
            event.accept()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Give the keys to the list when the place comes into sight."""
        if event.type() is QEvent.Type.Show:
            self.list.setFocus()
        return super().event(event)
