"""What is opened is kept in the cache afterwards, in the background; and what is imported by choice."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from viewer.cache import trash
from viewer.cache.arrivals import Arrival, Became, Keep, Source, Taken
from viewer.cache.store import Store
from viewer.cache.studies import keys_of
from viewer.dicom.records import InstanceRecord
from viewer.jobs.importing import Hearing, How, ImportReport, check_room, import_paths
from viewer.jobs.queue import Job, Priority
from viewer.ui.bridge import MainThread
from viewer.ui.chores import Chores
from viewer.ui.furniture import Furniture
from viewer.ui.studies.upkeep import Upkeep
from viewer.ui.study_words import counted
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.keeping import arrivals

MADE_HERE = Source("made here", origin=True)
BATCH = 128  # instances kept at once: then something that somebody waits for has its turn


class Remembering(QObject):
    """Takes what an opening read. `on` can be changed by the reader at any time."""

    changed = Signal(object)  # InstanceRecords that are in the cache now, or in sight again

    def __init__(
        self, store: Store, cabinet: Cabinet, upkeep: Upkeep, chores: Chores, furniture: Furniture
    ) -> None:
        super().__init__(upkeep)
        self.on = not store.read_only
        self._store, self._cabinet, self._upkeep = store, cabinet, upkeep
        self._chores, self._furniture = chores, furniture
        self._main = MainThread(self)
        self._waiting: list[tuple[Sequence[str], Sequence[InstanceRecord]]] = []

    @property
    def read_only(self) -> bool:
        """Tell whether nothing can be kept."""
        return self._store.read_only

    @property
    def busy(self) -> bool:
        """Tell whether something waits to be kept."""
        return bool(self._waiting)

    def set(self, *, on: bool) -> None:
        """Keep what is opened from now on, or no longer."""
        self.on = on and not self._store.read_only

    # -------------------------------------------------------------------------------------- what was opened
    def take(self, paths: Sequence[str], records: Sequence[InstanceRecord]) -> None:
        """Keep what an opening of `paths` read: linked where it stays, copied where it goes away."""
        if self.on:
            idle = not self._waiting
            self._waiting += [(paths, records[at : at + BATCH]) for at in range(0, len(records), BATCH)]
            if idle:
                self._next()

    def keep_made(self, paths: Sequence[Path]) -> None:
        """Keep objects that were made here with their study, where that is kept: they exist nowhere else.

        Their files stay where they are: without a usable cache nothing is lost.
        """
        if not self._store.read_only:
            self._chores.run(
                "Remembering what was made here",
                lambda job: self._made([str(path) for path in paths], job),
                self._tell,
                failed=lambda reason: self._furniture.say(
                    f"Saved, but not in the cache: {reason}", busy=False
                ),
                quiet=True,
            )

    def _made(self, paths: Sequence[str], job: Job) -> list[InstanceRecord]:
        found = self._cabinet.pool.index(paths, priority=Priority.SCAN, cancelled=job.is_cancelled)
        records = [record for record in found if isinstance(record, InstanceRecord)]
        with self._store.reading() as connection:
            kept = [
                record
                for record in records
                if self.on or keys_of(connection, record.series.study.study_instance_uid)
            ]
        return self._seen(self._store.take([Arrival(record, MADE_HERE) for record in kept]))

    def _next(self) -> None:
        if self._waiting:
            paths, records = self._waiting[0]
            self._chores.run(
                "Remembering what was opened",
                lambda job: self._keep(arrivals(paths, records, self._store), job),
                self._kept,
                failed=self._stopped,
                quiet=True,
            )
        else:
            self._upkeep.tidy()

    def _keep(self, coming: Sequence[Arrival], job: Job) -> list[InstanceRecord]:
        """Keep instances as long as there is room; return those that are in sight of the list now."""
        bytes_coming = sum(_size(one.record.path) for one in coming if one.keep is not Keep.LINK)
        if bytes_coming:
            check_room(self._store.folder.root, bytes_coming, self._upkeep.limits().floor_free_bytes)
        return self._seen(self._store.take(coming, job.is_cancelled))

    def _seen(self, taken: Sequence[Taken]) -> list[InstanceRecord]:
        """Take the studies of what came out of the trash; return what is new in the list."""
        again = trash.come_again(self._store, [one.record for one in taken])
        return [one.record for one in taken if one.became is Became.ADDED or again]

    def _kept(self, here: Sequence[InstanceRecord]) -> None:
        del self._waiting[0]
        self._tell(here)
        self._next()

    def _tell(self, here: Sequence[InstanceRecord]) -> None:
        if here:
            self.changed.emit(here)

    def _stopped(self, reason: str) -> None:
        """Say once why nothing is kept, and leave it: what is open stays open."""
        self._waiting.clear()
        self._furniture.say(f"Not remembered: {reason}", busy=False)
        self._upkeep.tidy(f"Not remembered: {reason}")

    # ------------------------------------------------------------------------------------ copies by choice
    def choose(self, window: QWidget, at: QPoint) -> None:
        """Ask what kind of thing to import, then which, and copy it to this computer."""
        menu = QMenu(window)
        menu.addAction("A folder, a CD or a stick …", lambda: self._choose_folder(window))
        menu.addAction("Files or zips …", lambda: self._choose_files(window))
        menu.exec(at)
        menu.deleteLater()

    def _choose_folder(self, window: QWidget) -> None:
        folder = QFileDialog.getExistingDirectory(window, "Copy a folder, a CD or a stick to this computer")
        if folder:
            self.copy([folder])

    def _choose_files(self, window: QWidget) -> None:
        files, _ = QFileDialog.getOpenFileNames(window, "Copy images, a DICOMDIR or zips to this computer")
        if files:
            self.copy(files)

    def copy(self, paths: Sequence[str], keep: Keep | None = Keep.COPY) -> None:
        """Import files, folders, media and zips; with `keep` None what is on a disk that stays is linked."""
        self._chores.run("Importing", lambda job: self._import(paths, keep, job), self._imported)

    def _import(self, paths: Sequence[str], keep: Keep | None, job: Job) -> ImportReport:
        def taken(batch: Sequence[Taken]) -> None:
            here = self._seen(batch)
            self._main.post(lambda: self._tell(here))

        hearing = Hearing(taken, lambda progress: job.report(progress.looked, 0), job.is_cancelled)
        how = How(self._cabinet.scratch, keep, floor_bytes=self._upkeep.limits().floor_free_bytes)
        return import_paths(paths, self._store, self._cabinet.pool, how, hearing)

    def _imported(self, report: ImportReport) -> None:
        self._furniture.say(summary(report), busy=False)
        self._upkeep.tidy(summary(report))


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


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0
