"""Our own door for others as plain values: who may call, where we listen, how much of everything."""

import ipaddress
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from viewer.dicom.text import printable
from viewer.network.access import never
from viewer.network.listener_settings import ListenerSettings
from viewer.network.peer import OWN_AE_TITLE, Peer, Tls
from viewer.network.resolving import address_in, resolved

ANY_TITLE = ""  # of a caller: whatever it calls itself
LOOPBACK = "127.0.0.1"
EVERYWHERE = ""  # to listen on all addresses of this computer
FLOOR = 2 << 30  # bytes of the disk that stay free when nobody says how many


@dataclass(frozen=True, slots=True)
class Caller:
    """One application entity that is let in."""

    name: str  # what people call it
    ae_title: str = ANY_TITLE
    addresses: tuple[str, ...] = ()  # IP addresses that it calls from; loopback is one of this computer
    may_send: bool = False  # without having been asked


@dataclass(frozen=True, slots=True)
class Limits:
    """How much callers may use, whatever they do."""

    associations: int = 8  # at once; one more is told to come back later
    connections: int = 64  # on which nobody has asked for an association yet; the oldest makes room
    connections_each: int = 32  # of one address
    request: float = 10.0  # s until an association is asked for (ARTIM, PS3.8 9.1.5), TLS included
    silence: float = 60.0  # s between messages
    memory: int = 1 << 30  # bytes of address space beyond what the program itself takes
    file: int = 16 << 30  # bytes of one object
    served: int = 1000  # associations after which a fresh process takes over
    resident: int = 384 << 20  # bytes in memory after which it does


@dataclass(frozen=True, slots=True)
class ListenerConfig:
    """Where we listen, as whom, and for whom."""

    ae_title: str = OWN_AE_TITLE
    port: int = 11112  # 0: any that is free
    host: str = LOOPBACK
    callers: tuple[Caller, ...] = ()
    own_ae_titles: tuple[str, ...] = (OWN_AE_TITLE,)  # by which we ask for a C-MOVE
    tls: Tls | None = None
    callers_certified: bool = True  # who calls over TLS shows a certificate
    floor_free_bytes: int = FLOOR  # of the disk that stay free
    limits: Limits = Limits()

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


def config_from(document: dict[str, Any]) -> ListenerConfig:
    """Return a configuration that `ListenerConfig.document` has described."""
    found = dict(document)
    callers = tuple(Caller(**each | {"addresses": tuple(each["addresses"])}) for each in found.pop("callers"))
    tls, limits = found.pop("tls"), found.pop("limits")
    return ListenerConfig(
        **found | {"own_ae_titles": tuple(found["own_ae_titles"])},
        callers=callers,
        tls=Tls(**tls) if tls else None,
        limits=Limits(**limits),
    )


def config_of(
    settings: ListenerSettings, peers: Sequence[Peer], floor_free_bytes: int = FLOOR
) -> tuple[ListenerConfig, tuple[str, ...]]:
    """Return how we listen by the user's settings, and in sentences what of them could not be used.

    It asks the system for the addresses of hosts, which may take 8 seconds for each.
    """
    named = {peer.name: peer for peer in peers}
    notices = [
        f"The listener is to let in {printable(name)}, but there is no peer of that name."
        for name in settings.peers
        if name not in named
    ]
    callers = []
    for peer in (named[name] for name in settings.peers if name in named):
        addresses = addresses_of(peer.host)
        if addresses:
            callers.append(Caller(peer.name, peer.ae_title, addresses, peer.may_send))
        else:
            notices.append(
                f"{printable(peer.name)} cannot be let in: the address of its computer is not known."
            )
    own = dict.fromkeys([settings.ae_title, *(peer.calling_ae_title for peer in peers)])
    config = ListenerConfig(
        ae_title=settings.ae_title,
        port=settings.port,
        host=host_for(callers),
        callers=tuple(callers),
        own_ae_titles=tuple(own),
        floor_free_bytes=floor_free_bytes,
        tls=settings.tls,
        callers_certified=settings.callers_certified,
    )
    return config, tuple(notices)


def host_for(callers: Sequence[Caller]) -> str:
    """Return where to listen: on this computer only until somebody of another one may call."""
    return EVERYWHERE if any(not is_own(ip) for each in callers for ip in each.addresses) else LOOPBACK


def addresses_of(host: str) -> tuple[str, ...]:
    """Return the IP addresses of a host; () when it is not known."""
    if not host:
        return ()
    try:
        found = resolved(host, 0, never)
    except OSError:
        return ()
    return tuple(dict.fromkeys(plain_address(address_in(each)) for each in found))


def plain_address(address: str) -> str:
    """Return an IP address in its one form: no zone, and IPv4 not dressed up as IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def is_own(address: str) -> bool:
    """Tell whether an address is of this computer only."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
