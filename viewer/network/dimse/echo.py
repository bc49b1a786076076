"""C-ECHO: whether a peer is there and speaks with us (PS3.4 A)."""

import time

from viewer.network.access import Access, Cancelled, never
from viewer.network.dimse import status
from viewer.network.dimse.association import Association
from viewer.network.dimse.command import C_ECHO, Field, number, request, text
from viewer.network.dimse.contexts import NATIVE, VERIFICATION, numbered
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.negotiation import Proposal
from viewer.network.failure import Cause


def echo(access: Access, cancelled: Cancelled = never) -> float:
    """Ask a peer whether it is there; return how long its answer took, in seconds. Raises NetworkError."""
    proposal = Proposal(numbered([(VERIFICATION, NATIVE)]))
    with associate(access, proposal, cancelled) as association:
        start = time.perf_counter()
        echo_on(association)
        return time.perf_counter() - start


def echo_on(association: Association) -> None:
    """Ask the peer of an association, one with the Verification SOP class. Raises NetworkError."""
    context = association.context(VERIFICATION)
    if context is None:
        raise association.access.failure("does not offer to be tested (C-ECHO).", Cause.NO_CONTEXT)
    sent = association.next_message_id()
    association.send(context, request(C_ECHO, sent, VERIFICATION, data_set=False))
    answer = association.answer(sent)
    code = number(answer.command, Field.STATUS, status.PROCESSING_FAILURE)
    if status.kind(code) is not status.Kind.SUCCESS:
        words = status.words(code, text(answer.command, Field.ERROR_COMMENT))
        raise association.access.failure(f"says no to a test: {words}.", Cause.STATUS, code)
