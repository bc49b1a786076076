"""Retrieving into the cache: from real peers, over a wire that breaks, onto a disk that is full."""

import errno
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import make
import numpy as np
import pacs
import pytest
from cutting import cutting
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

from viewer.cache import holdings, studies, trash
from viewer.cache.arrivals import Source
from viewer.cache.disk import Disk
from viewer.cache.store import Store
from viewer.cache.study_list import Order, StudyFilter
from viewer.dicom.records import InstanceRecord
from viewer.jobs.decode import DecoderPool
from viewer.jobs.means import Means
from viewer.jobs.receiving import Entrance, Kept, Receiving
from viewer.jobs.retrieving import Choice, HereError, Listening, StoppedError, retrieve_into
from viewer.network.failure import NetworkError
from viewer.network.peer import Method, Peer, Received
from viewer.network.retrieving.retrieve import RetrieveReport
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.network.services import Services

CUTS = 20
SLICES = 40
AT_ONCE = Choice(pauses=())
QUICK = Choice(pauses=(0.05, 0.05, 0.05))


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


def ct_study(count: int, size: int = 32, **attributes: str) -> list[Dataset]:
    """Return a study of one series with images that do not compress."""
    study = generate_uid()
    values = np.random.default_rng(7).integers(0, 4000, (size, size), "<i2")
    datasets = make.ct_series(count, StudyInstanceUID=study, **attributes)
    for dataset in datasets:
        dataset.PixelData, dataset.Rows, dataset.Columns = values.tobytes(), size, size
    return datasets


def retrieved(
    means: Means, peer: Peer, wanted: Wanted, choice: Choice = QUICK, **listening: object
) -> RetrieveReport:
    return retrieve_into(means, peer, wanted, Listening(**listening), choice)  # type: ignore[arg-type]


def uids(datasets: Sequence[Dataset]) -> set[str]:
    return {str(dataset.SOPInstanceUID) for dataset in datasets}


def whole(store: Store, datasets: Sequence[Dataset]) -> set[str]:
    return holdings.whole(store, [str(each.SOPInstanceUID) for each in datasets])


def data_sets(store: Store, datasets: Sequence[Dataset]) -> dict[str, bytes]:
    """Return the bytes of the data sets in the cache, without their File Meta Information."""
    found = holdings.records(store, [str(each.SOPInstanceUID) for each in datasets])
    return {uid: data_set(Path(record.path)) for uid, record in found.items()}


def data_set(path: Path) -> bytes:
    data = path.read_bytes()
    length = int.from_bytes(data[140:144], "little")  # (0002,0000), the first element
    return data[144 + length :]


METHODS = [("orthanc", Method.WEB), ("orthanc", Method.GET), ("qrscp", Method.GET)]


@pytest.fixture
def servers(orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer) -> dict[str, pacs.Orthanc | pacs.DcmtkServer]:
    return {"orthanc": orthanc, "qrscp": qrscp}


# ---------------------------------------------------------------------------------------------- from peers
@pytest.mark.parametrize(("name", "method"), METHODS)
def test_a_study_comes_to_the_byte_and_is_not_fetched_again(
    servers: dict[str, pacs.Orthanc | pacs.DcmtkServer],
    name: str,
    method: Method,
    store: Store,
    pool: DecoderPool,
    tmp_path: Path,
) -> None:
    server, datasets = servers[name], ct_study(30)
    paths = pacs.written(datasets, tmp_path / "files")
    server.store(paths)
    arrived: list[InstanceRecord] = []
    means = Means(store, pool, Services())
    wanted = Wanted(datasets[0].StudyInstanceUID)
    report = retrieved(means, server.peer, wanted, replace(QUICK, method=method), arrived=arrived.extend)
    assert (report.expected, report.received, report.already_here, report.failed) == (30, 30, 0, ())
    assert report.complete
    assert {record.sop_instance_uid for record in arrived} == uids(datasets)
    sent = {str(dcmread(path).SOPInstanceUID): data_set(path) for path in paths}
    assert data_sets(store, datasets) == sent
    assert list(store.folder.tmp.iterdir()) == []
    again = retrieved(means, server.peer, wanted)
    assert (again.expected, again.received, again.already_here, again.bytes) == (30, 0, 30, 0)
    assert again.complete
    with store.reading() as connection:
        (listed,) = studies.page(connection, StudyFilter(), Order(), 0, 5)
    assert (listed.instances, listed.expected_instances) == (30, 30)
    assert listed.source == f"PACS {server.peer.name}"


