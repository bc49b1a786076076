"""Looking after the cache while it is used: what is over its limits goes, and how full it is can be seen."""

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from viewer.cache.eviction import Limits, Space, Trimmed, space, trim
from viewer.cache.removal import settle
from viewer.cache.store import Store
from viewer.cache.verify import Verified, verify
from viewer.dicom.text import shown_path
from viewer.jobs.queue import Job
from viewer.ui.chores import Chores
from viewer.ui.furniture import Furniture
from viewer.ui.study_words import size
from viewer.viewing.cabinet import Cabinet

SOON = 5000  # ms after the last arrival
GROWING = 2000  # ms between two looks at how much there is while images come
LITTLE = 0.9  # of what the cache may take: from here on the reader is told


class Upkeep(QObject):
    """Trims in the background, and says how full the cache is."""

    changed = Signal()  # studies went, or their files were found to be lost

    def __init__(
        self, store: Store, cabinet: Cabinet, chores: Chores, furniture: Furniture, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._store, self._cabinet, self._chores, self._furniture = store, cabinet, chores, furniture
        self._menu = QMenu(parent)
        self._menu.setToolTipsVisible(True)
        for words, call, tip in (
            ("Make room now", self.make_room, "Removes what was not opened for longest, down to the limit"),
            ("Verify everything", self.verify, "Reads back every file of this computer's studies"),
            ("Show the folder of the cache", self.show_folder, shown_path(str(store.folder.root))),
        ):
            action = self._menu.addAction(words)
            action.triggered.connect(lambda _=False, run=call: run())
            action.setToolTip(tip)
            action.setEnabled(call != self.make_room or not store.read_only)
        furniture.room.setMenu(self._menu)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(self.tidy)
        self._growing = QTimer(self)
        self._growing.setSingleShot(True)
        self._growing.setInterval(GROWING)
        self._growing.timeout.connect(self.look)
        if cabinet.remote is not None:
            cabinet.remote.news.arrived.append(self.tidy_soon)

    def limits(self) -> Limits:
        """Return how much the cache may take; for job threads. Raises ViewerError."""
        return self._cabinet.limits() or Limits.of(self._space())

    def _space(self) -> Space:
        with self._store.reading() as connection:
            return space(connection, self._store.folder)

    def begin(self) -> None:
        """End what an earlier run left half done, and look how full the cache is."""
        if not self._store.read_only:
            self._chores.run("Putting the cache in order", lambda _: settle(self._store), _ignore, quiet=True)
        self.look()

    def look(self) -> None:
        """Say how full the cache is."""
        self._chores.quick(lambda: (self._space(), self.limits()), lambda found: self._show(*found))

    def _show(self, now: Space, limits: Limits) -> None:
        most = min(limits.max_bytes, now.used + max(now.free - limits.floor_free_bytes, 0))
        words = f"{size(now.used)} of {size(most)}"
        self._furniture.room.setText(f"{words}  ▾")
        self._furniture.room.setAccessibleName(f"The studies of this computer take {words}")
        tip = f"The studies of this computer take {words}; {size(now.free)} of its disk are free."
        full = "\nIt is nearly full: what was not opened for longest goes first." * (now.used > LITTLE * most)
        self._furniture.room.setToolTip(tip + full)
        self._furniture.show_room()

    # ---------------------------------------------------------------------------------------- making room
    def tidy(self, words: str = "") -> None:
        """Make room where the cache is over its limits, in the background; `words` were said before."""
        if self._store.read_only:
            return
        self._chores.run(
            "Making room",
            lambda job: trim(self._store, self.limits(), cancelled=job.is_cancelled),
            lambda done: self._tidied(done, words),
            quiet=True,
        )

    def tidy_soon(self, _arrived: object = None) -> None:
        """Make room when for some seconds nothing more has come from peers; say meanwhile how it grows."""
        self._soon.start()
        if not self._growing.isActive():
            self._growing.start()

    def _tidied(self, done: Trimmed, words: str) -> None:
        self.look()
        if done.needed:
            self.changed.emit()
            self._furniture.say(" ".join(filter(None, (words, *done.sentences()))), busy=False)

    def make_room(self) -> None:
        """Trim now, and say what was done."""

        def done(trimmed: Trimmed) -> None:
            self.look()
            self.changed.emit()
            self._furniture.say(" ".join(trimmed.sentences()), busy=False)

        self._chores.run(
            "Making room",
            lambda job: trim(self._store, self.limits(), report=job.report, cancelled=job.is_cancelled),
            done,
        )

    # ------------------------------------------------------------------------------------------- other work
    def verify(self) -> None:
        """Read back every file of the cache, and say what is not whole."""

        def work(job: Job) -> Verified:
            return verify(self._store, report=job.report, cancelled=job.is_cancelled)

        def done(verified: Verified) -> None:
            self.changed.emit()
            self._furniture.say(" ".join(verified.sentences()), busy=False)

        self._chores.run("Verifying", work, done)

    def show_folder(self) -> None:
        """Open the folder of the cache; where that cannot be, copy its name."""
        folder = str(self._store.folder.root)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            QGuiApplication.clipboard().setText(folder)
            self._furniture.say(f"The name of the folder was copied: {shown_path(folder)}", busy=False)


def _ignore(_: object) -> None:
    pass
