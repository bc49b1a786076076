"""Peers and our own door: who shows them, keeps them in the file of the settings, and has them checked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from viewer import settings as stored
from viewer.errors import ViewerError
from viewer.jobs.in_turn import InTurn
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.network.listener_settings import ListenerSettings
from viewer.network.peer import Peer
from viewer.network.services import Services
from viewer.network.tls import client_context
from viewer.paths import settings_file
from viewer.settings import Settings
from viewer.ui.peers.doctor_run import Asked, Doctor
from viewer.ui.peers.peer_book import kept, trial, with_back, with_saved, without
from viewer.ui.peers.peer_dialog import PeerDialog
from viewer.ui.plain_text import single_line
from viewer.viewing.own_door import OwnDoor

LOOKING = 500  # ms between looks at what our own door does, while somebody sees it
T = TypeVar("T")
FAULT = "Something went wrong in the program; the settings are as they were."


@dataclass(frozen=True, slots=True)
class _Deleted:
    """A peer that can be put back."""

    peer: Peer
    place: int
    may_call: bool

    def back(self, settings: Settings) -> Settings:
        """Return settings with it put back."""
        return with_back(settings, self.peer, self.place, may_call=self.may_call)


class PeerRoom(QObject):
    """Owns the dialog and the settings that it shows."""

    changed = Signal(object)  # Settings: after each change, and when they are read first

    def __init__(
        self,
        queue: JobQueue,
        services: Services,
        window: QWidget,
        *,
        door: OwnDoor | None = None,
        path: Path | None = None,
    ) -> None:
        """`door` is ours, and is opened and closed by what is set; `path` is the file of the settings."""
        super().__init__(window)
        self.settings = Settings()
        self._queue, self.services, self._window = queue, services, window
        self._path = settings_file() if path is None else path
        self._door = door or OwnDoor()
        self._changes = InTurn(queue)  # of two in a row the later one holds
        self._dialog: PeerDialog | None = None
        self._doctor: Doctor | None = None
        self._deleted: _Deleted | None = None
        self._greeting = False  # whoever opens an empty list of peers comes to add one
        self._timer = QTimer(self, interval=LOOKING)
        self._timer.timeout.connect(self._show_door)

    # ------------------------------------------------------------------------------------- what is seen
    def begin(self) -> None:
        """Read the settings; `changed` tells of them."""
        self._queue.submit(
            lambda _: stored.load(self._path), priority=Priority.NEXT, done=self._read, failed=self._failed
        )

    def open(self, name: str | None = "") -> None:
        """Show the peers: one of them, with "" the one that was shown last, with None our own door."""
        dialog = self._shown()
        if name != "":
            dialog.rows.go_to(name)
        self._greeting = name == ""

    def open_listener(self) -> None:
        """Show our own door."""
        self.open(None)

    def shut(self) -> None:
        """Stop what is under way: the program ends."""
        self._timer.stop()
        if self._doctor is not None:
            self._doctor.shut()
        if self._dialog is not None:
            self._dialog.hide()

    @property
    def dialog(self) -> PeerDialog:
        """Return the dialog, made when it is first wanted."""
        if self._dialog is None:
            dialog = self._dialog = PeerDialog(self._window)
            dialog.form.set_lasting(lasting=self.services.secrets.lasting)
            dialog.show_settings(self.settings)
            dialog.save_wanted.connect(self._save)
            dialog.delete_wanted.connect(self._delete)
            dialog.undo_wanted.connect(self._undo)
            dialog.check_wanted.connect(self._check)
            self._doctor = Doctor(dialog.doctor, self)
            dialog.stop_wanted.connect(self._doctor.stop)
            dialog.listener.changed.connect(self._set_listener)
            dialog.finished.connect(lambda _: self._left())
        return self._dialog

    def _shown(self) -> PeerDialog:
        dialog = self.dialog
        self.begin()  # another window or command may have changed them
        self._show_door()
        self._timer.start()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    def _left(self) -> None:
        self._timer.stop()
        if self._doctor is not None:
            self._doctor.stop()
        self._forget_deleted()

    def _show_door(self) -> None:
        if self._dialog is not None:
            seen = self._door.seen
            self._dialog.listener.show_state(seen)
            self._dialog.doctor.allow_consent(on=seen.status is not None and seen.status.listening)

    def _read(self, loaded: stored.Loaded) -> None:
        if loaded.notices and self._dialog is not None:
            self._dialog.say(" ".join(loaded.notices))
        self._take(loaded.settings)
        if self._greeting and not loaded.settings.peers and self._dialog is not None:
            self._dialog.begin_new()
        self._greeting = False

    def _take(self, found: Settings, *, select: str | None = None) -> None:
        """Show settings that hold from now on, and tell of them where they are others."""
        newer = self._changes.waiting and select is None  # what a hand has set meanwhile stays in sight
        if self._dialog is not None and not newer and (found != self.settings or select is not None):
            self._dialog.show_settings(found, select=select)
        if found != self.settings:
            self.settings = found
            self.changed.emit(found)
            self._queue.submit(
                lambda _: self._apply(),
                priority=Priority.NEXT,
                done=lambda _: self._show_door(),
                failed=self._failed,
            )

    def _apply(self) -> None:
        """Have our own door be as it is set; in a job thread. Of two changes the later one holds."""
        now = self.settings
        self._door.apply(now.listener, now.peers)
        if now is not self.settings:  # another thread may have been before us with what is newer
            self._apply()

    # ------------------------------------------------------------------------------------ what is changed
    def _save(self, before: str, peer: Peer, password: str) -> None:
        secrets = self.services.secrets

        def work(_: object) -> tuple[Settings, str]:
            if peer.tls is not None:
                client_context(peer.tls)  # raises what is wrong with its files
            found = stored.change(self._path, lambda now: with_saved(now, before, peer))
            return found, kept(secrets, peer, password)

        def done(result: tuple[Settings, str]) -> None:
            found, words = result
            self.dialog.saved(before, peer.name)
            self._take(found, select=peer.name)
            self.dialog.say(f"{single_line(peer.name)} is saved{'; ' + words if words else '.'}")

        self._change(work, done)

    def _delete(self, name: str) -> None:
        self._forget_deleted()
        names = [peer.name for peer in self.settings.peers]
        place = names.index(name)
        may_call = name in self.settings.listener.peers
        self._deleted = _Deleted(self.settings.peers[place], place, may_call)

        def done(found: Settings) -> None:
            self._take(found, select=(*names[place + 1 :], *names[:place][-1:], "")[0])
            self.dialog.say(f"{single_line(name)} is deleted.", undo=True)

        self._change(lambda _: stored.change(self._path, lambda now: without(now, name)), done)

    def _undo(self) -> None:
        deleted, self._deleted = self._deleted, None
        if deleted is None:
            return

        def done(found: Settings) -> None:
            self._take(found, select=deleted.peer.name)
            self.dialog.say(f"{single_line(deleted.peer.name)} is back.")

        self._change(lambda _: stored.change(self._path, deleted.back), done)

    def _forget_deleted(self) -> None:
        """Drop the secrets of a peer that nobody brings back any more."""
        deleted, self._deleted = self._deleted, None
        if deleted is not None:
            secrets = self.services.secrets
            self._queue.submit(
                lambda _: secrets.forget(deleted.peer),
                priority=Priority.NEXT,
                done=lambda _: None,
                failed=lambda _: None,
            )
            self.dialog.say("")

    def _set_listener(self, listener: ListenerSettings) -> None:
        self._change(
            lambda _: stored.change(self._path, lambda now: replace(now, listener=listener)), self._take
        )

    def _change(self, work: Callable[[Job], T], done: Callable[[T], None]) -> None:
        self._changes.submit(work, done, self._failed)

    def _failed(self, error: Exception) -> None:
        self.dialog.say(str(error) if isinstance(error, ViewerError) else FAULT)
        self.dialog.show_settings(self.settings)

    def _check(self, peer: Peer, password: str, may_move: bool) -> None:  # noqa: FBT001  a slot
        services = self.services
        if password:  # one that is not saved yet is tried, and kept nowhere
            services = replace(services, secrets=trial(peer, password))
        if self._doctor is not None:
            self._doctor.examine(Asked(peer, services, self.settings.listener, may_move))
