"""The peers that are configured, asked by whichever of their doors answers queries."""

import time
from collections.abc import Callable, Sequence

from viewer.network.dimse.echo import echo
from viewer.network.dimse.find import LIMIT, find
from viewer.network.failure import NetworkError
from viewer.network.match import Match
from viewer.network.peer import Method, Peer
from viewer.network.query import Query
from viewer.network.services import Services
from viewer.network.web.qido import search

ATTEMPTS = 3  # at a password: more are no typing errors, and servers lock accounts
NOBODY = "2.25.0"  # a UID that no study has
Cancelled = Callable[[], bool]


class Neighbours:
    """The peers as they are configured now. The functions wait for a network: they are for job threads."""

    def __init__(self, services: Services, peers: Sequence[Peer] = ()) -> None:
        self.services = services
        self.peers = tuple(peers)  # replaced as a whole, on the main thread

    def find(
        self,
        peer: Peer,
        query: Query,
        on_match: Callable[[Match], None],
        cancelled: Cancelled,
        limit: int = LIMIT,
    ) -> bool:
        """Tell of what a peer holds as its answers come; return whether that was all. Raises NetworkError.

        A password that it refuses is forgotten, and asked for again while somebody gives one.
        """
        if speaks_dimse(peer):
            access = self.services.access(peer)
            return find(access, query, on_match, cancelled, limit).complete
        for left in reversed(range(ATTEMPTS)):
            try:
                return self._search(peer, query, on_match, cancelled, limit)
            except NetworkError as error:
                if not self.services.secrets.forget_refused(peer, error) or cancelled() or not left:
                    raise
        raise AssertionError

    def _search(
        self,
        peer: Peer,
        query: Query,
        on_match: Callable[[Match], None],
        cancelled: Cancelled,
        limit: int,
    ) -> bool:
        told = 0

        def count(match: Match) -> None:
            nonlocal told
            told += 1
            if told <= limit:
                on_match(match)

        with self.services.web(peer, cancelled) as web:
            search(web, query, count, most=limit + 1)
        return told <= limit

    def echo(self, peer: Peer, cancelled: Cancelled) -> float:
        """Return how long a peer takes to answer, in seconds. Raises NetworkError when it does not."""
        if speaks_dimse(peer):
            return echo(self.services.access(peer), cancelled)
        start = time.perf_counter()
        self._search(peer, Query(study_instance_uid=NOBODY), lambda _: None, cancelled, LIMIT)
        return time.perf_counter() - start


def speaks_dimse(peer: Peer) -> bool:
    """Tell whether a peer is asked by C-FIND; else by QIDO-RS."""
    return bool(peer.ae_title and peer.host) and (peer.method is not Method.WEB or not peer.web)
