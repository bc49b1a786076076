import sqlite3
from pathlib import Path

import pytest
from made_store import (
    CD,
    PACS,
    dump,
    file,
    index,
    key_of,
    listed,
    objects,
    study_files,
    take,
    whole,
)

from viewer.cache import facts, trash
from viewer.cache.arrivals import Arrival, Became, Keep, Source
from viewer.cache.ownership import OwnedError
from viewer.cache.rebuild import rebuild
from viewer.cache.store import Store
from viewer.cache.verify import verify
from viewer.dicom.index import index_file
from viewer.dicom.records import InstanceRecord, Refused
from viewer.errors import ViewerError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a cache with all that there can be in one."""
    root = tmp_path / "cache"
    with Store(root) as store:
        take(store, study_files(1))
        take(store, study_files(2), CD)
        take(store, [file(tmp_path / "disk", 3, number) for number in (1, 2)], PACS, Keep.LINK)
        conflicting = [file(tmp_path / "a", 4), file(tmp_path / "b", 4, PatientComments="other")]
        assert take(store, conflicting) == [Became.ADDED, Became.CONFLICT]
        take(store, [file(tmp_path / "c", 5, 1), file(tmp_path / "c", 5, 2, StudyDescription="Otherwise")])
        facts.pin(store, key_of(study_files(1)[0]))
        trash.delete(store, [key_of(study_files(2)[0])], 5.0)
    return root


def dumped(root: Path) -> dict[str, list[tuple[object, ...]]]:
    with Store(root) as store:
        return dump(store)


def test_the_index_is_the_same_as_before(root):
    before = dumped(root)
    done = rebuild(root, index)
    assert (done.instances, done.conflicts, done.problems) == (9, 1, ())
    assert dumped(root) == before
    assert done.backup == root / "index.bak-1.db"
    assert rebuild(root, index).backup == root / "index.bak-2.db"
    assert dumped(root) == before


@pytest.mark.parametrize("content", [None, b"", b"garbage" * 1000])
def test_it_needs_no_index(root, content):
    with Store(root) as store:
        before = dump(store)
        files = objects(store)
    (root / "index.db").unlink()
    for other in ("index.db-wal", "index.db-shm"):
        (root / other).unlink(missing_ok=True)
    if content is not None:
        (root / "index.db").write_bytes(content)
    rebuild(root, index)
    with Store(root) as store:
        assert dump(store) == before
        assert objects(store) == files
        assert listed(store, deleted=True) == {"1.2.2"}
        assert len(whole(store, key_of(study_files(1)[0]))) == 2


def test_the_old_index_can_still_be_read(root):
    done = rebuild(root, index)
    assert done.backup is not None
    connection = sqlite3.connect(done.backup)
    assert connection.execute("SELECT count(*) FROM instance").fetchone()[0] == 9
    connection.close()


def test_what_is_gone_or_damaged_stays_said(root):
    with Store(root) as store:
        first, second = (Path(record.path) for record in whole(store, key_of(study_files(1)[0])))
        first.unlink()
        second.write_bytes(second.read_bytes()[:-2] + b"xx")
        found = verify(store)
        assert (found.missing, found.damaged) == (1, 1)
        before = dump(store)
    rebuild(root, index)
    assert dumped(root) == before


def test_a_file_that_cannot_be_read_stays_and_is_named(root):
    bad = root / "obj" / "ab" / ("ab" * 32)
    bad.write_bytes(b"no DICOM")

    def without_the_bad_one(paths):
        return [
            Refused(path, "it is broken") if Path(path) == bad else outcome
            for path, outcome in zip(paths, index(paths), strict=True)
        ]

    done = rebuild(root, without_the_bad_one)
    assert [(problem.path, problem.reason) for problem in done.problems] == [(str(bad), "it is broken")]
    assert bad.exists()
    assert done.instances == 9


def test_an_object_of_unknown_origin_counts_as_one_that_is_nowhere_else(root):
    with Store(root) as store, store.writing() as connection:
        connection.execute("DELETE FROM work.arrival")
    assert rebuild(root, index).instances == 9
    with Store(root) as store, store.reading() as connection:
        assert connection.execute("SELECT DISTINCT origin FROM work.arrival").fetchall() == [(1,)]


def test_it_can_be_stopped_and_then_nothing_has_changed(root):
    before, files = dumped(root), sorted(root.rglob("*"))
    assert rebuild(root, index, cancelled=lambda: True).cancelled
    assert dumped(root) == before
    assert [path for path in files if not path.exists()] == []
    assert not list(root.glob("index.new*"))


def test_it_says_how_far_it_is(root):
    seen = []
    rebuild(root, index, report=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (10, 10)


def test_a_cache_in_use_is_left_alone(root):
    with Store(root), pytest.raises(OwnedError):
        rebuild(root, index)
    assert not list(root.glob("index.*bak*"))


def test_a_reader_that_fails_leaves_the_old_index(root):
    def failing(_paths):
        raise OSError(28, "No space left on device")

    before = dumped(root)
    with pytest.raises(ViewerError, match=r"cannot be made again: No space left on device\."):
        rebuild(root, failing)
    assert dumped(root) == before


def test_the_index_of_the_whole_corpus_is_the_same_again(corpus, tmp_path):
    found = [index_file(str(path)) for path in sorted(corpus.rglob("*")) if path.is_file()]
    arrivals = [
        Arrival(record, Source("corpus", origin=False))
        for record in found
        if isinstance(record, InstanceRecord)
    ]
    with Store(tmp_path / "cache") as store:
        taken = store.take(arrivals)
        before = dump(store)
    assert len(taken) == len(arrivals) > 900
    done = rebuild(tmp_path / "cache", index)
    assert done.problems == ()
    assert dumped(tmp_path / "cache") == before
    (tmp_path / "cache" / "index.db").unlink()
    rebuild(tmp_path / "cache", index)
    assert dumped(tmp_path / "cache") == before


def test_what_was_beside_another_does_not_take_its_place_when_the_other_was_removed(tmp_path):
    """Nor does the next start show it: only who imports it again wants to see it."""
    first, other = file(tmp_path / "in", 5), file(tmp_path / "in", 5, PatientComments="another")
    with Store(tmp_path / "cache") as store:
        assert take(store, [first]) + take(store, [other]) == [Became.ADDED, Became.CONFLICT]
        trash.delete(store, [key_of(first)])
        assert trash.empty(store).studies == 1
        assert listed(store) == set()
    for _ in range(2):
        done = rebuild(tmp_path / "cache", index)
        assert (done.instances, done.conflicts) == (0, 1)
        with Store(tmp_path / "cache") as store:
            assert listed(store) == set()
            assert len(objects(store)) == 1
    with Store(tmp_path / "cache") as store:
        assert take(store, [other]) == [Became.ADDED]
        assert listed(store) == {"1.2.5"}
        assert len(objects(store)) == 1


def test_an_object_whose_header_could_not_be_read_once_is_in_the_new_index(root):
    before = dumped(root)
    failed = []

    def stumbles(paths):
        if not failed:
            failed.extend(paths)
            return [Refused(path, "it cannot be opened: Too many open files") for path in paths]
        return index(paths)

    assert rebuild(root, stumbles).problems == ()
    assert dumped(root) == before


def test_an_object_that_could_not_be_read_at_all_is_looked_for_by_the_next_start(root):
    with Store(root) as store:
        kept = objects(store)

    def fails(paths):
        return [Refused(path, "it cannot be opened: Input/output error") for path in paths]

    assert rebuild(root, fails).problems
    with Store(root) as store:
        assert set(store.orphans) == kept
        store.adopt(index)
        assert listed(store) >= {"1.2.1"}
