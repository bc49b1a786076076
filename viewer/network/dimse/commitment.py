"""Storage commitment: a peer's promise to keep what we sent (PS3.4 J).

The request is an N-ACTION; the promise comes later as an N-EVENT-REPORT, on the same association or on one
that the peer opens to us. `read_event` serves both.
"""

import struct
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.dicom.elements import EXPLICIT, IMPLICIT, Element, MalformedError, elements, items
from viewer.dicom.uids import IMPLICIT_LITTLE
from viewer.network.access import Access, Cancelled, UnreadableError, never
from viewer.network.dimse import status
from viewer.network.dimse.association import Association, Message
from viewer.network.dimse.command import (
    A_DATA_SET,
    N_ACTION,
    N_EVENT_REPORT,
    Field,
    Value,
    has_data_set,
    number,
    response,
    text,
)
from viewer.network.dimse.contexts import NATIVE, STORAGE_COMMITMENT, Context, numbered
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.negotiation import Proposal
from viewer.network.failure import Cause

WELL_KNOWN_INSTANCE = "1.2.840.10008.1.20.1.1"
_TRANSACTION, _FAILED, _REFERENCED = 0x00081195, 0x00081198, 0x00081199
_CLASS, _INSTANCE = 0x00081150, 0x00081155
_REQUEST = 1  # the only action (PS3.4 J.3.2)

Reference = tuple[str, str]  # SOP Class UID and SOP Instance UID


@dataclass(frozen=True, slots=True)
class Promise:
    """What a peer promises of one request."""

    transaction_uid: str
    kept: tuple[str, ...]  # SOP Instance UIDs
    refused: tuple[str, ...]


def new_transaction() -> str:
    """Return a UID by which the answer to a request is known again."""
    return f"2.25.{uuid.uuid4().int}"


def ask_to_keep(
    access: Access,
    references: Sequence[Reference],
    transaction_uid: str,
    wait: float = 0.0,
    cancelled: Cancelled = never,
) -> Promise | None:
    """Ask a peer to promise that it keeps objects; return the promise if it comes within `wait` seconds.

    None means that it comes later, on an association of the peer's own. Raises NetworkError.
    """
    with associate(access, Proposal(numbered([(STORAGE_COMMITMENT, NATIVE)])), cancelled) as association:
        context = association.context(STORAGE_COMMITMENT)
        if context is None:
            raise access.failure("makes no promises about what it stores.", Cause.NO_CONTEXT)
        _ask(association, context, references, transaction_uid)
        return _awaited(association, transaction_uid, wait)


def _ask(
    association: Association, context: Context, references: Sequence[Reference], transaction_uid: str
) -> None:
    sent = association.next_message_id()
    command: dict[int, Value] = {
        Field.REQUESTED_SOP_CLASS: STORAGE_COMMITMENT,
        Field.COMMAND: N_ACTION,
        Field.MESSAGE_ID: sent,
        Field.DATA_SET_TYPE: A_DATA_SET,
        Field.REQUESTED_INSTANCE: WELL_KNOWN_INSTANCE,
        Field.ACTION_TYPE: _REQUEST,
    }
    data = request_data(references, transaction_uid, context.transfer_syntaxes[0])
    association.send(context, command, data)
    answer = association.answer(sent)
    if has_data_set(answer.command):
        association.identifier()
    code = number(answer.command, Field.STATUS)
    if status.kind(code) not in {status.Kind.SUCCESS, status.Kind.WARNING}:
        words = status.words(code, text(answer.command, Field.ERROR_COMMENT))
        raise association.access.failure(
            f"does not promise to keep the objects: {words}.", Cause.STATUS, code
        )


def _awaited(association: Association, transaction_uid: str, wait: float) -> Promise | None:
    until = time.monotonic() + wait
    while not association.idle(max(until - time.monotonic(), 0)):
        message = association.receive()
        promise = answer_event(association, message)
        if promise is not None and promise.transaction_uid == transaction_uid:
            return promise
    return None


def answer_event(association: Association, message: Message) -> Promise | None:
    """Take an N-EVENT-REPORT-RQ that was received, and answer it; None when it is no promise."""
    command = message.command
    data = association.identifier() if has_data_set(command) else b""
    if number(command, Field.COMMAND) != N_EVENT_REPORT:
        raise association.access.failure("sent a message that was not expected.", Cause.PROTOCOL)
    try:
        promise = read_event(data, message.context.transfer_syntaxes[0])
    except UnreadableError:
        association.send(message.context, response(command, status.PROCESSING_FAILURE))
        return None
    association.send(message.context, response(command, status.SUCCESS))
    return promise


def request_data(references: Sequence[Reference], transaction_uid: str, transfer_syntax: str) -> bytes:
    """Return the data set of an N-ACTION (PS3.4 table J.3-1)."""
    implicit = transfer_syntax == IMPLICIT_LITTLE
    content = b"".join(_item(reference, implicit=implicit) for reference in references)
    head = (_REFERENCED >> 16, _REFERENCED & 0xFFFF)
    if implicit:
        sequence = struct.pack("<HHI", *head, len(content))
    else:
        sequence = struct.pack("<HH2sHI", *head, b"SQ", 0, len(content))
    return _uid(_TRANSACTION, transaction_uid, implicit=implicit) + sequence + content


def _item(reference: Reference, *, implicit: bool) -> bytes:
    content = _uid(_CLASS, reference[0], implicit=implicit) + _uid(_INSTANCE, reference[1], implicit=implicit)
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def _uid(tag: int, value: str, *, implicit: bool) -> bytes:
    data = value.encode("ascii") + b"\0" * (len(value) % 2)
    head = (tag >> 16, tag & 0xFFFF)
    start = (
        struct.pack("<HHI", *head, len(data)) if implicit else struct.pack("<HH2sH", *head, b"UI", len(data))
    )
    return start + data


def read_event(data: bytes, transfer_syntax: str) -> Promise:
    """Return what the data set of an N-EVENT-REPORT says. Raises UnreadableError where it cannot be read."""
    encoding = IMPLICIT if transfer_syntax == IMPLICIT_LITTLE else EXPLICIT
    try:
        found = {element.tag: element for element in elements(data, 0, len(data), encoding)}
        transaction = found.get(_TRANSACTION)
        return Promise(
            _text(data, transaction) if transaction else "",
            _instances(data, found.get(_REFERENCED)),
            _instances(data, found.get(_FAILED)),
        )
    except MalformedError:
        raise UnreadableError("a promise that cannot be read") from None


def _instances(data: bytes, sequence: Element | None) -> tuple[str, ...]:
    if sequence is None:
        return ()
    return tuple(
        _text(data, element)
        for start, end in items(data, sequence)
        for element in elements(data, start, end, sequence.encoding)
        if element.tag == _INSTANCE
    )


def _text(data: bytes, element: Element) -> str:
    return data[element.start : element.end].decode("latin-1").strip("\0 ")
