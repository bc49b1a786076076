"""One transfer: what a peer cannot give comes from another one that has it."""

from collections.abc import Iterator
from pathlib import Path

import make
import pacs
import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from viewer.cache import holdings
from viewer.cache.store import Store
from viewer.jobs.decode import DecoderPool
from viewer.jobs.means import Means
from viewer.jobs.transfer import Ended, Job, Kind, State
from viewer.jobs.transferring import Hearing, transfer
from viewer.network.peer import Peer
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.network.services import Services


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(2) as pool:
        pool.warm_up()
        pool.index([__file__])  # its threads and processes are there before a test counts them
        yield pool


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "cache") as store:
        yield store


@pytest.fixture
def datasets() -> list[Dataset]:
    return make.ct_series(4, StudyInstanceUID=generate_uid())


@pytest.fixture
def paths(datasets: list[Dataset], tmp_path: Path) -> list[Path]:
    found = [tmp_path / f"{number}.dcm" for number in range(len(datasets))]
    for dataset, path in zip(datasets, found, strict=True):
        dataset.save_as(path, enforce_file_format=True)
    return found


def refusing() -> Peer:
    return Peer("Night PACS", "NIGHT", pacs.HOST, pacs.free_ports(1)[0], timeout=3.0)


def done(means: Means, datasets: list[Dataset], *peers: Peer, told: int = 0) -> Ended:
    wanted = Wanted(str(datasets[0].StudyInstanceUID))
    first, *others = (peer.name for peer in peers)
    job = Job(Kind.RETRIEVE, first, "a study", wanted, others=tuple(others), told=told)
    return transfer(means, job, Hearing())


def here(store: Store, datasets: list[Dataset]) -> int:
    return len(holdings.whole(store, [str(each.SOPInstanceUID) for each in datasets]))


def test_a_study_comes_from_the_other_peer_that_has_it_when_the_first_does_not_answer(
    store: Store, pool: DecoderPool, orthanc: pacs.Orthanc, datasets: list[Dataset], paths: list[Path]
) -> None:
    orthanc.store(paths)
    peers = (refusing(), orthanc.peer)
    ended = done(Means(store, pool, Services(), lambda: peers), datasets, *peers, told=4)
    assert ended.state is State.COMPLETE
    assert (ended.standing.done, ended.standing.total, here(store, datasets)) == (4, 4, 4)
    assert "Night PACS" in ended.standing.sentence
    assert "It came from Orthanc." in ended.standing.sentence


def test_what_one_peer_lacks_comes_from_the_other(
    store: Store,
    pool: DecoderPool,
    orthanc: pacs.Orthanc,
    qrscp: pacs.DcmtkServer,
    datasets: list[Dataset],
    paths: list[Path],
) -> None:
    qrscp.store(paths[:2])
    orthanc.store(paths)
    peers = (qrscp.peer, orthanc.peer)
    ended = done(Means(store, pool, Services(), lambda: peers), datasets, *peers, told=4)
    assert ended.state is State.COMPLETE
    assert (ended.standing.done, here(store, datasets)) == (4, 4)


def test_what_the_last_peer_has_is_not_all_when_another_said_that_there_is_more(
    store: Store, pool: DecoderPool, orthanc: pacs.Orthanc, datasets: list[Dataset], paths: list[Path]
) -> None:
    orthanc.store(paths[:3])
    peers = (refusing(), orthanc.peer)
    ended = done(Means(store, pool, Services(), lambda: peers), datasets, *peers, told=4)
    assert ended.state is State.SHORT
    assert (ended.standing.done, ended.standing.total, ended.standing.short) == (3, 4, 1)
    assert "3 objects are here" in ended.standing.sentence


def test_a_study_that_nobody_gives_fails_with_what_each_said(
    store: Store, pool: DecoderPool, datasets: list[Dataset]
) -> None:
    one, other = refusing(), Peer("Day PACS", "DAY", pacs.HOST, pacs.free_ports(1)[0], timeout=3.0)
    ended = done(Means(store, pool, Services(), lambda: (one, other)), datasets, one, other)
    assert ended.state is State.FAILED
    assert "Night PACS" in ended.standing.sentence
    assert "Day PACS" in ended.standing.sentence
