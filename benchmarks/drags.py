"""Dragging window and image of a mammogram in a viewport of 2560 x 2048, from the hand to the paint."""

import statistics
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent

from benchmarks import material
from benchmarks.pairs import Row, milliseconds
from benchmarks.seat import Seat, rows_of, seated
from benchmarks.views import copying

SIZE = (2560, 2048)
STEPS = 150
BUTTONS = {"window": Qt.MouseButton.RightButton, "pan": Qt.MouseButton.MiddleButton}
GOALS = {"window": 8.0, "pan": 25.0}  # times a copy of the viewport: table and blit, warp, table and blit


def measure() -> Iterator[Row]:
    """Drag the window, then the image, at 1:1, as a hand does: one move after another."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent:
        path = material.ct_file(Path(parent) / "mammogram", material.MAMMOGRAM)
        with seated(Path(parent)) as seat:
            seat.size(*SIZE)
            seat.open([path], 1, 1)
            seat.settle()
            seat.window.reading.view(lambda state: state.zoomed(1 / state.shown_zoom, 0.0, 0.0))
            seat.until(lambda: seat.is_painted)
            for what, button in BUTTONS.items():
                seat.longest.clear()
                copies: list[float] = []
                times = _dragged(seat, button, copies)
                name = f"{what} drag, 4096 x 3328 at 1:1"
                yield from rows_of(name, times)
                yield _beside(name, times, copies, GOALS[what])
                yield seat.stalls(f"{what} drag", STEPS)


def _beside(what: str, times: list[float], copies: list[float], goal: float) -> Row:
    """Return a drag against the limit of the memory, copied in turn with it."""
    ours, theirs = statistics.median(times), statistics.median(copies)
    ratio = statistics.median(one / other for one, other in zip(times, copies, strict=True))
    return Row(what, ours, "ms", "memcpy of the viewport", theirs, ratio, min(times) / min(copies), goal)


def _dragged(seat: Seat, button: Qt.MouseButton, copies: list[float]) -> list[float]:
    """Return the ms of each move of a drag; `copies` gets those of copying the viewport after each."""
    copy = copying(SIZE)
    copy()
    place = (SIZE[0] / 2, SIZE[1] / 2)
    seat.mouse(QMouseEvent.Type.MouseButtonPress, place, button)
    times = []
    for step in range(1, STEPS + 1):
        at = (place[0] + step, place[1] + step % 40)
        times.append(seat.frame(partial(seat.mouse, QMouseEvent.Type.MouseMove, at, button)))
        copies.append(milliseconds(copy))
    seat.mouse(QMouseEvent.Type.MouseButtonRelease, place, button)
    seat.until(lambda: seat.is_painted)
    return times
