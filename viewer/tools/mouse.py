"""What each button of the mouse does, where a reader wants it otherwise."""

from dataclasses import dataclass
from enum import StrEnum

from viewer.tools.table import TOOLS


class Wheel(StrEnum):
    """What the wheel does without a key; with Ctrl it does the other."""

    SCROLL = "scroll"
    ZOOM = "zoom"


@dataclass(frozen=True, slots=True)
class Mouse:
    """The tools of the buttons, by the names of `tools.table`; the left one is chosen while reading."""

    left: str = "scroll"  # when a window opens (IHE BIR: the scroll tool is active at first)
    middle: str = "pan"
    right: str = "window"
    wheel: Wheel = Wheel.SCROLL


def tool_names() -> tuple[str, ...]:
    """Return the names that a button may have."""
    return tuple(row.name for row in TOOLS)
