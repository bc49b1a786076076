"""What of given objects and studies is here, and where: asked before they are fetched or sent."""

import json
from collections.abc import Sequence

from viewer.cache.rows import SELECT_INSTANCES, instance_of
from viewer.cache.states import State
from viewer.cache.store import Store
from viewer.cache.studies import patient_of
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import InstanceRecord


def whole(store: Store, uids: Sequence[str], *, damaged: bool = False) -> set[str]:
    """Return those of some SOP Instance UIDs that are here whole, as far as is known.

    With `damaged` also those that came with something wrong. Raises ViewerError.
    """
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT sop_instance_uid FROM main.instance WHERE state = ? AND"
            " sop_instance_uid IN (SELECT value FROM json_each(?))"
            " AND (? OR coalesce(json_extract(record, '$.note'), '') = '')",
            (State.WHOLE, json.dumps(list(uids)), damaged),
        )
        return {uid for (uid,) in rows}


def records(store: Store, uids: Sequence[str]) -> dict[str, InstanceRecord]:
    """Return those of some objects that are here whole, by SOP Instance UID. Raises ViewerError."""
    with store.reading() as connection:
        rows = connection.execute(
            f"{SELECT_INSTANCES} WHERE instance.state = ?"  # noqa: S608  all of it is written in this package
            " AND instance.sop_instance_uid IN (SELECT value FROM json_each(?))",
            (State.WHOLE, json.dumps(list(uids))),
        )
        found = [instance_of(row, store.folder) for row in rows]
    return {record.sop_instance_uid: record for record in found}


def objects_of(store: Store, study_instance_uid: str, series_instance_uid: str = "") -> tuple[str, ...]:
    """Return the SOP Instance UIDs of a study, or of one of its series, that are here whole.

    Raises ViewerError.
    """
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT instance.sop_instance_uid FROM main.study AS study"
            " JOIN main.series AS series ON series.study = study.id"
            " JOIN main.instance AS instance ON instance.series = series.id"
            " WHERE study.study_instance_uid = ? AND ? IN ('', series.series_instance_uid)"
            " AND instance.state = ? ORDER BY series.id, instance.sop_instance_uid",
            (study_instance_uid, series_instance_uid, State.WHOLE),
        ).fetchall()
    return tuple(uid for (uid,) in rows)


def keys(store: Store, study_instance_uid: str) -> tuple[tuple[StudyKey, bool], ...]:
    """Return the studies under a UID, one for each patient, and whether each is in the trash.

    Raises ViewerError.
    """
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT study.patient_key, fact.deleted_at IS NOT NULL FROM main.study AS study"
            " LEFT JOIN work.study_fact AS fact ON fact.study_instance_uid = study.study_instance_uid"
            " AND fact.patient_key = study.patient_key WHERE study.study_instance_uid = ?",
            (study_instance_uid,),
        ).fetchall()
    return tuple((StudyKey(study_instance_uid, patient_of(text)), bool(deleted)) for text, deleted in rows)
