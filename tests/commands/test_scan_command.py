import json
import os
import sys
import zipfile
from collections.abc import Sequence

import pytest
from make import ct, ct_series, write

from viewer.commands.scan import scan
from viewer.dicom.dicomdir import MediaDirectory
from viewer.dicom.index import Outcome, index_file
from viewer.dicom.records import Refused
from viewer.paths import cache_folder


def index(paths: list[str]) -> Sequence[Outcome]:
    return [index_file(path) for path in paths]


def test_a_folder_as_json_accounts_for_every_file(tmp_path, capsys):
    for n, one in enumerate(ct_series(3)):
        write(one, tmp_path / f"IM{n}")
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "bad.dcm").write_text("hello")
    assert scan([str(tmp_path)], as_json=True, index=index) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert captured.err == ""
    assert found["patients"][0]["studies"][0]["series"][0]["instances"] == 3
    assert [problem["path"] for problem in found["problems"]] == [str(tmp_path / "bad.dcm")]
    assert found["skipped"] == 1


def test_as_text_it_is_a_tree_that_a_person_reads(tmp_path, capsys):
    write(ct(PatientName="Yamada^Tarou=山田^太郎"), tmp_path / "image")
    assert scan([str(tmp_path)], as_json=False, index=index) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Yamada, Tarou (山田 太郎)  [TEST-1]  1970-02-03  F")
    assert lines[1] == "  2026-01-02  Test study"
    assert lines[2] == "    1  CT  Test series  1 instance"
    assert lines[3] == "        single: 1 images, 8 x 6, 0.5 x 0.25 mm"


def test_nothing_usable_is_one_sentence_and_status_1(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a").write_text("hello")
    expected = {
        "empty": f"Nothing to show: {tmp_path / 'empty'} is empty.",
        "texts": f"Nothing to show: {tmp_path / 'texts'}: no DICOM image in 1 file.",
        "gone": f"Nothing to show: {tmp_path}/gone: it cannot be found or read: No such file or directory.",
        "texts/a": f"Nothing to show: {tmp_path / 'texts' / 'a'}: not a DICOM file.",
    }
    for name, sentence in expected.items():
        assert scan([str(tmp_path / name)], as_json=True, index=index) == 1
        captured = capsys.readouterr()
        assert captured.err.splitlines() == [sentence]
        json.loads(captured.out)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_the_sentence_names_all_that_was_asked_for(tmp_path, capsys):
    for name in ("one", "two", "pipes"):
        (tmp_path / name).mkdir()
    one, two, pipes = (str(tmp_path / name) for name in ("one", "two", "pipes"))

    def sentence(*paths: str) -> str:
        assert scan(paths, as_json=True, index=index) == 1
        return capsys.readouterr().err.removeprefix("Nothing to show: ").removesuffix("\n")

    assert sentence(one, two) == f"{one}, {two} are empty."
    (tmp_path / "one" / "a").write_text("hello")
    (tmp_path / "two" / "b").write_text("hello")
    assert sentence(one, two) == f"{one}, {two}: no DICOM image in 2 files."
    os.mkfifo(tmp_path / "pipes" / "p")
    why = f"{pipes}/p: a named pipe, not a file; it was not opened"
    assert sentence(pipes) == f"{pipes}: no DICOM image; {why}."
    assert sentence(one, pipes) == f"{one}, {pipes}: no DICOM image; {why}."
    os.mkfifo(tmp_path / "pipes" / "q")
    assert sentence(pipes) == f"{pipes}: no DICOM image; 2 problems, the first: {why}."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_a_problem_of_the_document_and_of_the_text(tmp_path, capsys):
    write(ct(), tmp_path / "image")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    expected = {
        str(tmp_path / "loop"): "a link to a folder that is read already",
        str(tmp_path / "pipe"): "a named pipe, not a file; it was not opened",
    }
    assert scan([str(tmp_path)], as_json=True, index=index) == 0
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert {one["path"]: one["reason"] for one in problems} == expected
    assert scan([str(tmp_path)], as_json=False, index=index) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {f"problem: {path}: {reason}" for path, reason in expected.items()} <= set(lines)


def test_the_dicomdir_is_given_to_who_reads_it(tmp_path, capsys):
    write(ct(), tmp_path / "image")
    (tmp_path / "DICOMDIR").write_bytes(b"x")
    asked = []

    def read(path: str) -> MediaDirectory:
        asked.append(path)
        return MediaDirectory((), (Refused(path, "the DICOMDIR crashed the reader"),))

    assert scan([str(tmp_path)], as_json=True, index=index, read_directory=read) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["problems"] == [{"path": asked[0], "reason": "the DICOMDIR crashed the reader"}]
    assert asked == [str(tmp_path / "DICOMDIR")]
    assert found["skipped_files"] == []


def test_a_zip_is_read_and_nothing_of_it_stays(tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as target:
        target.write(write(ct(), tmp_path / "image"), "CD/IM1")
        target.writestr("CD/readme.txt", "hello")
    assert scan([str(tmp_path / "study.zip")], as_json=True, index=index) == 0
    found = json.loads(capsys.readouterr().out)
    (series,) = found["patients"][0]["studies"][0]["series"]
    assert series["files"] == [f"{tmp_path}/study.zip: CD/IM1"]
    assert found["skipped_files"] == [
        {"path": f"{tmp_path}/study.zip: CD/readme.txt", "reason": "not a DICOM file"}
    ]
    assert list(cache_folder().iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no names that are not UTF-8")
def test_names_that_could_deceive_a_terminal_are_escaped(tmp_path, capsys):
    path = os.fsencode(tmp_path) + b"/b\xe4d\x1b[31m.dcm"
    with open(path, "wb") as file:  # noqa: PTH123  bytes
        file.write(b"hello")
    write(ct(PatientName="Evil\x1b[2J^Name", StudyDescription="a\u202eb"), tmp_path / "image")
    for as_json in (False, True):
        assert scan([str(tmp_path)], as_json=as_json, index=index) == 0
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert r"b\xe4d\x1b[31m.dcm" in out.replace("\\\\", "\\")
