import hashlib
import os
from pathlib import Path

import pytest
from made_store import PACS, file, key_of, listed, objects, study_files, take, whole

from viewer.cache import studies
from viewer.cache.arrivals import Became, Keep
from viewer.cache.store import Store
from viewer.cache.verify import look_at_links, verify


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as store:
        yield store


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    path.chmod(0o600)
    path.write_bytes(data)


def object_files(store: Store) -> list[Path]:
    return sorted(path for path in store.folder.objects.rglob("*") if path.is_file())


def test_what_is_whole_is_found_whole(store):
    take(store, study_files(1))
    seen = []
    found = verify(store, report=lambda done, of: seen.append((done, of)))
    assert (found.checked, found.of, found.problems, found.sound) == (2, 2, (), True)
    assert found.bytes == sum(path.stat().st_size for path in object_files(store))
    assert seen == [(1, 2), (2, 2)]
    assert found.sentences() == ("2 files were checked; 2 are whole.",)


@pytest.mark.parametrize("bit", [0, 7, 1025, 4000, 9000])
def test_one_flipped_bit_is_found_and_the_file_set_aside(store, bit):
    take(store, study_files(1))
    bad = object_files(store)[0]
    flip(bad, bit)
    found = verify(store)
    assert (found.damaged, found.missing, found.sound) == (1, 0, False)
    assert [problem.path for problem in found.problems] == [str(bad)]
    assert not bad.exists()
    assert (store.folder.quarantine / bad.name).exists()
    key = key_of(study_files(1)[0])
    assert len(whole(store, key)) == 1  # it is not shown
    with store.reading() as connection:
        one = studies.study(connection, key)
        (problem,) = studies.problems(connection, store.folder, key)
    assert one is not None
    assert (one.instances, one.missing) == (2, 1)
    assert "bytes have changed" in problem.reason
    assert verify(store).damaged == 1  # it stays said


def test_what_comes_again_is_whole_again(store):
    take(store, study_files(1))
    for path in object_files(store):
        flip(path, 5000)
    assert verify(store).damaged == 2
    assert take(store, study_files(1)) == [Became.ALREADY_HERE] * 2
    assert verify(store).sound
    assert len(whole(store, key_of(study_files(1)[0]))) == 2


def test_a_file_that_is_gone_is_missing_and_whole_when_it_is_back(store):
    take(store, study_files(1))
    gone = object_files(store)[0]
    gone.rename(store.folder.root / "elsewhere")
    found = verify(store)
    assert (found.missing, found.damaged, found.problems[0].reason) == (1, 0, "it is gone")
    (store.folder.root / "elsewhere").rename(gone)
    found = verify(store)
    assert (found.missing, found.healed) == (0, 1)
    assert len(whole(store, key_of(study_files(1)[0]))) == 2


def test_a_file_in_place_is_checked_by_its_size_and_time(store, tmp_path):
    linked = [file(tmp_path / "disk", 1, number) for number in (1, 2, 3)]
    take(store, linked, PACS, Keep.LINK)
    Path(linked[0].path).unlink()
    os.utime(linked[1].path, (1, 1))
    found = verify(store)
    assert (found.checked, found.missing) == (3, 2)
    assert [problem.reason for problem in found.problems] == [
        "it cannot be found or read: No such file or directory",
        "it has changed since it was read",
    ]


def test_a_sample_is_a_part(store):
    for number in (1, 2, 3):
        take(store, study_files(number))
    found = verify(store, part=0.5)
    assert (found.checked, found.of) == (3, 6)
    assert found.sentences()[0] == "3 of 6 files were checked; 3 are whole."


def test_one_that_only_reads_says_and_marks_nothing(store):
    take(store, study_files(1))
    bad = object_files(store)[0]
    flip(bad, 5000)
    with Store(store.folder.root, read_only=True) as reader:
        assert verify(reader).damaged == 1
    assert bad.exists()
    assert len(objects(store)) == 2


def test_checking_can_be_stopped(store):
    take(store, study_files(1))
    found = verify(store, cancelled=lambda: True)
    assert (found.checked, found.cancelled) == (0, True)


def test_what_the_index_does_not_know_is_counted(store):
    take(store, study_files(1))
    name = "ab" * 32
    (store.folder.objects / "ab" / name).write_bytes(b"orphan")
    assert verify(store).unreferenced == 1
    assert listed(store) == {"1.2.1"}


def test_an_object_in_conflict_is_checked_too(store, tmp_path):
    take(store, [file(tmp_path, 1), file(tmp_path, 1, PatientComments="other")])
    with store.reading() as connection:
        (problem,) = studies.problems(connection, store.folder)
    flip(Path(problem.path), 5000)
    found = verify(store)
    assert (found.checked, found.damaged) == (2, 1)
    assert [one.path for one in found.problems] == [problem.path]
    assert not Path(problem.path).exists(), "it is set aside"
    assert (store.folder.quarantine / Path(problem.path).name).exists()
    assert verify(store).damaged == 1, "and stays said"
    assert len(whole(store, key_of(study_files(1)[0]))) == 1, "the first is not touched"


def test_an_object_in_conflict_that_was_set_aside_is_whole_when_it_comes_again(store, tmp_path):
    first, other = file(tmp_path, 1), file(tmp_path, 1, PatientComments="other")
    take(store, [first, other])
    with store.reading() as connection:
        (problem,) = studies.problems(connection, store.folder)
    flip(Path(problem.path), 5000)
    assert verify(store).damaged == 1
    assert take(store, [other]) == [Became.CONFLICT]
    assert verify(store).sound


def test_only_the_files_of_the_chosen_studies_are_read_back(tmp_path):
    with Store(tmp_path / "cache") as store:
        one, two = study_files(1), study_files(2, 3)
        take(store, [*one, *two])
        for record in one:  # damage in the study that is not chosen is not this question's
            sha256 = hashlib.sha256(Path(record.path).read_bytes()).hexdigest()
            store.folder.object_path(sha256).write_bytes(b"damaged")
        found = verify(store, keys=[key_of(two[0])])
        assert (found.checked, found.of, found.sound, found.unreferenced) == (3, 3, True, 0)
        assert verify(store, keys=[key_of(one[0]), key_of(two[0])]).damaged == 2
        assert verify(store, keys=[]).checked == 0


def test_files_in_place_that_vanish_change_or_come_back_are_found_by_a_look(tmp_path):
    with Store(tmp_path / "cache") as store:
        records = [file(tmp_path / "in", 9, number) for number in (1, 2, 3)]
        take(store, records, keep=Keep.LINK)
        key = key_of(records[0])
        assert look_at_links(store, key) is False
        away = Path(records[0].path).rename(tmp_path / "away")
        with Path(records[1].path).open("ab") as stream:
            stream.write(b"more")
        assert look_at_links(store, key) is True
        assert [record.sop_instance_uid for record in whole(store, key)] == [records[2].sop_instance_uid]
        away.rename(records[0].path)
        assert look_at_links(store, key) is True
        assert len(whole(store, key)) == 2
