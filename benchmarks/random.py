"""A random frame of a file of 1,000: its time and the memory it takes, against its bytes alone."""

import itertools
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare
from viewer.dicom.pixels import FrameReader

FRAMES = 1000
FRAME = material.SLICE[0] * material.SLICE[1] * 2  # bytes decoded
DISTINCT = 8  # frames that the file repeats
ROUNDS = 101
GOAL = 1.2
MIB = 1 << 20
ALLOWED = 2 * FRAME / MIB + 5  # MiB


def numbers() -> Iterator[int]:
    """Return the same random frame numbers (from 1) every time."""
    order = list(range(1, FRAMES + 1))
    random.Random(1).shuffle(order)  # noqa: S311  no secret
    return itertools.cycle(order)


class Raw:
    """Reads frames whose places are known, and decodes them: no reader can do with less."""

    def __init__(self, film: material.Film, file: int, *, jpeg_ls: bool) -> None:
        self._film, self._file, self._jpeg_ls = film, file, jpeg_ls
        self._numbers = numbers()

    def read(self) -> None:
        """Read the next frame."""
        offset, length = self._film.places[next(self._numbers) - 1]
        data = os.pread(self._file, length, offset)
        if self._jpeg_ls:
            imagecodecs.jpegls_decode(data)


def peak() -> int:
    """Return the most bytes of memory this process had since the peak was reset (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def grow(path: str) -> None:
    """Print by how many bytes one frame lets this process grow, at its peak. Runs in a fresh one."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is what there is now
    before = peak()
    FrameReader().read(path, FRAMES // 2)
    print(peak() - before)


def measure() -> Iterator[Row]:
    """Compare a native and a JPEG-LS film."""
    frames = [np.roll(material.anatomy(material.SLICE), 16 * number, axis=1) for number in range(DISTINCT)]
    for name, syntax in (("native", ExplicitVRLittleEndian), ("JPEG-LS", JPEGLSLossless)):
        with tempfile.TemporaryDirectory(prefix="benchmark-") as parent:
            film = material.film(Path(parent) / "film", frames, FRAMES, syntax)
            yield from _time(film, name, jpeg_ls=syntax == JPEGLSLossless)
            if sys.platform.startswith("linux"):
                yield _memory(film, name)


def _time(film: material.Film, name: str, *, jpeg_ls: bool) -> Iterator[Row]:
    ours, reader = numbers(), FrameReader()
    size = f"of {FRAMES}, {name}"
    peer = "pread of its bytes, and the codec" if jpeg_ls else "pread of its bytes"
    file = os.open(film.path, os.O_RDONLY)
    try:
        raw = Raw(film, file, jpeg_ls=jpeg_ls)
        yield from compare(
            f"a random frame {size}",
            lambda: reader.read(film.path, next(ours)),
            [Peer(peer, raw.read, GOAL)],
            rounds=ROUNDS,
        )
        yield from compare(
            f"the first frame {size}, header and all",
            lambda: FrameReader().read(film.path, next(ours)),
            [Peer(peer, raw.read)],
            rounds=9,
        )
    finally:
        os.close(file)


def _memory(film: material.Film, name: str) -> Row:
    command = [sys.executable, "-m", "benchmarks.random", film.path]
    words = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    grown = int(words) / MIB
    what = f"memory at the peak, one frame of {FRAMES}, {name}"
    return Row(what, grown, "MiB", "2 frames and 5 MiB", ALLOWED, grown / ALLOWED, None, 1.0)


if __name__ == "__main__":
    grow(sys.argv[1])
