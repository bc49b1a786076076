"""Command sets: what a DIMSE message asks or answers, as bytes (PS3.7 6.3, E.1).

Always implicit VR, little endian, group 0000 only, so that a table and two structs do what a Dataset would
do at thirty times the cost: a retrieve of a study reads and writes thousands of them.
"""

import struct
from collections.abc import Mapping
from enum import IntEnum

from viewer.network.access import UnreadableError

C_STORE, C_GET, C_FIND, C_MOVE, C_ECHO = 0x0001, 0x0010, 0x0020, 0x0021, 0x0030
N_EVENT_REPORT, N_ACTION = 0x0100, 0x0130
C_CANCEL = 0x0FFF
RESPONSE = 0x8000  # added to the command that is answered
NO_DATA_SET, A_DATA_SET = 0x0101, 0x0001
MEDIUM = 0x0000  # priority
MOST_BYTES = 1 << 16  # of a command set; one with everything in it has 1 KB
_MOST_UID = 64

Value = int | str


class Field(IntEnum):
    """The elements of group 0000 that are read or written here."""

    AFFECTED_SOP_CLASS = 0x0002
    REQUESTED_SOP_CLASS = 0x0003
    COMMAND = 0x0100
    MESSAGE_ID = 0x0110
    RESPONDED_TO = 0x0120
    MOVE_DESTINATION = 0x0600
    PRIORITY = 0x0700
    DATA_SET_TYPE = 0x0800
    STATUS = 0x0900
    OFFENDING_ELEMENT = 0x0901
    ERROR_COMMENT = 0x0902
    AFFECTED_INSTANCE = 0x1000
    REQUESTED_INSTANCE = 0x1001
    EVENT_TYPE = 0x1002
    ACTION_TYPE = 0x1008
    REMAINING = 0x1020
    COMPLETED = 0x1021
    FAILED = 0x1022
    WARNING = 0x1023
    ORIGINATOR_AE = 0x1030


_UIDS = {
    Field.AFFECTED_SOP_CLASS,
    Field.REQUESTED_SOP_CLASS,
    Field.AFFECTED_INSTANCE,
    Field.REQUESTED_INSTANCE,
}
_TEXTS = {*_UIDS, Field.MOVE_DESTINATION, Field.ORIGINATOR_AE, Field.ERROR_COMMENT}
_WANTED = frozenset(int(field) for field in Field if field is not Field.OFFENDING_ELEMENT)
_TEXT_ELEMENTS = frozenset(int(field) for field in _TEXTS)
_HEADER = struct.Struct("<HHI")
_NUMBER = struct.Struct("<HHIH")
_GROUP_LENGTH = struct.Struct("<HHII")
_SHORT = struct.Struct("<H")

Command = Mapping[int, Value]


def encode(command: Command) -> bytes:
    """Return a command set as bytes, its elements in order and its length in front."""
    parts = []
    for element in sorted(command):
        value = command[element]
        if isinstance(value, int):
            parts.append(_NUMBER.pack(0, element, 2, value))
        else:
            data = value.encode("latin-1", "replace")
            data += (b"\0" if element in _UIDS else b" ") * (len(data) % 2)
            parts.append(_HEADER.pack(0, element, len(data)) + data)
    body = b"".join(parts)
    return _GROUP_LENGTH.pack(0, 0, 4, len(body)) + body


def decode(data: bytes | bytearray | memoryview) -> dict[int, Value]:
    """Return a command set; elements that are not used here are left out.

    Raises UnreadableError where the bytes are no command set.
    """
    found: dict[int, Value] = {}
    position, end = 0, len(data)
    while position + 8 <= end:
        group, element, length = _HEADER.unpack_from(data, position)
        position += 8
        if group or position + length > end:
            raise UnreadableError("a command that cannot be read")
        if element in _WANTED:
            if element in _TEXT_ELEMENTS:
                found[element] = bytes(data[position : position + length]).decode("latin-1").strip("\0 ")
            elif length >= 2:  # noqa: PLR2004  a US
                found[element] = _SHORT.unpack_from(data, position)[0]
        position += length
    if not isinstance(found.get(Field.COMMAND), int):
        raise UnreadableError("a command that does not say what it is")
    return found


def number(command: Command, field: Field, default: int = 0) -> int:
    """Return a number of a command set, `default` when it is absent."""
    value = command.get(field, default)
    return value if isinstance(value, int) else default


def text(command: Command, field: Field) -> str:
    """Return a text of a command set, "" when it is absent."""
    value = command.get(field, "")
    return value if isinstance(value, str) else ""


def has_data_set(command: Command) -> bool:
    """Tell whether a data set follows the command."""
    return number(command, Field.DATA_SET_TYPE, NO_DATA_SET) != NO_DATA_SET


def request(
    field: int, message_id: int, sop_class: str, *, data_set: bool, more: Mapping[Field, Value] | None = None
) -> dict[int, Value]:
    """Return a request of the C- services."""
    found: dict[int, Value] = {
        Field.AFFECTED_SOP_CLASS: sop_class,
        Field.COMMAND: field,
        Field.MESSAGE_ID: message_id,
        Field.DATA_SET_TYPE: A_DATA_SET if data_set else NO_DATA_SET,
    }
    return {**found, **{int(place): value for place, value in (more or {}).items()}}


def response(asked: Command, status: int, comment: str = "") -> dict[int, Value]:
    """Return the answer without a data set to a request (PS3.7 9.3, 10.3)."""
    answer: dict[int, Value] = {
        Field.COMMAND: number(asked, Field.COMMAND) | RESPONSE,
        Field.RESPONDED_TO: number(asked, Field.MESSAGE_ID),
        Field.DATA_SET_TYPE: NO_DATA_SET,
        Field.STATUS: status,
    }
    for field in (Field.AFFECTED_SOP_CLASS, Field.AFFECTED_INSTANCE, Field.EVENT_TYPE):
        if field in asked:
            answer[field] = asked[field]
    if comment:
        answer[Field.ERROR_COMMENT] = comment[:_MOST_UID]  # LO
    return answer
