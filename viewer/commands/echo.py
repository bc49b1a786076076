"""`viewer echo PEER`: whether a peer is there and speaks with us."""

import argparse
import json
import sys
import time
from dataclasses import asdict

from viewer.commands.peers import add_peer, peer_of, services
from viewer.commands.progress import say
from viewer.dicom.text import printable
from viewer.jobs.decode import DecoderPool
from viewer.network.access import never
from viewer.network.dimse.echo import echo
from viewer.network.examining.doctor import examine
from viewer.network.peer import Peer
from viewer.network.query import Query
from viewer.network.services import Services
from viewer.network.web.qido import search
from viewer.paths import settings_file
from viewer.settings import load


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("echo", help="ask a peer whether it is there")
    add_peer(parser)
    parser.add_argument(
        "--check", action="store_true", help="try one thing after the other, and say what is wrong"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def run(args: argparse.Namespace, _pool: DecoderPool) -> int:
    """Ask each door of the peer; return the exit status."""
    peer = peer_of(args.peer)
    if args.check:
        return _check(peer, as_json=args.json)
    seconds = _answers(peer, services())
    if args.json:
        document = {"peer": peer.name, "seconds": {door: round(took, 4) for door, took in seconds.items()}}
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
    else:
        words = ", ".join(f"{door} in {took * 1e3:.0f} ms" for door, took in seconds.items())
        say([f"{printable(peer.name)} answers: {words}"])
    return 0


def _check(peer: Peer, *, as_json: bool) -> int:
    """Examine a peer step by step; return the exit status."""
    listener = load(settings_file()).settings.listener
    report = examine(peer, services(), lambda step: None if as_json else say([step.line]), listener=listener)
    if as_json:
        steps = [asdict(step) | {"state": step.state.value} for step in report.steps]
        document = {"peer": peer.name, "works": report.works, "steps": steps, "admin": report.admin}
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
    elif not report.works:
        say(["", *report.admin.splitlines()])
    if report.failed is not None:
        sys.stderr.write(f"viewer: {report.failed.sentence}\n")
    return 0 if report.works else 1


def _answers(peer: Peer, doors: Services) -> dict[str, float]:
    """Return how long each door of a peer took to answer, in s. Raises NetworkError."""
    found: dict[str, float] = {}
    if peer.ae_title and peer.host:
        found["C-ECHO"] = echo(doors.access(peer))
    if peer.web:
        start = time.perf_counter()
        with doors.web(peer, never) as web:
            search(web, Query(patient_id="*", date_from="99991231"), lambda _: None, most=1)
        found["QIDO-RS"] = time.perf_counter() - start
    return found
