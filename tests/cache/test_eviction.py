import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from made_store import (
    CD,
    PACS,
    arrived,
    file,
    key_of,
    listed,
    objects,
    study_files,
    take,
    temporary_store,
    whole,
)

from viewer.cache import facts, trash
from viewer.cache.arrivals import Keep
from viewer.cache.eviction import GIB, Limits, Space, Trimmed, choose, in_words, space, trim
from viewer.cache.protection import Candidate, Reason
from viewer.cache.store import Store
from viewer.cache.study_list import StudyKey

NOW = 1_000_000.0
OLD = NOW - 3600
ALL = Limits(max_bytes=0, floor_free_bytes=0)  # remove whatever may go


def candidate(uid: str, size: int, last_used: float, *reasons: Reason) -> Candidate:
    return Candidate(StudyKey(uid, ()), size, last_used, reasons=frozenset(reasons))


def chosen(found: list[Candidate], needed: int) -> list[str]:
    return [one.key.study_instance_uid for one in choose(found, needed)]


def test_the_least_recently_used_go_first_and_no_more_than_needed():
    found = [candidate("new", 10, 30), candidate("old", 10, 10), candidate("middle", 10, 20)]
    assert chosen(found, 0) == []
    assert chosen(found, 1) == ["old"]
    assert chosen(found, 10) == ["old"]
    assert chosen(found, 11) == ["old", "middle"]
    assert chosen(found, 1000) == ["old", "middle", "new"]


@pytest.mark.parametrize("reason", Reason)
def test_no_reason_to_stay_is_overlooked(reason):
    assert chosen([candidate("stays", 10, 10, reason), candidate("goes", 10, 20)], 20) == ["goes"]


def test_what_frees_nothing_is_not_removed():
    assert chosen([candidate("in place", 0, 10)], 20) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 9), st.frozensets(st.sampled_from(Reason), max_size=2)),
        max_size=20,
    ),
    st.integers(0, 500),
)
def test_what_is_chosen_is_enough_or_all_there_is_and_without_the_last_it_is_not(studies, needed):
    found = [candidate(str(n), size, used, *why) for n, (size, used, why) in enumerate(studies)]
    took = choose(found, needed)
    able = [one for one in found if one.bytes and not one.reasons]
    freed = sum(one.bytes for one in took)
    assert set(took) <= set(able)
    assert freed >= needed or len(took) == len(able)
    assert not took or freed - took[-1].bytes < needed
    left = [one.last_used for one in able if one not in took]
    assert not took or not left or max(one.last_used for one in took) <= min(left)


def test_the_limits_where_nobody_set_any_leave_half_of_the_disk_to_others():
    limits = Limits.of(Space(used=10 * GIB, free=90 * GIB, total=200 * GIB))
    assert (limits.max_bytes, limits.floor_free_bytes) == (50 * GIB, 10 * GIB)
    assert Limits.of(Space(0, GIB, 8 * GIB)).floor_free_bytes == 2 * GIB
    assert Limits(100, 50).needed(Space(used=120, free=1000, total=2000)) == 20
    assert Limits(100, 50).needed(Space(used=90, free=20, total=2000)) == 30
    assert Limits(100, 50).needed(Space(used=90, free=60, total=2000)) == 0


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as store:
        yield store


def keys(*numbers: int) -> list[StudyKey]:
    return [key_of(study_files(number)[0]) for number in numbers]


def size_of(store: Store) -> int:
    with store.reading() as connection:
        return space(connection, store.folder).used


def test_trimming_removes_what_was_not_opened_for_longest(store):
    take(store, [record for number in (1, 2, 3) for record in study_files(number)])
    arrived(store, OLD)
    facts.opened(store, keys(1)[0], NOW - 100)
    one = size_of(store) // 3
    trimmed = trim(store, Limits(2 * one, 0), now=NOW)
    assert (trimmed.needed, trimmed.freed, trimmed.studies, trimmed.short) == (one, one, 1, 0)
    assert listed(store) == {"1.2.1", "1.2.3"}
    assert len(objects(store)) == 4
    assert trim(store, Limits(2 * one, 0), now=NOW) == Trimmed()


