"""Where windows stand on which monitor, and where they go when that monitor is there again, or is not."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 120  # logical pixels of a window that must be on a screen, both ways, for a hand to reach it


@dataclass(frozen=True, slots=True)
class Screen:
    """A monitor: its name, and the part that windows may take, in logical pixels of the whole desktop."""

    name: str
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class WindowPlace:
    """Where a window stood: logical pixels from the upper left corner of its monitor."""

    name: str  # of the window: "main", "2", "3" …
    screen: str = ""
    left: int = 0
    top: int = 0
    width: int = 0
    height: int = 0
    maximized: bool = False
    full_screen: bool = False
    rows: int = 1  # of its viewports
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Where a window is to stand, in logical pixels of the whole desktop."""

    left: int
    top: int
    width: int
    height: int


def place_of(name: str, rectangle: Rectangle, screen: Screen) -> WindowPlace:
    """Return where a window stands on a monitor."""
    return WindowPlace(
        name,
        screen.name,
        rectangle.left - screen.left,
        rectangle.top - screen.top,
        rectangle.width,
        rectangle.height,
    )


def restored(place: WindowPlace, screens: Sequence[Screen]) -> Rectangle | None:
    """Return where a window is to stand again: all of it on its monitor; None when that is not there.

    A monitor that is smaller now, or scaled otherwise, gets a window that fits on it.
    """
    screen = next((each for each in screens if each.name == place.screen), None)
    if screen is None or min(place.width, place.height) < LEAST:
        return None
    width, height = min(place.width, screen.width), min(place.height, screen.height)
    left = min(max(place.left, 0), screen.width - width)
    top = min(max(place.top, 0), screen.height - height)
    return Rectangle(screen.left + left, screen.top + top, width, height)


def free_screen(screens: Sequence[Screen], taken: Sequence[str]) -> Screen | None:
    """Return the first monitor on which no window of ours is; None when every one has one."""
    return next((each for each in screens if each.name not in taken), None)
