import os
from pathlib import Path

import pytest
from made_store import CD, PACS, arrived, file, key_of, listed, objects, record_of, study_files, take, whole

from viewer.cache import facts, studies, trash
from viewer.cache.arrivals import Became, Keep
from viewer.cache.disk import Disk
from viewer.cache.eviction import space
from viewer.cache.protection import Reason
from viewer.cache.removal import settle
from viewer.cache.states import State
from viewer.cache.store import Store
from viewer.errors import ViewerError


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as store:
        yield store


def test_facts_of_a_study_are_kept_side_by_side(store):
    records = study_files(1)
    take(store, records)
    key = key_of(records[0])
    facts.opened(store, key, 100.0)
    facts.pin(store, key)
    facts.expect(store, key, 7)
    facts.opened(store, key, 200.0)
    with store.reading() as connection:
        listed = studies.study(connection, key)
    assert listed is not None
    assert (listed.opened_at, listed.pinned, listed.expected_instances) == (200.0, True, 7)
    facts.pin(store, key, pinned=False)
    with store.reading() as connection:
        listed = studies.study(connection, key)
    assert listed is not None
    assert not listed.pinned


def test_a_deleted_study_leaves_the_list_and_can_be_restored(store):
    one, two = study_files(1), study_files(2)
    take(store, [*one, *two])
    before = objects(store)
    trash.delete(store, [key_of(one[0])])
    assert (listed(store), listed(store, deleted=True)) == ({"1.2.2"}, {"1.2.1"})
    assert objects(store) == before
    trash.restore(store, [key_of(one[0])])
    assert (listed(store), listed(store, deleted=True)) == ({"1.2.1", "1.2.2"}, set())
    assert len(whole(store, key_of(one[0]))) == 2


def test_emptying_removes_what_was_deleted_and_nothing_else(store):
    one, two = study_files(1), study_files(2)
    take(store, [*one, *two], CD)
    trash.delete(store, [key_of(one[0])])
    emptied = trash.empty(store)
    assert (emptied.studies, emptied.kept) == (1, ())
    assert emptied.bytes == sum(Path(record.path).stat().st_size for record in one)
    assert len(objects(store)) == 2
    assert not list(store.folder.trash.iterdir())
    assert (listed(store), listed(store, deleted=True)) == ({"1.2.2"}, set())
    assert len(whole(store, key_of(two[0]))) == 2
    with store.reading() as connection:
        for table in ("arrival", "link", "study_fact"):
            rows = connection.execute(f"SELECT count(*) FROM work.{table}").fetchone()[0]  # noqa: S608
            assert rows == (2 if table == "arrival" else 0)


def test_what_was_removed_can_be_imported_again_and_is_in_the_list(store):
    one = study_files(1)
    take(store, one)
    trash.delete(store, [key_of(one[0])])
    trash.empty(store)
    assert take(store, one) == [Became.ADDED, Became.ADDED]
    assert listed(store) == {"1.2.1"}


def test_files_that_stay_in_place_are_only_forgotten(store, tmp_path):
    linked = [file(tmp_path / "disk", 1, number) for number in (1, 2)]
    take(store, linked, PACS, Keep.LINK)
    trash.delete(store, [key_of(linked[0])])
    assert trash.empty(store).studies == 1
    assert listed(store) == set()
    for record in linked:
        assert record_of(Path(record.path)) == record


def test_an_object_that_is_in_conflict_stays(store, tmp_path):
    first, other = file(tmp_path, 1), file(tmp_path, 1, PatientComments="other")
    assert take(store, [first, other]) == [Became.ADDED, Became.CONFLICT]
    trash.delete(store, [key_of(first)])
    trash.empty(store)
    assert len(objects(store)) == 1
    with store.reading() as connection:
        (problem,) = studies.problems(connection, store.folder)
    assert record_of(Path(problem.path)).sop_instance_uid == first.sop_instance_uid
    with store.reading() as connection:
        used = space(connection, store.folder).used
    assert used == Path(problem.path).stat().st_size, "and what it takes is counted"


def test_what_is_open_or_waiting_to_be_sent_is_not_removed(store):
    one, two = study_files(1), study_files(2)
    take(store, [*one, *two])
    trash.delete(store, [key_of(one[0]), key_of(two[0])])
    store.lease(["1.2.1"])
    with store.writing() as connection:
        connection.execute(
            "INSERT INTO work.outbox (peer, sop_instance_uid, state, changed_at)"
            " VALUES ('A', ?, 'queued', 1)",
            (two[0].sop_instance_uid,),
        )
    emptied = trash.empty(store)
    assert emptied.studies == 0
    assert {reason for _, reasons in emptied.kept for reason in reasons} == {Reason.OPEN, Reason.UNSENT}
    assert len(objects(store)) == 4
    store.release(["1.2.1"])
    assert trash.empty(store).studies == 1


class Broken(Disk):
    """A disk on which the nth rename fails, or the process ends there."""

    def __init__(self, nth: int, error: BaseException) -> None:
        self.left, self.error = nth, error

    def rename(self, source: Path, target: Path) -> None:
        self.left -= 1
        if self.left <= 0:
            raise self.error
        super().rename(source, target)


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("error", [OSError(5, os.strerror(5)), KeyboardInterrupt()])
def test_a_removal_that_is_interrupted_is_undone_as_a_whole(store, nth, error):
    one = study_files(1)
    take(store, one)
    trash.delete(store, [key_of(one[0])])
    with pytest.raises((ViewerError, KeyboardInterrupt)):
        trash.empty(store, disk=Broken(nth, error))
    assert whole(store, key_of(one[0])) == []  # on its way out: not shown
    assert settle(store) == 2
    assert len(whole(store, key_of(one[0]))) == 2
    trash.restore(store, [key_of(one[0])])
    assert listed(store) == {"1.2.1"}


def test_what_comes_again_while_it_goes_stays(store):
    one = study_files(1)
    take(store, one)
    with store.writing() as connection:
        connection.execute("UPDATE main.instance SET state = ?", (State.EVICTING,))
    take(store, one[:1])
    assert len(whole(store, key_of(one[0]))) == 1
    assert settle(store) == 1
    assert len(whole(store, key_of(one[0]))) == 2


def test_files_left_over_of_a_removal_are_unlinked(store):
    left = store.folder.trash / ("a" * 64)
    left.write_bytes(b"rest")
    settle(store)
    assert not left.exists()
    arrived(store, 0)
