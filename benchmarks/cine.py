"""A film of 120 frames at the rate of its header, in a viewport of 1920 x 1200: which frames are left out."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless

from benchmarks import material
from benchmarks.pairs import Row
from benchmarks.seat import Seat, seated

FRAMES, FRAME_TIME = 120, 1000 / 30  # ms
SIZE = (1920, 1200)
DISTINCT = 12  # frames that the film repeats
LOOPS = 2


def measure() -> Iterator[Row]:
    """Play films twice through, from the moment they are opened; the native one without its mask too."""
    frames = [np.roll(material.anatomy(material.SLICE), 16 * number, axis=1) for number in range(DISTINCT)]
    for name, syntax in (
        ("native", ExplicitVRLittleEndian),
        ("JPEG-LS", JPEGLSLossless),
        ("JPEG 2000", JPEG2000Lossless),
    ):
        with tempfile.TemporaryDirectory(prefix="benchmark-") as parent:
            yield from _measure(name, syntax, frames, Path(parent))


def _measure(name: str, syntax: UID, frames: list[np.ndarray], parent: Path) -> Iterator[Row]:
    film = material.film(parent / "film", frames, FRAMES, syntax, frame_time=FRAME_TIME)
    with seated(parent) as seat:
        seat.size(*SIZE)
        seat.open([film.path], 1, 1)
        yield from _played(seat, f"{name}, from the start")
        yield from _played(seat, f"{name}, again")
        if syntax == ExplicitVRLittleEndian:
            pane = seat.desk.pane
            seat.desk.view(0, lambda state: replace(state, masking=pane.state.masking.with_mask(1)))
            seat.desk.subtract(0, on=True)
            seat.until(lambda: seat.window.settled)
            yield from _played(seat, f"{name}, without its mask")


def _played(seat: Seat, what: str) -> Iterator[Row]:
    """Play a film and say what was left out, and how many frames were really painted."""
    cinema = seat.window.reading.room.cinema
    seat.desk.go_to(0, 0)
    seat.until(lambda: seat.is_painted)
    seat.longest.clear()
    due = LOOPS * FRAMES
    before, start = seat.paints, time.monotonic()
    cinema.toggle()
    end = start + due * FRAME_TIME / 1000
    while time.monotonic() < end:
        seat.turn()
        time.sleep(0.0005)
    skipped, painted = cinema.skipped, seat.paints - before
    cinema.stop()
    film = f"film of {FRAMES} at {1000 / FRAME_TIME:.0f} fps, {what}"
    yield Row(f"{film}: skipped", skipped, "", "frames due", due, skipped / due, None, 0.0)
    yield Row(f"{film}: painted", painted, "", "frames due", due, due / max(painted, 1), None, 1.02)
    yield seat.stalls(film, due)
