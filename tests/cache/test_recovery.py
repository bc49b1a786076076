"""A cache that was not left in good order is brought to agree with itself, and nothing is deleted."""

import sqlite3
import time
from pathlib import Path

import pytest
from made_store import file, index, objects, study_files, take, temporary_store

from viewer.cache.arrivals import Became
from viewer.cache.databases import INDEX_STEPS, NewerVersionError, statements, steps, upgrade, version
from viewer.cache.folder import CacheFolder
from viewer.cache.recovery import reconcile
from viewer.cache.states import State
from viewer.cache.store import Store
from viewer.errors import ViewerError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of a cache with two studies, left in good order."""
    with Store(tmp_path / "cache") as store:
        take(store, [*study_files(1, 2), *study_files(2, 2)])
    return tmp_path / "cache"


def crash(root: Path) -> None:
    """Leave a cache as a process does that was killed."""
    (root / "clean").unlink()


def test_a_cache_that_was_left_in_good_order_says_nothing(root: Path) -> None:
    assert (root / "clean").exists()
    with Store(root) as store:
        assert not (root / "clean").exists(), "until it is closed it is not in good order"
        assert (store.notices, store.orphans, store.needs_rebuild) == ([], (), False)


def test_what_was_being_written_is_removed(root: Path) -> None:
    crash(root)
    (root / "tmp" / "half").write_bytes(b"half a file")
    with Store(root):
        assert list((root / "tmp").iterdir()) == []


def test_an_instance_whose_object_is_gone_is_missing_until_it_comes_back(root: Path) -> None:
    crash(root)
    name = next(path for path in sorted((root / "obj").rglob("*")) if path.is_file())
    content = name.read_bytes()
    name.unlink()
    with Store(root) as store, store.reading() as connection:
        states = [state for (state,) in connection.execute("SELECT state FROM instance ORDER BY state")]
        assert states == [State.WHOLE] * 3 + [State.MISSING]
        assert connection.execute("SELECT sum(missing) FROM study").fetchone() == (1,)
    crash(root)
    name.write_bytes(content)
    with Store(root) as store, store.reading() as connection:
        assert connection.execute("SELECT sum(missing), sum(instances) FROM study").fetchone() == (0, 4)


def test_an_object_that_no_row_tells_of_is_found_again(root: Path) -> None:
    crash(root)
    with sqlite3.connect(root / "index.db") as connection:
        connection.execute("DELETE FROM instance WHERE sop_instance_uid = '1.2.1.1.1'")
    connection.close()
    with Store(root) as store:
        assert len(store.orphans) == 1
    with Store(root) as store:
        assert len(store.orphans) == 1, "nobody adopted it, so it is told of again"
        assert [taken.became for taken in store.adopt(index)] == [Became.ADDED]
        with store.reading() as connection:
            source = connection.execute("SELECT DISTINCT source, origin FROM work.arrival").fetchall()
        assert source == [("PACS Archive", 0)], "where it came from was written down before"
    with Store(root) as store:
        assert store.orphans == ()


@pytest.mark.parametrize("content", [b"this is no database" * 100, b""])
@pytest.mark.parametrize("clean", [True, False])
def test_an_index_that_is_garbage_is_moved_aside_and_made_again(
    root: Path, content: bytes, *, clean: bool
) -> None:
    if not clean:
        crash(root)
    (root / "index.db").write_bytes(content)
    with Store(root) as store:
        assert len(objects(store)) == 4
        assert len(store.orphans) == 4
        if content:
            assert (root / "index.db.bak-1").read_bytes() == content
            assert "index.db.bak-1" in store.notices[0]
            assert store.needs_rebuild
            assert "viewer cache rebuild" in store.notices[1]
        assert len(store.adopt(index)) == 4
        assert not store.needs_rebuild


def test_an_index_that_is_gone_is_made_again(root: Path) -> None:
    (root / "index.db").unlink()
    with Store(root) as store:
        assert store.needs_rebuild
        assert [taken.became for taken in store.adopt(index)] == [Became.ADDED] * 4


def test_of_two_instances_of_one_uid_the_same_is_shown_when_the_index_is_made_again(tmp_path: Path) -> None:
    """Whatever their digests are: the one that came first."""
    pairs = [
        (file(tmp_path / "a", study), file(tmp_path / "b", study, PatientComments="other"))
        for study in range(1, 9)
    ]
    with Store(tmp_path / "cache") as store:
        assert take(store, [first for first, _ in pairs]) == [Became.ADDED] * len(pairs)
        assert take(store, [other for _, other in pairs]) == [Became.CONFLICT] * len(pairs)
        before = shown(store)
    (tmp_path / "cache" / "index.db").unlink()
    with Store(tmp_path / "cache") as store:
        store.adopt(index)
        assert shown(store) == before


def shown(store: Store) -> list[tuple[str, str]]:
    """Return which object is shown of each instance."""
    with store.reading() as connection:
        return connection.execute(
            "SELECT sop_instance_uid, object FROM instance ORDER BY sop_instance_uid"
        ).fetchall()


def test_work_that_is_garbage_is_moved_aside_and_said(root: Path) -> None:
    crash(root)
    (root / "work.db").write_bytes(b"no database at all" * 99)
    for number in (1, 2):
        with Store(root) as store:
            if number == 1:
                assert any("work.db.bak-1" in notice for notice in store.notices)
                assert any("annotations" in notice for notice in store.notices)
        if number == 1:
            crash(root)
            (root / "work.db").write_bytes(b"again")
    assert (root / "work.db.bak-1").read_bytes() == b"no database at all" * 99
    assert (root / "work.db.bak-2").read_bytes() == b"again"


@pytest.mark.parametrize("name", ["index.db", "work.db"])
def test_a_cache_of_a_newer_program_is_only_read(root: Path, name: str) -> None:
    with sqlite3.connect(root / name) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (root / name).read_bytes()
    with Store(root) as store:
        assert store.read_only
        assert "newer Negatoscope" in store.notices[0]
        with store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM instance").fetchone() == (4,)
        with pytest.raises(ViewerError, match="reading only"), store.writing():
            pass
    assert (root / name).read_bytes() == before


# ---------------------------------------------------------------------------------------------- migrations
def test_an_older_database_is_backed_up_and_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    upgrade(path, ["CREATE TABLE a (x);"])
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO a VALUES (1)")
    connection.close()
    upgrade(path, ["CREATE TABLE a (x);", "ALTER TABLE a ADD COLUMN y;\nUPDATE a SET y = x + 1;"])
    connection = sqlite3.connect(path)
    assert (version(connection), connection.execute("SELECT * FROM a").fetchall()) == (2, [(1, 2)])
    connection.close()
    connection = sqlite3.connect(tmp_path / "index.bak-v1.db")
    assert (version(connection), connection.execute("SELECT * FROM a").fetchall()) == (1, [(1,)])
    connection.close()


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    upgrade(path, ["CREATE TABLE a (x);"])
    with pytest.raises(sqlite3.OperationalError):
        upgrade(path, ["", "CREATE TABLE b (x);\nCREATE TABLE a (x);"])
    connection = sqlite3.connect(path)
    assert version(connection) == 1
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("a",)]
    connection.close()


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    upgrade(tmp_path / "a.db", ["CREATE TABLE a (x);", "CREATE TABLE b (x);"])
    with pytest.raises(NewerVersionError):
        upgrade(tmp_path / "a.db", ["CREATE TABLE a (x);"])


def test_a_script_is_cut_into_statements() -> None:
    assert [one.strip() for one in statements("-- a; b\nSELECT 1;\nSELECT ';'\n;\n")] == [
        "-- a; b\nSELECT 1;",
        "SELECT ';'\n;",
    ]
    assert len(statements(steps(INDEX_STEPS)[0])) > 5


def test_a_hundred_thousand_instances_are_reconciled_in_two_seconds() -> None:
    count = 2_000  # of each hundred two
    with temporary_store() as store:
        folder: CacheFolder = store.folder
        names = [f"{number * 2654435761 % 2**32:08x}" * 8 for number in range(count)]
        for name in names:
            folder.object_path(name).touch()
        with store.writing() as connection:
            connection.execute(
                "INSERT INTO study (id, study_instance_uid, patient_key, patient_name, patient_id,"
                " issuer_of_patient_id, patient_birth_date, patient_sex, study_date, study_time,"
                " study_description, accession_number, search, name_order, added_at)"
                " VALUES (1, '1', '[]', '', '', '', '', '', '', '', '', '', '', '', 0)"
            )
            connection.execute("INSERT INTO series VALUES (1, 1, '1', 'CT', 1, '', '', '', 0)")
            connection.executemany(
                "INSERT INTO instance VALUES (?, 1, ?, NULL, 1, 0, 0, '{}')",
                [(f"1.{number}", name) for number, name in enumerate(names[1:])],
            )
        with store.writing() as connection:
            began = time.perf_counter()
            assert reconcile(connection, folder) == (names[0],)
            assert time.perf_counter() - began < 0.2, "five times the goal: the machine may be busy"
