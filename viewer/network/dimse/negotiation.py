"""What two application entities agree on before they speak: A-ASSOCIATE (PS3.8 9.3, PS3.7 D.3).

The PDUs themselves are pynetdicom's codecs; what comes from a peer goes through them only here.
"""

import logging
import struct
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_items import (
    AbstractSyntaxSubItem,
    ApplicationContextItem,
    ImplementationClassUIDSubItem,
    ImplementationVersionNameSubItem,
    MaximumLengthSubItem,
    PresentationContextItemAC,
    PresentationContextItemRQ,
    SCP_SCU_RoleSelectionSubItem,
    SOPClassExtendedNegotiationSubItem,
    TransferSyntaxSubItem,
    UserIdentitySubItemRQ,
    UserInformationItem,
)

from viewer.dicom.part10 import IMPLEMENTATION_NAME, IMPLEMENTATION_UID
from viewer.network.access import UnreadableError
from viewer.network.dimse.contexts import Context

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
MOST_PDU = 131072  # bytes of a P-DATA-TF that we take; more buys nothing
_AE_TITLE = 16
_ACCEPTED, _NO_ABSTRACT_SYNTAX, _NO_TRANSFER_SYNTAX = 0, 3, 4  # PS3.8 table 9-18
_USER, _USER_AND_PASSWORD = 1, 2  # PS3.7 table D.3-14
_UNREADABLE = (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error)

# Its complaints quote what a peer sent; ours say it in words to whoever asked.
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a requestor asks for."""

    contexts: tuple[Context, ...]
    as_scp: tuple[
        str, ...
    ] = ()  # SOP classes whose instances are to be sent to us on this association: C-GET
    as_scu: tuple[str, ...] = ()  # of those, the ones that we also send
    extended: Mapping[str, bytes] = field(default_factory=dict)  # by SOP class (PS3.7 D.3.3.5)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed on."""

    contexts: Mapping[int, Context]  # the accepted ones, each with its one transfer syntax
    most_pdu: int  # bytes of a P-DATA-TF that the peer takes; 0 when it sets no limit
    as_scp: frozenset[str] = frozenset()  # SOP classes whose instances may be sent to the requestor
    extended: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What a requestor asked of us."""

    called_ae_title: str
    calling_ae_title: str
    contexts: tuple[Context, ...]
    most_pdu: int
    as_scp: tuple[str, ...] = ()  # SOP classes that the requestor wants to receive on this association
    user: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why no association came about: result, source and reason of PS3.8 table 9-21."""

    permanent: bool
    source: int
    reason: int


def request_bytes(called: str, calling: str, proposal: Proposal, user: str = "", password: str = "") -> bytes:
    """Return an A-ASSOCIATE-RQ. Raises ValueError for an AE title or a UID that no PDU can hold."""
    pdu = A_ASSOCIATE_RQ()
    pdu.called_ae_title, pdu.calling_ae_title = ae_title(called), ae_title(calling)
    information = _information()
    for uid in proposal.as_scp:
        information.user_data.append(_role(uid, scu=uid in proposal.as_scu, scp=True))
    for uid, data in proposal.extended.items():
        extended = SOPClassExtendedNegotiationSubItem()
        extended.sop_class_uid, extended.service_class_application_information = uid, data
        information.user_data.append(extended)
    if user:
        identity = UserIdentitySubItemRQ()
        identity.user_identity_type = _USER_AND_PASSWORD if password else _USER
        identity.positive_response_requested = 0
        identity.primary_field, identity.secondary_field = user.encode(), password.encode()
        information.user_data.append(identity)
    pdu.variable_items = [_application_context(), *map(_proposed, proposal.contexts), information]
    return bytes(pdu.encode())


def read_answer(data: bytes, proposal: Proposal) -> Terms:
    """Return what an A-ASSOCIATE-AC agrees to. Raises UnreadableError where it cannot be read."""
    proposed = {context.number: context for context in proposal.contexts}
    contexts: dict[int, Context] = {}
    most, as_scp, extended = 0, set[str](), dict[str, bytes]()
    try:
        pdu = A_ASSOCIATE_AC()
        pdu.decode(data)
        for item in pdu.variable_items:
            if isinstance(item, PresentationContextItemAC) and item.result_reason == _ACCEPTED:
                asked = proposed.get(item.presentation_context_id or 0)
                syntax = str(item.transfer_syntax or "")
                if asked and syntax in asked.transfer_syntaxes:
                    contexts[asked.number] = Context(asked.number, asked.abstract_syntax, (syntax,))
            elif isinstance(item, UserInformationItem):
                most = item.maximum_length or 0
                as_scp = {str(uid) for uid, role in item.role_selection.items() if role.scp_role}
                extended = {
                    str(each.sop_class_uid): bytes(each.service_class_application_information or b"")
                    for each in item.ext_neg
                }
    except _UNREADABLE:
        raise UnreadableError("an answer to our call that cannot be read") from None
    return Terms(contexts, most, frozenset(as_scp & set(proposal.as_scp)), extended)


