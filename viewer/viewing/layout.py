"""How viewports lie on the desk: boxes in a grid in each window, with one image or tiles of one series."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

Shape = tuple[int, int]  # rows, columns
Place = tuple[int, int, int, int]  # x, y, width, height
Name = tuple[int, int]  # of a box: its window, and its number there
ONE: Shape = (1, 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """A grid of boxes in each window. A box is one pane, or rows and columns of panes: images of a series.

    The boxes of the main window, which is window 0, come first, then those of the further ones.
    """

    rows: int = 1  # of the main window
    columns: int = 1
    tiles: tuple[Shape, ...] = (ONE,)  # of each box, row by row, window by window
    further: tuple[Shape, ...] = ()  # the grids of further windows, on other monitors

    @classmethod
    def grid(cls, rows: int, columns: int, tiles: tuple[Shape, ...] = ()) -> Self:
        """Return `rows` x `columns` boxes; those that `tiles` does not name have one image."""
        count = rows * columns
        return cls(rows, columns, (*tiles[:count], *(ONE for _ in range(count - len(tiles)))))

    @property
    def grids(self) -> tuple[Shape, ...]:
        """Return the rows and columns of each window."""
        return ((self.rows, self.columns), *self.further)

    @property
    def windows(self) -> tuple[range, ...]:
        """Return the numbers of the boxes of each window."""
        found, start = [], 0
        for rows, columns in self.grids:
            found.append(range(start, start + rows * columns))
            start += rows * columns
        return tuple(found)

    @property
    def names(self) -> tuple[Name, ...]:
        """Return the name of each box: what it is called while others come and go."""
        return tuple(
            (window, place) for window, boxes in enumerate(self.windows) for place in range(len(boxes))
        )

    def window_of(self, pane: int) -> int:
        """Return the number of the window that shows a pane. Raises ValueError when there is no such pane."""
        box = self.box_of(pane)
        return next(number for number, boxes in enumerate(self.windows) if box in boxes)

    def regrid(self, rows: int, columns: int, window: int = 0) -> Self:
        """Return the layout with another grid in one window; tiles of boxes that stay, stay."""
        grids = [*self.grids]
        grids[window] = (rows, columns)
        tiles: list[Shape] = []
        for boxes, shape in zip(self.windows, grids, strict=True):
            count = shape[0] * shape[1]
            kept = [self.tiles[box] for box in boxes][:count]
            tiles += [*kept, *(ONE for _ in range(count - len(kept)))]
        main, *further = grids
        return type(self)(*main, tuple(tiles), tuple(further))

    def panes_of(self, window: int) -> range:
        """Return the numbers of the panes of a window."""
        boxes = [self.boxes[box] for box in self.windows[window]]
        return range(boxes[0].start, boxes[-1].stop) if boxes else range(0)

    def beside(self, other: Self) -> Self:
        """Return the layout with the further windows of another one."""
        tiles = other.tiles[len(other.windows[0]) :]
        return replace(self, tiles=(*self.tiles, *tiles), further=other.further)

    def with_windows(self, grids: Sequence[Shape]) -> Self:
        """Return the layout with more windows, each with one image in a box."""
        tiles = tuple(ONE for rows, columns in grids for _ in range(rows * columns))
        return replace(self, tiles=(*self.tiles, *tiles), further=(*self.further, *grids))

    def without_window(self, window: int) -> Self:
        """Return the layout without one of the further windows, counted from 1."""
        gone = self.windows[window]
        tiles = tuple(shape for box, shape in enumerate(self.tiles) if box not in gone)
        return replace(self, tiles=tiles, further=(*self.further[: window - 1], *self.further[window:]))

    @property
    def boxes(self) -> tuple[range, ...]:
        """Return the numbers of the panes of each box, row by row."""
        found, start = [], 0
        for rows, columns in self.tiles:
            found.append(range(start, start + rows * columns))
            start += rows * columns
        return tuple(found)

    @property
    def count(self) -> int:
        """Return the number of panes."""
        return sum(rows * columns for rows, columns in self.tiles)

    def box_of(self, pane: int) -> int:
        """Return the number of the box that holds a pane. Raises ValueError when there is no such pane."""
        for number, box in enumerate(self.boxes):
            if pane in box:
                return number
        message = f"There is no pane {pane}."
        raise ValueError(message)

    def split(self, box: int, shape: Shape) -> Self:
        """Return the layout with one box cut into tiles, or whole again."""
        return replace(self, tiles=(*self.tiles[:box], shape, *self.tiles[box + 1 :]))

    def places(
        self, width: int, height: int, gap: int, alone: int | None = None, window: int = 0
    ) -> tuple[Place | None, ...]:
        """Return where each pane lies in a window of a size.

        None for those of other windows, and for those out of sight beside the box `alone`.
        """
        boxes = self.windows[window]
        alone = alone if alone in boxes else None
        found: list[Place | None] = []
        for number, (rows, columns) in enumerate(self.tiles):
            if number not in boxes or alone not in {None, number}:
                found += [None] * (rows * columns)
                continue
            whole: Place = (0, 0, width, height)
            if alone is None:
                whole = _cell(whole, self.grids[window], number - boxes.start, gap)
            found += [_cell(whole, (rows, columns), tile, gap) for tile in range(rows * columns)]
        return tuple(found)


def _cell(room: Place, shape: Shape, number: int, gap: int) -> Place:
    """Return the place of one cell of a grid that fills a room."""
    x, y, width, height = room
    left, right = _part(width, shape[1], number % shape[1], gap)
    top, bottom = _part(height, shape[0], number // shape[1], gap)
    return x + left, y + top, max(right - left, 1), max(bottom - top, 1)


def _part(length: int, of: int, number: int, gap: int) -> tuple[int, int]:
    """Return where one of equal parts begins and ends, with gaps between them."""
    step = (length + gap) / of
    return round(number * step), round((number + 1) * step) - gap
