"""What peers send goes into the cache: headers are read in worker processes, then it is kept for good."""

import queue
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from viewer.cache import trash
from viewer.cache.arrivals import Arrival, Became, Keep, Source, Taken
from viewer.cache.store import BATCH_FILES, Store
from viewer.dicom.records import InstanceRecord
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import Priority
from viewer.jobs.workers import CancelledError
from viewer.network.peer import Received

FIRST_BATCHES = (1, 4, 16)  # files: the first ones are waited for
BATCH_SECONDS = 0.25  # that a batch grows
LULL = 0.05  # s without a file, after which it grows no more
MOST_WAITING = 256  # files; then whoever receives has to wait
AT_ONCE = 2  # batches: one is read while the other is made durable


def _nothing(_: object) -> None:
    pass


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where received objects go, and whence they come."""

    store: Store
    pool: DecoderPool
    source: Source
    study_instance_uid: str = ""  # that alone may come in; "" for any
    floor_bytes: int = 0  # what must stay free on the disk of the cache


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one file: it is gone from where it was."""

    received: Received
    taken: Taken | None  # None when it never came to that
    reason: str = ""  # why it was not kept, in words
    hostile: bool = False  # it was not what its peer said that it is

    @property
    def safe(self) -> bool:
        """Tell whether the object survives a power cut now."""
        return self.taken is not None and self.taken.became is not Became.FAILED


def keep(
    entrance: Entrance, several: Sequence[Received], cancelled: Callable[[], bool] = _never
) -> list[Kept]:
    """Take files out of the cache's folder of unfinished ones into the cache; return what became of each.

    Raises ViewerError when the cache cannot be written, CancelledError when the program ends; of the files
    nothing is left then.
    """
    try:
        _check_room(entrance)
        outcomes = entrance.pool.index(
            [each.path for each in several], priority=Priority.NEXT, cancelled=cancelled
        )
        found = [_checked(entrance, *pair) for pair in zip(several, outcomes, strict=True)]
        arrivals = [
            Arrival(each, entrance.source, Keep.TAKE) for each in found if isinstance(each, InstanceRecord)
        ]
        taken = iter(entrance.store.take(arrivals))
        kept = [
            _kept(received, next(taken)) if isinstance(each, InstanceRecord) else each
            for received, each in zip(several, found, strict=True)
        ]
        trash.come_again(entrance.store, [each.taken.record for each in kept if each.taken and each.safe])
        return kept
    finally:
        for received in several:
            with suppress(OSError):
                Path(received.path).unlink(missing_ok=True)


def _checked(entrance: Entrance, received: Received, outcome: object) -> InstanceRecord | Kept:
    """Return the record of an object that is what was announced."""
    if not isinstance(outcome, InstanceRecord):
        reason = getattr(outcome, "reason", "it is no object of DICOM")
        return Kept(received, None, str(reason))
    if outcome.sop_instance_uid != received.sop_instance_uid:
        return Kept(received, None, "it is another object than its peer said", hostile=True)
    study = outcome.series.study.study_instance_uid
    if entrance.study_instance_uid not in {"", study}:
        return Kept(received, None, "it is of a study that was not asked for", hostile=True)
    return outcome


def _kept(received: Received, taken: Taken) -> Kept:
    return Kept(received, taken, taken.reason if taken.became is Became.FAILED else "")


def _check_room(entrance: Entrance) -> None:
    """Raise ViewerError when less is left on the disk than others may need."""
    root = entrance.store.folder.root
    try:
        free = shutil.disk_usage(root).free
    except OSError as error:
        raise ViewerError(
            f"The study cache in {root} cannot be used: {error.strerror or 'input or output error'}."
        ) from None
    if free < entrance.floor_bytes:
        raise ViewerError(
            f"Less than {entrance.floor_bytes / 1e9:.1f} GB is left on the disk of the study cache in {root};"
            " free some space or trim the cache, then go on."
        )


class Receiving:
    """Keeps what one retrieval brings, in threads of its own, in batches. A context manager."""

    def __init__(self, entrance: Entrance, on_kept: Callable[[Sequence[Kept]], object] = _nothing) -> None:
        """`on_kept` is told of each batch that is dealt with, from one of the threads."""
        self._entrance, self._on_kept = entrance, on_kept
        self._waiting: queue.Queue[Received | None] = queue.Queue(MOST_WAITING)
        self._sizes = list(reversed(FIRST_BATCHES))
        self._given_up = threading.Event()
        self.failure: ViewerError | None = None  # why nothing more can be kept
        self._threads = [
            threading.Thread(target=self._run, name=f"receiving {number + 1}", daemon=True)
            for number in range(AT_ONCE)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for _thread in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def put(self, received: Received) -> None:
        """Have a file kept; the caller waits when too many are waiting."""
        self._waiting.put(received)

    def settle(self) -> None:
        """Return when everything that was put is dealt with."""
        self._waiting.join()

    def give_up(self) -> None:
        """Keep nothing more: what waits is removed."""
        self._given_up.set()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, last = self._batch(first)
            try:
                self._keep(batch)
            finally:
                for _ in batch:
                    self._waiting.task_done()
            if last:
                break
        self._waiting.task_done()

    def _batch(self, first: Received) -> tuple[list[Received], bool]:
        """Return what is kept together, and whether it is the last."""
        size = self._sizes.pop() if self._sizes else BATCH_FILES
        batch, until = [first], time.monotonic() + BATCH_SECONDS
        while len(batch) < size:
            try:
                each = self._waiting.get(timeout=min(max(until - time.monotonic(), 0), LULL))
            except queue.Empty:
                break
            if each is None:
                return batch, True
            batch.append(each)
        return batch, False

    def _keep(self, batch: Sequence[Received]) -> None:
        if self.failure is not None or self._given_up.is_set():
            for received in batch:
                with suppress(OSError):
                    Path(received.path).unlink(missing_ok=True)
            return
        try:
            self._on_kept(keep(self._entrance, batch, self._given_up.is_set))
        except CancelledError:
            self._given_up.set()
        except ViewerError as error:
            self.failure = error
        except Exception as error:  # noqa: BLE001  a fault of the program ends this retrieval, not its threads
            self.failure = ViewerError(f"A fault of the program ({type(error).__name__}).")
