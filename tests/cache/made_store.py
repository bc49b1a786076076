"""A store with small real files in it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from make import ct, write

from viewer.cache import studies
from viewer.cache.arrivals import Arrival, Became, Keep, Source
from viewer.cache.rows import place_of
from viewer.cache.store import Store
from viewer.cache.study_list import Order, StudyFilter, StudyKey
from viewer.dicom.index import index_file
from viewer.dicom.records import InstanceRecord, Refused, Skipped

PACS = Source("PACS Archive", origin=False)
CD = Source("CD", origin=True)


def file(folder: Path, study: int, number: int = 1, **attributes: Any) -> InstanceRecord:
    """Write a small CT image and return its record; the same numbers always give the same UIDs."""
    dataset = ct(
        StudyInstanceUID=f"1.2.{study}",
        SeriesInstanceUID=f"1.2.{study}.1",
        SOPInstanceUID=f"1.2.{study}.1.{number}",
        InstanceNumber=str(number),
        PatientID=f"P{study}",
        **attributes,
    )
    folder.mkdir(exist_ok=True, parents=True)
    path = write(dataset, folder / f"{study}-{number}-{len(list(folder.iterdir()))}")
    return record_of(path)


def record_of(path: Path) -> InstanceRecord:
    """Return the record of a file."""
    record = index_file(str(path))
    assert isinstance(record, InstanceRecord), record
    return record


def index(paths: Sequence[str]) -> list[InstanceRecord | Refused | Skipped]:
    """Read the headers of files, as the worker processes do."""
    return [index_file(path) for path in paths]


def key_of(record: InstanceRecord) -> StudyKey:
    """Return which study an instance is in."""
    place = place_of(record)
    return StudyKey(place.study_instance_uid, tuple(json.loads(place.patient_key)))


def take(
    store: Store, records: Sequence[InstanceRecord], source: Source = PACS, keep: Keep = Keep.COPY
) -> list[Became]:
    """Take records and return what became of each."""
    return [taken.became for taken in store.take([Arrival(record, source, keep) for record in records])]


@cache
def study_files(study: int, count: int = 2) -> tuple[InstanceRecord, ...]:
    """Return the records of a study whose files are made once for all tests."""
    return tuple(file(_folder(), study, number + 1) for number in range(count))


@cache
def _folder() -> Path:
    return Path(mkdtemp(prefix="made-store-"))


def arrived(store: Store, at: float) -> None:
    """Say that all that is in the store arrived at a time in seconds since 1970."""
    with store.writing() as connection:
        connection.execute("UPDATE work.arrival SET arrived_at = ?", (at,))
        connection.execute("UPDATE main.study SET added_at = ?", (at,))


def listed(store: Store, **wanted: Any) -> set[str]:
    """Return the UIDs of the studies in the list."""
    with store.reading() as connection:
        return {
            one.key.study_instance_uid
            for one in studies.page(connection, StudyFilter(**wanted), Order(), 0, 999)
        }


def whole(store: Store, key: StudyKey) -> list[InstanceRecord]:
    """Return the instances of a study, all of whose files are there."""
    with store.reading() as connection:
        records = studies.records(connection, store.folder, key)
    for record in records:
        assert record_of(Path(record.path)) == record
    return records


def objects(store: Store) -> set[str]:
    """Return the names of the files in obj/."""
    return {path.name for path in store.folder.objects.rglob("*") if path.is_file()}


@contextmanager
def temporary_store() -> Iterator[Store]:
    """Yield a store in a folder of its own."""
    with Store(Path(mkdtemp(prefix="store-", dir=_folder())) / "cache") as store:
        yield store


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the index says, without the numbers by which its tables refer to each other."""
    study = "study.study_instance_uid, study.patient_key"
    queries = {
        "study": "SELECT * FROM main.study AS study",
        "series": f"SELECT {study}, series.* FROM main.series AS series "  # noqa: S608
        "JOIN main.study AS study ON study.id = series.study",
        "instance": f"SELECT {study}, series.series_instance_uid, instance.* "  # noqa: S608
        "FROM main.instance AS instance JOIN main.series AS series ON series.id = instance.series "
        "JOIN main.study AS study ON study.id = series.study",
        "conflict": "SELECT * FROM main.conflict",
    }
    found: dict[str, list[tuple[Any, ...]]] = {}
    with store.reading() as connection:
        for name, query in queries.items():
            cursor = connection.execute(query)
            places = [n for n, column in enumerate(cursor.description) if column[0] not in {"id", "study"}]
            if name == "instance":
                places = [n for n in places if cursor.description[n][0] != "series"]
            found[name] = sorted((tuple(row[n] for n in places) for row in cursor), key=repr)
    return found
