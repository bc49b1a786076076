"""Fetching, sending and finding over DIMSE, against DCMTK's programs on the same servers.

DCMTK runs with TCP_NODELAY=1: as it comes it stalls 40 ms a message, and beating that would prove nothing.
"""

import importlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import material
from benchmarks.pairs import Row
from viewer.network.access import Access
from viewer.network.dimse.find import find_on, proposal_for
from viewer.network.dimse.get import get
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.store import Sent, store
from viewer.network.dimse.target import Target
from viewer.network.peer import Received
from viewer.network.query import Level, Query

SLICES = 600
ROUNDS = 4  # of A B B A, so two pairs each
CT = ("1.2.840.10008.5.1.4.1.1.2",)
STUDY, SERIES = f"{material.ROOT}.2", f"{material.ROOT}.3"
UIDS = tuple(f"{material.ROOT}.4.{number}" for number in range(1, SLICES + 1))
ENVIRONMENT = os.environ | {"TCP_NODELAY": "1"}
ALONE = f"{material.ROOT}.6"  # a study of one image: what a server counts in it costs next to nothing
FINDS = 200

Work = Callable[[Path], None]


def alone(parent: Path) -> str:
    """Write an image in a study of its own, and return its path."""
    dataset = material.ct_header(SLICES + 1, material.SLICE)
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = ALONE, f"{ALONE}.1"
    return material.save(dataset, material.anatomy(material.SLICE), parent / "alone.dcm")


def fetch(access: Access, uids: tuple[str, ...], folder: Path) -> None:
    """Fetch images into a folder."""
    got: list[Received] = []
    get(access, Target(STUDY, SERIES, uids, sop_classes=CT), folder, got.append)
    if len(got) != len(uids):
        raise RuntimeError(f"{len(got)} of {len(uids)} images came")


def fetch_at_once(access: Access, count: int, folder: Path) -> None:
    """Fetch all images over several associations, each with its share."""
    threads = [
        threading.Thread(target=fetch, args=(access, UIDS[place::count], folder)) for place in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(list(folder.iterdir())) != SLICES:
        raise RuntimeError("not all images came")


def getscu(access: Access, folder: Path) -> None:
    """Fetch the study as DCMTK does."""
    peer = access.peer
    words = f"getscu -q +B -S -pdu 131072 -od {folder} -aec {peer.ae_title} -k 0008,0052=STUDY"
    keys = ["-k", f"0020,000d={STUDY}", peer.host, str(peer.port)]
    subprocess.run([*words.split(), *keys], check=True, env=ENVIRONMENT, capture_output=True)
    if len(list(folder.iterdir())) != SLICES:
        raise RuntimeError("getscu did not get all images")


def send(access: Access, paths: list[str]) -> None:
    """Send files."""
    sent: list[Sent] = []
    store(access, paths, sent.append)
    if not all(each.stored for each in sent):
        raise RuntimeError("not all images were stored")


def storescu(access: Access, folder: str) -> None:
    """Send a folder as DCMTK does."""
    peer = access.peer
    words = f"storescu -q +sd -pdu 131072 -aec {peer.ae_title} {peer.host} {peer.port} {folder}"
    subprocess.run(words.split(), check=True, env=ENVIRONMENT, capture_output=True)


def timed(work: Work, parent: Path) -> float:
    """Return the seconds that work takes in an empty folder, which is gone afterwards."""
    folder = Path(tempfile.mkdtemp(dir=parent))
    start = time.perf_counter()
    work(folder)
    seconds = time.perf_counter() - start
    shutil.rmtree(folder)
    return seconds


def against(what: str, ours: Work, theirs: Work, name: str, goal: float, parent: Path) -> Row:
    """Time two works in the order A B B A, and return a row; both run once before, untimed."""
    for work in (ours, theirs):
        timed(work, parent)
    pairs = []
    for place in range(2 * ROUNDS):
        works = (ours, theirs) if place % 2 == 0 else (theirs, ours)
        times = dict(zip(works, [timed(work, parent) for work in works], strict=True))
        pairs.append((times[ours], times[theirs]))
    mine, others = zip(*pairs, strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    middle = (statistics.median(mine) * 1e3, statistics.median(others) * 1e3)
    return Row(what, middle[0], "ms", name, middle[1], ratio, min(mine) / min(others), goal)


def finding(what: str, access: Access, limit: float) -> Row:
    """Return how long a query with one match takes on an open association, against a limit in ms."""
    times = []
    with associate(access, proposal_for(patient_root=False), lambda: False) as association:
        for _ in range(FINDS):
            start = time.perf_counter()
            found = find_on(association, Query(Level.STUDY, study_instance_uid=ALONE), lambda _: None)
            times.append((time.perf_counter() - start) * 1e3)
            if found.matches != 1:
                raise RuntimeError("the study was not found")
    middle = statistics.median(times)
    return Row(what, middle, "ms", "limit", limit, middle / limit, min(times) / limit, 1.0)


def measure() -> Iterator[Row]:
    """Compare retrieval and storage with DCMTK, and the time of a query with its limit."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    pacs: Any = importlib.import_module("pacs")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, ExitStack() as stack:
        parent = Path(name)
        study = parent / "study"
        paths = material.ct_folder(study, SLICES)
        servers = {}
        for kind in ("orthanc", "nagle", "sink"):
            (parent / kind).mkdir()
        servers["Orthanc"] = stack.enter_context(pacs.orthanc(parent / "orthanc"))
        nagle = stack.enter_context(pacs.orthanc(parent / "nagle", nagle=True))
        sink = Access(stack.enter_context(pacs.storescp(parent / "sink", "--ignore")).peer)
        orthanc = Access(servers["Orthanc"].peer)
        servers["Orthanc"].store([*paths, alone(parent)])
        nagle.store([alone(parent)])
        for count, speed in ((1, 0.85), (2, 1.1)):
            yield against(
                f"C-GET of {SLICES} slices, {count} association{'s' * (count > 1)}",
                lambda folder, count=count: fetch_at_once(orthanc, count, folder),  # type: ignore[misc]
                lambda folder: getscu(orthanc, folder),
                "getscu",
                round(1 / speed, 2),
                parent,
            )
        yield against(
            f"C-STORE of {SLICES} slices to a sink",
            lambda _: send(sink, paths),
            lambda _: storescu(sink, str(study)),
            "storescu",
            1.0,
            parent,
        )
        yield finding("C-FIND with one match", orthanc, 5.0)
        yield finding("C-FIND with one match, peer with Nagle", Access(nagle.peer), 10.0)
