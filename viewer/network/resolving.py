"""Names of hosts to addresses, with an end: the system's own resolver knows neither a limit nor Cancel.

It works in a thread of its own. Who does not want to wait any more leaves it behind; whoever asks for the
same name meanwhile waits for the same thread, so that a resolver that hangs holds one thread for each name.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from viewer.network.access import Access, Cancelled
from viewer.network.failure import Cause, NetworkError

TIMEOUT = 8.0  # s; resolvers ask a second server after 5
_LOOK = 0.1  # s between two looks at whether it was cancelled

# Family, kind, protocol, and what `socket.connect` takes.
Address = tuple[int, int, int, tuple[object, ...]]


@dataclass(slots=True)
class _Lookup:
    """A name that is being looked up."""

    done: threading.Event = field(default_factory=threading.Event)
    found: tuple[Address, ...] = ()


_LOCK = threading.Lock()
_UNDER_WAY: dict[tuple[str, int], _Lookup] = {}


def addresses(access: Access, cancelled: Cancelled) -> tuple[Address, ...]:
    """Return the addresses of a peer's host, within 8 s. Raises NetworkError."""
    try:
        return resolved(access.peer.host, access.peer.port, cancelled)
    except OSError as error:
        raise unresolved(access, error) from None


def unresolved(access: Access, error: OSError) -> NetworkError:
    """Return in words why `resolved` has no address of a peer's host."""
    if isinstance(error, ConnectionAbortedError):
        return access.failure("was left: cancelled.", Cause.CANCELLED)
    if isinstance(error, TimeoutError):
        return access.failure(
            f"cannot be reached: the name of the host was not found within {TIMEOUT:g} seconds."
            " Is this computer connected, and does its name server answer?",
            Cause.NAME,
        )
    return access.failure(
        "cannot be reached: the name of the host is not known. Check it for a typing error.", Cause.NAME
    )


def address_in(address: Address) -> str:
    """Return the IP address of an address, as text."""
    return str(address[3][0])


def resolved(host: str, port: int, stopped: Callable[[], bool]) -> tuple[Address, ...]:
    """Return the addresses of a host.

    Raises socket.gaierror when it has none, TimeoutError after 8 s, ConnectionAbortedError when `stopped`.
    """
    lookup = _lookup(host, port)
    until = time.monotonic() + TIMEOUT
    while not lookup.done.wait(_LOOK):
        if stopped():
            raise ConnectionAbortedError
        if time.monotonic() >= until:
            raise TimeoutError
    if not lookup.found:
        raise socket.gaierror(socket.EAI_NONAME, "")
    return lookup.found


def _lookup(host: str, port: int) -> _Lookup:
    key = (host, port)
    with _LOCK:
        lookup = _UNDER_WAY.get(key)
        if lookup is None:
            lookup = _UNDER_WAY[key] = _Lookup()
            threading.Thread(target=_resolve, args=(key, lookup), name="resolver", daemon=True).start()
    return lookup


def _resolve(key: tuple[str, int], lookup: _Lookup) -> None:
    try:
        with contextlib.suppress(OSError, UnicodeError, ValueError):
            found = socket.getaddrinfo(*key, type=socket.SOCK_STREAM)
            lookup.found = tuple(dict.fromkeys((each[0], each[1], each[2], each[4]) for each in found))
    finally:
        with _LOCK:
            del _UNDER_WAY[key]
        lookup.done.set()
