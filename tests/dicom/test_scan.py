import os
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

import pytest
from make import ct, write
from test_dicomdir import directory

from viewer.dicom.index import index_file
from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.dicom.scan import Found, as_named, find_paths


def found_in(*roots: object, scratch: Path | None = None, shown: dict[str, str] | None = None) -> list[Found]:
    return list(
        find_paths([os.fspath(root) for root in roots], cancelled=lambda: False, scratch=scratch, shown=shown)
    )


def names(found: list[Found]) -> list[str]:
    return [Path(item).name for item in found if isinstance(item, str)]


def reasons(found: list[Found], kind: type) -> dict[str, str]:
    return {Path(item.path).name: item.reason for item in found if isinstance(item, kind)}


def files(folder: Path, *paths: str) -> None:
    for name in paths:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())


def test_files_come_in_natural_order_from_any_depth(tmp_path):
    files(tmp_path, "b/IM10", "b/IM2", "a", "b/c/d/e/IM1", "Z")
    assert names(found_in(tmp_path)) == ["a", "IM1", "IM2", "IM10", "Z"]


def test_the_order_is_the_same_each_time(tmp_path):
    files(tmp_path, *(f"{n % 7}/{n}" for n in range(60)))
    assert found_in(tmp_path) == found_in(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no names that are not UTF-8")
def test_a_name_that_is_not_utf8_is_a_path_that_opens(tmp_path):
    write(ct(), tmp_path / "image")
    raw = os.fsencode(tmp_path) + b"/M\xfcller\n\x1b[31m"
    os.rename(tmp_path / "image", raw)  # noqa: PTH104  bytes
    (path,) = found_in(tmp_path)
    assert os.fsencode(path) == raw
    assert isinstance(index_file(path), InstanceRecord)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_and_devices_never_block_and_are_named(tmp_path):
    files(tmp_path, "IM1")
    os.mkfifo(tmp_path / "pipe")
    os.symlink("/dev/zero", tmp_path / "endless")  # noqa: PTH211
    found: list[Found] = []
    reader = threading.Thread(target=lambda: found.extend(found_in(tmp_path, tmp_path / "pipe")), daemon=True)
    reader.start()
    reader.join(5)
    assert names(found) == ["IM1"]
    assert reasons(found, Skipped) == {"pipe": "a named pipe, not a file", "endless": "a device, not a file"}
    assert reasons(found, Refused) == {"pipe": "a named pipe, not a file"}  # named by the user


def test_a_loop_of_links_ends(tmp_path):
    files(tmp_path, "a/IM1", "b/IM2")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b" / "across").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found = found_in(tmp_path)
    assert names(found) == ["IM1", "IM2"]
    assert reasons(found, Skipped) == dict.fromkeys(
        ("up", "across"), "a link to a folder that is read already"
    )
    assert "link" in reasons(found, Refused)["self"]


def test_a_link_to_a_file_is_followed_and_a_dangling_one_reported(tmp_path):
    files(tmp_path, "disk/IM1", "read/notes")
    (tmp_path / "read" / "IM1").symlink_to(tmp_path / "disk" / "IM1")
    (tmp_path / "read" / "IM2").symlink_to(tmp_path / "disk" / "IM2")
    found = found_in(tmp_path / "read")
    assert names(found) == ["IM1", "notes"]
    assert reasons(found, Refused) == {"IM2": "a link to something that is not there"}


def test_a_tree_that_is_too_deep_is_read_to_its_limit(tmp_path):
    deep = tmp_path
    for _ in range(70):
        deep /= "d"
    files(deep, "IM2")
    files(tmp_path, "d/d/IM1")
    found = found_in(tmp_path)
    assert names(found) == ["IM1"]
    assert ["folders deep" in reason for reason in reasons(found, Refused).values()] == [True]


def test_what_is_named_and_not_there_is_a_problem(tmp_path):
    found = found_in(tmp_path / "gone", "bad\0name")
    assert "No such file" in reasons(found, Refused)["gone"]
    assert len(found) == 2


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="permissions are others there")
def test_a_folder_that_may_not_be_read_is_a_problem_and_the_rest_is_read():
    with tempfile.TemporaryDirectory() as name:  # that of pytest is closed to other users
        folder = Path(name)
        folder.chmod(0o755)
        files(folder, "closed/IM1", "open/IM2")
        (folder / "closed").chmod(0)
        user = os.geteuid()
        os.seteuid(user or 65534)  # root may read everything
        try:
            found = found_in(folder)
        finally:
            os.seteuid(user)
            (folder / "closed").chmod(0o755)
    assert reasons(found, Refused) == {"closed": "the folder cannot be read: Permission denied"}
    assert names(found) == ["IM2"]


