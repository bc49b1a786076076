"""C-MOVE with our own door as the destination, and why nothing came through it (PS3.4 C.4.2).

A peer's status and counts prove nothing: what arrived does. Where nothing did, what the door has seen tells
more than the peer: nobody called, or somebody was not let in.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from viewer.dicom.text import printable
from viewer.network.access import Access, Cancelled, never
from viewer.network.dimse.move import Moved, move
from viewer.network.dimse.target import Target
from viewer.network.failure import Cause, NetworkError
from viewer.network.listener_status import Call, ListenerStatus
from viewer.network.listening.listener import Listener
from viewer.network.listening.listener_config import LOOPBACK, addresses_of, is_own
from viewer.network.peer import Peer, Received

STRAGGLERS = 2.0  # s without an arrival after which nothing more is expected of a C-MOVE that has ended
_LOOK = 0.02  # s
CLOCK = 0.5  # s that a call may seem to be older than it is
_TOLD = 0.5  # s in which the door tells of who was not let in


class Door(Protocol):
    """Our own door, as far as it knows who called."""

    @property
    def status(self) -> ListenerStatus:
        """Return what it is doing."""

    def calls_since(self, when: float) -> tuple[Call, ...]:
        """Return who has called since a moment (time.time)."""


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a C-MOVE."""

    moved: Moved  # what the peer says
    received: tuple[Received, ...]  # what is safe here
    missing: tuple[str, ...]  # SOP Instance UIDs that were asked for and did not come


def move_here(access: Access, wanted: Target, door: Listener, cancelled: Cancelled = never) -> Came:
    """Have a peer send objects to our own door, and wait until they are safe.

    Raises NetworkError when nothing came, saying why; `door` must listen.
    """
    peer = access.peer
    if not door.ae_title:
        raise NetworkError(
            f"{printable(peer.name)} is to send images to our own door (C-MOVE), which is closed: open it.",
            Cause.NO_CONTEXT,
        )
    arrivals = _Arrivals()
    since = time.time()
    with door.watching(wanted.study_instance_uid, wanted.sop_instance_uids, arrivals.take):
        try:
            moved = move(access, wanted, door.ae_title, lambda _: None, cancelled)
        except NetworkError as error:
            if error.cause is not Cause.STATUS:
                raise
            if not was_refused(door, since - CLOCK):
                raise
            raise NetworkError(nothing_came(peer, door, since), Cause.REJECTED, error.status) from None
        expected = len(wanted.sop_instance_uids) or moved.completed or 0
        arrivals.wait(expected, cancelled)
    if not arrivals.received and (moved.completed or moved.failures or wanted.sop_instance_uids):
        raise NetworkError(nothing_came(peer, door, since), Cause.NO_ANSWER, moved.status)
    here = {received.sop_instance_uid for received in arrivals.received}
    missing = tuple(uid for uid in wanted.sop_instance_uids if uid not in here)
    return Came(moved, tuple(arrivals.received), missing)


def was_refused(door: Door, since: float) -> bool:
    """Tell whether somebody was not let in; the peer may have told of it before the door has."""
    until = time.monotonic() + _TOLD
    while not any(call.refused for call in door.calls_since(since)):
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK)
    return True


def explained(peer: Peer, door: Door, since: float, error: NetworkError) -> NetworkError:
    """Return the failing status of a C-MOVE that began at `since`, with what our own door has seen of it."""
    if was_refused(door, since - CLOCK):
        return NetworkError(nothing_came(peer, door, since), Cause.STATUS, error.status)
    if door.calls_since(since - CLOCK):
        return error
    words = f"{error} No connection came to port {door.status.port} here."
    return NetworkError(words, Cause.STATUS, error.status)


def nothing_came(peer: Peer, door: Door, since: float) -> str:
    """Return why nothing came of a C-MOVE that began at `since` (time.time), in a sentence."""
    name, now = printable(peer.name), door.status
    calls = door.calls_since(since - CLOCK)
    for call in reversed(calls):
        if call.refused:
            caller = f"as {printable(call.caller)} " if call.caller else ""
            return (
                f"{name} was asked to send images, but whoever called us {caller}from {call.address} was not"
                f" let in: {call.refused}. Let that AE title and address call us."
            )
    if calls:
        return (
            f"{name} was asked to send images and called us, but sent nothing that could be kept."
            " Ask whoever runs it why."
        )
    if now.host == LOOPBACK and not all(map(is_own, addresses_of(peer.host))):
        return (
            f"{name} was asked to send images, but no connection came: the listener is open to this computer"
            f" only. Name {name} among the peers that may call."
        )
    return (
        f"{name} was asked to send images, but no connection came: it must know the AE title {now.ae_title}"
        f" with the address of this computer and port {now.port}, and no firewall may be in between."
    )


class _Arrivals:
    """What arrives of one C-MOVE."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.received: list[Received] = []

    def take(self, several: Sequence[Received]) -> None:
        with self._changed:
            self.received += several
            self._changed.notify_all()

    def wait(self, expected: int, cancelled: Cancelled) -> None:
        """Wait for what is still on its way when the peer says that it has ended."""
        with self._changed:
            last, count = time.monotonic(), len(self.received)
            while len(self.received) < expected and time.monotonic() - last < STRAGGLERS and not cancelled():
                self._changed.wait(_LOOK)
                if len(self.received) > count:
                    last, count = time.monotonic(), len(self.received)
