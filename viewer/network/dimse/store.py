"""C-STORE: our files to a peer, their bytes as they are (PS3.4 B).

What is proposed is what the files are. Only where a peer takes an object in no form that we have is it
recoded, by a function that is handed in and that must not lose anything.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from viewer.dicom.text import shown_path
from viewer.dicom.uids import transfer_syntax_name
from viewer.errors import ViewerError
from viewer.network.access import Access, Cancelled, never
from viewer.network.dimse import status
from viewer.network.dimse.association import Association
from viewer.network.dimse.command import C_STORE, MEDIUM, Field, Value, encode, number, request, text
from viewer.network.dimse.contexts import MOST_CONTEXTS, NATIVE, Context, numbered
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.negotiation import Proposal
from viewer.network.dimse.outgoing import Outgoing, outgoing, pieces
from viewer.network.dimse.pdu import fragments
from viewer.network.dimse.transport import Piece
from viewer.network.failure import Cause, NetworkError


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one file."""

    path: str
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    stored: bool = False
    status: int | None = None  # of DIMSE; None when it was not sent
    words: str = ""  # why it was not stored, or what the peer has to say to it


OnSent = Callable[[Sent], None]
# A path and the transfer syntaxes that are taken: the path of another file, which is there for the while.
# Raises ViewerError where that cannot be made without a loss.
Transcode = Callable[[str, Sequence[str]], AbstractContextManager[str]]


def store(
    access: Access,
    paths: Sequence[str],
    on_sent: OnSent,
    transcode: Transcode | None = None,
    cancelled: Cancelled = never,
) -> None:
    """Send files, and tell what became of each, once. Raises NetworkError: those not told of were not sent.

    `transcode` makes a file with the same pixels in one of some transfer syntaxes; it is asked only for files
    that the peer takes in no other way.
    """
    files = []
    for path in paths:
        try:
            files.append(outgoing(path))
        except ViewerError as error:
            on_sent(Sent(path, words=str(error)))
    for group in _groups(files):
        with associate(access, _proposal(group), cancelled) as association:
            for file in group:
                association.check_cancelled()
                on_sent(_store(association, file, transcode))


def store_on(association: Association, file: Outgoing, context: Context) -> Sent:
    """Send one file in a context of its own transfer syntax. Raises NetworkError."""
    sent = association.next_message_id()
    more: dict[Field, Value] = {Field.PRIORITY: MEDIUM, Field.AFFECTED_INSTANCE: file.sop_instance_uid}
    command = encode(request(C_STORE, sent, file.sop_class_uid, data_set=True, more=more))
    first: list[Piece] = list(fragments(context.number, command, association.terms.most_pdu, command=True))
    try:
        for part in pieces(file, context.number, association.terms.most_pdu):
            association.send_pieces([*first, *part])
            first = []
    except OSError as error:
        if first:
            return _not_sent(file, f"{shown_path(file.path)} cannot be read: {error.strerror}.")
        association.abort()
        raise NetworkError(f"{shown_path(file.path)} could not be read to its end.", Cause.DISK) from None
    answer = association.answer(sent).command
    code = number(answer, Field.STATUS)
    kind = status.kind(code)
    stored = kind in {status.Kind.SUCCESS, status.Kind.WARNING}
    words = "" if kind is status.Kind.SUCCESS else status.words(code, text(answer, Field.ERROR_COMMENT))
    if not stored:
        words = f"{association.access.place} does not take {shown_path(file.path)}: {words}."
    return Sent(file.path, file.sop_class_uid, file.sop_instance_uid, stored, code, words)


def _store(association: Association, file: Outgoing, transcode: Transcode | None) -> Sent:
    context = association.context(file.sop_class_uid, file.transfer_syntax_uid)
    if context is not None:
        return store_on(association, file, context)
    taken = [
        syntax
        for each in association.terms.contexts.values()
        if each.abstract_syntax == file.sop_class_uid
        for syntax in each.transfer_syntaxes
    ]
    place = association.access.place
    if not taken:
        return _not_sent(file, f"{place} does not take objects of this kind: {shown_path(file.path)}.")
    form = transfer_syntax_name(file.transfer_syntax_uid)
    words = f"{place} does not take {shown_path(file.path)} as it is ({form}), and it cannot be recoded"
    if transcode is None:
        return _not_sent(file, f"{words}.")
    try:
        with transcode(file.path, taken) as other:
            return _store_recoded(association, file, outgoing(other))
    except NetworkError:
        raise
    except ViewerError as error:
        return _not_sent(file, f"{words}: {error}")


def _store_recoded(association: Association, file: Outgoing, recoded: Outgoing) -> Sent:
    """Send what a file was recoded to. Raises NetworkError."""
    context = association.context(file.sop_class_uid, recoded.transfer_syntax_uid)
    if context is None or recoded.sop_instance_uid != file.sop_instance_uid:
        words = f"{shown_path(file.path)} could not be recoded for {association.access.place}."
        return _not_sent(file, words)
    return replace(store_on(association, recoded, context), path=file.path)


def _not_sent(file: Outgoing, words: str) -> Sent:
    return Sent(file.path, file.sop_class_uid, file.sop_instance_uid, words=words)


def _forms(file: Outgoing) -> list[tuple[str, str]]:
    """Return the contexts that a file needs: what it is, and what it could be made."""
    syntaxes = dict.fromkeys((file.transfer_syntax_uid, *NATIVE))
    return [(file.sop_class_uid, syntax) for syntax in syntaxes]


def _groups(files: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Yield files that go over one association: it has room for 128 contexts."""
    group: list[Outgoing] = []
    used: set[tuple[str, str]] = set()
    for file in files:
        more = used | set(_forms(file))
        if len(more) > MOST_CONTEXTS:
            yield group
            group, more = [], set(_forms(file))
        used = more
        group.append(file)
    if group:
        yield group


def _proposal(group: Sequence[Outgoing]) -> Proposal:
    forms = dict.fromkeys(form for file in group for form in _forms(file))
    return Proposal(numbered([(sop_class, (syntax,)) for sop_class, syntax in forms]))
