"""Objects that come in, as Part 10 files of a folder (PS3.10 7.1).

The bytes of the data set stay as they came. A file is named by chance, never by a UID: `<hex>.part` until it
is whole, `<hex>.dcm` from then on.
"""

import errno
import os
import re
import struct
import uuid
from collections.abc import Iterable
from pathlib import Path

from viewer.dicom.elements import EXPLICIT, IMPLICIT, MalformedError, elements
from viewer.dicom.part10 import IMPLEMENTATION_NAME, IMPLEMENTATION_UID
from viewer.dicom.uids import EXPLICIT_BIG, IMPLICIT_LITTLE
from viewer.network.dimse import status
from viewer.network.dimse.command import Command, Field, text
from viewer.network.peer import Received

UNFINISHED, FINISHED = ".part", ".dcm"
# Bytes that are written at a time: most objects at once, when the peer has its answer and reads the next one.
# Memory does not grow with the objects; a fragment and the head of a file have room in any case.
AT_ONCE = 1 << 20
_PREFIX = bytes(128) + b"DICM"
_META_LENGTH = struct.Struct("<HH2sHI")
_META_VERSION = struct.pack("<HH2sHI", 2, 1, b"OB", 0, 2) + b"\0\1"
_ELEMENT = struct.Struct("<HH2sH")
_IMPLICIT = struct.Struct("<HHI")
_HARMLESS = re.compile(
    r"[0-9A-Za-z._-]{1,128}"
)  # a UID has digits and dots; others are odd, these are hostile
_LOOKED_AT = 1 << 16  # bytes of a data set in which its UIDs are looked for
_SOP_CLASS, _SOP_INSTANCE, _STUDY = 0x00080016, 0x00080018, 0x0020000D
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG}


class RefusedError(Exception):
    """An object that is not kept: the status that is answered, and why, in words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class Receiver:
    """Takes one object after the other into files of a folder."""

    def __init__(self, folder: Path, source_ae_title: str, at_once: int = 0) -> None:
        """`at_once`: bytes that are written at a time, by default AT_ONCE; a fragment has to have room."""
        self._folder = str(folder)
        self._source = source_ae_title
        self._buffer = memoryview(bytearray(at_once or AT_ONCE))
        self._used = 0
        self._begin("", "", "")

    def _begin(self, sop_class: str, instance: str, syntax: str) -> None:
        self._class, self._instance, self._syntax = sop_class, instance, syntax
        meta = file_head(sop_class, instance, syntax, self._source)
        self._meta = self._used = len(meta)  # bytes in front of the data set: one write takes both
        self._buffer[: self._used] = meta
        self._written = 0
        self._head = b""
        self._name = ""
        self._file = -1
        self._failure: OSError | None = None  # of a write, while the rest of the object still comes

    def begin(self, command: Command, transfer_syntax: str) -> None:
        """Expect the data set of a C-STORE-RQ."""
        self.discard()
        self._begin(
            text(command, Field.AFFECTED_SOP_CLASS), text(command, Field.AFFECTED_INSTANCE), transfer_syntax
        )

    # ------------------------------------------------------------------------------ what an association fills
    def room(self, length: int) -> memoryview:
        """Return where the next `length` bytes go. What a full disk cannot take is passed over."""
        if self._used + length > len(self._buffer):
            self._spill()
            self._used = 0
        start, self._used = self._used, self._used + length
        return self._buffer[start : self._used]

    def _spill(self) -> None:
        """Write what there is so far."""
        if self._failure is not None:
            return
        try:
            if not self._written:
                self._head = bytes(self._beginning())
                self._open()
            _write(self._file, self._buffer[: self._used])
            self._written += self._used
        except OSError as error:
            self._failure = error

    def _open(self) -> None:
        self._name = uuid.uuid4().hex
        self._file = os.open(self._path(UNFINISHED), _FLAGS, 0o600)

    def _path(self, suffix: str) -> str:
        return f"{self._folder}{os.sep}{self._name}{suffix}"

    def _beginning(self) -> memoryview:
        """Return what there is of the beginning of the data set, before any of it is written."""
        return self._buffer[self._meta : min(self._used, self._meta + _LOOKED_AT)]

    # ------------------------------------------------------------------------------------------- at the end
    def study(self, candidates: Iterable[str]) -> str:
        """Return of which of some studies the object is, "" for none; the first where it cannot be told."""
        head, unread = self._looked_at()
        return next((uid for uid in candidates if unread or _holds(head, _STUDY, uid, self._syntax)), "")

    def check(self, study_instance_uid: str = "") -> None:
        """Raise RefusedError when what came is not what it should be, OSError when it could not be written.

        `study_instance_uid` is the study that was asked for, "" for any.
        """
        try:
            if self._failure is not None:
                raise self._failure
            self._check(study_instance_uid)
        except (OSError, RefusedError):
            self.discard()
            raise

    def finish(self) -> Received:
        """Make what came, and was checked, a file. Raises OSError."""
        try:
            return self._finished()
        except OSError:
            self.discard()
            raise

    def _finished(self) -> Received:
        if not self._written:
            self._open()
        _write(self._file, self._buffer[: self._used])
        file, self._file = self._file, -1
        os.close(file)
        path = self._path(FINISHED)
        os.rename(self._path(UNFINISHED), path)  # noqa: PTH104  a thousand times a study
        self._name = ""
        size = self._written + self._used
        return Received(path, self._class, self._instance, self._syntax, size)

    def discard(self) -> None:
        """Leave nothing of an object that did not come to its end."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._name:
            Path(self._path(UNFINISHED)).unlink(missing_ok=True)
            self._name = ""

    def _check(self, study: str) -> None:
        """Compare what the command says with what the data set says."""
        for uid in (self._class, self._instance):
            if not _HARMLESS.fullmatch(uid):
                raise RefusedError(status.DOES_NOT_MATCH, "its UID is not one")
        if not self._written and self._used == self._meta:
            raise RefusedError(status.CANNOT_UNDERSTAND, "it is empty")
        head, unread = self._looked_at()
        for tag, uid in ((_SOP_CLASS, self._class), (_SOP_INSTANCE, self._instance), (_STUDY, study)):
            if uid and not unread and not _holds(head, tag, uid, self._syntax):
                raise RefusedError(status.DOES_NOT_MATCH, "it is not the one that was announced")

    def _looked_at(self) -> tuple[bytes | memoryview, bool]:
        """Return the beginning of the data set, and whether it cannot be read here."""
        head = self._head or self._beginning()
        # Whoever takes the file looks at all of it.
        return head, self._syntax.startswith((EXPLICIT_BIG, "1.2.840.10008.1.2.1.99"))


