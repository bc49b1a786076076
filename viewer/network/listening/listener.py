"""Our own door for C-STORE: others send us what we asked for by C-MOVE, and what they may send unasked.

The door is a process of its own (`scp_process`). Here, in the program, is who starts it, hears
of what arrives, has it made safe by a function that is handed in, and starts it again should it die.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.network.dimse.commitment import Promise
from viewer.network.failure import Cause, NetworkError
from viewer.network.listener_status import Call, ListenerStatus
from viewer.network.listening.listener_config import ListenerConfig
from viewer.network.listening.listener_door import opened
from viewer.network.listening.listener_keeper import Keeper, Keeping, Kept, OnPromise, OnReceived
from viewer.network.listening.listener_process import ListenerProcess, remove_leftovers
from viewer.network.listening.listener_supervisor import Ears, Supervisor
from viewer.network.listening.scp_gate import Gate
from viewer.network.listening.scp_messages import Arrived, Called, Promised, Said
from viewer.network.peer import Received
from viewer.network.tls import server_context

_REMEMBERED = 100  # calls
_READY = 10.0  # s that a process may take to start on a busy machine

OnArrived = Callable[[Sequence[Received]], None]


@dataclass(frozen=True, eq=False, slots=True)
class _Watch:
    study: str
    uids: frozenset[str]
    on_arrived: OnArrived

    def wants(self, arrived: Arrived) -> bool:
        return arrived.sop_instance_uid in self.uids if self.uids else arrived.study == self.study


def _forget(_promise: Promise, _caller: str) -> None:
    """Nobody waits for promises."""


class Listener:
    """Our own door. Every method is for any thread.

    `folder` is where what arrives lies until it is safe: the tmp folder of the cache. `on_received` makes
    objects safe and says for each: True, or why it is not kept, or False when it may come again later. It is
    called from one thread of the listener, as are `on_promise` (with the AE title of who promises) and what
    watches; `on_changed` says that `status` has changed.
    """

    def __init__(
        self,
        config: ListenerConfig,
        folder: Path,
        on_received: OnReceived,
        *,
        on_promise: OnPromise = _forget,
        on_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.config = config
        self._folder = folder
        self._keeping = Keeping(on_received, on_promise, self._kept, self._named)
        self._on_changed = on_changed
        self._gate = Gate(config)
        self._names: dict[tuple[str, str], str] = {}  # of callers that were let in
        self._lock = threading.RLock()
        self._watches: list[_Watch] = []
        self._status = ListenerStatus(config.ae_title, config.host)
        self._keeper: Keeper | None = None
        self._supervisor: Supervisor | None = None

    # ----------------------------------------------------------------------------------- start and stop
    def start(self) -> int:
        """Open the door and return its port. Raises NetworkError in words; nothing is open then."""
        with self._lock:
            if self._supervisor is not None:
                return self._status.port
            if self.config.tls:
                server_context(
                    self.config.tls, certified=self.config.callers_certified
                )  # raises what is wrong with its files
            door = opened(self.config)
            port = int(door.getsockname()[1])
            remove_leftovers(self._folder)
            self._keeper = Keeper(self._keeping)
            try:
                self._supervisor = Supervisor(self.config, self._folder, door, Ears(self._said, self._died))
            except OSError as error:
                door.close()
                self._keeper.stop()
                words = error.strerror or "no reason given"
                raise NetworkError(f"The listener cannot be started: {words}.", Cause.DISK) from None
            self._status = replace(self._status, port=port, sentence="", associations=0)
        self._on_changed()
        return port

    def stop(self) -> None:
        """Close the door within two seconds; associations end, and no process is left."""
        with self._lock:
            supervisor, self._supervisor = self._supervisor, None
            keeper, self._keeper = self._keeper, None
            self._status = replace(self._status, port=0, associations=0)
        if supervisor is not None:
            supervisor.stop()
        if keeper is not None:
            keeper.stop()
            self._on_changed()

    @property
    def status(self) -> ListenerStatus:
        """Return what the door is doing."""
        with self._lock:
            return self._status

    @property
    def ae_title(self) -> str:
        """Return the AE title by which peers know it; "" while it does not listen."""
        with self._lock:
            return self.config.ae_title if self._status.listening else ""

    @property
    def pid(self) -> int:
        """Return the id of the process, 0 for none."""
        supervisor = self._supervisor
        return supervisor.pid if supervisor else 0

    # --------------------------------------------------------------------------------------- expectations
    @contextmanager
    def watching(
        self, study_instance_uid: str, uids: Collection[str], on_arrived: OnArrived
    ) -> Iterator[None]:
        """Let in, and tell of, some objects (SOP Instance UIDs; none: all of the study) in this block.

        `on_arrived` is called from a thread of the listener, with what is safe by then.
        """
        watch = _Watch(study_instance_uid, frozenset(uids), on_arrived)
        self._expect(lambda: self._watches.append(watch), _READY)
        try:
            yield
        finally:
            self._expect(lambda: self._watches.remove(watch), 0.0)

    def calls_since(self, when: float) -> tuple[Call, ...]:
        """Return who has called since a moment (time.time)."""
        return tuple(call for call in self.status.calls if call.when >= when)

    def _expect(self, change: Callable[[], None], seconds: float) -> None:
        with self._lock:
            change()
            studies = {watch.study for watch in self._watches if not watch.uids}
            uids = {uid for watch in self._watches for uid in watch.uids}
            supervisor = self._supervisor
        if supervisor is not None:
            supervisor.expect(studies, uids, seconds)

    # ------------------------------------------------------------------------------ from its other threads
    def _said(self, process: ListenerProcess, message: Said) -> None:
        if isinstance(message, Arrived | Promised):
            keeper = self._keeper
            if keeper is not None:
                keeper.take(process, message)
        elif isinstance(message, Called):
            with self._lock:
                self._status = _after(self._status, message)
            self._on_changed()

    def _died(self, sentence: str) -> None:
        with self._lock:
            if self._supervisor is None:
                return
            restarts = self._status.restarts + 1
            port = 0 if sentence else self._status.port
            self._status = replace(
                self._status, sentence=sentence, restarts=restarts, port=port, associations=0
            )
        self._on_changed()

    def _kept(self, several: Sequence[Kept]) -> None:
        safe = [(each.message, each.received) for each in several if each.received and not each.words]
        with self._lock:
            now = self._status
            self._status = replace(
                now,
                received=now.received + len(safe),
                refused=now.refused + len(several) - len(safe),
                bytes=now.bytes + sum(received.bytes for _, received in safe),
            )
            watches = tuple(self._watches)
        for watch in watches:
            wanted = [received for message, received in safe if watch.wants(message)]
            if wanted:
                watch.on_arrived(wanted)
        self._on_changed()

    def _named(self, title: str, address: str) -> str:
        if (title, address) not in self._names:
            if len(self._names) > _REMEMBERED:
                self._names.clear()
            found = self._gate.caller(title, address)
            self._names[title, address] = found.name if found and found.ae_title else title
        return self._names[title, address]


def _after(now: ListenerStatus, called: Called) -> ListenerStatus:
    """Return the state after a call, or its end."""
    if called.ended:
        return replace(now, associations=max(now.associations - 1, 0))
    call = Call(time.time(), called.caller, called.address, called.refused)
    associations = now.associations + (not called.refused)
    return replace(now, associations=associations, calls=(*now.calls[1 - _REMEMBERED :], call))
