"""The list of transfers: retrieves and sends, two at a time, that outlive the program.

A transfer that was under way when the program ended goes on at the next start: what is here by then is not
fetched again, and what was sent is not sent again.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from viewer.cache import transfer_log
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord
from viewer.errors import ViewerError
from viewer.jobs.means import Means
from viewer.jobs.queue import Post
from viewer.jobs.telling import Telling
from viewer.jobs.transfer import (
    ENDED,
    Ended,
    Job,
    Kind,
    Standing,
    State,
    TransferRow,
    job_of,
    standing_of,
)
from viewer.jobs.transferring import Hearing, promised_since, transfer
from viewer.network.retrieving.retrieve_plan import Wanted

AT_ONCE = 2
WINDOW = 4.0  # s over which the speed is told
CLOSING = 2.0  # s that the threads have to end
SAVING = 2.0  # s between two times that the progress is written down
LOOKING = 5.0  # s between two looks whether a peer has promised to keep what was sent, while it may
AWAITED = 600.0  # s after the end of a send in which that is looked for; then at the next start


def _nothing(_: object) -> None:
    pass


@dataclass(slots=True)
class _Entry:
    """One transfer of the list."""

    id: int
    job: Job
    state: State
    standing: Standing = field(default_factory=Standing)
    stop: State | None = None  # what it is to become when the work on it ends
    speed: deque[tuple[float, int]] = field(default_factory=deque)  # s, bytes; of the last seconds
    saved: float = 0.0
    awaits: float = 0.0  # s of time.monotonic until which its peer may promise to keep what was sent


class Transfers:
    """The transfers of one cache. All methods may be called from any thread, and none waits for a peer."""

    def __init__(
        self,
        means: Means,
        post: Post,
        changed: Callable[[], None],
        arrived: Callable[[Sequence[InstanceRecord]], None] = _nothing,
        work: Callable[[Means, Job, Hearing], Ended] = transfer,
    ) -> None:
        """Go on with what the last run of the program left. Raises ViewerError when that cannot be read.

        `changed` is called by `post` when `rows` differ, at most ten times a second; `arrived` by `post` with
        instances that are in the cache from now on.
        """
        self._means, self._post = means, post
        self._arrived, self._work = arrived, work
        self._telling = Telling(post, changed)
        self._lock = threading.Condition()
        self._entries = {entry.id: entry for entry in _logged(means.store)}
        # In which those that wait come to their turn.
        self._order = [entry.id for entry in self._entries.values() if entry.state is State.WAITING]
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, name=f"transfer {number + 1}", daemon=True)
            for number in range(AT_ONCE)
        ]
        for thread in self._threads:
            thread.start()

    # ------------------------------------------------------------------------------------------- asked for
    def add_retrieve(
        self, peer: str, wanted: Wanted, title: str, others: Sequence[str] = (), told: int = 0
    ) -> int:
        """Fetch what is wanted of a configured peer, by its name; return the number of the transfer.

        What it cannot give is asked of `others`; `told` objects are known to exist. Raises ViewerError when
        it cannot be written down. What is wanted and under way already is not added.
        """
        return self._add(Job(Kind.RETRIEVE, peer, title, wanted, others=tuple(others), told=told))

    def add_send(self, peer: str, sop_instance_uids: Sequence[str], title: str) -> int:
        """Send objects of the cache to a configured peer; return the number of the transfer.

        Raises ViewerError when it cannot be written down.
        """
        return self._add(Job(Kind.SEND, peer, title, sop_instance_uids=tuple(sop_instance_uids)))

    def _add(self, job: Job) -> int:
        with self._lock:
            for entry in self._entries.values():
                if entry.state not in ENDED and entry.stop is None and _same(entry.job, job):
                    return entry.id
        number = transfer_log.add(self._means.store, job.document(), State.WAITING.value)
        with self._lock:
            self._entries[number] = _Entry(number, job, State.WAITING)
            self._order.append(number)
            self._lock.notify_all()
        self._telling.tell()
        return number

    def pause(self, number: int) -> None:
        """Stop a transfer until it is resumed."""
        self._stop(number, State.PAUSED)

    def cancel(self, number: int) -> None:
        """End a transfer; what came stays."""
        self._stop(number, State.CANCELLED)

    def _stop(self, number: int, state: State) -> None:
        with self._lock:
            entry = self._entries.get(number)
            if entry is None or entry.state in ENDED:
                return
            if entry.state is State.RUNNING:
                entry.stop = state  # the thread that works on it does the rest
                return
            self._set(entry, state)
        _save(self._means.store, entry)
        self._telling.tell()

    def resume(self, number: int) -> None:
        """Go on with a transfer that was paused, or that ended without having all."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is None or entry.state is State.COMPLETE:
                return
            if entry.state is State.RUNNING:
                entry.stop = State.WAITING if entry.stop is not None else None
                return
            self._set(entry, State.WAITING)
            entry.standing = replace(entry.standing, sentence="", missing=(), short=0)
            self._lock.notify_all()
        _save(self._means.store, entry)
        self._telling.tell()

    def retry(self, number: int) -> None:
        """Try again for what is missing."""
        self.resume(number)

    def move_first(self, number: int) -> None:
        """Have a transfer done before all others that wait."""
        with self._lock:
            if number in self._order:
                self._order.remove(number)
                self._order.insert(0, number)
        self._telling.tell()

    def remove(self, number: int) -> None:
        """Take a transfer that has ended off the list. Raises ViewerError."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is None or entry.state not in ENDED:
                return
            del self._entries[number]
        transfer_log.remove(self._means.store, number)
        self._telling.tell()

    def rows(self) -> tuple[TransferRow, ...]:
        """Return all transfers: those under way, those that wait, what needs a person, then the others."""
        now = time.monotonic()
        with self._lock:
            entries = sorted(self._entries.values(), key=lambda entry: _place(entry, self._order))
            return tuple(_row(entry, now) for entry in entries)

    def close(self) -> None:
        """End all threads; what was under way goes on at the next start."""
        with self._lock:
            self._closing = True
            self._lock.notify_all()
        self._telling.close()
        until = time.monotonic() + CLOSING
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --------------------------------------------------------------------------------------- in the threads
    def _run(self) -> None:
        while not self._closing:
            entry = self._next()
            if entry is not None:
                self._do(entry)
                continue
            with self._lock:
                awaiting = [one for one in self._entries.values() if _awaits(one)]
            if _promised(self._means, awaiting, self._lock):
                self._telling.tell()

    def _next(self) -> _Entry | None:
        """Wait for the next transfer; None when the list is closed, or it is time to look for promises."""
        with self._lock:
            while not self._closing:
                if self._order:
                    entry = self._entries[self._order[0]]
                    self._set(entry, State.RUNNING)
                    entry.stop = None
                    entry.speed.clear()
                    return entry
                awaiting = any(map(_awaits, self._entries.values()))
                if not self._lock.wait(LOOKING if awaiting else None):
                    break
        return None

    def _do(self, entry: _Entry) -> None:
        _save(self._means.store, entry)
        self._telling.tell()
        hearing = Hearing(
            progress=lambda standing: self._progress(entry, standing),
            arrived=lambda records: self._post(lambda: self._arrived(records)),
            cancelled=lambda: self._closing or entry.stop is not None,
        )
        try:
            ended = self._work(self._means, entry.job, hearing)
        except ViewerError as error:
            ended = Ended(State.FAILED, replace(entry.standing, sentence=str(error)))
        except Exception as error:  # noqa: BLE001  a fault of the program ends one transfer, not all of them
            words = f"A fault of the program ({type(error).__name__})."
            ended = Ended(State.FAILED, replace(entry.standing, sentence=words))
        with self._lock:
            entry.standing = ended.standing
            stop = entry.stop if ended.state is not State.COMPLETE else None
            entry.stop = None
            entry.awaits = time.monotonic() + AWAITED
            if stop is not None or not (self._closing and ended.state is State.PAUSED):
                self._set(entry, stop or ended.state)
        _save(self._means.store, entry)
        self._telling.tell()

    def _set(self, entry: _Entry, state: State) -> None:
        """Give a transfer a state, and a place among those that wait if it does."""
        entry.state = state
        if entry.id in self._order:
            self._order.remove(entry.id)
        if state is State.WAITING:
            self._order.append(entry.id)
            self._lock.notify_all()

    def _progress(self, entry: _Entry, standing: Standing) -> None:
        now = time.monotonic()
        with self._lock:
            entry.standing = standing
            entry.speed.append((now, standing.bytes))
            while entry.speed[0][0] < now - WINDOW:
                entry.speed.popleft()
            due = now - entry.saved > SAVING
            entry.saved = now if due else entry.saved
        if due:
            _save(self._means.store, entry)
        self._telling.tell()


_SENT = frozenset({State.COMPLETE, State.SHORT})


def _awaits(entry: _Entry) -> bool:
    """Tell whether the peer of a send that has ended may still promise to keep what it got."""
    sent = entry.job.kind is Kind.SEND and entry.state in _SENT
    return sent and entry.standing.kept < entry.standing.done and time.monotonic() < entry.awaits


def _promised(means: Means, awaiting: Sequence[_Entry], lock: threading.Condition) -> bool:
    """See whether peers have promised, by our own door, to keep what was sent to them before."""
    new = False
    for entry in awaiting:
        before = entry.standing
        try:
            ended = promised_since(means, entry.job, before)
        except ViewerError:
            continue  # the next look may tell
        with lock:
            if ended is None or entry.state not in _SENT or entry.standing is not before:
                continue
            entry.state, entry.standing = ended.state, ended.standing
        _save(means.store, entry)
        new = True
    return new


def _same(one: Job, other: Job) -> bool:
    """Tell whether two jobs do the same, whatever they are called and whoever helps."""
    bare, wanted = (replace(job, title="", others=(), told=0) for job in (one, other))
    return bare == wanted


def _save(store: Store, entry: _Entry) -> None:
    try:
        transfer_log.change(store, entry.id, entry.state.value, entry.standing.document())
    except ViewerError:
        return  # the list goes on; at the next start the transfer is as it was written down last


def _logged(store: Store) -> Iterator[_Entry]:
    """Yield the transfers that the last run of the program left."""
    for logged in transfer_log.listed(store):
        try:
            job, state = job_of(logged.job), State(logged.state)
        except ValueError:
            continue  # of a newer program: it stays as it is
        if state is State.RUNNING:
            state = State.WAITING
        yield _Entry(logged.id, job, state, standing_of(logged.report), awaits=time.monotonic() + AWAITED)


def _place(entry: _Entry, order: Sequence[int]) -> tuple[int, int]:
    """Return where a transfer is in the list."""
    if entry.state is State.RUNNING:
        return 0, entry.id
    if entry.id in order:
        return 1, order.index(entry.id)
    settled = entry.state in {State.COMPLETE, State.CANCELLED}
    return 3 if settled else 2, -entry.id


def _row(entry: _Entry, now: float) -> TransferRow:
    job, standing = entry.job, entry.standing
    speed = _speed(entry.speed, now) if entry.state is State.RUNNING else 0.0
    return TransferRow(
        id=entry.id,
        kind=job.kind,
        peer=job.peer,
        title=job.title,
        state=entry.state,
        done=standing.done,
        total=standing.total,
        bytes=standing.bytes,
        bytes_per_second=speed,
        seconds_left=_left(standing, speed),
        sentence=standing.sentence,
        short=standing.short,
        missing=standing.missing,
        study_instance_uid=job.wanted.study_instance_uid if job.wanted else "",
        kept=standing.kept,
    )


def _speed(moments: Sequence[tuple[float, int]], now: float) -> float:
    if not moments or moments[0][0] >= now:
        return 0.0
    return (moments[-1][1] - moments[0][1]) / (now - moments[0][0])


def _left(standing: Standing, speed: float) -> float | None:
    """Return how long the rest takes when its objects are as large as those before."""
    if standing.total is None or not standing.done or not speed:
        return None
    return (standing.total - standing.done) * (standing.bytes / standing.done) / speed
