"""`viewer retrieve PEER --study UID`: images of a peer into the study cache, and whether all came."""

import argparse
import json
import sys

from viewer.commands.peers import add_peer, opened, own_door, peer_of
from viewer.commands.progress import Progress, say
from viewer.commands.stopping import stoppable
from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.means import Means
from viewer.jobs.retrieving import Choice, Listening, retrieve_into
from viewer.jobs.transferring import sentence_of
from viewer.network.peer import Method
from viewer.network.retrieving.retrieve import RetrieveReport
from viewer.network.retrieving.retrieve_plan import Wanted

_INSTEAD = "Retrieve in its window, or close it and try again."


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("retrieve", help="fetch a study of a peer into the study cache")
    add_peer(parser)
    parser.add_argument("--study", required=True, metavar="UID", help="the study")
    parser.add_argument(
        "--series", action="append", default=[], metavar="UID", help="of it; may be given several times"
    )
    parser.add_argument(
        "--instance", action="append", default=[], metavar="UID", help="of it; may be given several times"
    )
    methods = [method.value for method in Method]
    parser.add_argument(
        "--method", choices=methods, default=Method.AUTO.value, help="auto takes the fastest that works"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def run(args: argparse.Namespace, pool: DecoderPool) -> int:
    """Retrieve; 0 only when everything that the peer has of it is in the cache now."""
    peer = peer_of(args.peer)
    wanted = Wanted(args.study, tuple(args.series), tuple(args.instance))
    method = Method(args.method)
    if method is Method.WEB and not peer.web:
        raise ViewerError(
            f"{printable(peer.name)} has no DICOMweb address; give it one with viewer remote add."
        )
    with opened(pool, _INSTEAD) as (store, floor), own_door(peer, method, store, pool, floor) as doors:
        means = Means(store, pool, doors, floor_bytes=floor)
        progress = Progress("images")
        with stoppable() as stopped:
            listening = Listening(lambda done, total, _: progress.show(done, total or 0), cancelled=stopped)
            try:
                report = retrieve_into(means, peer, wanted, listening, Choice(method))
            finally:
                progress.end()
    if args.json:
        sys.stdout.write(json.dumps(_document(report), indent=1) + "\n")
    else:
        say(_lines(report))
    words = sentence_of(peer, report)
    if words:
        sys.stderr.write(f"viewer: {words}\n")
    return 0 if report.complete else 1


def _document(report: RetrieveReport) -> dict[str, object]:
    return {
        "expected": report.expected,
        "received": report.received,
        "already_here": report.already_here,
        "failed": [{"sop_instance_uid": one.sop_instance_uid, "reason": one.reason} for one in report.failed],
        "method": report.method,
        "seconds": round(report.seconds, 3),
        "bytes": report.bytes,
        "verified": not report.unknown,
        "notes": list(report.notes),
    }


def _lines(report: RetrieveReport) -> list[str]:
    expected = "an unknown number" if report.expected is None else f"{report.expected:,}"
    lines = [
        f"{expected} expected, {report.received:,} received, {report.already_here:,} there already,"
        f" {len(report.failed):,} failed"
        + (
            f"; {report.method}, {report.bytes / 1e6:.1f} MB in {report.seconds:.1f} s"
            if report.method
            else ""
        )
    ]
    return lines + [f"failed: {one.sop_instance_uid}: {one.reason}" for one in report.failed]
