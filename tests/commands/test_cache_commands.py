"""`viewer import`, `viewer studies` and `viewer cache`, as a person or a script uses them."""

import errno
import json
import stat
from pathlib import Path

import pydicom
import pytest
from make import ct, ct_series, write

from viewer import cli
from viewer.cache import facts, trash
from viewer.cache.eviction import Limits
from viewer.cache.rows import place_of
from viewer.cache.store import Store
from viewer.cache.study_list import StudyKey
from viewer.dicom.index import index_file
from viewer.dicom.records import InstanceRecord
from viewer.dicom.tree import patient_key
from viewer.errors import ViewerError


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("VIEWER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(
        Limits, "of", classmethod(lambda cls, _space: cls(1 << 40, 0))
    )  # whatever is free here
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number, one in enumerate(ct_series(3)):
        write(one, folder / f"IM{number}")
    return folder


class Said:
    def __init__(self, capsys):
        self._capsys = capsys

    def __call__(self, *words: str, status: int = 0) -> str:
        """Run a command and return what it printed; what it says of a failure is in `error`."""
        self._capsys.readouterr()
        assert cli.main(list(words)) == status
        out, self.error = self._capsys.readouterr()
        return out

    def json(self, *words: str, status: int = 0):
        return json.loads(self(*words, "--json", status=status))


@pytest.fixture
def said(capsys):
    return Said(capsys)


def key_in(folder: Path) -> StudyKey:
    record = index_file(str(folder / "IM0"))
    assert isinstance(record, InstanceRecord)
    return StudyKey(place_of(record).study_instance_uid, patient_key(record.series.study.patient))


def test_an_import_says_what_went_in_and_what_was_there(said, folder):
    (folder / "notes.txt").write_text("hello")
    assert said("import", str(folder)).splitlines() == ["3 added, 0 there already", "1 other files skipped"]
    again = said.json("import", str(folder))
    assert (again["added"], again["already_here"], again["skipped"]) == (0, 3, 1)
    assert (again["failed"], again["conflicts"], again["problems"], again["stopped"]) == ([], [], [], "")


def test_a_conflict_is_kept_and_said(said, tmp_path):
    first = ct()
    write(first, tmp_path / "a")
    first.StudyComments = "other"
    write(first, tmp_path / "b")
    report = said.json("import", str(tmp_path / "a"), str(tmp_path / "b"))
    assert report["added"] == 1
    assert [one["path"] for one in report["conflicts"]] == [str(tmp_path / "b")]
    studies = said.json("studies")
    assert studies["patients"][0]["studies"][0]["conflicts"] == 1
    assert "the one that came first is shown" in studies["problems"][0]["reason"]


def test_nothing_to_import_is_a_sentence(said, tmp_path):
    (tmp_path / "empty").mkdir()
    said("import", str(tmp_path / "empty"), status=1)
    assert said.error == f"Nothing to import: {tmp_path / 'empty'}: no DICOM file.\n"
    (tmp_path / "a.dcm").write_text("hello")
    said("import", str(tmp_path / "a.dcm"), status=1)
    assert said.error.startswith(f"Nothing to import: {tmp_path / 'a.dcm'}: not a DICOM file")


def test_linked_files_stay_where_they_are(said, folder, root):
    said("import", str(folder), "--link")
    series = said.json("studies")["patients"][0]["studies"][0]["series"][0]
    assert sorted(series["files"]) == sorted(str(path) for path in folder.iterdir())
    assert not [path for path in (root / "obj").rglob("*") if path.is_file()]


def test_a_study_that_was_deleted_is_back_when_it_is_imported_again(said, folder, root):
    said("import", str(folder))
    with Store(root) as store:
        trash.delete(store, [key_in(folder)])
    assert said("studies") == "No study is in the cache.\n"
    assert said.json("studies", "--deleted")["patients"]
    assert "1 study taken out of the trash" in said("import", str(folder))
    assert said.json("studies")["patients"]


def test_the_list_of_a_cache_that_is_not_there_is_empty(said, root):
    assert said.json("studies") == {"patients": [], "problems": [], "skipped": 0, "skipped_files": []}
    assert said("studies") == "No study is in the cache.\n"
    assert not root.exists()


