"""Retrieval by C-GET: the same bytes as the peer holds, only what was asked for, and whole or said so."""

import errno
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import hostile
import make
import pacs
import pytest
from pydicom import Dataset, dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import CTImageStorage, JPEGLSLossless, generate_uid

from viewer.network.access import Access
from viewer.network.dimse import receiving
from viewer.network.dimse.get import GetEnd, get
from viewer.network.dimse.outgoing import outgoing
from viewer.network.dimse.target import Target
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Received
from viewer.network.tls import client_context


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "in"
    found.mkdir()
    return found


@pytest.fixture(params=["orthanc", "qrscp"])
def server(
    request: pytest.FixtureRequest, orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer
) -> pacs.Orthanc | pacs.DcmtkServer:
    return orthanc if request.param == "orthanc" else qrscp


def data_set(path: Path | str) -> bytes:
    """Return the bytes of a file's data set."""
    return Path(path).read_bytes()[outgoing(str(path)).offset :]


def fetched(access: Access, wanted: Target, folder: Path) -> dict[str, str]:
    got: list[Received] = []
    end = get(access, wanted, folder, got.append)
    assert end.received == [each.sop_instance_uid for each in got]
    assert end.refused == {}
    assert sorted(str(path) for path in folder.iterdir()) == sorted(each.path for each in got)
    for each in got:
        assert Path(each.path).stat().st_size == each.bytes
    return {each.sop_instance_uid: each.path for each in got}


def test_what_comes_is_what_was_sent_byte_for_byte(
    server: pacs.Orthanc | pacs.DcmtkServer, tmp_path: Path, folder: Path
) -> None:
    study, other = generate_uid(), generate_uid()
    series = make.ct_series(3, StudyInstanceUID=study)
    datasets = [*series, make.mr(StudyInstanceUID=study, SeriesInstanceUID=other)]
    paths = pacs.written(datasets, tmp_path / "out")
    server.store(paths)
    sources = {dataset.SOPInstanceUID: path for dataset, path in zip(datasets, paths, strict=True)}
    uids = tuple(str(dataset.SOPInstanceUID) for dataset in series)
    first = series[0].SeriesInstanceUID
    for wanted, expected in (
        (Target(study), set(sources)),
        (Target(study, other), {datasets[3].SOPInstanceUID}),
        (Target(study, first, uids[:2]), set(uids[:2])),
        (Target(study, first, sop_classes=(CTImageStorage,)), set(uids)),
        (Target(study, patient_id="TEST-1", patient_root=True), set(sources)),
    ):
        into = folder / generate_uid()
        into.mkdir()
        found = fetched(Access(server.peer), wanted, into)
        assert set(found) == expected
        for uid, path in found.items():
            assert data_set(path) == data_set(sources[uid])
            assert (
                dcmread(path).file_meta.TransferSyntaxUID == dcmread(sources[uid]).file_meta.TransferSyntaxUID
            )


def test_compressed_objects_come_as_they_are_stored(
    orthanc: pacs.Orthanc, tmp_path: Path, folder: Path
) -> None:
    study = generate_uid()
    path = make.write(make.mr(StudyInstanceUID=study), tmp_path / "jls.dcm", JPEGLSLossless)
    orthanc.store([path])
    (found,) = fetched(Access(orthanc.peer), Target(study), folder).values()
    assert data_set(found) == data_set(path)
    assert dcmread(found).file_meta.TransferSyntaxUID == JPEGLSLossless


def test_a_peer_that_uses_one_context_of_a_class_is_asked_again(tmp_path: Path, folder: Path) -> None:
    study = generate_uid()
    paths = pacs.written(make.ct_series(2, StudyInstanceUID=study), tmp_path / "out")
    with pacs.qrscp(tmp_path / "peer", "+xt") as server:
        server.store(paths)
        assert len(fetched(Access(server.peer), Target(study), folder)) == 2


def test_over_tls(orthanc_tls: pacs.Orthanc, tmp_path: Path, folder: Path) -> None:
    study = generate_uid()
    orthanc_tls.store(pacs.written(make.ct_series(2, StudyInstanceUID=study), tmp_path / "out"))
    assert orthanc_tls.peer.tls
    access = Access(orthanc_tls.peer, client_context(orthanc_tls.peer.tls))
    assert len(fetched(access, Target(study), folder)) == 2


