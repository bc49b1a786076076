"""QIDO-RS: what a peer holds (PS3.18 10.6), page after page, and filtered again here."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from viewer.dicom.records import PatientRecord, SeriesRecord, StudyRecord
from viewer.network.match import Match
from viewer.network.query import Level, Query
from viewer.network.spelling import relaxed
from viewer.network.web.answers import fits
from viewer.network.web.dicomweb import LITERAL, DicomWeb
from viewer.network.web.json_model import number, text, texts

PAGE = 200  # rows of one request: some 100 ms, so that the first are soon there
MOST_ROWS = 100_000  # of one query: more than a person or a program has use for

# Attributes that are asked for beyond those that are always answered (PS3.18 Tables 10.6.3-3 to -5).
_OF_STUDIES = ("StudyDescription", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "SOPClassesInStudy")
_COUNTS = ("ModalitiesInStudy", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances")
_OF_SERIES = ("SeriesDescription", "BodyPartExamined", "Laterality", "NumberOfSeriesRelatedInstances")
_INCLUDED = {
    Level.PATIENT: _OF_STUDIES,
    Level.STUDY: (*_OF_STUDIES, *_COUNTS),
    Level.SERIES: (*_OF_STUDIES, *_COUNTS, *_OF_SERIES),
    Level.IMAGE: (
        *_OF_STUDIES,
        "Modality",
        *_OF_SERIES[:3],
        "SeriesNumber",
        "InstanceNumber",
        "NumberOfFrames",
    ),
}
_RESOURCES = {
    Level.PATIENT: "studies",
    Level.STUDY: "studies",
    Level.SERIES: "series",
    Level.IMAGE: "instances",
}

_TEXTS = ("patient_name", "patient_id", "accession_number", "study_description")
_NOT_LITERAL = re.compile(rf"(?![A-Za-z0-9._~\-{re.escape(LITERAL)}])[\x00-\x7f]")

OnMatch = Callable[[Match], None]


@dataclass(slots=True)
class _Seen:
    """What was found so far: the same thing is told once, whichever page it comes on."""

    query: Query
    on_match: OnMatch
    most: int
    rows: int = 0
    told: int = 0
    keys: set[tuple[str, ...]] = field(default_factory=set)  # of rows, and of patients

    def take(self, row: Any) -> bool:  # noqa: ANN401  any JSON
        """Tell of a row if it fits; return whether it is one that did not come before."""
        match = match_of(row, self.query.level)
        series = match.series.series_instance_uid if match.series else ""
        if not self._add((match.study.study_instance_uid, series, match.sop_instance_uid)):
            return False
        if self.query.level is Level.PATIENT:
            patient = match.study.patient
            match = Match(StudyRecord("", patient))
            if not self._add((patient.patient_id, patient.issuer_of_patient_id, patient.patient_name, "")):
                return True
        if self.told < self.most and fits(self.query, match):
            self.told += 1
            self.on_match(match)
        return True

    def _add(self, key: tuple[str, ...]) -> bool:
        if not any(key) or key in self.keys:
            return False
        self.keys.add(key)
        return True


def search(web: DicomWeb, query: Query, on_match: OnMatch, *, most: int | None = None) -> int:
    """Tell `on_match` of what a peer holds, as the answers come, and return how many those were.

    At most `most` are told. Each is checked against the query here: servers take wildcards, dates and
    modalities differently. Raises NetworkError.
    """
    seen = _Seen(query, on_match, MOST_ROWS if most is None else most)
    for asked in _questions(query):
        _pages(web, asked, seen)
    loose = _loosened(query)
    if not seen.told and loose != query:  # some servers decode no address, and some find nothing but ASCII
        for asked in _questions(loose):
            _pages(web, asked, seen)
    for place, name in enumerate(relaxed(query.patient_name) if seen.told < seen.most else ()):
        if place and seen.told:
            break
        for asked in _questions(_loosened(replace(query, patient_name=name))):
            _pages(web, asked, seen)
    return seen.told


def _questions(query: Query) -> Iterator[Query]:
    """Yield a query for each modality: a list of them is not something that QIDO-RS knows."""
    if len(query.modalities) > 1:
        yield from (replace(query, modalities=(modality,)) for modality in query.modalities)
    else:
        yield query


def _pages(web: DicomWeb, asked: Query, seen: _Seen) -> None:
    """Read page after page until nothing new comes.

    A short page is not the last: a server may give fewer rows than it was asked for. One that knows no
    offset sends the same rows again, one that knows no limit sends all.
    """
    path, keys = _path(asked), list(_keys(asked))
    offset = 0
    while seen.told < seen.most:
        rows = web.json(path, [*keys, ("limit", str(PAGE)), ("offset", str(offset))])
        new = [row for row in rows if seen.take(row)]
        seen.rows += len(rows)
        if seen.rows > MOST_ROWS:
            raise web.broken(f"finds more than {MOST_ROWS:,} answers: ask for less")
        if not new or _single(asked):
            return
        offset += len(rows)


def _path(query: Query) -> tuple[str, ...]:
    """Return the resource that is searched: below the study and the series that are named alone."""
    path: tuple[str, ...] = ()
    if query.level in {Level.SERIES, Level.IMAGE} and _alone(query.study_instance_uid):
        path = ("studies", query.study_instance_uid)
        if query.level is Level.IMAGE and _alone(query.series_instance_uid):
            path += ("series", query.series_instance_uid)
    return (*path, _RESOURCES[query.level])


def _keys(query: Query) -> Iterator[tuple[str, str]]:
    path = _path(query)
    series = query.level in {Level.SERIES, Level.IMAGE}
    asked = {
        "PatientName": query.patient_name and query.patient_name.rstrip("*") + "*",
        "PatientID": query.patient_id,
        "IssuerOfPatientID": query.issuer_of_patient_id,
        "PatientBirthDate": query.patient_birth_date,
        "AccessionNumber": query.accession_number,
        "StudyDescription": query.study_description,
        "StudyDate": _range(query),
        "Modality" if series else "ModalitiesInStudy": "".join(query.modalities[:1]),
        "StudyInstanceUID": "" if "studies" in path[:-1] else _listed(query.study_instance_uid),
        "SeriesInstanceUID": "" if "series" in path[:-1] else _listed(query.series_instance_uid),
        "SOPInstanceUID": _listed(query.sop_instance_uid),
    }
    yield from ((key, value) for key, value in asked.items() if value)
    yield from (("includefield", name) for name in _INCLUDED[query.level])


def _range(query: Query) -> str:
    if query.date_from == query.date_to:
        return query.date_from
    return f"{query.date_from}-{query.date_to}"


def _alone(uid: str) -> bool:
    return bool(uid) and "\\" not in uid


def _listed(uids: str) -> str:
    """Return several UIDs as QIDO-RS has them (PS3.18 8.3.4.1)."""
    return uids.replace("\\", ",")


def _single(query: Query) -> bool:
    """Tell whether there can be but one answer."""
    uid = {Level.STUDY: query.study_instance_uid, Level.SERIES: query.series_instance_uid}
    return _alone(uid.get(query.level, query.sop_instance_uid if query.level is Level.IMAGE else ""))


def _loosened(query: Query) -> Query:
    """Return a query with wildcards for letters that cannot stand in an address as they are.

    As it is when too little would be left to look for.
    """
    texts = {name: str(getattr(query, name)) for name in _TEXTS}
    loose: dict[str, Any] = {
        name: re.sub(r"[^\x00-\x7f]+", "*", _NOT_LITERAL.sub("?", text)) for name, text in texts.items()
    }
    if any(texts[name] and not re.search(r"[A-Za-z0-9]", text) for name, text in loose.items()):
        return query
    return replace(query, **loose)


def match_of(row: Any, level: Level) -> Match:  # noqa: ANN401  any JSON
    """Return a row of an answer as the records of the program have it, down to a level."""
    patient = PatientRecord(
        *(text(row, tag) for tag in ("00100010", "00100020", "00100021", "00100030", "00100040"))
    )
    study = StudyRecord(
        text(row, "0020000D"),
        patient,
        *(text(row, tag) for tag in ("00080020", "00080030", "00081030", "00080050")),
    )
    if level in {Level.PATIENT, Level.STUDY}:
        return Match(
            study,
            instances=number(row, "00201208"),
            modalities=tuple(filter(None, texts(row, "00080061"))),
            sop_classes=tuple(filter(None, texts(row, "00080062"))),
            series_count=number(row, "00201206"),
        )
    modality = text(row, "00080060")
    series = SeriesRecord(
        text(row, "0020000E"),
        study,
        modality,
        number(row, "00200011"),
        text(row, "0008103E"),
        text(row, "00180015"),
        text(row, "00200060"),
    )
    modalities = (modality,) if modality else ()
    if level is Level.SERIES:
        return Match(study, series, instances=number(row, "00201209"), modalities=modalities)
    return Match(
        study,
        series,
        text(row, "00080018"),
        text(row, "00080016"),
        modalities=modalities,
        instance_number=number(row, "00200013"),
        number_of_frames=number(row, "00280008"),
    )
