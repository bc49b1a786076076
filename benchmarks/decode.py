"""One frame in each transfer syntax through a worker process, against pydicom decoding it here."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare
from viewer.jobs.decode import DecoderPool

GOAL = 1.1
ROUNDING = 1  # stored values between two decoders of a lossy JPEG (ISO 10918-2)
CASES: tuple[tuple[str, UID, int], ...] = (  # name, syntax, bits
    ("native", ExplicitVRLittleEndian, 12),
    ("JPEG baseline", JPEGBaseline8Bit, 8),
    ("JPEG 12 bit", JPEGExtended12Bit, 12),
    ("JPEG lossless SV1", JPEGLosslessSV1, 12),
    ("JPEG-LS", JPEGLSLossless, 12),
    ("JPEG 2000", JPEG2000Lossless, 12),
    ("HTJ2K", HTJ2KLossless, 12),
    ("RLE", RLELossless, 12),
)


def peer_of(path: str) -> Peer:
    """Return what pydicom does by default with the frame of a file that it has read already.

    Where it has no decoder the peer is the codec alone, without a goal. gdcm, which it would prefer, is
    not installed.
    """
    dataset = pydicom.dcmread(path)
    syntax = dataset.file_meta.TransferSyntaxUID
    work = partial(get_decoder(syntax).as_array, dataset, index=0)
    try:
        work()
    except RuntimeError:
        frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
        return Peer("imagecodecs (pydicom cannot)", partial(imagecodecs.jpeg8_decode, frame))
    return Peer("pydicom, its default plug-in", work, GOAL if syntax.is_encapsulated else None)


def values_of(peer: Peer) -> np.ndarray:
    """Return the stored values that a peer decodes."""
    found = peer.work()
    return np.asarray(found[0] if isinstance(found, tuple) else found)


def measure() -> Iterator[Row]:
    """Compare the pool with pydicom, for a slice and a mammogram."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent, DecoderPool(1) as pool:
        for shape, rounds in ((material.SLICE, 31), (material.MAMMOGRAM, 5)):
            for name, syntax, bits in CASES:
                path = material.ct_file(Path(parent) / "image", shape, syntax=syntax, bits=bits)
                peer = peer_of(path)
                _, frame = pool.read_frame(path)
                apart = np.abs(frame.stored.astype(np.int64) - values_of(peer)).max()
                if apart > ROUNDING:
                    raise RuntimeError(f"{name}: the values differ by {apart} from those of {peer.name}")
                what = f"{name}, {shape[0]} x {shape[1]}"
                yield from compare(what, partial(pool.read_frame, path), [peer], rounds=rounds)
