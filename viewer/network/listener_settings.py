"""How we let others send us images."""

from dataclasses import dataclass

from viewer.network.peer import OWN_AE_TITLE, Tls


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """Our own door for C-STORE, closed until the user opens it."""

    enabled: bool = False
    ae_title: str = OWN_AE_TITLE  # by which others must call us
    port: int = 11112  # registered for DICOM, and open to ordinary users, unlike 104
    peers: tuple[str, ...] = ()  # names of the peers that may call; nobody else is let in
    tls: Tls | None = None  # our certificate, and the authorities of those who call
    callers_certified: bool = True  # over TLS they show a certificate of those authorities, or are refused
