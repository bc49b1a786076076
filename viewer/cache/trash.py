"""Deleting studies: at first only said, so that it can be undone; removed when the trash is emptied."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from viewer.cache import facts
from viewer.cache.disk import Disk
from viewer.cache.protection import Moment, Reason, candidates
from viewer.cache.removal import Removed, remove, settle
from viewer.cache.rows import place_of
from viewer.cache.store import Store
from viewer.cache.studies import patient_of
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import InstanceRecord

# A person who deletes a study and empties the trash means it, but not what is in use at this moment.
KEPT = frozenset({Reason.OPEN, Reason.UNSENT})


@dataclass(frozen=True, slots=True)
class Emptied:
    """What became of the studies in the trash."""

    studies: int = 0
    bytes: int = 0
    kept: tuple[tuple[StudyKey, frozenset[Reason]], ...] = ()  # and why


def delete(store: Store, keys: Iterable[StudyKey], now: float | None = None) -> None:
    """Put studies into the trash: they leave the list, and nothing else happens. Raises ViewerError."""
    at = time.time() if now is None else now
    for key in keys:
        facts.deleted(store, key, at)


def restore(store: Store, keys: Iterable[StudyKey]) -> None:
    """Take studies out of the trash. Raises ViewerError."""
    for key in keys:
        facts.deleted(store, key, None)


def empty(
    store: Store,
    *,
    unless: frozenset[Reason] = KEPT,
    cancelled: Callable[[], bool] = lambda: False,
    now: float | None = None,
    disk: Disk | None = None,
) -> Emptied:
    """Remove the studies in the trash for good, but for those that one of some reasons keeps.

    Raises ViewerError; what was begun is ended the next time.
    """
    settle(store, disk)
    moment = Moment(time.time() if now is None else now, store.leased())
    with store.reading() as connection:
        keys = [one.key for one in candidates(connection, moment) if one.deleted]
    done: list[tuple[StudyKey, Removed]] = []
    for key in keys:
        if cancelled():
            break
        done.append((key, remove(store, key, unless, moment, disk)))
    return Emptied(
        studies=sum(not removed.kept_for for _, removed in done),
        bytes=sum(removed.bytes for _, removed in done),
        kept=tuple((key, removed.kept_for) for key, removed in done if removed.kept_for),
    )


def come_again(store: Store, records: Iterable[InstanceRecord]) -> int:
    """Take the studies of instances that were imported again out of the trash; return how many.

    Who imports a study wants to see it, and what is new in it must not go when the trash is emptied. Raises
    ViewerError.
    """
    places = {(place.study_instance_uid, place.patient_key) for place in map(place_of, records)}
    with store.reading() as connection:
        found = connection.execute(
            "SELECT study_instance_uid, patient_key FROM work.study_fact WHERE deleted_at IS NOT NULL"
        ).fetchall()
    again = [StudyKey(uid, patient_of(patient)) for uid, patient in found if (uid, patient) in places]
    restore(store, again)
    return len(again)
