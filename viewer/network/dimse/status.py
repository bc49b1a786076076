"""What the status of a DIMSE response means (PS3.7 C, PS3.4 C.4, B.2.3)."""

from enum import Enum

SUCCESS = 0x0000
PENDING = frozenset({0xFF00, 0xFF01})
CANCELLED = 0xFE00
OUT_OF_RESOURCES = 0xA700
DOES_NOT_MATCH = 0xA900
CANNOT_UNDERSTAND = 0xC000
PROCESSING_FAILURE = 0x0110
NOT_SENT = 0xA702  # out of resources, or no form that both sides know
UNKNOWN_DESTINATION = 0xA801
_WARNINGS = frozenset({0x0001, 0x0107, 0x0116})
_FAMILY, _SUBFAMILY = 0xF000, 0xFF00
_A_WARNING, _A_REFUSAL = 0xB000, 0xC000  # families (PS3.7 C.4.2, PS3.4 B.2-1)


class Kind(Enum):
    """What a status asks the other side to do."""

    SUCCESS = "success"
    PENDING = "pending"
    WARNING = "warning"
    CANCELLED = "cancelled"
    FAILURE = "failure"


_WORDS = {
    0x0105: "no such attribute",
    0x0106: "a value is not allowed",
    0x0110: "processing failed",
    0x0111: "the object is there already",
    0x0112: "there is no such object",
    0x0115: "a value is not allowed",
    0x0117: "the UID of the object is not valid",
    0x0118: "the SOP class is not supported",
    0x0119: "the class and the object do not belong together",
    0x0120: "an attribute is missing",
    0x0122: "the SOP class is not supported",
    0x0124: "we are not allowed to do this",
    0x0210: "the message was sent twice",
    0x0211: "the operation is not known",
    0x0212: "an argument is wrong",
    0x0213: "it is short of resources",
    0xA700: "it is short of resources",
    0xA701: "it is short of resources and could not count the matches",
    0xA702: "it is short of resources, or could not send the objects in a form that both sides know",
    0xA801: "it does not know the AE title that the images are to be sent to",
    0xA900: "the data set does not match the SOP class",
    0xB000: "some of the objects failed, or elements were changed",
    0xB006: "elements were left out",
    0xB007: "the data set does not match the SOP class",
}


def kind(status: int) -> Kind:
    """Return what a status is."""
    if status == SUCCESS:
        return Kind.SUCCESS
    if status in PENDING:
        return Kind.PENDING
    if status == CANCELLED:
        return Kind.CANCELLED
    if status in _WARNINGS or status & _FAMILY == _A_WARNING:
        return Kind.WARNING
    return Kind.FAILURE


def words(status: int, comment: str = "") -> str:
    """Return what a status means, with the status itself and the peer's comment."""
    known = _WORDS.get(status) or _WORDS.get(status & _SUBFAMILY)  # PS3.4 B.2-1: A7xx, A9xx
    if known is None and status & _FAMILY == _A_REFUSAL:
        known = "it cannot process this"
    said = f", “{comment}”" if comment else ""
    return f"{known or 'it gives a reason that the standard does not name'} (status {status:04X}{said})"
