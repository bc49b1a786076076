"""Which peer a word means: a configured name, or `AET@HOST:PORT`."""

import ipaddress
import re
from collections.abc import Sequence

from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.network.peer import Peer

# An AE title (PS3.5 6.2: no backslash, no control characters), a host or [IPv6], a port or the one of DICOM.
_ADDRESS = re.compile(
    r"(?P<title>[ -\[\]-~]{1,16})@(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s@\[\]:/]+)(:(?P<port>\d{1,5}))?"
)
HIGHEST_PORT = 65535


def find_peer(word: str, peers: Sequence[Peer]) -> Peer:
    """Return the peer that a word means: a name before an address, in any case of letters if that is clear.

    Raises ViewerError.
    """
    alike = [peer for peer in peers if peer.name.casefold() == word.casefold()]
    for found in ([peer for peer in alike if peer.name == word], alike):
        if len(found) == 1:
            return found[0]
    address = _ADDRESS.fullmatch(word)
    if address is None:
        raise ViewerError(f"There is no peer called {printable(word)}{_others(peers)}.")
    port = int(address["port"] or 104)
    if not 1 <= port <= HIGHEST_PORT:
        raise ViewerError(f"{printable(word)}: {port} is no port; ports go from 1 to {HIGHEST_PORT}.")
    return Peer(name=word, ae_title=address["title"].strip(), host=_host(word, address["host"]), port=port)


def _host(word: str, text: str) -> str:
    if not text.startswith("["):
        return text
    try:
        return str(ipaddress.IPv6Address(text[1:-1]))
    except ValueError as error:
        raise ViewerError(f"{printable(word)}: {printable(text)} is no address.") from error


def _others(peers: Sequence[Peer]) -> str:
    if not peers:
        return "; none is configured (viewer remote add), and it is no address such as AET@HOST:PORT"
    names = ", ".join(printable(peer.name) for peer in peers)
    return f"; configured are {names}, and it is no address such as AET@HOST:PORT"
