"""Where a DICOMweb address points (RFC 6454): the only place that credentials are ever sent to."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from viewer.dicom.text import printable
from viewer.network.failure import Cause, NetworkError

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, a host and a port: what must be equal for two addresses to be of one server."""

    scheme: str
    host: str  # in lower case; an IPv6 address without brackets
    port: int

    def __str__(self) -> str:
        """Return the origin as the beginning of an address, with its port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def private(self) -> bool:
        """Tell whether nobody on the way can read along."""
        if self.scheme == "https" or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def origin_of(address: str) -> Origin:
    """Return the origin of an absolute address. Raises NetworkError."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise _unusable(address, "it is not written as one") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _unusable(address, "it must begin with https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise NetworkError(
            "A DICOMweb address must not hold a user name or a password: give the user by itself.", Cause.NAME
        )
    if any(ord(letter) <= ord(" ") or ord(letter) == 0x7F for letter in address):  # noqa: PLR2004  DEL
        raise _unusable(address, "it holds spaces")
    return Origin(parts.scheme, parts.hostname.lower(), _PORTS[parts.scheme] if port is None else port)


def root_of(address: str) -> tuple[Origin, str]:
    """Return the origin of a configured address and the path below which the services are, without a slash.

    Raises NetworkError.
    """
    origin = origin_of(address)
    parts = urlsplit(address)
    if parts.query or parts.fragment:
        raise _unusable(address, "it must end with a path, without ? or #")
    return origin, parts.path.rstrip("/")


def redirected(origin: Origin, path: str, location: str) -> str | None:
    """Return the path that a redirection leads to, or None when it leads to another origin."""
    try:
        target = urljoin(f"{origin}{path}", location)
        if origin_of(target) != origin:
            return None
    except (NetworkError, ValueError):
        return None
    parts = urlsplit(target)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _unusable(address: str, reason: str) -> NetworkError:
    return NetworkError(f"{printable(address)} is no DICOMweb address: {reason}.", Cause.NAME)
