"""Changes of the selected measurement: copied, moved by keys, coloured, deleted, hidden."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QApplication

from viewer.annotations.edits import Edit
from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation
from viewer.tools.edit import nudged, pasted, why_not_pasted
from viewer.ui.room import Room

NOTHING = "Select a measurement first: click on it, or press the full stop."
NO_COPY = "There is no copy: select a measurement and copy it first."
FOREIGN = "What another program drew stays as it is."
HIDDEN = "The measurements are hidden: show them first (Shift+I)."
NUDGES = ("nudge-left", "nudge-right", "nudge-up", "nudge-down")
ELSEWHERE = "The image of this measurement is not read yet."


class Editing:
    """Finds what is selected and changes it; undo takes each change back."""

    def __init__(self, room: Room, say: Callable[[str], None]) -> None:
        self._room, self._say = room, say
        self._copied: tuple[Annotation, tuple[int, int]] | None = None  # and the rows, columns of its image

    @property
    def here(self) -> tuple[Annotation, ...]:
        """Return what is drawn on the image of the active viewport."""
        picture = self._room.desk.pane.picture
        return () if picture is None else self._room.drawings.on(picture.description.key)

    @property
    def selected(self) -> Annotation | None:
        """Return what is selected, if it is on the image of the active viewport."""
        return next((shape for shape in self.here if shape.uid == self._room.hands.selected), None)

    def step(self, by: int) -> None:
        """Select the next one of the image, or the one before."""
        here = self.here
        if not here:
            self._say("Nothing is drawn on this image.")
            return
        uids = [shape.uid for shape in here]
        selected = self._room.hands.selected
        at = uids.index(selected) + by if selected in uids else (0 if by > 0 else -1)
        self._room.hands.hidden = False
        self._room.hands.select(uids[at % len(uids)])

    def copy(self, shape: Annotation | None = None) -> None:
        """Copy an annotation for `paste`, and its text for other programs."""
        shape = shape or self.selected
        image = self._room.drawings.description(shape.frame) if shape is not None else None
        if shape is None or image is None:
            self._say(NOTHING if shape is None else ELSEWHERE)
            return
        self._copied = shape, (image.rows, image.columns)
        text = self._room.looks.labels.known(shape)
        if text:
            QApplication.clipboard().setText(text)
        self._say("Copied. Ctrl+V puts it on another image of the same size.")

    def paste(self) -> None:
        """Put the copy on the image of the active viewport, at the same place."""
        picture, reason = self._room.desk.pane.picture, self._no_paste()
        if reason or picture is None or self._copied is None:
            self._say(reason)
            return
        self._keep(Edit(None, pasted(self._copied[0], picture.description)))

    def duplicate(self, shape: Annotation | None = None) -> None:
        """Put a copy a little aside."""
        shape, picture = shape or self.selected, self._room.desk.pane.picture
        if shape is None or picture is None:
            self._say(NOTHING)
        else:
            self._keep(Edit(None, pasted(shape, picture.description)))

    def nudge(self, right: float, down: float) -> None:
        """Move the selected one by steps on the screen."""
        shape = self.selected
        if shape is None or shape.read_only:
            self._say(NOTHING if shape is None else FOREIGN)
            return
        room = self._room
        self.change(shape, nudged(shape, (right, down), room.looks.prepared(room.desk.active)))

    def color(self, shape: Annotation, color: str) -> None:
        """Give an annotation a colour, "" for that of all."""
        if not shape.read_only:
            self.change(shape, replace(shape, color=color))

    def change(self, before: Annotation, after: Annotation | None) -> None:
        """Do an edit of what is there; None deletes it."""
        found = self._room.drawings.find(before.uid)
        if found is not None and after != before:
            found[0].do(Edit(before, after))

    def delete(self) -> None:
        """Delete what is selected, else what was drawn last on the image; never what is not in sight."""
        if self._room.hands.hidden:
            self._say(HIDDEN)
            return
        shape = self.selected or next(reversed(self.here), None)
        if shape is None:
            self._say("Nothing is drawn on this image.")
            return
        name = KINDS[shape.kind].name
        self.change(shape, None)
        self._say(f"{name} deleted. Ctrl+Z brings it back.")

    @property
    def reasons(self) -> dict[str, str]:
        """Return why an action cannot be used now; "" where it can."""
        selected = "" if self.selected is not None else NOTHING
        drawn = "" if self.here else "Nothing is drawn on this image."
        names = ("label-measurement", "copy-measurement", "duplicate-measurement")
        found = {**dict.fromkeys((*names, *NUDGES), selected), "paste-measurement": self._no_paste()}
        return {**found, **dict.fromkeys(("next-measurement", "previous-measurement", "delete"), drawn)}

    def _no_paste(self) -> str:
        picture = self._room.desk.pane.picture
        if self._copied is None:
            return NO_COPY
        return why_not_pasted(self._copied[1], picture.description if picture is not None else None)

    def hide(self) -> None:
        """Hide everything that is drawn, or show it again."""
        hands = self._room.hands
        hands.hidden = not hands.hidden
        hands.select(None if hands.hidden else hands.selected)

    def _keep(self, edit: Edit) -> None:
        self._room.hands.hidden = False
        self._room.hands.keep(self._room.desk.active, edit)
