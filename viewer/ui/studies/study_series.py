"""The series of the chosen study with their pictures, read and made in the background."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.cache.study_list import StudyKey
from viewer.dicom.records import InstanceRecord
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.ui.rail import rail_nodes
from viewer.ui.rail.rail_model import PatientNode
from viewer.ui.rail.series_rail import SeriesRail
from viewer.ui.rail.thumbnails import Thumbnails
from viewer.viewing.loader import Loader
from viewer.viewing.pane import Hung
from viewer.viewing.shelf import Shelf
from viewer.viewing.study_source import StudySource

PAUSE = 120  # ms on a study before its series are read: who goes through the list wants to see the list
CHOOSE = "Choose a study to see its series"
NONE = "Nothing of this study can be shown here"


@dataclass(frozen=True, slots=True)
class _Read:
    records: tuple[InstanceRecord, ...]
    shelf: Shelf
    tree: list[PatientNode]


class StudySeries(QWidget):
    """A rail and a loader of its own: what is looked through here does not touch what is open."""

    opened = Signal(object, object)  # StudyKey, dicom.tree.SeriesKey

    def __init__(self, queue: JobQueue, loader: Loader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue, self._loader = queue, loader
        self._shelf = Shelf()
        self._wanted: tuple[StudySource, StudyKey] | None = None
        self._shown: StudyKey | None = None
        self._job: Job | None = None
        self.rail = SeriesRail(self)
        self.rail.setAccessibleName("Series of the chosen study")
        self.rail.set_empty_words(CHOOSE)
        self._pictures = Thumbnails(queue, loader, self.rail.rail_model, self._find)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._read)
        self.rail.thumbnail_wanted.connect(self._pictures.want)
        self.rail.opened.connect(self._open)
        self.rail.unshowable.connect(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rail)

    @property
    def busy(self) -> bool:
        """Tell whether something of the study is still under way."""
        return self._pause.isActive() or self._job is not None or self._pictures.busy

    def show_study(self, source: StudySource, keys: Sequence[StudyKey]) -> None:
        """Show a study after a moment; of several, and of none, nothing."""
        wanted = (source, keys[0]) if len(keys) == 1 else None
        if wanted is not None and wanted[1] == self._shown and self._job is None:
            self._wanted = wanted
            self._pause.stop()
            return
        self._wanted = wanted
        self._pause.start()

    def refresh(self) -> None:
        """Read the study again: it grew, or lost something."""
        if self._wanted is not None:
            self._pause.start()

    def forget(self) -> None:
        """Give up what is under way."""
        self._pause.stop()
        self._pictures.forget()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _read(self) -> None:
        self.forget()
        if self._wanted is None:
            self._show(None, _Read((), Shelf(), []))
            self.rail.set_empty_words(CHOOSE)
            return
        source, key = self._wanted
        self._job = self._queue.submit(
            lambda job: _read(source, key, job),
            priority=Priority.NEXT,
            done=lambda read: self._show(key, read),
            failed=lambda error: self._failed(key, error),
        )

    def _show(self, key: StudyKey | None, read: _Read) -> None:
        self._job = None
        self.rail.set_tree(())  # rows are named by number: the same name may be another series by now
        if key != self._shown:
            self._loader.forget()
        self._shown, self._shelf = key, read.shelf
        self._loader.add(read.records)
        self.rail.set_empty_words(NONE)
        self.rail.set_tree(read.tree)

    def _failed(self, key: StudyKey, error: Exception) -> None:
        self._show(key, _Read((), Shelf(), []))
        self.rail.set_empty_words(str(error))

    def _find(self, key: str) -> Hung | None:
        return self._shelf.find(key)

    def _open(self, text: str) -> None:
        series = self._shelf.series_of(text)
        if self._shown is not None and series is not None:
            self.opened.emit(self._shown, series)


def _read(source: StudySource, key: StudyKey, job: Job) -> _Read:
    shelf, records = Shelf(), tuple(source.records(key, job.is_cancelled))
    shelf.add(records)
    return _Read(records, shelf, rail_nodes.nodes(shelf))
