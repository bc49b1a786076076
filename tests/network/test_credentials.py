"""Secrets: in the keyring or in memory, of one server and one user, never shown."""

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked, PasswordDeleteError

from viewer.network.credentials import Basic, Bearer, Secrets, system_keyring
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer

PEER = Peer("Cloud", web="https://Cloud.example/dicom-web", user="reader")


class Store(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.entries:
            raise PasswordDeleteError
        del self.entries[service, username]


class Locked(Store):
    """A keyring that the user does not open."""

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002  the base's own
        raise KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002  the same
        raise KeyringLocked


def test_a_kept_password_is_there_in_the_next_session() -> None:
    store = Store()
    assert Secrets(store=store).keep(PEER, "swordfish")
    assert Secrets(store=store).web(PEER) == Basic("reader", "swordfish")
    assert store.entries == {("Negatoscope", "reader at https://cloud.example:443"): "swordfish"}


@pytest.mark.parametrize("store", [None, Locked(), fail.Keyring()])
def test_without_a_keyring_the_user_is_asked_once_a_session(store: KeyringBackend | None) -> None:
    asked: list[Peer] = []

    def ask(peer: Peer) -> str:
        asked.append(peer)
        return "swordfish"

    secrets = Secrets(ask, store)
    assert [secrets.web(PEER), secrets.web(PEER)] == [Basic("reader", "swordfish")] * 2
    assert asked == [PEER]
    assert secrets.keep(PEER, "other") is False
    assert secrets.web(PEER) == Basic("reader", "other")


@pytest.mark.parametrize(
    "other",
    [
        Peer("Cloud", web="https://evil.example/dicom-web", user="reader"),
        Peer("Cloud", web="https://cloud.example:8443/dicom-web", user="reader"),
        Peer("Cloud", web="http://cloud.example/dicom-web", user="reader"),
        Peer("Cloud", web="https://cloud.example/dicom-web", user="another"),
    ],
)
def test_a_secret_belongs_to_one_server_and_one_user(other: Peer) -> None:
    secrets = Secrets(store=Store())
    secrets.keep(PEER, "swordfish")
    with pytest.raises(NetworkError, match="is needed") as failed:
        secrets.web(other)
    assert failed.value.cause is Cause.CREDENTIALS


def test_without_a_user_the_secret_is_a_token() -> None:
    peer = Peer("Cloud", web="https://cloud.example/")
    secrets = Secrets(store=Store())
    assert secrets.web(peer) is None
    secrets.keep(peer, "abc.def")
    assert secrets.web(peer) == Bearer("abc.def")


def test_a_forgotten_secret_is_gone() -> None:
    store = Store()
    secrets = Secrets(store=store)
    secrets.keep(PEER, "swordfish")
    secrets.keep(PEER, "passcode", web=False)
    assert secrets.dimse(PEER) == "passcode"
    secrets.forget(PEER)
    secrets.forget(PEER)
    assert (store.entries, secrets.dimse(PEER)) == ({}, "")


def test_headers_are_as_the_standards_have_them_and_secrets_are_not_shown() -> None:
    assert Basic("Aladdin", "open sesame").header == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617 2
    assert Basic("test", "123£").header == "Basic dGVzdDoxMjPCow=="  # RFC 7617 2.1
    assert Bearer("mF_9.B5f-4.1JqM").header == "Bearer mF_9.B5f-4.1JqM"  # RFC 6750 2.1
    assert "sesame" not in repr(Basic("Aladdin", "open sesame"))
    assert "mF" not in repr(Bearer("mF_9"))
    for token in ("", "two words", "line\r\nX: y"):
        with pytest.raises(NetworkError):
            Bearer(token).header  # noqa: B018  it raises


def test_a_keyring_that_is_a_plain_file_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for backend in (fail.Keyring(), Store()):
        monkeypatch.setattr(keyring, "get_keyring", lambda backend=backend: backend)
        assert system_keyring() is None
