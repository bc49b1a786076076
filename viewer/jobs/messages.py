"""What the program and its workers say to each other, and how it travels."""

import os
import struct
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from viewer.dicom.bulk import Located
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.index import Outcome
from viewer.jobs import wire

HEADER = struct.Struct("<4sBI")  # magic, kind of message, number of arrays
MAGIC = b"NEG1"
MAX_ARRAYS = 64  # a frame has its values, a palette and a few tables
MAX_HEAD = 64 << 20  # bytes of JSON: a batch of records, a large media directory
MAX_ARRAY_BYTES = 640 << 20  # the largest frame and its tables
PLAIN_SOCKETS = hasattr(os, "readv")  # POSIX; elsewhere a connection is a named pipe


class Task(StrEnum):
    """What a worker can be asked."""

    READ_FRAME = "read a frame"
    LOCATE = "find where frames stand"
    INDEX = "index files"
    DIRECTORY = "read a media directory"
    DOCUMENT = "read a document"
    RECODE = "recode a file"


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a worker."""

    task: Task
    paths: tuple[str, ...]
    frame_number: int = 1
    frame_numbers: tuple[tuple[int, ...], ...] = ()  # of each path, for LOCATE
    syntaxes: tuple[str, ...] = ()  # of transfer, for RECODE


@dataclass(frozen=True, slots=True)
class ReadFrame:
    """The answer to READ_FRAME."""

    description: ImageDescription
    frame: Frame


@dataclass(frozen=True, slots=True)
class Places:
    """The answer to LOCATE: for each frame where it stands, None where a worker has to read it."""

    found: tuple[Located | None, ...]


@dataclass(frozen=True, slots=True)
class Indexed:
    """The answer to INDEX: one outcome for each path, in the order of the request."""

    outcomes: tuple[Outcome, ...]


class Kind:
    """The kinds of message, in the header."""

    READY = 1  # from a worker that has started: it may be asked
    REQUEST = 2
    SIZE = 3  # how many pixels are about to be decoded: the deadline may be moved
    ANSWER = 4
    ERROR = 5  # one sentence


def send(connection: Connection, kind: int, value: object, type_: Any) -> None:  # noqa: ANN401  a type
    """Send one message."""
    head, *arrays = wire.encode(value, type_)
    connection.send_bytes(HEADER.pack(MAGIC, kind, len(arrays)))
    connection.send_bytes(head)
    for array in arrays:
        _send_array(connection, memoryview(array))


def receive(connection: Connection) -> tuple[int, list[wire.Buffer]]:
    """Return kind and parts of the next message.

    Raise EOFError or OSError when the other side is gone, WireError when it sends what it must not.
    """
    header = connection.recv_bytes(HEADER.size)
    if len(header) != HEADER.size:
        raise wire.WireError("not a message")
    magic, kind, count = HEADER.unpack(header)
    if magic != MAGIC or count > MAX_ARRAYS:
        raise wire.WireError("not a message")
    head = connection.recv_bytes(MAX_HEAD)
    sizes = wire.array_sizes(head) if count else []  # `decode` compares them
    if len(sizes) != count or sum(sizes) > MAX_ARRAY_BYTES:
        raise wire.WireError("more than a message may hold")
    return kind, [head, *(_receive_array(connection, size) for size in sizes)]


def _send_array(connection: Connection, array: memoryview) -> None:
    """Write plain bytes where the connection is a socket: a third of the time of send_bytes."""
    if not PLAIN_SOCKETS:
        connection.send_bytes(array)
        return
    sent = 0
    while sent < len(array):
        sent += os.write(connection.fileno(), array[sent:])


def _receive_array(connection: Connection, size: int) -> memoryview:
    array = np.empty(size, np.uint8).data  # not zeroed first, as a bytearray is
    if not PLAIN_SOCKETS:
        connection.recv_bytes_into(array)
        return array
    got = 0
    while got < size:
        more = os.readv(connection.fileno(), [array[got:]])
        if not more:
            raise EOFError
        got += more
    return array
