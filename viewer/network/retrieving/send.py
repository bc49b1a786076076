"""Sending files to a peer until it has them all, or it is said which not and why; then its promise."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.network.access import Cancelled, never
from viewer.network.dimse.commitment import Reference, ask_to_keep, new_transaction
from viewer.network.dimse.store import Sent, store
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Method, Peer
from viewer.network.services import Services
from viewer.network.web import stow

PAUSES = (1.0, 2.0, 4.0)  # s before each further attempt
PROMISE_SECONDS = 2.0  # that a promise is waited for on the association on which it was asked for
_TICK = 0.05
_PASSING = frozenset({Cause.BUSY, Cause.SILENT, Cause.CLOSED, Cause.NO_ANSWER, Cause.REFUSED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    path: str
    reason: str = ""  # why the peer does not have it; "" when it has
    reference: Reference = ("", "")  # SOP Class UID and SOP Instance UID, where they are known


OnOutcome = Callable[[Outcome], None]


def by_web(peer: Peer) -> bool:
    """Tell whether files go over DICOMweb."""
    return bool(peer.web) and (peer.method is Method.WEB or not (peer.ae_title and peer.host))


def send(
    peer: Peer,
    paths: Sequence[str],
    services: Services,
    on_outcome: OnOutcome,
    cancelled: Cancelled = never,
    pauses: Sequence[float] = PAUSES,
) -> None:
    """Send files, and tell what became of each, once. A connection that breaks is made again.

    Raises NetworkError when no more can be sent: what was not told of was not sent.
    """
    left = dict.fromkeys(paths)

    def told(outcome: Outcome) -> None:
        left.pop(outcome.path, None)
        on_outcome(outcome)

    waits = iter(pauses)
    while left:
        before = len(left)
        try:
            _send(peer, list(left), services, told, cancelled)
        except NetworkError as error:
            if len(left) < before:
                waits = iter(pauses)
            seconds = next(waits, None)
            if seconds is None or error.cause not in _PASSING:
                raise
            _pause(seconds, peer, cancelled)
        else:
            return


def _send(
    peer: Peer, paths: Sequence[str], services: Services, told: OnOutcome, cancelled: Cancelled
) -> None:
    if by_web(peer):
        with services.web(peer, cancelled) as web:
            stow.send(web, paths, lambda sent: told(_of_web(sent)), services.transcode)
    else:
        access = services.access(peer)
        store(access, paths, lambda sent: told(_of_dimse(sent)), services.transcode, cancelled)


def _of_web(sent: stow.Sent) -> Outcome:
    return Outcome(sent.path, sent.reason, ("", sent.sop_instance_uid))


def _of_dimse(sent: Sent) -> Outcome:
    reason = "" if sent.stored else sent.words or "the peer did not take it"
    return Outcome(sent.path, reason, (sent.sop_class_uid, sent.sop_instance_uid))


def _pause(seconds: float, peer: Peer, cancelled: Cancelled) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if cancelled():
            raise NetworkError(f"{peer.name}: cancelled.", Cause.CANCELLED)
        time.sleep(_TICK)


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a peer promises of objects that it took."""

    kept: tuple[str, ...] = ()  # SOP Instance UIDs
    refused: tuple[str, ...] = ()
    words: str = ""  # why there is no promise, or that it comes later


def commitment(
    peer: Peer,
    references: Sequence[Reference],
    services: Services,
    cancelled: Cancelled = never,
    wait: float = PROMISE_SECONDS,
) -> Commitment:
    """Ask a peer to promise that it keeps objects. Raises NetworkError only when it was cancelled."""
    if by_web(peer) or not references:
        return Commitment()
    try:
        promise = ask_to_keep(services.access(peer), references, new_transaction(), wait, cancelled)
    except NetworkError as error:
        if error.cause is Cause.CANCELLED:
            raise
        return Commitment(words=str(error))
    if promise is None:
        return Commitment(words=f"{peer.name} has not yet promised to keep the objects.")
    return Commitment(promise.kept, promise.refused)
