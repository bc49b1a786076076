"""What each action does: one call for each name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from viewer.annotations.edits import Edit
from viewer.annotations.kinds import KINDS
from viewer.dicom.tree import series_key
from viewer.tools.commands import COMMANDS, CommandRow
from viewer.tools.table import TOOLS
from viewer.ui.about_dialog import AboutDialog
from viewer.ui.actions.action_row import ActionRow
from viewer.ui.actions.command_palette import CommandPalette
from viewer.ui.actions.dispatcher import ALL_ROWS
from viewer.ui.actions.key_sheet import KeySheet
from viewer.ui.furniture import Furniture
from viewer.ui.hands import CROSSHAIR
from viewer.ui.measuring.listing import Places
from viewer.ui.reading import Reading
from viewer.ui.room import Room
from viewer.ui.states import States
from viewer.viewing.corner_text import Detail
from viewer.viewing.pane import Hung
from viewer.viewing.shelf import Shelf

Deed = Callable[[], None]
NEXT_DETAIL = {Detail.FULL: Detail.MINIMAL, Detail.MINIMAL: Detail.OFF, Detail.OFF: Detail.FULL}


class Deeds:
    """Actions on the images and on the window; those that open things are the window's own."""

    def __init__(
        self,
        window: QMainWindow,
        reading: Reading,
        states: States,
        shelf: Callable[[], Shelf],
        say: Callable[[str], None],
    ) -> None:
        self._window, self._reading, self._states = window, reading, states
        self._room: Room = reading.room
        self._furniture: Furniture = reading.furniture
        self._shelf, self._say = shelf, say
        self._palette = CommandPalette(ALL_ROWS, window)
        self.rows: Sequence[ActionRow] = ALL_ROWS  # with the keys that hold

    def table(self) -> Mapping[str, Deed]:
        """Return every deed by the name of its action."""
        room, states = self._room, self._states
        return {
            **{row.name: partial(self._tool, row.name) for row in TOOLS},
            **{row.name: partial(self._command, row) for row in COMMANDS},
            CROSSHAIR: partial(self._tool, CROSSHAIR),
            "next-image": partial(self._step, 1),
            "previous-image": partial(self._step, -1),
            "first-image": partial(self._end, 0),
            "last-image": partial(self._end, -1),
            "next-series": partial(self._series, 1),
            "previous-series": partial(self._series, -1),
            "next-viewport": self._next_viewport,
            "subtract-mask": partial(_subtract, self._reading, self._say),
            "one-or-all": lambda: self._reading.toggle_alone(room.desk.active),
            "mpr": self._mpr,
            "cine": self._cine,
            "undo": lambda: self._undo(back=True),
            "redo": lambda: self._undo(back=False),
            "save-state": states.save,
            "apply-state": states.apply,
            "corner-text": self._detail,
            "rail": lambda: self._furniture.rail.setVisible(not self._furniture.rail.isVisible()),
            "panel": self._furniture.toggle_panel,
            "why": self._furniture.toggle_pixel,
            "palette": lambda: self._palette.open_over(self._window, self._reading.signs.reasons()),
            "keys": lambda: KeySheet(self.rows, self._window).open(),
            "about": lambda: AboutDialog(self._window).open(),
            "full-screen": lambda: self._window.setWindowState(
                self._window.windowState() ^ Qt.WindowState.WindowFullScreen
            ),
        }

    def set_rows(self, rows: Sequence[ActionRow]) -> None:
        """Show the keys that hold in the sheet, the palette and the tool bar."""
        self.rows = rows
        self._palette.set_rows(rows)
        self._furniture.tools.set_rows(rows)

    @property
    def palette(self) -> CommandPalette:
        """Return the list in which actions are found by name."""
        return self._palette

    def _tool(self, name: str) -> None:
        reason = self._reading.signs.reasons().get(name)
        if reason:
            self._say(reason)
        else:
            self._room.hands.tool = name
            if self._room.looks.crossing.mark is not None:  # the cross is there while its tool is
                self._reading.refresh()
        self._reading.signs.mark()

    def _command(self, row: CommandRow) -> None:
        if row.name == "reset":
            if self._room.hands.cancel():  # Esc gives up what is being drawn, and only then the view
                return
            self._room.looks.applied = ()
        reason = row.reason(self._room.desk.pane.state.image)
        if reason:
            self._say(reason)
        else:
            voi = self._room.looks.voi(self._room.desk.active)
            self._reading.view(
                lambda state: replace(row.apply(replace(state, voi_in_force=voi)), voi_in_force=None)
            )

    def _step(self, by: int) -> None:
        self._reading.scroll(self._room.desk.active, by)

    def _end(self, index: int) -> None:
        pane = self._room.desk.pane
        if pane.hung is not None and pane.hung.reformat is not None:
            self._room.reformat.go_to(pane.hung.reformat, index)
        else:
            self._room.desk.go_to(self._room.desk.active, index if index >= 0 else pane.count - 1)

    def _series(self, by: int) -> None:
        """Hang the next stack of the study, then of the next study and patient."""
        shelf, hung = self._shelf(), self._room.desk.pane.hung
        stacks = [
            s for patient in shelf.patients() for study in patient.studies for s in shelf.study_stacks(study)
        ]
        if not stacks:
            return
        here = next((number for number, stack in enumerate(stacks) if hung and _same(stack, hung)), -1)
        index = here + by
        if 0 <= index < len(stacks):
            self._reading.hang(stacks[index])
            self._furniture.rail.select(shelf.key_of(stacks[index]).text)
        else:
            self._say("There is no further series.")

    def _next_viewport(self) -> None:
        desk = self._room.desk
        self._reading.activate((desk.active + 1) % len(desk.panes))

    def _mpr(self) -> None:
        """Show the three planes of the active stack, or the stack alone again."""
        hung = self._room.desk.pane.hung
        if any(pane.hung is not None and pane.hung.reformat is not None for pane in self._room.desk.panes):
            self._stack_again()
            return
        reason = self._reading.signs.reasons().get("mpr")
        if hung is None or reason:
            self._say(reason or "There is no image here.")
            return
        self._room.reformat.open(
            hung,
            progress=lambda words: self._furniture.say(words, busy=True),
            ready=partial(self._planes, hung),
            failed=self._say,
        )

    def _stack_again(self) -> None:
        self._room.reformat.leave()
        self._room.hands.tool = "scroll"
        self._reading.fit_grid()

    def _planes(self, hung: Hung) -> None:
        self._say("Drag with the cross-hair (J) to move the point that the planes go through.")
        self._reading.touched = True
        self._room.reformat.hang(hung)
        self._reading.fit_grid()
        self._room.hands.tool = CROSSHAIR
        self._reading.signs.mark()

    def _cine(self) -> None:
        reason = self._reading.signs.reasons().get("cine")
        if reason and not self._room.cinema.playing:
            self._say(reason)
            self._reading.signs.mark()
        else:
            self._room.cinema.toggle()

    def _undo(self, *, back: bool) -> None:
        hung = self._room.desk.pane.hung
        if hung is not None:
            drawing = self._room.drawings.of(hung.series.study.study_instance_uid)
            self._tell("Undone" if back else "Done again", (drawing.undo if back else drawing.redo)())
            self._reading.signs.mark()

    def _tell(self, done: str, edits: Sequence[Edit]) -> None:
        """Say what was undone, and where: it may be on an image that is not in sight."""
        shape = next((edit.after or edit.before for edit in edits), None)
        if shape is None:
            return
        place = Places().of(shape.frame, self._shelf())[1]
        what = KINDS[shape.kind].name if len(edits) == 1 else f"{len(edits)} changes"
        self._say(f"{done}: {what}{place and f' on image {place}'}.")

    def delete(self, uid: str) -> None:
        """Delete a measurement; undo brings it back."""
        for drawing in self._room.drawings.all:
            for shape in drawing.annotations:
                if shape.uid == uid:
                    drawing.do(Edit(shape, None))
        self._reading.signs.mark()

    def go_to_annotation(self, uid: str) -> None:
        """Show the image that a measurement is on, and select it."""
        shape = next((shape for shape in self._room.drawings.annotations if shape.uid == uid), None)
        record = self._shelf().instance(shape.frame.sop_instance_uid) if shape is not None else None
        if shape is None or record is None:
            return
        pane = self._room.desk.pane
        stacks = [pane.hung] if pane.hung is not None and pane.hung.reformat is None else []
        for hung in (*stacks, *self._shelf().stacks(series_key(record))):
            if shape.frame in hung.keys:
                if hung is pane.hung:
                    self._room.desk.go_to(self._room.desk.active, hung.keys.index(shape.frame))
                else:
                    self._reading.hang(hung, index=hung.keys.index(shape.frame))
                break
        self._room.hands.select(uid)

    def _detail(self) -> None:
        self._room.looks.detail = NEXT_DETAIL[self._room.looks.detail]
        self._reading.refresh()


def _same(one: Hung, other: Hung) -> bool:
    return one.keys == other.keys


def _subtract(reading: Reading, say: Callable[[str], None]) -> None:
    """Show the differences from the masks of the header, or the frames as they are again."""
    desk, reason = reading.room.desk, reading.signs.reasons().get("subtract-mask")
    if reason:
        say(reason)
    elif desk.pane.hung is not None:
        desk.subtract(desk.active, on=not desk.pane.hung.subtracted)
