"""An association: messages between two application entities, in one thread (PS3.8 9, PS3.7 6.3).

The same class serves whoever asked for the association and whoever was asked (`viewer.network.handshake`).
Commands come as values; data sets go straight from the socket into a buffer that the caller gives.
"""

import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from viewer.network.access import Cancelled, UnreadableError, never
from viewer.network.command import (
    C_CANCEL,
    MOST_BYTES,
    NO_DATA_SET,
    RESPONSE,
    Command,
    Field,
    Value,
    decode,
    encode,
    number,
)
from viewer.network.contexts import Context
from viewer.network.failure import Cause, NetworkError
from viewer.network.identifier import Answer, read_answer
from viewer.network.negotiation import MOST_PDU, Terms
from viewer.network.pdu import (
    ABORT,
    P_DATA,
    RELEASE_RQ,
    SHORT_PDU,
    abort_bytes,
    abort_words,
    fragments,
    release_bytes,
)
from viewer.network.transport import Piece, Wire

RELEASE_TIMEOUT = 2.0  # s: the work is done
_SLACK = 1024  # some count a header that the standard does not
_COMMAND, _LAST = 0x01, 0x02  # of a message control header (PS3.8 E.2)
_MOST_IDENTIFIER = 16 << 20  # bytes of a data set that is kept in memory
_PDU_HEADER, _PDV_HEADER = 6, 6  # bytes
_PDU, _PDV = struct.Struct(">BxI"), struct.Struct(">IBB")


