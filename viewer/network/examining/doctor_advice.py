"""What the doctor says: failures with their next step, and what whoever runs a peer must enter there."""

import contextlib
import socket
import time
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from viewer.dicom.text import printable
from viewer.network.access import Access, never
from viewer.network.dimse.contexts import FIND, GET, MOVE, STORAGE_COMMITMENT, VERIFICATION
from viewer.network.dimse.negotiation import Terms
from viewer.network.dimse.status import UNKNOWN_DESTINATION
from viewer.network.failure import Cause, NetworkError
from viewer.network.listener_settings import ListenerSettings
from viewer.network.listener_status import Call
from viewer.network.peer import Peer
from viewer.network.resolving import resolved

SERVICES = {  # by their models: some peers have the patient root alone
    "C-ECHO": (VERIFICATION,),
    "C-FIND": (FIND[False], FIND[True]),
    "C-GET": (GET[False], GET[True]),
    "C-MOVE": (MOVE[False], MOVE[True]),
    "storage commitment": (STORAGE_COMMITMENT,),
}
_NOT_FOUND = 404
_HEARD = 2.0  # s after which a call that came is known here, too: the door is another process
_CLOCK = 0.5  # s that the clocks of two processes may differ
# What the protocol itself says in the place of a status.
_PROTOCOL = {
    Cause.NAME: "no address",
    Cause.REFUSED: "TCP: connection refused",
    Cause.NO_ANSWER: "TCP: no answer",
    Cause.NOT_DICOM: "no A-ASSOCIATE-AC",
    Cause.TLS: "TLS handshake",
    Cause.CALLED_AE: "A-ASSOCIATE-RJ: called AE title not recognised",
    Cause.CALLING_AE: "A-ASSOCIATE-RJ: calling AE title not recognised",
    Cause.BUSY: "A-ASSOCIATE-RJ: transient",
    Cause.REJECTED: "A-ASSOCIATE-RJ or A-ABORT",
    Cause.NO_CONTEXT: "no presentation context",
    Cause.SILENT: "no answer in time",
    Cause.CLOSED: "connection closed or A-ABORT",
    Cause.PROTOCOL: "protocol error",
}


@dataclass(frozen=True, slots=True)
class Door:
    """Where we are reached: what a peer must know to send to us."""

    ae_title: str
    address: str  # of this computer, as the peer sees it; "" when it is not known
    port: int

    def __str__(self) -> str:
        """Return it as it is entered in a PACS."""
        return f"{self.ae_title} at {self.address or 'the address of this computer'}, port {self.port}"


def door_to(peer: Peer, listener: ListenerSettings) -> Door:
    """Return where a peer reaches us. Nothing is sent for it."""
    return Door(listener.ae_title, own_address(peer), listener.port)


def own_address(peer: Peer) -> str:
    """Return the address of this computer on the way to a peer, "" when there is no way."""
    with contextlib.suppress(OSError):
        family, _, _, address = resolved(peer.host, peer.port, never)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as route:
            route.connect(address)  # of a datagram socket: it only looks up the route
            return str(route.getsockname()[0])
    return ""


def admin_text(peer: Peer, door: Door) -> str:
    """Return what to ask of whoever runs a peer, to be copied."""
    if not peer.host:
        return f"To whoever runs {printable(peer.name)}: please allow us QIDO-RS and WADO-RS at {peer.web}."
    lines = [
        f"To whoever runs {printable(peer.name)}: please enter this computer as a DICOM node.",
        f"  AE title that calls you:  {peer.calling_ae_title}",
        f"  Address of the computer:  {door.address or '(please ask its user)'}",
        "  It asks for:              C-ECHO, C-FIND, C-GET, C-MOVE"
        + (" over TLS" if peer.tls else " without TLS"),
        f"  C-MOVE destination:       AE title {door.ae_title}, port {door.port}",
    ]
    if peer.may_send:
        lines.append("  It may be sent images:    C-STORE, to the same AE title and port")
    return "\n".join(lines)


