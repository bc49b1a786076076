"""Whether an answer fits what was asked: peers ignore keys, widen wildcards and fold letters differently."""

import fnmatch
import re
from functools import lru_cache

from viewer.network.match import Match
from viewer.network.query import Level, Query
from viewer.network.spelling import plain


def fits(query: Query, match: Match) -> bool:
    """Tell whether an answer is one to a query. What an answer does not say does not count against it."""
    study, patient = match.study, match.study.patient
    texts = (
        (query.patient_id, patient.patient_id),
        (query.issuer_of_patient_id, patient.issuer_of_patient_id),
        (query.patient_birth_date, patient.patient_birth_date),
        (query.accession_number, study.accession_number),
        (query.study_description, study.study_description),
    )
    return (
        _name_fits(query.patient_name, patient.patient_name)
        and all(_text_fits(asked, found) for asked, found in texts)
        and _date_fits(query, study.study_date)
        and _modality_fits(query, match)
        and _uids_fit(query, match)
    )


def folded(text: str) -> str:
    """Return a text without what people leave out or type otherwise: case, width, accents, runs of spaces."""
    return " ".join(plain(text).replace("^", " ").split())


def _name_fits(asked: str, found: str) -> bool:
    """Tell whether a name, in any of its groups, begins as it was asked for."""
    if not asked.strip("*^= ") or not found:
        return True
    patterns = [_pattern(group.rstrip("*") + "*") for group in asked.split("=") if group.strip("*^ ")]
    groups = [folded(group) for group in found.split("=")]
    return any(pattern.fullmatch(group) for pattern in patterns for group in groups)


def _text_fits(asked: str, found: str) -> bool:
    return not asked or not found or _pattern(asked).fullmatch(folded(found)) is not None


def _date_fits(query: Query, found: str) -> bool:
    day = found.replace(".", "")[:8]  # the form of ACR-NEMA: YYYY.MM.DD
    if not day:
        return True
    return (not query.date_from or day >= query.date_from) and (not query.date_to or day <= query.date_to)


def _modality_fits(query: Query, match: Match) -> bool:
    if not query.modalities or not match.modalities:
        return True
    return not set(query.modalities).isdisjoint(match.modalities)


def _uids_fit(query: Query, match: Match) -> bool:
    series = match.series.series_instance_uid if match.series else ""
    pairs = [
        (query.study_instance_uid, match.study.study_instance_uid),
        (query.series_instance_uid, series),
        (query.sop_instance_uid, match.sop_instance_uid),
    ]
    if query.level is Level.PATIENT:
        return True
    return all(not asked or not found or found in asked.split("\\") for asked, found in pairs)


@lru_cache(maxsize=64)
def _pattern(text: str) -> re.Pattern[str]:
    """Return what folded texts a pattern with `*` and `?` describes, without going back over a text."""
    return re.compile(fnmatch.translate(re.sub(r"\*+", "*", folded(text)).replace("[", "[[]")))
