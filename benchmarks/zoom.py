"""One frame of zooming and panning, in a viewport of 1920 x 1200."""

from collections.abc import Iterator
from functools import partial

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare
from benchmarks.views import View, copying


def measure() -> Iterator[Row]:
    """Compare a slice and a mammogram with the memory and with the usual way of painting."""
    for shape, goal in ((material.SLICE, None), (material.MAMMOGRAM, 0.5)):
        view = View(shape)
        pipeline = view.next_pipeline()
        peers = [
            Peer("memcpy of the viewport, 16 bit", copying(), 25.0),
            Peer("numpy take, then QPainter scales", view.naive, goal),
        ]
        yield from compare(
            f"zoom and pan, {shape[0]} x {shape[1]}", partial(view.zoom, pipeline), peers, rounds=41
        )
