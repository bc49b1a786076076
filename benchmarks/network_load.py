"""Peers while the machine is busy: nothing lost, what TLS costs, and a window that stays awake."""

import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from benchmarks import material
from benchmarks.network import ALONE, SLICES, STUDY, UIDS, against, alone, fetch
from benchmarks.pairs import Row
from viewer.app import settle
from viewer.cache.frames import FrameCache
from viewer.cache.store import Store
from viewer.jobs.decode import DecoderPool
from viewer.jobs.means import Means
from viewer.jobs.queue import JobQueue
from viewer.jobs.transfer import ENDED, State
from viewer.jobs.transfers import Transfers
from viewer.network.access import Access
from viewer.network.dimse.find import find_on, proposal_for
from viewer.network.dimse.handshake import associate
from viewer.network.peer import Peer
from viewer.network.query import Query
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.network.services import Services
from viewer.network.tls import client_context
from viewer.ui import theme
from viewer.ui.bridge import MainThread
from viewer.ui.main_window import MainWindow
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.loader import Loader
from viewer.viewing.neighbours import Neighbours
from viewer.viewing.opening import Opening
from viewer.viewing.remote import News, Remote

BUSY = 4  # loops beside us
ASSOCIATIONS, EACH = 40, 50  # 2,000 requests
BEAT = 2  # ms
STALL = 50.0  # ms that the main thread may be away


@contextmanager
def busy() -> Iterator[None]:
    """Have four processes do nothing as fast as they can."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def requests_under_load(access: Access) -> Row:
    """Return how many of 2,000 queries failed or brought less than there is."""
    wrong = 0
    with busy():
        for _ in range(ASSOCIATIONS):
            with associate(access, proposal_for(patient_root=False), lambda: False) as association:
                for _ in range(EACH):
                    found = find_on(association, Query(study_instance_uid=ALONE), lambda _: None)
                    wrong += found.matches != 1
    count = ASSOCIATIONS * EACH
    return Row(f"{count:,} queries beside four busy loops", wrong, "lost", "limit", 0, wrong, wrong, 0.0)


def longest_stall(peer: Peer, pool: DecoderPool, folder: Path) -> Row:
    """Return the longest time in ms in which the main thread of a window did nothing during a retrieve."""
    application = QApplication.instance() or QApplication([])
    theme.apply(application)  # type: ignore[arg-type]  # it is the one of widgets
    bridge, news = MainThread(), News()
    queue = JobQueue(bridge.post)
    with Store(folder / "cache") as store:
        neighbours = Neighbours(Services(), (peer,))
        means = Means(store, pool, neighbours.services, lambda: neighbours.peers)
        transfers = Transfers(means, bridge.post, news.tell_changed, news.tell_arrived)
        remote = Remote(neighbours, transfers, news)
        frames = FrameCache(256 << 20)
        loader = Loader(queue, pool, frames)
        cabinet = Cabinet(store, Loader(queue, pool, FrameCache(64 << 20)), pool, folder, "", remote=remote)
        window = MainWindow(queue, loader, Opening(queue, pool, bridge.post, folder), lambda: True, cabinet)
        window.resize(1440, 900)
        window.show()
        window.studies.begin()
        settle()  # as the program does
        longest = _beats(transfers, peer)
        window.shut()
        transfers.close()
        queue.cancel_all()
        queue.close()
        window.hide()
        window.deleteLater()
    what = f"longest stall of a window, {SLICES} slices"
    return Row(what, longest, "ms", "limit", STALL, longest / STALL, longest / STALL, 1.0)


def _beats(transfers: Transfers, peer: Peer) -> float:
    """Retrieve the study, and return the longest time in ms between two beats of the main thread."""
    for _ in range(50):
        QApplication.processEvents()
        time.sleep(0.01)
    last, longest = time.perf_counter(), 0.0

    def beat() -> None:
        nonlocal last, longest
        now = time.perf_counter()
        longest, last = max(longest, (now - last) * 1e3 - BEAT), now

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(BEAT)
    number = transfers.add_retrieve(peer.name, Wanted(STUDY), "study")
    while True:
        QApplication.processEvents()
        row = next(row for row in transfers.rows() if row.id == number)
        if row.state in ENDED:
            break
        time.sleep(0.0005)
    timer.stop()
    if row.state is not State.COMPLETE:
        raise RuntimeError(row.sentence)
    return longest


def measure() -> Iterator[Row]:
    """Measure queries under load, C-GET over TLS beside plain, and the stalls of a window."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    pacs: Any = importlib.import_module("pacs")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, ExitStack() as stack:
        parent = Path(name)
        paths = material.ct_folder(parent / "study", SLICES)
        for each in ("plain", "tls", "keys", "window"):
            (parent / each).mkdir()
        certificates = pacs.make_certificates(parent / "keys")
        plain = stack.enter_context(pacs.orthanc(parent / "plain"))
        secured = stack.enter_context(pacs.orthanc(parent / "tls", certificates=certificates))
        for server in (plain, secured):
            server.store([*paths, alone(parent)])
        yield requests_under_load(Access(plain.peer))
        over_tls = Access(secured.peer, client_context(secured.peer.tls))
        yield against(
            f"C-GET of {SLICES} slices over TLS, 1 association",
            lambda folder: fetch(over_tls, UIDS, folder),
            lambda folder: fetch(Access(plain.peer), UIDS, folder),
            "ours, plain",
            round(1 / 0.6, 2),
            parent,
        )
        pool = stack.enter_context(DecoderPool())
        pool.read_frame(paths[0])
        yield longest_stall(replace(plain.peer, name="PACS"), pool, parent / "window")
