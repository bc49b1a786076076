"""A remote application entity as the user describes it, and ourselves as we introduce ourselves to it."""

from dataclasses import dataclass
from enum import Enum

OWN_AE_TITLE = "NEGATOSCOPE"


class Method(Enum):
    """How images are fetched."""

    AUTO = "auto"  # the fastest that works, tried in turn and remembered: WADO-RS, C-GET, C-MOVE
    GET = "get"
    MOVE = "move"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Tls:
    """Transport security (PS3.15 B.12): the peer's certificate is always verified."""

    authorities: str = ""  # PEM file of the authorities that are trusted; "" for those of the system
    certificate: str = ""  # PEM files of our own certificate and key, for a peer that asks for them
    key: str = ""
    name: str = ""  # that the peer's certificate is made out to, where it is not the host's


@dataclass(frozen=True, slots=True)
class Peer:
    """One remote application entity: `host` and `port` are its DIMSE door, `web` its DICOMweb one."""

    name: str  # what people call it
    ae_title: str = ""  # "" when it is reached over DICOMweb only
    host: str = ""
    port: int = 104
    calling_ae_title: str = OWN_AE_TITLE
    tls: Tls | None = None
    user: str = (
        ""  # identity sent to a DIMSE peer (PS3.7 D.3.3.7), and of basic credentials; secrets: the keyring
    )
    web: str = ""  # https://host/dicom-web, without QIDO-RS's own path
    method: Method = Method.AUTO
    associations: int = 2  # at once, for a retrieve
    timeout: float = 30.0  # s of silence after which a peer is given up
    may_send: bool = False  # it may send us images without being asked


@dataclass(frozen=True, slots=True)
class Received:
    """One object that a peer sent, complete, as a Part 10 file in the folder for what is unfinished."""

    path: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    bytes: int  # of the file
    sender: str = ""  # the name of the peer that called us with it
    asked: bool = True  # it came because we asked for it
