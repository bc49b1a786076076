"""Who is let in and what is believed: rules of the listener that need no connection."""

import json
import multiprocessing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from viewer.network.dimse.command import C_STORE, Field, request
from viewer.network.dimse.contexts import STORAGE_COMMITMENT, VERIFICATION, Context
from viewer.network.dimse.negotiation import Rejection, Request
from viewer.network.listener_settings import ListenerSettings
from viewer.network.listening.listener_config import (
    EVERYWHERE,
    LOOPBACK,
    Caller,
    Limits,
    ListenerConfig,
    config_from,
    config_of,
    host_for,
    plain_address,
)
from viewer.network.listening.scp_gate import Gate, choose
from viewer.network.listening.scp_messages import Arrived, Called, MessageError, Promised, put, said
from viewer.network.peer import Peer, Tls

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT, IMPLICIT, BIG, JPEG_LS = (
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.4.80",
)
PACS = Caller("Archive", "ARCHIVE", ("10.1.2.3",))
ARRIVED = Arrived(1, "0" * 32 + ".dcm", CT, "1.2.3", EXPLICIT, 10, "A", "10.1.2.3", "", asked=True)


def called(title: str, by: str) -> Request:
    return Request(title, by, (), 0)


def test_until_somebody_is_named_this_computer_alone_may_call_and_nobody_may_send_unasked() -> None:
    gate = Gate(ListenerConfig())
    assert gate.lets_in("127.0.0.1")
    assert gate.lets_in("::1")
    assert not gate.lets_in("10.1.2.3")
    found = gate.caller("ANYBODY", "127.0.0.1")
    assert found is not None
    assert not found.may_send
    assert host_for([]) == LOOPBACK


def test_naming_a_peer_of_another_computer_opens_the_door_and_shuts_out_all_others() -> None:
    gate = Gate(ListenerConfig(callers=(PACS,)))
    assert host_for([PACS]) == EVERYWHERE
    assert gate.lets_in("10.1.2.3")
    assert not gate.lets_in("127.0.0.1")
    assert gate.refusal(called("NEGATOSCOPE", "ARCHIVE "), "10.1.2.3", 0) is None


@pytest.mark.parametrize(
    ("title", "by", "address", "associations", "expected"),
    [
        ("OTHER", "ARCHIVE", "10.1.2.3", 0, Rejection(permanent=True, source=1, reason=7)),
        ("negatoscope", "ARCHIVE", "10.1.2.3", 0, Rejection(permanent=True, source=1, reason=7)),
        ("NEGATOSCOPE", "STRANGER", "10.1.2.3", 0, Rejection(permanent=True, source=1, reason=3)),
        ("NEGATOSCOPE", "ARCHIVE", "10.1.2.4", 0, Rejection(permanent=True, source=1, reason=3)),
        ("NEGATOSCOPE", "ARCHIVE", "10.1.2.3", 8, Rejection(permanent=False, source=3, reason=2)),
    ],
)
def test_a_call_is_refused_as_the_standard_has_it(
    title: str, by: str, address: str, associations: int, expected: Rejection
) -> None:
    found = Gate(ListenerConfig(callers=(PACS,))).refusal(called(title, by), address, associations)
    assert found is not None
    assert found[0] == expected
    assert found[1]


@pytest.mark.parametrize(
    ("abstract", "offered", "expected"),
    [
        (CT, (JPEG_LS, EXPLICIT), JPEG_LS),
        (CT, (BIG, IMPLICIT), IMPLICIT),
        (CT, (BIG,), BIG),
        (CT, ("1.2.3.4",), ""),
        ("1.2.840.113619.4.26", (EXPLICIT,), EXPLICIT),  # private: a scanner's own
        ("1.2.840.10008.5.1.4.1.2.2.1", (EXPLICIT,), ""),  # Study Root FIND
        ("1.2.840.10008.5.1.4.31", (EXPLICIT,), ""),  # worklist
        (VERIFICATION, (IMPLICIT,), IMPLICIT),
        (VERIFICATION, (JPEG_LS,), ""),
        (STORAGE_COMMITMENT, (IMPLICIT,), IMPLICIT),
        (CT, (), ""),
    ],
)
def test_all_that_is_stored_is_taken_as_it_is_and_no_other_service_is_offered(
    abstract: str, offered: tuple[str, ...], expected: str
) -> None:
    assert choose(Context(1, abstract, offered)) == expected


