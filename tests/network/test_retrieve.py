"""Retrieving from peers that do not do what they should: what is missing is said, and why."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import make
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made at run time
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
)

from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Method, Peer, Received
from viewer.network.retrieving.retrieve import How, RetrieveReport, retrieve
from viewer.network.retrieving.retrieve_methods import Remembered
from viewer.network.retrieving.retrieve_plan import (
    BATCH,
    FIRST_BATCH,
    Item,
    Plan,
    Wanted,
    batches,
    from_the_middle,
    missing,
)
from viewer.network.retrieving.retrieve_round import Hearing
from viewer.network.services import Services

SUCCESS, PENDING, REFUSED, CANNOT = 0x0000, 0xFF00, 0xA700, 0xC001


# --------------------------------------------------------------------------------------------- the plan
def items(count: int, series: str = "1") -> list[Item]:
    return [Item(f"{series}.{number}", series, "", number) for number in range(1, count + 1)]


def test_a_series_is_asked_for_from_its_middle_outward() -> None:
    assert [item.number for item in from_the_middle(items(5))] == [3, 2, 4, 1, 5]
    without = [Item("a", "1"), Item("b", "1"), Item("c", "1")]
    assert [item.sop_instance_uid for item in from_the_middle(without)] == ["b", "a", "c"]


def test_the_series_that_is_waited_for_comes_first_and_begins_with_few() -> None:
    found = batches([*items(500, "1"), *items(30, "2")], ["3"], "2")
    assert [(each.series_instance_uid, len(each.items)) for each in found] == [
        ("2", FIRST_BATCH),
        ("2", 10),
        ("1", BATCH),
        ("1", BATCH),
        ("1", 100),
        ("3", 0),
    ]
    assert batches(items(3), ["9"], "9")[0].series_instance_uid == "9"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), unique=True), st.sampled_from("0123"))
def test_every_object_is_asked_for_once(places: list[tuple[int, int]], first: str) -> None:
    asked_for = [Item(f"{series}.{number}", str(series), "", number) for series, number in places]
    asked = [item for batch in batches(asked_for, [], first) for item in batch.items]
    assert sorted(asked, key=str) == sorted(asked_for, key=str)
    assert all(
        len({item.series_instance_uid for item in batch.items}) == 1 for batch in batches(asked, [], "")
    )
    assert missing(asked_for, {item.sop_instance_uid for item in asked_for}) == ()


def test_how_many_are_expected_is_known_only_of_what_is_listed_or_counted() -> None:
    listed = tuple(items(3))
    assert Plan(listed).expected == 3
    assert Plan(listed, ("9",), 4).expected == 7
    assert Plan(listed, ("9",), None).expected is None


def test_the_fastest_method_that_works_is_remembered() -> None:
    both = Peer("PACS", "PACS", "host", web="https://host/dicom-web")
    remembered = Remembered()
    assert remembered.methods(both, can_move=True) == (Method.WEB, Method.GET, Method.MOVE)
    assert remembered.methods(both, can_move=False) == (Method.WEB, Method.GET)
    remembered.refused(both, Method.WEB, "it is not there")
    assert remembered.methods(both, can_move=True) == (Method.GET, Method.MOVE, Method.WEB)
    remembered.worked(both, Method.WEB)
    assert remembered.methods(both, can_move=False)[0] is Method.WEB
    assert remembered.methods(both, can_move=False, forced=Method.MOVE) == (Method.MOVE,)
    assert remembered.methods(Peer("Web", web="https://host"), can_move=True) == (Method.WEB,)


# ------------------------------------------------------------------------------------- peers that misbehave
@dataclass
class Behaviour:
    """What a peer does."""

    datasets: list[Dataset]
    lists_images: bool = True
    counts: bool = True
    sends: list[Dataset] | None = None  # whatever is asked for
    withholds: frozenset[str] = frozenset()  # SOP Instance UIDs
    get_status: int = SUCCESS
    associations: int = 10  # at once; more are rejected for the moment
    requests: list[list[str]] = field(default_factory=list)

    def find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        asked = event.identifier
        if asked.QueryRetrieveLevel == "IMAGE" and not self.lists_images:
            yield CANNOT, None
            return
        for dataset in self.datasets[: 1 if asked.QueryRetrieveLevel != "IMAGE" else None]:
            found = Dataset()
            found.QueryRetrieveLevel = asked.QueryRetrieveLevel
            found.StudyInstanceUID = dataset.StudyInstanceUID
            if asked.QueryRetrieveLevel != "STUDY":
                found.SeriesInstanceUID, found.Modality = dataset.SeriesInstanceUID, "CT"
            if asked.QueryRetrieveLevel == "SERIES" and self.counts:
                found.NumberOfSeriesRelatedInstances = len(self.datasets)
            if asked.QueryRetrieveLevel == "IMAGE":
                found.SOPInstanceUID, found.SOPClassUID = dataset.SOPInstanceUID, dataset.SOPClassUID
                found.InstanceNumber = dataset.InstanceNumber
            yield PENDING, found

    def get(self, event: Any) -> Iterator[Any]:
        asked = event.identifier.get("SOPInstanceUID") or []
        uids = [asked] if isinstance(asked, str) else list(asked)
        self.requests.append(uids)
        if self.get_status != SUCCESS:
            yield 1
            yield self.get_status, None
            return
        several = self.sends
        if several is None:
            several = [each for each in self.datasets if not uids or each.SOPInstanceUID in uids]
            several = [each for each in several if each.SOPInstanceUID not in self.withholds]
        yield len(several)
        for dataset in several:
            yield PENDING, dataset


@contextmanager
def peer_that(behaviour: Behaviour) -> Iterator[Peer]:
    entity = AE("ODD")
    entity.maximum_associations = behaviour.associations
    for context in (
        StudyRootQueryRetrieveInformationModelFind,
        StudyRootQueryRetrieveInformationModelGet,
    ):
        entity.add_supported_context(context)
    entity.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
    server = entity.start_server(
        ("127.0.0.1", 0),
        block=False,
        evt_handlers=[(evt.EVT_C_FIND, behaviour.find), (evt.EVT_C_GET, behaviour.get)],
    )
    try:
        yield Peer("Odd", "ODD", "127.0.0.1", server.server_address[1], timeout=5.0)
    finally:
        server.shutdown()


class Kept:
    """Takes what comes, in memory."""

    def __init__(self) -> None:
        self.uids: set[str] = set()
        self.progress: list[tuple[int, int | None]] = []
        self._lock = threading.Lock()

    def take(self, received: Received) -> None:
        Path(received.path).unlink()
        with self._lock:
            self.uids.add(received.sop_instance_uid)

    def have(self, uids: Sequence[str]) -> set[str]:
        with self._lock:
            return self.uids & set(uids)

    def told(self, done: int, total: int | None, _size: int) -> None:
        self.progress.append((done, total))

    def hearing(self) -> Hearing:
        return Hearing(self.take, have=self.have, progress=self.told)


def fetched(
    behaviour: Behaviour,
    folder: Path,
    wanted: Wanted | None = None,
    pauses: tuple[float, ...] = (0.01, 0.01),
) -> tuple[RetrieveReport, Kept]:
    kept = Kept()
    with peer_that(behaviour) as peer:
        report = retrieve(
            peer,
            wanted or Wanted(behaviour.datasets[0].StudyInstanceUID),
            Services(),
            kept.hearing(),
            How(folder, pauses=pauses),
        )
    assert list(folder.iterdir()) == []
    return report, kept


def ct_study(count: int) -> list[Dataset]:
    return make.ct_series(count, StudyInstanceUID=generate_uid())


def uids_of(datasets: Sequence[Dataset]) -> frozenset[str]:
    return frozenset(str(each.SOPInstanceUID) for each in datasets)


def test_a_peer_that_sends_fewer_than_it_lists_ends_short_with_what_is_missing(tmp_path: Path) -> None:
    datasets = ct_study(5)
    report, kept = fetched(Behaviour(datasets, withholds=uids_of(datasets[3:])), tmp_path)
    assert (report.expected, report.received, report.already_here) == (5, 3, 0)
    assert not report.complete
    assert {one.sop_instance_uid for one in report.failed} == {each.SOPInstanceUID for each in datasets[3:]}
    assert all("Odd did not send it" in one.reason for one in report.failed)
    assert kept.progress[-1] == (3, 5)


def test_a_peer_that_takes_one_association_at_a_time_gives_everything_over_it(tmp_path: Path) -> None:
    behaviour = Behaviour(ct_study(FIRST_BATCH + 5), associations=1)
    report, kept = fetched(behaviour, tmp_path, pauses=(0.3, 0.6, 1.2))
    assert report.complete
    assert kept.uids == uids_of(behaviour.datasets)


def test_what_was_not_asked_for_is_refused_and_said(tmp_path: Path) -> None:
    datasets, others = ct_study(2), ct_study(3)
    report, kept = fetched(Behaviour(datasets, sends=[*others, *datasets]), tmp_path)
    assert kept.uids == {each.SOPInstanceUID for each in datasets}
    assert report.complete
    assert any(note.startswith("Security: Odd sent 3 objects") for note in report.notes)


def test_a_status_that_says_no_is_the_reason(tmp_path: Path) -> None:
    report, _ = fetched(Behaviour(ct_study(2), get_status=REFUSED), tmp_path)
    assert (report.expected, report.received) == (2, 0)
    assert all("A700" in one.reason for one in report.failed)


def test_only_the_difference_is_asked_for_again(tmp_path: Path) -> None:
    datasets = ct_study(5)
    behaviour = Behaviour(datasets, withholds=uids_of(datasets[3:]))
    fetched(behaviour, tmp_path)
    first, *others = behaviour.requests
    assert len(first) == 5
    assert [set(each) for each in others] == [{each.SOPInstanceUID for each in datasets[3:]}] * len(others)


def test_a_peer_that_lists_no_images_cannot_be_verified_but_by_its_count(tmp_path: Path) -> None:
    report, kept = fetched(Behaviour(ct_study(4), lists_images=False), tmp_path)
    assert (report.expected, report.received, len(kept.uids)) == (4, 4, 4)
    assert len(report.unknown) == 1
    assert report.complete
    datasets = ct_study(4)
    report, _ = fetched(Behaviour(datasets, lists_images=False, sends=datasets[:3]), tmp_path)
    assert (report.expected, report.received, report.complete) == (4, 3, False)


def test_a_peer_that_neither_lists_nor_counts_is_never_complete(tmp_path: Path) -> None:
    report, _ = fetched(Behaviour(ct_study(2), lists_images=False, counts=False), tmp_path)
    assert (report.expected, report.received, report.complete) == (None, 2, False)


def test_an_object_that_is_wanted_by_name_and_not_there_is_missing(tmp_path: Path) -> None:
    datasets = ct_study(2)
    uid = str(datasets[0].SOPInstanceUID)
    wanted = Wanted(datasets[0].StudyInstanceUID, sop_instance_uids=(uid, "1.2.3.4"))
    report, kept = fetched(Behaviour(datasets), tmp_path, wanted)
    assert kept.uids == {uid}
    assert (report.expected, report.received) == (2, 1)
    assert [one.sop_instance_uid for one in report.failed] == ["1.2.3.4"]


def test_a_peer_without_the_service_is_a_sentence_and_not_tried_for_long(tmp_path: Path) -> None:
    datasets = ct_study(1)
    entity = AE("ODD")
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    handlers = [(evt.EVT_C_FIND, Behaviour(datasets).find)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        peer = Peer("Odd", "ODD", "127.0.0.1", server.server_address[1], timeout=5.0)
        wanted = Wanted(datasets[0].StudyInstanceUID)
        kept = Kept()
        report = retrieve(peer, wanted, Services(), kept.hearing(), How(tmp_path))
    finally:
        server.shutdown()
    assert report.seconds < 3
    assert not report.complete
    assert "services that were asked for" in report.failed[0].reason


def test_a_peer_that_is_not_there_is_a_failure_at_once(tmp_path: Path) -> None:
    with peer_that(Behaviour(ct_study(1))) as peer:
        pass
    with pytest.raises(NetworkError) as caught:
        retrieve(peer, Wanted("1.2"), Services(), Kept().hearing(), How(tmp_path))
    assert caught.value.cause in {Cause.REFUSED, Cause.CLOSED}
