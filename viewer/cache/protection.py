"""Why a study must not be removed: each reason is one question to the two databases."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from viewer.cache.studies import patient_of
from viewer.cache.study_list import StudyKey

MINUTE = 60  # seconds
YOUNGEST_MINUTES = 10  # what has just come is about to be read


class Reason(Enum):
    """Why a study stays, as the end of a sentence about it."""

    OPEN = "open in a window"
    PINNED = "kept on purpose"
    ANNOTATED = "annotated"
    UNSENT = "waiting to be sent"
    ORIGIN = "not known to be anywhere else"
    YOUNG = "only just here"


EVERY = frozenset(Reason)

_QUERIES: Mapping[Reason, str] = {
    Reason.OPEN: """SELECT id FROM main.study
        WHERE study_instance_uid IN (SELECT value FROM json_each(:open)) AND coalesce(id = :study, 1)""",
    Reason.PINNED: """SELECT study.id FROM main.study AS study JOIN work.study_fact AS fact
        USING (study_instance_uid, patient_key) WHERE fact.pinned AND coalesce(study.id = :study, 1)""",
    Reason.ANNOTATED: """SELECT id FROM main.study
        WHERE study_instance_uid IN (SELECT study_instance_uid FROM work.journal)
        AND coalesce(id = :study, 1)""",
    Reason.UNSENT: """SELECT DISTINCT series.study FROM work.outbox AS outbox
        JOIN main.instance AS instance USING (sop_instance_uid)
        JOIN main.series AS series ON series.id = instance.series
        WHERE outbox.state IN ('queued', 'failed') AND coalesce(series.study = :study, 1)""",
    # Without a row nobody knows where an object came from (work.db may have been lost): then it stays, too.
    Reason.ORIGIN: """SELECT DISTINCT series.study FROM main.series AS series
        JOIN main.instance AS instance ON instance.series = series.id
        LEFT JOIN work.arrival AS arrival ON arrival.object = instance.object
        WHERE instance.object IS NOT NULL AND coalesce(arrival.origin, 1)
        AND coalesce(series.study = :study, 1) AND NOT EXISTS (
            SELECT 1 FROM work.outbox AS outbox
            WHERE outbox.sop_instance_uid = instance.sop_instance_uid AND outbox.state = 'committed')""",
    Reason.YOUNG: """SELECT DISTINCT series.study FROM main.series AS series
        JOIN main.instance AS instance ON instance.series = series.id
        JOIN work.arrival AS arrival ON arrival.object = instance.object
        WHERE arrival.arrived_at > :since AND coalesce(series.study = :study, 1)""",
}
_CANDIDATES = """
SELECT study.id, study.study_instance_uid, study.patient_key, study.added_at, fact.opened_at,
  fact.deleted_at IS NOT NULL, (SELECT coalesce(sum(instance.bytes), 0) FROM main.series AS series
    JOIN main.instance AS instance ON instance.series = series.id
    WHERE series.study = study.id AND instance.object IS NOT NULL)
FROM main.study AS study LEFT JOIN work.study_fact AS fact USING (study_instance_uid, patient_key)"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A study that might be removed to make room."""

    key: StudyKey
    bytes: int  # of its objects: what would be free; files that stay in place take none
    last_used: float  # seconds since 1970: when it was last opened, or came
    deleted: bool = False  # by a person: it is in the trash
    reasons: frozenset[Reason] = frozenset()  # why it must stay


@dataclass(frozen=True, slots=True)
class Moment:
    """What the databases do not know: the time, and what is open."""

    now: float  # seconds since 1970
    open: Collection[str] = ()  # Study Instance UIDs
    youngest_minutes: float = YOUNGEST_MINUTES


def reasons(
    connection: sqlite3.Connection, moment: Moment, study: int | None = None
) -> dict[int, frozenset[Reason]]:
    """Return why studies must stay, by their numbers in the index; of one study or of all."""
    values = {
        "study": study,
        "open": json.dumps(sorted(moment.open)),
        "since": moment.now - MINUTE * moment.youngest_minutes,
    }
    found: dict[int, set[Reason]] = {}
    for reason, query in _QUERIES.items():
        for (place,) in connection.execute(query, values):
            found.setdefault(place, set()).add(reason)
    return {place: frozenset(several) for place, several in found.items()}


def candidates(connection: sqlite3.Connection, moment: Moment) -> list[Candidate]:
    """Return all studies of the cache, each with why it must stay."""
    why = reasons(connection, moment)
    return [
        Candidate(
            key=StudyKey(uid, patient_of(patient)),
            bytes=size,
            last_used=max(added_at, opened_at or 0.0),
            deleted=bool(deleted),
            reasons=why.get(place, frozenset()),
        )
        for place, uid, patient, added_at, opened_at, deleted, size in connection.execute(_CANDIDATES)
    ]
