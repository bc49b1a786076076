"""What transfers work with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from viewer.cache.store import Store
from viewer.jobs.decode import DecoderPool
from viewer.network.peer import Peer
from viewer.network.retrieving.retrieve_methods import Remembered
from viewer.network.services import Services


def _nobody() -> Sequence[Peer]:
    return ()


@dataclass(frozen=True, slots=True)
class Means:
    """The cache, the reader of headers, and what opens the doors of peers."""

    store: Store
    pool: DecoderPool
    services: Services
    peers: Callable[[], Sequence[Peer]] = _nobody  # as they are configured now
    remembered: Remembered = field(default_factory=Remembered)  # how images come from each
    floor_bytes: int = 0  # what must stay free on the disk of the cache
