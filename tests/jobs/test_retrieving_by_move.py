"""C-MOVE to our own door, and all methods with a study of 600 slices: from Orthanc and from dcmqrscp."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import make
import pacs
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

from viewer import cli
from viewer.cache import holdings
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord
from viewer.jobs.arriving import Arriving
from viewer.jobs.decode import DecoderPool
from viewer.jobs.means import Means
from viewer.jobs.retrieving import Choice, Listening, retrieve_into
from viewer.network.listening.listener import Listener
from viewer.network.listening.listener_config import Caller, ListenerConfig
from viewer.network.peer import Method
from viewer.network.retrieving.retrieve import RetrieveReport
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.network.services import Services
from viewer.settings import change, with_peer

SLICES = 600
QUICK = (0.05, 0.05, 0.05)

Server = pacs.Orthanc | pacs.DcmtkServer


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(2) as pool:
        pool.warm_up()
        pool.index([__file__])
        yield pool


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "cache") as store:
        yield store


@pytest.fixture(params=["orthanc", "qrscp"])
def server(request: pytest.FixtureRequest, orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer) -> Server:
    return orthanc if request.param == "orthanc" else qrscp


@contextmanager
def our_door(store: Store, pool: DecoderPool, port: int, arrived: list[InstanceRecord]) -> Iterator[Services]:
    callers = (Caller("the server", addresses=("127.0.0.1",)),)
    listener = Listener(
        ListenerConfig(port=port, callers=callers, floor_free_bytes=0),
        store.folder.tmp,
        Arriving(store, pool, arrived.extend).received,
    )
    listener.start()
    try:
        yield Services(destination=listener)
    finally:
        listener.stop()


def ct_study(count: int) -> list[Dataset]:
    return make.ct_series(count, StudyInstanceUID=generate_uid())


def data_set(path: Path) -> bytes:
    data = path.read_bytes()
    return data[144 + int.from_bytes(data[140:144], "little") :]


def moved(means: Means, server: Server, datasets: list[Dataset], method: Method) -> RetrieveReport:
    wanted = Wanted(str(datasets[0].StudyInstanceUID))
    return retrieve_into(means, server.peer, wanted, Listening(), Choice(method, QUICK))


def test_a_study_that_is_moved_comes_to_the_byte(
    server: Server, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    datasets = ct_study(25)
    paths = pacs.written(datasets, tmp_path / "files")
    server.store(paths)
    arrived: list[InstanceRecord] = []
    with our_door(store, pool, server.viewer_port, arrived) as services:
        report = moved(Means(store, pool, services), server, datasets, Method.MOVE)
    assert (report.expected, report.received, report.failed, report.method) == (25, 25, (), "C-MOVE")
    assert report.complete
    assert len(arrived) == 25
    found = holdings.records(store, [str(each.SOPInstanceUID) for each in datasets])
    sent = {str(dcmread(path).SOPInstanceUID): data_set(path) for path in paths}
    assert {uid: data_set(Path(record.path)) for uid, record in found.items()} == sent


def test_a_move_to_a_door_that_is_not_where_the_peer_looks_says_so(
    server: Server, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    datasets = ct_study(2)
    server.store(pacs.written(datasets, tmp_path / "files"))
    with our_door(store, pool, 0, []) as services:
        assert services.destination is not None
        port = services.destination.status.port
        report = moved(Means(store, pool, services), server, datasets, Method.MOVE)
    assert (report.expected, report.received, len(report.failed)) == (2, 0, 2)
    assert server.peer.name in report.failed[0].reason
    assert f"No connection came to port {port} here." in report.failed[0].reason


def test_a_peer_that_our_door_does_not_let_in_is_named(
    server: Server, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    datasets = ct_study(2)
    server.store(pacs.written(datasets, tmp_path / "files"))
    listener = Listener(
        ListenerConfig(
            port=server.viewer_port, callers=(Caller("other", "OTHER", ("127.0.0.1",)),), floor_free_bytes=0
        ),
        store.folder.tmp,
        Arriving(store, pool).received,
    )
    listener.start()
    try:
        means = Means(store, pool, Services(destination=listener))
        report = moved(means, server, datasets, Method.MOVE)
    finally:
        listener.stop()
    assert len(report.failed) == 2
    assert "was not let in" in report.failed[0].reason


def test_a_peer_that_would_only_move_needs_our_door(
    server: Server, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    datasets = ct_study(1)
    server.store(pacs.written(datasets, tmp_path / "files"))
    report = moved(Means(store, pool, Services()), server, datasets, Method.MOVE)
    assert "our own door" in report.failed[0].reason
    assert not report.complete


def test_the_command_opens_the_door_for_a_move(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    datasets = ct_study(4)
    server.store(pacs.written(datasets, tmp_path / "files"))
    monkeypatch.setenv("VIEWER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("VIEWER_SETTINGS", str(tmp_path / "settings.toml"))
    change(
        Path(os.environ["VIEWER_SETTINGS"]),
        lambda settings: replace(
            with_peer(settings, server.peer), listener=replace(settings.listener, port=server.viewer_port)
        ),
    )
    study = str(datasets[0].StudyInstanceUID)
    words = ["retrieve", server.peer.name, "--study", study, "--method", "move"]
    assert cli.main(words) == 0
    assert "4 expected, 4 received, 0 there already, 0 failed; C-MOVE" in capsys.readouterr().out
    assert cli.main(words) == 0


def test_600_slices_come_by_every_method_and_are_the_same_to_the_byte(
    server: Server, pool: DecoderPool, tmp_path: Path
) -> None:
    datasets = ct_study(SLICES)
    paths = pacs.written(datasets, tmp_path / "files")
    server.store(paths)
    sent = {str(dcmread(path).SOPInstanceUID): data_set(path) for path in paths}
    for method in (Method.GET, Method.MOVE, *([Method.WEB] if server.peer.web else [])):
        with (
            Store(tmp_path / method.value) as store,
            our_door(store, pool, server.viewer_port, []) as services,
        ):
            report = moved(Means(store, pool, services), server, datasets, method)
            assert (report.expected, report.received, report.failed) == (SLICES, SLICES, ())
            found = holdings.records(store, list(sent))
            assert {uid: data_set(Path(record.path)) for uid, record in found.items()} == sent


@pytest.mark.parametrize("method", [Method.GET, Method.MOVE])
def test_a_peer_with_the_patient_root_alone_gives_its_images_all_the_same(
    store: Store, pool: DecoderPool, tmp_path: Path, method: Method
) -> None:
    datasets = make.ct_series(3, StudyInstanceUID=generate_uid(), PatientID="4711")
    with pacs.qrscp(tmp_path / "peer", "-QS") as server:
        server.store(pacs.written(datasets, tmp_path / "files"))
        with our_door(store, pool, server.viewer_port, []) as services:
            means = Means(store, pool, services)
            wanted = Wanted(datasets[0].StudyInstanceUID)
            report = retrieve_into(means, server.peer, wanted, Listening(), Choice(method))
    assert report.complete
    assert report.received == len(datasets)