def test_a_study_that_was_deleted_is_shown_again(
    orthanc: pacs.Orthanc, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    datasets = ct_study(2)
    orthanc.store(pacs.written(datasets, tmp_path / "files"))
    means, wanted = Means(store, pool, Services()), Wanted(datasets[0].StudyInstanceUID)
    retrieved(means, orthanc.peer, wanted)
    trash.delete(store, [key for key, _ in holdings.keys(store, wanted.study_instance_uid)])
    assert retrieved(means, orthanc.peer, wanted).already_here == 2
    assert [deleted for _, deleted in holdings.keys(store, wanted.study_instance_uid)] == [False]


class Interrupted:
    """A retrieve that is cut off once, at a given byte, and asked for again until it is complete."""

    def __init__(self, store: Store, pool: DecoderPool, peer: Peer, datasets: Sequence[Dataset]) -> None:
        self._store, self._pool, self._peer, self._datasets = store, pool, peer, datasets
        self.counts: Counter[str] = Counter()

    def run(self, method: Method, cut_after: int) -> dict[str, bytes]:
        """Return the data sets that are in the cache at its end."""
        target = urlsplit(self._peer.web).port or 0 if method is Method.WEB else self._peer.port
        taken: list[str] = []
        with cutting(target) as wire:
            way = replace(self._peer, port=wire.port, web="", timeout=5.0)
            if method is Method.WEB:
                way = replace(self._peer, web=f"http://127.0.0.1:{wire.port}/dicom-web", ae_title="", host="")
            means = Means(self._store, self._pool, Services())
            wire.cut_after(cut_after)
            while not self._attempt(means, way, method, taken):
                wire.cut_after(None)
                assert self.counts["attempts"] < 4 * CUTS
            self.counts["cuts"] += wire.cuts
            self.counts["kept twice"] += len(taken) - len(set(taken))
            assert set(taken) == uids(self._datasets)
            assert list(self._store.folder.tmp.iterdir()) == []
            return data_sets(self._store, self._datasets)

    def _attempt(self, means: Means, peer: Peer, method: Method, taken: list[str]) -> bool:
        self.counts["attempts"] += 1

        def arrived(records: Sequence[InstanceRecord]) -> None:
            taken.extend(record.sop_instance_uid for record in records)

        try:
            wanted = Wanted(self._datasets[0].StudyInstanceUID)
            report = retrieved(means, peer, wanted, Choice(method, ()), arrived=arrived)
        except NetworkError:  # it was cut while it was asked what there is
            return False
        self.counts["fetched"] += report.received
        self.counts["bytes"] += report.bytes
        assert report.received + report.already_here + len(report.failed) == SLICES
        return report.complete


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_a_wire_that_is_cut_again_and_again_costs_only_what_was_in_flight(
    servers: dict[str, pacs.Orthanc | pacs.DcmtkServer],
    name: str,
    method: Method,
    store: Store,
    pool: DecoderPool,
    tmp_path: Path,
) -> None:
    server, datasets = servers[name], ct_study(SLICES)
    paths = pacs.written(datasets, tmp_path / "files")
    server.store(paths)
    sent = {str(dcmread(path).SOPInstanceUID): data_set(path) for path in paths}
    size = sum(path.stat().st_size for path in paths)
    chance = random.Random(f"{name} {method}")  # noqa: S311  not for secrets
    counts: Counter[str] = Counter()
    for _ in range(CUTS):
        trial = Interrupted(store, pool, server.peer, datasets)
        assert trial.run(method, chance.randrange(1, size)) == sent
        counts += trial.counts
        trash.delete(store, [key for key, _ in holdings.keys(store, datasets[0].StudyInstanceUID)])
        assert trash.empty(store).studies == 1
    print(f"\n{name} {method.value}: {CUTS} retrieves of {SLICES} objects: {dict(counts)}")  # noqa: T201  the proof
    assert counts["cuts"] >= CUTS * 3 // 4
    assert counts["kept twice"] == 0
    assert counts["fetched"] == CUTS * SLICES


def test_a_connection_that_breaks_is_made_again_by_itself(
    orthanc: pacs.Orthanc, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    datasets = ct_study(SLICES)
    paths = pacs.written(datasets, tmp_path / "files")
    orthanc.store(paths)
    with cutting(orthanc.peer.port) as wire:
        wire.cut_after(sum(path.stat().st_size for path in paths) // 2)
        seen: list[int] = []

        def progress(done: int, _total: int | None, _bytes: int) -> None:
            seen.append(done)

        def mend() -> None:
            until = time.monotonic() + 60
            while not wire.cuts and time.monotonic() < until:
                time.sleep(0.01)
            wire.cut_after(None)

        peer = replace(orthanc.peer, port=wire.port, web="")
        threading.Thread(target=mend).start()  # before it is asked again, and never before it is cut
        report = retrieved(
            Means(store, pool, Services()),
            peer,
            Wanted(datasets[0].StudyInstanceUID),
            Choice(pauses=(0.5, 0.5)),
            progress=progress,
        )
    assert wire.cuts == 1
    assert report.complete
    assert seen == sorted(seen)  # progress never goes back


# ----------------------------------------------------------------------------------------------- our own end
class FullDisk(Disk):
    """A disk that has no room after so many files."""

    def __init__(self, files: int) -> None:
        self.left = files

    def rename(self, source: Path, target: Path) -> None:
        if self.left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.left -= 1
        super().rename(source, target)


@pytest.mark.parametrize("method", [Method.WEB, Method.GET])
def test_a_disk_that_is_full_is_said_and_the_rest_comes_later(
    orthanc: pacs.Orthanc, pool: DecoderPool, tmp_path: Path, method: Method
) -> None:
    datasets = ct_study(SLICES)
    orthanc.store(pacs.written(datasets, tmp_path / "files"))
    disk = FullDisk(30)
    wanted = Wanted(datasets[0].StudyInstanceUID)
    with Store(tmp_path / "cache", disk=disk) as store:
        means = Means(store, pool, Services())
        with pytest.raises(HereError, match=r"The disk of the study cache .* is full; free some space"):
            retrieved(means, orthanc.peer, wanted, Choice(method, ()))
        assert list(store.folder.tmp.iterdir()) == []
        here = whole(store, datasets)
        assert len(here) < SLICES
        disk.left = -1
        report = retrieved(means, orthanc.peer, wanted, Choice(method, ()))
        assert report.complete
        assert report.already_here == len(here)


def test_a_floor_of_free_space_is_kept(
    orthanc: pacs.Orthanc, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    datasets = ct_study(3)
    orthanc.store(pacs.written(datasets, tmp_path / "files"))
    means = Means(store, pool, Services(), floor_bytes=1 << 60)
    with pytest.raises(HereError, match="is left on the disk"):
        retrieved(means, orthanc.peer, Wanted(datasets[0].StudyInstanceUID))
    assert whole(store, datasets) == set()
    assert list(store.folder.tmp.iterdir()) == []


def test_what_is_cancelled_stops_at_once_and_keeps_what_came(
    orthanc: pacs.Orthanc, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    datasets = ct_study(SLICES)
    orthanc.store(pacs.written(datasets, tmp_path / "files"))
    one, enough = threading.Event(), threading.Event()

    def progress(done: int, _total: int | None, _size: int) -> None:
        if done > 1 and one.wait(20):  # the first is safe; the others are on their way
            enough.set()

    means, wanted = Means(store, pool, Services()), Wanted(datasets[0].StudyInstanceUID)
    with pytest.raises(StoppedError):
        retrieved(
            means,
            orthanc.peer,
            wanted,
            Choice(Method.GET),
            progress=progress,
            arrived=lambda _: one.set(),
            cancelled=enough.is_set,
        )
    assert whole(store, datasets)
    assert list(store.folder.tmp.iterdir()) == []
    assert retrieved(means, orthanc.peer, wanted).complete


def test_an_object_that_is_another_than_announced_is_not_kept(
    store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    (dataset, other) = ct_study(2)
    files = pacs.written([dataset, other], tmp_path / "files")
    kept: list[Kept] = []
    entrance = Entrance(
        store, pool, Source("PACS", origin=False), study_instance_uid=dataset.StudyInstanceUID
    )
    with Receiving(entrance, kept.extend) as receiving:
        for place, (path, uid) in enumerate(zip(files, [dataset.SOPInstanceUID, "1.2.3"], strict=True)):
            there = store.folder.tmp / f"{place}.dcm"
            there.write_bytes(path.read_bytes())
            receiving.put(Received(str(there), dataset.SOPClassUID, uid, "", there.stat().st_size))
        receiving.settle()
    assert sorted((each.safe, each.hostile) for each in kept) == [(False, True), (True, False)]
    assert list(store.folder.tmp.iterdir()) == []


def test_a_study_that_grows_while_it_is_fetched_is_followed_to_its_end(
    store: Store, pool: DecoderPool, orthanc: pacs.Orthanc, tmp_path: Path
) -> None:
    datasets = ct_study(6)
    paths = [tmp_path / f"{number}.dcm" for number in range(6)]
    for dataset, path in zip(datasets, paths, strict=True):
        dataset.save_as(path, enforce_file_format=True)
    orthanc.store(paths[:3])
    late = paths[3:]

    def arrived(_: Sequence[InstanceRecord]) -> None:
        orthanc.store(late)
        late.clear()

    report = retrieved(
        Means(store, pool, Services()),
        orthanc.peer,
        Wanted(str(datasets[0].StudyInstanceUID)),
        Choice(Method.GET, pauses=(), stale=0.0),
        arrived=arrived,
    )
    assert (report.expected, report.received, report.complete) == (6, 6, True)
    assert "grew" in " ".join(report.notes)
    assert whole(store, datasets) == uids(datasets)
