"""The process that listens: a crash, a flood or a takeover here never touches the program.

It accepts connections at a socket that the program holds, writes what arrives into a folder of its own, and
tells the program over a pipe. Silent callers cost a socket each and no thread, and the oldest makes room.
"""

import contextlib
import os
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from viewer.network.access import Access
from viewer.network.dimse import status
from viewer.network.dimse.association import Association
from viewer.network.dimse.commitment import Promise
from viewer.network.dimse.contexts import STORAGE_COMMITMENT
from viewer.network.dimse.handshake import accept
from viewer.network.dimse.negotiation import Rejection, Request
from viewer.network.dimse.transport import Wire, secured
from viewer.network.failure import Cause, NetworkError
from viewer.network.listening.confinement import confine
from viewer.network.listening.listener_config import ListenerConfig, config_from
from viewer.network.listening.scp_doorway import Doorway, Line
from viewer.network.listening.scp_gate import Expected, Gate, choose
from viewer.network.listening.scp_messages import (
    MOST_UIDS,
    Answer,
    Arrived,
    Begin,
    Called,
    Expect,
    Heard,
    MessageError,
    Promised,
    Ready,
    Said,
    Stop,
    put,
    told,
)
from viewer.network.listening.store_scp import Arrival, Disk, House, Service
from viewer.network.peer import Peer
from viewer.network.tls import server_context

_MOST_UNANSWERED = 256  # objects that were asked for and that the program has not made safe yet
_ANSWER_WITHIN = 60.0  # s in which the program makes an object safe
_ENDING = 0.8  # s that callers have to be told that we stop
_REFUSALS = 5.0  # a second that are told of; a flood of them is not
_MOST_WORDS = 200


def run(connection: Connection, door: socket.socket) -> None:
    """Serve whoever calls at `door` until the connection to the program ends."""
    begin = told(connection)
    if not isinstance(begin, Begin):
        raise TypeError("the first message says how to listen")
    config = config_from(begin.config)
    tls = server_context(config.tls, certified=config.callers_certified) if config.tls else None
    confine(config.limits.memory, config.limits.file)
    link = Link(connection)
    server = Server(config, door, Disk(Path(begin.folder), config.floor_free_bytes), link, tls)
    threading.Thread(target=link.listen, args=(server.stop,), name="program", daemon=True).start()
    link.say(Ready())
    server.run()
    os._exit(0)  # whatever a caller's thread still does


class Link:
    """The way to the program, for the threads of all callers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[tuple[int, str]] | None] = {}
        self._unanswered = threading.BoundedSemaphore(_MOST_UNANSWERED)
        self._number = 0
        self._refusals, self._refused_at = _REFUSALS, time.monotonic()
        self.expected = Expected()

    def say(self, message: Said) -> None:
        """Tell the program something."""
        with self._lock:
            put(self._connection, message)

    def say_refused(self, message: Called) -> None:
        """Tell of somebody who was not let in, unless there are too many."""
        with self._lock:
            now = time.monotonic()
            self._refusals = min(_REFUSALS, self._refusals + (now - self._refused_at) * _REFUSALS)
            self._refused_at = now
            if self._refusals < 1:
                return
            self._refusals -= 1
            put(self._connection, message)

    def listen(self, ended: Callable[[], None]) -> None:
        """Hear what the program says until it ends."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                message = told(self._connection)
                if isinstance(message, Answer):
                    for number, code, words in zip(
                        message.numbers, message.codes, message.words, strict=True
                    ):
                        self._answered(number, code, words)
                elif isinstance(message, Expect):
                    self.expected = Expected(frozenset(message.studies), frozenset(message.uids))
                    self.say(Heard(message.number))
                elif isinstance(message, Stop):
                    break
        ended()

    def _answered(self, number: int, code: int, words: str) -> None:
        waiting = self._waiting.pop(number)
        if waiting is None:
            self._unanswered.release()
        else:
            waiting.put((code, words))

    # ------------------------------------------------------------------------------------ store_scp.Program
    def arrived(self, arrival: Arrival) -> tuple[int, str]:
        """Hand an object over; return the status to answer and its words."""
        if arrival.asked and not self._unanswered.acquire(timeout=_ANSWER_WITHIN):
            return status.OUT_OF_RESOURCES, "too much has arrived at once"
        received = arrival.received
        answer: queue.SimpleQueue[tuple[int, str]] | None = None if arrival.asked else queue.SimpleQueue()
        with self._lock:
            number = self._next(answer)
            message = Arrived(
                number,
                os.path.basename(received.path),  # noqa: PTH119  a thousand times a study
                received.sop_class_uid,
                received.sop_instance_uid,
                received.transfer_syntax_uid,
                received.bytes,
                arrival.caller,
                arrival.address,
                arrival.study,
                arrival.asked,
            )
            put(self._connection, message)
        return (status.SUCCESS, "") if answer is None else _within(answer)

    def promised(self, promise: Promise, caller: str, address: str) -> tuple[int, str]:
        """Hand a promise over; return the status to answer and its words."""
        if len(promise.kept) + len(promise.refused) > MOST_UIDS:
            return status.PROCESSING_FAILURE, "it is too long"
        answer: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
        with self._lock:
            number = self._next(answer)
            message = Promised(
                number, promise.transaction_uid, promise.kept, promise.refused, caller, address
            )
            try:
                put(self._connection, message)
            except MessageError:
                self._waiting.pop(number)
                return status.PROCESSING_FAILURE, "it is too long"
        return _within(answer)

    def _next(self, answer: "queue.SimpleQueue[tuple[int, str]] | None") -> int:
        self._number += 1
        self._waiting[self._number] = answer
        return self._number


