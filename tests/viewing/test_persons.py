"""Who is one patient: by issuer and ID, never by the name alone."""

import pytest

from viewer.dicom.records import PatientRecord, StudyRecord
from viewer.viewing.persons import is_same_person, named, persons, several

TINA = PatientRecord("Doe^Tina", "4711", "HOSP", "19570304", "F")


def study(uid="1.2", name="Doe^Tina", number="4711", issuer="HOSP", born="19570304"):
    return StudyRecord(uid, PatientRecord(name, number, issuer, born))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (study("1.3"), True),
        (study("1.3", name="DOE^TINA"), True),  # case and spaces say nothing (PS3.5 6.2.1)
        (study("1.3", born=""), True),
        (study("1.3", issuer="OTHER"), False),
        (study("1.3", number="4712"), False),
        (study("1.3", name="Roe^Tina"), False),
        (study("1.3", born="19570305"), False),
    ],
)
def test_issuer_id_name_and_birth_date_make_a_patient(other, same):
    assert is_same_person(study(), other) is same
    assert is_same_person(other, study()) is same


def test_without_an_id_a_name_alone_is_nobody():
    nameless = {"number": "", "issuer": ""}
    assert not is_same_person(study("1", born="", **nameless), study("2", born="", **nameless))
    assert is_same_person(study("1", **nameless), study("2", **nameless))  # name and birth date
    assert not is_same_person(study("1", name="", **nameless), study("2", name="", **nameless))
    assert is_same_person(study("1", born="", **nameless), study("1", born="", **nameless))  # one study


def test_studies_are_grouped_by_person_in_their_order():
    studies = [study("1"), study("2", number="9"), study("3"), study("2", number="9")]
    found = persons(studies)
    assert [[each.study_instance_uid for each in person.studies] for person in found] == [["1", "3"], ["2"]]
    assert found[1].patient.patient_id == "9"


def test_a_person_is_named_with_id_and_birth_date():
    assert named(StudyRecord("1", TINA)) == "Doe, Tina  4711 (HOSP)  1957-03-04"
    assert named(StudyRecord("1")) == "Unnamed patient  no ID"
    assert several(2) == "TWO PATIENTS ON THE SCREEN"
    assert several(7) == "7 PATIENTS ON THE SCREEN"
