"""The whole corpus in a cache: what it says agrees with the manifest of the corpus, and with pydicom."""

import contextlib
import csv
import io
import json
import os
from collections import Counter, defaultdict
from pathlib import Path

import pydicom
import pytest

from viewer import cli
from viewer.dicom.records import PatientRecord
from viewer.dicom.tree import patient_key

PATIENT = ("patient_name", "patient_id", "issuer_of_patient_id", "patient_birth_date")


def document(*words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.main([*words, "--json"]) == 0
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def filled(corpus, tmp_path_factory):
    """Return a cache with the corpus in it, and what the import said."""
    cache = tmp_path_factory.mktemp("corpus") / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIEWER_CACHE", str(cache))
        return cache, document("import", str(corpus))


@pytest.fixture
def imported(filled, monkeypatch):
    """Return what the import said; the cache of the environment holds the corpus."""
    cache, report = filled
    monkeypatch.setenv("VIEWER_CACHE", str(cache))
    return report


def series_of(studies):
    return [
        (patient, study, series)
        for patient in studies["patients"]
        for study in patient["studies"]
        for series in study["series"]
    ]


@pytest.mark.corpus
@pytest.mark.filterwarnings("ignore")  # pydicom warns of much in these files
def test_the_cache_holds_the_corpus_as_its_manifest_has_it(corpus, imported):
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        manifest = {row["sha256"]: row for row in csv.DictReader(file, delimiter="\t")}
    studies = document("studies")
    here = {Path(path).name for _, _, series in series_of(studies) for path in series["files"]}
    beside = {Path(problem["path"]).name for problem in studies["problems"]}

    # Every file of the manifest is here, beside another, or named with a reason.
    assert here <= set(manifest)
    assert beside <= set(manifest)
    assert not here & beside
    named = {problem["path"] for problem in imported["problems"]}
    left = {row["path"] for sha256, row in manifest.items() if sha256 not in here | beside}
    refused = {path for path in left if str(corpus / path) in named}
    media = {path for path in left - refused if "DICOMDIR" in path or "dicomdir" in path}
    assert left == refused | media
    assert (imported["failed"], imported["stopped"]) == ([], "")

    # Each SOP Instance UID once, and none is lost.
    uids = Counter(manifest[sha256]["sop_instance_uid"] for sha256 in here)
    assert set(uids.values()) == {1}
    usable = {row["sop_instance_uid"] for row in manifest.values() if row["path"] not in left}
    assert set(uids) == usable - {""}  # a file in conflict whose UID the manifest does not know
    assert sum(series["instances"] for *_, series in series_of(studies)) == len(here)

    # Modality and frames as the manifest has them.
    for _, _, series in series_of(studies):
        rows = [manifest[Path(path).name] for path in series["files"]]
        kinds = {row["modality"] for row in rows if row["modality"]}
        assert not kinds or series["modality"] in kinds
        frames = [int(row["frames"] or 0) for row in rows]
        if series["displayable"] and len(kinds) == 1 and all(frames):
            assert series["frames"] == sum(frames), rows
    again = document("import", str(corpus))
    assert (again["added"], again["already_here"] > 900) == (0, True)


@pytest.mark.corpus
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("imported")
def test_patients_and_series_are_those_that_pydicom_sees():
    studies = document("studies")
    expected: dict[tuple[object, ...], int] = defaultdict(int)
    for _, _, series in series_of(studies):
        for path in series["files"]:
            header = pydicom.dcmread(path, stop_before_pixels=True, force=True)
            key = patient_key(
                PatientRecord(
                    str(header.get("PatientName", "")),
                    str(header.get("PatientID", "") or ""),
                    str(header.get("IssuerOfPatientID", "") or ""),
                    str(header.get("PatientBirthDate", "") or ""),
                )
            )
            expected[
                key, str(header.get("StudyInstanceUID", "")), str(header.get("SeriesInstanceUID", ""))
            ] += 1
    found: dict[tuple[object, ...], int] = defaultdict(int)
    for patient, study, series in series_of(studies):
        key = patient_key(PatientRecord(*(patient[name] for name in PATIENT)))
        found[key, study["study_instance_uid"], series["series_instance_uid"]] += series["instances"]
    assert len(studies["patients"]) == len({key for key, *_ in expected})
    assert found == expected
    assert len(found) > 100


@pytest.mark.corpus
@pytest.mark.usefixtures("imported")
def test_a_rebuild_gives_the_same_answers():
    before = document("studies")
    rebuilt = document("cache", "rebuild")
    assert rebuilt["problems"] == []
    assert document("studies") == before
    Path(os.environ["VIEWER_CACHE"], "index.db").write_bytes(b"garbage")
    document("cache", "rebuild")
    assert document("studies") == before
    assert document("cache", "verify")["problems"] == []
