"""The window: a strip on top, the rail at the left, the viewports, a panel at the right, the tools below."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox

from viewer.demo.studies import prepare
from viewer.dicom.records import InstanceRecord
from viewer.dicom.text import printable
from viewer.jobs.queue import Job, JobQueue
from viewer.paths import NAME, resource
from viewer.ui import rail_nodes
from viewer.ui.cinema import Cinema
from viewer.ui.deeds import Deeds
from viewer.ui.dispatcher import Dispatcher
from viewer.ui.drops import local_paths
from viewer.ui.furniture import Furniture
from viewer.ui.hands import Hands
from viewer.ui.looks import Looks
from viewer.ui.problem_panel import Problem
from viewer.ui.reading import Reading
from viewer.ui.reformat import Reformat
from viewer.ui.room import Room
from viewer.ui.states import States
from viewer.ui.thumbnails import Thumbnails
from viewer.ui.windows_menu import WindowsMenu
from viewer.viewing import corner_text
from viewer.viewing.desk import Desk
from viewer.viewing.drawings import Drawings
from viewer.viewing.loader import Loader
from viewer.viewing.opening import Found, Opening, Prepare
from viewer.viewing.pane import Hung
from viewer.viewing.presets import load as load_presets
from viewer.viewing.shelf import Shelf

REFRESH = 150  # ms between two looks of the rail at a shelf that fills
SAID = 6000  # ms that a message stays


class MainWindow(QMainWindow):
    """Opens things and shows what came of it. What is done with the images is in `Reading`."""

    def __init__(
        self, queue: JobQueue, loader: Loader, opening: Opening, capacity: Callable[[], bool]
    ) -> None:
        """`capacity` tells whether more frames may be read ahead into memory."""
        super().__init__()
        self.complaint = ""  # why nothing could be opened, in words
        self.shelf = Shelf()
        self._loader, self._opening = loader, opening
        self._job: Job | None = None
        self._hung_first = False
        self.furniture = Furniture(self, self.open_paths)
        self.reading = Reading(_room(self, queue, loader, capacity), self.furniture, lambda: self.shelf, self)
        self.thumbnails = Thumbnails(queue, loader, self.furniture.rail.rail_model, self._find)
        self._states = States(self.reading.room, queue, loader, lambda: self.shelf, self.say)
        self._connect()
        self._refreshing = QTimer(self, singleShot=True, interval=REFRESH)
        self._refreshing.timeout.connect(self._refresh)
        self.setAcceptDrops(True)
        self.setWindowTitle(NAME)
        self.setMinimumSize(800, 560)

    def _connect(self) -> None:
        rail, reading = self.furniture.rail, self.reading
        rail.thumbnail_wanted.connect(self.thumbnails.want)
        rail.opened.connect(self._opened)
        rail.unshowable.connect(lambda _: self.say("This is no image; it is not displayed yet."))
        deeds = Deeds(self, reading, self._states, lambda: self.shelf, self.say)
        own = {
            "open-folder": self.choose_folder,
            "open-files": self.choose_files,
            "demo": lambda: self.open_prepared(prepare),
            "stop-reading": self.stop_reading,
            "close-studies": self.close_studies,
        }
        dispatcher = Dispatcher(self, {**deeds.table(), **own})
        presets = load_presets(resource("presets.toml"))
        menu = WindowsMenu(presets, lambda: reading.room.desk.pane, reading.view, self)
        self.furniture.fill_menu(dispatcher, menu)
        _wire(self.furniture, dispatcher, reading, deeds)

    def _opened(self, key: str) -> None:
        self.reading.touched = True
        self.reading.hang(self._find(key))

    # ------------------------------------------------------------------------------------------- opening
    def open_paths(self, paths: Sequence[str]) -> None:
        """Read files, folders, media and zips, and show them as they come."""
        self._begin(lambda: self._opening.open(paths, self))

    def open_prepared(self, prepare: Prepare) -> None:
        """Make something to open first, then open it."""
        self._begin(lambda: self._opening.prepare(prepare, self))

    def choose_folder(self) -> None:
        """Ask for a folder or medium, and open it."""
        folder = QFileDialog.getExistingDirectory(self, "Open a folder, a CD or a stick")
        if folder:
            self.open_paths([folder])

    def choose_files(self) -> None:
        """Ask for files or zips, and open them."""
        files, _ = QFileDialog.getOpenFileNames(self, "Open images, a DICOMDIR or a zip")
        if files:
            self.open_paths(files)

    def stop_reading(self) -> None:
        """Stop an opening; what was read stays."""
        if self._job is not None:
            self._job.cancel()
            self.finished("Reading was stopped; what was read so far is in the list.")

    def close_studies(self) -> None:
        """Put everything away, after asking about measurements that are not saved."""
        if not self._may_leave():
            return
        self.stop_reading()
        self.thumbnails.forget()
        self.shelf, self._hung_first, self.complaint = Shelf(), False, ""
        self._opening.forget()
        self.reading.clear()
        self._refresh()
        self.say("")

    def _begin(self, start: Callable[[], Job]) -> None:
        if self._job is not None:
            self.say("Still reading; stop that first, or wait.")
            return
        self.complaint = ""
        self.reading.room.looks.empty = False
        self.progress("Reading …")
        self._job = start()
        self.reading.refresh()

    # ------------------------------------------------------- what an opening tells (viewing.opening.Listener)
    def found(self, items: Sequence[Found]) -> None:
        """Take what was just read; the first image is hung at once."""
        self._loader.add(item for item in items if isinstance(item, InstanceRecord))
        stacks = self.shelf.add(items)
        self.reading.regrow(stacks)
        if stacks and not self._hung_first:
            self._hung_first = True
            self.reading.hang(stacks[0])
        if not self._refreshing.isActive():
            self._refreshing.start()

    def progress(self, words: str) -> None:
        """Say how far an opening is."""
        self.furniture.say(words, busy=True)

    def finished(self, reason: str) -> None:
        """Take the end of an opening."""
        self._job = None
        self._refresh()
        unread = len(self.shelf.refused)
        if not len(self.shelf):
            self.complaint = self._nothing(reason)
            self.reading.room.looks.empty = True
            self.reading.refresh()
        else:
            self.complaint = reason
        problems = f"; {unread} files could not be used" if unread else ""
        self.say(
            self.complaint or f"{len(self.shelf)} images and documents{problems}", stay=bool(self.complaint)
        )
        self.reading.opened(self.shelf)

    def _nothing(self, reason: str) -> str:
        if reason:
            return reason
        if self.shelf.refused:
            first = self.shelf.refused[0]
            return f"Nothing could be opened. {printable(first.path)}: {first.reason}"
        count = len(self.shelf.skipped)
        if count:
            return f"No DICOM image was found in the {count} files that were looked at."
        return "No files were found there."

    def _refresh(self) -> None:
        """Show the shelf in the rail, and its problems."""
        self.furniture.rail.set_tree(rail_nodes.nodes(self.shelf))
        problems = [Problem(printable(item.path), item.reason) for item in self.shelf.refused]
        self.furniture.set_problems(problems)
        self.reading.signs.mark()

    # -------------------------------------------------------------------------------------------- the window
    def say(self, words: str, *, stay: bool = False) -> None:
        """Show a sentence in the bar; it goes after a while unless it is to stay."""
        self.furniture.say(words, busy=False)
        if words and not stay:
            QTimer.singleShot(SAID, self, lambda: self.furniture.unsay(words))

    def _find(self, key: str) -> Hung | None:
        return self.shelf.find(key)

    @property
    def settled(self) -> bool:
        """Tell whether everything that can be seen is drawn in full quality."""
        return (
            self._job is None
            and not self._refreshing.isActive()
            and self.reading.settled
            and not self.thumbnails.busy
        )

    def shut(self) -> None:
        """Stop what runs by itself, before the threads end."""
        self.reading.room.cinema.stop()
        self.reading.room.reformat.close()
        if self._job is not None:
            self._job.cancel()
        self.thumbnails.forget()

    def _may_leave(self) -> bool:
        count = self.reading.room.drawings.unsaved
        if not count:
            return True
        box = QMessageBox(self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Measurements are not saved")
        box.setText(f"{count} measurements are not saved in a presentation state.")
        discard = box.addButton("Discard them", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is discard

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about what would be lost."""
        if self._may_leave():
            event.accept()
        else:
            event.ignore()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files from outside."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.open_paths(local_paths(event.mimeData()))
        event.acceptProposedAction()