def _within(answer: "queue.SimpleQueue[tuple[int, str]]") -> tuple[int, str]:
    try:
        return answer.get(timeout=_ANSWER_WITHIN)
    except queue.Empty:
        return status.OUT_OF_RESOURCES, "it took too long"


class Server:
    """Serves the callers that the doorway lets through, each in a thread."""

    def __init__(
        self,
        config: ListenerConfig,
        door: socket.socket,
        disk: Disk,
        link: Link,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._config, self._link, self._tls = config, link, tls
        self._gate = Gate(config)
        self._house = House(self._gate, link, disk, lambda: link.expected)
        self._doorway = Doorway(door, config.limits, self._lets_in, self._serve)

    def run(self) -> None:
        """Serve until we are stopped, or worn and alone."""
        self._doorway.run(self._link.say)
        self._doorway.wait(_ENDING)

    def stop(self) -> None:
        """End all associations, and serving."""
        self._doorway.stop()

    def _lets_in(self, address: str) -> bool:
        if self._gate.lets_in(address):
            return True
        self._link.say_refused(Called("", address, "its address is not that of a peer that may call"))
        return False

    def _serve(self, line: Line) -> None:
        """Serve one connection to its end, in its thread."""
        peer = Peer(line.address, host=line.address, port=line.port, timeout=self._config.limits.silence)
        access = Access(peer, self._tls)
        try:
            connected = secured(line.socket, access, line.is_over, server_side=True)
        except NetworkError as error:
            self._link.say_refused(Called("", line.address, _short(str(error))))
            return
        wire = Wire(connected, access, line.is_over)
        refused: list[Called] = []
        try:
            association, request = accept(
                wire, lambda asked: self._decide(line, asked, refused), choose, (STORAGE_COMMITMENT,)
            )
        except NetworkError as error:
            self._link.say_refused(refused[0] if refused else Called("", line.address, _short(str(error))))
            return
        self._converse(line, association, request.calling_ae_title.strip())

    def _decide(self, line: Line, request: Request, refused: list[Called]) -> Rejection | None:
        with self._doorway.counting() as associations:
            found = self._gate.refusal(request, line.address, associations)
            if found is None:
                line.associated = True
                return None
        refused.append(Called(_short(request.calling_ae_title.strip()), line.address, found[1]))
        return found[0]

    def _converse(self, line: Line, association: Association, title: str) -> None:
        """Serve an association to its end."""
        caller = self._gate.caller(title, line.address)
        may_send = caller is not None and caller.may_send
        service = Service(association, self._house, title, line.address, may_send=may_send)
        self._link.say(Called(title, line.address))
        fault = ""
        try:
            service.run()
        except NetworkError as error:
            fault = "" if error.cause in {Cause.CLOSED, Cause.CANCELLED} else _short(str(error))
        finally:
            self._link.say(Called(title, line.address, ended=True, objects=service.objects, fault=fault))


def _short(words: str) -> str:
    return words[:_MOST_WORDS]
