"""`viewer listen`: our own door for C-STORE; what arrives goes into the study cache until it is stopped."""

import argparse
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from viewer.commands.peers import opened
from viewer.commands.progress import say
from viewer.dicom.records import InstanceRecord
from viewer.dicom.text import printable
from viewer.jobs.arriving import Arriving
from viewer.jobs.decode import DecoderPool
from viewer.jobs.sending import promised_by
from viewer.network.dimse.negotiation import ae_title
from viewer.network.listener_status import ListenerStatus
from viewer.network.listening.listener import Listener
from viewer.network.listening.listener_config import Caller, ListenerConfig, addresses_of, config_of, host_for
from viewer.network.names import HIGHEST_PORT
from viewer.network.peer import Tls
from viewer.paths import settings_file
from viewer.settings import Settings, load

_LOOK = 0.1  # s
_EVERY = 1.0  # s between two lines about what has arrived
_INSTEAD = "Open the listener in its window, or close it and try again."
_THIS_COMPUTER = Caller("this computer", addresses=("127.0.0.1", "::1"), may_send=True)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "listen",
        help="let others send images into the study cache",
        description="Receive what is sent by C-STORE into the study cache, until Ctrl-C. The peers that the"
        " listener of the settings lets in may call, those that are configured with --may-send, and those of"
        " --from. When there are none, only programs of this computer may.",
    )
    parser.add_argument(
        "--port", type=_port, metavar="P", help="to listen at; 0 for any that is free (11112)"
    )
    parser.add_argument("--ae-title", type=_title, metavar="A", help="by which others must call us")
    parser.add_argument(
        "--from",
        action="append",
        default=[],
        dest="callers",
        type=_caller,
        metavar="AET@HOST",
        help="who may send, besides those that are configured; may be given several times",
    )
    parser.add_argument("--ca", metavar="FILE", help="TLS: the authorities of those who send (PEM)")
    parser.add_argument("--cert", metavar="FILE", help="TLS: our certificate (PEM)")
    parser.add_argument("--key", metavar="FILE", help="TLS: its key (PEM)")
    parser.add_argument("--seconds", type=_seconds, metavar="N", help="to listen; until Ctrl-C without it")
    parser.add_argument("--once", action="store_true", help="end when the first who has sent images has gone")
    parser.add_argument(
        "--json", action="store_true", help="one JSON document on standard output, at the end"
    )


def run(args: argparse.Namespace, pool: DecoderPool) -> int:
    """Receive until it is stopped; 0 unless it could not listen to the end."""
    loaded = load(settings_file())
    with opened(pool, _INSTEAD) as (store, floor):
        config, notices = _config(args, loaded.settings, floor)
        for notice in (*loaded.notices, *notices):
            sys.stderr.write(notice + "\n")
        account = _Account(quiet=args.json)
        arriving = Arriving(store, pool, account.take, floor_bytes=floor)
        listener = Listener(
            config,
            store.folder.tmp,
            arriving.received,
            on_promise=lambda promise, title: promised_by(store, loaded.settings.peers, title, promise),
        )
        start = time.monotonic()
        port = listener.start()
        try:
            sys.stderr.write(_greeting(config, port) + "\n")
            sys.stderr.flush()
            _wait(listener, account, start + args.seconds if args.seconds else None, once=args.once)
        except KeyboardInterrupt:
            pass
        finally:
            listener.stop()
    found = listener.status
    if args.json:
        document = _document(config, port, found, account, time.monotonic() - start)
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
    else:
        account.say()
        say([f"{found.received:,} received, {found.refused:,} not kept", *_turned_away(found)])
    if not found.sentence:
        return 0
    sys.stderr.write(f"viewer: {found.sentence}\n")
    return 1


