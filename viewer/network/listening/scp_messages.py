"""What the process that listens and the program say to each other: JSON of a fixed form, of limited length.

No pickle: whoever calls us may have taken the process over, so whatever it says is checked like a file from
outside. A message is one datagram of the pipe.
"""

import json
import re
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, get_args

MOST_BYTES = 4 << 20  # of a message: a promise about 30,000 objects
MOST_UIDS = 40_000
_LONGEST = 256  # characters of a text
_FILE = re.compile(r"[0-9a-f]{32}\.dcm")
_UID = re.compile(r"[0-9A-Za-z._-]{1,128}")
_ENCODER = json.JSONEncoder(separators=(",", ":"))


class MessageError(Exception):
    """A message that breaks the form."""


# ------------------------------------------------------------------------------- what the process says
@dataclass(frozen=True, slots=True)
class Ready:
    """It serves callers from now on."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """An object is a file in the folder of the process."""

    number: int  # by which it is answered
    file: str  # its name
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    bytes: int
    caller: str  # the AE title
    address: str
    study: str  # the one it was asked for with, "" for none
    asked: bool  # it came of a C-MOVE of ours


@dataclass(frozen=True, slots=True)
class Promised:
    """A peer promises to keep what was sent to it, or not (PS3.4 J)."""

    number: int
    transaction_uid: str
    kept: tuple[str, ...]
    refused: tuple[str, ...]
    caller: str
    address: str


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody called, and was let in or not; or was let in and has gone."""

    caller: str
    address: str
    refused: str = ""  # why, in words
    ended: bool = False
    objects: int = 0  # that it has sent
    fault: str = ""  # what it did wrong, in words


@dataclass(frozen=True, slots=True)
class Worn:
    """It has served long enough and takes no new callers; it ends when those it has are gone."""


@dataclass(frozen=True, slots=True)
class Heard:
    """It knows now what is expected."""

    number: int  # of the `Expect`


Said = Ready | Arrived | Promised | Called | Worn | Heard


# ----------------------------------------------------------------------------- what the program answers
@dataclass(frozen=True, slots=True)
class Begin:
    """How to listen."""

    config: dict[str, Any]
    folder: str


@dataclass(frozen=True, slots=True)
class Expect:
    """What we have asked for by C-MOVE: objects, or all of some studies."""

    number: int
    studies: tuple[str, ...]
    uids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """End."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of what arrived: a status of C-STORE, and why, in words."""

    numbers: tuple[int, ...]
    codes: tuple[int, ...]
    words: tuple[str, ...]


Told = Begin | Expect | Answer | Stop

_SAID = {kind.__name__: kind for kind in get_args(Said)}
_TYPES: dict[type[Said], dict[str, Any]] = {
    kind: {name: each.type for name, each in kind.__dataclass_fields__.items()} for kind in get_args(Said)
}
_TOLD = {kind.__name__: kind for kind in get_args(Told)}


def put(connection: Connection, message: Said | Told) -> None:
    """Send a message. Raises OSError, MessageError when it is too long."""
    values = {name: getattr(message, name) for name in message.__dataclass_fields__}
    data = _ENCODER.encode([type(message).__name__, values]).encode()
    if len(data) > MOST_BYTES and not isinstance(message, Expect):
        raise MessageError("too long")
    connection.send_bytes(data)


def told(connection: Connection) -> Told:
    """Return the next message of the program, which is trusted. Raises EOFError, OSError."""
    name, values = json.loads(connection.recv_bytes())
    message: Told = _TOLD[name](
        **{key: tuple(each) if isinstance(each, list) else each for key, each in values.items()}
    )
    return message


def said(connection: Connection) -> Said:
    """Return the next message of the process. Raises MessageError, EOFError, OSError when it is too long."""
    data = connection.recv_bytes(MOST_BYTES)
    try:
        name, values = json.loads(data)
        kind = _SAID[name]
        types = _TYPES[kind]
        if values.keys() != types.keys():
            raise MessageError("other fields")
        plain = {key: tuple(each) if isinstance(each, list) else each for key, each in values.items()}
        for key, each in plain.items():
            _check(types[key], each)
        message: Said = kind(**plain)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise MessageError("no message") from error
    if isinstance(message, Arrived):
        _check_arrived(message)
    return message


def _check(kind: Any, value: Any) -> None:  # noqa: ANN401  the type of a field, and anything
    if kind is str:
        fits = isinstance(value, str) and len(value) <= _LONGEST
    elif kind is bool:
        fits = isinstance(value, bool)
    elif kind is int:
        fits = type(value) is int and 0 <= value < 1 << 62
    else:
        fits = isinstance(value, tuple) and len(value) <= MOST_UIDS and all(_is_uid(each) for each in value)
    if not fits:
        raise MessageError("a value that does not fit")


def _check_arrived(message: Arrived) -> None:
    uids = (message.sop_class_uid, message.sop_instance_uid, message.transfer_syntax_uid)
    if not _FILE.fullmatch(message.file) or not all(map(_is_uid, uids)):
        raise MessageError("a name that is none")


def _is_uid(value: object) -> bool:
    return isinstance(value, str) and _UID.fullmatch(value) is not None
