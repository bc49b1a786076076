"""The settings that hold in this window, and keeping what is changed in their file."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from viewer.errors import ViewerError
from viewer.jobs.in_turn import InTurn
from viewer.jobs.queue import JobQueue
from viewer.settings import Settings, change

Edit = Callable[[Settings], Settings]
FAULT = "The settings could not be kept: a fault of the program."


class Preferences(QObject):
    """What is set. A change holds at once; its file follows in the background, in order."""

    changed = Signal(object)  # the Settings that hold now
    failed = Signal(str)  # why the file could not be written, in a sentence

    def __init__(
        self,
        queue: JobQueue,
        settings: Settings | None = None,
        path: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Keep what is changed in the file `path`; None keeps nothing beyond this window."""
        super().__init__(parent)
        self.path = path
        self._now = settings or Settings()
        self._turn = InTurn(queue)

    @property
    def now(self) -> Settings:
        """Return what is set."""
        return self._now

    def change(self, edit: Edit) -> None:
        """Set something. The edit is applied to what the file says by then: others may have changed it."""
        after = edit(self._now)
        if after == self._now:
            return
        self._now = after
        path = self.path
        if path is not None:
            self._turn.submit(lambda _: change(path, edit), lambda _: None, self._lost)
        self.changed.emit(after)

    def _lost(self, error: Exception) -> None:
        self.failed.emit(str(error) if isinstance(error, ViewerError) else FAULT)
