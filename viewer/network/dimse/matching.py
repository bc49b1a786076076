"""Whether an answer is what was asked for (PS3.4 C.2.2.2): peers differ in what they compare.

Text is compared as people mean it: without regard to case, width and accents. What an answer does not tell
cannot speak against it.
"""

import re
from functools import lru_cache

from viewer.dicom.records import PatientRecord
from viewer.network.match import Match
from viewer.network.query import Level, Query
from viewer.network.spelling import plain


def name_pattern(typed: str) -> str:
    """Return a name as peers match it: from its beginning, whatever follows."""
    name = re.sub(r"\s*,\s*", "^", typed.strip())
    return name if not name or name.endswith("*") else f"{name}*"


def skeleton(pattern: str) -> str:
    """Return a pattern in which any text stands for what is not ASCII: for peers that cannot read it."""
    return re.sub(r"[^\x00-\x7f]+[*]*|[*]+", "*", pattern)


def belongs(match: Match, query: Query) -> bool:
    """Tell whether an answer is one to the query."""
    if query.level in {Level.PATIENT, Level.STUDY} and not _of_patient(match.study.patient, query):
        return False
    if query.level is Level.STUDY and not _of_study(match, query):
        return False
    if query.modalities and match.modalities and query.level in {Level.STUDY, Level.SERIES}:
        return bool(set(query.modalities) & set(match.modalities))
    return True


def _of_patient(patient: PatientRecord, query: Query) -> bool:
    if query.patient_name and patient.patient_name:
        wanted = _expression(name_pattern(query.patient_name))
        groups = (patient.patient_name, *patient.patient_name.split("="))
        if not any(wanted.fullmatch(plain(group).strip()) for group in groups):
            return False
    return _is(query.patient_id, patient.patient_id) and _is(
        query.patient_birth_date, patient.patient_birth_date
    )


def _of_study(match: Match, query: Query) -> bool:
    study = match.study
    if study.study_date and not (query.date_from or "0") <= study.study_date <= (query.date_to or "9"):
        return False
    return _is(query.accession_number, study.accession_number) and _is(
        query.study_description, study.study_description
    )


def _is(wanted: str, found: str) -> bool:
    return not wanted or not found or bool(_expression(wanted.strip()).fullmatch(plain(found).strip()))


@lru_cache(maxsize=64)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", plain(pattern).strip())
    return re.compile(
        "".join({"*": ".*", "?": ".?"}.get(part) or re.escape(part) for part in parts), re.DOTALL
    )
