"""Our own door as the settings want it: opened, closed and opened anew, and what it is known to do."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from viewer.network.failure import NetworkError
from viewer.network.listener_settings import ListenerSettings
from viewer.network.listener_status import Call, ListenerStatus
from viewer.network.listening.listener import Listener
from viewer.network.listening.listener_config import FLOOR, ListenerConfig, config_of
from viewer.network.peer import Peer
from viewer.network.services import OnArrived

NOT_HERE = (
    "Images cannot be received in this window: the studies of this computer are in another one's hands."
)

Make = Callable[[ListenerConfig], Listener]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of our door."""

    status: ListenerStatus | None = None  # None: it was never opened
    since: float = 0.0  # s since 1970 when it was opened
    notices: tuple[str, ...] = ()  # what of the settings could not be used


class OwnDoor:
    """The listener of the moment. Every method is for any thread; `apply` and `shut` may take seconds.

    It is where a C-MOVE goes (`viewer.network.services.Destination`), whichever listener that is just now.
    """

    def __init__(self, make: Make | None = None, floor_bytes: int = FLOOR) -> None:
        """`make` builds a listener that keeps what comes; without it the door stays closed and says so.

        `floor_bytes` of the disk stay free, whoever sends.
        """
        self._make, self._floor = make, floor_bytes
        self._changing = threading.Lock()
        self._listener: Listener | None = None
        self._seen = Seen()

    def apply(self, settings: ListenerSettings, peers: Sequence[Peer]) -> None:
        """Have the door be as the settings want it. Never raises: what went wrong is told by `seen`."""
        with self._changing:
            if not settings.enabled:
                self._close()
                self._seen = Seen()
                return
            if self._make is None:
                self._seen = Seen(notices=(NOT_HERE,))
                return
            config, notices = config_of(settings, peers, self._floor)
            if self._listener is not None and self._listener.config == config and self._listener.ae_title:
                self._seen = Seen(since=self._seen.since, notices=notices)
                return
            self._close()
            self._open(self._make(config), notices)

    def _open(self, listener: Listener, notices: tuple[str, ...]) -> None:
        self._listener = listener
        try:
            listener.start()
        except NetworkError as error:
            self._listener = None
            self._seen = Seen(notices=(str(error), *notices))
        else:
            self._seen = Seen(since=time.time(), notices=notices)

    def _close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop()

    def shut(self) -> None:
        """Close the door: the program ends."""
        with self._changing:
            self._close()

    @property
    def seen(self) -> Seen:
        """Return what is known of the door."""
        listener, seen = self._listener, self._seen
        return Seen(listener.status if listener is not None else None, seen.since, seen.notices)

    # ------------------------------------------------------------------------------- where a C-MOVE goes
    @property
    def ae_title(self) -> str:
        """Return the AE title by which peers know it; "" while it does not listen."""
        listener = self._listener
        return listener.ae_title if listener is not None else ""

    @property
    def status(self) -> ListenerStatus:
        """Return what it is doing."""
        listener = self._listener
        return listener.status if listener is not None else ListenerStatus("", "")

    @contextmanager
    def watching(
        self, study_instance_uid: str, uids: Collection[str], on_arrived: OnArrived
    ) -> Iterator[None]:
        """Let in, and tell of, what arrives of some objects in this block; while closed, nothing."""
        listener = self._listener
        if listener is None:
            yield
            return
        with listener.watching(study_instance_uid, uids, on_arrived):
            yield

    def calls_since(self, when: float) -> tuple[Call, ...]:
        """Return who has called since a moment (time.time)."""
        listener = self._listener
        return listener.calls_since(when) if listener is not None else ()
