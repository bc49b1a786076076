"""Files on their way out: what each is, and its data set as it stands, in pieces (PS3.10 7.1)."""

from collections.abc import Iterator
from dataclasses import dataclass

from viewer.dicom.elements import MalformedError
from viewer.dicom.preamble import begin, meta_values
from viewer.dicom.raw_header import META_CLASS, META_INSTANCE, META_SYNTAX, NotDicomError
from viewer.dicom.text import shown_path
from viewer.errors import ViewerError
from viewer.network.dimse.pdu import data_header, size_of
from viewer.network.dimse.transport import Piece

_HEAD = 1 << 16  # bytes in which the File Meta Information ends
_AT_ONCE = 4 << 20  # bytes of a file that are read and sent at a time


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One file that is to be sent."""

    path: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    offset: int  # of the data set, bytes


def outgoing(path: str) -> Outgoing:
    """Return what a file is. Raises ViewerError for one that cannot be sent."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  names of files are text here
            head = file.read(_HEAD)
    except OSError as error:
        raise ViewerError(
            f"{shown_path(path)} cannot be read: {error.strerror or 'no reason given'}."
        ) from None
    try:
        start, _ = begin(head)
        found = meta_values(head, start)
    except (NotDicomError, MalformedError):
        found = None
    if found is None:
        raise ViewerError(f"{shown_path(path)} is no DICOM file.")
    values, offset = found
    texts = [
        values.get(tag, b"").decode("latin-1").strip("\0 ")
        for tag in (META_CLASS, META_INSTANCE, META_SYNTAX)
    ]
    if not all(texts):
        raise ViewerError(
            f"{shown_path(path)} cannot be sent: it does not say what it is in its first bytes."
        )
    return Outgoing(path, texts[0], texts[1], texts[2], offset)


def pieces(file: Outgoing, number: int, most_pdu: int) -> Iterator[list[Piece]]:
    """Yield the data set of a file as P-DATA-TF, some MB at a time: headers and fragments in turn.

    Raises OSError.
    """
    size = size_of(most_pdu)
    block = max(_AT_ONCE // size, 1) * size
    with open(file.path, "rb", buffering=0) as source:  # noqa: PTH123  as above
        source.seek(file.offset)
        data = source.read(block)
        while True:
            after = source.read(block) if len(data) == block else b""
            view = memoryview(data)
            found: list[Piece] = []
            for start in range(0, len(data), size):
                part = view[start : start + size]
                last = not after and start + size >= len(data)
                found += (data_header(number, len(part), last=last), part)
            yield found
            if not after:
                return
            data = after
