"""Resident memory with 600 slices open, against the bytes of their pixels."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import material
from benchmarks.pairs import Row

SLICES = 600
LIMIT = 1 << 30  # bytes of frames kept: all of them
MIB = 1 << 20


def resident(process: int | str = "self") -> int:
    """Return the bytes of memory a process has in use that are its own (Linux)."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return 1024 * sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def hold(folder: str) -> None:
    """Open all slices of a folder as the window does, and print what that takes. Runs in a fresh process."""
    import viewer.app  # noqa: F401  all that a window loads
    from viewer.cache.frames import FrameCache
    from viewer.dicom.records import FrameKey, InstanceRecord
    from viewer.jobs.decode import DecoderPool

    before = resident()
    frames, slices = FrameCache(LIMIT), 0
    with DecoderPool(1) as pool:
        for record in pool.index(sorted(str(path) for path in Path(folder).iterdir())):
            if isinstance(record, InstanceRecord):
                frames.put(FrameKey(record.sop_instance_uid), *pool.read_frame(record.path))
                slices += 1
        workers = sum(resident(process) for process in pool.pids())
        print(slices, before, resident(), workers)


def measure() -> Iterator[Row]:
    """Compare the memory of the program with the pixels that it holds."""
    if not sys.platform.startswith("linux"):
        return
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent:
        material.ct_folder(Path(parent) / "study", SLICES)
        command = [sys.executable, "-m", "benchmarks.memory", str(Path(parent) / "study")]
        words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    slices, before, after, workers = (int(word) for word in words)
    pixels = slices * material.SLICE[0] * material.SLICE[1] * 2 / MIB
    figures = (
        (f"memory of {slices} slices, without the program", (after - before) / MIB, 1.1),
        (f"memory with {slices} slices open, the whole program", after / MIB, 2.0),
        ("... and its worker process", (after + workers) / MIB, None),
    )
    for what, ours, goal in figures:
        yield Row(what, ours, "MiB", "the bytes of the pixels", pixels, ours / pixels, None, goal)


if __name__ == "__main__":
    hold(sys.argv[1])
