"""What this computer has of studies that a peer named: asked by Study Instance UID alone."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.cache.states import State
from viewer.cache.studies import patient_of
from viewer.cache.study_list import StudyKey

_HERE = """
SELECT study.study_instance_uid, study.patient_key,
       (SELECT count(*) FROM main.series AS series
        JOIN main.instance AS instance ON instance.series = series.id
        WHERE series.study = study.id AND instance.state = ?),
       (SELECT max(told.expected_instances) FROM work.study_fact AS told
        WHERE told.study_instance_uid = study.study_instance_uid)
FROM main.study AS study
LEFT JOIN work.study_fact AS fact
  ON fact.study_instance_uid = study.study_instance_uid AND fact.patient_key = study.patient_key
WHERE study.study_instance_uid IN (SELECT value FROM json_each(?)) AND fact.deleted_at IS NULL
ORDER BY study.id"""


@dataclass(frozen=True, slots=True)
class Here:
    """What is on this computer of one study."""

    keys: tuple[StudyKey, ...] = ()  # usually one; two patients under one UID stay apart
    instances: int = 0  # with a whole file
    expected: int | None = None  # as a retrieve found; None where none did

    def complete(self, told: int | None) -> bool:
        """Tell whether nothing is missing, as far as the peer (`told`) and an earlier retrieve said."""
        most = max((count for count in (told, self.expected) if count is not None), default=None)
        return most is not None and self.instances > 0 and self.instances >= most


NOT_HERE = Here()


def present(connection: sqlite3.Connection, uids: Sequence[str]) -> dict[str, Here]:
    """Return what is here of studies, by Study Instance UID; those in the trash are not here."""
    found: dict[str, Here] = {}
    rows = connection.execute(_HERE, (State.WHOLE, json.dumps(list(uids))))
    for uid, patient, whole, expected in rows:
        before = found.get(uid, NOT_HERE)
        key = StudyKey(uid, patient_of(patient))
        found[uid] = Here((*before.keys, key), before.instances + whole, expected)
    return found
