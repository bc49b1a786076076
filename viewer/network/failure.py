"""What went wrong with a peer, as a sentence and as a cause that a program can act on."""

from enum import Enum

from viewer.errors import ViewerError


class Cause(Enum):
    """Where a conversation with a peer broke."""

    NAME = "name"  # the host's name is not known
    REFUSED = "refused"  # nothing listens there
    NO_ANSWER = "no answer"  # no TCP connection in time
    NOT_DICOM = "not dicom"  # it answers, in another language or not at all
    TLS = "tls"
    CALLED_AE = "called ae"  # it does not know the AE title we call
    CALLING_AE = "calling ae"  # it does not know ours
    BUSY = "busy"  # rejected for now
    REJECTED = "rejected"  # for another reason
    NO_CONTEXT = "no context"  # none of the services or transfer syntaxes asked for
    SILENT = "silent"  # it stopped answering
    CLOSED = "closed"  # it closed the connection, or aborted
    PROTOCOL = "protocol"  # it broke the rules: an oversized PDU, a wrong UID
    STATUS = "status"  # a DIMSE or HTTP status that says no
    CREDENTIALS = "credentials"
    DISK = "disk"  # ours is full or cannot be written
    CANCELLED = "cancelled"


class NetworkError(ViewerError):
    """A conversation that failed: one sentence for people that names the peer and the next step."""

    def __init__(self, sentence: str, cause: Cause, status: int | None = None) -> None:
        super().__init__(sentence)
        self.cause = cause
        self.status = status  # of DIMSE (PS3.7 C) or HTTP, where there was one
