import os
import shutil
import socket
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

import pytest
from make import ct, write
from test_dicomdir import directory

from viewer.dicom.dicomdir import MediaDirectory
from viewer.dicom.index import index_file
from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.dicom.scan import Found, as_named, find_paths
from viewer.errors import ViewerError


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
    (tmp_path / "to_pipe").symlink_to(tmp_path / "pipe")
    found: list[Found] = []
    reader = threading.Thread(target=lambda: found.extend(found_in(tmp_path, tmp_path / "pipe")), daemon=True)
    reader.start()
    reader.join(5)
    assert names(found) == ["IM1"]
    pipe, device = (f"{what}, not a file; it was not opened" for what in ("a named pipe", "a device"))
    assert reasons(found, Refused) == {"pipe": pipe, "to_pipe": pipe, "endless": device}
    assert len(found) == 5  # the pipe twice: in the folder, and named by the user


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in folders")
def test_a_socket_is_named_and_not_opened(tmp_path, monkeypatch):
    files(tmp_path, "IM1")
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        found = found_in(tmp_path)
    assert names(found) == ["IM1"]
    assert reasons(found, Refused) == {"socket": "a socket, not a file; it was not opened"}


def test_a_loop_of_links_ends(tmp_path):
    files(tmp_path, "a/IM1", "b/IM2")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b" / "across").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found = found_in(tmp_path)
    assert names(found) == ["IM1", "IM2"]
    problems = reasons(found, Refused)
    assert "link" in problems.pop("self")
    assert problems == dict.fromkeys(("up", "across"), "a link to a folder that is read already")


def test_a_link_to_a_file_is_followed_and_a_dangling_one_reported(tmp_path):
    files(tmp_path, "disk/IM1", "read/notes")
    (tmp_path / "read" / "IM1").symlink_to(tmp_path / "disk" / "IM1")
    (tmp_path / "read" / "IM2").symlink_to(tmp_path / "disk" / "IM2")
    found = found_in(tmp_path / "read")
    assert names(found) == ["IM1", "notes"]
    assert reasons(found, Refused) == {"IM2": "a link to something that is not there"}


def test_a_tree_of_many_folders_is_read_to_its_end(tmp_path):
    deep = tmp_path.joinpath(*["d"] * 1200)
    files(tmp_path, "d/d/IM1")
    for depth in range(100, 1201, 100):  # pathlib makes parents by recursion
        tmp_path.joinpath(*["d"] * depth).mkdir(parents=True, exist_ok=True)
    files(deep, "IM2")
    try:
        assert found_in(tmp_path) == [str(deep / "IM2"), str(tmp_path / "d/d/IM1")]
    finally:
        for folder in (deep, *deep.parents):  # shutil.rmtree recurses
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
            if folder.parent == tmp_path:
                break


@pytest.mark.skipif(os.mkdir not in os.supports_dir_fd, reason="such a path cannot be made here")
def test_a_path_longer_than_the_system_can_open_is_a_problem_and_the_rest_is_read(tmp_path):
    files(tmp_path, "IM1")
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):  # of 250 letters: PATH_MAX is 4,096 at most
        os.mkdir("d" * 250, dir_fd=place)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    try:
        found = found_in(tmp_path)
    finally:
        shutil.rmtree(tmp_path / ("d" * 250))
    assert names(found) == ["IM1"]
    assert reasons(found, Refused) == {
        "d" * 250: "the folder cannot be read: its path is longer than this system can open"
    }


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


def test_a_damaged_dicomdir_has_one_reason(tmp_path, monkeypatch):
    files(tmp_path, "IM1")
    (tmp_path / "DICOMDIR").write_bytes(b"no directory" * 50)
    with zipfile.ZipFile(tmp_path / "cd.zip", "w") as target:
        target.write(tmp_path / "DICOMDIR", "CD/DICOMDIR")
        target.write(tmp_path / "IM1", "CD/IM1")
    reason = "the DICOMDIR is damaged: its records cannot be read"
    found = found_in(tmp_path / "cd.zip", scratch=tmp_path / "scratch")
    assert [item for item in found if isinstance(item, Refused)] == [
        Refused(f"{tmp_path}/cd.zip: CD/DICOMDIR", reason)
    ]
    assert len(found) == 2
    (tmp_path / "cd.zip").unlink()
    shutil.rmtree(tmp_path / "scratch")
    monkeypatch.chdir(tmp_path)
    for root in (tmp_path, tmp_path / "DICOMDIR", "DICOMDIR", "./DICOMDIR", "."):
        found = found_in(root)
        assert names(found) == ["IM1"]
        assert reasons(found, Refused) == {"DICOMDIR": reason}


def test_an_image_with_the_name_of_a_dicomdir_is_an_image(tmp_path):
    write(ct(), tmp_path / "DICOMDIR")
    assert found_in(tmp_path) == [str(tmp_path / "DICOMDIR")]


def test_the_dicomdir_is_read_by_who_is_asked_to(tmp_path):
    files(tmp_path, "cd/DICOMDIR", "cd/IM1")
    with zipfile.ZipFile(tmp_path / "cd.zip", "w") as target:
        target.writestr("DICOMDIR", b"x")
        target.writestr("IM1", b"x")
    roots = [str(tmp_path / "cd"), str(tmp_path / "cd.zip")]

    def found(read):
        return list(
            find_paths(roots, cancelled=lambda: False, scratch=tmp_path / "scratch", read_directory=read)
        )

    def dies(path):
        raise ViewerError(f"{path}: it needs more memory than one image may take")

    problems = reasons(found(lambda _: MediaDirectory(("IM1", "IM2"), ())), Refused)
    assert problems == {
        "IM2": "listed in the DICOMDIR but not on the medium",
        "cd.zip: IM2": "listed in the DICOMDIR but not in the archive",
    }
    problems = reasons(found(dies), Refused)
    assert problems == dict.fromkeys(
        ("DICOMDIR", "cd.zip: DICOMDIR"), "it needs more memory than one image may take"
    )


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
    assert found == Refused(
        str(tmp_path / "study.zip"),
        "a zip archive inside the folder; open it by itself to read what is in it",
    )
    (found,) = found_in(tmp_path / "study.zip")
    assert isinstance(found, Refused)


@pytest.mark.corpus
def test_every_file_of_the_corpus_is_found_once(corpus):
    found = found_in(corpus)
    assert sorted(found) == sorted(str(path) for path in corpus.rglob("*") if path.is_file())