def protocol_words(error: NetworkError, *, web: bool = False) -> str:
    """Return the status of a failure, or what the protocol says instead."""
    if error.status is not None:
        return f"HTTP {error.status}" if web else f"DIMSE status {error.status:04X}"
    if web and error.cause not in {Cause.NAME, Cause.REFUSED, Cause.NO_ANSWER, Cause.TLS}:
        return ""
    return _PROTOCOL.get(error.cause, "")


def explained(access: Access, error: NetworkError, service: str = "") -> str:
    """Return the sentence of a failed step; `service` is what was asked for on a connection that stood."""
    if not service and error.cause is Cause.TLS:
        return (
            f"{error} The secure connection stood, and then our call was cut off: most likely our certificate"
            " is not trusted there, so ask whoever runs it which one to show."
        )
    if service and error.cause in {
        Cause.CLOSED,
        Cause.SILENT,
        Cause.STATUS,
        Cause.NO_CONTEXT,
        Cause.REJECTED,
    }:
        return (
            f"{error} The association before was accepted: perhaps {access.peer.calling_ae_title} is not"
            f" allowed {service} there, so ask whoever runs it."
        )
    return str(error)


@runtime_checkable
class Hearing(Protocol):
    """Our own door where it remembers who has called."""

    def calls_since(self, when: float) -> tuple[Call, ...]:
        """Return who has called since a moment (time.time)."""


def turned_away(destination: object, since: float) -> str:
    """Return how our own door has refused whoever called it since a moment, "" when it has not."""
    if not isinstance(destination, Hearing):
        return ""
    until = time.monotonic() + _HEARD
    while not (calls := destination.calls_since(since - _CLOCK)) and time.monotonic() < until:
        time.sleep(_CLOCK / 10)
    for call in reversed(calls):
        if call.refused:
            return f"{printable(call.caller) or 'it'} called from {printable(call.address)}: {call.refused}"
    return ""


def moved_nothing(access: Access, error: NetworkError, door: Door, refused: str) -> str:
    """Return why a C-MOVE to us failed, and what to do; `refused` as of `turned_away`."""
    name = printable(access.peer.name)
    if refused:
        return (
            f"{name} was asked to send one image here, and our own door refused it, since {refused}."
            " Let it in under “This computer”."
        )
    if error.status == UNKNOWN_DESTINATION:
        return f"{name} does not know where to send to: whoever runs it must enter {door}."
    if error.cause is Cause.STATUS:
        return (
            f"{name} was asked to send one image here, and no connection came: whoever runs it must enter"
            f" {door}, and a firewall on the way must let it pass."
        )
    return str(error)


def came_nowhere(peer: Peer, door: Door) -> str:
    """Return what it means when a peer says that it sent an image and none came."""
    return (
        f"{printable(peer.name)} says that it sent one image, but none came here: it may know another"
        f" computer by our AE title. It must send to {door}."
    )


def web_failure(error: NetworkError) -> str:
    """Return what a failed DICOMweb request means when only the address was tried."""
    if error.status == _NOT_FOUND:
        return (
            "There is no DICOMweb service at this address (HTTP 404): ask whoever runs it for the whole"
            " address; it often ends in /dicom-web or /dicomweb."
        )
    if error.cause is Cause.CREDENTIALS and error.status is not None:
        return f"{error} Correct them here, or ask whoever runs it for access."
    return str(error)


def accepted(terms: Terms) -> tuple[list[str], list[str]]:
    """Return the services that were agreed on, and those that were not."""
    offered = {context.abstract_syntax for context in terms.contexts.values()}
    yes = [words for words, uids in SERVICES.items() if not offered.isdisjoint(uids)]
    return yes, [words for words in SERVICES if words not in yes]


def listed(words: list[str]) -> str:
    """Return words as a sentence has them."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "nothing"
