import time
from collections.abc import Iterator

import pytest
from made_index import MadeIndex

from viewer.cache import studies
from viewer.cache.folder import CacheFolder
from viewer.cache.states import State
from viewer.cache.study_list import Order, SortBy, StudyFilter, StudyKey
from viewer.dicom.records import PatientRecord
from viewer.dicom.tree import patient_key


@pytest.fixture
def made() -> Iterator[MadeIndex]:
    index = MadeIndex()
    yield index
    index.connection.close()


def found(made: MadeIndex, **wanted: object) -> set[str]:
    """Return the names of the studies that are wanted; the count must agree."""
    listed = studies.page(made.connection, StudyFilter(**wanted), Order(), 0, 1000)
    assert studies.count(made.connection, StudyFilter(**wanted)) == len(listed)
    return {one.record.patient.patient_name for one in listed}


YAMADA = "Yamada^Tarou=山田^太郎=やまだ^たろう"


@pytest.fixture
def four(made: MadeIndex) -> MadeIndex:
    made.study("Müller^Anna", "A_1", accession="100%", description="CT Thorax", date="20250101")
    made.study("Mueller^Bo", "AX1", accession="1000", description="MR Knie", date="20250601", modalities="MR")
    made.study(YAMADA, "Y-7", description="胸部", date="20251231", modalities="CR\\PR")
    made.study("O'Neil^Ann", "", accession="", description="", date="", modalities="", source="CD")
    return made


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", {"Müller^Anna", "Mueller^Bo", YAMADA, "O'Neil^Ann"}),
        ("muller", {"Müller^Anna"}),
        ("anna MÜLLER", {"Müller^Anna"}),  # words in any order
        ("太郎 yamada", {YAMADA}),
        ("ヤマダ", {YAMADA}),
        ("ﾔﾏﾀﾞ", {YAMADA}),
        ("胸", {YAMADA}),
        ("ann", {"Müller^Anna", "O'Neil^Ann"}),
        ("a_1", {"Müller^Anna"}),
        ("100%", {"Müller^Anna"}),
        ("o'neil", {"O'Neil^Ann"}),
        ("mr knie", {"Mueller^Bo"}),
        ("pr 7", {YAMADA}),
        ("*", set()),  # among many fields there are no wildcards: it is a letter
        ("nobody", set()),
    ],
)
def test_every_word_must_be_somewhere(four, text, names):
    assert found(four, text=text) == names


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"patient_name": "bo mueller"}, {"Mueller^Bo"}),
        ({"patient_name": "M*^A*"}, {"Müller^Anna"}),
        ({"patient_name": "山*"}, {YAMADA}),  # each group of a name is a value
        ({"patient_name": "やまだ*"}, {YAMADA}),
        ({"patient_name": "anna*"}, set()),
        ({"patient_name": "?????? anna"}, {"Müller^Anna"}),
        ({"patient_id": "A_1"}, {"Müller^Anna"}),
        ({"patient_id": "a?1"}, {"Müller^Anna", "Mueller^Bo"}),
        ({"patient_id": "1"}, {"Müller^Anna", "Mueller^Bo"}),
        ({"accession_number": "100*"}, {"Müller^Anna", "Mueller^Bo"}),
        ({"accession_number": "0%"}, {"Müller^Anna"}),
        ({"study_description": "thor"}, {"Müller^Anna"}),
        ({"modalities": ("PR", "MR")}, {"Mueller^Bo", YAMADA}),
        ({"modalities": ("R",)}, set()),
        ({"date_from": "20250601"}, {"Mueller^Bo", YAMADA}),
        ({"date_to": "20250601"}, {"Müller^Anna", "Mueller^Bo"}),  # without a date it is in no range
        ({"date_from": "20250601", "date_to": "20250601"}, {"Mueller^Bo"}),
        ({"text": "ct", "patient_id": "A_1"}, {"Müller^Anna"}),
        ({"text": "mr", "patient_id": "A_1"}, set()),
    ],
)
def test_fields_narrow_the_list(four, wanted, names):
    assert found(four, **wanted) == names


