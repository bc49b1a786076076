"""What the commands that speak with peers have in common: which peer, its secrets, and how one is told."""

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from viewer.cache.arrivals import Source
from viewer.cache.eviction import Limits, space
from viewer.cache.ownership import OwnedError
from viewer.cache.removal import settle
from viewer.cache.store import Store
from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.jobs.arriving import Arriving
from viewer.jobs.decode import DecoderPool
from viewer.jobs.sending import promised_by
from viewer.network.credentials import Secrets, system_keyring
from viewer.network.listening.listener import Listener
from viewer.network.listening.listener_config import config_of
from viewer.network.names import find_peer
from viewer.network.peer import Method, Peer
from viewer.network.services import Services
from viewer.paths import settings_file, study_cache_folder
from viewer.settings import load, with_peer


def add_peer(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a peer."""
    parser.add_argument("peer", metavar="PEER", help="a configured name (viewer remote), or AET@HOST:PORT")


def peer_of(word: str) -> Peer:
    """Return the peer that a word means. Raises ViewerError."""
    found = load(settings_file())
    for notice in found.notices:
        sys.stderr.write(notice + "\n")
    return find_peer(word, found.settings.peers)


@contextmanager
def own_door(peer: Peer, method: Method, store: Store, pool: DecoderPool, floor: int) -> Iterator[Services]:
    """Yield what opens the doors of peers, with our own one open where a C-MOVE may need it.

    That is when the user wants a C-MOVE, or has our door open anyway. Raises ViewerError.
    """
    settings = load(settings_file()).settings
    named = settings.listener.enabled and method is Method.AUTO
    if not (peer.ae_title and peer.host) or not (method is Method.MOVE or named):
        yield services()
        return
    listening = replace(settings.listener, peers=tuple(dict.fromkeys((*settings.listener.peers, peer.name))))
    config, notices = config_of(listening, with_peer(settings, peer).peers, floor)
    for notice in notices:
        sys.stderr.write(notice + "\n")
    source = Source(f"PACS {printable(peer.name)}", origin=False)
    arriving = Arriving(store, pool, source=source, floor_bytes=floor)
    listener = Listener(
        config,
        store.folder.tmp,
        arriving.received,
        on_promise=lambda promise, title: promised_by(store, settings.peers, title, promise),
    )
    listener.start()
    try:
        yield replace(services(), destination=listener)
    finally:
        listener.stop()


def services() -> Services:
    """Return what opens the doors of peers, with the secrets that the system keeps."""
    return Services(Secrets(_asked, system_keyring()))


def _asked(peer: Peer) -> str | None:
    """Ask for a password on a terminal."""
    if not sys.stdin.isatty():
        return None
    return getpass.getpass(f"password of {printable(peer.user)} at {printable(peer.name)}: ")


@contextmanager
def opened(pool: DecoderPool, instead: str) -> Iterator[tuple[Store, int]]:
    """Yield the study cache, and how much must stay free on its disk.

    Raises ViewerError; `instead` is what can be done while a window has it.
    """
    try:
        store = Store(study_cache_folder())
    except OwnedError as error:
        raise ViewerError(f"{error} {instead}") from None
    with store:
        for notice in store.notices:
            sys.stderr.write(notice + "\n")
        store.adopt(pool.index)
        settle(store)
        with store.reading() as connection:
            limits = load(settings_file()).settings.cache or Limits.of(space(connection, store.folder))
        yield store, limits.floor_free_bytes
