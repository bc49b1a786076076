"""Our own door in tests, and what it has received."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viewer.network.access import Access
from viewer.network.dimse.commitment import Promise
from viewer.network.listening.listener import Listener
from viewer.network.listening.listener_config import Caller, ListenerConfig
from viewer.network.peer import OWN_AE_TITLE, Peer, Received, Tls
from viewer.network.tls import client_context

SENDER = Caller("Modality", addresses=("127.0.0.1",), may_send=True)
PATIENCE = 20.0  # s that a busy machine may take


def answered(_received: Received) -> bool | str:
    return True


@dataclass
class Opened:
    """A door that is open, and what came through it."""

    listener: Listener
    folder: Path
    came: list[Received] = field(default_factory=list)
    promises: list[tuple[Promise, str]] = field(default_factory=list)
    answer: Callable[[Received], bool | str] = answered
    gate: threading.Event = field(default_factory=threading.Event)  # set: what arrives is made safe

    def access(
        self, *, calling: str = OWN_AE_TITLE, called: str = OWN_AE_TITLE, tls: Tls | None = None
    ) -> Access:
        peer = Peer("Door", called, "127.0.0.1", self.port, calling, tls=tls, timeout=PATIENCE)
        return Access(peer, client_context(tls) if tls else None)

    @property
    def port(self) -> int:
        return self.listener.status.port

    def take(self, several: Sequence[Received]) -> list[bool | str]:
        assert self.gate.wait(PATIENCE)
        found = [self.answer(each) for each in several]
        self.came += [each for each, answer in zip(several, found, strict=True) if answer is True]
        return found

    def left(self) -> list[str]:
        """Return the names of all files below the folder."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


@contextmanager
def opened(folder: Path, **config: Any) -> Iterator[Opened]:
    """Open a door at a free port for senders of this computer, unless `config` says otherwise."""
    folder.mkdir(exist_ok=True)
    values: dict[str, Any] = {"port": 0, "callers": (SENDER,), "floor_free_bytes": 0} | config
    found: list[Opened] = []
    listener = Listener(
        ListenerConfig(**values),
        folder,
        lambda several: found[0].take(several),  # noqa: PLW0108  it is not there yet
        on_promise=lambda promise, caller: found[0].promises.append((promise, caller)),
    )
    found.append(Opened(listener, folder))
    found[0].gate.set()
    listener.start()
    try:
        yield found[0]
    finally:
        found[0].gate.set()
        listener.stop()


def until(fact: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
