"""The list of transfers: two at a time, paused, resumed, retried, and gone on with after a restart."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import make
import pacs
import pytest
from pydicom.uid import generate_uid

from viewer.cache import holdings, outbox
from viewer.cache.outbox import Posted
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.means import Means
from viewer.jobs.sending import promised, promised_by
from viewer.jobs.transfer import Ended, Job, Kind, Missing, Standing, State, TransferRow, job_of, standing_of
from viewer.jobs.transferring import Hearing
from viewer.jobs.transfers import Transfers
from viewer.network.dimse.commitment import Promise
from viewer.network.peer import Peer
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.network.services import Services

Work = Callable[[Means, Job, Hearing], Ended]


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


@pytest.fixture
def means(store: Store, pool: DecoderPool) -> Means:
    return Means(store, pool, Services())


def at_once(call: Callable[[], None]) -> None:
    call()


def listed(means: Means, work: Work) -> Transfers:
    return Transfers(means, at_once, lambda: None, work=work)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)


def row(transfers: Transfers, number: int) -> TransferRow:
    return next(each for each in transfers.rows() if each.id == number)


def waits_for(gate: threading.Event) -> Work:
    """Return work that goes on until a gate opens, or it is cancelled."""

    def work(_means: Means, _job: Job, hearing: Hearing) -> Ended:
        hearing.progress(Standing(1, 4, 1000))
        while not gate.wait(0.01):
            if hearing.cancelled():
                return Ended(State.PAUSED, Standing(1, 4, 1000))
        return Ended(State.COMPLETE, Standing(4, 4, 4000))

    return work


def test_what_was_asked_for_is_written_down_and_read_again() -> None:
    job = Job(Kind.RETRIEVE, "PACS", "CT of the head", Wanted("1.2", ("1.2.3",), ("1.2.3.4",), "1.2.3"))
    assert job_of(job.document()) == job
    sending = Job(Kind.SEND, "PACS", "two", sop_instance_uids=("1.2.3", "1.2.4"))
    assert job_of(sending.document()) == sending
    standing = Standing(3, None, 99, "Why.", (Missing("1.2", "it is gone"),), 1)
    assert standing_of(standing.document()) == standing
    assert standing_of("no JSON") == Standing()
    with pytest.raises(ValueError, match="transfer"):
        job_of("{}")


def test_two_run_at_once_and_the_rest_wait_in_their_order(means: Means) -> None:
    gate = threading.Event()
    with listed(means, waits_for(gate)) as transfers:
        first, second, third, fourth = (
            transfers.add_retrieve("PACS", Wanted(f"1.{number}"), str(number)) for number in range(4)
        )
        until(lambda: [each.state for each in transfers.rows()].count(State.RUNNING) == 2)
        transfers.move_first(fourth)
        assert [each.id for each in transfers.rows()] == [first, second, fourth, third]
        gate.set()
        until(lambda: all(each.state is State.COMPLETE for each in transfers.rows()))
        transfers.remove(first)
        assert first not in {each.id for each in transfers.rows()}


def test_what_is_asked_for_twice_is_one_transfer(means: Means) -> None:
    gate = threading.Event()
    with listed(means, waits_for(gate)) as transfers:
        once = transfers.add_retrieve("PACS", Wanted("1.2"), "CT")
        assert transfers.add_retrieve("PACS", Wanted("1.2"), "the same") == once
        assert transfers.add_retrieve("Other", Wanted("1.2"), "CT") != once
        gate.set()


def test_a_transfer_is_paused_resumed_and_cancelled(means: Means) -> None:
    gate = threading.Event()
    with listed(means, waits_for(gate)) as transfers:
        number = transfers.add_retrieve("PACS", Wanted("1.2"), "CT")
        until(lambda: row(transfers, number).state is State.RUNNING)
        transfers.pause(number)
        until(lambda: row(transfers, number).state is State.PAUSED)
        assert (row(transfers, number).done, row(transfers, number).total) == (1, 4)
        transfers.resume(number)
        until(lambda: row(transfers, number).state is State.RUNNING)
        transfers.cancel(number)
        until(lambda: row(transfers, number).state is State.CANCELLED)
        transfers.retry(number)
        gate.set()
        until(lambda: row(transfers, number).state is State.COMPLETE)


def test_what_ends_short_can_be_tried_again(means: Means) -> None:
    ends = [
        Ended(State.SHORT, Standing(3, 4, 9, "1 is missing.", (Missing("1.9", "it is gone"),), 1)),
        Ended(State.COMPLETE, Standing(4, 4, 12)),
    ]
    with listed(means, lambda *_: ends.pop(0)) as transfers:
        number = transfers.add_retrieve("PACS", Wanted("1.2"), "CT")
        until(lambda: row(transfers, number).state is State.SHORT)
        assert (row(transfers, number).short, row(transfers, number).sentence) == (1, "1 is missing.")
        transfers.retry(number)
        until(lambda: row(transfers, number).state is State.COMPLETE)
        assert row(transfers, number).short == 0


def test_a_failure_is_a_sentence_and_the_list_goes_on(means: Means) -> None:
    def work(_means: Means, job: Job, _hearing: Hearing) -> Ended:
        if job.title == "fault":
            raise ZeroDivisionError
        raise ViewerError("The PACS is not there.")

    with listed(means, work) as transfers:
        said = transfers.add_retrieve("PACS", Wanted("1.2"), "CT")
        fault = transfers.add_retrieve("PACS", Wanted("1.3"), "fault")
        until(lambda: all(each.state is State.FAILED for each in transfers.rows()))
        assert row(transfers, said).sentence == "The PACS is not there."
        assert row(transfers, fault).sentence == "A fault of the program (ZeroDivisionError)."


def test_what_was_under_way_goes_on_after_a_restart(means: Means) -> None:
    gate = threading.Event()
    transfers = listed(means, waits_for(gate))
    running = transfers.add_retrieve("PACS", Wanted("1.2"), "CT")
    until(lambda: row(transfers, running).done == 1)
    paused = transfers.add_retrieve("PACS", Wanted("1.3"), "MR")
    transfers.pause(paused)
    until(lambda: row(transfers, paused).state is State.PAUSED)
    start = time.monotonic()
    transfers.close()
    assert time.monotonic() - start < 2.5
    gate.set()
    with listed(means, waits_for(gate)) as again:
        until(lambda: row(again, running).state is State.COMPLETE)
        assert row(again, paused).state is State.PAUSED
        assert row(again, running).title == "CT"


def test_a_change_is_told_and_told_not_too_often(means: Means) -> None:
    told: list[float] = []
    gate = threading.Event()

    def work(_means: Means, _job: Job, hearing: Hearing) -> Ended:
        for done in range(300):
            hearing.progress(Standing(done, 300, done * 1000))
            time.sleep(0.001)
        return Ended(State.COMPLETE, Standing(300, 300, 300_000))

    with Transfers(means, at_once, lambda: told.append(time.monotonic()), work=work) as transfers:
        number = transfers.add_retrieve("PACS", Wanted("1.2"), "CT")
        until(lambda: row(transfers, number).state is State.COMPLETE)
        until(lambda: bool(told) and time.monotonic() - told[-1] > 0.15)
        gate.set()
    assert 2 <= len(told) < 12
    assert min(b - a for a, b in pairwise(told)) > 0.08


@pytest.mark.parametrize("door", ["web", "dimse"])
def test_a_study_is_retrieved_and_sent_by_the_list(
    orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer, means: Means, tmp_path: Path, door: str
) -> None:
    datasets = make.ct_series(6, StudyInstanceUID=generate_uid())
    orthanc.store(pacs.written(datasets, tmp_path / "files"))
    source = orthanc.peer if door == "web" else replace(orthanc.peer, web="")
    means = replace(means, peers=lambda: (source, qrscp.peer))
    arrived: list[InstanceRecord] = []
    study = str(datasets[0].StudyInstanceUID)
    with Transfers(means, at_once, lambda: None, arrived.extend) as transfers:
        number = transfers.add_retrieve("Orthanc", Wanted(study), "CT")
        until(lambda: row(transfers, number).state is State.COMPLETE)
        found = row(transfers, number)
        assert (found.done, found.total, found.short, found.study_instance_uid) == (6, 6, 0, study)
        assert {record.series.study.study_instance_uid for record in arrived} == {study}
        uids = holdings.objects_of(means.store, study)
        sent = transfers.add_send("dcmqrscp", uids, "CT")
        until(lambda: row(transfers, sent).state is State.COMPLETE)
        assert row(transfers, sent).done == 6
        assert {state for state, _ in outbox.posted(means.store, "dcmqrscp", uids).values()} == {Posted.SENT}
        again = transfers.add_send("dcmqrscp", uids, "CT, once more")
        until(lambda: row(transfers, again).state is State.COMPLETE)
        assert row(transfers, again).bytes == 0  # what is there is not sent again


def test_a_peer_that_is_no_longer_configured_is_a_failure(means: Means) -> None:
    with Transfers(means, at_once, lambda: None) as transfers:
        number = transfers.add_retrieve("Gone", Wanted("1.2"), "CT")
        until(lambda: row(transfers, number).state is State.FAILED)
        assert "no peer called Gone" in row(transfers, number).sentence


def test_objects_that_are_not_here_are_not_sent(means: Means, qrscp: pacs.DcmtkServer) -> None:
    means = replace(means, peers=lambda: (qrscp.peer,))
    with Transfers(means, at_once, lambda: None) as transfers:
        number = transfers.add_send("dcmqrscp", ["1.2.3.4"], "nothing")
        until(lambda: row(transfers, number).state is State.FAILED)
        assert "not in the cache" in row(transfers, number).sentence


def test_a_promise_that_comes_later_is_noted_of_what_was_sent(store: Store) -> None:
    outbox.queue(store, "PACS", ["1", "2", "3", "4"])
    outbox.mark(store, "PACS", Posted.SENT, dict.fromkeys(["1", "2", "3"], ""))
    promised(store, "PACS", Promise("9", kept=("1", "4", "5"), refused=("2",)))
    found = {uid: state for uid, (state, _) in outbox.posted(store, "PACS", list("12345")).items()}
    assert found == {"1": Posted.COMMITTED, "2": Posted.FAILED, "3": Posted.SENT, "4": Posted.QUEUED}


def test_a_send_that_has_ended_shows_what_is_promised_afterwards(
    means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.jobs.transfers.LOOKING", 0.02)

    def work(means: Means, job: Job, _hearing: Hearing) -> Ended:
        outbox.queue(means.store, job.peer, job.sop_instance_uids)
        outbox.mark(means.store, job.peer, Posted.SENT, dict.fromkeys(job.sop_instance_uids, ""))
        return Ended(State.COMPLETE, Standing(3, 3, 3000, "PACS has not yet promised to keep the objects."))

    with listed(means, work) as transfers:
        number = transfers.add_send("PACS", ["1", "2", "3"], "three")
        until(lambda: row(transfers, number).state is State.COMPLETE)
        promised(means.store, "PACS", Promise("9", kept=("1", "2"), refused=()))
        until(lambda: row(transfers, number).kept == 2)
        assert row(transfers, number).sentence == "PACS promises to keep 2."
        promised(means.store, "PACS", Promise("9", kept=(), refused=("3",)))
        until(lambda: row(transfers, number).state is State.SHORT)
        assert [one.sop_instance_uid for one in row(transfers, number).missing] == ["3"]
        assert row(transfers, number).bytes == 3000
    with listed(means, work) as transfers:  # as the next run of the program finds it
        assert (row(transfers, number).kept, row(transfers, number).short) == (2, 1)


def test_a_promise_is_for_the_peers_that_call_themselves_as_its_sender_does(store: Store) -> None:
    for name in ("PACS", "Other"):
        outbox.queue(store, name, ["1"])
        outbox.mark(store, name, Posted.SENT, {"1": ""})
    peers = (Peer("PACS", "ARCHIVE", "localhost"), Peer("Other", "OTHER", "localhost"))
    promised_by(store, peers, "ARCHIVE", Promise("9", ("1",), ()))
    promised_by(store, peers, "NOBODY", Promise("10", (), ("1",)))
    assert outbox.posted(store, "PACS", ["1"])["1"][0] is Posted.COMMITTED
    assert outbox.posted(store, "Other", ["1"])["1"][0] is Posted.SENT


def test_what_failed_is_queued_again_and_what_was_sent_is_not(store: Store) -> None:
    outbox.queue(store, "PACS", ["1", "2"])
    outbox.mark(store, "PACS", Posted.SENT, {"1": ""})
    outbox.mark(store, "PACS", Posted.FAILED, {"2": "it said no"})
    outbox.queue(store, "PACS", ["1", "2"])
    states = {uid: state for uid, (state, _) in outbox.posted(store, "PACS", ["1", "2"]).items()}
    assert states == {"1": Posted.SENT, "2": Posted.QUEUED}
    outbox.again(store, "PACS", ["1"])
    assert outbox.posted(store, "PACS", ["1"])["1"][0] is Posted.QUEUED


def test_a_transfer_that_is_short_stands_before_all_that_are_complete(means: Means) -> None:
    def work(_means: Means, job: Job, _hearing: Hearing) -> Ended:
        return Ended(State.SHORT if job.title == "short" else State.COMPLETE, Standing(1, 2))

    with listed(means, work) as transfers:
        short = transfers.add_retrieve("PACS", Wanted("1.1"), "short")
        for number in range(3):
            transfers.add_retrieve("PACS", Wanted(f"2.{number}"), "whole")
        until(lambda: all(each.state in {State.SHORT, State.COMPLETE} for each in transfers.rows()))
        assert transfers.rows()[0].id == short