def test_studies_are_the_document_of_a_scan_and_what_the_cache_knows(said, folder, root):
    said("import", str(folder))
    with Store(root) as store:
        facts.opened(store, key_in(folder), 0.0)
        facts.expect(store, key_in(folder), 5)
        facts.pin(store, key_in(folder))
    found, scanned = said.json("studies"), said.json("scan", str(folder))
    (study,), (expected,) = found["patients"][0]["studies"], scanned["patients"][0]["studies"]
    extra = {name: study.pop(name) for name in study.keys() - expected.keys()}
    assert extra == {
        "source": "copy of folder images",
        "bytes": sum(path.stat().st_size for path in folder.iterdir()),
        "last_opened": "1970-01-01T00:00:00+00:00",
        "expected_instances": 5,
        "missing_instances": 0,
        "conflicts": 0,
        "patients_of_uid": 1,
        "pinned": True,
    }
    for one in (study, expected):
        assert len(one["series"][0].pop("files")) == 3
    assert study == expected


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--text", "tina"], True),
        (["--text", "nobody"], False),
        (["--patient-name", "TEST*^T*"], True),
        (["--patient-name", "Tina*"], False),
        (["--patient-id", "test-1"], True),
        (["--accession", "A1", "--description", "study"], True),
        (["--modality", "MR", "--modality", "CT"], True),
        (["--modality", "MR"], False),
        (["--date", "20260102"], True),
        (["--date", "20260101-"], True),
        (["--date", "-20260101"], False),
        (["--study", "1.2"], False),
    ],
)
def test_studies_can_be_looked_for(said, folder, words, found):
    said("import", str(folder))
    assert bool(said.json("studies", *words)["patients"]) is found


def test_a_word_that_is_no_date_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["studies", "--date", "yesterday"])
    assert ended.value.code == 2
    assert "'yesterday' is no date such as" in capsys.readouterr().err


def test_the_list_for_a_person_is_one_line_a_study(said, folder):
    said("import", str(folder))
    line = said("studies")
    assert line.startswith("2026-01-02  Testperson, Tina [TEST-1]  CT  Test study  3 instances  ")
    assert line.endswith("copy of folder images\n")


def test_the_cache_says_where_it_is(said, folder, root):
    assert said("cache", "where") == f"{root}\n"
    assert said.json("cache", "where") == {"path": str(root), "studies": 0, "bytes": 0}
    said("import", str(folder))
    found = said.json("cache", "where")
    assert (found["studies"], found["bytes"]) == (1, sum(path.stat().st_size for path in folder.iterdir()))


def test_a_changed_bit_is_found_and_status_1(said, folder, root):
    said("import", str(folder))
    assert said("cache", "verify") == "3 files were checked; 3 are whole.\n"
    bad = next(path for path in (root / "obj").rglob("*") if path.is_file())
    bad.write_bytes(bad.read_bytes()[:-1] + b"x")
    lines = said("cache", "verify", status=1).splitlines()
    assert lines[0] == "3 files were checked; 2 are whole."
    assert lines[-1] == f"problem: {bad}: its bytes have changed on this disk"
    assert said.error == f"1 of 3 files in {root} are not whole.\n"
    assert said.json("cache", "verify", status=1)["damaged"] == 1
    assert said.json("studies")["patients"][0]["studies"][0]["missing_instances"] == 1
    assert "2 of 3 instances" in said("studies")


def test_a_rebuild_says_what_is_in_the_index(said, folder):
    said("import", str(folder))
    before = said.json("studies")
    assert (
        said("cache", "rebuild") == "3 instances are in the new index. The index before is index.bak-1.db.\n"
    )
    assert said.json("studies") == before


def test_trimming_says_what_went_and_what_must_stay(said, folder):
    said("import", str(folder))
    assert said("cache", "trim") == "There is room enough; nothing was removed.\n"
    found = said.json("cache", "trim", "--max", "0.001K", status=1)
    assert (found["freed"], found["protected"]) == (0, {"origin": 1, "young": 1})
    assert "what is left there must stay" in said.error


def test_while_a_window_has_the_cache_it_can_be_read_and_the_rest_says_why_not(said, folder, root):
    said("import", str(folder))
    with Store(root):
        assert said.json("studies")["patients"]
        assert said("cache", "verify") == "3 files were checked; 3 are whole.\n"
        assert said("cache", "where")
        for words in (["import", str(folder)], ["cache", "rebuild"], ["cache", "trim"]):
            said(*words, status=1)
            assert "is in use by another Negatoscope" in said.error
            assert said.error.endswith("close it and try again.\n") or "Close it and try again." in said.error


