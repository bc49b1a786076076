"""One attempt at fetching what is missing, by one method, over one or several connections at once."""

import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from viewer.dicom.text import printable
from viewer.network.access import Cancelled, never
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer, Received
from viewer.network.retrieving.retrieve_plan import Batch, Plan, Wanted
from viewer.network.services import Services


def _nothing(*_: object) -> None:
    pass


def _none(_: Sequence[str]) -> set[str]:
    return set()


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears of a retrieval, from the threads that do it."""

    on_instance: Callable[[Received], None]  # the file is the callee's from then on
    on_stored: Callable[[Received], object] = _nothing  # it came by another door, and is safe
    have: Callable[[Sequence[str]], set[str]] = _none  # which of these are here, whole
    settle: Callable[[], object] = _nothing  # returns when all that was handed on is dealt with
    progress: Callable[[int, int | None, int], object] = (
        _nothing  # objects here, of how many; bytes that came
    )
    cancelled: Cancelled = never


@dataclass(frozen=True, slots=True)
class Aim:
    """From whom, what, and how to get it."""

    peer: Peer
    wanted: Wanted
    plan: Plan
    services: Services
    folder: Path  # of unfinished files


class Seen(Protocol):
    """Counts what comes."""

    def __call__(self, received: Received, *, stored: bool = False) -> None:
        """Count an object; one that is `stored` is in the cache already, by another door."""


@dataclass(slots=True)
class Round:
    """What came, and what went wrong; filled by several threads."""

    aim: Aim
    hearing: Hearing
    seen: Seen  # is told of each object before it is handed on
    native: bool = False  # agree on uncompressed forms alone
    reasons: dict[str, str] = field(default_factory=dict)  # why objects did not come
    notes: list[str] = field(default_factory=list)
    failures: list[NetworkError] = field(default_factory=list)
    count: int = 0  # objects that came
    announced: int = 0  # failures that the peer told of
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: bool = False

    def cancelled(self) -> bool:
        """Tell whether to give up."""
        return self._stopped or self.hearing.cancelled()

    def take(self, received: Received) -> None:
        """Hand on an object that came."""
        self.seen(received)
        self.hearing.on_instance(received)
        with self._lock:
            self.count += 1

    def arrived(self, several: Sequence[Received]) -> None:
        """Count objects that came by another door, and were dealt with there."""
        for received in several:
            self.hearing.on_stored(received)
            self.seen(received, stored=True)
        with self._lock:
            self.count += len(several)

    def note(self, words: str) -> None:
        """Keep a sentence for the person, once."""
        with self._lock:
            if words not in self.notes:
                self.notes.append(words)

    def refuse(self, refused: dict[str, str]) -> None:
        """Keep why objects that came were not taken, and say what a peer sent that nobody asked for."""
        expected = {item.sop_instance_uid for item in self.aim.plan.items}
        with self._lock:
            self.reasons |= {
                uid: f"it was refused: {words}" for uid, words in refused.items() if uid in expected
            }
        strange = sum(uid not in expected for uid in refused)
        if strange:
            name = printable(self.aim.peer.name)
            self.note(
                f"Security: {name} sent {strange:,} objects that were not asked for; they were refused."
            )

    def failed(self, uids: Collection[str], words: str) -> None:
        """Keep why objects did not come, as the peer says."""
        with self._lock:
            self.announced += len(uids)
            self.reasons |= dict.fromkeys(uids, words)

    def refused_batch(self, batch: Batch, error: NetworkError) -> None:
        """Keep that a peer gives nothing of a batch, and why."""
        self.failed([item.sop_instance_uid for item in batch.items], str(error))
        with self._lock:
            self.failures.append(error)

    def at_once(self, count: int, work: Callable[[], None]) -> None:
        """Do the same work in several threads; a failure of one leaves the rest to the others.

        Raises NetworkError when it was cancelled or the disk failed.
        """
        if count <= 1:
            self._guarded(work)
        else:
            with ThreadPoolExecutor(count, thread_name_prefix="retrieve") as threads:
                for each in [threads.submit(self._guarded, work) for _ in range(count)]:
                    each.result()
        for failure in self.failures:
            if failure.cause is Cause.DISK:
                raise failure
        if self.hearing.cancelled():
            raise NetworkError(f"{printable(self.aim.peer.name)}: cancelled.", Cause.CANCELLED)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except NetworkError as error:
            with self._lock:
                self.failures.append(error)
            if error.cause is Cause.DISK:
                self._stopped = True
        except BaseException:
            self._stopped = True
            raise

    @property
    def failure(self) -> NetworkError | None:
        """Return the failure that says most, None when there was none."""
        telling = [each for each in self.failures if each.cause is not Cause.BUSY]
        return next(iter(telling or self.failures), None)