def test_the_trash_goes_first_then_thumbnails_then_studies(store):
    take(store, [record for number in (1, 2, 3) for record in study_files(number)], CD)
    take(store, study_files(4))
    arrived(store, OLD)
    trash.delete(store, keys(3), NOW)
    thumbs = [store.folder.thumbs / str(number) for number in range(3)]
    for thumb in thumbs:
        thumb.write_bytes(bytes(1000))
    used = size_of(store)
    one = (used - 3000) // 4
    assert trim(store, Limits(used - one, 0), now=NOW).from_trash == 1
    assert all(thumb.exists() for thumb in thumbs)
    trimmed = trim(store, Limits(size_of(store) - 1500, 0), now=NOW)
    assert (trimmed.thumbs, trimmed.studies) == (2, 0)
    trimmed = trim(store, ALL, now=NOW)
    assert (trimmed.thumbs, trimmed.studies) == (1, 1)
    assert listed(store) == {"1.2.1", "1.2.2"}  # from a CD
    assert trimmed.short == 2 * one


def test_the_report_says_what_stays_and_why_without_naming_anybody(store):
    for number in (1, 2, 3, 4, 5, 6):
        take(store, study_files(number), CD if number == 5 else PACS)
    arrived(store, OLD)
    one, two, three, four, _, six = keys(1, 2, 3, 4, 5, 6)
    store.lease([one.study_instance_uid])
    facts.pin(store, two)
    with store.writing() as connection:
        connection.execute(
            "INSERT INTO work.journal (study_instance_uid, edit, made_at) VALUES (?, '{}', 1)",
            (three.study_instance_uid,),
        )
        connection.execute(
            "INSERT INTO work.outbox VALUES (1, 'A', ?, 'failed', '', 1)",
            (study_files(4)[0].sop_instance_uid,),
        )
        connection.execute(
            "UPDATE work.arrival SET arrived_at = ? WHERE object IN (SELECT object FROM main.instance "
            "WHERE sop_instance_uid LIKE '1.2.6.%')",
            (NOW - 599,),
        )
    trimmed = trim(store, ALL, now=NOW)
    assert (trimmed.studies, trimmed.freed) == (0, 0)
    assert trimmed.protected == tuple((reason, 1) for reason in Reason)
    sentences = trimmed.sentences()
    assert sentences[0].startswith("0 bytes of ")
    assert "1 study stays because it is annotated." in sentences
    assert trim(store, ALL, now=NOW + 2).studies == 1  # the youngest one is ten minutes old now
    assert six.study_instance_uid not in listed(store)
    assert four.study_instance_uid in listed(store)


def test_what_exists_nowhere_else_may_go_once_an_archive_has_it(store):
    take(store, study_files(1), CD)
    arrived(store, OLD)
    for number, record in enumerate(study_files(1)):
        assert trim(store, ALL, now=NOW).studies == 0
        with store.writing() as connection:
            connection.execute(
                "INSERT INTO work.outbox VALUES (?, 'A', ?, 'committed', '', 1)",
                (number, record.sop_instance_uid),
            )
    assert trim(store, ALL, now=NOW).studies == 1


def test_a_study_whose_files_stay_in_place_frees_nothing_and_stays(store, tmp_path):
    take(store, [file(tmp_path / "disk", 7)], PACS, Keep.LINK)
    assert trim(store, Limits(0, 1 << 60), now=NOW).studies == 0
    assert listed(store) == {"1.2.7"}


def test_trimming_can_be_stopped(store):
    take(store, study_files(1))
    arrived(store, OLD)
    trimmed = trim(store, ALL, now=NOW, cancelled=lambda: True)
    assert (trimmed.studies, trimmed.cancelled) == (0, True)
    assert "It was stopped before the end." in trimmed.sentences()


def test_room_enough_is_said():
    assert Trimmed().sentences() == ("There is room enough; nothing was removed.",)


def test_bytes_are_said_in_words():
    said = [in_words(size) for size in (0, 999, 1000, 1_250_000, 3 * 10**9, 5 * 10**15)]
    assert said == ["0 bytes", "999 bytes", "1.0 KB", "1.2 MB", "3.0 GB", "5000.0 TB"]


NUMBERS = st.integers(1, 4)


