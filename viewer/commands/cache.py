"""`viewer cache verify|rebuild|trim|export|where`: looking after the study cache."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from viewer import settings
from viewer.cache import studies
from viewer.cache.eviction import Limits, Space, in_words, space, trim
from viewer.cache.export import export
from viewer.cache.ownership import OwnedError
from viewer.cache.rebuild import Rebuilt, rebuild
from viewer.cache.store import Store
from viewer.cache.study_list import StudyFilter, StudyKey
from viewer.cache.trouble import is_begun
from viewer.cache.verify import verify
from viewer.commands.progress import Progress, say
from viewer.dicom.records import InstanceRecord, Refused
from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.paths import settings_file, study_cache_folder

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
WHOLE = 100  # percent


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its own subcommands."""
    parser = subparsers.add_parser("cache", help="look after the study cache")
    actions = parser.add_subparsers(required=True, dest="action")
    one = actions.add_parser("verify", help="read back what is kept, and say what has changed")
    one.add_argument(
        "--sample", type=_percent, default=WHOLE, metavar="PERCENT", help="only a part, at random"
    )
    one.add_argument("--json", action="store_true", help="one JSON document on standard output")
    one = actions.add_parser("rebuild", help="make the index again from the objects; nothing is deleted")
    one.add_argument("--json", action="store_true", help="one JSON document on standard output")
    one = actions.add_parser("trim", help="make room: what was not opened for longest goes first")
    one.add_argument("--max", type=_size, metavar="SIZE", help="what the cache may take, such as 20G")
    one.add_argument("--free", type=_size, metavar="SIZE", help="what must stay free on its disk")
    one.add_argument("--json", action="store_true", help="one JSON document on standard output")
    one = actions.add_parser("export", help="copy studies to an empty folder, with a DICOMDIR")
    one.add_argument("folder", type=Path, metavar="DIR", help="an empty folder, or one that is not there yet")
    one.add_argument(
        "--study",
        action="append",
        required=True,
        metavar="UID",
        help="Study Instance UID, as `viewer studies` lists it; may be given several times",
    )
    one.add_argument(
        "--patient-id", metavar="ID", help="whose, where several patients have a study of one UID"
    )
    one.add_argument("--json", action="store_true", help="one JSON document on standard output")
    one = actions.add_parser("where", help="the folder of the cache")
    one.add_argument("--json", action="store_true", help="with what is in it")


def run(args: argparse.Namespace, pool: DecoderPool) -> int:
    """Do what the command line asks; return the exit status."""
    root = study_cache_folder()
    if args.action == "where":
        return _where(root, as_json=args.json)
    if args.action == "rebuild":
        return _rebuild(root, pool, as_json=args.json)
    if not is_begun(root):
        raise ViewerError(f"There is no study cache in {root} yet; `viewer import PATH` begins one.")
    if args.action == "export":
        return _export(root, args)
    if args.action == "verify":
        return _verify(root, args.sample / WHOLE, as_json=args.json)
    return _trim(root, args)


def _where(root: Path, *, as_json: bool) -> int:
    if not as_json:
        say([str(root)])
        return 0
    found: dict[str, object] = {"path": str(root), "studies": 0, "bytes": 0}
    if is_begun(root):
        with Store(root, read_only=True) as store, store.reading() as connection:
            taken = space(connection, store.folder)
            limits = _limits(taken)
            found |= {
                "studies": studies.count(connection, StudyFilter()),
                "deleted_studies": studies.count(connection, StudyFilter(deleted=True)),
                "bytes": taken.used,
                "free_bytes": taken.free,
                "max_bytes": limits.max_bytes,
                "floor_free_bytes": limits.floor_free_bytes,
            }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


def _verify(root: Path, part: float, *, as_json: bool) -> int:
    """Read back what is kept; nothing is marked, just said, where a window has it or it cannot be written."""
    progress = Progress("files checked")
    try:
        store = Store(root)
    except ViewerError:
        store = Store(root, read_only=True)
    with store:
        found = verify(store, part=part, report=progress.show)
    progress.end()
    if as_json:
        _document(
            {
                "checked": found.checked,
                "of": found.of,
                "bytes": found.bytes,
                "damaged": found.damaged,
                "missing": found.missing,
                "healed": found.healed,
                "unreferenced": found.unreferenced,
            },
            found.problems,
        )
    else:
        say([*found.sentences(), *_lines(found.problems)])
    if found.sound:
        return 0
    sys.stderr.write(
        f"{found.damaged + found.missing:,} of {found.checked:,} files in {root} are not whole.\n"
    )
    return 1


