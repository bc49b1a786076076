"""The studies of the cache, a page at a time: a list of thousands is looked through within one frame."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from viewer.cache.folder import CacheFolder
from viewer.cache.rows import SELECT_INSTANCES, instance_of
from viewer.cache.search import ESCAPE, MOST_CHARACTERS, folded, has_wildcards, like_pattern, words
from viewer.cache.states import State
from viewer.cache.study_list import ListedStudy, Order, SortBy, StudyFilter, StudyKey
from viewer.dicom.records import InstanceRecord, PatientRecord, Refused, StudyRecord
from viewer.dicom.text import shown_path
from viewer.dicom.tree import PatientKey

_FACTS = """LEFT JOIN work.study_fact AS fact
  ON fact.study_instance_uid = study.study_instance_uid AND fact.patient_key = study.patient_key"""
_COLUMNS = """study.id, study.study_instance_uid, study.patient_key, study.patient_name, study.patient_id,
study.issuer_of_patient_id, study.patient_birth_date, study.patient_sex, study.study_date, study.study_time,
study.study_description, study.accession_number, study.modalities, study.series, study.instances,
study.frames, study.bytes, study.missing, study.added_at, fact.opened_at, coalesce(fact.pinned, 0) AS pinned,
fact.deleted_at, coalesce(fact.expected_instances, (SELECT max(told.expected_instances)
  FROM work.study_fact AS told WHERE told.study_instance_uid = study.study_instance_uid)) AS expected,
study.source"""
_NEWEST_FIRST = "study.study_date DESC, study.study_time DESC, study.study_instance_uid, study.patient_key"
_SORTED_BY = {
    SortBy.PATIENT_NAME: ("study.name_order",),
    SortBy.PATIENT_ID: ("study.patient_id",),
    SortBy.STUDY_DATE: ("study.study_date", "study.study_time"),
    SortBy.STUDY_DESCRIPTION: ("study.study_description COLLATE NOCASE",),
    SortBy.MODALITIES: ("study.modalities",),
    SortBy.ACCESSION_NUMBER: ("study.accession_number",),
    SortBy.INSTANCES: ("study.instances",),
    SortBy.BYTES: ("study.bytes",),
    SortBy.ADDED: ("study.added_at",),
    SortBy.OPENED: ("fact.opened_at",),  # NULL, never opened, counts as the oldest
}
_SOURCES = """
SELECT series.study, coalesce(arrival.source, link.source) AS words,
       max(coalesce(arrival.arrived_at, link.linked_at)) AS latest
FROM main.series AS series CROSS JOIN main.instance AS instance ON instance.series = series.id
LEFT JOIN work.arrival AS arrival ON arrival.object = instance.object
LEFT JOIN work.link AS link ON link.path = instance.path
WHERE series.study IN (SELECT value FROM json_each(?)) AND words IS NOT NULL
GROUP BY series.study, words ORDER BY series.study, latest DESC, words"""
_LOST = """
SELECT instance.object, instance.path, instance.state
FROM main.instance AS instance JOIN main.series AS series ON series.id = instance.series
WHERE instance.state IN (:missing, :damaged) AND (:study IS NULL OR series.study = :study)
ORDER BY instance.sop_instance_uid"""
_OTHER_CONTENT = """
SELECT conflict.object FROM main.conflict AS conflict
LEFT JOIN main.instance AS instance ON instance.sop_instance_uid = conflict.sop_instance_uid
LEFT JOIN main.series AS series ON series.id = instance.series
WHERE :study IS NULL OR series.study = :study ORDER BY conflict.sop_instance_uid, conflict.object"""
_REASONS = {
    (State.MISSING, "copy"): "it is gone from the cache; import it or fetch it again",
    (State.MISSING, "link"): "it is no longer there, or has changed since it was read; import it again",
    (State.DAMAGED, "copy"): "its bytes have changed on this disk; import it or fetch it again",
    (State.DAMAGED, "link"): "its bytes have changed since it was read; import it again",
}
_CONFLICT = "the same SOP Instance UID as another file with other content; the one that came first is shown"
_CONFLICTS = """
SELECT series.study, count(*) FROM main.conflict AS conflict
CROSS JOIN main.instance AS instance ON instance.sop_instance_uid = conflict.sop_instance_uid
CROSS JOIN main.series AS series ON series.id = instance.series GROUP BY series.study"""
_PATIENTS = """
SELECT study_instance_uid, count(*) FROM main.study WHERE study_instance_uid <> '' AND study_instance_uid IN
  (SELECT study_instance_uid FROM main.study WHERE id IN (SELECT value FROM json_each(?)))
