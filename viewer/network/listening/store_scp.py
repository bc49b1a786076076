"""Serving one caller: C-ECHO, C-STORE and the promises of storage commitment (PS3.4 A, B, J).

What we asked for by C-MOVE is answered with Success when its file is whole: it can be asked for again, and
the retrieval counts only what the program has made safe. What is sent to us unasked may exist nowhere else
after the answer, so that waits until the program has made it safe.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from viewer.network.dimse import status
from viewer.network.dimse.association import Association, Message
from viewer.network.dimse.command import (
    C_CANCEL,
    C_ECHO,
    C_STORE,
    N_EVENT_REPORT,
    RESPONSE,
    Command,
    Field,
    has_data_set,
    number,
    response,
    text,
)
from viewer.network.dimse.commitment import Promise, read_event
from viewer.network.dimse.receiving import Receiver, RefusedError, is_full
from viewer.network.failure import NetworkError
from viewer.network.listening.scp_gate import Expected, Gate
from viewer.network.peer import Received

NOT_KNOWN = 0x0211  # unrecognized operation (PS3.7 C.5.10)
NOT_ALLOWED = 0x0124  # (PS3.7 C.5.25)
_LOOK_EVERY = 16 << 20  # bytes of an object after which the room on the disk is looked at again
_LOOK_AFTER = 0.25  # s
_MOST_LEFT = 64 << 20  # bytes of a refused object that are passed over; then the association ends
_SCRATCH = 1 << 18  # bytes
_AT_ONCE = 1 << 18  # bytes that are written while the caller sends on: it waits for an answer at the end


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object that is a file now, and whose it is."""

    received: Received
    caller: str  # AE title
    address: str
    study: str  # the one it was asked for with, as far as can be told; "" where single objects were
    asked: bool


class Program(Protocol):
    """The program, which makes safe what arrives."""

    def arrived(self, arrival: Arrival) -> tuple[int, str]:
        """Hand an object over; return the status to answer and its words.

        Waits until it is safe when it was not asked for.
        """

    def promised(self, promise: Promise, caller: str, address: str) -> tuple[int, str]:
        """Hand a promise over; return the status to answer and its words."""


class Disk:
    """How much room there is, looked up at most a few times a second."""

    def __init__(self, folder: Path, floor: int) -> None:
        self.folder, self._floor = folder, floor
        self._looked = float("-inf")
        self._free = 0

    def has_room(self, size: int = 0, *, now: bool = False) -> bool:
        """Tell whether the disk has more than the floor free, with `size` more bytes on it."""
        moment = time.monotonic()
        if now or moment - self._looked > _LOOK_AFTER:
            self._looked = moment
            self._free = shutil.disk_usage(self.folder).free
        return self._free - size > self._floor


@dataclass(frozen=True, slots=True)
class House:
    """What all callers meet."""

    gate: Gate
    program: Program
    disk: Disk
    expected: Callable[[], Expected]


class TooMuchError(Exception):
    """A caller that goes on sending an object that is refused."""


class Intake:
    """Takes the data set of one object, or passes over it when it is refused."""

    def __init__(self, receiver: Receiver, disk: Disk) -> None:
        self._receiver, self._disk = receiver, disk
        self.refused: RefusedError | None = None
        self._scratch = bytearray()
        self._since = self._passed = 0

    def room(self, length: int) -> memoryview:
        """Return where the next `length` bytes go. Raises TooMuchError."""
        if self.refused is None:
            self._since += length
            if self._since > _LOOK_EVERY:
                if not self._disk.has_room(self._since, now=True):
                    self.refuse(status.OUT_OF_RESOURCES, "the disk has no room for it")
                self._since = 0
        if self.refused is None:
            return self._receiver.room(length)
        self._passed += length
        if self._passed > _MOST_LEFT:
            raise TooMuchError
        if len(self._scratch) < length:
            self._scratch = bytearray(max(length, _SCRATCH))
        return memoryview(self._scratch)[:length]

    def refuse(self, code: int, words: str) -> None:
        """Pass over what still comes."""
        self._receiver.discard()
        self.refused = RefusedError(code, words)


