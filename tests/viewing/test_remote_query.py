"""What a reader types becomes keys that a peer compares."""

import pytest

from viewer.cache.presence import NOT_HERE
from viewer.cache.study_list import Order, SortBy, StudyFilter, StudyKey
from viewer.dicom.records import PatientRecord, StudyRecord
from viewer.network.match import Match
from viewer.viewing.remote_query import queries
from viewer.viewing.remote_studies import Found, merged, of_match


def keys(text):
    return [
        (q.patient_name, q.patient_id, q.accession_number, q.study_instance_uid)
        for q in queries(StudyFilter(text=text))
    ]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", [("", "", "", "")]),
        ("doe", [("doe", "", "", "")]),
        ("jane doe", [("jane*doe", "", "", ""), ("doe*jane", "", "", "")]),
        ("van den berg", [("van*den*berg", "", "", "")]),
        ("Doe, Jane", [("Doe, Jane", "", "", "")]),
        ("山田", [("山田", "", "", "")]),
        ("12345", [("", "12345", "", ""), ("", "", "12345", "")]),
        ("doe AB-12", [("doe", "AB-12", "", ""), ("doe", "", "AB-12", "")]),
        ("P1 A2", [("", "P1", "A2", "")]),
        ("1.2.840.113619.2.1", [("", "", "", "1.2.840.113619.2.1")]),
    ],
)
def test_free_text_is_a_name_an_id_or_a_number(text, asked):
    assert keys(text) == asked


def test_a_description_is_looked_for_anywhere_and_with_the_stars_of_the_reader():
    assert queries(StudyFilter(study_description="thorax"))[0].study_description == "*thorax*"
    assert queries(StudyFilter(study_description="CT*"))[0].study_description == "CT*"


def row(place, uid="1.2.3", patient=None, instances=None, date="20260101"):
    who = patient or PatientRecord("Doe^Jane", "P1", "", "19700101")
    return of_match(Match(StudyRecord(uid, who, date), instances=instances), place, NOT_HERE)


def add(found, study):
    same = found.same(study)
    if same is None:
        found.insert(found.place(study), study)
    else:
        found.put(same, merged(found.study(same), study))


def test_one_study_on_two_peers_is_one_row_with_the_fullest_first():
    found = Found(Order())
    add(found, row("A", instances=10))
    add(found, row("B", patient=PatientRecord("DOE^JANE", "P1 "), instances=12))
    assert found.total == 1
    study = found.study(0)
    assert study.source == "A, B"
    assert [one.name for one in study.peers] == ["B", "A"]
    assert study.told == 12


@pytest.mark.parametrize(
    "other",
    [
        PatientRecord("Doe^Jane", "P2", "", "19700101"),
        PatientRecord("Roe^Jane", "P1", "", "19700101"),
        PatientRecord("Doe^Jane", "P1", "", "19710101"),
    ],
)
def test_two_patients_under_one_uid_stay_two_rows(other):
    found = Found(Order())
    add(found, row("A"))
    add(found, row("B", patient=other))
    assert found.total == 2


def test_rows_come_to_their_places_and_can_be_sorted_again():
    found = Found(Order(SortBy.STUDY_DATE, descending=True))
    for number in (3, 1, 2):
        add(found, row("A", uid=f"1.2.{number}", date=f"2026010{number}", instances=10 - number))
    assert [study.record.study_date[-1] for study in found.rows] == ["3", "2", "1"]
    found.sort(Order(SortBy.INSTANCES, descending=True))
    assert [study.instances for study in found.rows] == [9, 8, 7]
    first = found.study(0)
    assert found.rows_of([StudyKey(first.key.study_instance_uid, first.key.patient)]) == [0]
