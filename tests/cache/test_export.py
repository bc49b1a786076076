import hashlib
import re
from pathlib import Path

import pytest
from made_store import file, record_of, study_files

from viewer.cache.disk import Disk
from viewer.cache.export import export
from viewer.dicom.dicomdir import read_directory
from viewer.dicom.scan import find_paths
from viewer.errors import ViewerError


def all_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_copies_have_names_of_our_own_that_a_medium_may_have(tmp_path):
    records = [*study_files(1), *study_files(2)]
    done = export(records, tmp_path / "out")
    assert (done.failed, done.cancelled, len(done.files)) == ((), False, 4)
    assert {*done.files, tmp_path / "out" / "DICOMDIR"} == set(all_files(tmp_path / "out"))
    for path in done.files:
        parts = path.relative_to(tmp_path / "out").parts
        assert all(re.fullmatch(r"[A-Z0-9]{1,8}", part) for part in parts)
        assert len(parts) <= 8
    assert done.bytes == sum(path.stat().st_size for path in done.files)


def test_the_copies_are_the_same_instances_in_the_same_order(tmp_path):
    records = study_files(1, 3)
    done = export(tuple(reversed(records)), tmp_path / "out")
    uids = [record_of(path).sop_instance_uid for path in done.files]
    assert uids == [record.sop_instance_uid for record in records]
    for record, path in zip(records, done.files, strict=True):
        source, copy = Path(record.path).read_bytes(), path.read_bytes()
        assert source[128:] == copy[128:]
        assert not any(copy[:128])


@pytest.mark.parametrize(
    ("begins", "stays"),
    [(b"MZ", False), (b"\x7fELF", False), (b"#!/bin/sh\n", False), (b"II*\0", True), (b"MM\0*", True)],
)
def test_only_the_preamble_of_a_tiff_stays(tmp_path, begins, stays):
    record = study_files(1)[0]
    data = bytearray(Path(record.path).read_bytes())
    data[: len(begins)] = begins
    path = tmp_path / "both"
    path.write_bytes(data)
    done = export([record_of(path)], tmp_path / "out")
    assert done.files[0].read_bytes().startswith(begins) is stays
    assert done.files[0].read_bytes()[128:] == data[128:]


def test_the_dicomdir_lists_every_copy_and_opening_the_medium_finds_them(tmp_path):
    done = export([*study_files(1), *study_files(2)], tmp_path / "out")
    listed = read_directory(str(tmp_path / "out" / "DICOMDIR"))
    assert [tmp_path / "out" / name for name in listed.files] == list(done.files)
    found = find_paths(
        [str(tmp_path / "out" / "DICOMDIR")], read_directory=read_directory, cancelled=lambda: False
    )
    paths = {item for item in found if isinstance(item, str)}
    assert paths - {str(tmp_path / "out" / "DICOMDIR")} == {str(path) for path in done.files}


def test_a_file_without_a_preamble_gets_one_and_its_data_set_stays_as_it_was(tmp_path):
    whole = Path(study_files(1)[0].path).read_bytes()
    (tmp_path / "bare").write_bytes(whole[132:])
    done = export([record_of(tmp_path / "bare")], tmp_path / "out")
    copy = done.files[0].read_bytes()
    assert copy[:132] == bytes(128) + b"DICM"
    assert copy.endswith(whole[-400:])
    assert record_of(done.files[0]).sop_instance_uid == study_files(1)[0].sop_instance_uid


def test_a_dicomdir_that_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "DICOMDIR").write_bytes(b"mine")
    with pytest.raises(ViewerError, match="DICOMDIR is there already; choose an empty folder"):
        export(study_files(1), tmp_path)
    assert all_files(tmp_path) == [tmp_path / "DICOMDIR"]


def test_nothing_is_overwritten(tmp_path):
    export(study_files(1), tmp_path / "out")
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in all_files(tmp_path)}
    with pytest.raises(ViewerError, match="is there already; choose an empty folder"):
        export(study_files(2), tmp_path / "out")
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in all_files(tmp_path)} == before


def test_a_file_that_is_gone_is_named_and_the_others_are_copied(tmp_path):
    gone = file(tmp_path / "in", 1)
    Path(gone.path).unlink()
    done = export([gone, *study_files(2)], tmp_path / "out")
    assert [(one.path, one.reason) for one in done.failed] == [
        (gone.path, "it cannot be opened: No such file or directory")
    ]
    assert len(done.files) == 2


def test_it_can_be_stopped_and_says_how_far_it_is(tmp_path):
    seen = []
    done = export(
        study_files(1),
        tmp_path / "out",
        report=lambda done, of: seen.append((done, of)),
        cancelled=lambda: bool(seen),
    )
    assert (len(done.files), done.cancelled, seen) == (1, True, [(1, 2)])


class Lying(Disk):
    """A medium that takes bytes and gives others back."""

    def write(self, descriptor, block):
        super().write(descriptor, memoryview(bytes(len(block))))
        return len(block)


class Full(Disk):
    def write(self, _descriptor, _block):
        raise OSError(28, "No space left on device")


def test_what_cannot_be_read_back_as_it_was_is_an_error(tmp_path):
    with pytest.raises(ViewerError, match="could not be read back as it was"):
        export(study_files(1), tmp_path / "out", disk=Lying())


def test_a_full_medium_is_a_sentence_and_leaves_no_half_file(tmp_path):
    with pytest.raises(ViewerError, match=r"cannot be written: No space left on device\."):
        export(study_files(1), tmp_path / "out", disk=Full())
    assert all_files(tmp_path / "out") == []
