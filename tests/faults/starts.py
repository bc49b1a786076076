"""Two starts at once: of processes that open a cache at the same moment exactly one owns it."""

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from scene import closing_line

from viewer.cache.ownership import OwnedError
from viewer.cache.store import Store

RUNNERS = 3
FRESH = 20  # every so manieth race is about a cache that does not exist yet
SECONDS = 25.0  # after which no new race begins


class Runner:
    """A process that opens a cache whenever it is told to, and says how it went."""

    def __init__(self, folder: Path) -> None:
        told, self._tell = os.pipe()
        self._hear, says = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._tell)
            os.close(self._hear)
            try:
                self._live(folder, told, says)
            finally:
                os._exit(0)
        os.close(told)
        os.close(says)

    @staticmethod
    def _live(folder: Path, told: int, says: int) -> None:
        while root := os.read(told, 8).decode():
            store = None
            try:
                store = Store(folder / root)
                os.write(says, b"o")
            except OwnedError:
                os.write(says, b"r")
            except BaseException as error:  # noqa: BLE001
                os.write(2, f"{error!r}\n".encode())
                os.write(says, b"!")
            os.read(told, 1)
            if store is not None:
                store.close()
            os.write(says, b"c")

    def tell(self, words: bytes) -> None:
        os.write(self._tell, words)

    def hear(self) -> str:
        return os.read(self._hear, 1).decode()

    def dismiss(self) -> None:
        os.close(self._tell)

    def wait(self) -> None:
        os.close(self._hear)
        os.waitpid(self._process, 0)


def raced(runners: Sequence[Runner], root: str) -> str:
    """Have all of them open a cache at once; return how each of them fared, sorted."""
    for runner in runners:
        runner.tell(root.encode())
    outcome = "".join(sorted(runner.hear() for runner in runners))
    for runner in runners:
        runner.tell(b"c")
    for runner in runners:
        runner.hear()
    return outcome


def run(races: int) -> int:
    """Have processes race; print how often there was one owner."""
    began = time.perf_counter()
    memory = Path("/dev/shm")  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=memory if memory.is_dir() else None))
    outcomes: Counter[str] = Counter()
    runners = [Runner(folder) for _ in range(RUNNERS)]
    try:
        for number in range(races):
            if time.perf_counter() - began > SECONDS:
                break
            if number % FRESH == 0:
                shutil.rmtree(folder / f"{number // FRESH - 1:08d}", ignore_errors=True)
            outcomes[raced(runners, f"{number // FRESH:08d}")] += 1
    finally:
        for runner in runners:
            runner.dismiss()
        for runner in reversed(runners):  # a later one holds the pipes of those before it
            runner.wait()
        shutil.rmtree(folder)
    one = "o" + "r" * (RUNNERS - 1)
    return closing_line(
        "STARTS",
        set(outcomes) == {one},
        races=outcomes.total(),
        one_owner=outcomes[one],
        seconds=time.perf_counter() - began,
    )
