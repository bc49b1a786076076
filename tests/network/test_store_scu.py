"""Sending: the bytes of our files, as they are, and one answer for each."""

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from pathlib import Path

import hostile
import make
import numpy as np
import pacs
import pytest
from pydicom import dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from viewer.dicom.pixels import read_frame
from viewer.jobs.decode import DecoderPool
from viewer.jobs.recoding import recoder
from viewer.network.access import Access, UnreadableError
from viewer.network.dimse.commitment import ask_to_keep, new_transaction, read_event, request_data
from viewer.network.dimse.find import find
from viewer.network.dimse.move import Moved, move
from viewer.network.dimse.outgoing import outgoing
from viewer.network.dimse.receiving import file_head
from viewer.network.dimse.store import Sent, store
from viewer.network.dimse.target import Target
from viewer.network.failure import Cause, NetworkError
from viewer.network.query import Level, Query
from viewer.network.tls import client_context


@pytest.fixture(params=["orthanc", "qrscp"])
def server(
    request: pytest.FixtureRequest, orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer
) -> pacs.Orthanc | pacs.DcmtkServer:
    return orthanc if request.param == "orthanc" else qrscp


def data_set(path: Path | str) -> bytes:
    return Path(path).read_bytes()[outgoing(str(path)).offset :]


def sent(access: Access, paths: Sequence[Path], transcode: object = None) -> list[Sent]:
    told: list[Sent] = []
    store(access, [str(path) for path in paths], told.append, transcode)  # type: ignore[arg-type]
    assert sorted(each.path for each in told) == sorted(str(path) for path in paths)
    return told


def test_what_is_sent_is_found_and_is_the_same_byte_for_byte(
    server: pacs.Orthanc | pacs.DcmtkServer, tmp_path: Path
) -> None:
    study = generate_uid()
    datasets = [*make.ct_series(3, StudyInstanceUID=study), make.us_color(StudyInstanceUID=study)]
    paths = pacs.written(datasets, tmp_path)
    paths.append(make.write(make.mr(StudyInstanceUID=study), tmp_path / "mr.dcm", ImplicitVRLittleEndian))
    assert all(
        each.stored and each.status == 0 and not each.words for each in sent(Access(server.peer), paths)
    )
    query = Query(Level.IMAGE, study_instance_uid=study)
    assert find(Access(server.peer), query, lambda _: None).matches == 5
    held = {data_set(path) for path in server.held()}
    assert {data_set(path) for path in paths} <= held


def test_compressed_files_go_as_they_are_and_over_tls(
    orthanc: pacs.Orthanc, storescp_tls: pacs.DcmtkServer, tmp_path: Path
) -> None:
    for syntax in (JPEGLSLossless, RLELossless):
        path = make.write(make.mr(StudyInstanceUID=generate_uid()), tmp_path / f"{syntax}.dcm", syntax)
        assert sent(Access(orthanc.peer), [path])[0].stored
        assert data_set(path) in {data_set(each) for each in orthanc.held()}
    path = make.write(make.ct(), tmp_path / "ct.dcm")
    assert storescp_tls.peer.tls
    access = Access(storescp_tls.peer, client_context(storescp_tls.peer.tls))
    assert sent(access, [path])[0].stored
    assert data_set(path) in {data_set(each) for each in storescp_tls.held()}


def test_a_large_object_in_many_pdus(orthanc: pacs.Orthanc, tmp_path: Path) -> None:
    image = make.ct(make.ramp(2500, 2000), StudyInstanceUID=generate_uid())
    path = pacs.written([image], tmp_path)[0]
    assert sent(Access(orthanc.peer), [path])[0].stored
    assert data_set(path) in {data_set(each) for each in orthanc.held()}


