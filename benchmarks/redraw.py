"""One frame of zooming a turned mammogram with overlays and a shutter, in a viewport of 1920 x 1200."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare
from benchmarks.views import View, copying
from viewer.dicom.overlay import OverlayKind, OverlayPlane, Shutter

GOAL = 25.0  # times the memory, as for an image without layers
CELL = 64  # pixels from one mark to the next


def overlays(shape: tuple[int, int]) -> tuple[OverlayPlane, ...]:
    """Return a grid of thin lines, and a region of interest of a ninth of the image."""
    rows, columns = shape
    lines = np.zeros(shape, np.bool_)
    lines[::CELL], lines[:, ::CELL] = True, True
    region = np.zeros(shape, np.bool_)
    region[rows // 3 : 2 * rows // 3, columns // 3 : 2 * columns // 3] = True
    kinds = ((0x6000, OverlayKind.GRAPHIC, lines), (0x6002, OverlayKind.ROI, region))
    return tuple(
        OverlayPlane(group, kind, np.packbits(mask, bitorder="little")) for group, kind, mask in kinds
    )


def shutter(shape: tuple[int, int]) -> Shutter:
    """Return a rectangle with its corners cut by a circle, as of a fluoroscopy unit."""
    rows, columns = shape
    edge = columns // 16
    return Shutter((edge, edge, columns - edge, rows - edge), (rows // 2, columns // 2, rows // 2), value=0)


def measure() -> Iterator[Row]:
    """Compare the mammogram with the memory and with itself without layers."""
    shape = material.MAMMOGRAM
    plain = View(shape)
    pipeline = plain.next_pipeline()
    without = partial(plain.turn, pipeline)
    views = (
        ("", plain),
        (", shutter", View(shape, shutter=shutter(shape))),
        (", overlays", View(shape, overlays=overlays(shape))),
        (", both", View(shape, overlays=overlays(shape), shutter=shutter(shape))),
    )
    for name, view in views:
        peers = [Peer("memcpy of the viewport, 16 bit", copying(), GOAL)]
        if view is not plain:
            peers.append(Peer("the same without layers", without))
        what = f"zoom and turn, {shape[0]} x {shape[1]}{name}"
        yield from compare(what, partial(view.turn, pipeline), peers, rounds=41)
