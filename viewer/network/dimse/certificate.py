"""A peer's certificate in words, also of one that is not trusted: then it is looked at and not used."""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from viewer.dicom.text import printable
from viewer.network.access import Access, Cancelled
from viewer.network.dimse.transport import CONNECT_TIMEOUT, secured
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Tls
from viewer.network.tls import client_context

SOON = 14  # days before its end in which a certificate is talked about
_DAY = 86_400  # s
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL (x509_vfy.h)
_NAMES = {"commonName": 0, "organizationName": 1}  # which part of a name people know, the best first


def shake_hands(access: Access, cancelled: Cancelled) -> tuple[str, str]:
    """Make a secure connection and end it; return how it is secured and the certificate, in words.

    Raises NetworkError; what certificate was shown is then part of its sentence.
    """
    try:
        context = access.tls or client_context(Tls())
        with _handshake(access, context, cancelled) as made:
            return str(made.version()).replace("TLSv", "TLS "), in_words(made.getpeercert() or {})
    except NetworkError as error:
        words = shown(access, cancelled) if error.cause is Cause.TLS else ""
        raise NetworkError(f"{error}{words}", error.cause, error.status) from None


def in_words(certificate: dict[str, Any], now: float | None = None) -> str:
    """Return who a certificate is made out to, who signed it, and until when it is valid.

    `certificate` is what SSLSocket.getpeercert returns; `now` is in seconds since 1970.
    """
    subject = _name(certificate.get("subject", ())) or "nobody"
    issuer = _name(certificate.get("issuer", ())) or "nobody"
    signed = "by itself" if subject == issuer else f"by {issuer}"
    return (
        f"made out to {subject}, signed {signed}{_validity(certificate, time.time() if now is None else now)}"
    )


def _validity(certificate: dict[str, Any], now: float) -> str:
    end = certificate.get("notAfter")
    if not isinstance(end, str):
        return ""
    ends = ssl.cert_time_to_seconds(end)
    day = datetime.fromtimestamp(ends, UTC)
    date = f"{day.day} {day:%B %Y}"
    days = int((ends - now) // _DAY)
    if ends < now:
        return f", expired on {date}"
    if days < SOON:
        return f", valid until {date}: it must be renewed within {_days(days)}"
    return f", valid until {date}"


def _days(count: int) -> str:
    return "a day" if count <= 1 else f"{count} days"


def _name(parts: Any) -> str:  # noqa: ANN401  tuples of tuples of pairs, as the ssl module has them
    found = {key: value for part in parts for key, value in part if key in _NAMES}
    return printable(str(found[min(found, key=_NAMES.__getitem__)])) if found else ""


def shown(access: Access, cancelled: Cancelled) -> str:
    """Return what certificate a peer shows that is not trusted, as a sentence; "" when it shows none.

    It is fetched without checks, and then trusted for one handshake in which nothing is said: the ssl module
    takes only such a certificate apart.
    """
    with contextlib.suppress(OSError, ValueError, NetworkError):
        with _handshake(access, _looking(access.peer.tls or Tls()), cancelled) as made:
            data = made.getpeercert(binary_form=True)
        if data:
            context = _looking(access.peer.tls or Tls())
            context.load_verify_locations(cadata=data)
            context.verify_mode = ssl.CERT_REQUIRED
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(_NO_CHECK_TIME)
            with _handshake(access, context, cancelled) as made:
                return f" The certificate that it shows is {in_words(made.getpeercert() or {})}."
    return ""


def _looking(tls: Tls) -> ssl.SSLContext:
    context = client_context(Tls(certificate=tls.certificate, key=tls.key))
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextlib.contextmanager
def _handshake(access: Access, context: ssl.SSLContext, cancelled: Cancelled) -> Iterator[ssl.SSLSocket]:
    looking = Access(access.peer, context)
    with contextlib.closing(secured(_dialled(access), looking, cancelled)) as made:
        if not isinstance(made, ssl.SSLSocket):
            raise access.failure("has no TLS configured.", Cause.TLS)
        yield made


def _dialled(access: Access) -> socket.socket:
    """Return a TCP connection to where one was possible just now. Raises NetworkError."""
    try:
        return socket.create_connection((access.peer.host, access.peer.port), CONNECT_TIMEOUT)
    except OSError as error:
        reason = error.strerror or "no reason was given"
        raise access.failure(f"cannot be reached any more ({reason}).", Cause.NO_ANSWER) from None
