import hashlib
import re
from pathlib import Path

import pytest
from made_store import file, record_of, study_files

from viewer.cache.disk import Disk
from viewer.cache.export import export, without_preamble
from viewer.errors import ViewerError


def all_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_copies_have_names_of_our_own_that_a_medium_may_have(tmp_path):
    records = [*study_files(1), *study_files(2)]
    done = export(records, tmp_path / "out")
    assert (done.failed, done.cancelled, len(done.files)) == ((), False, 4)
    assert sorted(done.files) == all_files(tmp_path / "out")
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


def test_what_has_no_preamble_is_copied_as_it_is():
    assert without_preamble(b"\x08\0\x05\0") == b"\x08\0\x05\0"


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