def test_an_object_larger_than_the_memory_that_is_kept_for_it(
    orthanc: pacs.Orthanc, tmp_path: Path, folder: Path
) -> None:
    study = generate_uid()
    path = pacs.written([make.ct(make.ramp(1500, 1400), StudyInstanceUID=study)], tmp_path / "out")[0]
    orthanc.store([path])
    assert path.stat().st_size > 4 * receiving.AT_ONCE
    (found,) = fetched(Access(orthanc.peer), Target(study), folder).values()
    assert data_set(found) == data_set(path)


def test_a_study_that_is_not_there(orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer, folder: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        get(Access(orthanc.peer), Target(generate_uid()), folder, lambda _: None)
    assert (caught.value.cause, caught.value.status) == (Cause.STATUS, 0xC000)
    assert get(Access(qrscp.peer), Target(generate_uid()), folder, lambda _: None).received == []


# ------------------------------------------------------------------------------------------ peers that err
def encoded(dataset: Dataset) -> bytes:
    file = DicomBytesIO()
    file.is_little_endian, file.is_implicit_VR = True, False
    write_dataset(file, dataset)
    return file.getvalue()


class Sending:
    """A peer that sends objects, and keeps what we answered."""

    def __init__(
        self, *objects: tuple[str, bytes], then: Callable[[hostile.Association, hostile.Message], None]
    ) -> None:
        self.objects, self.then = objects, then
        self.answers: list[int | None] = []

    def __call__(self, connection: socket.socket) -> None:
        association = hostile.agree(connection)
        message = hostile.asked(association)
        for uid, data in self.objects:
            self.answers.append(hostile.push(association, data, sop_class=CTImageStorage, uid=uid))
        self.then(association, message)
        hostile.until_closed(connection)


def finished(status: int) -> Callable[[hostile.Association, hostile.Message], None]:
    return lambda association, message: hostile.answer(association, message, status)


def sent(script: Sending, folder: Path, wanted: Target) -> GetEnd:
    with hostile.hostile(script) as access:
        return get(access, wanted, folder, lambda _: None)


def test_uids_never_become_paths(folder: Path) -> None:
    image = make.ct(StudyInstanceUID="1.2")
    del image.SOPInstanceUID
    odd = ("1.2.03.4", "1." + "2" * 70)
    objects = [(uid, encoded(image)) for uid in ("../../escaped", *odd, "/etc/passwd", "1.2\\3")]
    script = Sending(*objects, then=finished(0))
    end = sent(script, folder, Target("1.2", sop_classes=(CTImageStorage,)))
    assert end.received == list(odd)
    assert script.answers == [0xA900, 0, 0, 0xA900, 0xA900]
    assert len(list(folder.iterdir())) == 2
    assert all(len(path.stem) == 32 for path in folder.iterdir())


def test_a_uid_longer_than_any_element_breaks_the_rules_of_dicom(folder: Path) -> None:
    script = Sending(("1." + "2" * 70_000, encoded(make.ct(StudyInstanceUID="1.2"))), then=finished(0))
    with pytest.raises(NetworkError) as caught:
        sent(script, folder, Target("1.2", sop_classes=(CTImageStorage,)))
    assert caught.value.cause is Cause.PROTOCOL
    assert not list(folder.iterdir())


def test_an_object_that_is_not_what_was_announced_or_asked_for(folder: Path) -> None:
    wrong, foreign, right = (make.ct(StudyInstanceUID="1.2") for _ in range(3))
    foreign.StudyInstanceUID = "1.9"
    script = Sending(
        ("1.2.3", encoded(wrong)),
        (foreign.SOPInstanceUID, encoded(foreign)),
        (right.SOPInstanceUID, encoded(right)),
        (wrong.SOPInstanceUID, b""),
        then=finished(0xB000),
    )
    end = sent(script, folder, Target("1.2", sop_classes=(CTImageStorage,)))
    assert script.answers == [0xA900, 0xA900, 0, 0xC000]
    assert end.received == [right.SOPInstanceUID]
    assert (end.status, len(end.refused)) == (0xB000, 3)
    assert "B000" in end.words
    one = Target("1.2", "1.3", ("1.2.3",), sop_classes=(CTImageStorage,))
    assert sent(Sending((right.SOPInstanceUID, encoded(right)), then=finished(0)), folder, one).received == []


def test_statuses_that_say_no(folder: Path) -> None:
    for status in (0xA701, 0xA900, 0xC000):
        with pytest.raises(NetworkError) as caught:
            sent(Sending(then=finished(status)), folder, Target("1.2"))
        assert (caught.value.cause, caught.value.status) == (Cause.STATUS, status)
    image = make.ct(StudyInstanceUID="1.2")
    script = Sending((image.SOPInstanceUID, encoded(image)), then=finished(0xA702))
    end = sent(script, folder, Target("1.2", sop_classes=(CTImageStorage,)))
    assert (end.received, end.status) == ([image.SOPInstanceUID], 0xA702)


@pytest.mark.parametrize(("stay", "cause"), [(True, Cause.SILENT), (False, Cause.CLOSED)])
def test_a_peer_that_stops_within_an_object(folder: Path, stay: bool, cause: Cause) -> None:  # noqa: FBT001
    image, half = (make.ct(StudyInstanceUID="1.2") for _ in range(2))

    def stop(association: hostile.Association, _: hostile.Message) -> None:
        hostile.push(association, encoded(half), sop_class=CTImageStorage, uid=half.SOPInstanceUID, cut=300)
        if not stay:
            association.close()

    got: list[Received] = []
    script = Sending((image.SOPInstanceUID, encoded(image)), then=stop)
    with hostile.hostile(script, timeout=0.6) as access:
        start = time.monotonic()
        with pytest.raises(NetworkError) as caught:
            get(access, Target("1.2", sop_classes=(CTImageStorage,)), folder, got.append)
        assert time.monotonic() - start < 1.6
    assert caught.value.cause is cause
    assert [each.sop_instance_uid for each in got] == [image.SOPInstanceUID]
    assert [str(path) for path in folder.iterdir()] == [got[0].path]


def test_cancelling_keeps_what_came_and_is_quick(folder: Path) -> None:
    image = make.ct(StudyInstanceUID="1.2")
    stop, stopped = threading.Event(), []

    def press() -> None:
        stopped.append(time.monotonic())
        stop.set()

    def wait(association: hostile.Association, _: hostile.Message) -> None:
        threading.Timer(0.4, press).start()
        association.last_wait(5.0)
        seen.append(association.receive().command.get(0x0100))  # C-CANCEL-RQ

    seen: list[object] = []
    script = Sending((image.SOPInstanceUID, encoded(image)), then=wait)
    with hostile.hostile(script, timeout=30.0) as access:
        wanted = Target("1.2", sop_classes=(CTImageStorage,))
        with pytest.raises(NetworkError) as caught:
            get(access, wanted, folder, lambda _: None, stop.is_set)
        assert time.monotonic() - stopped[0] < 1
    assert caught.value.cause is Cause.CANCELLED
    assert seen == [0x0FFF]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("at_once", "answers"),
    [
        (receiving.AT_ONCE, [0, 0, 0, 0xA700]),  # the third is answered while it is written
        (1 << 18, [0, 0, 0xA700]),  # its first part cannot be written before all of it is here
    ],
)
def test_a_full_disk_ends_the_retrieval_and_leaves_nothing_half_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, answers: list[int]
) -> None:
    images = [make.ct(make.ramp(400, 500), StudyInstanceUID="1.2") for _ in range(5)]
    write = os.write
    bytes_left = int(2.5 * len(encoded(images[0])))

    def full(file: int, data: memoryview) -> int:
        nonlocal bytes_left
        if len(data) > bytes_left:
            raise OSError(errno.ENOSPC, "No space left on device")
        done = write(file, data)
        bytes_left -= done
        return done

    monkeypatch.setattr(receiving, "AT_ONCE", at_once)
    monkeypatch.setattr(receiving.os, "write", full)
    script = Sending(*((image.SOPInstanceUID, encoded(image)) for image in images), then=finished(0xB000))
    told: list[Received] = []
    with hostile.hostile(script) as access, pytest.raises(NetworkError) as caught:
        get(access, Target("1.2", sop_classes=(CTImageStorage,)), folder, told.append)
    assert caught.value.cause is Cause.DISK
    assert script.answers[: len(answers)] == answers
    assert [each.sop_instance_uid for each in told] == [each.SOPInstanceUID for each in images[:2]]
    assert sorted(str(path) for path in folder.iterdir()) == sorted(each.path for each in told)


def test_a_peer_without_the_role_for_it(folder: Path) -> None:
    def script(connection: socket.socket) -> None:
        hostile.agree(connection, as_scp=False)
        hostile.until_closed(connection)

    with hostile.hostile(script) as access, pytest.raises(NetworkError) as caught:
        get(access, Target("1.2"), folder, lambda _: None)
    assert caught.value.cause is Cause.NO_CONTEXT
