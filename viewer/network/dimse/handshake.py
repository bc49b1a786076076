"""How an association comes about: asked for by us, or by whoever calls us (PS3.8 7.1)."""

import struct
import time
from collections.abc import Callable, Collection

from viewer.network.access import Access, Cancelled, UnreadableError
from viewer.network.dimse.association import Association
from viewer.network.dimse.certificate import shown
from viewer.network.dimse.contexts import Context
from viewer.network.dimse.negotiation import (
    Proposal,
    Rejection,
    Request,
    Terms,
    accept_bytes,
    read_answer,
    read_request,
    request_bytes,
)
from viewer.network.dimse.pdu import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    ASSOCIATE_RQ,
    SHORT_PDU,
    abort_bytes,
    abort_words,
    reject_bytes,
    rejection,
)
from viewer.network.dimse.transport import Wire, connect
from viewer.network.failure import Cause, NetworkError
from viewer.network.tls import UntrustedError

ANSWER_TIMEOUT = 10.0  # s for the answer to A-ASSOCIATE-RQ, and for the request of a caller
_MOST_BYTES = 1 << 20  # of a PDU of the negotiation; 128 contexts of 38 transfer syntaxes have 250 KB
_PDU = struct.Struct(">BxI")
_HEADER = 6  # bytes


# ------------------------------------------------------------------------------------------- the requestor
def associate(access: Access, proposal: Proposal, cancelled: Cancelled) -> Association:
    """Return an association with a peer. Raises NetworkError when there is none, saying why."""
    peer = access.peer
    try:
        request = request_bytes(peer.ae_title, peer.calling_ae_title, proposal, peer.user, access.password)
    except ValueError as error:
        raise access.failure(f"cannot be called: {error}.", Cause.CALLED_AE) from None
    try:
        wire = connect(access, cancelled)
    except UntrustedError as error:  # whose certificate it is tells more than why it is not trusted
        raise NetworkError(f"{error}{shown(access, cancelled)}", Cause.TLS) from None
    try:
        wire.timeout = min(ANSWER_TIMEOUT, peer.timeout)
        wire.deadline = time.monotonic() + wire.timeout
        wire.write([request])
        terms = _answer(wire, proposal)
    except NetworkError as error:
        if error.cause is not Cause.REJECTED:
            wire.write_now(abort_bytes())
        wire.close()
        raise _told(error, access) from None
    except BaseException:
        wire.close()
        raise
    wire.timeout, wire.deadline = peer.timeout, None
    return Association(wire, terms)


def _answer(wire: Wire, proposal: Proposal) -> Terms:
    """Read the answer to an A-ASSOCIATE-RQ."""
    kind, data = _whole(wire)
    if kind == ASSOCIATE_AC:
        try:
            terms = read_answer(data, proposal)
        except UnreadableError as error:
            raise wire.access.unreadable(str(error)) from None
        if terms.contexts:
            return terms
        raise wire.access.failure(
            "offers none of the services that were asked for, or not to"
            f" {wire.access.peer.calling_ae_title}. Ask whoever runs it to allow them.",
            Cause.NO_CONTEXT,
        )
    if kind == ASSOCIATE_RJ:
        raise rejection(data, wire.access)
    if kind == ABORT:
        raise wire.access.failure(
            f"{abort_words(data[8], data[9])} It may not know our AE title"
            f" {wire.access.peer.calling_ae_title}, or may want TLS.",
            Cause.REJECTED,
        )
    raise _no_dicom(wire.access)


def _whole(wire: Wire) -> tuple[int, bytes]:
    """Read one PDU of the negotiation; return its type and all of its bytes."""
    data = bytearray(_HEADER)
    wire.read_into(memoryview(data))
    kind, length = _PDU.unpack_from(data)
    if not ASSOCIATE_RQ <= kind <= ABORT or not SHORT_PDU - _HEADER <= length <= _MOST_BYTES:
        raise _no_dicom(wire.access)
    data += bytes(length)
    wire.read_into(memoryview(data)[_HEADER:])
    return kind, bytes(data)


def _no_dicom(access: Access) -> NetworkError:
    return access.failure(
        "answers, but not in DICOM. Is this the port of another service, of a web server perhaps?",
        Cause.NOT_DICOM,
    )


def _told(error: NetworkError, access: Access) -> NetworkError:
    """Return a failure before there was an association as what it most likely means."""
    if error.cause is Cause.SILENT:
        return access.failure(
            "accepts connections but does not answer in DICOM. Is this the right port, or does it want TLS?",
            Cause.NOT_DICOM,
        )
    if error.cause is Cause.CLOSED:
        return access.failure(
            "closed the connection before there was an association. Is this the right port, does it want TLS,"
            f" and does it know our AE title {access.peer.calling_ae_title}?",
            Cause.CLOSED,
        )
    return error


# -------------------------------------------------------------------------------------------- the acceptor
def accept(
    wire: Wire,
    decide: Callable[[Request], Rejection | None],
    choose: Callable[[Context], str],
    turned: Collection[str] = (),
) -> tuple[Association, Request]:
    """Answer whoever called on a connection; return the association and what was asked for.

    `decide` may reject the request; `choose` returns the transfer syntax for a context, "" to refuse it;
    of the SOP classes `turned` the caller may be the SCP. Raises NetworkError when no association comes
    about; the connection is then closed.
    """
    try:
        wire.timeout = min(ANSWER_TIMEOUT, wire.access.peer.timeout)
        wire.deadline = time.monotonic() + wire.timeout
        request = _called(wire)
        refused = decide(request)
        if refused is None:
            answer, terms = accept_bytes(request, choose, turned)
            wire.write([answer])
    except NetworkError:
        wire.write_now(abort_bytes())
        wire.close()
        raise
    except BaseException:
        wire.close()
        raise
    if refused is not None:
        wire.write_now(reject_bytes(refused))
        wire.close()
        raise wire.access.failure(f"called as {request.calling_ae_title} and was refused.", Cause.REJECTED)
    wire.timeout, wire.deadline = wire.access.peer.timeout, None
    return Association(wire, terms), request


def _called(wire: Wire) -> Request:
    kind, data = _whole(wire)
    if kind != ASSOCIATE_RQ:
        raise _no_dicom(wire.access)
    try:
        return read_request(data)
    except UnreadableError as error:
        raise wire.access.unreadable(str(error)) from None
