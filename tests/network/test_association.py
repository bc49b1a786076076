"""Associations with peers that are wrong, silent or hostile: a sentence, in time, and nothing left."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import hostile
import pacs
import pytest

from viewer.network.access import Access, never
from viewer.network.dimse.association import Association
from viewer.network.dimse.command import C_ECHO, Field, number, response
from viewer.network.dimse.contexts import NATIVE, VERIFICATION, numbered
from viewer.network.dimse.echo import echo
from viewer.network.dimse.find import find
from viewer.network.dimse.handshake import accept, associate
from viewer.network.dimse.negotiation import MOST_PDU, Proposal, Rejection, Request, accept_bytes, read_answer
from viewer.network.dimse.pdu import abort_bytes, fragments, reject_bytes
from viewer.network.dimse.transport import Wire
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer, Tls
from viewer.network.query import Query
from viewer.network.tls import client_context

TIMEOUT = 0.6  # s


def failing(access: Access, work: Callable[[Access], object] = echo) -> NetworkError:
    """Return how a call fails; it must be back in time and say whom it called."""
    start = time.monotonic()
    with pytest.raises(NetworkError) as caught:
        work(access)
    assert time.monotonic() - start < access.peer.timeout + 1.0
    assert access.peer.name in str(caught.value)
    return caught.value


# -------------------------------------------------------------------------------------------- real peers
def test_a_peer_answers_an_echo(orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer) -> None:
    for server in (orthanc, qrscp):
        assert 0 < echo(Access(server.peer)) < 5


def test_tls_with_the_right_certificates(orthanc_tls: pacs.Orthanc, storescp_tls: pacs.DcmtkServer) -> None:
    for server in (orthanc_tls, storescp_tls):
        assert server.peer.tls
        assert 0 < echo(Access(server.peer, client_context(server.peer.tls))) < 5


def test_tls_with_the_wrong_ones(orthanc_tls: pacs.Orthanc, certificates: pacs.Certificates) -> None:
    for tls in (certificates.stranger, certificates.suspicious):
        peer = replace(orthanc_tls.peer, tls=tls)
        assert failing(Access(peer, client_context(tls))).cause is Cause.TLS
    distrusting = replace(orthanc_tls.peer, tls=Tls())
    error = failing(Access(distrusting, client_context(Tls())))
    assert error.cause is Cause.TLS
    assert "The certificate that it shows is made out to" in str(error)
    assert "valid until" in str(error)


def test_a_plain_call_at_a_door_with_tls_and_the_other_way_round(
    orthanc_tls: pacs.Orthanc, orthanc: pacs.Orthanc, certificates: pacs.Certificates
) -> None:
    plain = replace(orthanc_tls.peer, tls=None, timeout=2.0)
    error = failing(Access(plain))
    assert error.cause in {Cause.CLOSED, Cause.NOT_DICOM}
    assert "TLS" in str(error)
    secured = replace(orthanc.peer, tls=certificates.client, timeout=2.0)
    error = failing(Access(secured, client_context(certificates.client)))
    assert error.cause is Cause.TLS
    assert "TLS" in str(error)


def test_an_ae_title_that_the_peer_does_not_know(orthanc: pacs.Orthanc) -> None:
    error = failing(Access(replace(orthanc.peer, ae_title="NOBODY")))
    assert error.cause is Cause.CALLED_AE
    assert "NOBODY" in str(error)


def test_an_ae_title_that_is_none() -> None:
    for title in ("", "SEVENTEEN-LETTERS", "a\\b", "ä"):
        assert failing(Access(Peer("Nobody", title, "127.0.0.1", 1))).cause is Cause.CALLED_AE


def test_nothing_listens() -> None:
    assert failing(Access(Peer("Nobody", "X", "127.0.0.1", pacs.free_ports(1)[0]))).cause is Cause.REFUSED


def test_a_name_that_is_none() -> None:
    assert failing(Access(Peer("Nobody", "X", "no.such.host.invalid", 104))).cause is Cause.NAME


# ------------------------------------------------------------------------------------- before it is agreed
def garbage(connection: socket.socket) -> None:
    hostile.take(connection)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        (hostile.until_closed, Cause.NOT_DICOM),
        (garbage, Cause.NOT_DICOM),
        (lambda connection: connection.close(), Cause.CLOSED),
        (
            lambda connection: connection.sendall(
                reject_bytes(Rejection(permanent=True, source=1, reason=7))
            ),
            Cause.CALLED_AE,
        ),
        (
            lambda connection: connection.sendall(
                reject_bytes(Rejection(permanent=True, source=1, reason=3))
            ),
            Cause.CALLING_AE,
        ),
        (
            lambda connection: connection.sendall(
                reject_bytes(Rejection(permanent=False, source=3, reason=2))
            ),
            Cause.BUSY,
        ),
        (
            lambda connection: connection.sendall(
                reject_bytes(Rejection(permanent=True, source=2, reason=1))
            ),
            Cause.REJECTED,
        ),
        (lambda connection: connection.sendall(abort_bytes()), Cause.REJECTED),
        (lambda connection: connection.sendall(struct.pack(">BxI", 2, 0xFFFFFFFF)), Cause.NOT_DICOM),
        (lambda connection: connection.sendall(struct.pack(">BxI", 2, 80) + b"\xff" * 80), Cause.PROTOCOL),
    ],
)
def test_no_association_comes_about(script: hostile.Script, cause: Cause) -> None:
    def first_listen(connection: socket.socket) -> None:
        if script not in {hostile.until_closed, garbage}:
            hostile.take(connection)
        script(connection)

    with hostile.hostile(first_listen, timeout=TIMEOUT) as access:
        assert failing(access).cause is cause


def drip(connection: socket.socket) -> None:
    """Answer a byte at a time, never to the end."""
    hostile.take(connection)
    for byte in struct.pack(">BxI", 2, 1000) + bytes(1000):
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def test_an_answer_that_drips_in_is_not_waited_for() -> None:
    with hostile.hostile(drip, timeout=TIMEOUT) as access:
        assert failing(access).cause is Cause.NOT_DICOM


def test_a_peer_that_accepts_none_of_our_contexts() -> None:
    def refuse(connection: socket.socket) -> None:
        answer, _ = accept_bytes(hostile.read_request(hostile.take(connection)), lambda _: "")
        connection.sendall(answer)
        hostile.until_closed(connection)

    with hostile.hostile(refuse) as access:
        assert failing(access).cause is Cause.NO_CONTEXT


# --------------------------------------------------------------------------------------------- afterwards
def then(*raw: bytes, stay: bool = True) -> hostile.Script:
    """Agree on an association, take a command, and send these bytes."""

    def script(connection: socket.socket) -> None:
        association = hostile.agree(connection)
        association.receive()
        for data in raw:
            connection.sendall(data)
        if stay:
            hostile.until_closed(connection)

    return script


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        (then(), Cause.SILENT),
        (then(b"\4\0\0\0"), Cause.SILENT),  # stalls in a header
        (then(struct.pack(">BxIIBB", 4, 106, 102, 1, 3) + b"\0" * 50), Cause.SILENT),  # and in a PDU
        (then(stay=False), Cause.CLOSED),
        (then(struct.pack(">BxIIBB", 4, 106, 102, 1, 3) + b"\0" * 50, stay=False), Cause.CLOSED),
        (then(abort_bytes(provider=True, reason=2)), Cause.CLOSED),
        (then(struct.pack(">BxI", 5, 4) + bytes(4)), Cause.CLOSED),  # A-RELEASE-RQ
        (then(b"HTTP/1.1 200 OK\r\n\r\n"), Cause.PROTOCOL),
        (then(struct.pack(">BxIIBB", 4, 0xFFFFFFFF, 102, 1, 3)), Cause.PROTOCOL),
        (then(struct.pack(">BxIIBB", 4, 106, 0xFFFFFFF0, 1, 3)), Cause.PROTOCOL),
        (then(struct.pack(">BxIIBB", 4, 106, 1, 1, 3)), Cause.PROTOCOL),
        (then(struct.pack(">BxIIBB", 4, 106, 102, 99, 3) + bytes(100)), Cause.PROTOCOL),  # no such context
        (then(struct.pack(">BxIIBB", 4, 106, 102, 1, 2) + bytes(100)), Cause.PROTOCOL),  # data, no command
        (then(struct.pack(">BxIIBB", 4, 106, 102, 1, 3) + b"\xff" * 100), Cause.PROTOCOL),
        (then(struct.pack(">BxIIBB", 4, 106, 102, 1, 1) + bytes(100)), Cause.SILENT),  # not its last part
    ],
)
def test_an_association_that_goes_wrong(script: hostile.Script, cause: Cause) -> None:
    with hostile.hostile(script, timeout=TIMEOUT) as access:
        assert failing(access).cause is cause


def test_a_status_that_says_no() -> None:
    def script(connection: socket.socket) -> None:
        association = hostile.agree(connection)
        hostile.answer(association, association.receive(), 0x0122)
        hostile.until_closed(connection)

    with hostile.hostile(script) as access:
        error = failing(access)
    assert (error.cause, error.status) == (Cause.STATUS, 0x0122)
    assert "0122" in str(error)


def test_a_command_in_several_fragments_and_several_parts_in_one_pdu() -> None:
    def script(connection: socket.socket) -> None:
        association = hostile.agree(connection)
        message = association.receive()
        command = b"".join(fragments(1, b"", 0, command=True))  # headers only: to see their length
        assert len(command) == 12
        data = hostile.encode(response(message.command, 0))
        parts = [data[:5], data[5:6], data[6:]]
        body = b"".join(
            struct.pack(">IBB", len(part) + 2, 1, 3 if part is parts[-1] else 1) + part for part in parts
        )
        connection.sendall(struct.pack(">BxI", 4, len(body)) + body)
        hostile.until_closed(connection)

    with hostile.hostile(script) as access:
        assert echo(access) < 1


def test_cancelling_takes_less_than_a_second() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with hostile.hostile(then(), timeout=30.0) as access:
        start = time.monotonic()
        with pytest.raises(NetworkError) as caught:
            echo(access, stop.is_set)
        assert caught.value.cause is Cause.CANCELLED
        assert time.monotonic() - start < 1.3


def test_a_silent_peer_never_looks_like_an_empty_answer() -> None:
    def script(connection: socket.socket) -> None:
        hostile.asked(hostile.agree(connection))

    with hostile.hostile(script, timeout=TIMEOUT) as access:
        assert failing(access, lambda to: find(to, Query(), lambda _: None)).cause is Cause.CLOSED


# --------------------------------------------------------------------------------------- the other side
def test_the_same_class_serves_who_is_called() -> None:
    asked: list[Request] = []

    def script(connection: socket.socket) -> None:
        caller = Access(Peer("caller", host="127.0.0.1", port=1, timeout=5.0))
        wire = Wire(connection, caller, never)
        association, request = accept(wire, lambda _: None, lambda context: context.transfer_syntaxes[0])
        asked.append(request)
        message = association.receive()
        assert number(message.command, Field.COMMAND) == C_ECHO
        association.send(message.context, response(message.command, 0))
        with pytest.raises(NetworkError):
            association.receive()  # A-RELEASE-RQ

    with hostile.hostile(script) as access:
        named = Access(replace(access.peer, user="reader"), password="secret")  # noqa: S106  nobody's
        assert echo(named) < 1
    assert [(each.called_ae_title, each.calling_ae_title, each.user) for each in asked] == [
        ("HOSTILE", "NEGATOSCOPE", "reader")
    ]


def test_who_is_called_may_refuse() -> None:
    def script(connection: socket.socket) -> None:
        wire = Wire(connection, Access(Peer("caller", timeout=5.0)), never)
        with pytest.raises(NetworkError):
            accept(wire, lambda _: Rejection(permanent=True, source=1, reason=3), lambda _: "")

    with hostile.hostile(script) as access:
        assert failing(access).cause is Cause.CALLING_AE


def test_an_answer_may_only_agree_to_what_was_proposed() -> None:
    proposal = Proposal(numbered([(VERIFICATION, NATIVE)]))
    request = Request("A", "B", (*proposal.contexts, *numbered([(VERIFICATION, ("1.2.3",))])), MOST_PDU)
    answer, _ = accept_bytes(request, lambda context: context.transfer_syntaxes[0])
    assert set(read_answer(answer, proposal).contexts) == {1}


def test_contexts_are_at_most_128() -> None:
    assert len(numbered([(VERIFICATION, NATIVE)] * 128)) == 128
    with pytest.raises(ValueError, match="129"):
        numbered([(VERIFICATION, NATIVE)] * 129)


def test_an_association_holds_no_thread_and_closes_its_socket(orthanc: pacs.Orthanc) -> None:
    before = threading.active_count()
    association = associate(Access(orthanc.peer), Proposal(numbered([(VERIFICATION, NATIVE)])), never)
    assert isinstance(association, Association)
    assert threading.active_count() == before
    association.release()
    association.release()
    with pytest.raises(NetworkError):
        association.receive()


def test_tls_is_never_left_out(certificates: pacs.Certificates) -> None:
    context = client_context(certificates.client)
    assert context.verify_mode == ssl.CERT_REQUIRED
