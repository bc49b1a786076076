import json
from dataclasses import replace

import pytest
from make import ct, ct_series, sc, write

from viewer.dicom.index import index_file
from viewer.dicom.records import (
    InstanceRecord,
    PatientRecord,
    Refused,
    SeriesRecord,
    Skipped,
    StudyRecord,
)
from viewer.dicom.scan import find_paths
from viewer.dicom.tree import Library, group, patient_key, same_bytes
from viewer.dicom.tree_document import document


def record(uid: str, patient: PatientRecord, study: str = "1.2", series: str = "1.2.3") -> InstanceRecord:
    return InstanceRecord(
        uid, "1.2.840.10008.5.1.4.1.1.2", SeriesRecord(series, StudyRecord(study, patient)), uid
    )


JANE = PatientRecord("Doe^Jane", "7")


def test_two_names_under_one_id_stay_apart():
    patients = group([record("1", JANE), record("2", replace(JANE, patient_name="Roe^Richard"))])
    assert [patient.record.patient_name for patient in patients] == ["Doe^Jane", "Roe^Richard"]


def test_the_same_id_of_another_issuer_is_another_patient():
    other = replace(JANE, issuer_of_patient_id="Elsewhere")
    assert len(group([record("1", JANE), record("2", other)])) == 2


@pytest.mark.parametrize(
    "name", ["DOE^JANE", "Doe^Jane^^", " Doe ^ Jane", "\uff24\uff4f\uff45^Jane", "Doe^Jane=="]
)
def test_ways_of_writing_one_name_are_one_patient(name):
    assert patient_key(replace(JANE, patient_name=name)) == patient_key(JANE)


def test_without_an_id_the_birth_date_counts():
    one, other = (PatientRecord("Doe^Jane", patient_birth_date=date) for date in ("19700101", "19800101"))
    assert len(group([record("1", one), record("2", other)])) == 2


def test_a_study_of_two_patients_is_two_studies():
    patients = group([record("1", JANE), record("2", replace(JANE, patient_id="8"))])
    assert [len(patient.studies) for patient in patients] == [1, 1]


def test_studies_come_by_date_and_series_by_number():
    found = []
    for number, (day, series) in enumerate((("20260102", 10), ("20250102", 2), ("20260102", 9))):
        study = StudyRecord(f"1.{day}", JANE, study_date=day)
        found.append(
            InstanceRecord(str(number), "", SeriesRecord(f"1.{series}", study, series_number=series), "")
        )
    (patient,) = group(found)
    assert [study.record.study_date for study in patient.studies] == ["20250102", "20260102"]
    assert [series.record.series_number for series in patient.studies[1].series] == [9, 10]


def test_instances_without_uids_of_study_and_series_are_not_thrown_together():
    (patient,) = group([record("1", JANE, "", ""), record("2", JANE, "", "")])
    assert [len(study.series) for study in patient.studies] == [1, 1]


# --------------------------------------------------------------------------------- the same instance twice
def added(library: Library, *paths: object) -> list[Refused | Skipped | None]:
    outcomes = []
    for path in paths:
        found = index_file(str(path))
        assert isinstance(found, InstanceRecord)
        outcomes.append(library.add(found))
    return outcomes


def test_the_same_bytes_again_are_skipped(tmp_path):
    dataset = ct()
    one, two = write(dataset, tmp_path / "one"), write(dataset, tmp_path / "two")
    library = Library()
    assert added(library, one, two) == [None, Skipped(str(two), f"the same image as {one}")]
    assert len(library) == 1


def test_other_content_under_the_same_uid_is_a_problem(tmp_path):
    one = write(ct(SOPInstanceUID="1.2.3"), tmp_path / "one")
    two = write(ct(SOPInstanceUID="1.2.3", PatientName="Roe^Richard"), tmp_path / "two")
    outcomes = added(Library(), one, two)
    assert outcomes[1] == Refused(
        str(two), f"the same SOP Instance UID as {one} with other content; that one is shown"
    )


def test_a_whole_file_is_shown_rather_than_a_cut_one(tmp_path):
    whole = write(ct(), tmp_path / "whole")
    cut = tmp_path / "cut"
    cut.write_bytes(whole.read_bytes()[:-20])
    library = Library()
    outcomes = added(library, cut, whole)
    assert isinstance(outcomes[1], Refused)
    assert outcomes[1].path == str(cut)
    (patient,) = library.patients()
    assert [one.path for one in patient.studies[0].series[0].instances] == [str(whole)]


def test_files_are_compared_by_their_bytes(tmp_path):
    for name, content in (
        ("a", b"x" * 3_000_000),
        ("b", b"x" * 3_000_000),
        ("c", b"x" * 2_999_999),
        ("d", b""),
    ):
        (tmp_path / name).write_bytes(content)
    a, b, c, d = (str(tmp_path / name) for name in "abcd")
    assert [same_bytes(a, other) for other in (b, c, d, "gone")] == [True, False, False, False]
    assert not same_bytes(c, a)


# ------------------------------------------------------------------------------------------- the document
def test_the_document_has_the_shape_of_the_command_line(tmp_path):
    library = Library()
    series = ct_series(3)
    added(library, *(write(one, tmp_path / f"IM{n}") for n, one in enumerate(series)))
    added(library, write(sc(), tmp_path / "SC"))
    problem, other = Refused("bad", "why"), Skipped("notes", "text")
    found = json.loads(json.dumps(document(library, [problem], [other])))
    (patient,) = found.pop("patients")
    assert found == {
        "problems": [{"path": "bad", "reason": "why"}],
        "skipped": 1,
        "skipped_files": [{"path": "notes", "reason": "text"}],
    }
    (study,) = patient.pop("studies")
    assert patient == {
        "patient_name": "Testperson^Tina",
        "patient_id": "TEST-1",
        "issuer_of_patient_id": "",
        "patient_birth_date": "19700203",
        "patient_sex": "F",
    }
    assert study["modalities"] == ["CT", "OT"]
    assert study["study_date"] == "20260102"
    volume, _capture = study["series"]
    assert volume["instances"] == volume["frames"] == 3
    assert volume["displayable"] is True
    assert volume["sop_classes"] == ["1.2.840.10008.5.1.4.1.1.2"]
    assert volume["files"] == [str(tmp_path / f"IM{n}") for n in range(3)]
    (stack,) = volume["stacks"]
    assert stack == {
        "images": 3,
        "frames": 3,
        "kind": "volume",
        "rows": 6,
        "columns": 8,
        "spacing": [0.5, 0.25, 2.5],
        "times": 1,
        "warnings": [],
    }


@pytest.mark.corpus
def test_every_file_of_the_corpus_is_in_exactly_one_place(corpus):
    library, refused, skipped = Library(), [], []
    paths = [path for path in find_paths([str(corpus)], cancelled=lambda: False) if isinstance(path, str)]
    for path in paths:
        outcome = index_file(path)
        result = library.add(outcome) if isinstance(outcome, InstanceRecord) else outcome
        if isinstance(result, Refused):
            refused.append(result)
        elif isinstance(result, Skipped):
            skipped.append(result)
    found = document(library, refused, skipped)
    used = [
        path
        for patient in found["patients"]
        for study in patient["studies"]
        for series in study["series"]
        for path in series["files"]
    ]
    problems = [problem["path"] for problem in found["problems"]]
    others = [one["path"] for one in found["skipped_files"]]
    assert sorted(used + problems + others) == sorted(paths)
    assert (len(used), len(problems), len(others)) == (1009, 34, 12)
