"""The headers of 2,000 CT files as records, each time in a fresh process, against pydicom and GDCM.

Every round starts one process for each reader, which reads all files once and says how long that took; the
files are in the memory of the system. The clock starts when modules are imported and workers have started,
as they have in a window: nothing of ours or of theirs has read a file before.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import material
from benchmarks.pairs import Row
from benchmarks.peers import install

FILES = 2000
ROUNDS = 5
BATCH = 128  # as the window asks for them
FIVE, FIFTEEN = 1 / 5, 1 / 15


def with_viewer(paths: Sequence[str]) -> float:
    """Read the records of all files through two worker processes, and return the seconds."""
    from viewer.dicom.records import InstanceRecord
    from viewer.jobs.decode import DecoderPool
    from viewer.jobs.indexing import indexed

    with DecoderPool(2) as pool:
        pool.warm_up()
        _wait_until_ready(pool)
        start = time.perf_counter()
        batches = (list(paths[begin : begin + BATCH]) for begin in range(0, len(paths), BATCH))
        outcomes = [one for _, found in indexed(batches, pool.index) for one in found]
        seconds = time.perf_counter() - start
    if sum(isinstance(one, InstanceRecord) for one in outcomes) != len(paths):
        raise RuntimeError("not every file was read")
    return seconds


def _wait_until_ready(pool: object) -> None:
    """Wait until the workers have started and rest; they have read nothing yet."""
    ticks, before = os.sysconf("SC_CLK_TCK"), -1.0
    while True:
        time.sleep(0.5)
        now = 0.0
        for pid in pool.pids():  # type: ignore[attr-defined]  # a DecoderPool, imported by the caller only
            words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            now += (int(words[11]) + int(words[12])) / ticks
        if now == before:
            return
        before = now


def with_pydicom(paths: Sequence[str]) -> float:
    """Read all headers with pydicom, and return the seconds."""
    import pydicom

    start = time.perf_counter()
    for path in paths:
        pydicom.dcmread(path, stop_before_pixels=True)
    return time.perf_counter() - start


def with_gdcm(paths: Sequence[str]) -> float:
    """Read the same attributes as we with GDCM's Scanner, and return the seconds."""
    import gdcm  # type: ignore[import-not-found]  # installed for this run only

    from viewer.dicom.raw_header import META, TOP_LEVEL

    scanner = gdcm.Scanner()
    for tag in (*META, *TOP_LEVEL):
        scanner.AddTag(gdcm.Tag(tag >> 16, tag & 0xFFFF))
    start = time.perf_counter()
    if not scanner.Scan(list(paths)):
        raise RuntimeError("the Scanner failed")
    return time.perf_counter() - start


READERS: dict[str, Callable[[Sequence[str]], float]] = {
    "viewer": with_viewer,
    "pydicom": with_pydicom,
    "gdcm": with_gdcm,
}
NAMES = {"pydicom": "pydicom, dcmread(stop_before_pixels)", "gdcm": "GDCM, Scanner of the same attributes"}


def timed(reader: str, folder: Path, modules: Path) -> float:
    """Return the ms that a reader needs for a folder, by the clock of a process of its own."""
    search = os.pathsep.join(filter(None, (str(modules), os.environ.get("PYTHONPATH", ""))))
    words = subprocess.run(
        [sys.executable, "-m", "benchmarks.index", reader, str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": search},
    ).stdout.split()
    return float(words[-1]) * 1e3


def measure() -> Iterator[Row]:
    """Compare our index with those of others, process by process in turn."""
    if not sys.platform.startswith("linux"):
        return
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent:
        folder, modules = Path(parent) / "study", Path(parent) / "modules"
        material.ct_folder(folder, FILES)
        peers = ["pydicom", *(["gdcm"] if install("python-gdcm", modules) else [])]
        for reader in ("viewer", *peers):  # so that every file and module is in memory
            timed(reader, folder, modules)
        rounds = [{one: timed(one, folder, modules) for one in ("viewer", *peers)} for _ in range(ROUNDS)]
        for peer, goal in zip(peers, (FIFTEEN, FIVE), strict=False):
            yield _row(rounds, peer, goal)


def _row(rounds: Sequence[dict[str, float]], peer: str, goal: float) -> Row:
    mine, theirs = ([one[reader] for one in rounds] for reader in ("viewer", peer))
    return Row(
        f"index {FILES} CT files, cold code, warm disk",
        statistics.median(mine),
        "ms",
        NAMES[peer],
        statistics.median(theirs),
        statistics.median(a / b for a, b in zip(mine, theirs, strict=True)),
        min(mine) / min(theirs),
        goal,
    )


if __name__ == "__main__":
    print(READERS[sys.argv[1]](sorted(str(path) for path in Path(sys.argv[2]).iterdir())))
