"""The network doctor against real peers and hostile ones: every fault is a sentence that says what to do."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import make
import pacs
import pytest
from hostile import agree, hostile, take, until_closed
from hostile import answer as answered
from pydicom.uid import generate_uid

from viewer.network.access import Access
from viewer.network.credentials import Secrets
from viewer.network.dimse import certificate, transport
from viewer.network.dimse.negotiation import Rejection
from viewer.network.dimse.pdu import reject_bytes
from viewer.network.examining import doctor
from viewer.network.examining.doctor import examine, plan
from viewer.network.examining.doctor_report import Report, State
from viewer.network.listener_settings import ListenerSettings
from viewer.network.listening.listener import Listener
from viewer.network.listening.listener_config import Caller, ListenerConfig
from viewer.network.peer import OWN_AE_TITLE, Peer, Received, Tls
from viewer.network.services import Services

CALLING_UNKNOWN, FULL = (1, 3), (3, 2)  # source and reason of PS3.8 table 9-21
TODAY = f"{date.today():%Y%m%d}"  # noqa: DTZ011  the day that the program asks for


def check(peer: Peer, services: Services | None = None, **options: object) -> Report:
    """Examine a peer, and check what holds of every report."""
    heard: list = []
    report = examine(peer, services or Services(), heard.append, **options)
    assert tuple(heard) == report.steps
    assert tuple(step.name for step in report.steps) == plan(peer)
    for step in report.steps:
        assert step.sentence.endswith((".", "?")), step
        assert "\n" not in step.sentence
        assert (step.milliseconds is None) == (step.state is State.SKIPPED)
    return report


def states(report: Report) -> str:
    """Return a letter for each step: o, f or s."""
    return "".join(step.state.value[0] for step in report.steps)


def failure(report: Report) -> tuple[str, str, str]:
    """Return name, sentence and status of the first step that failed."""
    assert report.failed is not None
    assert not report.works
    return report.failed.name, report.failed.sentence, report.failed.status


# --------------------------------------------------------------------------------------- what works
def test_all_steps_of_an_orthanc_work_and_the_report_tells_its_administrator_what_to_enter(
    orthanc: pacs.Orthanc,
) -> None:
    report = check(orthanc.peer)
    assert states(report) == "oosoooos" + "o"
    assert report.works
    assert "C-ECHO, C-FIND, C-GET, C-MOVE and storage commitment" in report.steps[3].sentence
    assert "receive" in report.steps[7].sentence  # our own door is closed
    for words in ("NEGATOSCOPE", "127.0.0.1", "port 11112", "please enter"):
        assert words in report.admin
    assert report.admin in report.text


def test_a_dcmqrscp_offers_no_storage_commitment_and_works(qrscp: pacs.DcmtkServer) -> None:
    report = check(qrscp.peer)
    assert states(report) == "oosoooos"
    assert "but not storage commitment" in report.steps[3].sentence


def test_a_search_says_whether_there_is_something_of_today(qrscp: pacs.DcmtkServer, tmp_path: Path) -> None:
    study = generate_uid()
    qrscp.store(pacs.written([make.ct(StudyInstanceUID=study, StudyDate=TODAY)], tmp_path))
    assert "a study of today" in check(qrscp.peer).steps[5].sentence


def test_over_tls_the_certificate_is_told_in_words(
    orthanc_tls: pacs.Orthanc,
) -> None:
    step = check(orthanc_tls.peer).steps[2]
    assert step.state is State.OK
    assert "made out to server, signed by throw-away authority, valid until" in step.sentence
    assert "TLS 1." in step.sentence


def test_a_peer_with_dicomweb_alone_has_one_step(orthanc: pacs.Orthanc) -> None:
    report = check(Peer("Web", web=orthanc.peer.web, timeout=5))
    assert [step.name for step in report.steps] == [doctor.WEB]
    assert report.works
    assert "not encrypted" in report.steps[0].sentence


# --------------------------------------------------------------------------------- the way to the peer
def test_an_unknown_host_is_a_typing_error() -> None:
    report = check(Peer("Archive", "A", "no-such-computer.invalid", 104))
    name, sentence, _ = failure(report)
    assert name == doctor.NAME
    assert "No computer called no-such-computer.invalid is known here" in sentence
    assert states(report) == "f" + "s" * 7
    assert all(doctor.NAME in step.sentence for step in report.steps[1:])


def test_a_port_on_which_nothing_listens_is_refused() -> None:
    report = check(Peer("Archive", "A", "127.0.0.1", pacs.free_ports(1)[0]))
    name, sentence, status = failure(report)
    assert (name, status) == (doctor.CONNECTION, "TCP: connection refused")
    assert "nothing listens on that port" in sentence
    assert "is the PACS running?" in sentence


def test_a_computer_that_drops_every_call_may_have_a_firewall_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "CONNECT_TIMEOUT", 0.5)
    with socket.socket() as full:  # one that takes no call: Linux drops the SYN when its queue is full
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)  # noqa: FBT003  the socket's own word
            each.connect_ex(("127.0.0.1", port))
        time.sleep(0.1)
        try:
            report = check(Peer("Archive", "A", "127.0.0.1", port))
        finally:
            for each in waiting:
                each.close()
    name, sentence, status = failure(report)
    assert (name, status) == (doctor.CONNECTION, "TCP: no answer")
    assert "does not answer within 0.5 seconds" in sentence
    assert "firewall" in sentence


# -------------------------------------------------------------------------------------- TLS
def test_an_expired_certificate_is_shown_with_the_day_on_which_it_ended(
    certificates: pacs.Certificates, tmp_path: Path
) -> None:
    with pacs.storescp(tmp_path / "peer", certificates=certificates, server="expired") as server:
        name, sentence, _ = failure(check(server.peer))
    assert name == doctor.ENCRYPTION
    assert "its certificate has expired; those who run it must renew it" in sentence
    assert "made out to expired, signed by throw-away authority, expired on" in sentence


def test_a_certificate_of_an_unknown_authority_is_shown_and_not_trusted(
    orthanc_tls: pacs.Orthanc, certificates: pacs.Certificates
) -> None:
    name, sentence, _ = failure(check(replace(orthanc_tls.peer, tls=certificates.suspicious)))
    assert name == doctor.ENCRYPTION
    assert "an authority that is not trusted here" in sentence
    assert "signed by throw-away authority" in sentence


def test_a_peer_that_does_not_trust_our_certificate_cuts_the_call_off(
    orthanc_tls: pacs.Orthanc, certificates: pacs.Certificates
) -> None:
    report = check(replace(orthanc_tls.peer, tls=certificates.stranger))
    name, sentence, _ = failure(report)
    assert name == doctor.ASSOCIATION
    assert report.steps[2].state is State.OK
    assert "our certificate is not trusted there" in sentence


def test_tls_on_one_side_only_is_said_from_either_side(
    orthanc: pacs.Orthanc, orthanc_tls: pacs.Orthanc, certificates: pacs.Certificates
) -> None:
    name, sentence, _ = failure(check(replace(orthanc.peer, tls=certificates.client, timeout=3.0)))
    assert (name, "TLS set on both sides?" in sentence) == (doctor.ENCRYPTION, True)
    name, sentence, _ = failure(check(replace(orthanc_tls.peer, tls=None)))
    assert (name, "does it want TLS" in sentence) == (doctor.ASSOCIATION, True)


def test_a_file_of_tls_that_is_missing_is_named(tmp_path: Path, orthanc_tls: pacs.Orthanc) -> None:
    gone = str(tmp_path / "gone.pem")
    name, sentence, _ = failure(check(replace(orthanc_tls.peer, tls=Tls(gone))))
    assert name == doctor.ENCRYPTION
    assert gone in sentence


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (400, ", valid until 27 December 2027"),
        (10, ", valid until 2 December 2026: it must be renewed within 10 days"),
        (-1, ", expired on 21 November 2026"),
    ],
)
def test_the_end_of_a_certificate_in_words(days: int, words: str) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
    end = time.strftime("%b %d %H:%M:%S %Y GMT", time.gmtime(now + days * 86_400 + 60))
    name = ((("organizationName", "Clinic"),), (("commonName", "pacs\n.example"),))
    found = certificate.in_words({"subject": name, "issuer": name, "notAfter": end}, now)
    assert found == rf"made out to pacs\n.example, signed by itself{words}"


# ----------------------------------------------------------------------------- who we are to each other
def test_a_wrong_called_ae_title_is_the_one_that_was_typed(orthanc: pacs.Orthanc) -> None:
    name, sentence, status = failure(check(replace(orthanc.peer, ae_title="ORTHANK")))
    assert name == doctor.ASSOCIATION
    assert "does not know the AE title ORTHANK" in sentence
    assert "called AE title not recognised" in status


@pytest.mark.parametrize(
    ("reason", "permanent", "words"),
    [
        (
            CALLING_UNKNOWN,
            True,
            "does not know our AE title NEGATOSCOPE: whoever runs the PACS must enter it",
        ),
        (FULL, False, "too busy for another association just now. Try again soon."),
        ((2, 1), True, "rejects the association (source 2, reason 1). Ask whoever runs it."),
    ],
)
def test_a_rejection_says_why(reason: tuple[int, int], permanent: bool, words: str) -> None:  # noqa: FBT001
    def script(connection: socket.socket) -> None:
        take(connection)
        connection.sendall(reject_bytes(Rejection(permanent, *reason)))

    with hostile(script) as access:
        name, sentence, status = failure(check(access.peer))
    assert name == doctor.ASSOCIATION
    assert words in sentence
    assert "A-ASSOCIATE-RJ" in status


def test_a_silent_service_and_one_of_another_language_are_no_dicom() -> None:
    with hostile(until_closed) as access:
        name, sentence, _ = failure(check(access.peer))
    assert (name, "does not answer in DICOM" in sentence) == (doctor.ASSOCIATION, True)

    def web_server(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with hostile(web_server) as access:
        name, sentence, _ = failure(check(access.peer))
    assert (name, "the port of another service" in sentence) == (doctor.ASSOCIATION, True)


def test_a_storescp_offers_neither_search_nor_images(tmp_path: Path) -> None:
    with pacs.storescp(tmp_path / "peer") as server:
        report = check(server.peer)
    assert states(report) == "oosoofss" or states(report) == "oosooffs"
    assert "offers no search (C-FIND) to NEGATOSCOPE" in report.steps[5].sentence
    assert "gives no images to NEGATOSCOPE" in report.steps[6].sentence
    assert "C-MOVE" in report.steps[7].sentence


def test_a_peer_that_takes_the_association_and_aborts_the_search_may_not_know_us() -> None:
    def script(connection: socket.socket) -> None:
        association = agree(connection)
        message = association.receive()  # of the echo, of the search, or the end
        if message.command[0x0100] == 0x30:
            answered(association, message, 0)
            return
        association.abort()

    with hostile(script) as access:
        name, sentence, _ = failure(check(access.peer))
    assert name == doctor.FINDING
    assert "perhaps NEGATOSCOPE is not allowed to search there" in sentence


def test_a_search_that_is_refused_shows_its_status() -> None:
    def script(connection: socket.socket) -> None:
        association = agree(connection)
        message = association.receive()
        if message.command[0x0100] == 0x20:
            association.identifier()
            answered(association, message, 0xC001)
            until_closed(connection)
        else:
            answered(association, message, 0)

    with hostile(script) as access:
        name, _, status = failure(check(access.peer))
    assert (name, status) == (doctor.FINDING, "DIMSE status C001")


def test_c_get_without_its_role_leaves_c_move() -> None:
    def script(connection: socket.socket) -> None:
        association = agree(connection, as_scp=False)
        message = association.receive()
        if message.command[0x0100] == 0x20:
            association.identifier()
        answered(association, message, 0)

    with hostile(script) as access:
        report = check(access.peer)
    assert report.works
    assert report.steps[6].sentence == (
        "Images can come by C-MOVE alone, to the port where we listen; C-GET is offered, but not the role"
        " that it needs."
    )


# ------------------------------------------------------------------------------------- DICOMweb
def test_a_wrong_dicomweb_path_is_the_address_and_not_an_object(orthanc: pacs.Orthanc) -> None:
    name, sentence, status = failure(check(Peer("Web", web=f"{orthanc.peer.web}-not")))
    assert (name, status) == (doctor.WEB, "HTTP 404")
    assert "no DICOMweb service at this address" in sentence


def test_credentials_that_are_missing_are_asked_for(tmp_path: Path) -> None:
    settings = {"AuthenticationEnabled": True, "RegisteredUsers": {"anna": "right"}}
    with _guarded(tmp_path, settings) as peer:
        name, sentence, status = failure(check(peer))
        assert (name, status) == (doctor.WEB, "HTTP 401")
        assert "the user or the password is missing or wrong" in sentence
        secrets = Secrets()
        secrets.keep(replace(peer, user="anna"), "right")
        assert check(replace(peer, user="anna"), Services(secrets)).works
        report = check(replace(peer, user="anna"))
        assert "the password of anna is needed" in failure(report)[1]


@contextmanager
def _guarded(folder: Path, settings: dict) -> Iterator[Peer]:
    """Run an Orthanc that wants a password for HTTP; it is there when DIMSE answers."""
    answers = pacs._answers
    pacs._answers = lambda _http, port: pacs.listens(port) and pacs.listens(_http)
    try:
        with pacs.orthanc(folder / "guarded", settings=settings) as server:
            yield Peer("Guarded", web=server.peer.web, timeout=5)
    finally:
        pacs._answers = answers


# ----------------------------------------------------------------------------------- the way back to us
class Kept:
    """What came in by our own door."""

    def __init__(self) -> None:
        self.received: list[Received] = []

    def take(self, several: Sequence[Received]) -> list[bool]:
        self.received += several
        return [True] * len(several)


@contextmanager
def open_door(
    port: int, folder: Path, title: str = OWN_AE_TITLE, caller: str = ""
) -> Iterator[tuple[Services, Kept]]:
    """Listen at a port of this computer, for `caller` or for all who call."""
    kept = Kept()
    config = ListenerConfig(title, port, callers=(Caller("peer", caller, ("127.0.0.1", "::1")),))
    listener = Listener(config, folder, kept.take)
    listener.start()
    try:
        yield Services(destination=listener), kept
    finally:
        listener.stop()


def _with_an_image(server: pacs.DcmtkServer | pacs.Orthanc, folder: Path) -> None:
    server.store(pacs.written([make.ct(StudyDate=TODAY)], folder / "image"))


def test_one_image_comes_back_to_us_with_consent_only(qrscp: pacs.DcmtkServer, tmp_path: Path) -> None:
    _with_an_image(qrscp, tmp_path)
    (tmp_path / "in").mkdir()
    settings = ListenerSettings(enabled=True, port=qrscp.viewer_port)
    with open_door(qrscp.viewer_port, tmp_path / "in") as (services, kept):
        report = check(qrscp.peer, services, listener=settings)
        assert report.steps[7].state is State.SKIPPED
        assert (
            f"must know us as NEGATOSCOPE at 127.0.0.1, port {qrscp.viewer_port}" in report.steps[7].sentence
        )
        assert not kept.received
        report = check(qrscp.peer, services, listener=settings, may_move=True)
        assert report.steps[7].sentence.startswith("One image came here")
        assert len(kept.received) == 1


def test_a_move_destination_that_the_peer_does_not_know_is_what_must_be_entered(
    qrscp: pacs.DcmtkServer, tmp_path: Path
) -> None:
    _with_an_image(qrscp, tmp_path)
    (tmp_path / "in").mkdir()
    settings = ListenerSettings(enabled=True, ae_title="STRANGER", port=qrscp.viewer_port)
    with open_door(qrscp.viewer_port, tmp_path / "in", "STRANGER") as (services, _):
        report = check(qrscp.peer, services, listener=settings, may_move=True)
    name, sentence, status = failure(report)
    assert (name, status) == (doctor.SENDING, "DIMSE status A801")
    assert sentence == (
        "dcmqrscp does not know where to send to: whoever runs it must enter STRANGER at 127.0.0.1, port"
        f" {qrscp.viewer_port}."
    )


def test_when_no_connection_comes_port_and_firewall_are_named(orthanc: pacs.Orthanc, tmp_path: Path) -> None:
    _with_an_image(orthanc, tmp_path)
    (tmp_path / "in").mkdir()
    port = pacs.free_ports(1)[0]  # it looks for us elsewhere
    settings = ListenerSettings(enabled=True, port=port)
    with open_door(port, tmp_path / "in") as (services, _):
        report = check(orthanc.peer, services, listener=settings, may_move=True)
    name, sentence, status = failure(report)
    assert (name, status) == (doctor.SENDING, "DIMSE status C000")
    assert "no connection came" in sentence
    assert f"NEGATOSCOPE at 127.0.0.1, port {port}" in sentence
    assert "firewall" in sentence


def test_a_peer_that_our_own_door_turns_away_is_told_apart_from_one_that_never_came(
    qrscp: pacs.DcmtkServer, tmp_path: Path
) -> None:
    _with_an_image(qrscp, tmp_path)
    (tmp_path / "in").mkdir()
    settings = ListenerSettings(enabled=True, port=qrscp.viewer_port)
    with open_door(qrscp.viewer_port, tmp_path / "in", caller="SOMEBODY") as (services, kept):
        report = check(qrscp.peer, services, listener=settings, may_move=True)
    name, sentence, _ = failure(report)
    assert name == doctor.SENDING
    assert "our own door refused it, since QRSCP called from 127.0.0.1" in sentence
    assert not kept.received


# --------------------------------------------------------------------------------------- the check itself
def test_a_check_that_is_stopped_says_so_and_ends_at_once() -> None:
    stopped = threading.Event()
    threading.Timer(0.3, stopped.set).start()
    with hostile(until_closed, timeout=30) as access:
        start = time.monotonic()
        report = check(access.peer, cancelled=stopped.is_set)
    assert time.monotonic() - start < 2
    assert states(report) == "oossssss"
    assert {step.sentence for step in report.steps[3:]} == {doctor.STOPPED}


def test_a_report_holds_no_password(orthanc: pacs.Orthanc) -> None:
    peer = replace(orthanc.peer, user="anna", web="")
    secrets = Secrets()
    secrets.keep(peer, "sesame-4711", web=False)
    report = check(peer, Services(secrets))
    assert "sesame" not in report.text + repr(report)
    assert "anna" not in report.text


def test_a_certificate_is_read_even_when_the_peer_is_gone_the_next_moment() -> None:
    context = ssl.create_default_context()
    access = Access(Peer("Gone", "A", "127.0.0.1", pacs.free_ports(1)[0], tls=Tls()), context)
    with pytest.raises(Exception, match="cannot be reached any more"):
        certificate.shake_hands(access, lambda: False)


def test_a_peer_with_the_patient_root_alone_works(tmp_path: Path) -> None:
    with pacs.qrscp(tmp_path / "peer", "-QS") as server:
        datasets = make.ct_series(2, StudyInstanceUID=generate_uid(), StudyDate=TODAY)
        server.store(pacs.written(datasets, tmp_path / "files"))
        report = check(server.peer)
    assert report.failed is None
    sentences = " ".join(step.sentence for step in report.steps)
    assert "C-FIND, C-GET and C-MOVE" in sentences or "C-FIND, C-GET, C-MOVE" in sentences
    assert "a study of today" in sentences
