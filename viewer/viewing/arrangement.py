"""What hangs where, as a value: the desk is arranged by it in one piece."""

from collections.abc import Callable
from dataclasses import dataclass

from viewer.viewing.layout import ONE, Shape
from viewer.viewing.pane import Hung
from viewer.viewing.viewport import ViewportState


def unchanged(state: ViewportState) -> ViewportState:
    """Return the view as it is."""
    return state


@dataclass(frozen=True, slots=True)
class Placed:
    """What hangs in one box of the grid, and how it is looked at."""

    hung: Hung
    index: int = 0  # 0-based, of the image in the (first) tile
    change: Callable[[ViewportState], ViewportState] = unchanged  # of a fresh view that has no image yet
    tiles: Shape = ONE  # rows and columns of consecutive images in this box
