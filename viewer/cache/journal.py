"""The journal of annotations (work.db): append-only, one row a finished gesture, there after a crash."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.cache.store import Store
from viewer.cache.studies import patient_text, place_of
from viewer.cache.study_list import StudyKey


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. What its text means is the business of who writes it (viewing.journal_text)."""

    text: str  # JSON
    made_at: float  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Kept:
    """What the journal has of a study."""

    entries: tuple[Entry, ...] = ()  # in the order in which they were made
    in_cache: bool = False  # the study itself is kept on this computer


def append(connection: sqlite3.Connection, key: StudyKey, entries: Sequence[Entry]) -> None:
    """Add rows at the end, within a transaction of Store.writing. Raises sqlite3.Error."""
    connection.executemany(
        "INSERT INTO work.journal (study_instance_uid, patient_key, edit, made_at) VALUES (?, ?, ?, ?)",
        [(key.study_instance_uid, patient_text(key.patient), one.text, one.made_at) for one in entries],
    )


def read(store: Store, key: StudyKey) -> Kept:
    """Return all rows of a study of a patient, oldest first. Raises ViewerError."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT edit, made_at FROM work.journal"
            " WHERE study_instance_uid = ? AND patient_key = ? ORDER BY id",
            (key.study_instance_uid, patient_text(key.patient)),
        ).fetchall()
        return Kept(tuple(Entry(*row) for row in rows), place_of(connection, key) is not None)
