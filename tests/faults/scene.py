"""What all faults share: many small instances, promises on paper, and the audit of a cache after a fault."""

import hashlib
import os
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from make import ct, write

from viewer.cache import facts, journal, trash
from viewer.cache.arrivals import Arrival, Became, Keep, Source, Taken
from viewer.cache.disk import Disk
from viewer.cache.removal import settle
from viewer.cache.states import State
from viewer.cache.store import Store
from viewer.cache.studies import patient_of
from viewer.cache.study_list import StudyKey
from viewer.cache.writer import Writer
from viewer.dicom.index import index_file
from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.errors import ViewerError

PACS = Source("PACS Archive", origin=False)
OF_A_STUDY = 40
FIRST = 1_000_000  # so that all numbers are of one length
_INSTANCE, _STUDY, _SERIES, _PATIENT = (
    "1.2.826.0.1.1000000",
    "1.2.826.0.2.1000000",
    "1.2.826.0.3.1000000",
    "P1000000",
)
_PADDING = b"\xfc\xff\xfc\xffOB\0\0"  # Data Set Trailing Padding (PS3.10 7.2), explicit VR
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that is to be imported, and the SHA-256 of its bytes as they were made."""

    record: InstanceRecord
    sha256: str
    study: str  # Study Instance UID


def pieces(
    folder: Path, count: int, *, of_a_study: int = OF_A_STUDY, largest: int = 9, shards: int = 256
) -> list[Piece]:
    """Write instances of up to `largest` blocks; of every 25th there is another with other bytes.

    All of them are in the first so many folders of objects.
    """
    folder.mkdir(parents=True)
    template = _template(folder)
    found = []
    for number in range(count):
        twin = number % 25 == 24
        for seed in range(number, 1 << 30, count):
            content = _content(template, number - twin, number // of_a_study, seed, largest)
            if hashlib.sha256(content).digest()[0] < shards:
                break
        path = folder / f"{number:07d}"
        path.write_bytes(content)
        record = index_file(str(path))
        assert isinstance(record, InstanceRecord), record
        study = record.series.study.study_instance_uid
        found.append(Piece(record, hashlib.sha256(content).hexdigest(), study))
    return found


def _template(folder: Path) -> bytes:
    dataset = ct(
        SOPInstanceUID=_INSTANCE, StudyInstanceUID=_STUDY, SeriesInstanceUID=_SERIES, PatientID=_PATIENT
    )
    path = write(dataset, folder / "template")
    content = path.read_bytes()
    path.unlink()
    return content


def _content(template: bytes, uid: int, study: int, seed: int, largest: int) -> bytes:
    for text, number in ((_INSTANCE, uid), (_STUDY, study), (_SERIES, study), (_PATIENT, study)):
        template = template.replace(text.encode(), f"{text[:-7]}{FIRST + number}".encode())
    chance = random.Random(seed)  # noqa: S311  a test
    padding = chance.randbytes(2 * chance.randint(1, largest * _BLOCK // 2))
    return template + _PADDING + len(padding).to_bytes(4, "little") + padding


def index(paths: Sequence[str]) -> list[InstanceRecord | Refused | Skipped]:
    """Read the headers of files, as the worker processes do."""
    return [index_file(path) for path in paths]


# ------------------------------------------------------------------------------------------------ promises
class Paper:
    """Where a process that may be killed writes down what it was promised, line by line, in one call each."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def say(self, *lines: str) -> None:
        text = "".join(f"{line}\n" for line in lines)
        os.writev(self._descriptor, [text.encode()])  # a call that nobody lets fail

    def taken(self, pieces: Iterable[Piece], answers: Iterable[Taken]) -> None:
        self.say(
            *(
                f"kept {piece.record.sop_instance_uid} {piece.sha256} {piece.study}"
                for piece, answer in zip(pieces, answers, strict=True)
                if answer.became is not Became.FAILED
            )
        )


