"""Scrolling through 600 slices in four viewports of 1920 x 1200 together, from the wheel to the paint."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless

from benchmarks import material
from benchmarks.pairs import Row
from benchmarks.seat import Seat, rows_of, seated
from viewer.viewing.linking import Links, Scrolling

SLICES, STEPS = 600, 200
GRID, SIZE = (2, 2), (1920, 1200)
AT_ONCE = 150.0  # ms from a step to its slice when that must be decoded first: nobody waits for it
FAST = 3  # slices a notch: reading ahead is overtaken
BUSY = 3.0  # times the 95th percentile of a frame, while others are decoded behind it
THERE = 10  # slices to go to and fro between while others are read
SECONDS = 10.0  # for each part: what is not done by then on a busy machine is left out


def measure() -> Iterator[Row]:
    """Scroll slices that are still on disk, then those in memory, then while others are decoded behind."""
    for name, syntax in (
        ("native", ExplicitVRLittleEndian),
        ("JPEG-LS", JPEGLSLossless),
        ("JPEG 2000", JPEG2000Lossless),
    ):
        with tempfile.TemporaryDirectory(prefix="benchmark-") as parent:
            folder = material.series(Path(parent) / "series", SLICES, syntax)
            with seated(Path(parent)) as seat:
                seat.size(*SIZE)
                seat.open([folder], *GRID)
                seat.until(lambda: seat.is_painted)
                if syntax == ExplicitVRLittleEndian:
                    yield from _read(seat, name)
                    yield from _in_memory(seat, name)
                elif syntax == JPEGLSLossless:
                    yield from _read(seat, name)
                else:
                    yield from _decoding(seat, name)


def _read(seat: Seat, name: str) -> Iterator[Row]:
    """Scroll faster than slices are read ahead."""
    seat.longest.clear()
    times = _scrolled(seat, [FAST] * ((SLICES - 1) // FAST))
    yield from rows_of(f"{name}, read while scrolling, all four", times, AT_ONCE)
    yield seat.stalls(f"{name}, read while scrolling", len(times))


def _in_memory(seat: Seat, name: str) -> Iterator[Row]:
    """Scroll slices that are in memory, in all viewports and in one."""
    seat.settle()
    seat.longest.clear()
    together = _scrolled(seat, [1] * STEPS)
    yield from rows_of(f"{name}, in memory, all four", together)
    yield seat.stalls(f"{name}, in memory, all four", len(together))
    seat.desk.link(replace(Links(), scroll=Scrolling.OFF))
    seat.longest.clear()
    alone = _scrolled(seat, [1] * STEPS)
    yield from rows_of(f"{name}, in memory, one of four", alone)
    yield seat.stalls(f"{name}, in memory, one of four", len(alone))


def _decoding(seat: Seat, name: str) -> Iterator[Row]:
    """Go to and fro between slices that are there, while all others are decoded, and when they are."""
    to_and_fro = ([1] * THERE + [-1] * THERE) * (STEPS // THERE // 2)
    _scrolled(seat, to_and_fro[: 2 * THERE])  # these are there now
    held = len(seat.frames)
    seat.longest.clear()
    behind = _scrolled(seat, to_and_fro)
    read = len(seat.frames) - held
    yield seat.stalls(f"{name}, {read} slices decoded behind", len(behind))
    seat.settle()
    idle = _scrolled(seat, to_and_fro)
    ours, theirs = _late(behind), _late(idle)
    what = f"{name}, {read} slices decoded behind, 95 %"
    yield Row(what, ours, "ms", "when none is", theirs, ours / theirs, None, BUSY)


def _late(times: Sequence[float]) -> float:
    return sorted(times)[round(0.95 * (len(times) - 1))]


def _scrolled(seat: Seat, notches: Sequence[int]) -> list[float]:
    """Return the ms of each turn of the wheel, from the first slice on."""
    seat.desk.go_to(0, 0)
    seat.until(lambda: seat.is_painted)
    times: list[float] = []
    end = time.monotonic() + SECONDS
    for each in notches:
        times.append(seat.frame(partial(seat.wheel, 0, each)))
        if time.monotonic() > end:
            break
    return times