def test_roots_that_overlap_give_each_file_once(tmp_path):
    files(tmp_path, "a/IM1", "a/IM2", "IM3")
    assert sorted(names(found_in(tmp_path / "a" / "IM1", tmp_path / "a", tmp_path, tmp_path / "IM3"))) == [
        "IM1",
        "IM2",
        "IM3",
    ]


def test_a_cancelled_scan_stops(tmp_path):
    files(tmp_path, *(f"IM{n}" for n in range(20)))
    answers = iter([False] * 5)
    found = list(find_paths([str(tmp_path)], cancelled=lambda: next(answers, True)))
    assert names(found) == ["IM0", "IM1", "IM2", "IM3", "IM4"]


def test_a_file_named_by_the_user_that_is_no_dicom_is_a_problem():
    skipped = Skipped("notes.txt", "not a DICOM file")
    assert as_named(skipped, ["notes.txt"]) == Refused("notes.txt", "not a DICOM file")
    assert as_named(skipped, ["other"]) is skipped


# ------------------------------------------------------------------------------------------------ media
def test_files_that_the_dicomdir_lists_and_that_are_not_there_are_problems(tmp_path):
    files(tmp_path, "IMAGES/IM1", "unlisted")
    directory(tmp_path / "DICOMDIR", [["IMAGES", "IM1"], ["IMAGES", "IM2"]])
    for root in (tmp_path, tmp_path / "DICOMDIR"):
        found = found_in(root)
        assert names(found) == ["DICOMDIR", "IM1", "unlisted"]
        assert reasons(found, Refused) == {"IM2": "listed in the DICOMDIR but not on the medium"}


def test_media_mounted_in_lower_case_or_with_versions_are_whole(tmp_path):
    files(tmp_path, "images/im1", "images/im2;1")
    directory(tmp_path / "dicomdir", [["IMAGES", "IM1"], ["IMAGES", "IM2"]])
    assert reasons(found_in(tmp_path), Refused) == {}


@pytest.mark.filterwarnings("ignore")  # pydicom's writer says that ".." is wrong
def test_hostile_references_are_refused_and_the_good_files_are_read(tmp_path, caplog):
    files(tmp_path, "cd/IM1", "secret")
    os.mkfifo(tmp_path / "cd" / "PIPE")
    (tmp_path / "cd" / "LINK").symlink_to(tmp_path / "secret")
    directory(tmp_path / "cd" / "DICOMDIR", ["IM1", ["..", "secret"], "PIPE", "LINK"])
    found = found_in(tmp_path / "cd")
    assert names(found) == ["DICOMDIR", "IM1"]
    why = reasons(found, Refused)
    assert "outside of the medium" in why.pop("secret", "") or any(
        "outside" in reason for reason in why.values()
    )
    assert why["PIPE"] == "a named pipe, not a file; it was not opened"
    assert caplog.messages is not None  # the writer's words
    assert why["LINK"] == "a link that leads out of the medium; it was not followed"


# ------------------------------------------------------------------------------------------------- zips
def test_a_zip_named_by_the_user_is_read_and_its_files_keep_their_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as target:
        target.write(write(ct(), tmp_path / "image"), "CD/IM1")
        target.write(directory(tmp_path / "DICOMDIR", ["IM1", "IM2"]), "CD/DICOMDIR")
    shown: dict[str, str] = {}
    found = found_in(tmp_path / "study.zip", scratch=tmp_path / "scratch", shown=shown)
    paths = [item for item in found if isinstance(item, str)]
    assert [shown[path] for path in paths] == [
        f"{tmp_path}/study.zip: CD/DICOMDIR",
        f"{tmp_path}/study.zip: CD/IM1",
    ]
    assert isinstance(index_file(paths[1]), InstanceRecord)
    assert [item for item in found if isinstance(item, Refused)] == [
        Refused(f"{tmp_path}/study.zip: CD/IM2", "listed in the DICOMDIR but not in the archive")
    ]


def test_a_zip_in_a_folder_is_left_alone_in_words(tmp_path):
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as target:
        target.writestr("IM1", b"x")
    (found,) = found_in(tmp_path, scratch=tmp_path / "scratch")
    assert isinstance(found, Skipped)
    assert "open it by itself" in found.reason
    (found,) = found_in(tmp_path / "study.zip")
    assert isinstance(found, Refused)


@pytest.mark.corpus
def test_every_file_of_the_corpus_is_found_once(corpus):
    found = found_in(corpus)
    assert sorted(found) == sorted(str(path) for path in corpus.rglob("*") if path.is_file())
