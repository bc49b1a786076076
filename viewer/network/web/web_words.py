"""What HTTP and its failures mean for a person (RFC 9110, PS3.18 8.5)."""

import http.client
import socket
import ssl
from http import HTTPStatus

import urllib3.exceptions as web

from viewer.dicom.text import printable
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer
from viewer.network.tls import handshake_failure

_CREDENTIALS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_STATUSES = {
    HTTPStatus.BAD_REQUEST: "does not understand what it was asked",
    HTTPStatus.UNAUTHORIZED: "wants to know who asks: the user or the password is missing or wrong",
    HTTPStatus.FORBIDDEN: "does not allow this to the user who asks",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "is behind a proxy that wants to know who asks",
    HTTPStatus.NOT_FOUND: "holds nothing there: the object is not there, or the DICOMweb address is wrong",
    HTTPStatus.METHOD_NOT_ALLOWED: "offers no such service there: is the DICOMweb address right?",
    HTTPStatus.NOT_ACCEPTABLE: "cannot send it in a form that is understood here",
    HTTPStatus.REQUEST_TIMEOUT: "did not get the whole request in time",
    HTTPStatus.CONFLICT: "accepted none of the objects",
    HTTPStatus.GONE: "held it once, and no longer does",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "says that this is too much at once: ask for less",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "does not take objects of this kind",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "does not take objects in the form in which they are",
    HTTPStatus.TOO_MANY_REQUESTS: "is asked too much at the moment",
    HTTPStatus.NOT_IMPLEMENTED: "does not offer this service",
    HTTPStatus.BAD_GATEWAY: "has a gateway that does not reach it",
    HTTPStatus.SERVICE_UNAVAILABLE: "is too busy at the moment",
    HTTPStatus.GATEWAY_TIMEOUT: "has a gateway that waited for it too long",
    HTTPStatus.INSUFFICIENT_STORAGE: "has no space left",
}
# What an error is made of, the first that is found, and what it means.
_BREAKS: tuple[tuple[tuple[type[BaseException], ...], Cause, str], ...] = (
    ((TimeoutError, web.TimeoutError), Cause.SILENT, "stopped answering for {timeout:g} s."),
    (
        (http.client.RemoteDisconnected, ConnectionError),
        Cause.CLOSED,
        "closed the connection before its answer was complete; is TLS set on both sides?",
    ),
    (
        (http.client.IncompleteRead, web.IncompleteRead),
        Cause.CLOSED,
        "closed the connection in the middle of its answer.",
    ),
    (
        (http.client.BadStatusLine,),
        Cause.NOT_DICOM,
        "does not speak HTTP there: is the DICOMweb address right?",
    ),
    (
        (http.client.HTTPException, web.HTTPError),
        Cause.PROTOCOL,
        "breaks the rules of HTTP in its answer.",
    ),
)
_LONGEST_WAIT = 3600  # s of a Retry-After that is worth telling


def status_failure(peer: Peer, status: int, retry_after: str = "") -> NetworkError:
    """Return an HTTP status that says no, in words."""
    words = _STATUSES.get(HTTPStatus(status)) if status in set(HTTPStatus) else None
    if words is None:
        words = "failed on its side" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "refuses"
    cause = Cause.STATUS
    if status in _CREDENTIALS:
        cause = Cause.CREDENTIALS
    elif status in _BUSY:
        cause = Cause.BUSY
        later = int(retry_after) if retry_after.isdecimal() and len(retry_after) < 6 else 0  # noqa: PLR2004  a day
        words += (
            f"; it may be asked again in {later} s" if 0 < later <= _LONGEST_WAIT else "; try again later"
        )
    return NetworkError(f"{printable(peer.name)} {words} (HTTP {status}).", cause, status)


def connect_failure(peer: Peer, host: str, port: int, error: OSError) -> NetworkError:
    """Return a connection that was not made, in words."""
    name, place = printable(peer.name), f"{printable(host)}, port {port}"
    if isinstance(error, socket.gaierror | UnicodeError):
        return NetworkError(
            f"{name}: no computer called {printable(host)} is known. Check the DICOMweb address.", Cause.NAME
        )
    if isinstance(error, ConnectionRefusedError):
        return NetworkError(
            f"{name}: nothing listens at {place}. Is the DICOMweb address right, and does the server run?",
            Cause.REFUSED,
        )
    if isinstance(error, TimeoutError):
        return NetworkError(
            f"{name}: {place} does not answer; is the address right, and does a firewall let us pass?",
            Cause.NO_ANSWER,
        )
    reason = error.strerror or "no reason given"
    return NetworkError(
        f"{name}: {place} cannot be reached ({reason}). Check the address and the network.", Cause.NO_ANSWER
    )


def http_failure(peer: Peer, host: str, error: Exception, timeout: float) -> NetworkError:
    """Return what broke a conversation, in words."""
    inner = error.args[0] if isinstance(error, web.SSLError) and error.args else error
    name = printable(peer.name)
    if isinstance(inner, ssl.SSLError) or isinstance(error, web.SSLError):
        found = inner if isinstance(inner, OSError) else ssl.SSLError(str(error))
        return handshake_failure(found, peer, host)
    causes = _chain(error)
    for kinds, cause, words in _BREAKS:
        if any(isinstance(each, kinds) for each in causes):
            return NetworkError(f"{name} {words.format(timeout=timeout)}", cause)
    return NetworkError(f"The connection to {name} broke. Try again.", Cause.CLOSED)


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error and those that led to it."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting.extend((*each.args, each.__cause__, each.__context__))
    return found
