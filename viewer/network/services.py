"""What opens the doors of peers: their secrets, and our own door where they send to."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from viewer.network.access import Access, Cancelled
from viewer.network.credentials import Secrets
from viewer.network.dimse.store import Transcode
from viewer.network.listener_status import Call, ListenerStatus
from viewer.network.peer import Peer, Received
from viewer.network.tls import client_context
from viewer.network.web.dicomweb import DicomWeb

OnArrived = Callable[[Sequence[Received]], None]


class Destination(Protocol):
    """Our own storage service, where a peer sends what a C-MOVE asks for."""

    @property
    def ae_title(self) -> str:
        """Return the AE title by which peers know it; "" while it does not listen."""

    @property
    def status(self) -> ListenerStatus:
        """Return what it is doing."""

    def calls_since(self, when: float) -> tuple[Call, ...]:
        """Return who has called since a moment (time.time)."""

    def watching(
        self, study_instance_uid: str, uids: Collection[str], on_arrived: OnArrived
    ) -> AbstractContextManager[None]:
        """Tell of what arrives of some objects (SOP Instance UIDs; none: of the study) in this block.

        `on_arrived` is called from any thread, with what is safe by then.
        """


@dataclass(frozen=True, slots=True)
class Services:
    """What is needed to speak with peers."""

    secrets: Secrets = field(default_factory=Secrets)
    destination: Destination | None = None
    transcode: Transcode | None = None  # for a peer that takes an object in no form that we have

    @property
    def can_be_sent_to(self) -> bool:
        """Tell whether a C-MOVE has somewhere to go."""
        return self.destination is not None and bool(self.destination.ae_title)

    def access(self, peer: Peer) -> Access:
        """Return what opens a peer's DIMSE door. Raises NetworkError when a file of its TLS is missing."""
        context = client_context(peer.tls) if peer.tls else None
        return Access(peer, context, self.secrets.dimse(peer) if peer.user else "")

    def web(self, peer: Peer, cancelled: Cancelled) -> DicomWeb:
        """Return what opens a peer's DICOMweb door. Raises NetworkError when it cannot be used."""
        return DicomWeb(peer, self.secrets.web(peer), cancelled)
