"""By which method a peer's images come: the fastest that works, remembered while the program runs."""

import threading

from viewer.network.peer import Method, Peer

FASTEST_FIRST = (Method.WEB, Method.GET, Method.MOVE)
WORDS = {Method.WEB: "WADO-RS", Method.GET: "C-GET", Method.MOVE: "C-MOVE"}


class Remembered:
    """Which methods of which peers did not work, and why; of any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refused: dict[tuple[Peer, Method], str] = {}

    def methods(self, peer: Peer, *, can_move: bool, forced: Method = Method.AUTO) -> tuple[Method, ...]:
        """Return what to try, in turn: one that was `forced` or configured alone, else all that may work."""
        only = forced if forced is not Method.AUTO else peer.method
        if only is not Method.AUTO:
            return (only,)
        usable = [method for method in FASTEST_FIRST if _has_door(peer, method, can_move=can_move)]
        with self._lock:
            refused = [method for method in usable if (peer, method) in self._refused]
        return tuple([method for method in usable if method not in refused] + refused)

    def refused(self, peer: Peer, method: Method, reason: str) -> None:
        """Remember that a method did not work: it is tried last from now on."""
        with self._lock:
            self._refused[peer, method] = reason

    def worked(self, peer: Peer, method: Method) -> None:
        """Remember that a method works."""
        with self._lock:
            self._refused.pop((peer, method), None)


def _has_door(peer: Peer, method: Method, *, can_move: bool) -> bool:
    if method is Method.WEB:
        return bool(peer.web)
    dimse = bool(peer.ae_title and peer.host)
    return dimse and (method is Method.GET or can_move)
