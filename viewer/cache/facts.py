"""What people did with a study, and what a peer told of it: kept in work.db, so that no rebuild loses it."""

import time

from viewer.cache.store import Store
from viewer.cache.studies import patient_text
from viewer.cache.study_list import StudyKey


def opened(store: Store, key: StudyKey, at: float | None = None) -> None:
    """Note that a study was opened now, or at a time in seconds since 1970. Raises ViewerError."""
    _note(store, key, "opened_at", time.time() if at is None else at)


def pin(store: Store, key: StudyKey, *, pinned: bool = True) -> None:
    """Keep a study from being evicted to make room, or no longer. Raises ViewerError."""
    _note(store, key, "pinned", int(pinned))


def expect(store: Store, key: StudyKey, instances: int | None) -> None:
    """Note how many instances a study has as a peer told; None when that is not known. Raises ViewerError."""
    _note(store, key, "expected_instances", instances)


def deleted(store: Store, key: StudyKey, at: float | None) -> None:
    """Note when a person deleted a study; None: it is not deleted. Raises ViewerError."""
    _note(store, key, "deleted_at", at)


def _note(store: Store, key: StudyKey, column: str, value: float | None) -> None:
    with store.writing() as connection:
        connection.execute(
            f"INSERT INTO work.study_fact (study_instance_uid, patient_key, {column}) VALUES (?, ?, ?) "  # noqa: S608  names of ours
            f"ON CONFLICT DO UPDATE SET {column} = excluded.{column}",
            (key.study_instance_uid, patient_text(key.patient), value),
        )
