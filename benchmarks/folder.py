"""Opening a folder of 2,000 CT files: the first image, and all of them read."""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pydicom

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare
from viewer.dicom.records import InstanceRecord
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import JobQueue
from viewer.rendering.pipeline import pipeline_of, resolve_voi
from viewer.rendering.viewport_renderer import ViewportRenderer
from viewer.viewing.opening import Found, Opening
from viewer.viewing.picture import Picture
from viewer.viewing.viewport import ViewportState

FILES = 2000
ROUNDS = 3
SIZE = (1024, 1024)
ENTRY = 8192  # bytes: where a header has ended, nearly always
WANTED = ["PatientName", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "InstanceNumber", "Rows"]


class Reading:
    """Opens a folder as the window does, paints the first image, and notes when."""

    def __init__(self, pool: DecoderPool) -> None:
        self._pool = pool
        self._ended = threading.Event()
        self._painter: threading.Thread | None = None
        self._reason = ""
        self._start = 0.0
        self.first = 0.0  # ms from the start to the pixels of the first image
        self.count = 0

    def run(self, folder: Path) -> None:
        """Read the whole folder."""
        queue = JobQueue(lambda call: call())
        try:
            self._start = time.perf_counter()
            Opening(queue, self._pool, lambda call: call(), folder.parent).open([str(folder)], self)
            self._ended.wait()
            if self._painter is not None:
                self._painter.join()
        finally:
            queue.close()
        if self._reason or self.count != FILES:
            raise RuntimeError(self._reason or f"{self.count} of {FILES} files were read")

    def found(self, items: Sequence[Found]) -> None:
        """Paint the first image that is found, in a thread of its own, as the loader does."""
        records = [item for item in items if isinstance(item, InstanceRecord)]
        if records and not self.count:
            self._painter = threading.Thread(target=self._paint, args=(records[0],))
            self._painter.start()
        self.count += len(records)

    def progress(self, words: str) -> None:
        """Take no notice."""

    def finished(self, reason: str) -> None:
        """Note the end."""
        self._reason = reason
        self._ended.set()

    def _paint(self, record: InstanceRecord) -> None:
        description, frame = self._pool.read_frame(record.path)
        picture = Picture.of(description, frame)
        state = ViewportState(*SIZE, image=description)
        pipeline = pipeline_of(description, resolve_voi(description, frame))
        ViewportRenderer().render(picture.plane, pipeline, state.affine, SIZE)
        self.first = (time.perf_counter() - self._start) * 1e3


def with_pydicom(paths: list[str]) -> None:
    """Read the headers of all files with pydicom, and of each the few values that a list shows."""
    for path in paths:
        header = pydicom.dcmread(path, stop_before_pixels=True)
        for keyword in WANTED:
            header.get(keyword)


def one_with_pydicom(path: str) -> None:
    """Read and window one image with pydicom and numpy, without scaling it to a viewport."""
    dataset = pydicom.dcmread(path)
    values = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    low = float(dataset.WindowCenter) - float(dataset.WindowWidth) / 2
    (np.clip((values - low) / float(dataset.WindowWidth), 0, 1) * 255).astype(np.uint8)


def entries(paths: list[str]) -> None:
    """Open every file and read as much as a header takes: no reader in one thread can need less."""
    for path in paths:
        with Path(path).open("rb") as file:
            file.read(ENTRY)


def measure() -> Iterator[Row]:
    """Compare reading a folder with pydicom and with merely opening the files."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent, DecoderPool() as pool:
        folder = Path(parent) / "study"
        paths = material.ct_folder(folder, FILES)
        pool.warm_up()  # as the program does: all its workers index
        pool.read_frame(paths[0])
        firsts: list[float] = []

        def ours() -> None:
            reading = Reading(pool)
            reading.run(folder)
            firsts.append(reading.first)

        peers = [
            Peer("pydicom, dcmread(stop_before_pixels)", lambda: with_pydicom(paths), 0.125),
            Peer(f"open and read {ENTRY} bytes of each", lambda: entries(paths)),
        ]
        yield from compare(f"index {FILES} CT files, in a running program", ours, peers, rounds=ROUNDS)
        yield from _first(firsts[1:], lambda: one_with_pydicom(paths[0]), lambda: with_pydicom(paths))


def _first(firsts: list[float], one: Callable[[], None], every: Callable[[], None]) -> Iterator[Row]:
    what = f"first image of {FILES} files, from the folder's name"
    rows = compare(what, lambda: None, [Peer("", one)], rounds=9) + compare(
        what, lambda: None, [Peer("", every)], rounds=1, warm=False
    )
    names = ("pydicom and numpy, one file whose path is known", "pydicom, all headers first")
    mine = statistics.median(firsts)
    for row, name, goal in zip(rows, names, (None, 0.1), strict=True):
        yield Row(what, mine, "ms", name, row.theirs, mine / row.theirs, min(firsts) / row.theirs, goal)
