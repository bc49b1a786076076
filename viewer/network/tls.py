"""Transport security (PS3.15 B.12, RFC 9325): contexts that always verify, and failures in words."""

import ssl
from collections.abc import Callable

from viewer.dicom.text import printable, shown_path
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer, Tls

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; TLS 1.3 has no others

# Codes of OpenSSL (x509_vfy.h) that a person can do something about.
_EXPIRED, _NOT_YET_VALID, _REVOKED = 10, 9, 23
_UNKNOWN_AUTHORITY = {2, 18, 19, 20, 21, 27}
_WRONG_NAME = {62, 64}

# Parts of OpenSSL's reasons; the first that is found counts. What the other side tells us is an ALERT.
_ALERTS = (
    ("ALERT_CERTIFICATE_REQUIRED", "it asks for a certificate of ours, and none is configured for it"),
    ("ALERT_UNKNOWN_CA", "it does not know the authority that signed our certificate"),
    ("ALERT_CERTIFICATE_EXPIRED", "it says that our certificate has expired"),
    ("ALERT_CERTIFICATE_REVOKED", "it says that our certificate was revoked"),
    ("ALERT_BAD_CERTIFICATE", "it does not accept our certificate"),
    ("ALERT_UNSUPPORTED_CERTIFICATE", "it cannot use our kind of certificate"),
    ("ALERT_CERTIFICATE_UNKNOWN", "it does not accept our certificate"),
    ("ALERT_ACCESS_DENIED", "it knows our certificate and does not let us in"),
    ("ALERT_PROTOCOL_VERSION", "it speaks no TLS 1.2 or newer, and older ones are not safe"),
    ("UNSUPPORTED_PROTOCOL", "it speaks no TLS 1.2 or newer, and older ones are not safe"),
    ("ALERT_UNRECOGNIZED_NAME", "it does not know itself by the name that we call it"),
    (
        "HANDSHAKE_FAILURE",
        "it shares no safe cipher with us, or asks for a certificate of ours that is not configured",
    ),
    ("NO_SHARED_CIPHER", "it shares no safe cipher with us"),
    ("WRONG_VERSION_NUMBER", "it does not speak TLS on this port; is TLS set on both sides?"),
    ("RECORD_LAYER_FAILURE", "it does not speak TLS on this port; is TLS set on both sides?"),
    ("HTTP_REQUEST", "it does not speak TLS on this port; is TLS set on both sides?"),
)


class UntrustedError(NetworkError):
    """A peer whose certificate could not be verified."""


def client_context(tls: Tls) -> ssl.SSLContext:
    """Return what our side of a connection does: TLS 1.2 or newer, the peer's certificate verified.

    Raises NetworkError when a file of `tls` cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the certificate and its name
    _strengthen(context)
    if tls.authorities:
        # What the user names is trusted, be it an authority below the root or the server's own certificate.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        _trust(context, tls.authorities)
    else:
        context.load_default_certs()
    if tls.certificate:
        _identify(context, tls)
    return context


def server_context(tls: Tls, *, certified: bool = True) -> ssl.SSLContext:
    """Return what our side does when others call us: they too show a certificate that we trust, if asked to.

    `certified` asks them to. Raises NetworkError when a file of `tls` is missing or cannot be used.
    """
    if not tls.certificate or (certified and not tls.authorities):
        needed = (
            "our own certificate and the authorities of those who send are"
            if certified
            else ("our own certificate is")
        )
        raise NetworkError(f"To receive over TLS, {needed} needed.", Cause.TLS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _strengthen(context)
    if certified:
        context.verify_mode = ssl.CERT_REQUIRED
        _trust(context, tls.authorities)
    _identify(context, tls)
    return context


def server_name(host: str, tls: Tls) -> str:
    """Return the name that the peer's certificate must be made out to."""
    return tls.name or host


def handshake_failure(error: OSError, peer: Peer, host: str = "") -> NetworkError:
    """Return a failed handshake, or an alert that came later, as a sentence; `host` is the one called."""
    words = _reason(error, peer, host or peer.host)
    kind = UntrustedError if isinstance(error, ssl.SSLCertVerificationError) else NetworkError
    return kind(f"{printable(peer.name)}: {words}{'' if words.endswith('?') else '.'}", Cause.TLS)


def _reason(error: OSError, peer: Peer, host: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _verification(error, server_name(host, peer.tls or Tls()))
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionError):
        if peer.tls is None or not peer.tls.certificate:
            return "it broke off the secure connection; it may ask for a certificate of ours"
        return "it broke off the secure connection; is our certificate right, and TLS set on both sides?"
    if isinstance(error, TimeoutError):
        return "it did not answer while the secure connection was made; is TLS set on both sides?"
    told = f"{getattr(error, 'reason', '') or ''} {error}".upper().replace(" ", "_")
    for part, words in _ALERTS:
        if part in told:
            return words
    return f"no secure connection could be made ({printable(getattr(error, 'reason', '') or 'TLS')})"


def _verification(error: ssl.SSLCertVerificationError, name: str) -> str:
    code = error.verify_code
    if code == _EXPIRED:
        return "its certificate has expired; those who run it must renew it"
    if code == _NOT_YET_VALID:
        return "its certificate is not yet valid; look at the clocks of both computers"
    if code == _REVOKED:
        return "its certificate was revoked"
    if code in _WRONG_NAME:
        return (
            f"its certificate is not made out to {printable(name)}; if it is the right computer, "
            "configure the name that the certificate has"
        )
    if code in _UNKNOWN_AUTHORITY:
        return (
            "its certificate is signed by an authority that is not trusted here; ask those who run it for "
            "the file of their authority and configure it"
        )
    return f"its certificate cannot be verified ({printable(error.verify_message)})"


def _strengthen(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION


def _trust(context: ssl.SSLContext, path: str) -> None:
    _loaded(path, "holds no certificate of an authority (PEM)", lambda: context.load_verify_locations(path))


def _identify(context: ssl.SSLContext, tls: Tls) -> None:
    _readable(tls.certificate)
    if tls.key:
        _readable(tls.key)
    pair = tls.key or tls.certificate
    _loaded(
        pair,
        f"is not the unencrypted key (PEM) of the certificate {shown_path(tls.certificate)}",
        lambda: context.load_cert_chain(tls.certificate, tls.key or None, password=_no_password),
    )


def _no_password() -> str:
    """Answer OpenSSL, which would else ask on the terminal: a key with a password cannot be used."""
    return ""


def _loaded(path: str, otherwise: str, load: Callable[[], None]) -> None:
    _readable(path)
    try:
        load()
    except (OSError, ValueError) as error:
        raise NetworkError(f"{shown_path(path)} {otherwise}.", Cause.TLS) from error


def _readable(path: str) -> None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123  a path of the user's, as it is
            file.read(1)
    except OSError as error:
        raise NetworkError(
            f"{shown_path(path)} cannot be read: {error.strerror or 'no reason given'}.", Cause.TLS
        ) from error