GROUP BY study_instance_uid"""

GROUPS = 3  # of a PN: alphabetic, ideographic, phonetic (PS3.5 6.2)

FEW = 1000  # studies: below, ordering them takes less time than looking through all of them once more

Parameters = list[str | int]
Row = tuple[Any, ...]  # of `_COLUMNS`


@dataclass(frozen=True, slots=True)
class _Where:
    """Conditions on `study` and `fact`, all of which must hold, and their values."""

    conditions: tuple[str, ...]
    values: tuple[str | int, ...]


def patient_text(patient: PatientKey) -> str:
    """Return the key of a patient as the databases hold it."""
    return json.dumps(list(patient))


@lru_cache(maxsize=8192)
def patient_of(text: str) -> PatientKey:
    """Return the key of a patient from how the databases hold it."""
    return tuple(str(part) for part in json.loads(text))


def count(connection: sqlite3.Connection, wanted: StudyFilter) -> int:
    """Return how many studies of the cache are wanted."""
    where = _where(connection, wanted)
    found = connection.execute(
        f"SELECT count(*) FROM main.study AS study WHERE {_all(where)}",  # noqa: S608
        where.values,
    )
    return int(found.fetchone()[0])


def page(
    connection: sqlite3.Connection, wanted: StudyFilter, order: Order, offset: int, limit: int
) -> list[ListedStudy]:
    """Return `limit` of the wanted studies after the first `offset`, in an order."""
    return _listed(connection, _places(connection, _where(connection, wanted), order, offset, limit))


def _places(
    connection: sqlite3.Connection, where: _Where, order: Order, offset: int, limit: int
) -> list[int]:
    """Return the numbers of studies that conditions hold for, in an order."""
    direction = "DESC" if order.descending else "ASC"
    by = ", ".join([*(f"{column} {direction}" for column in _SORTED_BY[order.by]), _NEWEST_FIRST])
    facts = _FACTS if order.by is SortBy.OPENED else ""
    places = connection.execute(
        f"SELECT study.id FROM main.study AS study {facts} "  # noqa: S608  all of it is written here
        f"WHERE {_all(where)} ORDER BY {by} LIMIT ? OFFSET ?",
        (*where.values, limit, offset),
    ).fetchall()
    return [place for (place,) in places]


def found(
    connection: sqlite3.Connection, wanted: StudyFilter, order: Order, offset: int, limit: int
) -> tuple[int, list[ListedStudy]]:
    """Return how many studies are wanted, and `limit` of them after the first `offset`.

    Where few fit, all studies are looked through once and those few are put in order; where many fit, the
    index that is in order already yields a page soon.
    """
    where = _where(connection, wanted)
    total, numbers = connection.execute(
        f"SELECT count(*), json_group_array(study.id) FROM main.study AS study WHERE {_all(where)}",  # noqa: S608
        where.values,
    ).fetchone()
    if total <= FEW:
        where = _Where(("study.id IN (SELECT value FROM json_each(?))",), (numbers,))
    return int(total), _listed(connection, _places(connection, where, order, offset, limit))


def study(connection: sqlite3.Connection, key: StudyKey) -> ListedStudy | None:
    """Return one study, also when it is in the trash; None when it is not in the cache."""
    place = place_of(connection, key)
    return None if place is None else _listed(connection, [place])[0]


def keys_of(connection: sqlite3.Connection, study_instance_uid: str) -> list[StudyKey]:
    """Return the studies of a UID, one for each patient that has it; also those in the trash."""
    found = connection.execute(
        "SELECT patient_key FROM main.study WHERE study_instance_uid = ? ORDER BY id", (study_instance_uid,)
    )
    return [StudyKey(study_instance_uid, patient_of(text)) for (text,) in found]


def place_of(connection: sqlite3.Connection, key: StudyKey) -> int | None:
    """Return the number of a study in the index; None when it is not in the cache."""
    found = connection.execute(
        "SELECT id FROM main.study WHERE study_instance_uid = ? AND patient_key = ?",
        (key.study_instance_uid, patient_text(key.patient)),
    ).fetchone()
    return None if found is None else int(found[0])


def same_patient(connection: sqlite3.Connection, key: StudyKey) -> list[ListedStudy]:
    """Return the other studies of the patient of a study, newest first; none of those in the trash."""
    places = connection.execute(
        f"SELECT study.id FROM main.study AS study {_FACTS} WHERE study.patient_key = ? "  # noqa: S608
        f"AND study.study_instance_uid <> ? AND fact.deleted_at IS NULL ORDER BY {_NEWEST_FIRST}",
        (patient_text(key.patient), key.study_instance_uid),
    ).fetchall()
    return _listed(connection, [place for (place,) in places])


def records(connection: sqlite3.Connection, folder: CacheFolder, key: StudyKey) -> list[InstanceRecord]:
    """Return the instances of a study whose files are whole as far as is known; none of an unknown study.

    What is not among them is in `problems`.
    """
    rows = connection.execute(
        f"{SELECT_INSTANCES} WHERE study.id = ? AND instance.state = ? "
        "ORDER BY series.id, instance.sop_instance_uid",
        (place_of(connection, key), State.WHOLE),
    )
    return [instance_of(row, folder) for row in rows]


def problems(
    connection: sqlite3.Connection, folder: CacheFolder, key: StudyKey | None = None
) -> list[Refused]:
    """Return the files of a study, or of all, that cannot be used, each with its reason."""
    place = None if key is None else place_of(connection, key)
    if key is not None and place is None:
        return []
    lost = connection.execute(_LOST, {"study": place, "missing": State.MISSING, "damaged": State.DAMAGED})
    found = [
        Refused(
            shown_path(folder.path_of(sha256, linked)), _REASONS[State(state), "copy" if sha256 else "link"]
        )
        for sha256, linked, state in lost
    ]
    others = connection.execute(_OTHER_CONTENT, {"study": place})
    return found + [Refused(str(folder.object_path(sha256)), _CONFLICT) for (sha256,) in others]


def modalities(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the distinct modalities of all studies of the cache, sorted."""
    found = connection.execute("SELECT DISTINCT modalities FROM main.study").fetchall()
    return tuple(sorted({one for (several,) in found for one in several.split("\\") if one}))


