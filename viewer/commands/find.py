"""`viewer find PEER …`: what a peer holds, and how much of it is in the study cache."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from viewer.cache import holdings
from viewer.cache.presence import NOT_HERE, present
from viewer.cache.store import Store
from viewer.commands.arguments import dates
from viewer.commands.peers import add_peer, peer_of, services
from viewer.commands.progress import say
from viewer.dicom.natural import natural_key
from viewer.dicom.records import PatientRecord, StudyRecord
from viewer.dicom.text import date, person_name, printable
from viewer.dicom.tree import patient_key
from viewer.jobs.decode import DecoderPool
from viewer.network.access import Access, never
from viewer.network.dimse.find import LIMIT, find
from viewer.network.failure import NetworkError
from viewer.network.match import Match
from viewer.network.peer import Method, Peer
from viewer.network.query import Level, Query
from viewer.network.services import Services
from viewer.network.web.qido import search
from viewer.paths import study_cache_folder

_LEVELS = tuple(level.value.lower() for level in Level)

Document = dict[str, object]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("find", help="what a peer holds")
    add_peer(parser)
    parser.add_argument("--level", choices=_LEVELS, default="", help="(study; that of the UID given)")
    parser.add_argument("--patient-name", default="", metavar="NAME", help="* and ? stand for other letters")
    parser.add_argument("--patient-id", default="", metavar="ID")
    parser.add_argument("--birth-date", default="", metavar="DATE", help="20260131")
    parser.add_argument("--accession", default="", metavar="NUMBER")
    parser.add_argument("--description", default="", metavar="TEXT", help="of the study")
    parser.add_argument("--modality", action="append", default=[], help="may be given several times")
    parser.add_argument(
        "--date", type=dates, default=("", ""), help="20260131, or a range: 20260101-20260131"
    )
    parser.add_argument("--study", default="", metavar="UID")
    parser.add_argument("--series", default="", metavar="UID")
    parser.add_argument("--instance", default="", metavar="UID")
    parser.add_argument("--limit", type=int, default=LIMIT, help=f"answers at most ({LIMIT})")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def run(args: argparse.Namespace, _pool: DecoderPool) -> int:
    """Ask, and print the answers; return the exit status."""
    peer = peer_of(args.peer)
    level = _level(args)
    if level is None:
        sys.stderr.write(
            "viewer find: --series needs --level series or image, and --instance --level image\n"
        )
        return 2
    query = Query(
        level=level,
        patient_root=level is Level.PATIENT,  # the study root knows no such level (PS3.4 C.6.2.1)
        patient_name=args.patient_name,
        patient_id=args.patient_id,
        patient_birth_date=args.birth_date,
        accession_number=args.accession,
        study_description=args.description,
        date_from=args.date[0],
        date_to=args.date[1],
        modalities=tuple(args.modality),
        study_instance_uid=args.study,
        series_instance_uid=args.series,
        sop_instance_uid=args.instance,
    )
    matches, complete = found_at(peer, query, services(), max(args.limit, 1))
    here = _Here()
    try:
        if args.json:
            document = _tree(matches, query.level, here) | {"complete": complete}
            sys.stdout.write(json.dumps(document, indent=1) + "\n")
        else:
            say([_line(match, query.level, here) for match in matches] or ["Nothing was found."])
    finally:
        here.close()
    vague = sum(not match.modalities for match in matches) if query.modalities else 0
    if vague and level is Level.STUDY:
        sys.stderr.write(
            f"viewer: {printable(peer.name)} does not say of {vague:,} of them which modality:"
            " they may be of another.\n"
        )
    if not complete:
        sys.stderr.write(f"viewer: these are the first {len(matches):,}; there are more: ask for less.\n")
    return 0


def _level(args: argparse.Namespace) -> Level | None:
    """Return the level that is asked for; None where a key is given that it does not know."""
    least = Level.IMAGE if args.instance else Level.SERIES if args.series else None
    if not args.level:
        return least or Level.STUDY
    level = Level(args.level.upper())
    order = list(Level)
    return level if least is None or order.index(level) >= order.index(least) else None


def found_at(peer: Peer, query: Query, doors: Services, limit: int) -> tuple[list[Match], bool]:
    """Return the answers of a peer, and whether these are all. Raises NetworkError."""
    matches: list[Match] = []
    if peer.web and (peer.method is Method.WEB or not (peer.ae_title and peer.host)):
        with doors.web(peer, never) as web:
            search(web, query, matches.append, most=limit + 1)
        return matches[:limit], len(matches) <= limit
    access = doors.access(peer)
    found = find(access, query, matches.append, never, limit)
    return _with_studies(access, matches), found.complete


def _with_studies(access: Access, matches: Sequence[Match]) -> list[Match]:
    """Return series or objects with the patient and the study that they are of: many peers leave them out."""
    bare = {match.study.study_instance_uid for match in matches if match.study.patient == PatientRecord()}
    studies: list[Match] = []
    for uid in bare - {""}:
        with suppress(NetworkError):  # they were found; whose they are is told where the peer tells it
            find(access, Query(study_instance_uid=uid), studies.append)
    known = {match.study.study_instance_uid: match.study for match in studies}
    return [_of_study(match, known.get(match.study.study_instance_uid, match.study)) for match in matches]


def _of_study(match: Match, study: StudyRecord) -> Match:
    series = match.series and replace(match.series, study=study)
    return replace(match, study=study, series=series)


class _Here:
    """What of the answers is in the cache; nothing when there is none."""

    def __init__(self) -> None:
        root = study_cache_folder()
        self._store = Store(root, read_only=True) if (root / "index.db").exists() else None

    def close(self) -> None:
        """Close the cache."""
        if self._store is not None:
            self._store.close()

    def retrieved(self, match: Match) -> str:
        """Return how much of a study, a series or an object is here: none, part or all."""
        if self._store is None:
            return "none"
        if match.sop_instance_uid:
            return "all" if holdings.whole(self._store, [match.sop_instance_uid]) else "none"
        uid, series = match.study.study_instance_uid, match.series
        with self._store.reading() as connection:
            study = present(connection, [uid]).get(uid, NOT_HERE)
        if series is None:
            return _extent(study.instances, whole=study.complete(match.instances))
        count = len(holdings.objects_of(self._store, uid, series.series_instance_uid))
        told = match.instances
        return _extent(count, whole=study.complete(None) if told is None else count >= told)


def _extent(count: int, *, whole: bool) -> str:
    return "none" if not count else "all" if whole else "part"


# ------------------------------------------------------------------------------------------------- as JSON
def _tree(matches: Sequence[Match], level: Level, here: _Here) -> Document:
    """Return answers in the shape of `viewer scan`, down to the level that was asked for."""
    patients: dict[tuple[str, ...], list[Match]] = {}
    for match in matches:
        patients.setdefault(patient_key(match.study.patient), []).append(match)
    return {
        "patients": [_patient(several, level, here) for several in patients.values()],
        "problems": [],
        "skipped": 0,
    }


def _patient(matches: Sequence[Match], level: Level, here: _Here) -> Document:
    record = matches[0].study.patient
    found: Document = {
        "patient_name": record.patient_name,
        "patient_id": record.patient_id,
        "issuer_of_patient_id": record.issuer_of_patient_id,
        "patient_birth_date": record.patient_birth_date,
        "patient_sex": record.patient_sex,
    }
    if level is Level.PATIENT:
        return found
    studies: dict[str, list[Match]] = {}
    for match in matches:
        studies.setdefault(match.study.study_instance_uid, []).append(match)
    return found | {"studies": [_study(several, level, here) for several in studies.values()]}


def _study(matches: Sequence[Match], level: Level, here: _Here) -> Document:
    record = matches[0].study
    found: Document = {
        "study_instance_uid": record.study_instance_uid,
        "study_date": record.study_date,
        "study_time": record.study_time,
        "study_description": record.study_description,
        "accession_number": record.accession_number,
        "modalities": sorted({modality for match in matches for modality in match.modalities}),
    }
    if level is Level.STUDY:
        match = matches[0]
        return found | {
            "number_of_series": match.series_count,
            "instances": match.instances,
            "retrieved": here.retrieved(match),
        }
    series: dict[str, list[Match]] = {}
    for match in matches:
        series.setdefault(match.series.series_instance_uid if match.series else "", []).append(match)
    return found | {"series": [_series(several, level, here) for several in series.values()]}


def _series(matches: Sequence[Match], level: Level, here: _Here) -> Document:
    record = matches[0].series
    found: Document = {
        "series_instance_uid": record.series_instance_uid if record else "",
        "modality": record.modality if record else "",
        "series_number": record.series_number if record else None,
        "series_description": record.series_description if record else "",
    }
    if level is Level.SERIES:
        return found | {"instances": matches[0].instances, "retrieved": here.retrieved(matches[0])}
    objects = [
        {
            "sop_instance_uid": match.sop_instance_uid,
            "sop_class_uid": match.sop_class_uid,
            "instance_number": match.instance_number,
            "number_of_frames": match.number_of_frames,
            "retrieved": here.retrieved(match),
        }
        for match in sorted(matches, key=_object_order)
    ]
    count = sum(each["retrieved"] == "all" for each in objects)
    retrieved = "none" if not count else "all" if count == len(objects) else "part"
    return found | {
        "sop_classes": sorted({match.sop_class_uid for match in matches}),
        "instances": len(objects),
        "retrieved": retrieved,
        "objects": objects,
    }


def _object_order(match: Match) -> tuple[bool, int, object]:
    number = match.instance_number
    return number is None, number or 0, natural_key(match.sop_instance_uid.encode())


# ------------------------------------------------------------------------------------------------- as lines
def _line(match: Match, level: Level, here: _Here) -> str:
    study, patient = match.study, match.study.patient
    name = person_name(patient.patient_name) or "(no name)"
    parts = [f"{name} [{printable(patient.patient_id) or 'no ID'}]"]
    if level is not Level.PATIENT:
        parts += [
            date(study.study_date) or "(no date)",
            printable("/".join(match.modalities)),
            printable(study.study_description) or "(no description)",
            printable(study.study_instance_uid),
        ]
    if level in {Level.SERIES, Level.IMAGE} and match.series:
        parts += [printable(match.series.series_description), printable(match.series.series_instance_uid)]
    if level is Level.IMAGE:
        parts += [printable(match.sop_instance_uid)]
    if level is not Level.PATIENT:
        parts += [f"{match.instances:,} instances" if match.instances is not None else ""]
        parts += [f"here: {here.retrieved(match)}"]
    return "  ".join(filter(None, parts))