def test_recoding_only_where_the_peer_takes_nothing_else(qrscp: pacs.DcmtkServer, tmp_path: Path) -> None:
    image = make.mr(StudyInstanceUID=generate_uid())
    plain = make.write(image, tmp_path / "plain.dcm", ExplicitVRLittleEndian)
    native = make.write(make.ct(), tmp_path / "native.dcm")
    packed = make.write(dcmread(plain), tmp_path / "packed.dcm", JPEGLSLossless)
    (refused,) = sent(Access(qrscp.peer), [packed])
    assert not refused.stored
    assert "JPEG-LS" in refused.words
    asked: list[tuple[str, list[str]]] = []

    def transcode(path: str, taken: Sequence[str]) -> AbstractContextManager[str]:
        asked.append((path, list(taken)))
        return nullcontext(str(plain))

    assert [each.stored for each in sent(Access(qrscp.peer), [packed, native], transcode)] == [True, True]
    assert asked == [(str(packed), [ExplicitVRLittleEndian, ImplicitVRLittleEndian])]
    other = make.write(make.mr(), tmp_path / "other.dcm")
    (wrong,) = sent(Access(qrscp.peer), [packed], lambda *_: nullcontext(str(other)))
    assert not wrong.stored


def test_files_that_cannot_be_sent_do_not_keep_the_others(orthanc: pacs.Orthanc, tmp_path: Path) -> None:
    good = make.write(make.ct(StudyInstanceUID=generate_uid()), tmp_path / "good.dcm")
    text = tmp_path / "notes.txt"
    text.write_text("no image")
    told = {each.path: each for each in sent(Access(orthanc.peer), [text, tmp_path / "gone.dcm", good])}
    assert told[str(good)].stored
    assert "no DICOM" in told[str(text)].words
    assert "cannot be read" in told[str(tmp_path / "gone.dcm")].words


def test_a_refused_object_is_told_and_the_next_one_goes_on(tmp_path: Path) -> None:
    def script(connection: socket.socket) -> None:
        association = hostile.agree(connection)
        for status in (0xA700, 0xC123, 0xB000, 0):
            hostile.answer(association, hostile.asked(association), status)
        hostile.until_closed(connection)

    paths = pacs.written(make.ct_series(4), tmp_path)
    with hostile.hostile(script) as access:
        told = sent(access, paths)
    assert [each.stored for each in told] == [False, False, True, True]
    assert [each.status for each in told] == [0xA700, 0xC123, 0xB000, 0]
    assert "A700" in told[0].words
    assert "C123" in told[1].words


def test_a_peer_that_stops_reading_is_left(tmp_path: Path) -> None:
    def script(connection: socket.socket) -> None:
        hostile.agree(connection)
        time.sleep(2)

    paths = pacs.written([make.ct(make.ramp(3000, 2000))], tmp_path)
    with hostile.hostile(script, timeout=0.6) as access:
        start = time.monotonic()
        with pytest.raises(NetworkError) as caught:
            sent(access, paths)
        assert time.monotonic() - start < 1.6
    assert caught.value.cause is Cause.SILENT


def test_more_kinds_than_an_association_has_contexts_for(orthanc: pacs.Orthanc, tmp_path: Path) -> None:
    study = generate_uid()
    paths = []
    for number in range(70):
        image = make.sc(StudyInstanceUID=study)
        image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = f"1.2.840.10008.5.1.4.1.1.999.{number}"
        paths.append(make.write(image, tmp_path / f"{number}.dcm"))
    assert all(each.stored for each in sent(Access(orthanc.peer), paths))


# -------------------------------------------------------------------------------------- moves and promises
def test_a_move_that_cannot_work_says_why(
    orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer, tmp_path: Path
) -> None:
    study = generate_uid()
    paths = pacs.written([make.ct(StudyInstanceUID=study)], tmp_path)
    for server, statuses in ((orthanc, {0xC000}), (qrscp, {0xA702, 0xA801})):
        server.store(paths)
        found = set()
        for destination in ("DEAD", "UNKNOWN"):
            with pytest.raises(NetworkError) as caught:
                move(Access(server.peer), Target(study), destination, lambda _: None)
            assert destination in str(caught.value)
            found.add(caught.value.status)
        assert found == statuses


def test_a_move_is_cancelled_within_a_second() -> None:
    stop, stopped = threading.Event(), []
    commands: list[object] = []

    def press() -> None:
        stopped.append(time.monotonic())
        stop.set()

    def script(connection: socket.socket) -> None:
        association = hostile.agree(connection)
        hostile.answer(association, hostile.asked(association), 0xFF00)
        threading.Timer(0.3, press).start()
        association.last_wait(5)
        commands.append(association.receive().command[0x0100])

    told: list[Moved] = []
    with hostile.hostile(script, timeout=30) as access:
        with pytest.raises(NetworkError) as caught:
            move(access, Target("1.2"), "ME", told.append, stop.is_set)
        assert time.monotonic() - stopped[0] < 1
    assert caught.value.cause is Cause.CANCELLED
    assert commands == [0x0FFF]
    assert len(told) == 1


