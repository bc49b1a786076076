"""A disk that does not answer now says nothing about the database that is on it."""

import errno
import sqlite3
import sys
from pathlib import Path

import pytest
from made_store import listed, study_files, take

from viewer.cache.databases import disk_failed, is_garbage, is_sound
from viewer.cache.store import Store


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("ok", False),
        (
            "*** in database main ***\nTree 4 page 9: unable to get it. error code=266",
            True,
        ),
        ("*** in database main ***\nTree 4 page 9: unable to get it. error code=10", True),  # IOERR
        ("*** in database main ***\nTree 4 page 9: unable to get it. error code=11", False),  # CORRUPT
        ("row 3 missing from index study_by_date", False),
    ],
)
def test_a_page_that_cannot_be_read_is_no_damage(said: str, *, expected: bool) -> None:
    assert disk_failed(said) is expected


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a file whose reads fail")
def test_a_file_that_cannot_be_read_is_not_said_to_be_unsound() -> None:
    with pytest.raises(sqlite3.OperationalError) as raised:
        is_sound(Path("/proc/self/mem"))
    assert not is_garbage(raised.value)


def test_garbage_is_unsound(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database at all" * 99)
    assert not is_sound(tmp_path / "a.db")


def test_an_error_of_the_disk_while_it_is_checked_moves_nothing_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "cache"
    with Store(root) as store:
        take(store, study_files(1))
    (root / "clean").unlink()

    def fails(_path: Path) -> bool:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("viewer.cache.recovery.is_sound", fails)
        with pytest.raises(Exception, match="Input/output error"):
            Store(root)
    assert not list(root.glob("*.bak-*"))
    with Store(root) as store:
        assert store.notices == []
        assert listed(store) == {"1.2.1"}
