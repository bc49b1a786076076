"""`viewer studies [--json]`: what is in the study cache."""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from viewer.cache import studies
from viewer.cache.eviction import in_words
from viewer.cache.rows import place_of
from viewer.cache.store import Store
from viewer.cache.studies import patient_text
from viewer.cache.study_list import ListedStudy, Order, StudyFilter
from viewer.cache.trouble import is_begun
from viewer.commands.arguments import dates
from viewer.commands.progress import say
from viewer.dicom.records import Refused
from viewer.dicom.text import date, person_name, printable
from viewer.dicom.tree import Library, Study
from viewer.dicom.tree_document import Document, document
from viewer.jobs.decode import DecoderPool
from viewer.paths import study_cache_folder

PAGE = 500  # studies read at a time


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("studies", help="what is in the study cache")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--text", default="", help="words that must be somewhere")
    parser.add_argument("--patient-name", default="", metavar="NAME", help="* and ? stand for other letters")
    parser.add_argument("--patient-id", default="", metavar="ID")
    parser.add_argument("--accession", default="", metavar="NUMBER")
    parser.add_argument("--description", default="", metavar="TEXT", help="of the study")
    parser.add_argument("--modality", action="append", default=[], help="may be given several times")
    parser.add_argument(
        "--date", type=dates, default=("", ""), help="20260131, or a range: 20260101-20260131"
    )
    parser.add_argument("--study", default="", metavar="UID", help="one study")
    parser.add_argument("--deleted", action="store_true", help="what is in the trash instead")


def run(args: argparse.Namespace, _pool: DecoderPool) -> int:
    """Print the studies that are wanted; return the exit status."""
    root = study_cache_folder()
    wanted = StudyFilter(
        text=args.text,
        patient_name=args.patient_name,
        patient_id=args.patient_id,
        accession_number=args.accession,
        study_description=args.description,
        modalities=tuple(args.modality),
        date_from=args.date[0],
        date_to=args.date[1],
        deleted=args.deleted,
    )
    if not is_begun(root):  # nothing was imported yet: an empty list is no failure
        _print(document(Library(), (), ()), []) if args.json else say(["No study is in the cache."])
        return 0
    with Store(root, read_only=True) as store:
        found = [one for one in _all(store, wanted) if args.study in {"", one.key.study_instance_uid}]
        if args.json:
            _print(*_tree(store, found))
        else:
            say([_line(one) for one in found] or ["No study is in the cache."])
    return 0


def _all(store: Store, wanted: StudyFilter) -> Iterator[ListedStudy]:
    with store.reading() as connection:
        for offset in range(0, studies.count(connection, wanted), PAGE):
            yield from studies.page(connection, wanted, Order(), offset, PAGE)


def _tree(store: Store, found: list[ListedStudy]) -> tuple[Document, list[ListedStudy]]:
    """Return the document of `viewer scan`, and the studies in its order."""
    library = Library(same=lambda _one, _other: True)
    problems: list[Refused] = []
    with store.reading() as connection:
        for one in found:
            problems += studies.problems(connection, store.folder, one.key)
            for record in studies.records(connection, store.folder, one.key):
                library.add(record)
    by_key = {(one.key.study_instance_uid, patient_text(one.key.patient)): one for one in found}
    ordered = [by_key[_key(study)] for patient in library.patients() for study in patient.studies]
    return document(library, problems, ()), ordered


def _key(study: Study) -> tuple[str, str]:
    place = place_of(study.series[0].instances[0])
    return place.study_instance_uid, place.patient_key


def _print(tree: Document, ordered: list[ListedStudy]) -> None:
    """Print the document with what the cache knows of each study."""
    listed = iter(ordered)
    for patient in tree["patients"]:  # type: ignore[attr-defined]  # made by `document`, a list of documents
        for study in patient["studies"]:
            study.update(_facts(next(listed)))
    sys.stdout.write(json.dumps(tree, indent=1) + "\n")


def _facts(one: ListedStudy) -> Document:
    opened = None if one.opened_at is None else datetime.fromtimestamp(one.opened_at, UTC)
    return {
        "source": one.source,
        "bytes": one.bytes,
        "last_opened": None if opened is None else opened.isoformat(timespec="seconds"),
        "expected_instances": one.expected_instances,
        "missing_instances": one.missing,
        "conflicts": one.conflicts,
        "patients_of_uid": one.patients,
        "pinned": one.pinned,
    }


def _line(one: ListedStudy) -> str:
    record, patient = one.record, one.record.patient
    whole = one.instances - one.missing
    expected = max(one.expected_instances or 0, one.instances)
    count = f"{whole:,} of {expected:,}" if whole < expected else f"{whole:,}"
    facts = (
        date(record.study_date) or "(no date)",
        f"{person_name(patient.patient_name) or '(no name)'} [{printable(patient.patient_id) or 'no ID'}]",
        printable("/".join(one.modalities)),
        printable(record.study_description) or "(no description)",
        f"{count} instance{'s' if expected != 1 else ''}",
        in_words(one.bytes),
        printable(one.source),
        "pinned" if one.pinned else "",
        f"{one.conflicts:,} in conflict" if one.conflicts else "",
        f"this Study Instance UID has {one.patients:,} patients" if one.patients > 1 else "",
    )
    return "  ".join(filter(None, facts))
