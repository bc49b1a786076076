"""Which frames of a study were seen (work.db): one row a series, replaced as a whole."""

import sqlite3
from dataclasses import dataclass

from viewer.cache.store import Store
from viewer.cache.studies import patient_text
from viewer.cache.study_list import StudyKey


@dataclass(frozen=True, slots=True)
class SeenSeries:
    """What is known of one series; the texts are JSON (viewing.seen_text)."""

    series_instance_uid: str
    frames: str  # displayed
    marked: str  # called seen by a reader


def put(connection: sqlite3.Connection, key: StudyKey, series: SeenSeries, at: float) -> None:
    """Replace what is known of a series, within a transaction of Store.writing. Raises sqlite3.Error."""
    connection.execute(
        "INSERT INTO work.seen VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " frames = excluded.frames, marked = excluded.marked, changed_at = excluded.changed_at",
        (
            key.study_instance_uid,
            patient_text(key.patient),
            series.series_instance_uid,
            series.frames,
            series.marked,
            at,
        ),
    )


def read(store: Store, key: StudyKey) -> tuple[SeenSeries, ...]:
    """Return what is known of a study of a patient. Raises ViewerError."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT series_instance_uid, frames, marked FROM work.seen"
            " WHERE study_instance_uid = ? AND patient_key = ?",
            (key.study_instance_uid, patient_text(key.patient)),
        ).fetchall()
    return tuple(SeenSeries(*row) for row in rows)


def forget(connection: sqlite3.Connection, key: StudyKey) -> None:
    """Forget what was seen of a study that is removed for good. Raises sqlite3.Error."""
    connection.execute(
        "DELETE FROM work.seen WHERE study_instance_uid = ? AND patient_key = ?",
        (key.study_instance_uid, patient_text(key.patient)),
    )
