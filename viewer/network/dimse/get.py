"""C-GET: objects of a peer, sent to us on the association on which we asked (PS3.4 C.4.3)."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from viewer.network.access import Access, Cancelled, never
from viewer.network.dimse import status
from viewer.network.dimse.association import Association, Message
from viewer.network.dimse.command import (
    C_GET,
    C_STORE,
    MEDIUM,
    RESPONSE,
    Command,
    Field,
    has_data_set,
    number,
    request,
    response,
    text,
)
from viewer.network.dimse.contexts import GET, MOST_CONTEXTS, NATIVE, Context, numbered, storage
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.identifier import FAILED_INSTANCES, encode_keys
from viewer.network.dimse.negotiation import Proposal
from viewer.network.dimse.receiving import Receiver, RefusedError, is_full
from viewer.network.dimse.target import Target, in_root_of, keys_of, roots
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Received

_GRACE = 0.5  # s that a peer has to heed a C-CANCEL
_GRACE_WHEN_FULL = 1.0

OnInstance = Callable[[Received], None]


@dataclass(slots=True)
class GetEnd:
    """How a retrieval ended. Only the objects themselves tell whether it is complete: statuses lie."""

    received: list[str] = field(default_factory=list)  # SOP Instance UIDs
    refused: dict[str, str] = field(default_factory=dict)  # those that came and were not kept, and why
    failed: tuple[str, ...] = ()  # those that the peer says it could not send
    status: int = status.SUCCESS
    words: str = ""  # what the status means, "" for success
    completed: int | None = None  # the peer's own counts
    failures: int | None = None
    warnings: int | None = None


def proposal_for(wanted: Target) -> Proposal:
    """Return what to propose for a retrieval."""
    models = roots(wanted, GET)
    classes = storage(wanted.sop_classes, MOST_CONTEXTS - len(models), wanted.transfer_syntaxes)
    return Proposal(
        numbered([*models, *classes]),
        as_scp=tuple(dict.fromkeys(uid for uid, _ in classes)),
    )


def get(
    access: Access,
    wanted: Target,
    folder: Path,
    on_instance: OnInstance,
    cancelled: Cancelled = never,
) -> GetEnd:
    """Fetch objects into a folder, and tell of each when its file is whole. Raises NetworkError.

    What came before a failure stays and was told of. A peer that sends nothing because it uses the first
    context of a SOP class for all of its objects is asked again with uncompressed ones alone.
    """
    try:
        return _get(access, wanted, folder, on_instance, cancelled)
    except NetworkError as error:
        if error.status != status.NOT_SENT or wanted.transfer_syntaxes:
            raise
    return _get(access, replace(wanted, transfer_syntaxes=NATIVE), folder, on_instance, cancelled)


def _get(
    access: Access, wanted: Target, folder: Path, on_instance: OnInstance, cancelled: Cancelled
) -> GetEnd:
    with associate(access, proposal_for(wanted), cancelled) as association:
        return get_on(association, wanted, folder, on_instance)


def get_on(association: Association, wanted: Target, folder: Path, on_instance: OnInstance) -> GetEnd:
    """Fetch objects on an association made with `proposal_for`. Raises NetworkError."""
    access = association.access
    wanted = in_root_of(association, wanted, GET)
    context = association.context(GET[wanted.patient_root])
    if context is None:
        raise access.failure(
            "offers no images on the same connection (C-GET). Choose another way to retrieve.",
            Cause.NO_CONTEXT,
        )
    if not association.terms.as_scp:
        raise access.failure(
            "would not send images on the same connection: it refuses the role that C-GET needs.",
            Cause.NO_CONTEXT,
        )
    work = _Retrieval(association, context, wanted, Receiver(folder, access.peer.ae_title), on_instance)
    try:
        return work.run()
    finally:
        work.receiver.discard()


class _Retrieval:
    """One C-GET and the C-STOREs that it brings about."""

    def __init__(
        self,
        association: Association,
        context: Context,
        wanted: Target,
        receiver: Receiver,
        on_instance: OnInstance,
    ) -> None:
        self._association, self._context, self._wanted = association, context, wanted
        self.receiver, self._on_instance = receiver, on_instance
        self._asked_for = frozenset(wanted.sop_instance_uids)
        self._result = GetEnd()
        self._sent = association.next_message_id(context)

    def run(self) -> GetEnd:
        association, context = self._association, self._context
        more = {Field.PRIORITY: MEDIUM}
        asked = request(C_GET, self._sent, context.abstract_syntax, data_set=True, more=more)
        association.send(context, asked, encode_keys(keys_of(self._wanted), context.transfer_syntaxes[0]))
        while True:
            message = association.receive()
            field_ = number(message.command, Field.COMMAND)
            if field_ == C_STORE:
                self._take(message)
            elif field_ == C_GET | RESPONSE and number(message.command, Field.RESPONDED_TO) == self._sent:
                if self._ended(message):
                    return self._result
            else:
                raise association.access.failure(
                    "broke the rules of DICOM: it sent what was not asked for.", Cause.PROTOCOL
                )
            try:
                association.check_cancelled()
            except NetworkError:
                self._leave(_GRACE)
                raise

    def _take(self, message: Message) -> None:
        """Receive one object and answer for it.

        The answer goes out when all of it is here, and the peer reads the next one while it is written: what
        counts as retrieved is what is safe in the end, whatever was answered.
        """
        association, command = self._association, message.command
        code, comment = status.SUCCESS, ""
        failure: OSError | None = None
        self.receiver.begin(command, message.context.transfer_syntaxes[0])
        if has_data_set(command):
            association.receive_data(self.receiver)
        try:
            self._check(command)
        except RefusedError as error:
            code, comment = error.code, str(error)
            self._result.refused[text(command, Field.AFFECTED_INSTANCE)] = comment
        except OSError as error:
            code = status.OUT_OF_RESOURCES if is_full(error) else status.PROCESSING_FAILURE
            failure = error
        association.send(message.context, response(command, code, comment))
        if code == status.SUCCESS:
            failure = self._keep()
        if failure is not None:
            self._leave(_GRACE_WHEN_FULL)
            words = "there is no room left on the disk" if is_full(failure) else failure.strerror
            raise NetworkError(
                f"What {association.access.place} sends cannot be written: {words}.", Cause.DISK
            )

    def _check(self, command: Command) -> None:
        """Raise RefusedError for what is not what it should be, OSError."""
        if self._asked_for and text(command, Field.AFFECTED_INSTANCE) not in self._asked_for:
            self.receiver.discard()
            raise RefusedError(status.DOES_NOT_MATCH, "it was not asked for")
        self.receiver.check(self._wanted.study_instance_uid)

    def _keep(self) -> OSError | None:
        """Make what came a file and tell of it; return why it cannot be written."""
        try:
            received = self.receiver.finish()
        except OSError as error:
            return error
        self._on_instance(received)
        self._result.received.append(received.sop_instance_uid)
        return None

    def _ended(self, message: Message) -> bool:
        """Read a C-GET response; return whether it is the last."""
        command, result = message.command, self._result
        keys = self._association.keys(message) if has_data_set(command) else None
        code = number(command, Field.STATUS, status.PROCESSING_FAILURE)
        for name, place in (
            ("completed", Field.COMPLETED),
            ("failures", Field.FAILED),
            ("warnings", Field.WARNING),
        ):
            if place in command:
                setattr(result, name, number(command, place))
        kind = status.kind(code)
        if kind is status.Kind.PENDING:
            return False
        if keys:
            result.failed = keys.texts(FAILED_INSTANCES)
        result.status = code
        if kind is not status.Kind.SUCCESS:
            result.words = status.words(code, text(command, Field.ERROR_COMMENT))
        if kind is status.Kind.FAILURE and not result.received:
            words = f"does not send the images: {result.words}."
            raise self._association.access.failure(words, Cause.STATUS, code)
        return True

    def _leave(self, grace: float) -> None:
        """Ask the peer to stop, refuse what comes meanwhile, and leave."""
        association = self._association
        until = time.monotonic() + grace
        try:
            association.last_wait(grace)
            association.cancel()
            while time.monotonic() < until:
                message = association.receive()
                if number(message.command, Field.COMMAND) != C_STORE:
                    break
                self.receiver.begin(message.command, "")
                association.receive_data(self.receiver)
                self.receiver.discard()
                association.send(message.context, response(message.command, status.OUT_OF_RESOURCES))
        except NetworkError:
            pass
        association.abort()