def test_a_promise_comes_on_the_same_association_or_later(orthanc: pacs.Orthanc) -> None:
    image = make.ct()
    references = [(image.SOPClassUID, image.SOPInstanceUID), (image.SOPClassUID, "1.2.3")]
    transaction = new_transaction()
    assert ask_to_keep(Access(orthanc.peer), references, transaction) is None

    def script(connection: socket.socket) -> None:
        association = hostile.agree(connection)
        message = association.receive()
        data = association.identifier()  # the request has the form of the report
        hostile.answer(association, message, 0)
        command = {
            2: "1.2.840.10008.1.20.1",
            0x100: 0x0100,
            0x110: 1,
            0x800: 1,
            0x1000: "1.2.840.10008.1.20.1.1",
        }
        association.send(message.context, {**command, 0x1002: 1}, data)
        association.receive()
        hostile.until_closed(connection)

    with hostile.hostile(script) as access:
        promise = ask_to_keep(access, references, transaction, wait=5)
    assert promise is not None
    assert promise.transaction_uid == transaction
    assert promise.kept == (image.SOPInstanceUID, "1.2.3")
    assert promise.refused == ()


def test_a_promise_that_cannot_be_read() -> None:
    with pytest.raises(UnreadableError):
        read_event(b"\x08\0\x95\x11UI\xff\xff1.2", ExplicitVRLittleEndian)


@pytest.mark.parametrize("implicit", [True, False])
def test_pydicom_reads_what_is_asked_to_be_kept(implicit: bool) -> None:  # noqa: FBT001
    syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    data = request_data([("1.2.840.1", "1.2.3"), ("1.2.840.1", "1.2.34")], "2.25.7", syntax)
    found = dcmread(BytesIO(file_head("1.2", "1.3", syntax, "A") + data))
    assert found.TransactionUID == "2.25.7"
    assert [item.ReferencedSOPInstanceUID for item in found.ReferencedSOPSequence] == ["1.2.3", "1.2.34"]
    assert [item.ReferencedSOPClassUID for item in found.ReferencedSOPSequence] == ["1.2.840.1"] * 2


@pytest.mark.parametrize(
    ("option", "target"), [("+xi", ImplicitVRLittleEndian), ("+x=", ExplicitVRLittleEndian)]
)
def test_a_peer_without_compression_gets_the_pixels_of_our_decoder(
    option: str, target: str, tmp_path: Path
) -> None:
    series = make.mr(StudyInstanceUID=generate_uid())
    color = make.us_color(frames=3)
    sources = [
        make.write(series, tmp_path / "jpeg-ls.dcm", JPEGLSLossless),
        make.write(color, tmp_path / "rle.dcm", RLELossless),
        make.write(make.ct(), tmp_path / "deflated.dcm", DeflatedExplicitVRLittleEndian),
    ]
    broken = make.write(make.mr(), tmp_path / "broken.dcm", JPEGLSLossless)
    broken.write_bytes(broken.read_bytes()[:-300])
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pacs.storescp(tmp_path / "peer", option) as peer, DecoderPool(1) as pool:
        told = sent(Access(peer.peer), [*sources, broken], recoder(pool, scratch, lambda: False))
        held = {str(dcmread(path).SOPInstanceUID): path for path in peer.held()}
    assert [each.stored for each in told] == [True, True, True, False]
    assert "cannot be recoded" in told[3].words
    assert "broken.dcm" in told[3].words
    assert not list(scratch.iterdir())
    for path, each in zip(sources, told, strict=False):
        arrived = held[each.sop_instance_uid]
        assert dcmread(arrived).file_meta.TransferSyntaxUID == target
        for number in range(1, int(dcmread(path).get("NumberOfFrames", 1)) + 1):
            assert np.array_equal(
                read_frame(str(arrived), number)[1].stored, read_frame(str(path), number)[1].stored
            )
