"""The window: a strip on top, the rail at the left, the viewports, a panel at the right, the tools below."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow

from viewer.demo.studies import prepare
from viewer.jobs.queue import JobQueue
from viewer.paths import NAME, resource
from viewer.ui.actions.dispatcher import Dispatcher
from viewer.ui.cine.cinema import Cinema
from viewer.ui.cine.film_deeds import FilmDeeds
from viewer.ui.comparing.comparing_room import Comparing
from viewer.ui.deeds import Deeds
from viewer.ui.documents import Documents
from viewer.ui.drops import local_paths
from viewer.ui.furniture import Furniture
from viewer.ui.hands import Hands
from viewer.ui.hanging.hang_deeds import HangDeeds
from viewer.ui.hanging.hang_room import HangRoom
from viewer.ui.intake import Intake
from viewer.ui.looks import Looks
from viewer.ui.measuring.measuring_room import MeasuringRoom
from viewer.ui.peers.peer_room import PeerRoom
from viewer.ui.rail.thumbnails import Thumbnails
from viewer.ui.reading import Reading
from viewer.ui.reformat import Reformat
from viewer.ui.room import Room
from viewer.ui.seen.memory import Memory
from viewer.ui.settings.preferences import Preferences
from viewer.ui.settings.settings_room import SettingsRoom
from viewer.ui.states import States
from viewer.ui.studies.study_room import StudyRoom
from viewer.ui.transfers.send_room import SendRoom
from viewer.ui.transfers.transfer_room import TransferRoom
from viewer.ui.view_tools import ViewTools
from viewer.ui.windows.window_room import WindowRoom
from viewer.ui.windows_menu import WindowsMenu
from viewer.viewing import corner_text
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.desk import Desk
from viewer.viewing.drawings import Drawings
from viewer.viewing.loader import Loader
from viewer.viewing.opening import Opening
from viewer.viewing.presets import load as load_presets
from viewer.viewing.shelf import Shelf


class MainWindow(QMainWindow):
    """Puts the parts together. What is opened is `intake`'s, what is done with it is `reading`'s."""

    def __init__(
        self,
        queue: JobQueue,
        loader: Loader,
        opening: Opening,
        capacity: Callable[[], bool],
        cabinet: Cabinet,
        preferences: Preferences | None = None,
    ) -> None:
        """`capacity` tells whether more frames may be read ahead into memory."""
        super().__init__()
        self._loader = loader
        self.furniture = Furniture(self)
        self.intake = Intake(opening, loader, self.furniture, self)
        self.reading = Reading(_room(self, queue, loader, capacity), self.furniture, self._shelf, self)
        self.intake.reading = self.reading
        self.view_tools = ViewTools(queue, self.reading, self.intake.say, self)
        self.films = FilmDeeds(
            self.reading.room.desk, self.reading.room.cinema, self.furniture.cine, self.intake.say
        )
        self.measuring = MeasuringRoom(
            self, queue, self.reading.room, self.furniture, self._shelf, self.intake.say
        )
        self.reading.signs.of_measuring = self.measuring.reasons
        self.hanging = HangRoom(queue, loader, self.reading, self._shelf, self.intake.say)
        self.reading.signs.of_hanging = self.hanging.reasons
        self.hangings = HangDeeds(self, queue, self.hanging, self.reading.room, self.furniture)
        self.windows = WindowRoom(self.reading, self, self.intake.say)
        self.documents = Documents(loader, self.furniture, self._shelf, self)
        self.thumbnails = Thumbnails(
            queue, loader, self.furniture.rail.rail_model, lambda key: self._shelf().find(key)
        )
        self.studies = StudyRoom(queue, cabinet, self.intake, self.reading, self.close_studies, self)
        self.comparing = Comparing(queue, self.reading, self.studies, self.intake, self)
        self.peers = _peers(queue, self.studies, self)
        self.transfers = TransferRoom(queue, self.studies.remote.remote, self.furniture, self)
        self.sends = _sends(queue, cabinet, self)
        preferences = preferences or Preferences(queue)
        self.settings = SettingsRoom(queue, preferences, cabinet, self.reading.room, self.studies, self)
        self.memory = Memory(queue, cabinet, preferences, self.reading, self.intake, loader)
        self._states = States(self.reading.room, queue, loader, self._shelf, self.intake.say, self._made)
        self._connect(self._states)
        self.setAcceptDrops(True)
        self.setWindowTitle(NAME)
        self.setMinimumSize(800, 560)

    def _shelf(self) -> Shelf:
        return self.intake.shelf

    def _connect(self, states: States) -> None:
        intake, reading = self.intake, self.reading
        deeds = Deeds(self, reading, states, self._shelf, intake.say)
        own: dict[str, Callable[[], object]] = {
            "open-folder": self.choose_folder,
            "open-files": self.choose_files,
            "demo": lambda: intake.open_prepared(prepare),
            "stop-reading": intake.stop,
            "close-studies": self.close_studies,
            "studies": self.studies.toggle,
            "find-study": self.studies.find,
            "import": self.studies.choose_import,
            "priors": self._look_for_priors,
            "peers": self.peers.open,
            "receive": self.peers.open_listener,
            "transfers": self.transfers.toggle,
            "send-states": self._send_states,
        }
        dispatcher = self._dispatcher = Dispatcher(self, {**deeds.table(), **own, **self._more()})
        self.settings.begin(dispatcher, deeds)
        self.settings.preferences.failed.connect(intake.say)
        self.windows.take(dispatcher.actions)
        self.comparing.attach(dispatcher)
        self.measuring.attach(lambda name, on: dispatcher.check(name, on=on))
        presets = self.hanging.presets = load_presets(resource("presets.toml"))
        menu = WindowsMenu(presets, lambda: reading.room.desk.pane, reading.view, self)
        self.view_tools.begin(self.settings.preferences, self.documents, menu, self.hanging)
        self.furniture.fill_menu(dispatcher, menu)
        self.studies.shown.connect(lambda: _wake(self.furniture, dispatcher, menu))
        rail = self.furniture.rail
        rail.thumbnail_wanted.connect(self.thumbnails.want)
        rail.opened.connect(self._opened)
        rail.unshowable.connect(self.documents.open)
        intake.ended.connect(states.announce)
        intake.cleared.connect(self.hanging.forget)
        intake.began.connect(self.hanging.reader.begin)
        reading.files_dropped.connect(intake.open_paths)
        _wire(self.furniture, dispatcher, deeds)

    def _more(self) -> dict[str, Callable[[], object]]:
        """Return the deeds of the rooms that have rows of their own."""
        views = {**self.view_tools.table(), **self.films.table(), **self.hangings.table()}
        views |= {**self.measuring.table(), **self.windows.table()}
        return {**views, **self.comparing.table(), **self.settings.table(), **self.memory.table()}

    def _opened(self, key: str) -> None:
        self.reading.touched = True
        self.reading.hang(self._shelf().find(key))
        self.furniture.grid.setFocus()  # from here on the keys are those of the image

    def choose_folder(self) -> None:
        """Ask for a folder or medium, and open it."""
        folder = QFileDialog.getExistingDirectory(self, "Open a folder, a CD or a stick")
        if folder:
            self.intake.open_paths([folder])

    def choose_files(self) -> None:
        """Ask for files or zips, and open them."""
        files, _ = QFileDialog.getOpenFileNames(self, "Open images, a DICOMDIR or a zip")
        if files:
            self.intake.open_paths(files)

    def close_studies(self) -> bool:
        """Put everything away, after asking about measurements that are not saved; tell whether it was."""
        if not self._may_leave():
            return False
        self.thumbnails.forget()
        self.reading.clear()
        self.intake.clear()
        self.documents.clear()
        self._loader.forget()
        return True

    def _made(self, paths: Sequence[Path]) -> None:
        """Keep new presentation states with their study, and offer to send them."""
        if self.studies.remembering is not None:
            self.studies.remembering.keep_made(paths)
        self.sends.offer_made(paths)

    def _send_states(self) -> None:
        hung = self.reading.room.desk.pane.hung
        self.sends.ask_states(hung.series.study if hung is not None else None)

    def _look_for_priors(self) -> None:
        """Look for the other studies of whoever is seen, or chosen, here and on all peers."""
        hung = self.reading.room.desk.pane.hung
        self.studies.look_for_priors(hung.series.study.patient if hung is not None else None)

    def take_over(self, paths: Sequence[str]) -> None:
        """Come to the front and open what a second start of the program was given."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        if paths == ["demo"]:
            self.intake.open_prepared(prepare)
        elif paths:
            self.intake.open_paths(paths)

    @property
    def settled(self) -> bool:
        """Tell whether everything that can be seen is drawn in full quality."""
        return (
            not (self.intake.busy or self.hanging.busy)
            and self.reading.settled
            and not (self.thumbnails.busy or self.documents.busy or self.studies.busy)
        )

    def shut(self) -> None:
        """Stop what runs by itself, before the threads end."""
        self.reading.room.cinema.stop()
        self.reading.room.reformat.close()
        self.windows.shut()
        self.memory.shut()
        self.intake.shut()
        self.studies.shut()
        self.peers.shut()
        self.thumbnails.forget()

    def _may_leave(self) -> bool:
        return self.memory.may_leave(self, self._states.save)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about what would be lost."""
        if self._may_leave():
            if self.transfers.parting:
                self.intake.told.emit(self.transfers.parting)
            self.windows.shut()
            event.accept()
        else:
            event.ignore()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files from outside."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped; on the list of studies it is imported."""
        paths = local_paths(event.mimeData())
        if self.furniture.browsing:
            self.studies.take_dropped(paths)
        else:
            self.intake.open_paths(paths)
        event.acceptProposedAction()


