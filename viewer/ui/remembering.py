"""What is opened is kept in the cache afterwards, in the background; and what is imported by choice."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from viewer.cache.arrivals import Arrival, Became, Keep, Source, Taken
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord
from viewer.jobs.decode import DecoderPool
from viewer.ui.chores import Chores
from viewer.ui.furniture import Furniture

BATCH = 128  # instances kept at once: then something that somebody waits for has its turn
ON_AT_FIRST = True


class Remembering(QObject):
    """Takes what an opening read. `on` can be changed by the reader at any time."""

    changed = Signal(object)  # InstanceRecords that are in the cache now

    def __init__(
        self, store: Store, pool: DecoderPool, chores: Chores, furniture: Furniture, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.on = ON_AT_FIRST
        self._store, self._pool, self._chores, self._furniture = store, pool, chores, furniture
        self._window = parent
        self._waiting: list[Arrival] = []

    @property
    def busy(self) -> bool:
        """Tell whether something waits to be kept."""
        return bool(self._waiting)

    def take(self, paths: Sequence[str], records: Sequence[InstanceRecord]) -> None:
        """Keep what an opening of `paths` read: linked where it stays, copied where it goes away."""
        if self.on and not self._store.read_only:
            own = str(self._store.folder.root)
            idle = not self._waiting
            source = Source(_words(paths), origin=False)
            self._waiting += [
                Arrival(record, source, Keep.LINK) for record in records if not record.path.startswith(own)
            ]
            if idle:
                self._next()

    def _next(self) -> None:
        batch = self._waiting[:BATCH]
        if batch:
            self._chores.run(
                "Remembering what was opened",
                lambda job: self._store.take(batch, job.is_cancelled),
                self._kept,
                failed=self._stopped,
                quiet=True,
            )

    def _kept(self, taken: Sequence[Taken]) -> None:
        del self._waiting[: len(taken)]
        here = [one.record for one in taken if one.became is Became.ADDED]
        if here:
            self.changed.emit(here)
        self._next()

    def _stopped(self, reason: str) -> None:
        """Say once why nothing is kept, and leave it: what is open stays open."""
        self._waiting.clear()
        self._furniture.say(f"Not remembered: {reason}", busy=False)

    def choose(self) -> None:
        """Ask for a folder, and copy what is in it to this computer."""


def _words(paths: Sequence[str]) -> str:
    first = Path(paths[0])
    return f"folder {first.name}"
