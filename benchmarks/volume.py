"""600 slices 512 x 512 of 16 bits into one volume in memory, against reading the same bytes with numpy."""

import hashlib
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare
from viewer.dicom.bulk import NativePlace, read_block
from viewer.jobs.decode import DecoderPool
from viewer.jobs.indexing import indexed

SLICES = 600
ROUNDS = 9
TOGETHER = 24


def as_objects(paths: list[str], cache: Path) -> list[str]:
    """Name the files as the study cache does, obj/ab/<sha256>, and return their paths in the same order."""
    objects: list[str] = []
    for path in paths:
        name = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        place = cache / "obj" / name[:2] / name
        place.parent.mkdir(parents=True, exist_ok=True)
        objects.append(str(Path(path).rename(place)))
    return objects


def located(pool: DecoderPool, paths: list[str]) -> list[tuple[str, NativePlace]]:
    """Let the workers say where the pixels of each file are."""
    groups = ([(path, 1) for path in paths[start : start + TOGETHER]] for start in range(0, SLICES, TOGETHER))
    answers = [one for _, found in indexed(groups, pool.locate) for one in found]
    return [(path, one.place) for path, one in zip(paths, answers, strict=True) if one is not None]


def with_numpy(places: list[tuple[str, NativePlace]]) -> np.ndarray:
    """Read the pixels of each file with np.fromfile and put them into one array."""
    block = np.empty((len(places), *places[0][1].shape), np.uint16)
    for index, (path, place) in enumerate(places):
        block[index] = np.fromfile(path, "<u2", place.size // 2, offset=place.offset).reshape(place.shape)
    return block


def bytes_with_numpy(places: list[tuple[str, NativePlace]]) -> None:
    """Read the pixels of each file with np.fromfile and drop them: no memory is filled that stays."""
    for path, place in places:
        np.fromfile(path, "<u2", place.size // 2, offset=place.offset)


def measure() -> Iterator[Row]:
    """Compare reading known places with np.fromfile, and say what it takes from the paths alone."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent, DecoderPool(2) as pool:
        paths = as_objects(material.ct_folder(Path(parent) / "study", SLICES), Path(parent))
        places = located(pool, paths)
        if len(places) != SLICES or not np.array_equal(read_block(places), with_numpy(places)):
            raise RuntimeError("the values differ from those of numpy")
        peers = [
            Peer("np.fromfile into one array", partial(with_numpy, places), 2.0),
            Peer("np.fromfile, each dropped at once", partial(bytes_with_numpy, places), None),
        ]
        what = f"{SLICES} slices of the cache into a volume, places known"
        yield from compare(what, partial(read_block, places), peers, rounds=ROUNDS)

        def from_paths() -> None:
            read_block(located(pool, paths))

        what = f"{SLICES} slices, their headers described by workers first"
        yield from compare(what, from_paths, [Peer("np.fromfile into one array", peers[0].work)], rounds=3)
