"""STOW-RS: files of ours to a peer, some at a time (PS3.18 10.5)."""

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from viewer.dicom.elements import MalformedError
from viewer.dicom.preamble import PREAMBLE, begin, meta_values
from viewer.dicom.raw_header import META_INSTANCE, META_SYNTAX, NotDicomError
from viewer.dicom.read import UnreadableError, open_regular
from viewer.dicom.text import printable, shown_path
from viewer.errors import ViewerError
from viewer.network.dimse.contexts import NATIVE
from viewer.network.dimse.status import words
from viewer.network.dimse.store import Transcode
from viewer.network.failure import Cause, NetworkError
from viewer.network.web.dicomweb import DicomWeb, parsed
from viewer.network.web.json_model import items, number, text
from viewer.network.web.multipart import encoded_head
from viewer.network.web.wado import MOST_META

MOST_FILES = 20  # of one request
MOST_BYTES = 64 << 20  # of one request, unless one file alone is larger
PIECE = 1 << 20
_WRONG_MEDIA = 415  # of HTTP: nothing of a request is taken in its form (PS3.18 10.5.3)
_WRONG_SYNTAX = 0xC122  # of one object (PS3.18 Table I.2-2)
_TIFF = (
    b"II*\0",
    b"MM\0*",
)  # preambles that make a file readable as a TIFF too; others are nobody's business


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one file."""

    path: str
    sop_instance_uid: str = ""
    reason: str = ""  # why it was not kept by the peer, as a sentence; "" when it was
    wrong_form: bool = False  # it is the transfer syntax that the peer does not take


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    size: int


def send(
    web: DicomWeb,
    paths: Sequence[str],
    on_sent: Callable[[Sent], None],
    transcode: Transcode | None = None,
) -> int:
    """Send files and return how many the peer says it keeps; `on_sent` is told of each as it is known.

    A file that is not DICOM, or that the peer refuses, does not stop the others. One whose transfer syntax it
    refuses is recoded by `transcode`, which loses nothing, and sent once more. Raises NetworkError when the
    peer cannot be spoken to; of the files that were not told of it is not known.
    """
    kept = 0
    for batch in _batches(paths, on_sent):
        for file, answer in zip(batch, _send_several(web, batch), strict=True):
            sent = answer
            if answer.wrong_form and transcode is not None:
                sent = _send_recoded(web, file, answer, transcode)
            kept += not sent.reason
            on_sent(sent)
    return kept


def _send_several(web: DicomWeb, batch: Sequence[_File]) -> Iterator[Sent]:
    """Send files at once, or each alone when the peer does not take them together."""
    found = _send_batch(web, batch)
    together = len(batch) == 1 or not all(sent.wrong_form for sent in found)
    yield from found if together else (_send_batch(web, [file])[0] for file in batch)


def _send_recoded(web: DicomWeb, file: _File, refused: Sent, transcode: Transcode) -> Sent:
    """Send a file in the forms that every peer should take, where that loses nothing. Raises NetworkError."""
    found = refused
    for syntax in NATIVE:
        if syntax == file.transfer_syntax_uid or not found.wrong_form:
            continue
        try:
            with transcode(file.path, (syntax,)) as other:
                recoded = _looked_at(other)
                if recoded.sop_instance_uid == file.sop_instance_uid:
                    found = replace(_send_batch(web, [recoded])[0], path=file.path)
        except NetworkError:
            raise
        except ViewerError as error:
            found = replace(found, reason=f"{refused.reason} It cannot be recoded: {error}")
    return found


def _batches(paths: Sequence[str], on_sent: Callable[[Sent], None]) -> Iterator[list[_File]]:
    batch: list[_File] = []
    size = 0
    for path in paths:
        try:
            file = _looked_at(path)
        except UnreadableError as error:
            on_sent(Sent(path, reason=str(error)))
            continue
        if batch and (len(batch) == MOST_FILES or size + file.size > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


def _looked_at(path: str) -> _File:
    """Return a file with its UID. Raise UnreadableError."""
    with open_regular(path) as file:
        head = file.read(MOST_META) or b""
        size = os.fstat(file.fileno()).st_size
    try:
        start, magic = begin(head)
        found = meta_values(head, start)
    except (NotDicomError, MalformedError) as error:
        raise UnreadableError(path, "it is no DICOM file") from error
    if not (magic and start > PREAMBLE and found and META_INSTANCE in found[0]):
        raise UnreadableError(path, "it has no File Meta Information (PS3.10), without which it is not sent")
    uids = [found[0].get(tag, b"").decode("latin-1").strip("\0 ") for tag in (META_INSTANCE, META_SYNTAX)]
    return _File(path, uids[0], uids[1], size)


def _send_batch(web: DicomWeb, batch: Sequence[_File]) -> list[Sent]:
    boundary = uuid.uuid4().hex
    end = f"\r\n--{boundary}--\r\n".encode("ascii")
    heads = [
        encoded_head(boundary, "application/dicom", file.size, first=place == 0)
        for place, file in enumerate(batch)
    ]
    length = sum(map(len, heads)) + sum(file.size for file in batch) + len(end)

    def pieces() -> Iterator[bytes]:
        for head, file in zip(heads, batch, strict=True):
            yield head
            yield from _content(file)
        yield end

    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    try:
        with web.post(("studies",), pieces(), kind, length) as body:
            answer = parsed(web, body)
            status = body.status
    except NetworkError as error:
        if error.status != _WRONG_MEDIA:
            raise
        return [Sent(file.path, file.sop_instance_uid, str(error), wrong_form=True) for file in batch]
    if isinstance(answer, list):  # some answer with a list of one
        answer = answer[0] if answer else {}
    return list(_outcomes(web, batch, answer if isinstance(answer, dict) else {}, status))


def _content(file: _File) -> Iterator[bytes]:
    """Yield the bytes of a file, its preamble blank unless a TIFF's (PS3.10 7.1). Raise NetworkError."""
    try:
        with open_regular(file.path) as stream:
            left = file.size
            first = stream.read(PREAMBLE) or b""
            yield first if first.startswith(_TIFF) else bytes(len(first))
            left -= len(first)
            while left:
                piece = _read(stream, min(PIECE, left))
                yield piece
                left -= len(piece)
    except UnreadableError as error:
        raise NetworkError(str(error), Cause.DISK) from error
    except OSError as error:
        reason = error.strerror or "it became shorter while it was sent"
        raise NetworkError(f"{shown_path(file.path)}: {reason}.", Cause.DISK) from error


def _read(stream: BinaryIO, count: int) -> bytes:
    piece = stream.read(count)
    if not piece:
        raise OSError
    return piece


def _outcomes(web: DicomWeb, batch: Sequence[_File], answer: dict[str, Any], status: int) -> Iterator[Sent]:
    """Yield what became of each file, by the peer's account (PS3.18 10.5.3, I.2)."""
    name = printable(web.peer.name)
    refused = {text(item, "00081155"): number(item, "00081197") for item in items(answer, "00081198")}
    kept = {text(item, "00081155") for item in items(answer, "00081199")}
    for file in batch:
        uid = file.sop_instance_uid
        if uid in kept and uid not in refused:
            yield Sent(file.path, uid)
            continue
        if uid in refused:
            reason = f"{name} refuses it: {_words(refused[uid])}."
        elif status == 409:  # noqa: PLR2004  conflict: none was taken
            reason = f"{name} refuses it without a reason (HTTP 409)."
        else:
            reason = f"{name} does not say that it keeps it."
        yield Sent(file.path, uid, reason, wrong_form=refused.get(uid) == _WRONG_SYNTAX)


def _words(code: int | None) -> str:
    return "it gives no reason" if code is None else words(code)
