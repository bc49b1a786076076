"""Asks for the words of what was drawn, and for other words of what is there."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from viewer.annotations.edits import Drawing, Edit
from viewer.annotations.shapes import Annotation, Kind
from viewer.ui.measuring.words_editor import LengthEditor, WordsEditor
from viewer.ui.room import Room
from viewer.ui.viewport.layout_grid import LayoutGrid
from viewer.viewing.calibrating import stated, words

FOREIGN = "What another program drew keeps its own words."
NOTHING = "Select a measurement first: click on it, or press the full stop."


class Wording:
    """Opens the field on the picture and keeps what is written."""

    def __init__(self, room: Room, grid: LayoutGrid, say: Callable[[str], None]) -> None:
        self._room, self._grid, self._say = room, grid, say
        room.hands.words_wanted.connect(self._ask_new)

    def ask(self, shape: Annotation | None) -> None:
        """Ask for other words of an annotation of the active image."""
        number = self._room.desk.active
        if shape is None or shape.read_only:
            self._say(NOTHING if shape is None else FOREIGN)
            return
        self._open(number, shape, lambda text: self._change(number, shape, text), lambda: None)

    def _ask_new(self, number: int, shape: Annotation) -> None:
        """Ask for the words without which a new annotation is nothing; it is kept where it was drawn."""
        pane = self._room.desk.panes[number]
        if pane.picture is None or pane.hung is None:
            self._forget()
            return
        self._room.drawings.describe(pane.picture.header)
        drawing = self._room.drawings.of(pane.hung.series.study.study_instance_uid)
        self._open(number, shape, lambda text: self._add(drawing, shape, text), self._forget)

    def _open(
        self,
        number: int,
        shape: Annotation,
        done: Callable[[str], None],
        given_up: Callable[[], None],
    ) -> None:
        viewport = self._grid.viewports[number]
        at = self._place(number, shape, viewport)
        if shape.kind is Kind.CALIBRATION:
            length, whole = stated(shape.text) or (0.0, False)
            asked = LengthEditor(viewport, at, length, series=whole)
            asked.done.connect(lambda mm, series: self._end(done, words(mm, whole_series=series)))
            asked.given_up.connect(lambda: self._end(given_up))
            return
        editor = WordsEditor(viewport, at, shape.text)
        editor.done.connect(lambda text: self._end(done, text))
        editor.given_up.connect(lambda: self._end(given_up))

    def _end(self, call: Callable[..., None], *words_given: str) -> None:
        self._grid.setFocus()  # the keys are those of the image again
        call(*words_given)

    def _place(self, number: int, shape: Annotation, viewport: QWidget) -> QPoint:
        state, ratio = self._room.desk.panes[number].state, viewport.devicePixelRatioF()
        x, y = state.to_screen(*max(shape.points))
        return QPoint(round(x / ratio) + 8, round(y / ratio) - 12)

    def _add(self, drawing: Drawing, shape: Annotation, text: str) -> None:
        hands = self._room.hands
        hands.pending = None
        worded = replace(shape, text=text)
        if text and drawing in self._room.drawings.all:
            drawing.do(Edit(None, worded))
        hands.select(worded.uid if text else None)

    def _change(self, number: int, shape: Annotation, text: str) -> None:
        found = self._room.drawings.find(shape.uid)
        if found is None or found[1] != shape or text == shape.text or (shape.kind is Kind.TEXT and not text):
            return
        found[0].do(Edit(shape, replace(shape, text=text)))
        self._room.hands.changed.emit(number)

    def _forget(self) -> None:
        self._room.hands.cancel()
        self._room.hands.changed.emit(self._room.desk.active)