class Reader(RuleBasedStateMachine):
    """A person who imports, opens, pins, annotates, deletes; and a disk that is always too full."""

    @initialize()
    def begin(self):
        self.context = temporary_store()
        self.store = self.context.__enter__()
        self.now = NOW
        self.here: dict[int, float] = {}  # studies in the cache and when they came
        self.origin: set[int] = set()
        self.opened: set[int] = set()
        self.pinned: set[int] = set()
        self.annotated: set[int] = set()
        self.unsent: set[int] = set()
        self.deleted: set[int] = set()

    def teardown(self):
        if hasattr(self, "context"):
            self.context.__exit__(None, None, None)

    @rule(number=NUMBERS, cd=st.booleans())
    def import_study(self, number, cd):
        new = number not in self.here
        take(self.store, study_files(number), CD if cd else PACS)
        if new:
            self.here[number] = self.now
            with self.store.writing() as connection:
                connection.execute(
                    "UPDATE work.arrival SET arrived_at = ? WHERE object IN (SELECT object "
                    "FROM main.instance WHERE sop_instance_uid LIKE ?)",
                    (self.now, f"1.2.{number}.%"),
                )
            if cd:
                self.origin.add(number)

    @rule(number=NUMBERS)
    def open_study(self, number):
        if number in self.here and number not in self.opened:
            self.store.lease([f"1.2.{number}"])
            facts.opened(self.store, *keys(number), self.now)
            self.opened.add(number)

    @rule(number=NUMBERS)
    def close_study(self, number):
        if number in self.opened:
            self.store.release([f"1.2.{number}"])
            self.opened.remove(number)

    @rule(number=NUMBERS, pinned=st.booleans())
    def pin(self, number, pinned):
        if number in self.here:
            facts.pin(self.store, *keys(number), pinned=pinned)
            (self.pinned.add if pinned else self.pinned.discard)(number)

    @rule(number=NUMBERS)
    def annotate(self, number):
        if number in self.here:
            self.annotated.add(number)
            with self.store.writing() as connection:
                connection.execute(
                    "INSERT INTO work.journal (study_instance_uid, edit, made_at) VALUES (?, '{}', 1)",
                    (f"1.2.{number}",),
                )

    @rule(number=NUMBERS, state=st.sampled_from(["queued", "sent", "committed"]))
    def send(self, number, state):
        if number not in self.here:
            return
        with self.store.writing() as connection:
            for record in study_files(number):
                connection.execute(
                    "INSERT OR REPLACE INTO work.outbox (peer, sop_instance_uid, state, changed_at) "
                    "VALUES ('A', ?, ?, 1)",
                    (record.sop_instance_uid, state),
                )
        (self.unsent.add if state == "queued" else self.unsent.discard)(number)
        if state == "committed":
            self.origin.discard(number)
        elif number in self.here and self.came_from_cd(number):
            self.origin.add(number)

    def came_from_cd(self, number: int) -> bool:
        with self.store.reading() as connection:
            return bool(
                connection.execute(
                    "SELECT max(arrival.origin) FROM work.arrival JOIN main.instance USING (object) "
                    "WHERE sop_instance_uid LIKE ?",
                    (f"1.2.{number}.%",),
                ).fetchone()[0]
            )

    @rule(number=NUMBERS)
    def delete(self, number):
        if number in self.here:
            trash.delete(self.store, keys(number), self.now)
            self.deleted.add(number)

    @rule(number=NUMBERS)
    def restore(self, number):
        if number in self.here:
            trash.restore(self.store, keys(number))
            self.deleted.discard(number)

    @rule()
    def empty(self):
        trash.empty(self.store, now=self.now)
        self.gone(self.deleted - self.opened - self.unsent)

    @rule(minutes=st.integers(1, 15))
    def wait(self, minutes):
        self.now += 60 * minutes

    @rule()
    def trim(self):
        trim(self.store, ALL, now=self.now)
        young = {number for number, came in self.here.items() if came > self.now - 600}
        busy = self.opened | self.pinned | self.annotated | self.unsent
        listed_ones = set(self.here) - self.deleted - busy - self.origin - young
        self.gone(listed_ones | (self.deleted - busy))

    def gone(self, numbers: set[int]) -> None:
        for number in numbers:
            del self.here[number]
            for several in (self.origin, self.pinned, self.unsent, self.deleted):
                several.discard(number)

    @invariant()
    def everything_that_should_be_here_is_here_and_nothing_else(self):
        if not hasattr(self, "store"):
            return
        assert listed(self.store) == {f"1.2.{number}" for number in set(self.here) - self.deleted}
        assert listed(self.store, deleted=True) == {f"1.2.{number}" for number in self.deleted}
        assert len(objects(self.store)) == 2 * len(self.here)
        for number in self.here:
            assert len(whole(self.store, *keys(number))) == 2


TestReader = Reader.TestCase
TestReader.settings = settings(
    max_examples=int(os.environ.get("EVICTION_EXAMPLES", "8")), stateful_step_count=25, deadline=None
)


def test_what_nobody_knows_the_way_of_is_not_evicted(store):
    """With work.db lost, a study of a CD is not known to be anywhere else, as little as it was before."""
    take(store, study_files(1), CD)
    take(store, study_files(2))
    arrived(store, OLD)
    with store.writing() as connection:
        connection.execute("DELETE FROM work.arrival")
    assert trim(store, ALL, now=NOW).studies == 0
    assert listed(store) == {"1.2.1", "1.2.2"}
    assert len(objects(store)) == 4