def read_request(data: bytes) -> Request:
    """Return what an A-ASSOCIATE-RQ asks for. Raises UnreadableError where it cannot be read."""
    try:
        pdu = A_ASSOCIATE_RQ()
        pdu.decode(data)
        contexts, most, user = [], 0, ""
        as_scp: tuple[str, ...] = ()
        for item in pdu.variable_items:
            if isinstance(item, PresentationContextItemRQ):
                syntaxes = tuple(str(syntax) for syntax in item.transfer_syntax)
                contexts.append(Context(item.context_id or 0, str(item.abstract_syntax), syntaxes))
            elif isinstance(item, UserInformationItem):
                most = item.maximum_length or 0
                as_scp = tuple(str(uid) for uid, role in item.role_selection.items() if role.scp_role)
                identity = item.user_identity
                if isinstance(identity, UserIdentitySubItemRQ):
                    user = (identity.primary_field or b"").decode("utf-8", "replace")
        return Request(pdu.called_ae_title, pdu.calling_ae_title, tuple(contexts), most, as_scp, user)
    except _UNREADABLE:
        raise UnreadableError("a call that cannot be read") from None


def accept_bytes(
    request: Request, choose: Callable[[Context], str], turned: Collection[str] = ()
) -> tuple[bytes, Terms]:
    """Return an A-ASSOCIATE-AC and what it agrees to.

    `choose` returns the transfer syntax for a proposed context, "" to refuse it. The requestor is the SCU,
    but for those of the SOP classes `turned` of which it wants to be the SCP.
    """
    pdu = A_ASSOCIATE_AC()
    pdu.reserved_aet, pdu.reserved_aec = ae_title(request.called_ae_title), ae_title(request.calling_ae_title)
    contexts: dict[int, Context] = {}
    items = []
    for context in request.contexts:
        chosen = choose(context)
        item = PresentationContextItemAC()
        item.presentation_context_id = context.number
        item.result_reason = _ACCEPTED if chosen else _NO_TRANSFER_SYNTAX
        item.transfer_syntax_sub_item = [_syntax(chosen or context.transfer_syntaxes[0])]
        items.append(item)
        if chosen:
            contexts[context.number] = Context(context.number, context.abstract_syntax, (chosen,))
    information = _information()
    as_scp = [uid for uid in request.as_scp if uid in turned]
    information.user_data += [_role(uid, scu=False, scp=True) for uid in as_scp]
    pdu.variable_items = [_application_context(), *items, information]
    return bytes(pdu.encode()), Terms(contexts, request.most_pdu, frozenset(as_scp))


def ae_title(title: str) -> str:
    """Return an AE title of 16 characters (PS3.5 6.2). Raises ValueError for one that is none."""
    found = title.strip()
    if not found or len(found) > _AE_TITLE or not found.isascii() or not found.isprintable() or "\\" in found:
        raise ValueError(f"“{title}” is no AE title: 1 to 16 characters, without a backslash")
    return found


def _application_context() -> ApplicationContextItem:
    item = ApplicationContextItem()
    item.application_context_name = APPLICATION_CONTEXT
    return item


def _information() -> UserInformationItem:
    most = MaximumLengthSubItem()
    most.maximum_length_received = MOST_PDU
    uid = ImplementationClassUIDSubItem()
    uid.implementation_class_uid = IMPLEMENTATION_UID
    name = ImplementationVersionNameSubItem()
    name.implementation_version_name = IMPLEMENTATION_NAME
    item = UserInformationItem()
    item.user_data = [most, uid, name]
    return item


def _role(uid: str, *, scu: bool, scp: bool) -> SCP_SCU_RoleSelectionSubItem:
    item = SCP_SCU_RoleSelectionSubItem()
    item.sop_class_uid, item.scu_role, item.scp_role = uid, int(scu), int(scp)
    return item


def _syntax(uid: str) -> TransferSyntaxSubItem:
    item = TransferSyntaxSubItem()
    item.transfer_syntax_name = uid
    return item


def _proposed(context: Context) -> PresentationContextItemRQ:
    abstract = AbstractSyntaxSubItem()
    abstract.abstract_syntax_name = context.abstract_syntax
    item = PresentationContextItemRQ()
    item.presentation_context_id = context.number
    item.abstract_transfer_syntax_sub_items = [abstract, *map(_syntax, context.transfer_syntaxes)]
    return item
