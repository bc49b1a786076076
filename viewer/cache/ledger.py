"""The rows of the two databases that an import writes, and the counts of the studies it touches."""

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from viewer.cache.arrivals import Source
from viewer.cache.decide import Known
from viewer.cache.rows import (
    SERIES_COLUMNS,
    STUDY_COLUMNS,
    place_of,
    record_json,
    series_row,
    study_row,
)
from viewer.cache.states import State
from viewer.cache.studies import source_words
from viewer.dicom.records import InstanceRecord

TICK = 1e-6  # seconds between two rows of a batch: more than a float of today's seconds since 1970 resolves
_STUDY_INSERT = (*STUDY_COLUMNS, "patient_key", "search", "name_order")


@dataclass(frozen=True, slots=True)
class Entry:
    """An instance as it is to be in the index."""

    record: InstanceRecord
    sha256: str | None
    linked: bytes | None
    size: int
    modified_ns: int
    source: Source


def known(connection: sqlite3.Connection, uids: Sequence[str]) -> dict[str, Known]:
    """Return what the index says of SOP Instance UIDs."""
    marks = ",".join("?" * len(uids))
    rows = connection.execute(
        "SELECT sop_instance_uid, object, path, bytes, modified_ns, state, "  # noqa: S608  only question marks
        f"json_extract(record, '$.note') FROM instance WHERE sop_instance_uid IN ({marks})",
        list(uids),
    )
    return {
        uid: Known(sha256, path, size, modified_ns, State(state), bool(note))
        for uid, sha256, path, size, modified_ns, state, note in rows
    }


def moments(now: float) -> Iterator[float]:
    """Yield a time for each row of a batch, so that a rebuild knows which of them came first."""
    return itertools.count(now, TICK)


def write_work(connection: sqlite3.Connection, entries: Iterable[Entry], now: float) -> None:
    """Write down where objects came from and which files stay in place. Within a transaction."""
    for entry, at in zip(entries, moments(now), strict=False):
        if entry.sha256 is not None:
            write_arrival(connection, entry.sha256, entry.source, at)
            connection.execute(
                "DELETE FROM work.link WHERE path IN (SELECT path FROM main.instance"
                " WHERE sop_instance_uid = ?) AND sop_instance_uid = ?",
                (entry.record.sop_instance_uid, entry.record.sop_instance_uid),
            )
        else:
            connection.execute(
                "INSERT OR REPLACE INTO work.link VALUES (?, ?, ?, ?)",
                (entry.linked, entry.record.sop_instance_uid, entry.source.words, at),
            )


def write_arrival(connection: sqlite3.Connection, sha256: str, source: Source, now: float) -> None:
    """Write down where an object came from; what may exist nowhere else stays so. Within a transaction."""
    connection.execute(
        "INSERT INTO work.arrival VALUES (?, ?, ?, ?)"
        " ON CONFLICT (object) DO UPDATE SET origin = max(origin, excluded.origin)",
        (sha256, source.words, int(source.origin), now),
    )


def displaced(connection: sqlite3.Connection, entries: Iterable[Entry]) -> list[str]:
    """Return the instances whose file in place holds another instance now."""
    found = []
    for entry in entries:
        if entry.linked is not None:
            rows = connection.execute(
                "SELECT instance.sop_instance_uid FROM work.link JOIN main.instance USING (sop_instance_uid)"
                " WHERE link.path = ? AND instance.path = link.path AND sop_instance_uid <> ?",
                (entry.linked, entry.record.sop_instance_uid),
            )
            found += [uid for (uid,) in rows]
    return found


def write_index(connection: sqlite3.Connection, entries: Iterable[Entry], now: float) -> set[int]:
    """Write instances, in the place of what was there under their UID. Return the ids of touched studies.

    Within a transaction; `recount` is due before it ends. A study that only grows in series that it had is
    not among them: to count it again for each batch would take the longer the larger it is.
    """
    places: dict[object, tuple[int, int, dict[str, Any], dict[str, Any]]] = {}
    touched: set[int] = set()
    grown: list[tuple[int, int, int, int]] = []
    for entry, at in zip(entries, moments(now), strict=False):
        place = (place_of(entry.record), entry.source.words)
        if place not in places:
            places[place] = _place(connection, entry.record, at)
            if not _is_counted(connection, places[place][1], entry.source.words):
                touched.add(places[place][0])
        study_id, series_id, study, series = places[place]
        uid = entry.record.sop_instance_uid
        if replaced := studies_of(connection, [uid]):
            touched |= {study_id} | replaced
        else:
            grown.append((study_id, series_id, entry.record.number_of_frames, entry.size))
        connection.execute(
            "INSERT OR REPLACE INTO instance VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                uid,
                series_id,
                entry.sha256,
                entry.linked,
                entry.size,
                entry.modified_ns,
                int(State.WHOLE),
                record_json(entry.record, study, series),
            ),
        )
        if entry.sha256 is not None:
            connection.execute("DELETE FROM conflict WHERE object = ?", (entry.sha256,))
    _grow(connection, [one for one in grown if one[0] not in touched])
    return touched