def _rebuild(root: Path, pool: DecoderPool, *, as_json: bool) -> int:
    if not is_begun(root):
        raise ViewerError(f"There is no study cache in {root} yet; `viewer import PATH` begins one.")
    progress = Progress("headers read")
    with _owned():
        done: Rebuilt = rebuild(root, pool.index, report=progress.show)
    progress.end()
    if as_json:
        backup = None if done.backup is None else str(done.backup)
        _document({"instances": done.instances, "conflicts": done.conflicts, "backup": backup}, done.problems)
        return 0
    kept = f" The index before is {done.backup.name}." if done.backup is not None else ""
    conflicts = f" and {done.conflicts:,} in conflict" if done.conflicts else ""
    say([f"{done.instances:,} instances{conflicts} are in the new index.{kept}", *_lines(done.problems)])
    return 0


def _export(root: Path, args: argparse.Namespace) -> int:
    """Copy studies for others; while a window has the cache it is only read."""
    records: list[InstanceRecord] = []
    lost: list[Refused] = []
    with Store(root, read_only=True) as store, store.reading() as connection:
        for uid in args.study:
            key = _one_patients(studies.keys_of(connection, uid), uid, args.patient_id, root)
            records += studies.records(connection, store.folder, key)
            lost += studies.problems(connection, store.folder, key)
    progress = Progress("files written")
    done = export(records, args.folder, report=progress.show)
    progress.end()
    problems = (*done.failed, *lost)
    if args.json:
        _document({"files": len(done.files), "bytes": done.bytes}, problems)
    else:
        say([f"{len(done.files):,} files, {in_words(done.bytes)}, and a DICOMDIR.", *_lines(problems)])
    if not problems and done.files:
        return 0
    sys.stderr.write(f"{len(problems):,} files of these studies are not in {args.folder}.\n")
    return 1


def _one_patients(keys: Sequence[StudyKey], uid: str, patient_id: str | None, root: Path) -> StudyKey:
    """Return the study of a UID; never two patients on one medium unasked. Raises ViewerError."""
    fitting = [key for key in keys if patient_id is None or key.patient[1] == patient_id]
    if not fitting:
        whose = "" if patient_id is None else f" of the patient with ID {printable(patient_id)}"
        raise ViewerError(f"The study {printable(uid)}{whose} is not in the cache in {root}.")
    if len(fitting) > 1:
        raise ViewerError(
            f"{len(fitting)} patients have a study of the UID {printable(uid)}: say whose with --patient-id."
        )
    return fitting[0]


def _trim(root: Path, args: argparse.Namespace) -> int:
    progress = Progress("bytes freed")
    with _owned(), Store(root) as store:
        with store.reading() as connection:
            limits = _limits(space(connection, store.folder))
        if args.max is not None:
            limits = replace(limits, max_bytes=args.max)
        if args.free is not None:
            limits = replace(limits, floor_free_bytes=args.free)
        done = trim(store, limits, report=progress.show)
    progress.end()
    if args.json:
        protected = {reason.name.lower(): count for reason, count in done.protected}
        found = {"needed": done.needed, "freed": done.freed, "short": done.short}
        counts = {"studies": done.studies, "from_trash": done.from_trash, "thumbnails": done.thumbs}
        sys.stdout.write(json.dumps(found | counts | {"protected": protected}, indent=1) + "\n")
    else:
        say(done.sentences())
    if not done.short:
        return 0
    sys.stderr.write(
        f"{in_words(done.short)} more should be freed in {root}, but what is left there must stay.\n"
    )
    return 1


def _limits(taken: Space) -> Limits:
    """Return what the user allows the cache, where nothing is set what its disk allows."""
    return settings.load(settings_file()).settings.cache or Limits.of(taken)


@contextmanager
def _owned() -> Iterator[None]:
    """Say what to do when another process has the cache."""
    try:
        yield
    except OwnedError as error:
        raise ViewerError(f"{error} Close it and try again.") from None


def _document(found: dict[str, object], problems: tuple[Refused, ...]) -> None:
    said = [{"path": problem.path, "reason": problem.reason} for problem in problems]
    sys.stdout.write(json.dumps(found | {"problems": said}, indent=1) + "\n")


def _lines(problems: tuple[Refused, ...]) -> list[str]:
    return [f"problem: {problem.path}: {problem.reason}" for problem in problems]


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", text.strip().upper())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 500M or 20G")
    return int(float(match[1]) * UNITS[match[2]])


def _percent(text: str) -> float:
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = 0.0
    if not 0 < value <= WHOLE:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage such as 10")
    return value
