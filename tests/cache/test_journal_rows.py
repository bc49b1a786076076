"""Rows of the journal and of what was seen: in order, soon, once, and there after a migration and a kill."""

import sqlite3
import threading
import time
from contextlib import closing

import pytest
from made_store import key_of, study_files, take

from viewer.cache import journal, seen
from viewer.cache.databases import WORK_STEPS, steps, upgrade, version
from viewer.cache.journal import Entry
from viewer.cache.protection import Moment
from viewer.cache.removal import remove
from viewer.cache.seen import SeenSeries
from viewer.cache.store import Store
from viewer.cache.study_list import StudyKey
from viewer.cache.writer import Writer

KEY = StudyKey("1.2.3", ("", "P1", "one"))
OTHER = StudyKey("1.2.3", ("", "P2", "two"))  # another patient under one Study Instance UID


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as made:
        yield made


def append(writer, key, *texts):
    writer.write(lambda connection: journal.append(connection, key, [Entry(text, 1.0) for text in texts]))


def texts(store, key=KEY):
    return [entry.text for entry in journal.read(store, key).entries]


def test_rows_are_in_the_order_in_which_they_were_handed_in(store):
    writer = Writer(store)
    for number in range(300):
        append(writer, KEY, f"{number}")
        if number % 37 == 0:
            time.sleep(0.01)
    assert writer.close()
    assert texts(store) == [f"{number}" for number in range(300)]


def test_a_row_is_on_the_disk_within_a_third_of_a_second_without_asking(store):
    writer = Writer(store)
    append(writer, KEY, "a")
    began = time.monotonic()
    while not texts(store):
        assert time.monotonic() < began + 3  # a slow machine; 0.3 s are meant
        time.sleep(0.01)
    assert time.monotonic() < began + 1
    writer.close()


def test_handing_in_does_not_wait_for_the_disk(store):
    writer = Writer(store)
    with store.writing():  # an import is writing
        began = time.perf_counter()
        for number in range(100):
            append(writer, KEY, f"{number}")
        assert time.perf_counter() - began < 0.2
    assert writer.close()
    assert len(texts(store)) == 100


def test_two_patients_under_one_study_uid_are_apart(store):
    writer = Writer(store)
    append(writer, KEY, "mine")
    append(writer, OTHER, "yours")
    writer.close()
    assert (texts(store), texts(store, OTHER)) == (["mine"], ["yours"])


def test_whether_the_study_is_in_the_cache_is_told(store):
    take(store, study_files(1))
    assert journal.read(store, key_of(study_files(1)[0])).in_cache
    assert not journal.read(store, KEY).in_cache


def test_what_cannot_be_written_is_said_once_kept_and_written_later(store):
    said = []
    writer = Writer(store, said.append)
    index = store.folder.index
    index.rename(index.with_suffix(".away"))  # the disk is gone
    append(writer, KEY, "a")
    assert not writer.flush()
    append(writer, KEY, "b")
    assert not writer.flush()
    index.with_suffix(".away").rename(index)
    assert writer.flush()
    assert texts(store) == ["a", "b"]
    assert len(said) == 2
    assert said[0].endswith(".")
    assert said[1] == ""
    writer.close()


def test_a_wrong_deed_does_not_keep_the_others_out(store, caplog):
    writer = Writer(store)
    held = threading.Event()
    writer.write(lambda _: held.wait(5))  # so that the others come in one batch
    append(writer, KEY, "a")
    writer.write(lambda connection: connection.execute("INSERT INTO work.nothing VALUES (1)"))
    writer.write(lambda _: 1 / 0)
    append(writer, KEY, "b")
    held.set()
    assert writer.close()
    assert texts(store) == ["a", "b"]
    assert "could not be made" in caplog.text
    caplog.clear()


def test_after_the_end_nothing_is_taken(store):
    writer = Writer(store)
    assert writer.close()
    append(writer, KEY, "late")
    assert writer.close()
    assert texts(store) == []


def test_what_was_seen_of_a_series_is_replaced_as_a_whole(store):
    with store.writing() as connection:
        seen.put(connection, KEY, SeenSeries("1.5", "[1]", "[]"), 1.0)
        seen.put(connection, KEY, SeenSeries("1.6", "[2]", "[]"), 1.0)
        seen.put(connection, OTHER, SeenSeries("1.5", "[3]", "[]"), 1.0)
        seen.put(connection, KEY, SeenSeries("1.5", "[1,2]", "[4]"), 2.0)
    assert set(seen.read(store, KEY)) == {SeenSeries("1.5", "[1,2]", "[4]"), SeenSeries("1.6", "[2]", "[]")}
    with store.writing() as connection:
        seen.forget(connection, KEY)
    assert seen.read(store, KEY) == ()
    assert len(seen.read(store, OTHER)) == 1


def test_a_work_db_of_version_1_is_brought_up_to_date_with_a_copy_beside_it(tmp_path):
    root = tmp_path / "cache"
    with Store(root):
        pass
    (root / "work.db").unlink()
    upgrade(root / "work.db", steps(WORK_STEPS[:1]))
    with closing(sqlite3.connect(root / "work.db")) as connection, connection:
        connection.execute("INSERT INTO journal VALUES (1, '1.2.3', '{}', 5.0)")
        connection.execute("INSERT INTO study_fact VALUES ('1.2.3', '[]', 1.0, 1, NULL, NULL)")
    with Store(root) as store, store.reading() as connection:
        assert connection.execute("SELECT * FROM work.journal").fetchall() == [(1, "1.2.3", "{}", 5.0, "")]
        assert connection.execute("SELECT count(*) FROM work.study_fact").fetchone() == (1,)
        assert connection.execute("PRAGMA work.user_version").fetchone() == (len(WORK_STEPS),)
        tables = {name for (name,) in connection.execute("SELECT name FROM work.sqlite_schema")}
        assert "seen" in tables
        assert "audit" not in tables  # nobody ever wrote into it
    with closing(sqlite3.connect(root / "work.bak-v1.db")) as connection:
        assert version(connection) == 1
        assert connection.execute("SELECT count(*) FROM journal").fetchone() == (1,)


def test_what_was_seen_of_a_study_goes_with_it_and_the_journal_stays(store):
    take(store, study_files(1))
    key = key_of(study_files(1)[0])
    with store.writing() as connection:
        seen.put(connection, key, SeenSeries("1.5", "[]", "[]"), 1.0)
        journal.append(connection, key, [Entry("a", 1.0)])
    remove(store, key, frozenset(), Moment(2.0))
    assert seen.read(store, key) == ()
    assert texts(store, key) == ["a"]
