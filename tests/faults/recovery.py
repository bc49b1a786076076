"""The start after a bad end: how soon the window can open, and how soon all files are looked at."""

import os
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from scene import PACS, closing_line, pieces

from viewer.cache import ledger
from viewer.cache.folder import CacheFolder
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord

UID = "1.2.826.0.1.3680043.8.498"
OF_A_SERIES = 250
OF_A_STUDY = 4  # series
STRANGERS = 64  # objects that no row tells of, and as many rows whose object is gone
OPEN_SECONDS = 0.3  # until the window can open, whatever is in the cache
LOOK_SECONDS = 2.0  # to look at 100,000 objects
HUNDRED_THOUSAND = 100_000


def name_of(number: int) -> str:
    """Return the name of an object, as even as a SHA-256."""
    return f"{number * 2654435761 % 2**32:08x}" * 8


def entry_of(record: InstanceRecord, number: int) -> ledger.Entry:
    """Return a row of the index that is as long as that of a CT image."""
    series, study = number // OF_A_SERIES, number // OF_A_SERIES // OF_A_STUDY
    place = replace(
        record.series,
        series_instance_uid=f"{UID}.1.{series}",
        study=replace(record.series.study, study_instance_uid=f"{UID}.2.{study}"),
    )
    uid = f"{UID}.3.{series}.{number}"
    instance = replace(record, sop_instance_uid=uid, series=place)
    return ledger.Entry(instance, name_of(number), None, 0, 0, PACS)


def fill(root: Path, record: InstanceRecord, count: int) -> None:
    """Make a cache of `count` instances whose owner ended badly."""
    folder = CacheFolder(root)
    with Store(root) as store:
        with store.writing() as connection:
            for first in range(0, count, OF_A_SERIES):  # all studies and series, each with its first instance
                entry = entry_of(record, first)
                ledger.write_index(connection, [entry], first)
            (row,) = connection.execute("SELECT record FROM main.instance LIMIT 1").fetchone()
            connection.executemany(
                "INSERT OR IGNORE INTO main.instance VALUES (?, ?, ?, NULL, 0, 0, 0, ?)",
                [
                    (
                        f"{UID}.3.{number // OF_A_SERIES}.{number}",
                        number // OF_A_SERIES + 1,
                        name_of(number),
                        row,
                    )
                    for number in range(count)
                ],
            )
            ledger.recount(connection, range(1, count // OF_A_SERIES // OF_A_STUDY + 2))
        with store.writing() as connection:
            connection.executemany(
                "INSERT INTO work.arrival VALUES (?, ?, 0, 1)",
                [(name_of(number), PACS.words) for number in range(count)],
            )
        for number in range(STRANGERS, count + STRANGERS):
            folder.object_path(name_of(number)).touch()
    child = os.fork()
    if child == 0:
        with Store(root).writing() as connection:  # something is in the log
            connection.execute("UPDATE main.study SET added_at = added_at + 1")
        os._exit(0)
    os.waitpid(child, 0)


def run(count: int) -> int:
    """Start with `count` instances after a bad end; print how long it took."""
    began = time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        (piece,) = pieces(folder / "material", 1, largest=1)
        fill(folder / "cache", piece.record, count)
        start = time.perf_counter()
        store = Store(folder / "cache", look_later=True)
        opened = time.perf_counter() - start
        start = time.perf_counter()
        store.reconcile()
        looked = time.perf_counter() - start
        orphans = len(store.orphans)
        with store.reading() as connection:
            missing = connection.execute("SELECT sum(missing) FROM main.study").fetchone()[0]
        size = (folder / "cache" / "index.db").stat().st_size
        store.close()
    finally:
        shutil.rmtree(folder)
    goal = LOOK_SECONDS * max(count / HUNDRED_THOUSAND, 0.1)
    return closing_line(
        "RECOVERY",
        opened < OPEN_SECONDS and looked < goal and (orphans, missing) == (STRANGERS, STRANGERS),
        instances=count,
        index_mb=size / 1e6,
        orphans=orphans,
        missing=missing,
        until_window=opened,
        reconcile=looked,
        seconds=time.perf_counter() - began,
    )
