"""`viewer import PATH…`: files, folders, media and zips into the study cache."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from viewer import settings
from viewer.cache import trash
from viewer.cache.arrivals import Keep, Taken
from viewer.cache.eviction import Limits, space
from viewer.cache.ownership import OwnedError
from viewer.cache.removal import settle
from viewer.cache.store import Store
from viewer.commands.progress import Progress, say
from viewer.dicom.records import Refused
from viewer.dicom.text import shown_path
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.importing import Hearing, How, ImportReport, import_paths
from viewer.paths import cache_folder, settings_file, study_cache_folder


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("import", help="put files, folders, media and zips into the study cache")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, media (DICOMDIR) or zips")
    parser.add_argument(
        "--link",
        action="store_true",
        help="leave the files in place, on a disk that stays, instead of copying",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def run(args: argparse.Namespace, pool: DecoderPool) -> int:
    """Import what the command line names; 0 when every instance is in the cache now."""
    restored = _Restored()
    with _opened() as store, _scratch() as scratch:
        store.adopt(pool.index)  # what an interrupted import left is no longer left out
        settle(store)
        with store.reading() as connection:
            limits = settings.load(settings_file()).settings.cache or Limits.of(
                space(connection, store.folder)
            )
        how = How(scratch, keep=Keep.LINK if args.link else Keep.COPY, floor_bytes=limits.floor_free_bytes)
        progress = Progress("files read")
        hearing = Hearing(
            taken=lambda batch: restored.take(store, batch),
            progress=lambda now: progress.show(now.looked, 0),
        )
        report = import_paths(args.paths, store, pool, how, hearing)
        progress.end()
    if args.json:
        sys.stdout.write(json.dumps(_document(report), indent=1) + "\n")
    else:
        say(_lines(report, restored.count))
    sentence = _failure(args.paths, report)
    if not sentence:
        return 0
    sys.stderr.write(sentence + "\n")
    return 1


class _Restored:
    """Takes studies that come again out of the trash: who imports them wants to see them."""

    def __init__(self) -> None:
        self.count = 0

    def take(self, store: Store, batch: Sequence[Taken]) -> None:
        """Restore the studies of a batch that had been deleted."""
        self.count += trash.come_again(store, [taken.record for taken in batch])


@contextmanager
def _opened() -> Iterator[Store]:
    try:
        store = Store(study_cache_folder())
    except OwnedError as error:
        raise ViewerError(f"{error} Open the files in its window, or close it and try again.") from None
    with store:
        for notice in store.notices:
            sys.stderr.write(notice + "\n")
        yield store


@contextmanager
def _scratch() -> Iterator[Path]:
    """Yield a private folder for what is unpacked."""
    cache = cache_folder()
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="import-", dir=cache))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _document(report: ImportReport) -> dict[str, object]:
    return {
        "added": report.added,
        "already_here": report.already_here,
        "bytes": report.bytes,
        "conflicts": _said(report.conflicts),
        "failed": _said(report.failed),
        "problems": _said(report.refused),
        "skipped": len(report.skipped),
        "stopped": report.stopped,
    }


def _said(several: Sequence[Refused]) -> list[dict[str, str]]:
    return [{"path": shown_path(one.path), "reason": one.reason} for one in several]


def _lines(report: ImportReport, restored: int) -> list[str]:
    """Return what became of all files, for a person."""
    lines = [f"{report.added:,} added, {report.already_here:,} there already"]
    if restored:
        lines.append(f"{restored:,} {'studies' if restored > 1 else 'study'} taken out of the trash")
    for name, several in (
        ("conflict", report.conflicts),
        ("failed", report.failed),
        ("problem", report.refused),
    ):
        lines += [f"{name}: {shown_path(one.path)}: {one.reason}" for one in several]
    if report.skipped:
        lines.append(f"{len(report.skipped):,} other files skipped")
    return lines


def _failure(paths: Sequence[str], report: ImportReport) -> str:
    """Return why not every instance went in, in a sentence; "" when all did.

    One in conflict went in, beside the first; a file that cannot be used as DICOM is none.
    """
    if report.stopped:
        return report.stopped
    if report.failed:
        first = report.failed[0]
        many = f"{len(report.failed):,} instances were" if len(report.failed) > 1 else "One instance was"
        return f"{many} not imported; {shown_path(first.path)}: {first.reason}."
    if report.added + report.already_here + len(report.conflicts):
        return ""
    where = ", ".join(shown_path(path) for path in paths)
    if not report.refused:
        return f"Nothing to import: {where}: no DICOM file."
    problem = f"{shown_path(report.refused[0].path)}: {report.refused[0].reason}"
    return f"Nothing to import: {problem}."
