"""C-MOVE: objects of a peer, which it sends to an application entity that it knows (PS3.4 C.4.2).

Here is the asking half. What arrives comes through the storage service that listens for it; the peer's own
counts are a guess, and only what arrived tells whether the retrieval is complete.
"""

from collections.abc import Callable
from dataclasses import dataclass

from viewer.network.access import Access, Cancelled, never
from viewer.network.dimse import status
from viewer.network.dimse.association import Association
from viewer.network.dimse.command import C_MOVE, MEDIUM, Field, Value, has_data_set, number, request, text
from viewer.network.dimse.contexts import MOVE, numbered
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.identifier import FAILED_INSTANCES, encode_keys
from viewer.network.dimse.negotiation import Proposal, ae_title
from viewer.network.dimse.target import Target, in_root_of, keys_of, roots
from viewer.network.failure import Cause


@dataclass(frozen=True, slots=True)
class Moved:
    """What a peer says of a C-MOVE, so far or at its end."""

    completed: int | None = None
    failures: int | None = None
    warnings: int | None = None
    remaining: int | None = None
    failed: tuple[str, ...] = ()  # SOP Instance UIDs
    status: int = 0xFF00
    words: str = ""  # what the status means, "" for success


OnMoved = Callable[[Moved], None]


def move(
    access: Access, wanted: Target, destination: str, on_moved: OnMoved, cancelled: Cancelled = never
) -> Moved:
    """Have a peer send objects to the application entity `destination`. Raises NetworkError.

    `on_moved` hears of each response; many peers are silent until the end, so silence within the peer's
    timeout says nothing.
    """
    proposal = Proposal(numbered(roots(wanted, MOVE)))
    with associate(access, proposal, cancelled) as association:
        return move_on(association, wanted, destination, on_moved)


def move_on(association: Association, wanted: Target, destination: str, on_moved: OnMoved) -> Moved:
    """Have the peer of an association send objects to `destination`. Raises NetworkError."""
    wanted = in_root_of(association, wanted, MOVE)
    context = association.context(MOVE[wanted.patient_root])
    if context is None:
        raise association.access.failure(
            "does not send images elsewhere (C-MOVE). Choose another way to retrieve.", Cause.NO_CONTEXT
        )
    sent = association.next_message_id(context)
    more: dict[Field, Value] = {Field.PRIORITY: MEDIUM, Field.MOVE_DESTINATION: ae_title(destination)}
    asked = request(C_MOVE, sent, context.abstract_syntax, data_set=True, more=more)
    association.send(context, asked, encode_keys(keys_of(wanted), context.transfer_syntaxes[0]))
    return _heard(association, sent, destination, on_moved)


def _heard(association: Association, sent: int, destination: str, on_moved: OnMoved) -> Moved:
    while True:
        answer = association.answer(sent)
        command = answer.command
        keys = association.keys(answer) if has_data_set(command) else None
        code = number(command, Field.STATUS)
        kind = status.kind(code)
        counts = (Field.COMPLETED, Field.FAILED, Field.WARNING, Field.REMAINING)
        completed, failures, warnings, remaining = (
            number(command, place) if place in command else None for place in counts
        )
        failed: tuple[str, ...] = ()
        if keys and kind is not status.Kind.PENDING:
            failed = keys.texts(FAILED_INSTANCES)
        plain = kind in {status.Kind.PENDING, status.Kind.SUCCESS}
        words = "" if plain else status.words(code, text(command, Field.ERROR_COMMENT))
        found = Moved(completed, failures, warnings, remaining, failed, code, words)
        on_moved(found)
        if kind is status.Kind.FAILURE and not completed:
            raise association.access.failure(
                f"sends nothing to {destination}: {words}. Does it know this AE title, with the address and"
                " the port of this computer?",
                Cause.STATUS,
                code,
            )
        if kind is not status.Kind.PENDING:
            return found
        association.check_cancelled()
