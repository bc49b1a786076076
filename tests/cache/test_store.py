"""What is taken is kept, once, with the bytes that its record is about."""

import errno
import hashlib
import os
import shutil
import stat
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from faulty_disk import FaultyDisk
from made_store import CD, PACS, file, index, key_of, listed, objects, record_of, study_files, take, whole

from viewer.cache import ledger, studies
from viewer.cache.arrivals import Arrival, Became, Keep
from viewer.cache.disk import Disk
from viewer.cache.ownership import OwnedError
from viewer.cache.rows import SELECT_INSTANCES, instance_of
from viewer.cache.states import State
from viewer.cache.store import BATCH_FILES, Store
from viewer.cache.study_list import Order, StudyFilter
from viewer.dicom.records import InstanceRecord
from viewer.errors import ViewerError

ADDED, HERE, CONFLICT, FAILED = Became.ADDED, Became.ALREADY_HERE, Became.CONFLICT, Became.FAILED


def store_in(folder: Path, disk: Disk | None = None) -> Store:
    return Store(folder / "cache", disk=disk)


def records_of(store: Store) -> dict[str, InstanceRecord]:
    with store.reading() as connection:
        found = [instance_of(row, store.folder) for row in connection.execute(SELECT_INSTANCES)]
    return {record.sop_instance_uid: record for record in found}


