"""Retrieving into the cache: how long until the first image can be seen, and the whole study against getscu.

getscu leaves plain files; we read every header, hash the bytes and flush them to the disk before we say so.
"""

import importlib
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import material
from benchmarks.network import SLICES, STUDY, getscu, timed
from benchmarks.pairs import Row
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord
from viewer.jobs.decode import DecoderPool
from viewer.jobs.means import Means
from viewer.jobs.retrieving import Choice, Listening, retrieve_into
from viewer.network.access import Access
from viewer.network.peer import Method, Peer
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.network.services import Services

ROUNDS = 5
FIRST_IMAGE = 150.0  # ms that a person may wait once the first object is here


@dataclass(slots=True)
class Moments:
    """When the first object came, and when its pixels could be seen, in s."""

    pool: DecoderPool
    came: float = 0.0
    seen: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def progress(self, done: int, _total: int | None, _bytes: int) -> None:
        """Note when the first object came."""
        if done and not self.came:
            self.came = time.perf_counter()

    def arrived(self, records: Sequence[InstanceRecord]) -> None:
        """Decode the first image, as a window would at once."""
        with self.lock:
            first, self.seen = not self.seen, self.seen or 1.0
        if first:
            self.pool.read_frame(records[0].path)
            self.seen = time.perf_counter()


def fetched(peer: Peer, method: Method, pool: DecoderPool, folder: Path) -> float:
    """Retrieve the study into a new cache; return how long the first image took, in ms."""
    moments = Moments(pool)
    with Store(folder / "cache") as store:
        listening = Listening(moments.progress, moments.arrived)
        means = Means(store, pool, Services())
        report = retrieve_into(means, peer, Wanted(STUDY), listening, Choice(method))
        if not report.complete or report.received != SLICES:
            raise RuntimeError("not all images came")
    return (moments.seen - moments.came) * 1e3


def first_image(what: str, peer: Peer, method: Method, pool: DecoderPool, parent: Path) -> Row:
    """Return how long the first image takes once its object is here, against the limit."""
    times = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            times.append(fetched(peer, method, pool, Path(folder)))
    middle = statistics.median(times)
    return Row(what, middle, "ms", "limit", FIRST_IMAGE, middle / FIRST_IMAGE, min(times) / FIRST_IMAGE, 1.0)


def whole_study(what: str, peer: Peer, method: Method, pool: DecoderPool, parent: Path) -> Row:
    """Return how long the study takes until it is safe in the cache, beside getscu."""
    pairs = []
    for _ in range(ROUNDS):
        ours = timed(partial(_fetch, peer, method, pool), parent)
        theirs = timed(lambda folder: getscu(Access(replace(peer, web="")), folder), parent)
        pairs.append((ours, theirs))
    mine, others = zip(*pairs, strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    middle = statistics.median(mine) * 1e3, statistics.median(others) * 1e3
    return Row(what, middle[0], "ms", "getscu", middle[1], ratio, min(mine) / min(others))


def _fetch(peer: Peer, method: Method, pool: DecoderPool, folder: Path) -> None:
    fetched(peer, method, pool, folder)


def measure() -> Iterator[Row]:
    """Retrieve 600 slices into a cache by C-GET and by WADO-RS."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    pacs: Any = importlib.import_module("pacs")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, ExitStack() as stack:
        parent = Path(name)
        paths = material.ct_folder(parent / "study", SLICES)
        (parent / "orthanc").mkdir()
        server = stack.enter_context(pacs.orthanc(parent / "orthanc"))
        server.store(paths)
        pool = stack.enter_context(DecoderPool())
        pool.read_frame(paths[0])
        pool.warm_up()
        for words, method in (("C-GET", Method.GET), ("WADO-RS", Method.WEB)):
            yield first_image(f"first image by {words}", server.peer, method, pool, parent)
            yield whole_study(f"{SLICES} slices into the cache by {words}", server.peer, method, pool, parent)
