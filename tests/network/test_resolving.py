"""A name server that does not answer costs a few seconds, a cancel less than one, and one thread."""

import socket
import threading
import time

import pytest

from viewer.network import resolving
from viewer.network.access import Access, never
from viewer.network.examining import doctor
from viewer.network.examining.doctor_report import State
from viewer.network.failure import Cause, NetworkError
from viewer.network.listening.listener_config import addresses_of
from viewer.network.peer import Peer
from viewer.network.services import Services

PEER = Peer("PACS", "ARCHIVE", "archive.example", 104)


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Have the system's resolver hang until the event is set."""
    over = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        over.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 104))]

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    return over


def lookups() -> int:
    return sum(thread.name == "resolver" for thread in threading.enumerate())


def failing(cancelled: object = never) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        resolving.addresses(Access(PEER), cancelled)  # type: ignore[arg-type]
    return caught.value


def test_a_cancel_is_heard_within_a_second(silence: threading.Event) -> None:
    start = time.monotonic()
    assert failing(lambda: True).cause is Cause.CANCELLED
    assert time.monotonic() - start < 1
    silence.set()


def test_it_ends_in_words_and_several_who_ask_wait_for_one_thread(
    silence: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolving, "TIMEOUT", 0.3)
    before = lookups()
    errors = [failing() for _ in range(3)]
    assert {error.cause for error in errors} == {Cause.NAME}
    assert "name server" in str(errors[0])
    assert lookups() - before == 1
    silence.set()
    while lookups() > before:
        time.sleep(0.01)
    assert resolving.addresses(Access(PEER), never)[0][3] == ("127.0.0.1", 104)


def test_a_host_that_nobody_knows_is_said_at_once() -> None:
    with pytest.raises(NetworkError, match="not known"):
        resolving.addresses(Access(Peer("PACS", "A", "no such host")), never)


def test_the_doctor_and_the_listener_wait_no_longer_either(
    silence: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = time.monotonic()
    stop = threading.Timer(0.2, lambda: stopped.append(True))
    stopped: list[bool] = []
    stop.start()
    report = doctor.examine(PEER, Services(), lambda _: None, lambda: bool(stopped))
    assert {step.state for step in report.steps} == {State.SKIPPED}
    monkeypatch.setattr(resolving, "TIMEOUT", 0.3)
    assert "name server" in doctor.examine(PEER, Services(), lambda _: None).steps[0].sentence
    assert addresses_of("archive.example") == ()
    assert time.monotonic() - start < 3
    silence.set()
