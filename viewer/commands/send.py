"""`viewer send PEER PATH…|--study UID`: files, or studies of the cache, to a peer."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from viewer.cache import holdings
from viewer.cache.ownership import OwnedError
from viewer.cache.store import Store
from viewer.commands.peers import add_peer, peer_of, services
from viewer.commands.progress import Progress, say
from viewer.dicom.records import InstanceRecord
from viewer.dicom.scan import find_paths
from viewer.dicom.text import printable, shown_path
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.means import Means
from viewer.jobs.recoding import recoder
from viewer.jobs.sending import Following, send_from
from viewer.network.access import never
from viewer.network.peer import Peer
from viewer.network.retrieving.send import Outcome, commitment, send
from viewer.network.services import Services
from viewer.paths import study_cache_folder

_BATCH = 64  # files whose headers are read together

Sent = tuple[int, int, list[tuple[str, str]], str]  # sent, promised, what failed and why, about the promise


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("send", help="send files, or studies of the cache, to a peer")
    add_peer(parser)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, media or zips")
    parser.add_argument(
        "--study", action="append", default=[], metavar="UID", help="of the cache; may be given several times"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def run(args: argparse.Namespace, pool: DecoderPool) -> int:
    """Send; 0 only when the peer has taken everything."""
    if bool(args.paths) == bool(args.study):
        sys.stderr.write("viewer send: name either paths or --study\n")
        return 2
    peer = peer_of(args.peer)
    progress = Progress("sent")
    try:
        sent, promised, failed, words = (
            _send_studies(args.study, peer, pool, progress)
            if args.study
            else _send_paths(args.paths, peer, pool, progress)
        )
    finally:
        progress.end()
    if args.json:
        document = {
            "sent": sent,
            "committed": promised,
            "failed": [{"object": each, "reason": reason} for each, reason in failed],
            "note": words,
        }
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
    else:
        count = f"{sent:,} sent, {promised:,} promised to be kept, {len(failed):,} failed"
        say([count, *(f"failed: {each}: {reason}" for each, reason in failed)])
    if failed:
        sys.stderr.write(f"viewer: {len(failed):,} were not sent; {failed[0][0]}: {failed[0][1]}\n")
    return 1 if failed else 0


def _send_studies(studies: Sequence[str], peer: Peer, pool: DecoderPool, progress: Progress) -> Sent:
    """Send studies of the cache, and note it there unless a window has it."""
    root = study_cache_folder()
    try:
        store = Store(root)
    except OwnedError:
        store = Store(root, read_only=True)
    with store:
        uids = [uid for study in studies for uid in _objects(store, study)]
        if store.read_only:
            found = holdings.records(store, uids)
            with tempfile.TemporaryDirectory(prefix="send-") as scratch:
                doors = replace(services(), transcode=recoder(pool, Path(scratch), never))
                return _send_files({record.path: uid for uid, record in found.items()}, peer, progress, doors)
        following = Following(lambda done, total, _: progress.show(done, total))
        report = send_from(Means(store, pool, services()), peer, uids, following)
    return report.sent, report.committed, list(report.failed), report.note


def _objects(store: Store, study: str) -> Sequence[str]:
    found = holdings.objects_of(store, study)
    if not found:
        raise ViewerError(f"The study {printable(study)} is not in the cache.")
    return found


def _send_paths(paths: Sequence[str], peer: Peer, pool: DecoderPool, progress: Progress) -> Sent:
    """Send files from where they are."""
    with tempfile.TemporaryDirectory(prefix="send-") as scratch:
        shown: dict[str, str] = {}
        found = find_paths(
            paths, cancelled=never, scratch=Path(scratch), shown=shown, read_directory=pool.directory
        )
        candidates = [each for each in found if isinstance(each, str)]
        names: dict[str, str] = {}
        for place in range(0, len(candidates), _BATCH):
            some = candidates[place : place + _BATCH]
            for path, outcome in zip(some, pool.index(some), strict=True):
                if isinstance(outcome, InstanceRecord):
                    names[path] = shown.get(path, shown_path(path))
        if not names:
            where = ", ".join(map(shown_path, paths))
            raise ViewerError(f"Nothing to send: {where}: no DICOM file.")
        doors = replace(services(), transcode=recoder(pool, Path(scratch), never))
        return _send_files(names, peer, progress, doors)


def _send_files(names: dict[str, str], peer: Peer, progress: Progress, doors: Services) -> Sent:
    """Send files; `names` says what to call each."""
    outcomes: list[Outcome] = []

    def on_outcome(outcome: Outcome) -> None:
        outcomes.append(outcome)
        progress.show(len(outcomes), len(names))

    send(peer, list(names), doors, on_outcome)
    failed = [(names[each.path], each.reason) for each in outcomes if each.reason]
    references = [each.reference for each in outcomes if not each.reason]
    promise = commitment(peer, references, doors)
    return len(references), len(promise.kept), failed, promise.words