def _room(window: QMainWindow, queue: JobQueue, loader: Loader, capacity: Callable[[], bool]) -> Room:
    """Make everything that reading is done with."""
    desk, drawings = Desk(loader, capacity), Drawings()
    reformat = Reformat(queue, loader, desk)
    looks = Looks(desk, drawings, reformat, corner_text.load(resource("corner_text.toml")))
    hands = Hands(desk, drawings, lambda number: looks.prepared(number, window.devicePixelRatioF()), window)
    looks.hands = hands
    return Room(desk, drawings, looks, hands, Cinema(desk, window), reformat)


def _wire(furniture: Furniture, dispatcher: Dispatcher, reading: Reading, deeds: Deeds) -> None:
    """Let the parts of the window do what they say."""
    cinema, desk = reading.room.cinema, reading.room.desk
    furniture.tools.triggered.connect(dispatcher.run)
    deeds.palette.triggered.connect(dispatcher.run)
    furniture.cine.play_wanted.connect(lambda _: dispatcher.run("cine"))
    furniture.cine.frame_wanted.connect(lambda frame: desk.go_to(desk.active, frame - 1))
    furniture.cine.step_wanted.connect(lambda by: reading.scroll(desk.active, by))
    furniture.cine.rate_wanted.connect(cinema.set_rate)
    furniture.cine.mode_wanted.connect(cinema.set_mode)
    furniture.measurements.chosen.connect(reading.go_to_annotation)
    furniture.measurements.delete_wanted.connect(deeds.delete)
