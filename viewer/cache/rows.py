"""Records as rows of index.db and back, without losing anything.

A study and a series have a row each, made from their first instance and never changed. An instance keeps
what its file says otherwise, so that a record that is read back equals the one that was written.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from viewer.cache.folder import CacheFolder
from viewer.cache.search import folded
from viewer.dicom.records import InstanceRecord, PatientRecord, SeriesRecord, StudyRecord
from viewer.dicom.tree import series_key

_PATIENT = tuple(field.name for field in fields(PatientRecord))
_STUDY = tuple(field.name for field in fields(StudyRecord) if field.name != "patient")
_SERIES = tuple(field.name for field in fields(SeriesRecord) if field.name != "study")
_INSTANCE = tuple(
    field
    for field in fields(InstanceRecord)
    if field.name not in {"sop_instance_uid", "sop_class_uid", "series", "path"}
)
_DEFAULTS = {field.name: field.default for field in _INSTANCE}
_TUPLES = {
    "image_type",
    "image_position_patient",
    "image_orientation_patient",
    "pixel_spacing",
    "referenced_instance_uids",
}
_WIDEST = 1 << 63  # an INTEGER of SQLite has 64 bits with a sign

STUDY_COLUMNS = (*_STUDY, *_PATIENT)
SERIES_COLUMNS = _SERIES

# What `instance_of` takes, in its order; add a WHERE and an ORDER BY.
SELECT_INSTANCES = (
    "SELECT instance.sop_instance_uid, instance.object, instance.path, instance.record, "  # noqa: S608  ours
    + ", ".join([*(f"series.{name}" for name in _SERIES), *(f"study.{name}" for name in STUDY_COLUMNS)])
    + " FROM instance JOIN series ON series.id = instance.series JOIN study ON study.id = series.study"
)
_FIRST_COLUMN = 4  # of the columns of series and study


@dataclass(frozen=True, slots=True)
class Place:
    """Which study and series an instance is in, as index.db tells them apart."""

    study_instance_uid: str
    patient_key: str  # JSON list
    series_instance_uid: str


def place_of(record: InstanceRecord) -> Place:
    """Return the study and series of an instance; two patients under one Study Instance UID stay apart."""
    patient, study, series = series_key(record)
    return Place(plain(study), json.dumps(patient), plain(series))


def study_row(record: InstanceRecord) -> dict[str, Any]:
    """Return the row of the study of an instance, but for its counts."""
    place, study = place_of(record), record.series.study
    patient = study.patient
    texts = (
        patient.patient_name,
        patient.patient_id,
        patient.issuer_of_patient_id,
        study.accession_number,
        study.study_description,
    )
    columns = {name: _column(getattr(study, name)) for name in _STUDY}
    columns |= {name: _column(getattr(patient, name)) for name in _PATIENT}
    return columns | {
        "study_instance_uid": place.study_instance_uid,
        "patient_key": place.patient_key,
        "search": plain("\n".join(folded(text) for text in texts)),
        "name_order": plain(folded(patient.patient_name)),
    }


def series_row(record: InstanceRecord) -> dict[str, Any]:
    """Return the row of the series of an instance, but for its study and count."""
    columns = {name: _column(getattr(record.series, name)) for name in _SERIES}
    return columns | {"series_instance_uid": place_of(record).series_instance_uid}


def record_json(record: InstanceRecord, study: dict[str, Any], series: dict[str, Any]) -> str:
    """Return what the rows of study and series do not say of an instance, as JSON."""
    said = {"sop_class_uid": record.sop_class_uid}
    said |= {
        name: value for name, default in _DEFAULTS.items() if (value := getattr(record, name)) != default
    }
    said |= _otherwise(record.series, _SERIES, series)
    said |= _otherwise(record.series.study, _STUDY, study)
    said |= _otherwise(record.series.study.patient, _PATIENT, study)
    return json.dumps(said, separators=(",", ":"))


def instance_of(row: Sequence[Any], folder: CacheFolder) -> InstanceRecord:
    """Return the record of a row of SELECT_INSTANCES; its path is that of the object or file in place."""
    uid, sha256, linked, text = row[:_FIRST_COLUMN]
    said: dict[str, Any] = json.loads(text)
    columns = dict(zip((*_SERIES, *STUDY_COLUMNS), row[_FIRST_COLUMN:], strict=True))
    for name in columns.keys() & said.keys():
        columns[name] = said.pop(name)
    for name in _TUPLES & said.keys():
        said[name] = tuple(said[name])
    patient = PatientRecord(**{name: columns[name] for name in _PATIENT})
    study = StudyRecord(patient=patient, **{name: columns[name] for name in _STUDY})
    series = SeriesRecord(study=study, **{name: columns[name] for name in _SERIES})
    return InstanceRecord(uid, series=series, path=folder.path_of(sha256, linked), **said)


def plain(text: str) -> str:
    """Return a text that a database takes: lone surrogates, which are none, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _otherwise(record: Any, names: Sequence[str], row: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    return {name: value for name in names if (value := getattr(record, name)) != row[name]}


def _column(value: str | int | None) -> str | int | None:
    if isinstance(value, str):
        return plain(value)
    return value if value is None or -_WIDEST <= value < _WIDEST else None