class Service:
    """Serves the association of one caller until it ends."""

    def __init__(
        self, association: Association, house: House, caller: str, address: str, *, may_send: bool
    ) -> None:
        self._association, self._house = association, house
        self._caller, self._address, self._may_send = caller, address, may_send
        self._receiver = Receiver(house.disk.folder, caller, _AT_ONCE)
        self.objects = 0

    def run(self) -> None:
        """Serve. Raises NetworkError at the end, whose cause is CLOSED when all was in order."""
        try:
            while True:
                self._serve(self._association.receive())
        except TooMuchError:
            self._association.abort()
        except BaseException:
            self._association.abort()  # one that is closed stays so
            raise
        finally:
            self._receiver.discard()

    def _serve(self, message: Message) -> None:
        kind = number(message.command, Field.COMMAND)
        if kind == C_STORE:
            self._store(message)
        elif kind == C_ECHO:
            self._pass_over(message)
            self._answer(message, status.SUCCESS)
        elif kind == N_EVENT_REPORT:
            self._event(message)
        else:
            self._pass_over(message)
            if kind != C_CANCEL and not kind & RESPONSE:
                self._answer(message, NOT_KNOWN)

    def _pass_over(self, message: Message) -> None:
        if has_data_set(message.command):
            self._association.identifier()

    def _answer(self, message: Message, code: int, words: str = "") -> None:
        self._association.send(message.context, response(message.command, code, words))

    # ----------------------------------------------------------------------------------------- C-STORE
    def _store(self, message: Message) -> None:
        command = message.command
        intake = Intake(self._receiver, self._house.disk)
        self._receiver.begin(command, message.context.transfer_syntaxes[0])
        asked = self._may_be_asked_for(command)
        if not asked and not self._may_send:
            intake.refuse(NOT_ALLOWED, "it was not asked for")
        elif text(command, Field.AFFECTED_SOP_CLASS) != message.context.abstract_syntax:
            intake.refuse(status.DOES_NOT_MATCH, "its SOP class is not that of its context")
        elif not self._house.disk.has_room():
            intake.refuse(status.OUT_OF_RESOURCES, "the disk has no room for it")
        if has_data_set(command):
            self._association.receive_data(intake)
        code, words = self._kept(command, intake, asked=asked)
        self._answer(message, code, words)

    def _may_be_asked_for(self, command: Command) -> bool:
        expected = self._house.expected()
        wanted = text(command, Field.AFFECTED_INSTANCE) in expected.uids or bool(expected.studies)
        return wanted and self._house.gate.originates_with_us(command)

    def _kept(self, command: Command, intake: Intake, *, asked: bool) -> tuple[int, str]:
        """Make what came a file and hand it over; return the status and its words."""
        try:
            if intake.refused is not None:
                raise intake.refused
            arrival = self._arrival(text(command, Field.AFFECTED_INSTANCE), asked=asked)
        except RefusedError as error:
            return error.code, str(error)
        except OSError as error:
            if is_full(error):
                return status.OUT_OF_RESOURCES, "the disk has no room for it"
            return status.PROCESSING_FAILURE, "it cannot be written"
        answered = self._house.program.arrived(arrival)
        self.objects += answered[0] == status.SUCCESS
        return answered

    def _arrival(self, uid: str, *, asked: bool) -> Arrival:
        """Make what came a file. Raises RefusedError, OSError."""
        expected = self._house.expected()
        study = self._receiver.study(expected.studies) if asked else ""
        asked = asked and (bool(study) or uid in expected.uids)
        if not asked and not self._may_send:
            self._receiver.discard()
            raise RefusedError(NOT_ALLOWED, "it was not asked for")
        self._receiver.check()
        return Arrival(self._receiver.finish(), self._caller, self._address, study, asked)

    # ------------------------------------------------------------------------------ storage commitment
    def _event(self, message: Message) -> None:
        data = self._association.identifier() if has_data_set(message.command) else b""
        try:
            promise = read_event(data, message.context.transfer_syntaxes[0])
        except NetworkError:
            self._answer(message, status.PROCESSING_FAILURE)
            return
        self._answer(message, *self._house.program.promised(promise, self._caller, self._address))