def _config(
    args: argparse.Namespace, settings: Settings, floor: int
) -> tuple[ListenerConfig, tuple[str, ...]]:
    """Return how to listen, and what of the settings cannot be used. Raises ViewerError."""
    senders = [peer.name for peer in settings.peers if peer.may_send and peer.ae_title]
    names = tuple(dict.fromkeys((*settings.listener.peers, *senders)))
    tls = Tls(args.ca or "", args.cert or "", args.key or "")
    changed = replace(settings.listener, peers=names, tls=tls if tls != Tls() else settings.listener.tls)
    config, notices = config_of(changed, settings.peers, floor)
    callers = (*config.callers, *args.callers) or (_THIS_COMPUTER,)
    title = args.ae_title or config.ae_title
    return replace(
        config,
        ae_title=title,
        own_ae_titles=tuple(dict.fromkeys((title, *config.own_ae_titles))),
        port=config.port if args.port is None else args.port,
        callers=callers,
        host=host_for(callers),
    ), notices


def _greeting(config: ListenerConfig, port: int) -> str:
    where = "this computer only" if config.host else "all addresses of this computer"
    secured = ", over TLS" if config.tls else ""
    who = ", ".join(printable(caller.name) for caller in config.callers)
    return f"Listening as {config.ae_title} at port {port} of {where}{secured}, for {who}. Ctrl-C ends."


def _wait(listener: Listener, account: "_Account", until: float | None, *, once: bool) -> None:
    """Wait until it is time, the listener has given up, or the first sender has gone."""
    never = threading.Event()
    while until is None or time.monotonic() < until:
        never.wait(_LOOK)
        account.say(_EVERY)
        now = listener.status
        if not now.listening or (once and now.received + now.refused and not now.associations):
            return


class _Account:
    """What has arrived, by study."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._lock = threading.Lock()
        self._said_at = 0.0
        self._said: Counter[str] = Counter()
        self.studies: Counter[str] = Counter()

    def take(self, records: Sequence[InstanceRecord]) -> None:
        """Count what is in the cache from now on; from any thread."""
        with self._lock:
            self.studies.update(record.series.study.study_instance_uid for record in records)

    def say(self, seconds: float = 0.0) -> None:
        """Say what has arrived since the last time, unless that was less than `seconds` ago."""
        if self._quiet or time.monotonic() - self._said_at < seconds:
            return
        with self._lock:
            found = self.studies - self._said
            self._said = self.studies.copy()
        self._said_at = time.monotonic()
        say([f"{count:,} of study {printable(uid)}" for uid, count in found.items()])
        sys.stdout.flush()


def _turned_away(found: ListenerStatus) -> list[str]:
    counted = Counter((call.caller, call.address, call.refused) for call in found.calls if call.refused)
    return [
        f"not let in{f' ({count:,} times)' if count > 1 else ''}: {printable(caller) or 'somebody'} from"
        f" {address}: {printable(words)}"
        for (caller, address, words), count in counted.items()
    ]


def _document(
    config: ListenerConfig, port: int, found: ListenerStatus, account: _Account, seconds: float
) -> dict[str, object]:
    return {
        "ae_title": config.ae_title,
        "port": port,
        "seconds": round(seconds, 3),
        "received": found.received,
        "refused": found.refused,
        "bytes": found.bytes,
        "studies": [
            {"study_instance_uid": uid, "instances": count} for uid, count in sorted(account.studies.items())
        ],
        "calls": [
            {"caller": call.caller, "address": call.address, "refused": call.refused} for call in found.calls
        ],
    }


def _caller(word: str) -> Caller:
    title, _, host = word.partition("@")
    addresses = addresses_of(host or "localhost")
    if not addresses:
        raise argparse.ArgumentTypeError(f"{host} is no known host")
    return Caller(word, _title(title), addresses, may_send=True)


def _title(word: str) -> str:
    try:
        return ae_title(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(word: str) -> int:
    if not word.isdecimal() or int(word) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{word!r} is no port from 0 to {HIGHEST_PORT}")
    return int(word)


def _seconds(word: str) -> float:
    try:
        found = float(word)
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"{word!r} is no number of seconds")
    return found
