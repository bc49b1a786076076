"""Scrolling through 600 slices in four viewports of 1920 x 1200 together, from the wheel to the paint."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless

from benchmarks import material
from benchmarks.pairs import Row
from benchmarks.seat import Seat, rows_of, seated
from viewer.viewing.linking import Links, Scrolling

SLICES, STEPS = 600, 300
GRID, SIZE = (2, 2), (1920, 1200)
AT_ONCE = 150.0  # ms from a step to its slice when that must be decoded first: nobody waits for it


def measure() -> Iterator[Row]:
    """Scroll slices that are in memory, in one viewport and in all; then slices that are still on disk."""
    for name, syntax in (
        ("native", ExplicitVRLittleEndian),
        ("JPEG-LS", JPEGLSLossless),
        ("JPEG 2000", JPEG2000Lossless),
    ):
        with tempfile.TemporaryDirectory(prefix="benchmark-") as parent:
            yield from _measure(name, syntax, Path(parent))


def _measure(name: str, syntax: UID, parent: Path) -> Iterator[Row]:
    folder = material.series(parent / "series", SLICES, syntax)
    with seated(parent) as seat:
        seat.size(*SIZE)
        seat.open([folder], *GRID)
        seat.until(lambda: seat.is_painted)
        seat.longest.clear()
        cold = _scrolled(seat, 3)  # three slices a notch: reading ahead is overtaken
        yield from rows_of(f"{name}, read while scrolling, all four", cold, AT_ONCE)
        yield seat.stalls(f"{name}, read while scrolling", len(cold))
        seat.settle()
        seat.longest.clear()
        yield from rows_of(f"{name}, in memory, all four", _scrolled(seat, 1))
        seat.desk.link(replace(Links(), scroll=Scrolling.OFF))
        yield from rows_of(f"{name}, in memory, one of four", _scrolled(seat, 1))
        yield seat.stalls(f"{name}, in memory", 2 * STEPS)


def _scrolled(seat: Seat, notches: int) -> list[float]:
    """Return the ms of each step through the stack, there and back."""
    steps = min(STEPS, (SLICES - 1) // notches)
    seat.desk.go_to(0, 0)
    seat.until(lambda: seat.is_painted)
    return [seat.frame(lambda: seat.wheel(0, notches)) for _ in range(steps)]
