"""Secure connections: refused whenever something is wrong, with a sentence that says what."""

import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pacs
import pytest
from hostile_web import plain, serving

from viewer.network.credentials import Basic
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Tls
from viewer.network.query import Query
from viewer.network.tls import client_context, server_context
from viewer.network.web.dicomweb import DicomWeb
from viewer.network.web.qido import search

SECRET = Basic("reader", "swordfish")


def server(certificates: pacs.Certificates, name: str = "server") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.path(f"{name}.crt"), certificates.path(f"{name}.key"))
    return context


def mutual(certificates: pacs.Certificates) -> ssl.SSLContext:
    return server_context(
        Tls(*(certificates.path(name) for name in ("authority.crt", "server.crt", "server.key")))
    )


def failure(context: ssl.SSLContext, tls: Tls) -> NetworkError:
    """Return how a search over TLS fails, after a look that no request was sent."""
    with (
        serving(plain(b"[]"), context) as door,
        pytest.raises(NetworkError) as failed,
        DicomWeb(door.peer(tls=tls, timeout=5), SECRET) as web,
    ):
        search(web, Query(), print)
    assert door.requests == []
    assert failed.value.cause is Cause.TLS
    assert str(failed.value).startswith("Web: ")
    return failed.value


def test_what_is_right_is_let_through(certificates: pacs.Certificates) -> None:
    trusted = Tls(certificates.path("authority.crt"))
    for context, tls in (
        (server(certificates), trusted),
        (server(certificates), Tls(certificates.path("server.crt"))),  # that very certificate is trusted
        (server(certificates), Tls(certificates.path("authority.crt"), name="localhost")),
        (mutual(certificates), certificates.client),
    ):
        with serving(plain(b"[]"), context) as door, DicomWeb(door.peer(tls=tls), SECRET) as web:
            assert search(web, Query(), print) == 0


@pytest.mark.parametrize(
    ("name", "tls", "words"),
    [
        ("server", Tls(), "an authority that is not trusted here"),
        ("server", Tls("foreign.crt"), "an authority that is not trusted here"),
        ("expired", Tls("authority.crt"), "its certificate has expired"),
        ("server", Tls("authority.crt", name="other.example"), "is not made out to other.example"),
    ],
)
def test_a_certificate_that_is_wrong_is_said(
    certificates: pacs.Certificates, name: str, tls: Tls, words: str
) -> None:
    there = Tls(certificates.path(tls.authorities) if tls.authorities else "", name=tls.name)
    assert words in str(failure(server(certificates, name), there))


def test_a_server_that_wants_our_certificate_says_what_is_wrong_with_it(
    certificates: pacs.Certificates,
) -> None:
    trusted = Tls(certificates.path("authority.crt"))
    assert "asks for a certificate of ours" in str(failure(mutual(certificates), trusted))
    assert "does not know the authority" in str(failure(mutual(certificates), certificates.stranger))


def test_a_server_of_the_past_is_refused(certificates: pacs.Certificates) -> None:
    weak = server(certificates)
    weak.set_ciphers("AES256-SHA256:@SECLEVEL=0")
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    assert "shares no safe cipher" in str(failure(weak, Tls(certificates.path("authority.crt"))))


def test_a_server_without_tls_is_said(certificates: pacs.Certificates) -> None:
    with serving(lambda connection, _: connection.sendall(b"no")) as door:
        peer = door.peer(tls=Tls(certificates.path("authority.crt")), timeout=2)
        secured = type(peer)("Web", web=peer.web.replace("http:", "https:"), tls=peer.tls, timeout=2)
        with pytest.raises(NetworkError) as failed, DicomWeb(secured) as web:
            search(web, Query(), print)
    assert failed.value.cause in {Cause.TLS, Cause.SILENT}


def test_ciphers_keep_secrets_and_are_authenticated(certificates: pacs.Certificates) -> None:
    for context in (client_context(Tls()), mutual(certificates)):
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert {(each["aead"], each["kea"] in {"kx-ecdhe", "kx-any"}) for each in context.get_ciphers()} == {
            (True, True)
        }
    assert client_context(Tls()).check_hostname


@pytest.fixture
def made(certificates: pacs.Certificates, tmp_path: Path) -> Callable[[str], str]:
    """Return a function that gives the path of a file that is wrong in some way, or right."""

    def path(name: str) -> str:
        if name == "garbage":
            (tmp_path / name).write_text("no certificate")
        elif name == "locked":
            words = [
                "openssl",
                "rsa",
                "-aes256",
                "-passout",
                "pass:secret",
                "-in",
                certificates.path("client.key"),
            ]
            (tmp_path / name).write_bytes(subprocess.run(words, check=True, capture_output=True).stdout)
        else:
            return certificates.path(name) if name else ""
        return str(tmp_path / name)

    return path


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (("gone.crt", "", ""), "gone.crt cannot be read: No such file"),
        (("garbage", "", ""), "garbage holds no certificate of an authority (PEM)."),
        (("", "client.crt", "garbage"), "garbage is not the unencrypted key (PEM) of the certificate"),
        (("", "client.crt", "server.key"), "server.key is not the unencrypted key"),
        (("", "client.crt", "locked"), "locked is not the unencrypted key"),
        (("", "client.crt", ""), "client.crt is not the unencrypted key"),
        (("", "gone.crt", "client.key"), "gone.crt cannot be read"),
    ],
)
def test_files_that_cannot_be_used_are_named(
    files: tuple[str, str, str], words: str, made: Callable[[str], str]
) -> None:
    with pytest.raises(NetworkError) as failed:
        client_context(Tls(*map(made, files)))
    assert words in str(failed.value)
    assert failed.value.cause is Cause.TLS


def test_our_own_door_is_never_open_to_strangers(certificates: pacs.Certificates) -> None:
    for tls in (Tls(), Tls(certificates.path("authority.crt")), Tls("", certificates.path("server.crt"))):
        with pytest.raises(NetworkError, match="are needed"):
            server_context(tls)
