"""`viewer scan PATH… [--json]`: what is on a medium, without importing it."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from viewer.dicom.dicomdir import read_directory
from viewer.dicom.medium import ReadDirectory
from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.dicom.scan import as_named, find_paths
from viewer.dicom.stacks import Stack, split
from viewer.dicom.text import date, person_name, printable, shown_path
from viewer.dicom.tree import Library, Patient, Series
from viewer.dicom.tree_document import document
from viewer.jobs.decode import DecoderPool
from viewer.jobs.indexing import indexed
from viewer.paths import cache_folder

BATCH = 256  # files given to the workers at a time: a tenth of a second of their work

Index = Callable[[list[str]], Sequence[InstanceRecord | Refused | Skipped]]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the program."""
    parser = subparsers.add_parser("scan", help="what is on a medium, without importing it")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, media (DICOMDIR) or zips")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def run(args: argparse.Namespace, pool: DecoderPool) -> int:
    """Scan what the command line names; return the exit status."""
    return scan(args.paths, as_json=args.json, index=pool.index, read_directory=pool.directory)


def scan(
    paths: Sequence[str], *, as_json: bool, index: Index, read_directory: ReadDirectory = read_directory
) -> int:
    """Print what is in files, folders, media and archives; return the exit status.

    `index` reads the headers of files and `read_directory` a DICOMDIR, in worker processes. 0: something
    can be used; 1: nothing can, and one sentence on standard error says why.
    """
    cache = cache_folder()
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="scan-", dir=cache))
    try:
        survey = _Survey(paths, scratch)
        survey.read(index, read_directory)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if as_json:
        found = document(survey.library, survey.refused, survey.skipped, survey.shown)
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        encoding = sys.stdout.encoding or "utf-8"  # a terminal may not know all letters
        for line in _lines(survey):
            sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    if len(survey.library):
        return 0
    sys.stderr.write(_nothing(survey) + "\n")
    return 1


class _Survey:
    """What has been found so far."""

    def __init__(self, roots: Sequence[str], scratch: Path) -> None:
        self.roots = roots
        self.refused: list[Refused] = []
        self.skipped: list[Skipped] = []
        self._scratch = scratch
        self._names: dict[str, str] = {}  # of unpacked files
        self.library = Library(shown=self.shown)

    def shown(self, path: str) -> str:
        """Return what to call a file: a member of an archive by its name there."""
        return shown_path(self._names.get(path, path))

    def read(self, index: Index, read_directory: ReadDirectory) -> None:
        """Find all files and read their headers."""
        found = find_paths(
            self.roots,
            cancelled=lambda: False,
            scratch=self._scratch,
            shown=self._names,
            read_directory=read_directory,
        )
        progress = _Progress()
        batches = iter(lambda: list(islice(found, BATCH)), [])
        for batch, outcomes in indexed(batches, lambda batch: _headers(batch, index)):
            for outcome in outcomes:
                self._take(as_named(outcome, self.roots))
            progress.show(len(batch))
        progress.end()

    def _take(self, outcome: InstanceRecord | Refused | Skipped) -> None:
        result = self.library.add(outcome) if isinstance(outcome, InstanceRecord) else outcome
        if isinstance(result, Refused):
            self.refused.append(result)
        elif isinstance(result, Skipped):
            self.skipped.append(result)


def _headers(
    batch: Sequence[str | Refused | Skipped], index: Index
) -> list[InstanceRecord | Refused | Skipped]:
    files = [path for path in batch if isinstance(path, str)]
    return [*index(files), *(other for other in batch if not isinstance(other, str))]


class _Progress:
    """The number of files on standard error, when that is a terminal."""

    def __init__(self) -> None:
        self._count = 0
        self._visible = sys.stderr.isatty()

    def show(self, more: int) -> None:
        """Count `more` files."""
        self._count += more
        if self._visible:
            sys.stderr.write(f"\r{self._count:,} files read")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._visible:
            sys.stderr.write("\r\x1b[K")


def _nothing(survey: _Survey) -> str:
    """Return the sentence that says what was looked at and why nothing of it can be shown."""
    where = ", ".join(shown_path(root) for root in survey.roots)
    if not (survey.refused or survey.skipped):
        return f"Nothing to show: {where} {'is' if len(survey.roots) == 1 else 'are'} empty."
    if not survey.refused:
        many = len(survey.skipped)
        return f"Nothing to show: {where}: no DICOM image in {many:,} file{'s' if many > 1 else ''}."
    first = survey.refused[0]
    problem = f"{survey.shown(first.path)}: {first.reason}"
    if len(survey.refused) == 1:
        if list(survey.roots) == [first.path]:
            return f"Nothing to show: {problem}."
        return f"Nothing to show: {where}: no DICOM image; {problem}."
    return (
        f"Nothing to show: {where}: no DICOM image; {len(survey.refused):,} problems, the first: {problem}."
    )


def _lines(survey: _Survey) -> Iterator[str]:
    """Yield the tree, the problems and the number of other files as text."""
    for patient in survey.library.patients():
        yield from _patient_lines(patient)
    for problem in survey.refused:
        yield f"problem: {survey.shown(problem.path)}: {problem.reason}"
    if survey.skipped:
        yield f"{len(survey.skipped):,} other files skipped"


def _patient_lines(patient: Patient) -> Iterator[str]:
    who = patient.record
    name = person_name(who.patient_name) or "(no name)"
    facts = (
        f"[{printable(who.patient_id) or 'no ID'}]",
        date(who.patient_birth_date),
        printable(who.patient_sex),
    )
    yield "  ".join((name, *filter(None, facts)))
    for study in patient.studies:
        record = study.record
        what = printable(record.study_description) or "(no description)"
        yield f"  {date(record.study_date) or '(no date)'}  {what}"
        for series in study.series:
            yield from _series_lines(series)


def _series_lines(series: Series) -> Iterator[str]:
    record = series.record
    number = "-" if record.series_number is None else record.series_number
    many = len(series.instances)
    what = printable(record.series_description) or "(no description)"
    yield f"    {number}  {printable(record.modality)}  {what}  {many:,} instance{'s' if many > 1 else ''}"
    for stack in split(series.instances):
        yield f"        {_stack_words(stack)}"


def _stack_words(stack: Stack) -> str:
    frames = sum(record.number_of_frames for record in stack.records)
    count = f"{frames:,} frames" if stack.kind == "multiframe" else f"{len(stack.records):,} images"
    words = f"{stack.kind}: {count}, {stack.columns} x {stack.rows}"
    if stack.spacing:
        words += ", " + " x ".join(f"{length:.4g}" for length in stack.spacing if length is not None) + " mm"
    return "; ".join((words, *stack.warnings))