def agree(store: Store) -> None:
    """Check that the index and the files say the same, byte by byte."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT object, bytes, state FROM instance WHERE object IS NOT NULL"
        ).fetchall()
        beside = {sha256 for (sha256,) in connection.execute("SELECT object FROM conflict")}
        for column in ("instances", "frames", "bytes"):
            query = f"SELECT min({column}) > 0 FROM study"  # noqa: S608  names of the test
            assert connection.execute(query).fetchone()[0] != 0
        counted = connection.execute(
            "SELECT study.instances, (SELECT count(*) FROM instance JOIN series"
            " ON series.id = instance.series WHERE series.study = study.id) FROM study"
        ).fetchall()
        known = {sha256 for (sha256,) in connection.execute("SELECT object FROM work.arrival")}
    assert all(one == other for one, other in counted)
    for sha256, size, state in rows:
        assert state == State.WHOLE
        content = store.folder.object_path(sha256).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (sha256, size)
    for sha256 in beside:
        assert hashlib.sha256(store.folder.object_path(sha256).read_bytes()).hexdigest() == sha256
    assert {sha256 for sha256, _, _ in rows} | beside <= known
    assert list(store.folder.tmp.iterdir()) == []


def test_an_instance_that_was_taken_is_found_again_after_the_next_start(tmp_path: Path) -> None:
    records = study_files(1, 3)
    with store_in(tmp_path) as store:
        assert take(store, records) == [ADDED] * 3
    with store_in(tmp_path) as store:
        found = whole(store, key_of(records[0]))
        assert [replace(record, path="") for record in found] == [replace(one, path="") for one in records]
        for one, other in zip(found, records, strict=True):
            assert Path(one.path).read_bytes() == Path(other.path).read_bytes()
        agree(store)


def test_an_object_is_named_by_its_sha_256_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    (record,) = study_files(1, 1)
    with store_in(tmp_path) as store:
        taken = store.take([Arrival(record, CD)])[0]
        sha256 = hashlib.sha256(Path(record.path).read_bytes()).hexdigest()
        assert Path(taken.record.path) == tmp_path / "cache" / "obj" / sha256[:2] / sha256
        assert stat.S_IMODE(Path(taken.record.path).stat().st_mode) == 0o600
        assert stat.S_IMODE(store.folder.root.stat().st_mode) == 0o700


def test_the_order_is_data_names_and_only_then_rows(tmp_path: Path) -> None:
    disk = FaultyDisk()
    with store_in(tmp_path, disk) as store:
        disk.calls.clear()
        take(store, study_files(1, 3))
        kinds = list(dict.fromkeys(disk.calls))
        assert kinds[:6] == ["create", "write", "begin_sync", "sync", "rename", "sync_folder"]
        last_sync = max(
            n for n, name in enumerate(disk.calls) if name == "sync" and "rename" not in disk.calls[:n]
        )
        assert last_sync < disk.calls.index("rename") < disk.calls.index("sync_folder")


def test_more_than_one_batch_keeps_the_order_of_its_answers(tmp_path: Path) -> None:
    records = [file(tmp_path / "files", 5, number) for number in range(1, BATCH_FILES + 10)]
    with store_in(tmp_path) as store:
        answers = store.take([Arrival(record, PACS) for record in records])
        assert [answer.record.sop_instance_uid for answer in answers] == [
            one.sop_instance_uid for one in records
        ]
        agree(store)


def test_counts_that_grow_equal_counts_that_are_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    first, more = [file(folder, 1, 1)], [file(folder, 1, number) for number in (2, 3)]
    other = [file(folder, 1, 4), file(folder, 1, 5, Modality="MR"), file(folder, 2, 6)]
    columns = "series, modalities, instances, frames, bytes, missing, source"
    with store_in(tmp_path) as store:
        for records, source in ((first, PACS), (more, PACS), (other[:1], CD), (other, PACS), (other, CD)):
            take(store, records, source)
            with store.writing() as connection:
                for table in (f"SELECT {columns} FROM study", "SELECT instances FROM series"):  # noqa: S608
                    grown = connection.execute(table).fetchall()
                    ledger.recount(connection, [1, 2])
                    assert connection.execute(table).fetchall() == grown
        agree(store)


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    records = study_files(1, 2)
    with store_in(tmp_path) as store:
        assert take(store, records) == [ADDED, ADDED]
        assert take(store, records) == [HERE, HERE]
        assert take(store, [records[0], records[0]]) == [HERE, HERE]
        assert len(objects(store)) == 2
        agree(store)


def test_the_same_bytes_twice_in_one_batch_are_kept_once(tmp_path: Path) -> None:
    (record,) = study_files(1, 1)
    with store_in(tmp_path) as store:
        assert take(store, [record, record]) == [ADDED, HERE]
        assert take(store, [record, record], keep=Keep.LINK) == [HERE, HERE]
        agree(store)


def test_other_content_under_the_same_uid_is_kept_beside_and_said(tmp_path: Path) -> None:
    first = file(tmp_path / "a", 1)
    other = file(tmp_path / "b", 1, SeriesDescription="77")
    with store_in(tmp_path) as store:
        assert take(store, [first]) == [ADDED]
        answer = store.take([Arrival(other, CD)])[0]
        assert answer.became is CONFLICT
        assert "the same SOP Instance UID" in answer.reason
        assert other.path in answer.reason
        assert Path(answer.record.path).read_bytes() == Path(other.path).read_bytes()
        assert records_of(store)[first.sop_instance_uid].series.series_description != "77"
        with store.reading() as connection:
            (listed_study,) = studies.page(connection, StudyFilter(), Order(), 0, 9)
            assert listed_study.conflicts == 1
        agree(store)


def test_a_whole_file_takes_the_place_of_a_damaged_one_and_both_are_kept(tmp_path: Path) -> None:
    record = file(tmp_path / "a", 1)
    cut = tmp_path / "cut"
    cut.write_bytes(Path(record.path).read_bytes()[:-20])
    damaged = record_of(cut)
    assert damaged.note
    with store_in(tmp_path) as store:
        assert take(store, [damaged]) == [ADDED]
        answer = store.take([Arrival(record, CD)])[0]
        assert answer.became is ADDED
        assert "damaged" in answer.reason
        assert records_of(store)[record.sop_instance_uid].note == ""
        assert len(objects(store)) == 2
        assert take(store, [damaged]) == [CONFLICT]
        agree(store)


def test_two_patients_under_one_study_uid_stay_apart(tmp_path: Path) -> None:
    one = file(tmp_path / "a", 1, 1)
    other = file(tmp_path / "a", 1, 2, PatientName="Other^Person")
    with store_in(tmp_path) as store:
        assert take(store, [one, other]) == [ADDED, ADDED]
        with store.reading() as connection:
            assert studies.count(connection, StudyFilter()) == 2
        assert records_of(store)[other.sop_instance_uid].series.study.patient.patient_name == "Other^Person"


def test_a_record_comes_back_as_it_was_where_its_file_differs_from_the_first_of_the_study(
    tmp_path: Path,
) -> None:
    one = file(tmp_path / "a", 1, 1)
    other = file(
        tmp_path / "a",
        1,
        2,
        StudyDescription="Another",
        SeriesDescription="x",
        PatientBirthDate="19991231",
    )
    odd = replace(other.series, series_number=10**30, series_description="x\ud800")
    huge = replace(
        one,
        sop_instance_uid="1.2.9",
        instance_number=10**30,
        series=replace(odd, series_instance_uid="1.2.9.1"),
    )
    with store_in(tmp_path) as store:
        assert take(store, [one, other, huge]) == [ADDED] * 3
        for wanted in (one, other, huge):
            found = records_of(store)[wanted.sop_instance_uid]
            assert replace(found, path=wanted.path) == wanted


def test_a_file_that_stays_in_place_is_not_copied(tmp_path: Path) -> None:
    (record,) = [file(tmp_path / "a", 1)]
    with store_in(tmp_path) as store:
        assert take(store, [record], keep=Keep.LINK) == [ADDED]
        assert records_of(store)[record.sop_instance_uid].path == record.path
        assert objects(store) == set()
        assert take(store, [record], keep=Keep.LINK) == [HERE]


def test_a_name_that_is_not_text_is_kept(tmp_path: Path) -> None:
    record = file(tmp_path / "a", 1)
    named = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n.dcm")
    shutil.copy(record.path, named)
    with store_in(tmp_path) as store:
        assert take(store, [record_of(Path(named))], keep=Keep.LINK) == [ADDED]
        assert records_of(store)[record.sop_instance_uid].path == named


def test_a_copy_takes_the_place_of_a_link_whether_its_file_is_gone_or_not(tmp_path: Path) -> None:
    record, copy = file(tmp_path / "a", 1), tmp_path / "copy"
    shutil.copy(record.path, copy)
    other = file(tmp_path / "b", 2)
    with store_in(tmp_path) as store:
        assert take(store, [record, other], keep=Keep.LINK) == [ADDED, ADDED]
        assert take(store, [record_of(copy)]) == [HERE]
        moved = tmp_path / "moved"
        Path(other.path).rename(moved)
        assert take(store, [record_of(moved)]) == [ADDED]
        assert len(objects(store)) == 2
        with store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM work.link").fetchone() == (0,)
        agree(store)


def test_a_link_that_moved_is_followed_and_one_with_other_content_is_a_conflict(tmp_path: Path) -> None:
    record = file(tmp_path / "a", 1)
    moved = tmp_path / "moved"
    with store_in(tmp_path) as store:
        take(store, [record], keep=Keep.LINK)
        Path(record.path).rename(moved)
        assert take(store, [record_of(moved)], keep=Keep.LINK) == [ADDED]
        assert records_of(store)[record.sop_instance_uid].path == str(moved)
        other = file(tmp_path / "b", 1, SeriesDescription="9")
        assert take(store, [other], keep=Keep.LINK) == [CONFLICT]
        agree(store)


def test_a_file_in_place_that_holds_another_instance_now_leaves_the_first_missing(tmp_path: Path) -> None:
    record = file(tmp_path / "a", 1)
    with store_in(tmp_path) as store:
        take(store, [record], keep=Keep.LINK)
        other = file(tmp_path / "b", 2)
        Path(other.path).replace(record.path)
        assert take(store, [record_of(Path(record.path))], keep=Keep.LINK) == [ADDED]
        with store.reading() as connection:
            states = dict(connection.execute("SELECT sop_instance_uid, state FROM instance").fetchall())
        assert states == {record.sop_instance_uid: State.MISSING, other.sop_instance_uid: State.WHOLE}


def test_a_file_that_was_received_is_moved(tmp_path: Path) -> None:
    record = file(tmp_path / "a", 1)
    with store_in(tmp_path) as store:
        for expected in (ADDED, HERE):
            received = store.folder.tmp / "received"
            shutil.copy(record.path, received)
            assert take(store, [replace(record, path=str(received))], keep=Keep.TAKE) == [expected]
            assert not received.exists()
        assert take(store, [record], keep=Keep.TAKE) == [FAILED], "it is not one of our own files"
        assert Path(record.path).exists()
        agree(store)


@pytest.mark.parametrize("keep", [Keep.COPY, Keep.LINK])
def test_a_file_that_changed_since_its_header_was_read_is_not_taken(tmp_path: Path, keep: Keep) -> None:
    record = file(tmp_path / "a", 1)
    status = Path(record.path).stat()
    identity = (status.st_size, status.st_mtime_ns)
    os.utime(record.path, ns=(1, 1))
    with store_in(tmp_path) as store:
        answer = store.take([Arrival(record, CD, keep, identity)])[0]
        assert answer.became is FAILED
        assert answer.reason == f"{record.path}: it was changed while it was being read; import it again"
        assert take(store, [record]) == [ADDED]


def test_a_file_that_is_gone_fails_alone(tmp_path: Path) -> None:
    one, other = file(tmp_path / "a", 1), file(tmp_path / "a", 2)
    Path(one.path).unlink()
    with store_in(tmp_path) as store:
        answers = store.take([Arrival(one, CD), Arrival(other, CD)])
        assert [answer.became for answer in answers] == [FAILED, ADDED]
        assert "No such file" in answers[0].reason
        agree(store)


def test_what_was_not_begun_when_it_is_cancelled_is_not_kept(tmp_path: Path) -> None:
    asked = iter([False, True, True])
    with store_in(tmp_path) as store:
        answers = store.take([Arrival(one, CD) for one in study_files(1, 3)], lambda: next(asked))
        assert [answer.became for answer in answers] == [ADDED, FAILED, FAILED]
        agree(store)


def test_threads_may_take_at_once(tmp_path: Path) -> None:
    records = [file(tmp_path / "a", study, number) for study in (1, 2) for number in range(1, 9)]
    with store_in(tmp_path) as store:
        answers: list[Became] = []
        threads = [threading.Thread(target=lambda: answers.extend(take(store, records))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(one.value for one in answers) == ["added"] * 16 + ["already here"] * 48
        agree(store)


# -------------------------------------------------------------------------------------------------- faults
@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "is full; free"), (errno.EIO, "cannot be used")])
def test_whichever_call_fails_nothing_that_was_promised_is_lost(
    tmp_path: Path, code: int, words: str
) -> None:
    disk = FaultyDisk(code=code)
    promised: set[str] = set()
    failures = 0
    with store_in(tmp_path, disk) as store:
        for number in range(1, 100):
            records = study_files(number, 2)
            disk.begin_to_fail(number)
            answers, said = taken_or_said(store, records)
            calls = disk.end()
            failures += bool(said)
            assert not said or (words in said and str(store.folder.root) in said)
            assert set(answers) <= {ADDED}
            agree(store)
            assert set(take(store, records)) <= {ADDED, HERE}, "it works again"
            promised |= {record.sop_instance_uid for record in records}
            if calls < number:
                break
    assert failures > 8
    with store_in(tmp_path) as store:
        assert set(records_of(store)) == promised
        assert store.orphans == ()
        agree(store)


def taken_or_said(store: Store, records: Sequence[InstanceRecord]) -> tuple[list[Became], str]:
    try:
        return take(store, records), ""
    except ViewerError as error:
        return [], str(error)


def test_a_disk_that_stays_full_leaves_what_is_there_readable(tmp_path: Path) -> None:
    disk = FaultyDisk(code=errno.ENOSPC, also=True)
    with store_in(tmp_path, disk) as store:
        take(store, study_files(1, 2))
        disk.begin_to_fail(2)
        with pytest.raises(ViewerError, match="is full; free some space"):
            take(store, study_files(2, 2))
        assert listed(store) == {"1.2.1"}
        disk.end()
        assert take(store, study_files(2, 2)) == [ADDED, ADDED]
        agree(store)


def test_a_folder_that_vanishes_is_a_sentence(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    take(store, study_files(1, 1))
    shutil.rmtree(store.folder.root)
    with pytest.raises(ViewerError, match="is gone"):
        take(store, study_files(2, 1))
    with pytest.raises(ViewerError, match="is gone"), store.reading():
        pass
    store.close()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.close()
    store.close()
    with pytest.raises(ViewerError, match="closed"):
        take(store, study_files(1, 1))


def test_the_folders_of_a_new_cache_are_made_durable(tmp_path: Path) -> None:
    disk = FaultyDisk()
    with Store(tmp_path / "a" / "b" / "cache", disk=disk):
        assert disk.calls.count("sync_folder") == 5  # obj, cache, b, a, and where a is
    again = FaultyDisk()
    with Store(tmp_path / "a" / "b" / "cache", disk=again):
        assert again.calls[:2] == ["unlink", "sync_folder"], "only the mark of good order goes"
        assert again.calls.count("sync_folder") == 1


# ----------------------------------------------------------------------------------- owners, readers, leases
def test_a_second_owner_is_refused_and_a_reader_is_not(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        take(store, study_files(1, 2))
        with pytest.raises(OwnedError, match="in use by another"):
            store_in(tmp_path)
        with Store(store.folder.root, read_only=True) as reader:
            assert len(records_of(reader)) == 2
            with pytest.raises(ViewerError, match="reading only"):
                take(reader, study_files(2, 1))
            take(store, study_files(2, 1))
            assert len(records_of(reader)) == 3
    with store_in(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_can_be_read(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        take(store, study_files(1, 2))
    root = tmp_path / "cache"
    assert not (root / "index.db-wal").exists()
    before = {path: path.read_bytes() for path in root.iterdir() if path.is_file()}
    root.chmod(0o500)
    try:
        with Store(root, read_only=True) as reader:
            assert len(records_of(reader)) == 2
        assert {
            path: path.read_bytes() for path in root.iterdir() if path.is_file()
        } == before or os.getuid() == 0
    finally:
        root.chmod(0o700)


def test_a_reader_of_a_cache_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ViewerError, match="is gone"):
        Store(tmp_path / "cache", read_only=True)
    assert not (tmp_path / "cache").exists()


def test_a_study_is_leased_until_the_last_window_gives_it_back(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        store.lease(["1", "2"])
        store.lease(["1"])
        store.release(["1", "2"])
        assert store.leased() == {"1"}
        store.release(["1"])
        assert store.leased() == frozenset()


def test_objects_without_a_row_are_adopted_and_rotten_ones_quarantined(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        take(store, study_files(1, 3))
        with store.writing() as connection:
            connection.execute("DELETE FROM instance")
            ledger.recount(connection, [1])
        rotten = store.folder.object_path(min(objects(store)))
        rotten.write_bytes(b"rotten")
        store.reconcile()
        assert len(store.orphans) == 3
        answers = store.adopt(index)
        assert [answer.became for answer in answers] == [ADDED, ADDED]
        assert store.orphans == ()
        assert [path.name for path in store.folder.quarantine.iterdir()] == [rotten.name]
        agree(store)
