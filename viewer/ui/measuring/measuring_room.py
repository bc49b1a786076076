"""Everything that is done with measurements besides drawing them: by keys, by the panel, by their menu."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.jobs.queue import JobQueue, Priority
from viewer.ui.furniture import Furniture
from viewer.ui.measuring.editing import Editing
from viewer.ui.measuring.key_cursor import KeyCursor
from viewer.ui.measuring.listing import Places, entries
from viewer.ui.measuring.shape_menu import shape_menu
from viewer.ui.measuring.wording import Wording
from viewer.ui.room import Room
from viewer.viewing.measurement_table import Entry, as_csv, as_text
from viewer.viewing.shelf import Shelf

EMPTY = "Nothing is measured in this study yet."
STEPS = {"nudge-left": (-1, 0), "nudge-right": (1, 0), "nudge-up": (0, -1), "nudge-down": (0, 1)}


class MeasuringRoom:
    """Joins editing, words, the cross of the keys, the panel and the menu."""

    def __init__(
        self,
        window: QMainWindow,
        queue: JobQueue,
        room: Room,
        furniture: Furniture,
        shelf: Callable[[], Shelf],
        say: Callable[[str], None],
    ) -> None:
        self._window, self._queue, self._room, self._furniture = window, queue, room, furniture
        self._shelf, self._say = shelf, say
        self.editing = Editing(room, say)
        self.wording = Wording(room, furniture.grid, say)
        self.keys = KeyCursor(window, furniture, room.desk, room.hands)
        self._check: Callable[[str, bool], None] = lambda _name, _on: None
        room.drawings.series_of = self._series_of
        room.drawings.listen(self._edited)
        room.hands.asked.connect(self._menu_at)
        room.hands.activated.connect(lambda _: furniture.grid.setFocus())
        panel = furniture.measurements
        panel.name_wanted.connect(self._name)
        panel.menu_wanted.connect(self._menu_of)
        panel.copy_wanted.connect(self.copy_all)
        panel.save_wanted.connect(self.save_all)

    def attach(self, check: Callable[[str, bool], None]) -> None:
        """Tell `check` which actions are on, from now on."""
        self._check = check

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        nudges = {name: partial(self.editing.nudge, *step) for name, step in STEPS.items()}
        return {
            **nudges,
            "next-measurement": partial(self.editing.step, 1),
            "previous-measurement": partial(self.editing.step, -1),
            "label-measurement": lambda: self.wording.ask(self.editing.selected),
            "delete": self.editing.delete,
            "copy-measurement": self.editing.copy,
            "paste-measurement": self.editing.paste,
            "duplicate-measurement": self.editing.duplicate,
            "draw-by-keys": self._toggle_keys,
            "hide-measurements": self._hide,
            "copy-all-measurements": self.copy_all,
            "save-measurements": self.save_all,
        }

    def reasons(self) -> Mapping[str, str]:
        """Return why each action cannot be used now; "" where it can."""
        hung, drawings = self._room.desk.pane.hung, self._room.drawings
        study = drawings.of(hung.series.study.study_instance_uid).annotations if hung is not None else ()
        no_list = "" if study else EMPTY
        whole = dict.fromkeys(("copy-all-measurements", "save-measurements", "hide-measurements"), no_list)
        return {**self.editing.reasons, **whole}

    def _toggle_keys(self) -> None:
        self.keys.toggle()
        self._check("draw-by-keys", self.keys.on)
        if self.keys.on:
            self._say("Arrow keys move the cross, Shift for ten steps; Enter clicks, Esc or K ends it.")

    def _hide(self) -> None:
        self.editing.hide()
        self._check("hide-measurements", self._room.hands.hidden)

    # ---------------------------------------------------------------------------------- the whole study
    @property
    def listed(self) -> list[Entry]:
        """Return the measurements of the study in the active viewport: never of two patients at once."""
        hung = self._room.desk.pane.hung
        if hung is None:
            return []
        drawing = self._room.drawings.of(hung.series.study.study_instance_uid)
        return entries(drawing.annotations, self._room, self._shelf(), Places())

    def copy_all(self) -> None:
        """Copy all measurements of the study as text."""
        listed = self.listed
        if not listed:
            self._say(EMPTY)
            return
        QApplication.clipboard().setText(as_text(listed))
        self._say(f"Copied {_counted(len(listed))} as text.")

    def save_all(self) -> None:
        """Ask where to save all measurements of the study as a table, and do it."""
        listed = self.listed
        if not listed:
            self._say(EMPTY)
            return
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save measurements", "measurements.csv", "Tables (*.csv)"
        )
        if name:
            self.save_to(Path(name), listed)

    def save_to(self, path: Path, listed: list[Entry]) -> None:
        """Save measurements as a table, away from the main thread."""
        text = as_csv(listed)
        self._queue.submit(
            lambda _: _write(path, text),
            priority=Priority.VISIBLE,
            done=lambda _: self._say(f"Saved {_counted(len(listed))} in {path.name}."),
            failed=lambda error: self._say(
                str(error) if isinstance(error, ViewerError) else f"{path.name} could not be saved."
            ),
        )

    # ---------------------------------------------------------------------------------------- one of them
    def _find(self, uid: str) -> Annotation | None:
        found = self._room.drawings.find(uid)
        return found[1] if found is not None else None

    def _name(self, uid: str) -> None:
        """Ask for the words of a measurement of the list: where it is, which is shown first."""
        shape = self._find(uid)
        self._furniture.measurements.chosen.emit(uid)
        picture = self._room.desk.pane.picture
        if shape is not None and picture is not None and picture.header.key == shape.frame:
            self.wording.ask(shape)
        elif shape is not None:
            self._say("Its image is being read: press F2 once it is there.")

    def _menu_at(self, number: int, uid: str, x: float, y: float) -> None:
        viewport = self._furniture.grid.viewports[number]
        ratio = viewport.devicePixelRatioF()
        self._room.hands.select(uid)
        self._open_menu(uid, viewport.mapToGlobal(QPoint(round(x / ratio), round(y / ratio))))

    def _menu_of(self, uid: str) -> None:
        self._open_menu(uid, QCursor.pos())

    def _open_menu(self, uid: str, at: QPoint) -> None:
        shape = self._find(uid)
        if shape is None:
            return
        deeds: dict[str, Callable[[], object]] = {
            "Length …" if shape.kind is Kind.CALIBRATION else "Name …": partial(self._name, uid),
            "Copy": partial(self.editing.copy, shape),
            "Duplicate": partial(self.editing.duplicate, shape),
            "Hide all": self._hide,
            "Delete": partial(self.editing.change, shape, None),
        }
        menu = shape_menu(self._window, shape, deeds, partial(self.editing.color, shape))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    # ----------------------------------------------------------------------------------------- in between
    def _edited(self, _: Edit) -> None:
        self._check("hide-measurements", self._room.hands.hidden)

    def _series_of(self, frame: FrameKey) -> str:
        record = self._shelf().instance(frame.sop_instance_uid)
        return record.series.series_instance_uid if record is not None else frame.sop_instance_uid


def _counted(count: int) -> str:
    return "1 measurement" if count == 1 else f"{count} measurements"


def _write(path: Path, text: str) -> None:
    """Write a text. Raises ViewerError with the reason."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ViewerError(f"{path.name} was not saved: {error.strerror}.") from None
