"""The protocol data units after the negotiation, as bytes (PS3.8 9.3)."""

import struct
from collections.abc import Iterator

from viewer.network.access import Access
from viewer.network.dimse.negotiation import MOST_PDU, Rejection
from viewer.network.failure import Cause, NetworkError

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
SHORT_PDU = 10  # bytes of all but P-DATA-TF and the negotiation
_COMMAND, _LAST = 0x01, 0x02
_DATA = struct.Struct(">BxIIBB")
_SHORT = struct.Struct(">BxIBBBB")
_PERMANENT, _TRANSIENT = 1, 2
_CALLING_UNKNOWN, _CALLED_UNKNOWN = (1, 3), (1, 7)  # source and reason of PS3.8 table 9-21
_ABORT_REASONS = {
    1: ": it got a PDU that it does not know",
    2: ": it got a PDU that it did not expect",
    4: ": it got a parameter that it does not know",
    5: ": it got a parameter that it did not expect",
    6: ": it got a parameter with a value that is not allowed",
}
_SMALLEST = 1024  # of PDUs that make sense; some peers announce nonsense


def size_of(most_pdu: int) -> int:
    """Return how many bytes of a data set go into one P-DATA-TF for a peer that takes `most_pdu`; 0: any."""
    most = min(most_pdu, MOST_PDU) if most_pdu else MOST_PDU
    return (max(most, _SMALLEST) - 6) // 2 * 2  # even, as fragments should be (PS3.8 E.1)


def data_header(number: int, length: int, *, last: bool, command: bool = False) -> bytes:
    """Return the headers of a P-DATA-TF with one fragment of `length` bytes in a context."""
    control = (_COMMAND if command else 0) | (_LAST if last else 0)
    return _DATA.pack(P_DATA, length + 6, length + 2, number, control)


def fragments(number: int, data: bytes, most_pdu: int, *, command: bool = False) -> Iterator[bytes]:
    """Yield a command or a data set as P-DATA-TF: headers and fragments in turn."""
    size = size_of(most_pdu)
    for start in range(0, max(len(data), 1), size):
        part = data[start : start + size]
        yield data_header(number, len(part), last=start + size >= len(data), command=command)
        yield part


def release_bytes(*, answer: bool = False) -> bytes:
    """Return an A-RELEASE-RQ, or the answer to one."""
    return _SHORT.pack(RELEASE_RP if answer else RELEASE_RQ, 4, 0, 0, 0, 0)


def abort_bytes(*, provider: bool = False, reason: int = 0) -> bytes:
    """Return an A-ABORT (PS3.8 9.3.8)."""
    return _SHORT.pack(ABORT, 4, 0, 0, 2 if provider else 0, reason)


def abort_words(source: int, reason: int) -> str:
    """Return what an A-ABORT says, as the end of a sentence (PS3.8 table 9-26)."""
    why = _ABORT_REASONS.get(reason, "") if source else ""
    return f"aborted the association{why}."


def reject_bytes(refused: Rejection) -> bytes:
    """Return an A-ASSOCIATE-RJ."""
    result = _PERMANENT if refused.permanent else _TRANSIENT
    return _SHORT.pack(ASSOCIATE_RJ, 4, 0, result, refused.source, refused.reason)


def rejection(data: bytes, access: Access) -> NetworkError:
    """Return what an A-ASSOCIATE-RJ means (PS3.8 table 9-21)."""
    result, why = data[7], (data[8], data[9])
    peer = access.peer
    if why == _CALLED_UNKNOWN:
        return access.failure(
            f"does not know the AE title {peer.ae_title}. Check how it is called; case counts.",
            Cause.CALLED_AE,
        )
    if why == _CALLING_UNKNOWN:
        return access.failure(
            f"does not know our AE title {peer.calling_ae_title}: whoever runs the PACS must enter it there.",
            Cause.CALLING_AE,
        )
    if result == _TRANSIENT:
        return access.failure("is too busy for another association just now. Try again soon.", Cause.BUSY)
    words = f"rejects the association (source {why[0]}, reason {why[1]}). Ask whoever runs it."
    return access.failure(words, Cause.REJECTED)
