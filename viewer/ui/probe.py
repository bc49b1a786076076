"""Follows the pointer and tells the panel of the pixel under it; while that is hidden it only remembers."""

from PySide6.QtCore import QObject

from viewer.errors import ViewerError
from viewer.tools.tool import Pointer
from viewer.ui.panels.pixel_panel import PixelPanel
from viewer.ui.room import Room
from viewer.ui.viewport.viewport_widget import ViewportWidget
from viewer.viewing.pane import Pane
from viewer.viewing.why import explain, pixel_at


class Probe(QObject):
    """Knows over which viewport the pointer is, and where."""

    def __init__(self, room: Room, panel: PixelPanel) -> None:
        super().__init__(panel)
        self._room, self._panel = room, panel
        self._number, self._place = 0, (-1.0, -1.0)  # device pixels; nothing was pointed at yet
        self._shown: tuple[object, ...] = ()
        room.desk.listen(self._changed)
        panel.appeared.connect(self.show)

    def attach(self, number: int, viewport: ViewportWidget) -> None:
        """Follow the pointer over a viewport."""
        viewport.moved.connect(lambda pointer: self._move(number, pointer))

    def _move(self, number: int, pointer: Pointer) -> None:
        self._number, self._place = number, (pointer.x, pointer.y)
        if self._panel.isVisible():
            self.show()

    def _changed(self, number: int) -> None:
        if number == self._number and self._panel.isVisible():
            self.show()

    def show(self) -> None:
        """List the stages of the pixel under the pointer, unless they are listed already."""
        desk = self._room.desk
        pane = desk.panes[self._number] if self._number < len(desk.panes) else Pane()
        picture, state = pane.picture, pane.state
        if picture is None:
            self._shown = ()
            self._panel.set_steps("", (), pane.trouble)
            return
        point = state.to_image(*self._place)
        place = pixel_at(picture.description, *point)
        voi = self._room.looks.voi(self._number)
        shown = (picture, place, voi, state.inverted)
        if shown == self._shown:
            return
        self._shown = shown
        where = f"Column {place[0]}, row {place[1]} (from 0)" if place is not None else ""
        try:
            steps = explain(picture.description, picture.frame, *point, voi, inverted=state.inverted)
        except ViewerError as error:
            self._panel.set_steps(where, (), str(error))
        else:
            self._panel.set_steps(where, steps)