@dataclass(slots=True)
class Promises:
    """What the papers say."""

    kept: dict[tuple[str, str], str] = field(default_factory=dict)  # UID and SHA-256: study
    going: set[str] = field(default_factory=set)  # studies that are being removed
    gone: set[str] = field(default_factory=set)  # they may come again
    pinned: set[str] = field(default_factory=set)
    drawn: dict[str, int] = field(default_factory=dict)  # study: the last gesture that is in its journal

    @classmethod
    def read(cls, text: str) -> "Promises":
        said = cls()
        for line in text.splitlines(keepends=True):
            if line.endswith("\n"):
                said.hear(line.split())
        return said

    def hear(self, words: Sequence[str]) -> None:
        kind, *rest = words
        if kind == "kept":
            uid, sha256, study = rest
            self.kept[uid, sha256] = study
            return
        if kind == "drawn":
            study, number = rest
            self.drawn[study] = int(number)
            return
        if kind == "back":
            self.going.difference_update(rest)
            return
        getattr(self, kind).update(rest)
        if kind == "gone":
            self.going.difference_update(rest)
            self.kept = {key: study for key, study in self.kept.items() if study not in rest}
            self.pinned.difference_update(rest)


# --------------------------------------------------------------------------------------------------- deeds
def do_import(store: Store, some: Sequence[Piece], paper: Paper, keep: Keep = Keep.COPY) -> None:
    """Import pieces in one call and write down what was promised."""
    paper.taken(some, store.take([Arrival(piece.record, PACS, keep) for piece in some]))


def do_pin(store: Store, study: str, paper: Paper) -> None:
    """Pin a study: it is a fact that exists nowhere else."""
    facts.pin(store, _listed(store, study))
    paper.say(f"pinned {study}")


def do_draw(store: Store, study: str, count: int, paper: Paper) -> None:
    """Draw: gestures that are written by a thread of their own, in the order in which they were made."""
    key = _listed(store, study)
    first = len(journal.read(store, key).entries)
    writer = Writer(store)
    for number in range(first, first + count):
        writer.write(partial(journal.append, key=key, entries=[journal.Entry(str(number), 1.0)]))
        if number % 7 == 0 and writer.flush():
            paper.say(f"drawn {study} {number}")
    if writer.close():
        paper.say(f"drawn {study} {first + count - 1}")


def do_remove(store: Store, study: str, paper: Paper, disk: Disk | None = None) -> None:
    """Delete a study and empty the trash."""
    paper.say(f"going {study}")
    trash.delete(store, [_listed(store, study)])
    trash.empty(store, disk=disk)
    paper.say(f"gone {study}")


def is_listed(store: Store, study: str) -> bool:
    """Tell whether a study is in the index."""
    with store.reading() as connection:
        return bool(
            connection.execute(
                "SELECT count(*) FROM main.study WHERE study_instance_uid = ?", (study,)
            ).fetchone()[0]
        )


def _listed(store: Store, study: str) -> StudyKey:
    with store.reading() as connection:
        (patient,) = connection.execute(
            "SELECT patient_key FROM main.study WHERE study_instance_uid = ?", (study,)
        ).fetchone()
    return StudyKey(study, patient_of(patient))