def is_full(error: OSError) -> bool:
    """Tell whether the disk has no room, rather than anything else being wrong with it."""
    return error.errno in _FULL


def file_head(sop_class: str, instance: str, syntax: str, source: str) -> bytes:
    """Return the preamble and the File Meta Information of a data set that is kept as it came."""
    body = b"".join(
        (
            _META_VERSION,
            _meta(0x02, b"UI", sop_class),
            _meta(0x03, b"UI", instance),
            _meta(0x10, b"UI", syntax),
            _meta(0x12, b"UI", IMPLEMENTATION_UID),
            _meta(0x13, b"SH", IMPLEMENTATION_NAME),
            _meta(0x16, b"AE", source),
        )
    )
    return _PREFIX + _META_LENGTH.pack(2, 0, b"UL", 4, len(body)) + body


def _meta(element: int, vr: bytes, value: str) -> bytes:
    data = value.encode("latin-1", "replace")
    data += (b"\0" if vr == b"UI" else b" ") * (len(data) % 2)
    return _ELEMENT.pack(2, element, vr, len(data)) + data


def _holds(head: bytes | memoryview, tag: int, uid: str, syntax: str) -> bool:
    """Tell whether a data set says that its UID is this one, or does not say it where it is looked for."""
    data = bytes(head[:_LOOKED_AT]) if len(head) <= _QUICK else bytes(head[:_QUICK])
    if _element(tag, uid, syntax) in data:
        return True
    encoding = IMPLICIT if syntax == IMPLICIT_LITTLE else EXPLICIT
    whole = bytes(head)
    try:
        for element in elements(whole, 0, len(whole), encoding):
            if element.tag == tag:
                found = whole[element.start : element.end].decode("latin-1").strip("\0 ")
                return found in {"", uid}
            if element.tag > tag:
                break
    except MalformedError:
        pass  # cut off by what is looked at, or damaged: the reader of the file says which
    return True


_QUICK = 4096  # bytes in which most data sets have both UIDs


def _element(tag: int, uid: str, syntax: str) -> bytes:
    """Return an element as a data set has it."""
    data = uid.encode("latin-1", "replace")
    data += b"\0" * (len(data) % 2)
    if syntax == IMPLICIT_LITTLE:
        return _IMPLICIT.pack(tag >> 16, tag & 0xFFFF, len(data)) + data
    return _ELEMENT.pack(tag >> 16, tag & 0xFFFF, b"UI", len(data)) + data


def _write(file: int, view: memoryview) -> None:
    while view:
        view = view[os.write(file, view) :]
