"""`viewer remote add|list|remove`: the peers that are configured."""

import argparse
import getpass
import json
import sys
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Any

from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.network.credentials import SERVICE, Secrets, system_keyring
from viewer.network.names import HIGHEST_PORT, find_peer
from viewer.network.origin import root_of
from viewer.network.peer import OWN_AE_TITLE, Method, Peer, Tls
from viewer.network.tls import client_context
from viewer.paths import settings_file
from viewer.settings import Settings, change, load, with_peer, without_peer

_LONGEST_TITLE = 16  # characters (PS3.5 6.2, VR AE)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the program."""
    parser = subparsers.add_parser("remote", help="the peers that are configured: PACS and workstations")
    actions = parser.add_subparsers(required=True, dest="action", metavar="add|list|remove")
    _register_add(actions.add_parser("add", help="add a peer, or replace the one of that name"))
    listing = actions.add_parser("list", help="list the peers")
    listing.add_argument("--json", action="store_true", help="one JSON document on standard output")
    removing = actions.add_parser("remove", help="remove a peer")
    removing.add_argument("name", metavar="NAME")


def _register_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what people call it")
    parser.add_argument("--ae-title", metavar="A", type=_title, help="its AE title")
    parser.add_argument("--host", metavar="H", default="", help="name or address of its computer")
    parser.add_argument("--port", metavar="P", type=_port, default=104, help="of DICOM there (104)")
    parser.add_argument(
        "--calling-ae-title", metavar="A", type=_title, default=OWN_AE_TITLE, help="ours, as it knows us"
    )
    parser.add_argument("--tls", action="store_true", help="speak TLS; implied by the next four")
    parser.add_argument("--ca", metavar="FILE", type=_path, help="the authorities to trust (PEM)")
    parser.add_argument("--cert", metavar="FILE", type=_path, help="our certificate (PEM)")
    parser.add_argument("--key", metavar="FILE", type=_path, help="its key (PEM)")
    parser.add_argument(
        "--tls-name", metavar="NAME", default="", help="in its certificate, if not the host's"
    )
    parser.add_argument("--web", metavar="URL", default="", help="its DICOMweb address")
    parser.add_argument(
        "--user",
        metavar="U",
        default="",
        help="who we are to it; the password is asked for, or read from the first line of standard input",
    )
    methods = [method.value for method in Method]
    parser.add_argument("--method", choices=methods, default=Method.AUTO.value, help="to retrieve by (auto)")
    parser.add_argument("--associations", metavar="N", type=_count, default=2, help="at once (2)")
    parser.add_argument("--timeout", metavar="S", type=_seconds, default=30.0, help="s of silence (30)")
    parser.add_argument("--may-send", action="store_true", help="it may send images without being asked")


def run(args: argparse.Namespace, _pool: DecoderPool) -> int:
    """Do what the command line says; return the exit status."""
    if args.action == "add":
        peer = _peer(args)
        _checked(peer)
        password = _password(peer) if peer.user else None
        change(settings_file(), lambda settings: with_peer(settings, peer))
        if password:
            sys.stderr.write(f"viewer: {_kept(peer, password)}\n")
    elif args.action == "remove":
        change(settings_file(), lambda settings: _removed(settings, args.name))
    else:
        _list(as_json=args.json)
    return 0


def _peer(args: argparse.Namespace) -> Peer:
    tls = Tls(args.ca or "", args.cert or "", args.key or "", args.tls_name)
    return Peer(
        name=args.name,
        ae_title=args.ae_title or "",
        host=args.host,
        port=args.port,
        calling_ae_title=args.calling_ae_title,
        tls=tls if args.tls or tls != Tls() else None,
        user=args.user,
        web=args.web,
        method=Method(args.method),
        associations=args.associations,
        timeout=args.timeout,
        may_send=args.may_send,
    )


def _password(peer: Peer) -> str:
    """Ask for the password on a terminal; elsewhere it is the first line of standard input, "" for none."""
    if sys.stdin.isatty():
        return getpass.getpass(f"password of {printable(peer.user)} at {printable(peer.name)}: ")
    return sys.stdin.readline().rstrip("\r\n")


def _kept(peer: Peer, password: str) -> str:
    """Keep a password at each door that the peer has, and return where it is, in a sentence."""
    secrets = Secrets(store=system_keyring())
    doors = ([False] if peer.host else []) + ([True] if peer.web else [])
    kept = [secrets.keep(peer, password, web=web) for web in doors]
    if all(kept):
        return f"The password is kept in the keyring of this system, as an entry of {SERVICE}."
    return "The password is not kept, because this system has no keyring that can be used:" + (
        " it will be asked for when it is needed." if peer.web else " the peer is called without it."
    )


def _checked(peer: Peer) -> None:
    """Raise ViewerError when a peer cannot be reached as it is described."""
    name = printable(peer.name)
    if not peer.name.strip():
        raise ViewerError("A peer needs a name.")
    if not peer.web and not (peer.ae_title and peer.host):
        raise ViewerError(f"{name} needs --ae-title and --host for DICOM, or --web for DICOMweb.")
    if bool(peer.ae_title) != bool(peer.host):
        raise ViewerError(f"{name} needs both --ae-title and --host.")
    if peer.method is Method.WEB and not peer.web:
        raise ViewerError(f"{name} needs --web for --method web.")
    if peer.web:
        root_of(peer.web)
    if peer.tls:
        client_context(peer.tls)


def _removed(settings: Settings, name: str) -> Settings:
    return without_peer(settings, find_peer(name, settings.peers).name if settings.peers else _nobody(name))


def _nobody(name: str) -> str:
    raise ViewerError(f"There is no peer called {printable(name)}; none is configured.")


def _list(*, as_json: bool) -> None:
    found = load(settings_file())
    for notice in found.notices:
        sys.stderr.write(notice + "\n")
    peers = found.settings.peers
    if as_json:
        sys.stdout.write(json.dumps({"peers": [_document(peer) for peer in peers]}, indent=1) + "\n")
        return
    for peer in peers:
        sys.stdout.write("  ".join(filter(None, _words(peer))) + "\n")
    if not peers:
        sys.stdout.write("no peer is configured (viewer remote add)\n")


def _document(peer: Peer) -> dict[str, Any]:
    return {key: value.value if isinstance(value, Enum) else value for key, value in asdict(peer).items()}


def _words(peer: Peer) -> tuple[str, ...]:
    place = f"{printable(peer.ae_title)}@{printable(peer.host)}:{peer.port}" if peer.host else ""
    return printable(peer.name), place, "TLS" if peer.tls else "", printable(peer.web), peer.method.value


# ------------------------------------------------------------------------------ words of the command line
def _title(text: str) -> str:
    title = text.strip(" ")
    if not (
        0 < len(title) <= _LONGEST_TITLE and title.isascii() and title.isprintable() and "\\" not in title
    ):
        raise argparse.ArgumentTypeError(f"{text!r} is no AE title (1 to {_LONGEST_TITLE} ASCII characters)")
    return title


def _port(text: str) -> int:
    return int(_within(text, 1, HIGHEST_PORT, "port"))


def _count(text: str) -> int:
    return int(_within(text, 1, 16, "number of associations"))


def _seconds(text: str) -> float:
    return _within(text, 1, 600, "time")


def _within(text: str, least: int, most: int, what: str) -> float:
    try:
        number = float(text) if what == "time" else int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no {what} from {least} to {most}")
    return number


def _path(text: str) -> str:
    """Return a path that means the same wherever the program is started later."""
    return str(Path(text).absolute())