def _where(connection: sqlite3.Connection, wanted: StudyFilter) -> _Where:
    """Return the conditions for what is wanted; gives the connection the functions that they call."""
    connection.create_function("folded", 1, folded, deterministic=True)
    connection.create_function("folded_group", 2, _folded_group, deterministic=True)
    trash = "SELECT study_instance_uid, patient_key FROM work.study_fact WHERE deleted_at IS NOT NULL"
    inside = "IN" if wanted.deleted else "NOT IN"
    conditions = [f"(study.study_instance_uid, study.patient_key) {inside} ({trash})"]
    values: Parameters = []
    for word in words(wanted.text):
        conditions.append("(instr(study.search, ?) OR instr(lower(study.modalities), ?))")
        values += [word, word]
    for condition, more in (*_dates(wanted), *_kinds(wanted), *_names(wanted.patient_name), *_texts(wanted)):
        conditions.append(condition)
        values += more
    return _Where(tuple(conditions), tuple(values))


def _names(name: str) -> Iterator[tuple[str, Parameters]]:
    """Yield the conditions for a name: its words in any order, or one of its groups with wildcards."""
    if not has_wildcards(name):
        for word in words(name):
            yield "instr(study.name_order, ?)", [word]
        return
    pattern = like_pattern(name)
    group = f"folded_group(study.patient_name, ?) LIKE ? ESCAPE '{ESCAPE}'"
    groups: Parameters = [value for number in range(GROUPS) for value in (number, pattern)]
    condition = (
        f"CASE WHEN instr(study.patient_name, '=') THEN {' OR '.join([group] * GROUPS)} "
        f"ELSE study.name_order LIKE ? ESCAPE '{ESCAPE}' END"
    )
    yield _if_literal(condition), [_literal(name), *groups, pattern]