# --------------------------------------------------------------------------------------------------- audit
@dataclass(slots=True)
class Audit:
    """What was found after a fault; sums of several add up."""

    runs: int = 0
    instances: int = 0
    promised: int = 0
    lost: int = 0
    mismatched: int = 0  # rows and files, or counts and rows, that do not say the same
    broken: int = 0  # caches that could not be opened
    orphans: int = 0  # adopted
    temps: int = 0  # removed
    seconds: float = 0.0  # to open them
    longest: float = 0.0
    words: list[str] = field(default_factory=list)  # about what is wrong
    decided: list[str] = field(
        default_factory=list
    )  # for the paper: what became of removals that did not end

    @property
    def bad(self) -> int:
        """Return how much is wrong."""
        return self.lost + self.mismatched + self.broken

    def add(self, other: "Audit") -> None:
        for name in ("runs", "promised", "lost", "mismatched", "broken", "orphans", "temps", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.instances = max(self.instances, other.instances)
        self.longest = max(self.longest, other.longest)
        self.words += other.words[:40]


def audit(root: Path, said: Promises) -> Audit:
    """Open a cache as the next start does, and compare everything with everything."""
    gestures = sum(last + 1 for last in said.drawn.values())
    found = Audit(runs=1, promised=len(said.kept) + gestures)
    found.temps = len(list((root / "tmp").iterdir())) if (root / "tmp").is_dir() else 0
    began = time.perf_counter()
    try:
        with Store(root) as store:
            found.orphans = len(store.orphans)
            found.seconds = found.longest = time.perf_counter() - began
            store.adopt(index)
            settle(store)
            _compare(store, said, found)
            for study in said.going:  # what did not go is taken out of the trash, to begin anew
                found.decided.append(f"{'back' if is_listed(store, study) else 'gone'} {study}")
                trash.restore(store, [_listed(store, study)] if is_listed(store, study) else [])
    except ViewerError as error:
        found.broken += 1
        found.words.append(str(error))
    return found


def _compare(store: Store, said: Promises, found: Audit) -> None:
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT sop_instance_uid, object, path, bytes, state FROM main.instance"
        ).fetchall()
        beside = connection.execute("SELECT sop_instance_uid, object, bytes FROM main.conflict").fetchall()
        known = {sha256 for (sha256,) in connection.execute("SELECT object FROM work.arrival")}
        links = {bytes(path) for (path,) in connection.execute("SELECT path FROM work.link")}
        pinned = {
            study
            for (study,) in connection.execute("SELECT study_instance_uid FROM work.study_fact WHERE pinned")
        }
        listed = {uid for (uid,) in connection.execute("SELECT study_instance_uid FROM main.study")}
        counts = connection.execute(
            "SELECT study.instances, study.bytes, count(*), sum(instance.bytes) FROM main.study"
            " LEFT JOIN main.series ON series.study = study.id"
            " LEFT JOIN main.instance ON instance.series = series.id GROUP BY study.id"
        ).fetchall()
        sound = [connection.execute(f"PRAGMA {name}.quick_check").fetchone()[0] for name in ("main", "work")]
    found.instances = len(rows)
    wrong = found.words.append
    if sound != ["ok", "ok"] or any(row[:2] != row[2:] for row in counts):
        found.mismatched += 1
        wrong(f"databases {sound}, counts {counts}")
    here: set[tuple[str, str]] = set()
    for uid, sha256, linked, size, state in [*rows, *((uid, sha, None, n, 0) for uid, sha, n in beside)]:
        path = Path(store.folder.path_of(sha256, linked))
        content = path.read_bytes() if path.exists() else b""
        digest = hashlib.sha256(content).hexdigest()
        sound_row = (len(content), state) == (size, State.WHOLE) and digest == (sha256 or digest)
        if not sound_row or not (sha256 in known if sha256 is not None else linked in links):
            found.mismatched += 1
            wrong(f"{uid}: {sha256 or linked!r} has {len(content)} of {size} bytes, state {state}")
        here.add((uid, digest))
    _compare_files(store, {sha256 for _, sha256, *_ in rows} | {sha for _, sha, _ in beside}, found)
    _compare_promises(said, here, listed, pinned, found)
    _compare_journal(store, said, found)


def _compare_journal(store: Store, said: Promises, found: Audit) -> None:
    """Look for gestures that are lost, twice there, or in another order; a removal leaves the journal."""
    with store.reading() as connection:
        rows = connection.execute("SELECT study_instance_uid, edit FROM work.journal ORDER BY id").fetchall()
    for study, last in said.drawn.items():
        there = [int(edit) for uid, edit in rows if uid == study]
        if there != list(range(len(there))) or len(there) <= last:
            found.lost += 1
            found.words.append(f"the journal of {study} has {len(there)} rows of {last + 1}")


def _compare_files(store: Store, referenced: set[str | None], found: Audit) -> None:
    folder = store.folder
    files = {path.name for path in folder.objects.rglob("*") if path.is_file()}
    stray = (files - referenced) | {path.name for path in folder.tmp.iterdir()}
    stray |= {path.name for path in folder.trash.iterdir()}
    found.mismatched += len(stray)
    found.words += [f"{name} is in no row" for name in sorted(stray)[:3]]


def _compare_promises(
    said: Promises, here: set[tuple[str, str]], listed: set[str], pinned: set[str], found: Audit
) -> None:
    lost = {key: study for key, study in said.kept.items() if key not in here}
    went = said.going - listed  # as a whole, but for what is in conflict
    lost = {key: study for key, study in lost.items() if study not in went}
    left = said.pinned - pinned - said.going
    found.lost += len(lost) + len(left)
    found.words += [f"{uid} {sha256[:8]} is lost" for uid, sha256 in list(lost)[:3]]
    found.words += [f"{study} is not pinned any more" for study in left]


def closing_line(name: str, passed: bool, **values: object) -> int:  # noqa: FBT001
    """Print the line that a run ends with; return the exit status."""
    shown = " ".join(
        f"{key}={value:.2f}" if isinstance(value, float) else f"{key}={value}"
        for key, value in values.items()
    )
    print(f"{name} {shown} verdict={'PASS' if passed else 'FAIL'}", flush=True)  # noqa: T201
    return int(not passed)
