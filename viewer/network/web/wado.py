"""WADO-RS: studies, series and instances as files (PS3.18 10.4)."""

import contextlib
import errno
import os
import re
import shutil
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from viewer.dicom.elements import MalformedError
from viewer.dicom.preamble import begin, meta_values
from viewer.dicom.raw_header import META_CLASS, META_INSTANCE, META_SYNTAX, NotDicomError
from viewer.dicom.text import printable, shown_path
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Received
from viewer.network.web.dicomweb import Body, DicomWeb
from viewer.network.web.multipart import Parts, media_type

ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*'  # as stored: nothing is converted
MAGIC_END = 132  # bytes: the preamble and DICM
MOST_META = 64 << 10  # bytes of a file that are looked at; File Meta Information has some 300
MOST_REFUSED = 100  # parts that are no objects, until the whole answer is given up
_UID = re.compile(r"[0-9.]{1,128}")  # wider than the standard's: an odd UID is harmless, a path is not
_NO_SPACE = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Resource:
    """What is retrieved: a study, one of its series, or one instance."""

    study: str
    series: str = ""
    instance: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        """Return the path of the resource."""
        levels = (("studies", self.study), ("series", self.series), ("instances", self.instance))
        return tuple(word for level in levels if level[1] for word in level)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an answer may take."""

    object_bytes: int = 16 << 30  # of one file; the largest honest ones (films, pathology) have some GB
    free_bytes: int = 256 << 20  # that stay free on the disk


@dataclass(slots=True)
class Brought:
    """What an answer brought; whether it was all there is must be asked of the peer otherwise."""

    count: int = 0
    bytes: int = 0
    refused: list[str] = field(default_factory=list)  # a sentence for each part that was not kept


class _Refused(Exception):  # noqa: N818  it never leaves this module
    """A part that is not kept; the message says why."""


def retrieve(
    web: DicomWeb,
    wanted: Resource,
    folder: Path,
    on_instance: Callable[[Received], None],
    *,
    expected: Collection[str] | None = None,
    bounds: Bounds = Bounds(),
) -> Brought:
    """Fetch what is wanted; each object becomes a file of its own in `folder`, bytes as they came.

    `on_instance` is called for each as soon as it is complete; the file is the callee's. `expected`: the
    only SOP Instance UIDs that are taken; for one instance that is its own. Raises NetworkError; what was
    handed on before stays, and nothing else is left in the folder.
    """
    only = frozenset({wanted.instance}) if wanted.instance else expected
    found = Brought()
    with web.get(wanted.path, ACCEPT) as body:
        for pieces in _objects(web, body):
            _take(_Incoming(web, folder, bounds, only), pieces, on_instance, found)
            if len(found.refused) > MOST_REFUSED:
                raise web.broken(f"sends something else than what was asked for: {found.refused[0]}")
    return found


def _objects(web: DicomWeb, body: Body) -> Iterable[Iterable[memoryview]]:
    """Yield the bytes of each object of an answer."""
    kind, parameters = media_type(body.content_type)
    if body.status == 204:  # noqa: PLR2004  no content
        return
    if kind == "multipart/related":
        parts = Parts(body.read, parameters.get("boundary", ""), web.broken)
        for _ in parts:
            yield parts.body()
    elif kind in {"application/dicom", "application/octet-stream"}:
        yield (memoryview(data) for data in iter(body.read, b""))
    else:
        raise web.broken(f"answers with {printable(kind)} instead of DICOM objects")


def _take(
    incoming: "_Incoming",
    pieces: Iterable[memoryview],
    on_instance: Callable[[Received], None],
    found: Brought,
) -> None:
    try:
        received = incoming.write(pieces)
    except _Refused as reason:
        found.refused.append(str(reason))
        for _ in pieces:  # the rest of the part, so that the next one can be read
            pass
        return
    found.count += 1
    found.bytes += received.bytes
    on_instance(received)


class _Incoming:
    """One object on its way into a file whose name nobody else chooses."""

    def __init__(self, web: DicomWeb, folder: Path, bounds: Bounds, only: Collection[str] | None) -> None:
        self._web, self._bounds, self._only = web, bounds, only
        self._path = str(folder / f"{uuid.uuid4().hex}.part")

    def write(self, pieces: Iterable[memoryview]) -> Received:
        """Write an object and return it. Raises _Refused, NetworkError; then there is no file."""
        try:
            descriptor = self._made()
            try:
                return self._filled(descriptor, pieces)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(self._path).unlink()
                raise
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._disk(error) from error

    def _made(self) -> int:
        """Return a new file for writing. Raise OSError, also when the disk is nearly full."""
        if shutil.disk_usage(Path(self._path).parent).free < self._bounds.free_bytes:
            raise OSError(errno.ENOSPC, "")
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)

    def _filled(self, descriptor: int, pieces: Iterable[memoryview]) -> Received:
        head, size, looked = b"", 0, 0
        for piece in pieces:
            if len(head) < MOST_META:
                head += piece[: MOST_META - len(head)]
                if not looked and len(head) >= MAGIC_END:
                    looked = _check_magic(head)
            size += len(piece)
            if size > self._bounds.object_bytes:
                raise self._web.broken(f"sends an object of more than {self._bounds.object_bytes >> 20} MiB")
            _write_all(descriptor, piece)
        _check_magic(head)
        sop_class, instance, syntax = _identity(head)
        if self._only is not None and instance not in self._only:
            raise _Refused("an object that was not asked for")
        return Received(self._path, sop_class, instance, syntax, size)

    def _disk(self, error: OSError) -> NetworkError:
        folder = shown_path(str(Path(self._path).parent))
        if error.errno in _NO_SPACE:
            words = f"The disk of {folder} is full: make room and fetch the rest."
        else:
            words = f"{folder} cannot be written: {error.strerror or 'no reason given'}."
        return NetworkError(words, Cause.DISK)


_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change the ends of lines


def _write_all(descriptor: int, piece: memoryview) -> None:
    while piece:
        piece = piece[os.write(descriptor, piece) :]


def _check_magic(head: bytes) -> int:
    if head[MAGIC_END - 4 : MAGIC_END] != b"DICM":
        raise _Refused("a part that is no DICOM file")
    return 1


def _identity(head: bytes) -> tuple[str, str, str]:
    """Return the SOP class, the instance and the transfer syntax that a file names. Raise _Refused."""
    try:
        start, _ = begin(head)
        found = meta_values(head, start)
    except (NotDicomError, MalformedError) as error:
        raise _Refused("a part whose File Meta Information is damaged") from error
    if found is None:
        raise _Refused("a part whose File Meta Information is not complete")
    words = [found[0].get(tag, b"").decode("latin-1").strip("\0 ") for tag in _IDENTITY]
    if not all(_UID.fullmatch(word) for word in words):
        raise _Refused("a part whose File Meta Information has no proper UIDs")
    return words[0], words[1], words[2]


_IDENTITY = (META_CLASS, META_INSTANCE, META_SYNTAX)
