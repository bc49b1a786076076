"""How viewports lie on the desk: boxes in a grid, each with one image or with tiles of one series."""

from dataclasses import dataclass, replace
from typing import Self

Shape = tuple[int, int]  # rows, columns
Place = tuple[int, int, int, int]  # x, y, width, height
ONE: Shape = (1, 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """A grid of boxes. Each box is one pane, or rows and columns of panes: consecutive images of a series."""

    rows: int = 1
    columns: int = 1
    tiles: tuple[Shape, ...] = (ONE,)  # of each box, row by row

    @classmethod
    def grid(cls, rows: int, columns: int, tiles: tuple[Shape, ...] = ()) -> Self:
        """Return `rows` x `columns` boxes; those that `tiles` does not name have one image."""
        count = rows * columns
        return cls(rows, columns, (*tiles[:count], *(ONE for _ in range(count - len(tiles)))))

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

    def places(self, width: int, height: int, gap: int, alone: int | None = None) -> tuple[Place | None, ...]:
        """Return where each pane lies in a room of a size; None for those out of sight beside box `alone`."""
        found: list[Place | None] = []
        for number, (rows, columns) in enumerate(self.tiles):
            if alone not in {None, number}:
                found += [None] * (rows * columns)
                continue
            whole: Place = (0, 0, width, height)
            if alone is None:
                whole = _cell(whole, (self.rows, self.columns), number, gap)
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
