"""Objects without a row: a batch that failed leaves them, and a start after it takes them in again."""

import errno
from collections.abc import Sequence
from pathlib import Path

import pytest
from faulty_disk import FaultyDisk
from made_store import index, listed, objects, study_files, take

from viewer.cache.arrivals import Became
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.errors import ViewerError


class FailsAfterNames(FaultyDisk):
    """A disk on which objects get their names, and these cannot be made durable."""

    failing = False

    def sync_folder(self, folder: Path) -> None:
        if self.failing and folder.parent.name == "obj":
            raise OSError(errno.EIO, "the disk failed")
        super().sync_folder(folder)


def test_a_batch_that_failed_after_its_renames_is_adopted_by_the_next_start(tmp_path: Path) -> None:
    disk = FailsAfterNames()
    with Store(tmp_path / "cache", disk=disk) as store:
        disk.failing = True
        with pytest.raises(ViewerError, match="failed"):
            take(store, study_files(1, 2))
        disk.failing = False
        assert take(store, study_files(2, 2)) == [Became.ADDED] * 2, "it works again"
        assert len(objects(store)) == 4
        assert listed(store) == {"1.2.2"}
    assert not (tmp_path / "cache" / "clean").exists(), "it was closed, but not in good order"
    with Store(tmp_path / "cache") as store:
        assert len(store.orphans) == 2
        assert [taken.became for taken in store.adopt(index)] == [Became.ADDED] * 2
        assert listed(store) == {"1.2.1", "1.2.2"}
    with Store(tmp_path / "cache") as store:
        assert (store.orphans, store.unlooked) == ((), False)


def lose_rows(root: Path) -> list[str]:
    """Leave a cache with two objects that no row tells of; return their names."""
    with Store(root) as store:
        take(store, study_files(1, 2))
        names = sorted(objects(store))
        with store.writing() as connection:
            connection.execute("DELETE FROM main.instance")
    (root / "clean").unlink()
    return names


def test_an_object_that_cannot_be_opened_now_is_looked_at_by_the_next_start(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    name, _ = lose_rows(root)
    path = root / "obj" / name[:2] / name
    away = path.rename(tmp_path / "away")
    path.symlink_to(path)  # to open it fails, as it does when there are no descriptors left
    with Store(root) as store:
        path.unlink()
        path.symlink_to(tmp_path)  # and this is no regular file
        assert [taken.became for taken in store.adopt(index)] == [Became.ADDED]
    assert not (root / "clean").exists()
    path.unlink()
    away.rename(path)
    with Store(root) as store:
        assert store.orphans == (name,)
        assert [taken.became for taken in store.adopt(index)] == [Became.ADDED]
    assert (root / "clean").exists()


def test_an_object_that_is_no_instance_stays_and_is_looked_at_once(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    lose_rows(root)
    asked: list[str] = []

    def reads(paths: Sequence[str]) -> list[InstanceRecord | Refused | Skipped]:
        asked.extend(paths)
        return [Refused(path, "it has no SOP Instance UID") for path in paths]

    with Store(root) as store:
        assert len(store.orphans) == 2
        assert store.adopt(reads) == []
        assert len(objects(store)) == 2
    assert len(asked) == 4, "each was asked about twice"
    assert (root / "clean").exists()
    with Store(root) as store:
        assert (store.orphans, store.unlooked) == ((), False)


def test_an_object_whose_reader_failed_once_is_taken_in(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    lose_rows(root)
    failed: list[str] = []

    def stumbles(paths: Sequence[str]) -> list[InstanceRecord | Refused | Skipped]:
        if not failed:
            failed.extend(paths)
            return [Refused(path, "the reader ended") for path in paths]
        return index(paths)

    with Store(root) as store:
        assert [taken.became for taken in store.adopt(stumbles)] == [Became.ADDED] * 2
