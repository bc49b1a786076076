"""An association: messages between two application entities, in one thread (PS3.8 9, PS3.7 6.3).

The same class serves whoever asked for the association and whoever was asked (`handshake`).
Commands come as values; data sets go straight from the socket into a buffer that the caller gives.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from viewer.network.access import UnreadableError, never
from viewer.network.dimse.command import (
    C_CANCEL,
    NO_DATA_SET,
    RESPONSE,
    Command,
    Field,
    Value,
    decode,
    encode,
    number,
)
from viewer.network.dimse.contexts import Context
from viewer.network.dimse.identifier import Answer, read_answer
from viewer.network.dimse.incoming import Incoming, Sink
from viewer.network.dimse.negotiation import Terms
from viewer.network.dimse.pdu import (
    SHORT_PDU,
    abort_bytes,
    fragments,
    release_bytes,
)
from viewer.network.dimse.transport import Piece, Wire
from viewer.network.failure import Cause, NetworkError

RELEASE_TIMEOUT = 2.0  # s: the work is done
_MOST_IDENTIFIER = 16 << 20  # bytes of a data set that is kept in memory


class Held:
    """A data set that is kept in memory: an identifier."""

    def __init__(self) -> None:
        self._parts: list[bytearray] = []
        self._size = 0

    def room(self, length: int) -> memoryview:
        """Return where the next `length` bytes go. Raises UnreadableError when it gets too large."""
        self._size += length
        if self._size > _MOST_IDENTIFIER:
            raise UnreadableError("an answer that is far too long")
        self._parts.append(bytearray(length))
        return memoryview(self._parts[-1])

    def bytes(self) -> bytes:
        """Return all of it."""
        return b"".join(self._parts)


@dataclass(frozen=True, slots=True)
class Message:
    """A command and the presentation context that it came in."""

    command: Command
    context: Context


class Association:
    """One association. Every failure is a NetworkError, after which it is closed."""

    def __init__(self, wire: Wire, terms: Terms) -> None:
        self.terms = terms
        self.access = wire.access
        self._wire = wire
        self._incoming = Incoming(wire)
        self._message_id = 0
        self._open = True
        self._last_words = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.release()
        else:
            self.abort()

    def check_cancelled(self) -> None:
        """Raise NetworkError when the current call is to be given up."""
        if self._wire.cancelled():
            self.cancel()
            raise self.access.failure("was left: cancelled.", Cause.CANCELLED)

    def last_wait(self, seconds: float) -> None:
        """Give the peer so long for all that is still to come, whether the call is cancelled or not."""
        self._wire.cancelled = never
        self._wire.timeout = seconds
        self._wire.deadline = time.monotonic() + seconds

    def next_message_id(self, cancellable: Context | None = None) -> int:
        """Return a Message ID for a request (PS3.7 9.1).

        For one in the context `cancellable` the peer is asked to stop when the call is cancelled.
        """
        self._message_id = self._message_id % 0xFFFF + 1
        self._last_words = _cancel_bytes(cancellable, self._message_id) if cancellable else b""
        return self._message_id

    def context(self, abstract_syntax: str, transfer_syntax: str = "") -> Context | None:
        """Return the accepted context of an abstract syntax, and of one transfer syntax when given."""
        for found in self.terms.contexts.values():
            if found.abstract_syntax == abstract_syntax and transfer_syntax in {"", *found.transfer_syntaxes}:
                return found
        return None

    # ------------------------------------------------------------------------------------------- sending
    def send(self, context: Context, command: Command, data: bytes = b"") -> None:
        """Send a message."""
        pieces = list(fragments(context.number, encode(command), self.terms.most_pdu, command=True))
        if command.get(Field.DATA_SET_TYPE, NO_DATA_SET) != NO_DATA_SET:
            pieces += fragments(context.number, data, self.terms.most_pdu)
        self.send_pieces(pieces)

    def send_pieces(self, pieces: Sequence[Piece]) -> None:
        """Send what is already a P-DATA-TF."""
        try:
            self._wire.write(pieces)
        except NetworkError:
            self.close()
            raise

    def cancel(self) -> None:
        """Ask the peer to stop answering a request that may be cancelled (PS3.7 9.3.2.3); many ignore it."""
        self._wire.write_now(self._last_words)
        self._last_words = b""

    # ----------------------------------------------------------------------------------------- receiving
    def receive(self) -> Message:
        """Return the next command. A data set that follows it must be received next."""
        with self._ending():
            number_, data = self._incoming.command()
            context = self.terms.contexts.get(number_)
            if context is None:
                raise UnreadableError("a message in a context that was not agreed on")
            return Message(decode(data), context)

    def answer(self, message_id: int) -> Message:
        """Return the next command, which must be a response to a request of ours."""
        found = self.receive()
        asked, status = found.command.get(Field.RESPONDED_TO), found.command.get(Field.STATUS)
        if asked != message_id or status is None or not number(found.command, Field.COMMAND) & RESPONSE:
            self.abort()
            raise self.access.unreadable("an answer to a question that was not asked")
        return found

    def receive_data(self, sink: Sink) -> None:
        """Receive the data set that follows a command."""
        with self._ending():
            self._incoming.data(sink)

    def identifier(self) -> bytes:
        """Receive a small data set that follows a command, as bytes."""
        held = Held()
        self.receive_data(held)
        return held.bytes()

    def keys(self, message: Message) -> Answer:
        """Receive the identifier that follows a command, and read it."""
        data = self.identifier()
        with self._ending():
            return read_answer(data, message.context.transfer_syntaxes[0])

    def idle(self, seconds: float) -> bool:
        """Wait at most so long for the peer to begin a message; return whether it did not."""
        return not self._incoming.left and not self._wire.readable(seconds)

    # -------------------------------------------------------------------------------------------- ending
    @contextmanager
    def _ending(self) -> Iterator[None]:
        """End the association when what comes cannot be read, or does not come."""
        try:
            yield
        except UnreadableError as error:
            self.abort()
            raise self.access.unreadable(str(error)) from None
        except NetworkError as error:
            if error.cause is Cause.CANCELLED:
                self.cancel()
            if error.cause is Cause.CLOSED:
                self.close()
            else:
                self.abort()
            raise

    def release(self) -> None:
        """End the association in order; a peer that does not answer is left."""
        if not self._open:
            return
        self.last_wait(min(RELEASE_TIMEOUT, self._wire.timeout))
        try:
            self._wire.write([release_bytes()])
            self._wire.read_into(memoryview(bytearray(SHORT_PDU)))
        except NetworkError:
            pass
        finally:
            self.close()

    def abort(self) -> None:
        """End the association at once (A-ABORT)."""
        if self._open:
            self._wire.write_now(abort_bytes())
            self.close()

    def close(self) -> None:
        """Close the connection without a word."""
        self._open = False
        self._wire.close()


def _cancel_bytes(context: Context, message_id: int) -> bytes:
    command: dict[int, Value] = {
        Field.COMMAND: C_CANCEL,
        Field.RESPONDED_TO: message_id,
        Field.DATA_SET_TYPE: NO_DATA_SET,
    }
    return b"".join(fragments(context.number, encode(command), 0, command=True))
