"""A query as the keys of an identifier, and an answer as a match (PS3.4 C.6)."""

from collections.abc import Mapping

from viewer.dicom.records import PatientRecord, SeriesRecord, StudyRecord
from viewer.network.dimse import identifier as tag
from viewer.network.dimse.identifier import Answer
from viewer.network.match import Match
from viewer.network.query import Level, Query

# What is asked for at each level, beside what is looked for.
_PATIENT = (tag.PATIENT_NAME, tag.PATIENT_ID, tag.ISSUER, tag.BIRTH_DATE, tag.SEX)
_STUDY = (
    *(tag.STUDY_DATE, tag.STUDY_TIME, tag.ACCESSION_NUMBER, tag.STUDY_DESCRIPTION, tag.STUDY),
    *(tag.MODALITIES, tag.SOP_CLASSES, tag.SERIES_OF_STUDY, tag.INSTANCES_OF_STUDY),
)
_SERIES = (
    *(tag.SERIES, tag.MODALITY, tag.SERIES_NUMBER, tag.SERIES_DESCRIPTION, tag.BODY_PART, tag.LATERALITY),
    tag.INSTANCES_OF_SERIES,
)
_IMAGE = (tag.SOP_INSTANCE, tag.SOP_CLASS, tag.INSTANCE_NUMBER, tag.NUMBER_OF_FRAMES)
_RETURNED = {
    Level.PATIENT: (*_PATIENT, tag.STUDIES_OF_PATIENT),
    Level.STUDY: _STUDY,
    Level.SERIES: _SERIES,
    Level.IMAGE: _IMAGE,
}


def keys_of(query: Query, *, name: str = "", modality: str = "") -> dict[int, str]:
    """Return the keys of a query: what is looked for, what is to be returned, and where in the hierarchy.

    `name` is the patient's name as it is asked for; `modality` one of those looked for.
    """
    level = query.level
    keys = dict.fromkeys(_RETURNED[level], "")
    if level is Level.STUDY and not query.patient_root:
        keys |= dict.fromkeys(_PATIENT, "")
    keys |= {place: text for place, text in _wanted(query, name, modality).items() if place in keys}
    keys[tag.LEVEL] = level.value
    for place, text in _above(query):
        keys[place] = text
    return keys


def _wanted(query: Query, name: str, modality: str) -> dict[int, str]:
    dates = (query.date_from, query.date_to)
    return {
        tag.PATIENT_NAME: name,
        tag.PATIENT_ID: query.patient_id,
        tag.ISSUER: query.issuer_of_patient_id,
        tag.BIRTH_DATE: query.patient_birth_date,
        tag.ACCESSION_NUMBER: query.accession_number,
        tag.STUDY_DESCRIPTION: query.study_description,
        tag.STUDY_DATE: query.date_from if dates[0] == dates[1] else f"{dates[0]}-{dates[1]}",
        tag.MODALITIES: modality,
        tag.MODALITY: modality,
        tag.STUDY: query.study_instance_uid,
        tag.SERIES: query.series_instance_uid,
        tag.SOP_INSTANCE: query.sop_instance_uid,
    }


def _above(query: Query) -> list[tuple[int, str]]:
    """Return the unique keys of the levels above (PS3.4 C.4.1.2.1)."""
    found = []
    if query.patient_root and query.level is not Level.PATIENT:
        found.append((tag.PATIENT_ID, query.patient_id))
    if query.level in {Level.SERIES, Level.IMAGE}:
        found.append((tag.STUDY, query.study_instance_uid))
    if query.level is Level.IMAGE:
        found.append((tag.SERIES, query.series_instance_uid))
    return found


def match_of(answer: Answer, query: Query, above: Match | None) -> Match:
    """Return an answer as a match; `above` is the patient, study or series that was asked about."""
    study = above.study if above else StudyRecord("", PatientRecord())
    if query.level is Level.PATIENT:
        study = StudyRecord("", _patient(answer, study.patient))
        return Match(study, studies=answer.number(tag.STUDIES_OF_PATIENT))
    if query.level is Level.STUDY:
        return _study(answer, study.patient)
    if not study.study_instance_uid:
        study = StudyRecord(query.study_instance_uid, study.patient)
    if query.level is Level.SERIES:
        return _series(answer, study)
    series = (above and above.series) or SeriesRecord(query.series_instance_uid, study)
    return Match(
        study,
        series,
        answer.text(tag.SOP_INSTANCE),
        answer.text(tag.SOP_CLASS),
        modalities=(series.modality,) if series.modality else (),
        instance_number=answer.number(tag.INSTANCE_NUMBER),
        number_of_frames=answer.number(tag.NUMBER_OF_FRAMES),
    )


def _patient(answer: Answer, known: PatientRecord) -> PatientRecord:
    return PatientRecord(
        answer.name() or known.patient_name,
        answer.text(tag.PATIENT_ID) or known.patient_id,
        answer.text(tag.ISSUER) or known.issuer_of_patient_id,
        answer.text(tag.BIRTH_DATE) or known.patient_birth_date,
        answer.text(tag.SEX) or known.patient_sex,
    )


def _study(answer: Answer, patient: PatientRecord) -> Match:
    study = StudyRecord(
        answer.text(tag.STUDY),
        _patient(answer, patient),
        answer.text(tag.STUDY_DATE),
        answer.text(tag.STUDY_TIME),
        answer.text(tag.STUDY_DESCRIPTION),
        answer.text(tag.ACCESSION_NUMBER),
    )
    return Match(
        study,
        instances=answer.number(tag.INSTANCES_OF_STUDY),
        modalities=answer.texts(tag.MODALITIES),
        sop_classes=answer.texts(tag.SOP_CLASSES),
        series_count=answer.number(tag.SERIES_OF_STUDY),
    )


def _series(answer: Answer, study: StudyRecord) -> Match:
    series = SeriesRecord(
        answer.text(tag.SERIES),
        study,
        answer.text(tag.MODALITY),
        answer.number(tag.SERIES_NUMBER),
        answer.text(tag.SERIES_DESCRIPTION),
        answer.text(tag.BODY_PART),
        answer.text(tag.LATERALITY),
    )
    return Match(
        study,
        series,
        instances=answer.number(tag.INSTANCES_OF_SERIES),
        modalities=(series.modality,) if series.modality else (),
    )


def identity(match: Match, level: Level) -> Mapping[str, str] | tuple[str, ...]:
    """Return what makes a match another one than the last."""
    if level is Level.PATIENT:
        patient = match.study.patient
        return (patient.issuer_of_patient_id, patient.patient_id, patient.patient_name)
    if level is Level.STUDY:
        return (
            match.study.study_instance_uid,
            match.study.patient.patient_id,
            match.study.patient.patient_name,
        )
    return ((match.series.series_instance_uid if match.series else ""), match.sop_instance_uid)
