"""Where settings are changed, and what a change does to the window."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtWidgets import QApplication, QMainWindow

from viewer.cache.eviction import Limits, space
from viewer.jobs.queue import JobQueue, Priority
from viewer.settings import Settings
from viewer.tools.keys import effective
from viewer.ui import theme
from viewer.ui.actions.dispatcher import Dispatcher, own_keys
from viewer.ui.deeds import Deeds
from viewer.ui.room import Room
from viewer.ui.settings.preferences import Preferences
from viewer.ui.settings.settings_dialog import SettingsDialog
from viewer.ui.studies.study_room import StudyRoom
from viewer.viewing.cabinet import Cabinet


class SettingsRoom:
    """Opens the dialog, and has what is set hold in one window."""

    def __init__(
        self,
        queue: JobQueue,
        preferences: Preferences,
        cabinet: Cabinet,
        room: Room,
        studies: StudyRoom,
        window: QMainWindow,
    ) -> None:
        self.preferences = preferences
        self._queue, self._cabinet, self._room, self._window = queue, cabinet, room, window
        self._studies = studies
        self._dispatcher: Dispatcher | None = None
        self._deeds: Deeds | None = None
        self._held: Settings | None = None  # what was applied last
        self._dialog: SettingsDialog | None = None
        preferences.changed.connect(self._apply)

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {"settings": self.open, "remember": self.toggle_remembering}

    def begin(self, dispatcher: Dispatcher, deeds: Deeds) -> None:
        """Have what is set hold from now on."""
        self._dispatcher, self._deeds = dispatcher, deeds
        now = self.preferences.now
        self._room.hands.tool = now.mouse.left
        self._room.looks.detail = now.appearance.corner_text
        self._apply(now)

    def toggle_remembering(self) -> None:
        """Keep what is opened from now on, or no longer; without a cache, say why it cannot be."""
        if self._cabinet.store is None:
            self._studies.remember(on=True)
        else:
            self.preferences.change(lambda now: replace(now, remember_opened=not now.remember_opened))

    # ------------------------------------------------------------------------------------------ the dialog
    def open(self) -> None:
        """Show the dialog, or bring it to the front; how large the disk is, is looked up before."""
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        self._queue.submit(
            lambda _: self._automatic(),
            priority=Priority.VISIBLE,
            done=self._show,
            failed=lambda _: self._show(None),
        )

    def _automatic(self) -> Limits | None:
        """Return what holds of the cache where nothing is set; None without a cache. In a job."""
        store = self._cabinet.store
        if store is None:
            return None
        with store.reading() as connection:
            return Limits.of(space(connection, store.folder))

    def _show(self, automatic: Limits | None) -> None:
        if self._dialog is not None or self._dispatcher is None:
            return
        self._dialog = SettingsDialog(
            self.preferences, self._dispatcher.rows, own_keys(), automatic, self._window
        )
        self._dialog.wanted.connect(self._dispatcher.run)
        self._dialog.destroyed.connect(self._closed)
        self._dialog.show()

    @property
    def dialog(self) -> SettingsDialog | None:
        """Return the dialog while it is open."""
        return self._dialog

    def _closed(self) -> None:
        self._dialog = None

    # ---------------------------------------------------------------------------------------- what it does
    def _apply(self, settings: Settings) -> None:
        """Have settings hold. What is only for the start of a window waits for the next one."""
        before, self._held = self._held, settings
        self._room.hands.buttons = {"right": settings.mouse.right, "middle": settings.mouse.middle}
        self._room.hands.wheel = settings.mouse.wheel
        if self._cabinet.store is not None:
            self._studies.remember(on=settings.remember_opened)
        if self._dispatcher is not None and self._deeds is not None:
            self._dispatcher.check("remember", on=self._studies.remembers)
            self._dispatcher.set_keys(effective(own_keys(), settings.keys))
            self._deeds.set_rows(self._dispatcher.rows)
        application = QApplication.instance()
        if (
            before is not None
            and before.appearance.palette != settings.appearance.palette
            and isinstance(application, QApplication)
        ):
            theme.apply(application, settings.appearance.palette)
