"""What the commands that speak with peers have in common: which peer, its secrets, and how one is told."""

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from viewer.cache.eviction import Limits, space
from viewer.cache.ownership import OwnedError
from viewer.cache.removal import settle
from viewer.cache.store import Store
from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.network.credentials import Secrets, system_keyring
from viewer.network.names import find_peer
from viewer.network.peer import Peer
from viewer.network.services import Services
from viewer.paths import settings_file, study_cache_folder
from viewer.settings import load


def add_peer(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a peer."""
    parser.add_argument("peer", metavar="PEER", help="a configured name (viewer remote), or AET@HOST:PORT")


def peer_of(word: str) -> Peer:
    """Return the peer that a word means. Raises ViewerError."""
    found = load(settings_file())
    for notice in found.notices:
        sys.stderr.write(notice + "\n")
    return find_peer(word, found.settings.peers)


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
            floor = Limits.of(space(connection, store.folder)).floor_free_bytes
        yield store, floor