def _room(window: QMainWindow, queue: JobQueue, loader: Loader, capacity: Callable[[], bool]) -> Room:
    """Make everything that reading is done with."""
    desk, drawings = Desk(loader, capacity), Drawings()
    reformat = Reformat(queue, loader, desk)
    looks = Looks(desk, drawings, reformat, corner_text.load(resource("corner_text.toml")))
    hands = Hands(desk, drawings, lambda number: looks.prepared(number, window.devicePixelRatioF()), window)
    looks.hands = hands
    return Room(desk, drawings, looks, hands, Cinema(desk, window), reformat)


def _peers(queue: JobQueue, studies: StudyRoom, window: QMainWindow) -> PeerRoom:
    """Make the place where peers are set; what is set there holds at once."""
    remote = studies.remote.remote
    room = PeerRoom(queue, remote.neighbours.services, window, door=remote.door)
    room.changed.connect(lambda found: studies.remote.set_peers(found.peers, studies.browser))
    studies.peers_wanted.connect(room.open)
    room.begin()
    return room


def _sends(queue: JobQueue, cabinet: Cabinet, window: MainWindow) -> SendRoom:
    """Make what sends: studies of the list, and what was made here."""
    neighbours = window.studies.remote.remote.neighbours
    room = SendRoom(queue, cabinet, neighbours, window.transfers, window.furniture, window)
    if window.studies.deeds is not None:
        window.studies.deeds.send_wanted.connect(room.ask)
        window.studies.deeds.no_sending = lambda: room.reason
    return room


def _wake(furniture: Furniture, dispatcher: Dispatcher, windows: WindowsMenu) -> None:
    """Give the keys to the images or, while it is in sight, to the list of studies."""
    dispatcher.browse(on=furniture.browsing)
    windows.set_keys(on=not furniture.browsing)


def _wire(furniture: Furniture, dispatcher: Dispatcher, deeds: Deeds) -> None:
    """Let the parts of the window do what they say."""
    furniture.studies.clicked.connect(lambda: dispatcher.run("studies"))
    furniture.tools.triggered.connect(dispatcher.run)
    deeds.palette.triggered.connect(dispatcher.run)
    furniture.cine.play_wanted.connect(lambda _: dispatcher.run("cine"))
    furniture.measurements.chosen.connect(deeds.go_to_annotation)
    furniture.measurements.delete_wanted.connect(deeds.delete)