def _is_counted(connection: sqlite3.Connection, series: int, words: str) -> bool:
    """Tell whether one instance more, from a source, changes nothing about a study but its sums."""
    instances, said = connection.execute(
        "SELECT series.instances, study.source FROM series JOIN study ON study.id = series.study"
        " WHERE series.id = ?",
        (series,),
    ).fetchone()
    others = said.removeprefix(f"{words} and ").removesuffix(" more")
    return bool(instances > 0 and (said == words or others.isdigit()))


def _grow(connection: sqlite3.Connection, grown: Sequence[tuple[int, int, int, int]]) -> None:
    """Count instances that are new: study, series, frames and bytes of each."""
    connection.executemany(
        "UPDATE series SET instances = instances + 1 WHERE id = ?", [(series,) for _, series, _, _ in grown]
    )
    connection.executemany(
        "UPDATE study SET instances = instances + 1, frames = frames + ?, bytes = bytes + ? WHERE id = ?",
        [(frames, size, study) for study, _, frames, size in grown],
    )


def write_conflict(connection: sqlite3.Connection, sha256: str, uid: str, size: int, now: float) -> None:
    """Write down an object whose SOP Instance UID another one has, found when it came, else now.

    Within a transaction.
    """
    connection.execute(
        "INSERT OR IGNORE INTO conflict VALUES (?1, ?2, ?3,"
        " coalesce((SELECT arrived_at FROM work.arrival WHERE object = ?1), ?4))",
        (sha256, uid, size, now),
    )


def mark(connection: sqlite3.Connection, uids: Iterable[str], state: State) -> set[int]:
    """Give instances a state. Return the ids of touched studies; `recount` is due. Within a transaction."""
    names = list(uids)
    connection.executemany(
        "UPDATE instance SET state = ? WHERE sop_instance_uid = ?", [(int(state), uid) for uid in names]
    )
    return studies_of(connection, names)


def studies_of(connection: sqlite3.Connection, uids: Iterable[str]) -> set[int]:
    """Return the ids of the studies that instances are in."""
    query = (
        "SELECT series.study FROM instance JOIN series ON series.id = instance.series"
        " WHERE sop_instance_uid = ?"
    )
    return {study for uid in uids for (study,) in connection.execute(query, (uid,))}


def recount(connection: sqlite3.Connection, studies: Iterable[int]) -> None:
    """Make the counts of studies again, and remove series and studies without instances. In a transaction."""
    for study in studies:
        connection.execute(
            "UPDATE series SET instances = (SELECT count(*) FROM instance WHERE series = series.id)"
            " WHERE study = ?",
            (study,),
        )
        connection.execute("DELETE FROM series WHERE study = ? AND instances = 0", (study,))
        counts = connection.execute(
            "SELECT count(*), coalesce(sum(coalesce(json_extract(record, '$.number_of_frames'), 1)), 0),"
            " coalesce(sum(bytes), 0), coalesce(sum(state IN (?, ?)), 0)"
            " FROM instance WHERE series IN (SELECT id FROM series WHERE study = ?)",
            (int(State.MISSING), int(State.DAMAGED), study),
        ).fetchone()
        if counts[0] == 0:
            connection.execute("DELETE FROM study WHERE id = ?", (study,))
            continue
        modalities = connection.execute(
            "SELECT DISTINCT modality FROM series WHERE study = ? AND modality <> '' ORDER BY 1", (study,)
        ).fetchall()
        series = connection.execute("SELECT count(*) FROM series WHERE study = ?", (study,)).fetchone()[0]
        words = source_words(connection, [study]).get(study, "")
        connection.execute(
            "UPDATE study SET series = ?, modalities = ?, instances = ?, frames = ?, bytes = ?, missing = ?,"
            " source = ? WHERE id = ?",
            (series, "\\".join(name for (name,) in modalities), *counts, words, study),
        )


def _place(
    connection: sqlite3.Connection, record: InstanceRecord, now: float
) -> tuple[int, int, dict[str, Any], dict[str, Any]]:
    """Return the ids and the rows of the study and series of an instance; make them if they are not there."""
    place = place_of(record)
    study_id, study = _row(
        connection,
        "study",
        _STUDY_INSERT,
        {"study_instance_uid": place.study_instance_uid, "patient_key": place.patient_key},
        study_row(record) | {"added_at": now},
    )
    series_id, series = _row(
        connection,
        "series",
        SERIES_COLUMNS,
        {"study": study_id, "series_instance_uid": place.series_instance_uid},
        series_row(record) | {"study": study_id},
    )
    return study_id, series_id, study, series


def _row(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    key: dict[str, Any],
    row: dict[str, Any],
) -> tuple[int, dict[str, Any]]:
    """Return the id and the columns of the row with a key; make it if it is not there."""
    where = " AND ".join(f"{name} = :{name}" for name in key)
    query = f"SELECT id, {', '.join(columns)} FROM {table} WHERE {where}"  # noqa: S608  names of ours
    found = connection.execute(query, key).fetchone()
    if found is None:
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)  # noqa: S608  names of ours
        found = connection.execute(query, key).fetchone()
    return found[0], dict(zip(columns, found[1:], strict=True))