def test_a_move_is_ours_when_it_names_us_or_nobody() -> None:
    gate = Gate(ListenerConfig(own_ae_titles=("NEGATOSCOPE", "READING1")))
    for title, expected in (("NEGATOSCOPE", True), ("READING1", True), ("", True), ("OTHER", False)):
        more = {Field.ORIGINATOR_AE: title} if title else {}
        assert gate.originates_with_us(request(C_STORE, 1, CT, data_set=True, more=more)) is expected


def test_the_settings_and_their_peers_become_callers_and_what_is_wrong_is_said() -> None:
    peers = [
        Peer("Archive", "ARCHIVE", "127.0.0.1", may_send=True, calling_ae_title="READING1"),
        Peer("Lost", "LOST", ""),
        Peer("Other", "OTHER", "127.0.0.2"),
    ]
    tls = Tls("a.pem", "b.pem", "c.pem")
    settings = ListenerSettings(ae_title="READING1", port=104, peers=("Archive", "Lost", "Nobody"), tls=tls)
    config, notices = config_of(settings, peers, 5)
    assert config.callers == (Caller("Archive", "ARCHIVE", ("127.0.0.1",), may_send=True),)
    assert (config.ae_title, config.port, config.host, config.tls) == ("READING1", 104, LOOPBACK, tls)
    assert set(config.own_ae_titles) == {"READING1", "NEGATOSCOPE"}
    assert config.floor_free_bytes == 5
    assert notices == (
        "The listener is to let in Nobody, but there is no peer of that name.",
        "Lost cannot be let in: the address of its computer is not known.",
    )


def test_an_address_has_one_form() -> None:
    assert plain_address("::ffff:10.1.2.3") == "10.1.2.3"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert plain_address("::1") == "::1"


def test_a_configuration_survives_the_pipe() -> None:
    config = ListenerConfig(callers=(PACS,), tls=Tls("a", "b", "c"), limits=Limits(associations=3))
    assert config_from(json.loads(json.dumps(config.document()))) == config
    plain = replace(config, tls=None)
    assert config_from(json.loads(json.dumps(plain.document()))) == plain


def heard(data: bytes) -> Any:
    here, there = multiprocessing.Pipe()
    with here, there:
        there.send_bytes(data)
        return said(here)


@pytest.mark.parametrize("message", [ARRIVED, Promised(2, "1.2", ("1.3",), (), "A", "B"), Called("A", "B")])
def test_what_the_process_says_arrives_as_it_was(message: Any) -> None:
    here, there = multiprocessing.Pipe()
    with here, there:
        put(there, message)
        assert said(here) == message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", "../" + "0" * 32 + ".dcm"),
        ("file", "0" * 32 + ".dcm\n"),
        ("file", "/etc/passwd"),
        ("sop_instance_uid", "../../escaped"),
        ("sop_class_uid", ""),
        ("number", -1),
        ("number", True),
        ("bytes", 1.5),
        ("bytes", 1 << 63),
        ("asked", 1),
        ("caller", "A" * 300),
        ("caller", None),
    ],
)
def test_a_process_that_was_taken_over_is_not_believed(field: str, value: object) -> None:
    values = {name: getattr(ARRIVED, name) for name in ARRIVED.__dataclass_fields__} | {field: value}
    with pytest.raises(MessageError):
        heard(json.dumps(["Arrived", values]).encode())


@given(some.binary(max_size=200) | some.recursive(some.none() | some.integers() | some.text(), some.lists))
def test_noise_is_no_message(noise: Any) -> None:
    data = noise if isinstance(noise, bytes) else json.dumps(["Arrived", noise]).encode()
    with pytest.raises(MessageError):
        heard(data or b"x")


def test_a_message_that_is_too_long_is_not_read() -> None:
    here, there = multiprocessing.Pipe()
    with here, there:
        there._send(b"\x7f\xff\xff\xff")  # type: ignore[attr-defined]  # the length of what would follow
        with pytest.raises(OSError, match="bad message length"):
            said(here)
