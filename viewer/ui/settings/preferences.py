"""The settings that hold in this window, and keeping what is changed in their file."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from viewer.errors import ViewerError
from viewer.jobs.queue import JobQueue, Priority
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
        self._queue, self.path = queue, path
        self._now = settings or Settings()
        self._waiting: list[Edit] = []
        self._saving = False

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
        if self.path is not None:
            self._waiting.append(edit)
            self._save()
        self.changed.emit(after)

    def _save(self) -> None:
        """Write everything that waits; while it is written, what comes waits for the next time."""
        path = self.path
        if self._saving or not self._waiting or path is None:
            return
        edits, self._waiting, self._saving = tuple(self._waiting), [], True

        def work(_: object) -> Settings:
            return change(path, lambda settings: _all(edits, settings))

        self._queue.submit(work, priority=Priority.NEXT, done=self._saved, failed=self._lost)

    def _saved(self, _: Settings) -> None:
        self._saving = False
        self._save()

    def _lost(self, error: Exception) -> None:
        self._saving = False
        self.failed.emit(str(error) if isinstance(error, ViewerError) else FAULT)
        self._save()


def _all(edits: tuple[Edit, ...], settings: Settings) -> Settings:
    for edit in edits:
        settings = edit(settings)
    return settings
