"""Opening paths, with real jobs and worker processes."""

import os
import queue
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from make import ct, write

from viewer.dicom.dicomdir import MediaDirectory
from viewer.dicom.records import Refused
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import JobQueue
from viewer.viewing.opening import Found, Opening


class Recorder(DecoderPool):
    """A pool that remembers for which media it was asked."""

    asked: tuple[str, ...] = ()

    def directory(self, path: str, **options: object) -> MediaDirectory:
        self.asked += (path,)
        return super().directory(path, **options)


class Heard:
    """What an opening told."""

    def __init__(self) -> None:
        self.items: list[Found] = []
        self.reason: str | None = None

    def found(self, items: Sequence[Found]) -> None:
        self.items.extend(items)

    def progress(self, words: str) -> None:
        pass

    def finished(self, reason: str) -> None:
        self.reason = reason


def opened(pool: DecoderPool, folder: Path, scratch: Path) -> Heard:
    calls: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
    jobs, heard = JobQueue(calls.put), Heard()
    try:
        Opening(jobs, pool, calls.put, scratch).open([os.fspath(folder)], heard)
        until = time.monotonic() + 60
        while heard.reason is None and time.monotonic() < until:
            calls.get(timeout=60)()
    finally:
        jobs.close()
    return heard


def test_a_medium_is_read_by_a_worker_and_what_is_wrong_is_told(tmp_path):
    cd = tmp_path / "cd"
    cd.mkdir()
    write(ct(), cd / "IM1")
    (cd / "DICOMDIR").write_bytes(b"no directory" * 50)
    (cd / "loop").symlink_to(cd)
    with Recorder(1) as pool:
        heard = opened(pool, cd, tmp_path / "scratch")
    assert heard.reason == ""
    assert pool.asked == (str(cd / "DICOMDIR"),)
    assert {item for item in heard.items if isinstance(item, Refused)} == {
        Refused(str(cd / "DICOMDIR"), "the DICOMDIR is damaged: its records cannot be read"),
        Refused(str(cd / "loop"), "a link to a folder that is read already"),
    }
    assert len(heard.items) == 3
