"""One frame of dragging the window, in a viewport of 1920 x 1200, with its table and its blit."""

from collections.abc import Iterator

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare
from benchmarks.views import View, copying


def measure() -> Iterator[Row]:
    """Compare a slice and a mammogram with the memory and with the usual way of painting."""
    for shape, goal in ((material.SLICE, None), (material.MAMMOGRAM, 0.5)):
        view = View(shape)
        peers = [
            Peer("memcpy of the viewport, 16 bit", copying(), 8.0),
            Peer("numpy take, then QPainter scales", view.naive, goal),
        ]
        yield from compare(f"window drag, {shape[0]} x {shape[1]}", view.drag, peers, rounds=41)
