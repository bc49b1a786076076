"""What is opened is kept in the cache afterwards, in the background; and what is imported by choice."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.cache.arrivals import Became, Keep, Taken
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord
from viewer.jobs.importing import Hearing, How, ImportReport, import_paths
from viewer.jobs.queue import Job
from viewer.ui.bridge import MainThread
from viewer.ui.chores import Chores
from viewer.ui.furniture import Furniture
from viewer.ui.study_words import counted
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.keeping import arrivals

BATCH = 128  # instances kept at once: then something that somebody waits for has its turn
ON_AT_FIRST = True


class Remembering(QObject):
    """Takes what an opening read. `on` can be changed by the reader at any time."""

    changed = Signal(object)  # InstanceRecords that are in the cache now

    def __init__(
        self, store: Store, cabinet: Cabinet, chores: Chores, furniture: Furniture, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.on = ON_AT_FIRST and not store.read_only
        self._store, self._cabinet, self._chores, self._furniture = store, cabinet, chores, furniture
        self._window = parent
        self._main = MainThread(self)
        self._waiting: list[tuple[Sequence[str], Sequence[InstanceRecord]]] = []

    @property
    def busy(self) -> bool:
        """Tell whether something waits to be kept."""
        return bool(self._waiting)

    # -------------------------------------------------------------------------------------- what was opened
    def take(self, paths: Sequence[str], records: Sequence[InstanceRecord]) -> None:
        """Keep what an opening of `paths` read: linked where it stays, copied where it goes away."""
        if self.on:
            idle = not self._waiting
            self._waiting += [(paths, records[at : at + BATCH]) for at in range(0, len(records), BATCH)]
            if idle:
                self._next()

    def _next(self) -> None:
        if self._waiting:
            paths, records = self._waiting[0]
            self._chores.run(
                "Remembering what was opened",
                lambda job: self._store.take(arrivals(paths, records, self._store), job.is_cancelled),
                self._kept,
                failed=self._stopped,
                quiet=True,
            )

    def _kept(self, taken: Sequence[Taken]) -> None:
        del self._waiting[0]
        self._tell(taken)
        self._next()

    def _tell(self, taken: Sequence[Taken]) -> None:
        here = [one.record for one in taken if one.became is Became.ADDED]
        if here:
            self.changed.emit(here)

    def _stopped(self, reason: str) -> None:
        """Say once why nothing is kept, and leave it: what is open stays open."""
        self._waiting.clear()
        self._furniture.say(f"Not remembered: {reason}", busy=False)

    # ------------------------------------------------------------------------------------ copies by choice
    def choose(self) -> None:
        """Ask for a folder or medium, and copy what is in it to this computer."""
        folder = QFileDialog.getExistingDirectory(
            self._window, "Copy a folder, a CD or a stick to this computer"
        )
        if folder:
            self.copy([folder])

    def copy(self, paths: Sequence[str]) -> None:
        """Copy files, folders, media and zips to this computer."""
        self._chores.run("Importing", lambda job: self._import(paths, job), self._imported)

    def _import(self, paths: Sequence[str], job: Job) -> ImportReport:
        def taken(batch: Sequence[Taken]) -> None:
            self._main.post(lambda: self._tell(batch))

        hearing = Hearing(taken, lambda progress: job.report(progress.looked, 0), job.is_cancelled)
        how = How(self._cabinet.scratch, Keep.COPY)
        return import_paths(paths, self._store, self._cabinet.pool, how, hearing)

    def _imported(self, report: ImportReport) -> None:
        self._furniture.say(summary(report), busy=False)


def summary(report: ImportReport) -> str:
    """Return what became of an import, in one sentence."""
    parts = [f"{counted(report.added, 'image', 'images')} imported"]
    if report.already_here:
        parts.append(f"{report.already_here:,} here already")
    if report.conflicts:
        parts.append(f"{len(report.conflicts):,} with the UID of another image, kept apart")
    unread = len(report.refused) + len(report.failed)
    if unread:
        parts.append(f"{counted(unread, 'file', 'files')} could not be used")
    words = "; ".join(parts)
    return f"{words}. {report.stopped}" if report.stopped else f"{words}."
