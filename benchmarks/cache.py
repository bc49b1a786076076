"""The study cache: a keystroke among 5,000 studies, and an import by copy."""

import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare, milliseconds
from viewer.cache import ledger, studies
from viewer.cache.arrivals import Keep, Source
from viewer.cache.store import Store
from viewer.cache.study_list import Order, SortBy, StudyFilter
from viewer.dicom.index import index_file
from viewer.dicom.records import InstanceRecord, PatientRecord
from viewer.jobs.decode import DecoderPool
from viewer.jobs.importing import How, import_paths

STUDIES, INSTANCES = 5000, 100_000
PAGE = 200  # rows that a list asks for at a time
FRAME = 16.0  # ms that a screen shows one picture
KEYSTROKES = 40
FILES = 400  # of half a megabyte
ROUNDS = 5
FAMILIES = ("Müller", "Smith", "García", "Nguyễn", "O'Neil", "Sørensen", "Иванов", "Yamada")
GIVEN = ("Anna^=山田^太郎=やまだ^たろう", "Bob", "Çelik", "Zoë", "Tina")
DESCRIPTIONS = ("CT chest with contrast", "MR Knie links", "Röntgen Thorax pa", "Abdomen")
TYPED = (
    StudyFilter(),
    StudyFilter(text="m"),
    StudyFilter(text="muller an"),
    StudyFilter(text="thorax 77"),
    StudyFilter(text="nobody"),
    StudyFilter(patient_name="sor*z*"),
    StudyFilter(patient_id="ID004"),
    StudyFilter(modalities=("CT",), date_from="20200101", date_to="20231231"),
)


def records(model: InstanceRecord) -> Iterator[InstanceRecord]:
    """Yield the instances of many studies of many people."""
    each = INSTANCES // STUDIES
    for number in range(STUDIES):
        name = f"{FAMILIES[number % len(FAMILIES)]}{number % 97}^{GIVEN[number % len(GIVEN)]}"
        study = replace(
            model.series.study,
            study_instance_uid=f"{material.ROOT}.7.{number}",
            patient=PatientRecord(name, f"ID{number:06}", "", "19500101", "O"),
            study_date=f"20{10 + number % 16}{1 + number % 12:02}{1 + number % 28:02}",
            study_description=DESCRIPTIONS[number % len(DESCRIPTIONS)],
            accession_number=f"A{number}",
        )
        series = replace(model.series, study=study, series_instance_uid=f"{material.ROOT}.8.{number}")
        for image in range(each):
            yield replace(model, series=series, sop_instance_uid=f"{material.ROOT}.9.{number}.{image}")


def filled(store: Store, model: InstanceRecord) -> None:
    """Put made-up instances into the index of a store: what is looked for, without any files."""
    source = Source("folder benchmark", origin=False)
    entries = [
        ledger.Entry(record, f"{number:064x}", None, 500_000, 0, source)
        for number, record in enumerate(records(model))
    ]
    with store.writing() as connection:
        ledger.write_work(connection, entries, 1e9)
        ledger.recount(connection, ledger.write_index(connection, entries, 1e9))


def keystroke(store: Store, wanted: StudyFilter, order: Order) -> None:
    """Do what a list does when a letter was typed."""
    with store.reading() as connection:
        studies.found(connection, wanted, order, 0, PAGE)


def search(model: InstanceRecord) -> Iterator[Row]:
    """Count and list what was typed, as a keystroke makes the list do."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent, Store(Path(parent) / "cache") as store:
        filled(store, model)
        orders = (Order(SortBy.STUDY_DATE), Order(SortBy.PATIENT_NAME, descending=False))
        strokes = [partial(keystroke, store, wanted, order) for wanted in TYPED for order in orders]
        rounds = [[milliseconds(stroke) for stroke in strokes] for _ in range(KEYSTROKES)]
        each = [sorted(times) for times in zip(*rounds, strict=True)]
        what = f"the slowest of {len(strokes)} keystrokes, {STUDIES:,} studies, {INSTANCES:,} instances"
        mine, best = max(statistics.median(times) for times in each), max(times[0] for times in each)
        yield Row(what, mine, "ms", "one frame of a screen", FRAME, mine / FRAME, best / FRAME, 1.0)


def imports(pool: DecoderPool) -> Iterator[Row]:
    """Import a folder by copy; the peer copies it and waits until the disk has it."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent:
        root = Path(parent)
        material.ct_folder(root / "study", FILES)
        number = count()

        def ours() -> None:
            place = root / f"cache-{next(number)}"
            with Store(place) as store:
                report = import_paths([str(root / "study")], store, pool, How(root, keep=Keep.COPY))
            shutil.rmtree(place)
            if report.added != FILES:
                raise RuntimeError(f"{report.added} of {FILES} files were imported: {report.stopped}")

        def theirs() -> None:
            place = root / f"copy-{next(number)}"
            subprocess.run(["cp", "-r", str(root / "study"), str(place)], check=True)
            subprocess.run(["sync"], check=True)
            shutil.rmtree(place)

        peer = Peer("cp -r, then sync", theirs, 2.0)
        yield from compare(f"import {FILES} CT files by copy", ours, [peer], rounds=ROUNDS)


def measure() -> Iterator[Row]:
    """Measure a keystroke in the list of studies, and an import."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as parent, DecoderPool() as pool:
        model = index_file(material.ct_folder(Path(parent) / "one", 1)[0])
        if not isinstance(model, InstanceRecord):
            raise TypeError(model.reason)
        pool.warm_up()
        yield from search(model)
        yield from imports(pool)
