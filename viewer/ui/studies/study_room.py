"""The study browser with everything that is done in it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget

from viewer.cache.arrivals import Taken
from viewer.cache.store import Store
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import PatientRecord
from viewer.dicom.tree import SeriesKey
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.ui.chores import Chores
from viewer.ui.intake import Intake
from viewer.ui.reading import Reading
from viewer.ui.studies.remembering import Remembering
from viewer.ui.studies.remote_door import RemoteDoor
from viewer.ui.studies.remote_room import RemoteRoom
from viewer.ui.studies.study_browser import StudyBrowser
from viewer.ui.studies.study_deeds import StudyDeeds
from viewer.ui.studies.study_door import StudyDoor
from viewer.ui.studies.upkeep import Upkeep
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.local_studies import LocalStudies, NoStudies
from viewer.viewing.remote import nobody


class StudyRoom(QObject):
    """Puts browser, door and deeds together; without a cache there is a browser that says why."""

    shown = Signal()  # the browser, or the images
    peers_wanted = Signal()  # a peer to be added, or changed

    def __init__(
        self,
        queue: JobQueue,
        cabinet: Cabinet,
        intake: Intake,
        reading: Reading,
        close_studies: Callable[[], bool],
        window: QWidget,
    ) -> None:
        """`close_studies` puts everything away, or tells that the reader wants to keep it."""
        super().__init__(window)
        self._intake, self._furniture, self._close_studies = intake, reading.furniture, close_studies
        self._window = window
        self.local = LocalStudies(cabinet.store) if cabinet.store is not None else None
        source = self.local or NoStudies(cabinet.reason)
        self.chores = Chores(queue, self._furniture, intake.say, self)
        self.remote = RemoteRoom(cabinet.remote or nobody(), self.local, queue, self)
        self.browser = StudyBrowser(queue, cabinet.loader, source, self.remote.asking)
        self.remote.join(self.browser)
        self.remote.failed.connect(lambda words: intake.say(words, stay=True))
        self.door: StudyDoor | None = None
        self.far: RemoteDoor | None = None
        self.deeds: StudyDeeds | None = None
        self.remembering: Remembering | None = None
        self.upkeep: Upkeep | None = None
        self._pool = cabinet.pool
        self._furniture.add_browser(self.browser.head, self.browser)
        if self.local is not None:
            self._furnish(self.local, cabinet, reading, window)
        self.browser.head.peers_wanted.connect(self.peers_wanted)
        self.browser.head.import_wanted.connect(self.choose_import)
        self.browser.left.connect(lambda: self.show(on=False))
        self.browser.opened.connect(self._open)
        intake.began.connect(lambda: self.show(on=False))

    def _furnish(self, local: LocalStudies, cabinet: Cabinet, reading: Reading, window: QWidget) -> None:
        self.door = StudyDoor(local, self._intake, reading, self)
        far = self.far = RemoteDoor(self.remote, self.door, self._intake, reading, self._close_studies)
        far.entered.connect(lambda: self.show(on=False))
        self.shown.connect(lambda: far.forget() if self._furniture.browsing else None)
        deeds = self.deeds = StudyDeeds(local, self.browser, self.chores, self._furniture, window)
        deeds.changed.connect(self.browser.refresh)
        upkeep = self.upkeep = Upkeep(local.store, cabinet, self.chores, self._furniture, window)
        upkeep.changed.connect(self.browser.refresh)
        deeds.changed.connect(upkeep.look)
        self.remembering = Remembering(local.store, cabinet, upkeep, self.chores, self._furniture)
        self.remembering.changed.connect(self._changed)
        self._intake.read.connect(self.remembering.take)

    @property
    def busy(self) -> bool:
        """Tell whether something that can be seen is under way."""
        return self._furniture.browsing and self.browser.busy

    def begin(self) -> None:
        """Look what is there; where there are studies, and nothing is being opened, show them first."""
        if self.local is not None:
            self.browser.model.answered.connect(self._greet)
            self.browser.begin()
            self._look_after(self.local.store)

    def _look_after(self, store: Store) -> None:
        """Say how the cache was found, and put back what a start after a power cut found without a row."""
        if store.notices:
            self._furniture.say(" ".join(store.notices), busy=False)
        if self.upkeep is not None:
            self.upkeep.begin()
        if (store.unlooked or store.orphans) and not store.read_only:
            self.chores.run(
                "Putting the cache in order",
                lambda job: self._put_in_order(store, job),
                lambda taken: self._changed([one.record for one in taken]),
                quiet=True,
            )

    def _put_in_order(self, store: Store, job: Job) -> list[Taken]:
        """Make files and index agree after a bad end; return what came back."""
        if store.unlooked:
            store.reconcile()
        return store.adopt(
            lambda paths: self._pool.index(paths, priority=Priority.SCAN, cancelled=job.is_cancelled),
            job.is_cancelled,
        )

    def _greet(self) -> None:
        self.browser.model.answered.disconnect(self._greet)
        if self.browser.model.pages.total and not self._intake.busy and not len(self._intake.shelf):
            self.show(on=True)

    def show(self, *, on: bool) -> None:
        """Show the list of studies, or the images."""
        if on == self._furniture.browsing:
            return
        self._furniture.browse(on=on)
        if on:
            self.browser.begin()
            self.remote.marks.begin()
        else:
            self.browser.forget()
            self.remote.marks.end()
            self._furniture.grid.setFocus()
        self.shown.emit()

    def toggle(self) -> None:
        """Change between the list of studies and the images."""
        self.show(on=not self._furniture.browsing)

    def find(self) -> None:
        """Show the list with the keys in the search."""
        self.show(on=True)
        self.browser.filter.take_keys()

    def look_for_priors(self, patient: PatientRecord | None) -> None:
        """Look for all studies of a patient; while the list is in sight, of who is chosen in it."""
        if self._furniture.browsing:
            chosen = self.browser.patient
            patient = chosen if chosen is not None else patient
        if patient is not None:
            self.show(on=True)
            self.remote.look_for_priors(patient, self.browser)

    @property
    def remembers(self) -> bool:
        """Tell whether what is opened is kept."""
        return self.remembering is not None and self.remembering.on

    def remember(self, *, on: bool) -> None:
        """Keep what is opened from now on, or no longer."""
        if self.remembering is not None:
            self.remembering.set(on=on)
        elif on and isinstance(self.browser.source, NoStudies):
            self._intake.say(self.browser.source.reason)

    def choose_import(self) -> None:
        """Ask what to copy to this computer, and copy it."""
        if self.remembering is not None:
            self.remembering.choose(self._window, QCursor.pos())
        elif isinstance(self.browser.source, NoStudies):
            self._intake.say(self.browser.source.reason)

    def take_dropped(self, paths: Sequence[str]) -> None:
        """Take what was dropped on the list into the cache; without one it is opened."""
        if self.remembering is None or self.remembering.read_only:
            self._intake.open_paths(paths)
        elif paths:
            self.remembering.copy(paths, None)

    def _open(self, keys: Sequence[StudyKey], series: SeriesKey | None, beside: bool) -> None:  # noqa: FBT001  a slot
        if self.door is None:
            return
        if self._intake.reading_now:
            self._intake.later(lambda: self._open(keys, series, beside))
        elif beside or not len(self._intake.shelf) or self._close_studies():
            self.door.open(keys, series, beside=beside)

    def _changed(self, records: object) -> None:
        """Show what came into the cache: in the list, and in what is open."""
        if self._furniture.browsing:
            self.browser.refresh()
        if self.door is not None:
            self.door.grow(records)  # type: ignore[arg-type]  # a signal carries objects

    def shut(self) -> None:
        """Stop what is under way: the program ends."""
        self.chores.shut()
        self.browser.forget()
        self.remote.shut()