@pytest.mark.parametrize("action", ["verify", "rebuild", "trim"])
def test_without_a_cache_there_is_nothing_to_look_after(said, action):
    said("cache", action, status=1)
    assert "There is no study cache in" in said.error


def test_studies_are_exported_with_a_dicomdir_that_the_program_opens_again(said, folder, tmp_path):
    said("import", str(folder))
    uid = key_in(folder).study_instance_uid
    out = tmp_path / "out"
    assert said.json("cache", "export", str(out), "--study", uid)["files"] == 3
    assert (out / "DICOMDIR").is_file()
    again = said.json("scan", str(out))
    assert [one["study_instance_uid"] for patient in again["patients"] for one in patient["studies"]] == [uid]
    said("cache", "export", str(out), "--study", uid, status=1)
    assert "choose an empty folder" in said.error


def test_a_study_that_is_not_there_is_not_exported(said, folder, tmp_path):
    said("import", str(folder))
    said("cache", "export", str(tmp_path / "out"), "--study", "1.2.3", status=1)
    assert "The study 1.2.3 is not in the cache" in said.error
    assert not (tmp_path / "out").exists()


def test_two_patients_of_one_study_uid_are_never_exported_together(said, folder, tmp_path):
    uid = key_in(folder).study_instance_uid
    other = pydicom.dcmread(next(path for path in sorted(folder.rglob("*")) if path.is_file()))
    other.PatientID, other.PatientName = "OTHER", "Roe^Richard"
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = "1.2.3.9"
    other.save_as(folder / "other.dcm")
    said("import", str(folder))
    said("cache", "export", str(tmp_path / "both"), "--study", uid, status=1)
    assert "2 patients have a study of the UID" in said.error
    assert not (tmp_path / "both").exists()
    wanted = ("cache", "export", str(tmp_path / "one"), "--study", uid, "--patient-id", "OTHER")
    assert said.json(*wanted)["files"] == 1


def test_the_limits_of_the_settings_hold_on_the_command_line_too(said, folder, tmp_path, monkeypatch):
    (tmp_path / "settings.toml").write_text("[cache]\nmax_bytes = 7\nfloor_free_bytes = 9\n", "utf-8")
    monkeypatch.setenv("VIEWER_SETTINGS", str(tmp_path / "settings.toml"))
    said("import", str(folder))
    found = said.json("cache", "where")
    assert (found["max_bytes"], found["floor_free_bytes"]) == (7, 9)


EACH = (
    ["studies"],
    ["cache", "where", "--json"],
    ["cache", "verify"],
    ["cache", "rebuild"],
    ["cache", "trim"],
    ["cache", "export", "out", "--study", "1.2"],
)


@pytest.mark.parametrize("words", EACH)
def test_a_cache_that_is_a_file_is_said(said, root, words):
    root.write_bytes(b"")
    said(*words, status=1)
    assert "it is a file, not a folder" in said.error


@pytest.mark.parametrize("words", EACH)
def test_a_cache_that_may_not_be_looked_at_is_said_and_no_fault_of_the_program(
    said, root, monkeypatch, words
):
    (root / "obj").mkdir(parents=True)

    def refuse(path, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    said(*words, status=1)
    assert said.error == f"viewer: The study cache in {root} cannot be used: Permission denied.\n"


def test_an_index_that_is_gone_is_not_a_cache_that_is_gone(said, root, folder):
    said("import", str(folder))
    (root / "index.db").unlink()
    said("studies", status=1)
    assert "The index of the study cache" in said.error
    assert "`viewer cache rebuild` makes it again" in said.error
    said("cache", "rebuild")
    assert len(said.json("studies")["patients"]) == 1


def test_what_cannot_be_written_is_verified_all_the_same(said, folder, monkeypatch):
    said("import", str(folder))
    own = Store.__init__

    def only_reading(self, root, *, read_only=False, **_):
        if not read_only:
            raise ViewerError("The study cache cannot be used: Permission denied.")
        own(self, root, read_only=True)

    monkeypatch.setattr(Store, "__init__", only_reading)
    assert "3 files were checked; 3 are whole." in said("cache", "verify")


def test_nobody_else_may_read_the_databases(said, root, folder):
    (root).mkdir()
    (root / "index.db").touch(0o644)
    said("import", str(folder))
    for name in ("index.db", "work.db"):
        assert stat.S_IMODE((root / name).stat().st_mode) == 0o600
    said("cache", "rebuild")
    assert {stat.S_IMODE(path.stat().st_mode) for path in root.glob("*.db")} == {0o600}
