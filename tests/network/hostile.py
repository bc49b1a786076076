"""Peers that do what peers should not: a script that runs against whoever connects."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from viewer.network.access import Access, never
from viewer.network.dimse.association import Association, Message
from viewer.network.dimse.command import C_CANCEL, C_STORE, RESPONSE, Field, encode, number, request, response
from viewer.network.dimse.negotiation import accept_bytes, read_request
from viewer.network.dimse.pdu import fragments
from viewer.network.dimse.transport import Wire
from viewer.network.failure import NetworkError
from viewer.network.peer import Peer

Script = Callable[[socket.socket], None]


@contextmanager
def hostile(script: Script, *, timeout: float = 1.0) -> Iterator[Access]:
    """Listen on a free port, run `script` with each connection, and yield how to reach it."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                connection.settimeout(5)
                with connection, suppress(OSError, struct.error, NetworkError):
                    script(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Access(Peer("Hostile", "HOSTILE", "127.0.0.1", listener.getsockname()[1], timeout=timeout))
    finally:
        done.set()
        thread.join()
        listener.close()


def take(connection: socket.socket) -> bytes:
    """Return the next PDU that came."""
    head = _exactly(connection, 6)
    return head + _exactly(connection, struct.unpack(">I", head[2:])[0])


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def until_closed(connection: socket.socket) -> None:
    """Say nothing until the other side goes."""
    connection.settimeout(10)
    with suppress(OSError):
        while connection.recv(65536):
            pass


def agree(connection: socket.socket, *, as_scp: bool = True) -> Association:
    """Accept an association with all that was proposed, the role of an SCP for C-GET included."""
    request_ = read_request(take(connection))
    answer, terms = accept_bytes(request_, lambda context: context.transfer_syntaxes[0])
    if as_scp:
        roles = b"".join(
            struct.pack(">BBHH", 0x54, 0, len(uid) + 4, len(uid)) + uid.encode() + b"\0\1"
            for uid in dict.fromkeys(request_.as_scp)
        )
        place = answer.index(b"\x50\0")
        while struct.unpack(">H", answer[place + 2 : place + 4])[0] != len(answer) - place - 4:
            place = answer.index(b"\x50\0", place + 1)
        length = len(answer) - place - 4 + len(roles)
        answer = answer[: place + 2] + struct.pack(">H", length) + answer[place + 4 :] + roles
        answer = answer[:2] + struct.pack(">I", len(answer) - 6) + answer[6:]
    connection.sendall(answer)
    peer = Peer("client", host="127.0.0.1", port=1, timeout=5)
    return Association(Wire(connection, Access(peer), never), terms)


def asked(association: Association) -> Message:
    """Return a request and pass over its identifier."""
    message = association.receive()
    association.identifier()
    return message


def answer(association: Association, message: Message, status: int, data: bytes = b"") -> None:
    """Answer a request with a status."""
    command = response(message.command, status)
    command[Field.DATA_SET_TYPE] = 1 if data else 0x0101
    association.send(message.context, command, data)


def push(
    association: Association, data: bytes, *, sop_class: str, uid: str, cut: int | None = None
) -> int | None:
    """Send an object by C-STORE and return the status that is answered; send only `cut` bytes of it."""
    context = next(each for each in association.terms.contexts.values() if each.abstract_syntax == sop_class)
    command = request(C_STORE, 7, sop_class, data_set=True, more={Field.AFFECTED_INSTANCE: uid})
    if cut is None:
        association.send(context, command, data)
        told = association.receive().command
        if number(told, Field.COMMAND) == C_CANCEL:
            told = association.receive().command
        assert number(told, Field.COMMAND) == C_STORE | RESPONSE
        return number(told, Field.STATUS)
    whole = b"".join(fragments(context.number, data, 0))
    association.send_pieces([*fragments(context.number, encode(command), 0, command=True), whole[:cut]])
    return None
