"""What opens a peer's DIMSE door, and how its failures name it."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from viewer.dicom.text import printable
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer


class UnreadableError(Exception):
    """Bytes of a peer that break the rules of DICOM, in words: "a command that cannot be read"."""


Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Access:
    """A peer and what is needed to be let in; the secrets are never part of the settings."""

    peer: Peer
    tls: ssl.SSLContext | None = None  # made of `peer.tls`; with one, nothing is sent in the clear
    password: str = ""  # of `peer.user`, from the keyring

    @property
    def place(self) -> str:
        """Return the peer as its failures name it."""
        return f"{printable(self.peer.name)} ({printable(self.peer.host)}:{self.peer.port})"

    def unreadable(self, words: str) -> NetworkError:
        """Return the failure of a peer that sent what breaks the rules of DICOM."""
        return self.failure(
            f"broke the rules of DICOM: it sent {words}. Tell whoever runs it.", Cause.PROTOCOL
        )

    def failure(self, words: str, cause: Cause, status: int | None = None) -> NetworkError:
        """Return a failure whose sentence begins with the peer."""
        return NetworkError(f"{self.place} {words}", cause, status)


def never() -> bool:
    """Tell that nobody cancels."""
    return False