def uids(made: MadeIndex, by: SortBy, *, descending: bool, **part: int) -> list[str]:
    listed = studies.page(
        made.connection, StudyFilter(), Order(by, descending), part.get("offset", 0), part.get("limit", 99)
    )
    return [one.key.study_instance_uid for one in listed]


def test_the_list_is_sorted_by_any_column_and_equal_ones_by_date(made):
    made.study("B", date="20250101", time="10", uid="1", instances=5, modalities="MR")
    made.study("a", date="20250101", time="11", uid="2", instances=5, modalities="CT")
    made.study("C", date="20260101", time="09", uid="3", instances=7, modalities="CT")
    made.fact(StudyKey("1", patient_key(PatientRecord("B", "TEST-1"))), opened_at=5.0)
    assert uids(made, SortBy.STUDY_DATE, descending=True) == ["3", "2", "1"]
    assert uids(made, SortBy.STUDY_DATE, descending=False) == ["1", "2", "3"]
    assert uids(made, SortBy.PATIENT_NAME, descending=False) == ["2", "1", "3"]
    assert uids(made, SortBy.INSTANCES, descending=False) == ["2", "1", "3"]
    assert uids(made, SortBy.MODALITIES, descending=False) == ["3", "2", "1"]
    assert uids(made, SortBy.OPENED, descending=True) == ["1", "3", "2"]
    for by in SortBy:
        assert sorted(uids(made, by, descending=True)) == ["1", "2", "3"]


def test_pages_together_are_the_list(made):
    for number in range(23):
        made.study(date=f"202501{number % 3 + 1:02}")
    whole = uids(made, SortBy.STUDY_DATE, descending=True)
    pages = [uids(made, SortBy.STUDY_DATE, descending=True, offset=at, limit=5) for at in range(0, 25, 5)]
    assert [uid for page in pages for uid in page] == whole
    assert len(set(whole)) == 23


def test_a_row_says_all_that_is_known_of_a_study(made):
    key = made.study(YAMADA, "Y-7", issuer="Hospital", modalities="CR\\PR", instances=3, arrived_at=10.0)
    made.series(1, 2, "CD", 30.0)
    made.series(1, 1, "zip", 20.0)
    made.fact(key, opened_at=50.0, pinned=1, expected_instances=9)
    made.connection.execute("INSERT INTO conflict SELECT 'ff', sop_instance_uid, 1, 1 FROM instance LIMIT 1")
    one = studies.study(made.connection, key)
    assert one is not None
    assert one.record.patient == PatientRecord(YAMADA, "Y-7", "Hospital", "19700203", "F")
    assert (one.record.study_date, one.record.study_time, one.record.accession_number) == (
        "20260102",
        "030405",
        "A1",
    )
    assert one.modalities == ("CR", "PR")
    assert (one.series, one.instances, one.frames, one.bytes, one.missing) == (1, 3, 3, 3000, 0)
    assert one.source == "CD and 2 more"
    assert (one.added_at, one.opened_at, one.pinned, one.deleted_at) == (10.0, 50.0, True, None)
    assert (one.expected_instances, one.conflicts) == (9, 1)
    assert studies.study(made.connection, StudyKey("nothing", key.patient)) is None


def test_what_a_peer_told_counts_also_where_it_spells_the_name_otherwise(made):
    key = made.study("Müller^Anna", uid="1.2")
    made.fact(StudyKey("1.2", patient_key(PatientRecord("Mueller^Anna", "TEST-1"))), expected_instances=4)
    listed = studies.study(made.connection, key)
    assert listed is not None
    assert listed.expected_instances == 4


def test_what_is_in_the_trash_is_in_a_list_of_its_own(made):
    gone, here = made.study("Gone"), made.study("Here")
    made.fact(gone, deleted_at=5.0)
    made.fact(here, opened_at=5.0)
    assert found(made) == {"Here"}
    assert found(made, deleted=True) == {"Gone"}
    listed = studies.study(made.connection, gone)
    assert listed is not None
    assert listed.deleted_at == 5.0


