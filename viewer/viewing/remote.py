"""Everything about peers that the window is given in one piece."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from viewer.dicom.records import InstanceRecord
from viewer.jobs.transfers import Transfers
from viewer.network.peer import Peer
from viewer.network.services import Services
from viewer.viewing.neighbours import Neighbours
from viewer.viewing.own_door import OwnDoor


class Prompt(Protocol):
    """Who asks for passwords."""

    def hush(self) -> None:
        """Have the thread that calls go without a password rather than ask."""

    def close(self) -> None:
        """Answer whatever is asked with no password."""


@dataclass(frozen=True, slots=True)
class News:
    """What the transfers say, told to everybody who put a function in here; all on the main thread."""

    changed: list[Callable[[], object]] = field(default_factory=list)  # the rows of the transfers
    arrived: list[Callable[[Sequence[InstanceRecord]], object]] = field(default_factory=list)

    def tell_changed(self) -> None:
        """Tell that the list of transfers is another one."""
        for hear in tuple(self.changed):
            hear()

    def tell_arrived(self, records: Sequence[InstanceRecord]) -> None:
        """Tell of instances that are in the cache from now on."""
        for hear in tuple(self.arrived):
            hear(records)


@dataclass(frozen=True, slots=True)
class Remote:
    """Peers, transfers and our own door; without `transfers` peers can be asked, and nothing be fetched."""

    neighbours: Neighbours
    transfers: Transfers | None = None
    news: News = field(default_factory=News)
    prompt: Prompt | None = None
    door: OwnDoor = field(default_factory=OwnDoor)  # ours, where peers send to


def nobody(peers: Sequence[Peer] = ()) -> Remote:
    """Return peers who are asked without a keyring, and nothing that could be fetched."""
    return Remote(Neighbours(Services(), peers))
