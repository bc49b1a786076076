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
LEAST_PART = 0.1  # of it, and of the time, where there are fewer
STARTS = 3  # the machine may be busy: the goals are for the best of them


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


def started(root: Path) -> tuple[float, float, int, int]:
    """Start after a bad end; return seconds until the window can open and to look, orphans and missing."""
    start = time.perf_counter()
    with Store(root, look_later=True) as store:
        opened = time.perf_counter() - start
        start = time.perf_counter()
        store.reconcile()
        looked = time.perf_counter() - start
        with store.reading() as connection:
            missing = connection.execute("SELECT sum(missing) FROM main.study").fetchone()[0]
        return opened, looked, len(store.orphans), missing  # with orphans it does not end in good order


def run(count: int) -> int:
    """Start with `count` instances after a bad end; print how long it took, first and at best."""
    began = time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        (piece,) = pieces(folder / "material", 1, largest=1)
        fill(folder / "cache", piece.record, count)
        starts = [started(folder / "cache") for _ in range(STARTS)]
        size = (folder / "cache" / "index.db").stat().st_size
    finally:
        shutil.rmtree(folder)
    opened, looked = min(one[0] for one in starts), min(one[1] for one in starts)
    goal = LOOK_SECONDS * max(count / HUNDRED_THOUSAND, LEAST_PART)
    return closing_line(
        "RECOVERY",
        opened < OPEN_SECONDS and looked < goal and all(one[2:] == (STRANGERS, STRANGERS) for one in starts),
        instances=count,
        index_mb=size / 1e6,
        orphans=starts[0][2],
        missing=starts[0][3],
        first_until_window=starts[0][0],
        until_window=opened,
        first_look=starts[0][1],
        look=looked,
        seconds=time.perf_counter() - began,
    )