def test_other_studies_of_the_patient_are_those_with_the_same_key(made):
    key = made.study("Doe^Jane", "1", uid="1", date="20250101")
    made.study("DOE^JANE", "1", uid="2", date="20240101")
    made.study("Doe^Jane", "1", uid="3", date="20260101")
    made.study("Roe^Jane", "1", uid="4")  # another name under the same ID: it may be another person
    made.fact(made.study("Doe^Jane", "1", uid="5"), deleted_at=1.0)
    others = studies.same_patient(made.connection, key)
    assert [one.key.study_instance_uid for one in others] == ["3", "2"]


def test_two_patients_under_one_study_uid_stay_apart(made):
    one, other = made.study("Doe^Jane", "1", uid="1.2"), made.study("Roe^Jim", "2", uid="1.2")
    listed = [studies.study(made.connection, key) for key in (one, other)]
    assert [item.record.patient.patient_name for item in listed if item] == ["Doe^Jane", "Roe^Jim"]
    assert [item.patients for item in listed if item] == [2, 2], "and it is seen that there are two"
    alone = studies.study(made.connection, made.study("Doe^Jane", "1", uid="1.3"))
    assert alone is not None
    assert alone.patients == 1


def test_the_modalities_of_all_studies_are_known(four):
    assert studies.modalities(four.connection) == ("CR", "CT", "MR", "PR")


def test_files_that_cannot_be_used_are_named_with_a_reason(made, tmp_path):
    key, other = made.study(instances=3), made.study(instances=1)
    for uid, state in (("1.2.5.1", State.MISSING), ("1.2.5.2", State.DAMAGED), ("1.2.5.4", State.MISSING)):
        made.connection.execute("UPDATE instance SET state = ? WHERE sop_instance_uid = ?", (state, uid))
    made.connection.execute("INSERT INTO conflict VALUES (?, '1.2.5.3', 1, 1)", ("f" * 64,))
    folder = CacheFolder(tmp_path)
    reasons = [problem.reason for problem in studies.problems(made.connection, folder, key)]
    assert [reason.split(";")[0] for reason in reasons] == [
        "it is gone from the cache",
        "its bytes have changed on this disk",
        "the same SOP Instance UID as another file with other content",
    ]
    assert len(studies.problems(made.connection, folder)) == 4
    assert len(studies.problems(made.connection, folder, other)) == 1
    assert studies.problems(made.connection, folder, StudyKey("nothing", ())) == []


def test_a_keystroke_among_5000_studies_takes_no_longer_than_the_eye_waits(made):
    """A loose bound, for a machine that does other things; `python -m benchmarks cache` has the goal."""
    for number in range(5000):
        made.study(f"Müller{number % 97}^Anna", f"ID{number:05}", instances=1)
    made.connection.execute("UPDATE study SET source = 'folder'")  # as the store does with each batch
    fastest = 1.0
    for _ in range(5):
        start = time.perf_counter()
        studies.found(made.connection, StudyFilter(text="muller9 a"), Order(), 0, 200)
        fastest = min(fastest, time.perf_counter() - start)
    assert fastest < 0.1


@pytest.mark.parametrize("few", [0, 3, 1000])
@pytest.mark.parametrize("text", ["", "anna", "nobody", "muller3"])
@pytest.mark.parametrize("order", [Order(), Order(SortBy.PATIENT_NAME), Order(SortBy.OPENED)])
def test_number_and_page_found_at_once_are_those_that_are_asked_for_singly(
    made, monkeypatch, few, text, order
):
    monkeypatch.setattr(studies, "FEW", few)
    for number in range(12):
        key = made.study(f"Müller{number}^{'Anna' if number % 3 else 'Bo'}", date=f"202601{number + 10}")
        if number % 4 == 0:
            made.fact(key, opened_at=float(number))
    wanted = StudyFilter(text=text)
    for offset, limit in ((0, 5), (5, 5), (0, 99), (99, 5)):
        assert studies.found(made.connection, wanted, order, offset, limit) == (
            studies.count(made.connection, wanted),
            studies.page(made.connection, wanted, order, offset, limit),
        )
