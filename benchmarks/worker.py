"""The round trip of a frame through a worker process, against decoding it here."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare
from viewer.dicom.pixels import FrameReader
from viewer.jobs.decode import DecoderPool

CASES = (
    ("frame 512 x 512, native", material.SLICE, ExplicitVRLittleEndian, 21, None),
    ("frame 512 x 512, JPEG 2000", material.SLICE, JPEG2000Lossless, 21, 1.2),
    ("frame 4096 x 3328, native", material.MAMMOGRAM, ExplicitVRLittleEndian, 7, None),
    ("frame 4096 x 3328, JPEG 2000", material.MAMMOGRAM, JPEG2000Lossless, 3, 1.2),
)


def measure() -> Iterator[Row]:
    """Compare the pool with the same reader in this process."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent, DecoderPool(1) as pool:
        for what, shape, syntax, rounds, goal in CASES:
            path = material.ct_file(Path(parent) / "image", shape, syntax=syntax)
            reader = FrameReader()
            here = Peer("the same reader in this process", partial(reader.read, path), goal)
            yield from compare(what, partial(pool.read_frame, path), [here], rounds=rounds)
