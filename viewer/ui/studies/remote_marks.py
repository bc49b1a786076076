"""Whether the peers are there: each is asked now and then while the list of studies is in sight."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.network.peer import Peer
from viewer.viewing.remote import Remote

EVERY = 60_000  # ms
PATIENCE = 5.0  # s: a peer that takes longer is as good as away, and nobody waits for a mark
UNKNOWN = "not asked yet"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a peer; `answers` is None while nothing is."""

    answers: bool | None = None
    words: str = UNKNOWN


class RemoteMarks(QObject):
    """Asks in the background, and tells only of what changed."""

    changed = Signal(str)  # the name of a peer

    def __init__(self, queue: Callable[[], JobQueue], remote: Remote, parent: QObject | None = None) -> None:
        """`queue` has threads for nothing else: peers that are away would hold up what is searched for."""
        super().__init__(parent)
        self._queue, self._neighbours, self._prompt = queue, remote.neighbours, remote.prompt
        self._marks: dict[Peer, Mark] = {}
        self._jobs: dict[Peer, Job] = {}
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self._look)

    def of(self, name: str) -> Mark:
        """Return what is known of a peer."""
        peer = next((one for one in self._neighbours.peers if one.name == name), None)
        return self._marks.get(peer, Mark()) if peer is not None else Mark()

    def begin(self) -> None:
        """Ask now, and every minute from now on."""
        self._timer.start()
        self._look()

    def end(self) -> None:
        """Ask no more."""
        self._timer.stop()
        for job in self._jobs.values():
            job.cancel()
        self._jobs.clear()

    def heard(self, names: Collection[str]) -> None:
        """Ask peers again that have answered something else just now: with a password, perhaps."""
        for peer in self._neighbours.peers:
            if peer.name in names and self.of(peer.name).answers is False and peer not in self._jobs:
                self._jobs[peer] = self._ask(peer)

    def _look(self) -> None:
        for peer in self._neighbours.peers:
            if peer not in self._jobs:
                self._jobs[peer] = self._ask(peer)

    def _ask(self, peer: Peer) -> Job:
        hasty = replace(peer, timeout=min(peer.timeout, PATIENCE))
        return self._queue().submit(
            lambda job: self._echo(hasty, job),
            priority=Priority.SCAN,
            done=lambda seconds: self._set(peer, Mark(answers=True, words=_answers(seconds))),
            failed=partial(self._fail, peer),
        )

    def _echo(self, peer: Peer, job: Job) -> float:
        if self._prompt is not None:
            self._prompt.hush()  # nobody is asked for a password for the sake of a mark
        return self._neighbours.echo(peer, job.is_cancelled)

    def _fail(self, peer: Peer, error: Exception) -> None:
        self._set(peer, Mark(answers=False, words=str(error)))

    def _set(self, peer: Peer, mark: Mark) -> None:
        self._jobs.pop(peer, None)
        self._marks[peer] = mark
        self.changed.emit(peer.name)


def _answers(seconds: float) -> str:
    return f"answers in {max(round(seconds * 1000), 1):,} ms"
