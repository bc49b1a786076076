"""An import tells what became of each file, and what it told stays."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from make import ct, write

from viewer.cache.arrivals import Became, Keep, Source, Taken
from viewer.cache.store import Store
from viewer.jobs.decode import DecoderPool
from viewer.jobs.importing import (
    Hearing,
    How,
    ImportReport,
    Progress,
    how_to_keep,
    import_paths,
    source_words,
)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    """Return worker processes that live as long as these tests."""
    with DecoderPool(1) as made:
        made.index([__file__])  # now they are running, and no test is blamed for them
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an empty store."""
    with Store(tmp_path / "cache") as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with six images, one of them damaged, and two other files."""
    place = tmp_path / "CT-12"
    place.mkdir()
    for number in range(1, 7):
        write(ct(SOPInstanceUID=f"1.2.{number}", InstanceNumber=str(number)), place / f"im{number}.dcm")
    (place / "readme.txt").write_text("not an image")
    (place / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM\x02")
    return place


def how(tmp_path: Path, keep: Keep | None = Keep.COPY, floor_bytes: int = 0) -> How:
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    return How(scratch, keep, floor_bytes=floor_bytes)


def counted(report: ImportReport) -> tuple[int, int, int, int, int]:
    return (
        report.added,
        report.already_here,
        len(report.conflicts) + len(report.failed),
        len(report.refused),
        len(report.skipped),
    )


@pytest.mark.parametrize("keep", [Keep.COPY, Keep.LINK])
def test_a_folder_is_imported_once(
    folder: Path, store: Store, pool: DecoderPool, tmp_path: Path, keep: Keep
) -> None:
    taken: list[Taken] = []
    progress: list[Progress] = []
    report = import_paths(
        [str(folder)], store, pool, how(tmp_path, keep), Hearing(taken.extend, progress.append)
    )
    assert counted(report) == (6, 0, 0, 1, 1)
    assert report.bytes == sum(path.stat().st_size for path in folder.glob("im*"))
    assert (report.stopped, report.cancelled) == ("", False)
    assert {one.became for one in taken} == {Became.ADDED}
    assert [one.record.sop_instance_uid for one in taken] == [f"1.2.{n}" for n in range(1, 7)]
    assert progress[-1].looked == 8
    assert progress[-1].added == 6
    assert counted(import_paths([str(folder)], store, pool, how(tmp_path, keep))) == (0, 6, 0, 1, 1)
    with store.reading() as connection:
        table = "work.arrival" if keep is Keep.COPY else "work.link"
        words = connection.execute(f"SELECT DISTINCT source FROM {table}").fetchall()  # noqa: S608
    assert words == [("copy of folder CT-12" if keep is Keep.COPY else "folder CT-12",)]


def test_a_zip_is_copied_and_its_files_are_named_as_a_person_knows_them(
    folder: Path, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    archive = tmp_path / "disc.zip"
    other = tmp_path / "other.dcm"
    write(ct(SOPInstanceUID="1.2.1", PatientID="OTHER"), other)
    with zipfile.ZipFile(archive, "w") as made:
        for path in sorted(folder.glob("im*")):
            made.write(path, f"DICOM/{path.name}")
        made.write(other, "Z/other")
    wanted = how(tmp_path, Keep.LINK)
    report = import_paths([str(archive)], store, pool, wanted)
    assert (report.added, len(report.conflicts)) == (6, 1)
    (conflict,) = report.conflicts
    assert "disc.zip" in conflict.path
    assert "other" in conflict.path
    assert str(wanted.scratch) not in conflict.reason
    assert [path for path in wanted.scratch.rglob("*") if path.is_file()] == [], "nothing of it stays behind"
    with store.reading() as connection:
        assert connection.execute("SELECT count(*) FROM instance WHERE object IS NULL").fetchone() == (0,)
        assert connection.execute("SELECT DISTINCT source, origin FROM work.arrival").fetchall() == [
            ("archive disc.zip", 1)
        ]


def test_what_was_told_stays_when_it_is_cancelled(store: Store, pool: DecoderPool, tmp_path: Path) -> None:
    place = tmp_path / "many"
    place.mkdir()
    for number in range(150):
        write(ct(SOPInstanceUID=f"1.3.{number}"), place / f"{number}")
    told: list[Taken] = []
    report = import_paths(
        [str(place)], store, pool, how(tmp_path), Hearing(told.extend, cancelled=lambda: bool(told))
    )
    assert report.cancelled
    assert 0 < report.added < 150
    assert report.added == len(told)
    assert report.failed == ()
    with store.reading() as connection:
        assert connection.execute("SELECT count(*) FROM instance").fetchone() == (len(told),)


def test_a_disk_that_would_be_too_full_stops_it_in_words(
    folder: Path, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    report = import_paths([str(folder)], store, pool, how(tmp_path, floor_bytes=1 << 60))
    assert report.added == 0
    assert "would be left on the disk" in report.stopped
    linked = import_paths([str(folder)], store, pool, how(tmp_path, Keep.LINK, floor_bytes=1 << 60))
    assert (linked.added, linked.stopped) == (6, "")


def test_a_cache_that_vanishes_stops_it_in_words(
    folder: Path, store: Store, pool: DecoderPool, tmp_path: Path
) -> None:
    store.folder.root.rename(tmp_path / "elsewhere")
    report = import_paths([str(folder)], store, pool, how(tmp_path))
    assert report.added == 0
    assert "is gone" in report.stopped


def test_a_path_that_is_not_there_is_refused(store: Store, pool: DecoderPool, tmp_path: Path) -> None:
    report = import_paths([str(tmp_path / "nowhere")], store, pool, how(tmp_path))
    assert counted(report) == (0, 0, 0, 1, 0)


def test_zips_are_copied_and_sources_are_named(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a", "a")
    assert how_to_keep(str(archive)) is Keep.COPY
    assert source_words(str(archive), Keep.COPY) == "archive a.zip"
    assert source_words(os.path.join(tmp_path, "CD", "DICOMDIR"), Keep.COPY) == "medium CD"  # noqa: PTH118
    assert source_words(str(tmp_path / "x"), Keep.LINK) == "folder x"
    assert Source("x", origin=True).origin