def _texts(wanted: StudyFilter) -> Iterator[tuple[str, Parameters]]:
    for column, text in (
        ("patient_id", wanted.patient_id),
        ("accession_number", wanted.accession_number),
        ("study_description", wanted.study_description),
    ):
        if folded(text):
            condition = f"folded(study.{column}) LIKE ? ESCAPE '{ESCAPE}'"
            yield _if_literal(condition), [_literal(text), like_pattern(text)]


def _if_literal(condition: str) -> str:
    """Return a condition that is looked at only where a text that it needs is found: it takes longer."""
    return f"CASE WHEN instr(study.search, ?) THEN {condition} ELSE 0 END"


def _literal(text: str) -> str:
    """Return the longest part of a folded text that every match has in it."""
    return max(folded(text[:MOST_CHARACTERS]).replace("?", "*").split("*"), key=len)


def _folded_group(name: str, number: int) -> str:
    return folded("".join(name.split("=")[number : number + 1]))


def _kinds(wanted: StudyFilter) -> Iterator[tuple[str, Parameters]]:
    if wanted.modalities:
        one = "instr('\\' || study.modalities || '\\', '\\' || ? || '\\')"
        yield f"({' OR '.join([one] * len(wanted.modalities))})", list(wanted.modalities)


def _dates(wanted: StudyFilter) -> Iterator[tuple[str, Parameters]]:
    """Yield the conditions for a range; a study without a date is in none."""
    if wanted.date_from:
        yield "study.study_date >= ?", [wanted.date_from]
    if wanted.date_to:
        yield "study.study_date BETWEEN '0' AND ?", [wanted.date_to]


def _all(where: _Where) -> str:
    return " AND ".join(where.conditions)


def _listed(connection: sqlite3.Connection, places: Sequence[int]) -> list[ListedStudy]:
    """Return studies by their numbers in the index, with what other tables say about them."""
    if not places:
        return []
    wanted = (json.dumps(places),)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM main.study AS study {_FACTS} "  # noqa: S608
        "WHERE study.id IN (SELECT value FROM json_each(?))",
        wanted,
    )
    by_place = {row[0]: row for row in rows}
    conflicts = dict(connection.execute(_CONFLICTS).fetchall())
    sources = source_words(connection, [place for place, row in by_place.items() if not row[-1]])
    patients = dict(connection.execute(_PATIENTS, wanted).fetchall())
    found = [
        _one(by_place[place], sources.get(place, by_place[place][-1]), conflicts.get(place, 0))
        for place in places
    ]
    return [replace(one, patients=patients.get(one.key.study_instance_uid, 1)) for one in found]


def source_words(connection: sqlite3.Connection, places: Sequence[int]) -> dict[int, str]:
    """Return where the instances of studies came from: of several sources the latest, and how many more.

    It looks at the arrival of every instance; the list reads what `study.source` says.
    """
    sources: dict[int, list[str]] = {}
    if places:
        for place, source, _ in connection.execute(_SOURCES, (json.dumps(places),)):
            sources.setdefault(place, []).append(source)
    return {place: _source(latest_first) for place, latest_first in sources.items()}


def _source(latest_first: Sequence[str]) -> str:
    more = len(latest_first) - 1
    return "".join(latest_first[:1]) + (f" and {more} more" if more > 0 else "")


def _one(row: Row, source: str, conflicts: int) -> ListedStudy:
    (_, uid, key, name, patient_id, issuer, born, sex, date, time, description, accession, kinds, *rest) = row
    series, instances, frames, size, missing, added_at, opened_at, pinned, deleted_at, expected, _ = rest
    patient = PatientRecord(name, patient_id, issuer, born, sex)
    return ListedStudy(
        key=StudyKey(uid, patient_of(key)),
        record=StudyRecord(uid, patient, date, time, description, accession),
        modalities=tuple(kind for kind in kinds.split("\\") if kind),
        series=series,
        instances=instances,
        frames=frames,
        bytes=size,
        missing=missing,
        expected_instances=expected,
        source=source,
        added_at=added_at,
        opened_at=opened_at,
        pinned=bool(pinned),
        deleted_at=deleted_at,
        conflicts=conflicts,
    )