class Sink(Protocol):
    """Where the fragments of a data set go."""

    def room(self, length: int) -> memoryview:
        """Return where the next `length` bytes go."""


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
        self._left = 0  # bytes of the P-DATA-TF that are not read yet
        self._head = bytearray(12)
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

    @property
    def cancelled(self) -> Cancelled:
        """Tell whether the current call is to be given up."""
        return self._wire.cancelled

    @cancelled.setter
    def cancelled(self, cancelled: Cancelled) -> None:
        self._wire.cancelled = cancelled

    def check_cancelled(self) -> None:
        """Raise NetworkError when the current call is to be given up."""
        if self._wire.cancelled():
            raise self.access.failure("was left: cancelled.", Cause.CANCELLED)

    def patience(self, seconds: float, *, at_most: bool = False) -> None:
        """Set after how much silence the peer is given up; `at_most` counts whatever comes in, too."""
        self._wire.timeout = seconds
        self._wire.deadline = time.monotonic() + seconds if at_most else None

    def next_message_id(self) -> int:
        """Return a Message ID for a request (PS3.7 9.1)."""
        self._message_id = self._message_id % 0xFFFF + 1
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

    def cancel(self, context: Context, message_id: int) -> None:
        """Ask the peer to stop answering a request (PS3.7 9.3.2.3); many ignore it."""
        self.send_pieces([_cancel_bytes(context, message_id)])

    def may_be_cancelled(self, context: Context, message_id: int) -> None:
        """Have the peer asked to stop when the wait for its answer is cancelled."""
        self._last_words = _cancel_bytes(context, message_id)

    # ----------------------------------------------------------------------------------------- receiving
    def receive(self) -> Message:
        """Return the next command. A data set that follows it must be received next."""
        try:
            self._wire.expect_command()
            place, last, length = self._fragment(_COMMAND)
            data = bytearray(length)
            self._wire.read_into(memoryview(data))
            while not last:
                again, last, length = self._fragment(_COMMAND)
                if again != place or len(data) + length > MOST_BYTES:
                    raise self._broken("a command that is too long or in two contexts")
                more = bytearray(length)
                self._wire.read_into(memoryview(more))
                data += more
            context = self.terms.contexts.get(place)
            if context is None:
                raise self._broken("a message in a context that was not agreed on")
            return Message(decode(data), context)
        except NetworkError as error:
            self._end(error)
            raise
        except UnreadableError as error:
            self.abort()
            raise self._broken(str(error)) from None

    def answer(self, message_id: int) -> Message:
        """Return the next command, which must be a response to a request of ours."""
        found = self.receive()
        asked, status = found.command.get(Field.RESPONDED_TO), found.command.get(Field.STATUS)
        if asked != message_id or status is None or not number(found.command, Field.COMMAND) & RESPONSE:
            self.abort()
            raise self._broken("an answer to a question that was not asked")
        return found

    def receive_data(self, sink: Sink) -> None:
        """Receive the data set that follows a command."""
        try:
            last = False
            while not last:
                _, last, length = self._fragment(0)
                if length:
                    self._wire.read_into(sink.room(length))
                if not last:
                    self.check_cancelled()
        except NetworkError as error:
            self._end(error)
            raise

    def identifier(self) -> bytes:
        """Receive a small data set that follows a command, as bytes."""
        held = Held()
        try:
            self.receive_data(held)
        except UnreadableError as error:
            self.abort()
            raise self._broken(str(error)) from None
        return held.bytes()

    def keys(self, message: Message) -> Answer:
        """Receive the identifier that follows a command, and read it."""
        data = self.identifier()
        try:
            return read_answer(data, message.context.transfer_syntaxes[0])
        except UnreadableError as error:
            self.abort()
            raise self._broken(str(error)) from None

    def idle(self, seconds: float) -> bool:
        """Wait at most so long for the peer to begin a message; return whether it did not."""
        return self._left == 0 and not self._wire.readable(seconds)

    def _fragment(self, kind: int) -> tuple[int, bool, int]:
        """Read to the value of the next PDV; return its context, whether it is the last, and its length."""
        head = self._head
        if self._left:
            self._wire.read_into(memoryview(head)[_PDU_HEADER:])
        else:
            length = self._data_head()
            if length > MOST_PDU + _SLACK:
                raise self._broken(f"a block of {length:,} bytes where {MOST_PDU:,} were agreed on")
            self._left = length
        length, number, control = _PDV.unpack_from(head, 6)
        self._left -= length + 4
        if length < _PDV_HEADER - 4 or self._left < 0 or 0 < self._left < _PDV_HEADER:
            raise self._broken("a block whose parts do not fit into it")
        if control & _COMMAND != kind:
            raise self._broken("a command where a data set was due, or a data set without a command")
        return number, bool(control & _LAST), length - 2

    def _data_head(self) -> int:
        """Read the headers of a P-DATA-TF and its first PDV, and return the length of the PDU."""
        view = memoryview(self._head)
        done = 0
        while done < _PDU_HEADER + _PDV_HEADER:  # other PDUs may be shorter
            done += self._wire.read_some(view[done:])
            if done >= _PDU_HEADER and self._head[0] != P_DATA:
                raise self._ended(done)
        return int(_PDU.unpack_from(self._head)[1])

    def _ended(self, done: int) -> NetworkError:
        """Return what a PDU means that is no P-DATA-TF, of which so many bytes are read."""
        kind, length = _PDU.unpack_from(self._head)
        if kind == RELEASE_RQ:
            self._farewell(release_bytes(answer=True))
            return self.access.failure("ended the association.", Cause.CLOSED)
        if kind != ABORT or length != SHORT_PDU - _PDU_HEADER:
            return self._broken(f"something that is no DICOM (it begins with {kind:02X})")
        if done < SHORT_PDU:
            self._wire.read_into(memoryview(self._head)[done:SHORT_PDU])
        return self.access.failure(abort_words(self._head[8], self._head[9]), Cause.CLOSED)

    def _broken(self, words: str) -> NetworkError:
        return self.access.unreadable(words)

    # -------------------------------------------------------------------------------------------- ending
    def _end(self, error: NetworkError) -> None:
        if error.cause is Cause.CANCELLED and self._last_words:
            self._wire.write_now(self._last_words)
        if error.cause is Cause.CLOSED:
            self.close()
        else:
            self.abort()

    def release(self) -> None:
        """End the association in order; a peer that does not answer is left."""
        if not self._open:
            return
        self._wire.cancelled = never
        self.patience(min(RELEASE_TIMEOUT, self._wire.timeout), at_most=True)
        view = memoryview(self._head)
        try:
            self._wire.write([release_bytes()])
            self._wire.read_into(view[:SHORT_PDU])
        except NetworkError:
            pass
        finally:
            self.close()

    def abort(self) -> None:
        """End the association at once (A-ABORT)."""
        if self._open:
            self._farewell(abort_bytes())
            self.close()

    def close(self) -> None:
        """Close the connection without a word."""
        self._open = False
        self._wire.close()

    def _farewell(self, data: bytes) -> None:
        """Send some last bytes, if they go out at once."""
        self._wire.write_now(data)


def _cancel_bytes(context: Context, message_id: int) -> bytes:
    command: dict[int, Value] = {
        Field.COMMAND: C_CANCEL,
        Field.RESPONDED_TO: message_id,
        Field.DATA_SET_TYPE: NO_DATA_SET,
    }
    return b"".join(fragments(context.number, encode(command), 0, command=True))
