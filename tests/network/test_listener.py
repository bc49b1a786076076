"""Receiving in a process of its own: from DCMTK, Orthanc and ourselves, in the clear and over TLS."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import make
import pacs
import pytest
from doors import Opened, opened, until
from pydicom.uid import CTImageStorage, JPEGLSLossless, generate_uid

from viewer.network.access import Access
from viewer.network.dimse import status
from viewer.network.dimse.commitment import ask_to_keep, new_transaction
from viewer.network.dimse.contexts import NATIVE, VERIFICATION, numbered
from viewer.network.dimse.echo import echo
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.negotiation import Proposal
from viewer.network.dimse.outgoing import outgoing
from viewer.network.dimse.store import Sent, store
from viewer.network.dimse.target import Target
from viewer.network.failure import Cause, NetworkError
from viewer.network.listening.listener import Listener
from viewer.network.listening.listener_config import Caller, Limits, ListenerConfig
from viewer.network.listening.move_here import move_here
from viewer.network.peer import OWN_AE_TITLE, Received, Tls

MUTE = Caller("Archive", addresses=("127.0.0.1",))  # it may call, and send what it was asked for


@pytest.fixture(scope="module")
def open_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened(tmp_path_factory.mktemp("door")) as found:
        yield found


@pytest.fixture
def door(open_door: Opened) -> Opened:
    open_door.came.clear()
    open_door.answer = lambda _: True
    return open_door


def data_set(path: Path | str) -> bytes:
    return Path(path).read_bytes()[outgoing(str(path)).offset :]


def sent_to(access: Access, paths: list[Path]) -> list[Sent]:
    found: list[Sent] = []
    store(access, [str(path) for path in paths], found.append)
    return found


def storescu(
    port: int, paths: list[Path], *words: str, title: str = OWN_AE_TITLE
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [pacs.program("storescu"), "-v", *words, "-aec", title, "127.0.0.1", str(port), *map(str, paths)],
        env=os.environ | {"TCP_NODELAY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


# ----------------------------------------------------------------------------------------- what is sent to us
def test_an_echo_is_answered_to_dcmtk_and_to_ourselves(door: Opened) -> None:
    echo(door.access())
    words = [pacs.program("echoscu"), "-aec", OWN_AE_TITLE, "127.0.0.1", str(door.port)]
    subprocess.run(words, check=True, capture_output=True)
    until(lambda: door.listener.calls_since(0)[-1].caller == "ECHOSCU")


def test_what_dcmtk_sends_is_kept_byte_for_byte_and_named(door: Opened, tmp_path: Path) -> None:
    datasets = [*make.ct_series(3), make.mr()]
    paths = pacs.written(datasets, tmp_path / "out")
    found = storescu(door.port, paths, "-xe")
    assert found.returncode == 0, found.stderr
    assert found.stderr.count("Received Store Response (Success)") == 4
    assert [each.sop_instance_uid for each in door.came] == [each.SOPInstanceUID for each in datasets]
    for received, path, dataset in zip(door.came, paths, datasets, strict=True):
        assert data_set(received.path) == data_set(path)
        assert Path(received.path).parent == door.folder
        assert Path(received.path).stat().st_size == received.bytes
        assert received.sop_class_uid == dataset.SOPClassUID
        assert (received.sender, received.asked) == ("STORESCU", False)


def test_what_we_send_keeps_its_transfer_syntax(door: Opened, tmp_path: Path) -> None:
    image = make.ct(make.ramp(64, 48, "<u2"))
    make.write(image, tmp_path / "a.dcm", JPEGLSLossless)
    (found,) = sent_to(door.access(), [tmp_path / "a.dcm"])
    assert found.stored
    assert door.came[0].transfer_syntax_uid == JPEGLSLossless
    assert data_set(door.came[0].path) == data_set(tmp_path / "a.dcm")


def test_an_object_larger_than_memory_is_meant_for_goes_through(door: Opened, tmp_path: Path) -> None:
    (path,) = pacs.written(
        [make.ct(make.ramp(4096, 5000, "<u2"))], tmp_path / "out"
    )  # 41 MB, streamed to disk
    assert storescu(door.port, [path], "-xe").returncode == 0
    assert data_set(door.came[0].path) == data_set(path)


def test_success_is_answered_only_when_what_was_not_asked_for_is_safe(door: Opened, tmp_path: Path) -> None:
    paths = pacs.written([make.ct()], tmp_path / "out")
    door.gate.clear()
    done: list[Sent] = []
    thread = threading.Thread(target=lambda: done.extend(sent_to(door.access(), paths)))
    thread.start()
    time.sleep(0.5)
    assert done == []
    door.gate.set()
    thread.join()
    assert [each.stored for each in done] == [True]


def test_what_is_answered_is_counted_already(door: Opened, tmp_path: Path) -> None:
    paths = pacs.written(make.ct_series(30), tmp_path / "out")
    before, counted = door.listener.status.received, []

    def sent(_: Sent) -> None:
        counted.append(door.listener.status.received - before)

    store(door.access(), [str(path) for path in paths], sent)
    assert counted == list(range(1, 31))


@pytest.mark.parametrize(
    ("answer", "code"), [(False, status.OUT_OF_RESOURCES), ("it is damaged", status.CANNOT_UNDERSTAND)]
)
def test_what_cannot_be_kept_is_refused_and_nothing_of_it_stays(
    door: Opened,
    tmp_path: Path,
    answer: bool | str,  # noqa: FBT001  as it is answered
    code: int,
) -> None:
    before = door.left()
    paths = pacs.written([make.ct()], tmp_path / "out")
    door.answer = lambda _: answer
    (found,) = sent_to(door.access(), paths)
    assert (found.stored, found.status) == (False, code)
    if answer:
        assert str(answer) in found.words
    assert door.left() == before


def test_several_senders_are_served_at_once(door: Opened, tmp_path: Path) -> None:
    several = [pacs.written(make.ct_series(5), tmp_path / str(number)) for number in range(4)]
    threads = [threading.Thread(target=sent_to, args=(door.access(), paths)) for paths in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(door.came) == 20
    until(lambda: door.listener.status.associations == 0)


# ----------------------------------------------------------------------------------------------- who may call
def test_another_ae_title_than_ours_is_refused_in_words(door: Opened) -> None:
    with pytest.raises(NetworkError) as caught:
        echo(door.access(called="SOMEBODY"))
    assert caught.value.cause is Cause.CALLED_AE
    until(lambda: door.listener.calls_since(0)[-1].refused == "it called another AE title than ours")


def test_only_those_who_are_named_may_call(tmp_path: Path) -> None:
    named = Caller("Archive", "ARCHIVE", ("127.0.0.1",))
    with opened(tmp_path / "in", callers=(named,)) as door:
        with pytest.raises(NetworkError) as caught:
            echo(door.access(calling="STRANGER"))
        assert caught.value.cause is Cause.CALLING_AE
        echo(door.access(calling="ARCHIVE"))
    with opened(tmp_path / "in", callers=(Caller("Far", "FAR", ("10.1.2.3",)),), host="127.0.0.1") as door:
        with pytest.raises(NetworkError) as caught:
            echo(door.access(calling="FAR"))
        assert caught.value.cause is Cause.CLOSED
        until(lambda: door.listener.calls_since(0))
        assert "address" in door.listener.calls_since(0)[0].refused


def test_what_nobody_asked_for_is_refused_from_who_may_not_send(tmp_path: Path) -> None:
    study, other, uid = generate_uid(), generate_uid(), generate_uid()
    wanted = make.ct(StudyInstanceUID=study)
    single = make.ct(StudyInstanceUID=other, SOPInstanceUID=uid)
    paths = pacs.written([wanted, single, make.ct(StudyInstanceUID=other)], tmp_path / "out")
    with opened(tmp_path / "in", callers=(MUTE,)) as door:
        assert [each.status for each in sent_to(door.access(), paths)] == [0x0124] * 3
        told: list[str] = []
        with (
            door.listener.watching(
                study, (), lambda all_: told.extend(each.sop_instance_uid for each in all_)
            ),
            door.listener.watching(other, (uid,), lambda _: None),
        ):
            assert [each.status for each in sent_to(door.access(), paths)] == [0, 0, 0x0124]
            until(lambda: len(door.came) == 2 and told)
        assert told == [wanted.SOPInstanceUID]
        assert all(each.asked and each.sender == OWN_AE_TITLE for each in door.came)
        assert [each.status for each in sent_to(door.access(), paths)] == [0x0124] * 3


def test_more_associations_than_we_take_are_told_to_come_back(tmp_path: Path) -> None:

    proposal = Proposal(numbered([(VERIFICATION, NATIVE)]))
    with opened(tmp_path / "in") as door:
        held = [associate(door.access(), proposal, lambda: False) for _ in range(8)]
        with pytest.raises(NetworkError) as caught:
            echo(door.access())
        assert caught.value.cause is Cause.BUSY
        held[0].release()
        until(lambda: door.listener.status.associations == 7)
        echo(door.access())
        for each in held:
            each.abort()


# -------------------------------------------------------------------------------------------------------- TLS
def test_over_tls_callers_may_be_let_in_without_a_certificate(
    tmp_path: Path, certificates: pacs.Certificates
) -> None:
    ours = Tls("", certificates.path("server.crt"), certificates.path("server.key"))
    with pytest.raises(NetworkError, match="authorities of those who send"), opened(tmp_path / "a", tls=ours):
        pass
    with opened(tmp_path / "in", tls=ours, callers_certified=False) as door:
        echo(door.access(tls=Tls(certificates.path("authority.crt"))))
        with pytest.raises(NetworkError):
            echo(door.access())  # but not without TLS
    with (
        pytest.raises(NetworkError, match="certificate is needed"),
        opened(tmp_path / "b", tls=Tls(), callers_certified=False),
    ):
        pass


def test_over_tls_both_sides_show_who_they_are(tmp_path: Path, certificates: pacs.Certificates) -> None:
    ours = Tls(
        certificates.path("authority.crt"), certificates.path("server.crt"), certificates.path("server.key")
    )
    paths = pacs.written([make.ct()], tmp_path / "out")
    with opened(tmp_path / "in", tls=ours) as door:
        (found,) = sent_to(door.access(tls=certificates.client), paths)
        assert found.stored
        assert data_set(door.came[0].path) == data_set(paths[0])
        for tls in (certificates.stranger, Tls(certificates.path("authority.crt"))):
            with pytest.raises(NetworkError) as caught:
                echo(door.access(tls=tls))
            assert caught.value.cause is Cause.TLS
        with pytest.raises(NetworkError):
            echo(door.access())  # in the clear
        words = ["+tls", certificates.path("client.key"), certificates.path("client.crt")]
        words += ["+cf", certificates.path("authority.crt")]
        assert storescu(door.port, paths, *words).returncode == 0
        assert len(door.came) == 2


# ----------------------------------------------------------------------------------------------------- C-MOVE
@pytest.fixture(scope="module", params=["orthanc", "qrscp"])
def archive(
    request: pytest.FixtureRequest, orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer
) -> pacs.Orthanc | pacs.DcmtkServer:
    return orthanc if request.param == "orthanc" else qrscp


def test_a_study_is_moved_to_us_and_counted(archive: pacs.Orthanc | pacs.DcmtkServer, tmp_path: Path) -> None:
    study = generate_uid()
    datasets = make.ct_series(5, StudyInstanceUID=study)
    paths = pacs.written(datasets, tmp_path / "out")
    archive.store(paths)
    uids = tuple(str(each.SOPInstanceUID) for each in datasets)
    with opened(tmp_path / "in", callers=(MUTE,), port=archive.viewer_port) as door:
        access = Access(archive.peer)
        for wanted in (Target(study), Target(study, datasets[0].SeriesInstanceUID, uids[:2])):
            door.came.clear()
            came = move_here(access, wanted, door.listener)
            assert came.missing == ()
            assert {each.sop_instance_uid for each in came.received} == set(wanted.sop_instance_uids or uids)
            assert all(each.asked for each in door.came)
        for received in door.came:
            assert data_set(received.path) == data_set(paths[uids.index(received.sop_instance_uid)])


def test_a_destination_that_the_peer_does_not_know_is_said(
    archive: pacs.Orthanc | pacs.DcmtkServer, tmp_path: Path
) -> None:
    study = generate_uid()
    archive.store(pacs.written([make.ct(StudyInstanceUID=study)], tmp_path / "out"))
    with (
        opened(tmp_path / "in", ae_title="UNKNOWN", own_ae_titles=(OWN_AE_TITLE,)) as door,
        pytest.raises(NetworkError, match="know this AE title") as caught,
    ):
        move_here(Access(archive.peer), Target(study), door.listener)
    assert caught.value.cause is Cause.STATUS


def test_a_peer_that_cannot_reach_us_is_told_from_one_that_is_not_let_in(
    archive: pacs.Orthanc | pacs.DcmtkServer, tmp_path: Path
) -> None:
    study = generate_uid()
    image = make.ct(StudyInstanceUID=study)
    archive.store(pacs.written([image], tmp_path / "out"))
    wanted = Target(study, image.SeriesInstanceUID, (image.SOPInstanceUID,))
    with opened(tmp_path / "in", callers=(MUTE,)) as door:  # at another port than the peer knows
        with pytest.raises(NetworkError) as caught:
            move_here(Access(archive.peer), wanted, door.listener)
        assert "port" in str(caught.value)
    stranger = Caller("Other", "OTHER", ("127.0.0.1",))
    with opened(tmp_path / "in", callers=(stranger,), port=archive.viewer_port) as door:
        with pytest.raises(NetworkError, match="not let in") as caught:
            move_here(Access(archive.peer), wanted, door.listener)
        assert archive.peer.ae_title in str(caught.value)
        assert door.came == []


def test_a_promise_to_keep_what_we_sent_is_handed_on(orthanc: pacs.Orthanc, tmp_path: Path) -> None:
    image = make.ct()
    orthanc.store(pacs.written([image], tmp_path / "out"))
    transaction, absent = new_transaction(), generate_uid()
    references = [(str(CTImageStorage), str(image.SOPInstanceUID)), (str(CTImageStorage), str(absent))]
    with opened(tmp_path / "in", callers=(MUTE,), port=orthanc.viewer_port) as door:
        promise = ask_to_keep(Access(orthanc.peer), references, transaction)
        if promise is None:
            until(lambda: door.promises)
            promise, caller = door.promises[0]
            assert caller == "ORTHANC"
        assert promise.transaction_uid == transaction
        assert promise.kept == (image.SOPInstanceUID,)
        assert promise.refused == (absent,)


# ------------------------------------------------------------------------------------------------ its process
def test_a_port_in_use_is_said_in_words(door: Opened, tmp_path: Path) -> None:
    second = Listener(ListenerConfig(port=door.port), tmp_path, lambda _: [])
    with pytest.raises(NetworkError, match=f"Port {door.port} is in use"):
        second.start()
    assert second.status.port == 0
    second.stop()


def test_a_door_closes_within_two_seconds_and_opens_again(tmp_path: Path) -> None:
    with opened(tmp_path / "in") as door:
        echo(door.access())
        process, port = door.listener.pid, door.port
        start = time.monotonic()
        door.listener.stop()
        assert time.monotonic() - start < 2.0
        assert not Path(f"/proc/{process}").exists()
        assert not pacs.listens(port)
        assert (door.listener.ae_title, door.left(), list(door.folder.iterdir())) == ("", [], [])
        door.listener.start()
        echo(door.access())


def test_a_process_that_is_killed_is_started_again_and_the_port_stays(tmp_path: Path) -> None:
    paths = pacs.written([make.ct()], tmp_path / "out")
    with opened(tmp_path / "in") as door:
        echo(door.access())
        port, process = door.port, door.listener.pid
        os.kill(process, signal.SIGKILL)
        (found,) = sent_to(door.access(), paths)  # it waits at the door until somebody serves
        assert found.stored
        assert door.port == port
        assert door.listener.pid != process
        until(lambda: door.listener.status.restarts == 1)


def test_a_process_that_dies_again_and_again_is_given_up_with_a_sentence(tmp_path: Path) -> None:
    with opened(tmp_path / "in") as door:
        for _ in range(6):
            until(lambda: door.listener.pid or not door.port)
            process = door.listener.pid
            if process:
                os.kill(process, signal.SIGKILL)
                until(lambda gone=process: door.listener.pid != gone)  # type: ignore[misc]
        until(lambda: door.listener.status.sentence)
        assert "failed several times" in door.listener.status.sentence
        assert not door.listener.status.listening
        door.listener.stop()
        assert door.listener.start() > 0
        echo(door.access())


def test_a_worn_process_hands_over_without_losing_a_caller(tmp_path: Path) -> None:

    with opened(tmp_path / "in", limits=Limits(served=5)) as door:
        first = door.listener.pid
        for _ in range(12):
            echo(door.access())
        assert door.listener.pid != first
        until(lambda: not Path(f"/proc/{first}").exists())
        assert door.listener.status.restarts == 0


def test_what_several_send_at_once_is_made_safe_together_and_a_lone_object_at_once(tmp_path: Path) -> None:
    flush = 0.1  # s that a disk takes, for one object or for many
    together: list[int] = []

    def safe(several: Sequence[Received]) -> list[bool | str]:
        together.append(len(several))
        time.sleep(flush)
        return [True] * len(several)

    paths = [str(path) for path in pacs.written([make.ct() for _ in range(4)], tmp_path / "out")]
    with opened(tmp_path / "in") as door:
        door.take = safe  # type: ignore[method-assign]
        found: list[Sent] = []
        echo(door.access())  # it serves
        start = time.monotonic()
        store(door.access(), paths[:1], found.append)
        assert together == [1]
        assert time.monotonic() - start < flush + 1.0  # on a busy machine; it waits for no others
        callers = [
            threading.Thread(target=store, args=(door.access(), paths, found.append)) for _ in range(6)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert all(each.stored for each in found)
        assert sum(together) == len(found) == 25
        assert len(together) < 20  # flushes, not one for each object
        assert max(together) > 1
