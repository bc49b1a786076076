"""How annotations change: an edit is (before, after), and undo applies its inverse, act by act."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from viewer.annotations.shapes import Annotation
from viewer.dicom.records import FrameKey


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: `before` is None for an addition, `after` is None for a removal."""

    before: Annotation | None
    after: Annotation | None

    @property
    def inverse(self) -> Self:
        """Return the edit that takes this one back."""
        return type(self)(self.after, self.before)


class Drawing:
    """The annotations of a study. `do` is the only door; listeners hear of every change."""

    def __init__(self, annotations: Iterable[Annotation] = ()) -> None:
        self._shapes = {shape.uid: shape for shape in annotations}
        self._done: list[tuple[Edit, ...]] = []  # acts: what is done at once is taken back at once
        self._undone: list[tuple[Edit, ...]] = []
        self._listeners: list[Callable[[Edit], None]] = []

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Return all annotations, in the order in which they were added."""
        return tuple(self._shapes.values())

    @property
    def can_undo(self) -> bool:
        """Tell whether there is something to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Tell whether there is something to do again."""
        return bool(self._undone)

    def on(self, frame: FrameKey | None) -> tuple[Annotation, ...]:
        """Return the annotations of one frame."""
        return tuple(shape for shape in self._shapes.values() if shape.frame == frame)

    def listen(self, listener: Callable[[Edit], None]) -> None:
        """Call `listener` with every edit that is applied, also those of undo and redo."""
        self._listeners.append(listener)

    def do(self, *edits: Edit) -> None:
        """Apply the edits of one act; what was undone before can no longer be done again."""
        if not edits:
            return
        self._done.append(edits)  # before anybody hears of it: listeners ask whether it can be undone
        self._undone.clear()
        for edit in edits:
            self._apply(edit)

    def restore(self, annotations: Iterable[Annotation]) -> tuple[Annotation, ...]:
        """Bring annotations back that were drawn before; return those that were not there.

        That is no edit of today: it cannot be undone, and what was done since is not touched. Listeners hear
        of the last one only: there may be hundreds, and whoever shows them shows them all.
        """
        new = tuple(shape for shape in annotations if shape.uid not in self._shapes)
        self._shapes |= {shape.uid: shape for shape in new[:-1]}
        for shape in new[-1:]:
            self._apply(Edit(None, shape))
        return new

    def undo(self) -> tuple[Edit, ...]:
        """Take back the last act and return it; nothing happens when there is none."""
        edits = self._done.pop() if self._done else ()
        self._undone += [edits] if edits else []
        for edit in reversed(edits):
            self._apply(edit.inverse)
        return edits

    def redo(self) -> tuple[Edit, ...]:
        """Do again what was taken back last and return it; nothing happens when there is none."""
        edits = self._undone.pop() if self._undone else ()
        self._done += [edits] if edits else []
        for edit in edits:
            self._apply(edit)
        return edits

    def _apply(self, edit: Edit) -> None:
        if edit.after is not None:
            self._shapes[edit.after.uid] = edit.after
        elif edit.before is not None:
            self._shapes.pop(edit.before.uid, None)
        for listener in self._listeners:
            listener(edit)
