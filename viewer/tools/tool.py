"""How a mouse mode works: a generator that receives pointers, yields previews, and returns an outcome."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation
from viewer.viewing.viewport import ViewportState

ENTER, BACK = "enter", "back"  # the keys that tools of several clicks listen to


@dataclass(frozen=True, slots=True)
class Pointer:
    """The mouse at one moment, in device pixels of the viewport."""

    x: float
    y: float
    down: bool = True
    time: float = 0.0  # seconds, any origin
    key: str = ""  # ENTER or BACK where a key was pressed and the mouse stands still; "" for the mouse


@dataclass(frozen=True, slots=True)
class Step:
    """Go this many images further in the stack, from the one shown when the drag began."""

    images: int


Preview = ViewportState | Annotation | Step | Edit
Outcome = ViewportState | Edit | Step | None
Drag = Generator[Preview, Pointer, Outcome]
Tool = Callable[[ViewportState, Pointer], Drag]
