"""Layouts: how many viewports there are, and tiles in them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from viewer.ui.reading import Reading
from viewer.ui.viewport.layout_picker import LayoutPicker
from viewer.viewing.layout import Layout, Shape

Deed = Callable[[], None]


class Laying:
    """Asks for a shape in a small field of squares, and lays the viewports out so."""

    def __init__(self, window: QWidget, reading: Reading) -> None:
        self._reading, self._desk = reading, reading.room.desk
        self._picker = LayoutPicker(window)
        self._picker.chosen.connect(self._chosen)
        self._choose: Callable[[Shape], None] = self._arrange

    def table(self) -> Mapping[str, Deed]:
        """Return every deed by the name of its action."""
        return {
            "layout": self._pick_layout,
            "tiles": partial(self._pick_tiles, everywhere=False),
            "tiles-everywhere": partial(self._pick_tiles, everywhere=True),
        }

    def _pick_layout(self) -> None:
        self._choose = self._arrange
        layout = self._desk.layout
        self._open(*layout.grids[layout.window_of(self._desk.active)], "")

    def _pick_tiles(self, *, everywhere: bool) -> None:
        self._choose = self._tile_all if everywhere else self._tile
        shape = self._desk.layout.tiles[self._desk.layout.box_of(self._desk.active)]
        self._open(*shape, "Tiles in all viewports" if everywhere else "Tiles in this viewport")

    def _open(self, rows: int, columns: int, words: str) -> None:
        place: QPoint = self._reading.furniture.tools.place_of("layout")
        self._picker.open_at(place, rows, columns, words)

    def _chosen(self, rows: int, columns: int) -> None:
        self._reading.touched = True
        self._choose((rows, columns))

    def _arrange(self, shape: Shape) -> None:
        self._reading.arrange(*shape, self._desk.layout.window_of(self._desk.active))

    def _tile(self, shape: Shape) -> None:
        desk = self._desk
        self._lay(desk.layout.split(desk.layout.box_of(desk.active), shape))

    def _tile_all(self, shape: Shape) -> None:
        layout = self._desk.layout
        self._lay(replace(layout, tiles=tuple(shape for _ in layout.tiles)))

    def _lay(self, layout: Layout) -> None:
        """Take a layout; the box that was the active one stays it."""
        box = self._desk.layout.box_of(self._desk.active)
        self._reading.lay(layout)
        self._reading.activate(layout.boxes[box].start)
