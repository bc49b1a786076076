"""The viewports on the screen, kept in step with the desk: what changes there is painted here."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from viewer.annotations.edits import Edit
from viewer.ui.furniture import Furniture
from viewer.ui.hands import CROSSHAIR
from viewer.ui.probe import Probe
from viewer.ui.room import Room
from viewer.ui.signs import Signs
from viewer.ui.viewport.viewport_widget import Look, ViewportWidget
from viewer.viewing.linking import Scrolling
from viewer.viewing.pane import Pane
from viewer.viewing.shelf import Shelf


class Screen(QObject):
    """Gives each pane of the desk its viewport, and each viewport what it paints."""

    files_dropped = Signal(object)  # paths, on any viewport; as in ViewportWidget
    series_dropped = Signal(int, str)  # on a viewport, the key of a series
    painted = Signal(int)  # a viewport, by its number
    made = Signal(int)  # a new viewport, by its number

    def __init__(self, room: Room, furniture: Furniture, shelf: Callable[[], Shelf], parent: QObject) -> None:
        super().__init__(parent)
        self.room, self.furniture = room, furniture
        self.signs = Signs(room, furniture, shelf)
        self._probe = Probe(room, furniture.pixel)
        self.touched = False  # the reader arranged something: nothing is rearranged for them any more
        furniture.grid.attach(self._made)
        room.looks.crossing.pointing = lambda: room.hands.tool == CROSSHAIR
        room.desk.listen(self._changed)
        room.drawings.listen(self._edited)
        room.hands.changed.connect(self._repaint)
        room.hands.activated.connect(self.activate)
        room.cinema.changed.connect(self.signs.film)

    def _made(self, number: int, viewport: ViewportWidget) -> None:
        viewport.resized.connect(lambda width, height: self._resize(number, width, height))
        viewport.series_dropped.connect(lambda key: self.series_dropped.emit(number, key))
        viewport.files_dropped.connect(self.files_dropped)
        viewport.doubled.connect(lambda: self.toggle_alone(number))
        viewport.painted.connect(lambda: self.painted.emit(number))
        self.room.hands.attach(number, viewport)
        self._probe.attach(number, viewport)
        self.made.emit(number)

    def fit_grid(self) -> None:
        """Give the desk's panes their widgets."""
        desk = self.room.desk
        self.furniture.grid.lay(desk.layout)
        for number, viewport in enumerate(self.furniture.grid.viewports):
            self._resize(number, *viewport.device_size)
        self.refresh()

    def _resize(self, number: int, width: int, height: int) -> None:
        if number < len(self.room.desk.panes):
            self.room.desk.resize(number, width, height)

    def toggle_alone(self, number: int) -> None:
        """Give a viewport the whole grid, or show all again."""
        self.furniture.grid.toggle_alone(number)
        self.activate(number)

    def activate(self, number: int) -> None:
        """Make a viewport the one that keys and commands mean."""
        self.touched = True
        self.room.desk.activate(number)

    @property
    def settled(self) -> bool:
        """Tell whether all that can be seen is there."""
        return self.room.desk.settled and not self.room.reformat.busy

    def refresh(self) -> None:
        """Paint everything again."""
        self.signs.mark()
        self._repaint_all()

    def _repaint_all(self) -> None:
        for number in range(len(self.room.desk.panes)):
            self._repaint(number)

    def _changed(self, number: int) -> None:
        desk, looks = self.room.desk, self.room.looks
        hues = looks.hues
        if number == desk.active:
            self.signs.mark()
        if looks.hues != hues:  # a second patient came, or went: every picture says whose it is
            self.refresh()
        elif number == desk.active and (looks.crossing.shown or desk.links.scroll is Scrolling.OFFSET):
            self._repaint_all()  # the others say where this one looks
        else:
            self._repaint(number)

    def _edited(self, _: Edit) -> None:
        self._repaint_all()
        self.signs.list()
        self.signs.mark()  # there is something to undo now

    def _repaint(self, number: int) -> None:
        viewports = self.furniture.grid.viewports
        if number < min(len(viewports), len(self.room.desk.panes)):
            viewport = viewports[number]
            viewport.look_anew(lambda: self._look(number, viewport))

    def _look(self, number: int, viewport: ViewportWidget) -> Look:
        """Return what a viewport paints; nothing when the desk has become smaller since it was asked to."""
        there = number < len(self.room.desk.panes)
        return self.room.looks.look(number, viewport.devicePixelRatioF()) if there else Look(Pane())
