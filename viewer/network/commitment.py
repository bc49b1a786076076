"""Storage commitment: a peer's promise to keep what we sent (PS3.4 J).

The request is an N-ACTION; the promise comes later as an N-EVENT-REPORT, on the same association or on one
that the peer opens to us. `read_event` serves both.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import generate_uid

from viewer.dicom.uids import IMPLICIT_LITTLE
from viewer.network import status
from viewer.network.access import Access, Cancelled, never
from viewer.network.association import Association, Message
from viewer.network.command import (
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
from viewer.network.contexts import NATIVE, STORAGE_COMMITMENT, Context, numbered
from viewer.network.failure import Cause, NetworkError
from viewer.network.handshake import associate
from viewer.network.negotiation import Proposal
from viewer.network.receiving import file_head

WELL_KNOWN_INSTANCE = "1.2.840.10008.1.20.1.1"
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
    return str(generate_uid(prefix=None))


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
    keys = Dataset()
    keys.TransactionUID = transaction_uid
    keys.ReferencedSOPSequence = [_item(*reference) for reference in references]
    association.send(context, command, _encoded(keys, context.transfer_syntaxes[0]))
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
    except NetworkError:
        association.send(message.context, response(command, status.PROCESSING_FAILURE))
        return None
    association.send(message.context, response(command, status.SUCCESS))
    return promise


def read_event(data: bytes, transfer_syntax: str) -> Promise:
    """Return what the data set of an N-EVENT-REPORT says. Raises NetworkError where it cannot be read."""
    try:
        found = _decoded(data, transfer_syntax)
        return Promise(
            str(found.get("TransactionUID", "")),
            tuple(str(item.ReferencedSOPInstanceUID) for item in found.get("ReferencedSOPSequence") or ()),
            tuple(str(item.ReferencedSOPInstanceUID) for item in found.get("FailedSOPSequence") or ()),
        )
    except (InvalidDicomError, AttributeError, ValueError, TypeError, OSError, NotImplementedError):
        raise NetworkError("A promise of the peer to keep objects cannot be read.", Cause.PROTOCOL) from None


def _item(sop_class: str, instance: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
    return item


def _encoded(dataset: Dataset, transfer_syntax: str) -> bytes:
    file = DicomBytesIO()
    file.is_little_endian, file.is_implicit_VR = True, transfer_syntax == IMPLICIT_LITTLE
    write_dataset(file, dataset)
    return file.getvalue()


def _decoded(data: bytes, transfer_syntax: str) -> Dataset:
    head = file_head(STORAGE_COMMITMENT, WELL_KNOWN_INSTANCE, transfer_syntax, "")
    return dcmread(BytesIO(head + data))
