"""What a peer sends once an association stands: commands and data sets out of P-DATA-TF (PS3.8 9.3.5, E).

Nothing is believed before it is there: a length that was not agreed on ends the association.
"""

import struct
from typing import Protocol

from viewer.network.access import UnreadableError
from viewer.network.dimse.command import MOST_BYTES
from viewer.network.dimse.negotiation import MOST_PDU
from viewer.network.dimse.pdu import ABORT, P_DATA, RELEASE_RQ, SHORT_PDU, abort_words, release_bytes
from viewer.network.dimse.transport import Wire
from viewer.network.failure import Cause, NetworkError

_SLACK = 1024  # bytes: some count a header that the standard does not
_COMMAND, _LAST = 0x01, 0x02  # of a message control header (PS3.8 E.2)
_PDU_HEADER, _PDV_HEADER = 6, 6  # bytes
_HEADERS = _PDU_HEADER + _PDV_HEADER
_CONTROL = 2  # bytes of a PDV header that its length counts
_PDU, _PDV = struct.Struct(">BxI"), struct.Struct(">IBB")


class Sink(Protocol):
    """Where the fragments of a data set go."""

    def room(self, length: int) -> memoryview:
        """Return where the next `length` bytes go."""


class Incoming:
    """Reads what comes over a connection. Raises NetworkError, and UnreadableError for what is no DICOM."""

    def __init__(self, wire: Wire) -> None:
        self.left = 0  # bytes of the P-DATA-TF that are not read yet
        self._wire = wire

    def command(self) -> tuple[int, bytearray]:
        """Return the next command, and the number of its presentation context."""
        self._wire.expect_command()
        data = bytearray()
        number, last = 0, False
        while not last:
            again, last, length = self._fragment(_COMMAND)
            number = number or again
            if again != number or len(data) + length > MOST_BYTES:
                raise UnreadableError("a command that is too long or in two contexts")
            more = bytearray(length)
            self._wire.read_into(memoryview(more))
            data += more
        return number, data

    def data(self, sink: Sink) -> None:
        """Receive a data set."""
        last = False
        while not last:
            _, last, length = self._fragment(0)
            if length:
                due = _HEADERS if not last and not self.left else 0
                self._wire.read_into(sink.room(length), due)
            if not last and self._wire.cancelled():
                raise self._wire.access.failure("was left: cancelled.", Cause.CANCELLED)

    def _fragment(self, kind: int) -> tuple[int, bool, int]:
        """Read to the value of the next PDV; return its context, whether it is the last, and its length."""
        if not self.left:
            self.left = self._block()
        length, number, control = _PDV.unpack_from(self._wire.head(_PDV_HEADER))
        self._wire.take(_PDV_HEADER)
        self.left -= length + _PDV_HEADER - _CONTROL
        if length < _CONTROL or self.left < 0 or 0 < self.left < _PDV_HEADER:
            raise UnreadableError("a block whose parts do not fit into it")
        if control & _COMMAND != kind:
            raise UnreadableError("a command where a data set was due, or a data set without a command")
        return number, bool(control & _LAST), length - _CONTROL

    def _block(self) -> int:
        """Read the header of a P-DATA-TF, and return its length."""
        kind, length = _PDU.unpack_from(self._wire.head(_PDU_HEADER))
        if kind != P_DATA:
            raise self._ended(kind, length)
        if length > MOST_PDU + _SLACK:
            raise UnreadableError(f"a block of {length:,} bytes where {MOST_PDU:,} were agreed on")
        self._wire.take(_PDU_HEADER)
        return int(length)

    def _ended(self, kind: int, length: int) -> NetworkError | UnreadableError:
        """Return what a PDU means that is no P-DATA-TF."""
        if kind == RELEASE_RQ:
            self._wire.write_now(release_bytes(answer=True))
            return self._wire.access.failure(
                "ended the association before it was done. Try again.", Cause.CLOSED
            )
        if kind != ABORT or length != SHORT_PDU - _PDU_HEADER:
            return UnreadableError(f"something that is no DICOM (it begins with {kind:02X})")
        whole = self._wire.head(SHORT_PDU)
        return self._wire.access.failure(abort_words(whole[8], whole[9]), Cause.CLOSED)
