"""A file as bytes on disk: its header as a Dataset, and where its Pixel Data begin (PS3.10, PS3.5 7).

What is read here may be hostile: only regular files are opened, sizes are bounded, and what cannot
be read is said in a sentence. Endless loops and memory are the business of the worker process.
"""

import io
import logging
import os
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Self

from pydicom import config
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from viewer.errors import ViewerError

MAX_HEADER_BYTES = 256 << 20  # before the Pixel Data; the largest honest ones are per-frame groups, ~50 MB
MAX_VALUE_BYTES = 64 << 20  # one value; a larger one (an enclosed document) is left out of the header
MAX_NESTING = 64  # sequences within sequences; the standard's own templates stay below 20
MAX_INFLATED_BYTES = 1 << 30
INFLATED_FLOOR = 1 << 20
INFLATED_RATIO = 250  # honest blank masks reach ~200:1

GE_PRIVATE_IMPLICIT_BIG_ENDIAN = "1.2.840.113619.5.2"  # header little endian, Pixel Data big endian
PIXEL_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)  # Float, Double Float, Pixel Data
PREAMBLE = 128
SHORT_HEADER = 8  # bytes of a data element before its value, 12 for the VRs with a 32-bit length
LONG_HEADER = 12
META_OR_IDENTIFYING = (0x0002, 0x0008)  # groups that a file can begin with
UNDEFINED_LENGTH = 0xFFFFFFFF

_SETTINGS = threading.RLock()
logging.getLogger("pydicom").setLevel(
    logging.CRITICAL
)  # it would write values, and so the patient, to the log


class UnreadableError(ViewerError):
    """A file that cannot be used: `reason` says why without naming the file, the message names it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{shown_path(path)}: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the Pixel Data of a file begin."""

    tag: int  # one of PIXEL_TAGS
    vr: str  # "" when the transfer syntax has none
    offset: int  # of the value, bytes from the beginning of the file (of the inflated part if deflated)
    length: int | None  # bytes claimed; None when undefined, as encapsulated data are


@dataclass(frozen=True, slots=True, eq=False)
class DicomFile:
    """One file without its pixels."""

    path: str
    dataset: Dataset  # up to the Pixel Data, with `file_meta`
    transfer_syntax: str  # "" when the file does not say
    little_endian: bool  # of the Pixel Data
    pixels: PixelElement | None
    size: int  # bytes that `read_at` can reach
    identity: tuple[int, int, int, int]  # device, inode, size, mtime: the file has not changed
    inflated: bytes | None = None  # the data set of a deflated file

    def opened(self) -> "ByteSource":
        """Open the file again to read pixels. Raise UnreadableError when it is gone or has changed."""
        if self.inflated is not None:
            return ByteSource(io.BytesIO(self.inflated), self.size)
        stream = open_regular(self.path)
        if identity(stream) != self.identity:
            stream.close()
            raise UnreadableError(self.path, "the file changed while it was being read")
        return ByteSource(stream, self.size)


class ByteSource:
    """Bytes at an offset of an open file, without reading the rest."""

    def __init__(self, stream: io.FileIO | io.BytesIO, size: int) -> None:
        self._stream = stream
        self._size = size
        self._lock = threading.Lock()  # for the systems without pread

    def reach(self, offset: int, size: int) -> int:
        """Return how many of `size` bytes from `offset` the file has."""
        return max(0, min(size, self._size - offset))

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; fewer only at the end of the file."""
        size = self.reach(offset, size)  # never allocate for a length that lies
        if hasattr(os, "pread") and isinstance(self._stream, io.FileIO):
            return self._pread(self._stream.fileno(), offset, size)
        with self._lock:
            self._stream.seek(offset)
            return self._stream.read(size)

    @staticmethod
    def _pread(descriptor: int, offset: int, size: int) -> bytes:
        data = os.pread(descriptor, size, offset)
        if len(data) == size or not data:
            return data
        parts = [data]  # one call returns at most 2 GiB, and less from some network shares
        got = len(data)
        while got < size and (data := os.pread(descriptor, size - got, offset + got)):
            parts.append(data)
            got += len(data)
        return b"".join(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def shown_path(path: str) -> str:
    r"""Return `path` as it can be shown: what is not printable text is escaped (\xff, \n)."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@contextmanager
def tolerant() -> Iterator[None]:
    """Read what can be read: no warnings about values (they would quote the patient), no validation.

    Both are settings of the whole process, so one thread at a time may change them.
    """
    with _SETTINGS, warnings.catch_warnings():
        mode = config.settings.reading_validation_mode
        warnings.simplefilter("ignore")
        config.settings.reading_validation_mode = config.IGNORE
        try:
            yield
        finally:
            config.settings.reading_validation_mode = mode


def read_header(path: str) -> Dataset:
    """Return the data set of a file up to its Pixel Data, with `file_meta`.

    Files without preamble or File Meta Information are read too, deflated ones are inflated (bounded).
    Values above 64 MiB are left out. Raise UnreadableError, a ViewerError, with the reason.
    """
    return read_file(path).dataset


def read_file(path: str) -> DicomFile:
    """Return the header of a file and where its Pixel Data begin. Raise UnreadableError as `read_header`."""
    with _BoundedReader(open_regular(path)) as stream, tolerant():
        try:
            return _parse(path, stream)
        except ViewerError:
            raise
        except RecursionError:
            raise UnreadableError(path, "its sequences are nested too deeply") from None
        except MemoryError:
            raise UnreadableError(path, "its header needs more memory than a header may") from None
        except OSError as error:
            raise UnreadableError(path, f"it cannot be read: {error.strerror or 'input error'}") from None
        except Exception as error:  # noqa: BLE001  the parser meets bytes from outside: any of its errors is the file's
            raise UnreadableError(path, f"its header is damaged ({type(error).__name__})") from None


def open_regular(path: str) -> io.FileIO:
    """Open a regular file for reading, never waiting for a pipe or a device."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not valid"
        raise UnreadableError(path, f"it cannot be opened: {reason}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableError(path, "it is not a regular file")
    return io.FileIO(descriptor)


def identity(stream: io.FileIO | io.BufferedReader) -> tuple[int, int, int, int]:
    """Return device, inode, size and modification time (ns) of an open file."""
    status = os.fstat(stream.fileno())
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


class _BoundedReader(io.BufferedReader):
    """A file whose single reads cannot ask for more than is there, and not for too much together."""

    budget = MAX_HEADER_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self.budget + 1 if size is None or size < 0 else min(size, self.budget + 1)
        data = super().read(wanted)
        self.budget -= len(data)
        if self.budget < 0:
            raise MemoryError
        return data


class _PixelStop:
    """Stops the parser at the Pixel Data and remembers what it saw there."""

    def __init__(self) -> None:
        self.seen: tuple[int, str | None, int] | None = None

    def __call__(self, tag: BaseTag, vr: str | None, length: int) -> bool:
        if tag in PIXEL_TAGS:
            self.seen = (int(tag), vr, length)
            return True
        return False


def _parse(path: str, stream: io.BufferedReader) -> DicomFile:
    mark = identity(stream)
    start = _find_start(path, stream)
    meta = _read_meta(stream, start)
    syntax = str(meta.get("TransferSyntaxUID", "") or "")
    body: BinaryIO = stream
    inflated = None
    if syntax == DeflatedExplicitVRLittleEndian:
        inflated = _inflate(path, stream, mark[2])
        body = io.BytesIO(inflated)
    implicit, little = _encoding(syntax, body)
    stop = _PixelStop()
    dataset = read_dataset(body, implicit, little, stop_when=stop, defer_size=MAX_VALUE_BYTES)
    _check_nesting(path, dataset)
    _drop_deferred(dataset)
    dataset.file_meta = meta
    return DicomFile(
        path,
        dataset,
        syntax,
        little and syntax != GE_PRIVATE_IMPLICIT_BIG_ENDIAN,
        _pixel_element(stop, body.tell()),
        mark[2] if inflated is None else len(inflated),
        mark,
        inflated,
    )


def _pixel_element(stop: _PixelStop, position: int) -> PixelElement | None:
    if stop.seen is None:
        return None
    tag, vr, length = stop.seen
    header = LONG_HEADER if vr in EXPLICIT_VR_LENGTH_32 else SHORT_HEADER
    return PixelElement(tag, vr or "", position + header, None if length == UNDEFINED_LENGTH else length)


def _find_start(path: str, stream: BinaryIO) -> int:
    """Return the offset of the first data element (PS3.10 7.1); tolerate a missing preamble."""
    head = stream.read(PREAMBLE + LONG_HEADER)
    if not head:
        raise UnreadableError(path, "the file is empty")
    data_set_first = _looks_like_element(head)
    if head[PREAMBLE : PREAMBLE + 4] == b"DICM" and not (
        data_set_first and head[PREAMBLE + 4 : PREAMBLE + 6] != b"\x02\x00"
    ):
        return PREAMBLE + 4
    if head[:4] == b"DICM" and _looks_like_element(head[4:]):
        return 4
    if data_set_first:
        return 0
    raise UnreadableError(path, "it is not a DICOM file")


def _looks_like_element(head: bytes) -> bool:
    """Tell whether bytes begin as a data set does: with group 0002 or 0008 and a sane VR or length."""
    if len(head) < SHORT_HEADER:
        return False
    group, _, vr = struct.unpack_from("<HH2s", head)
    explicit = vr.isalpha() and vr.isupper()
    if group in META_OR_IDENTIFYING:
        length: int = struct.unpack_from("<I", head, 4)[0]
        return explicit or length < 1 << 16
    return explicit and head[:2] == b"\x00\x08"  # big endian


def _read_meta(stream: BinaryIO, start: int) -> FileMetaDataset:
    """Read the File Meta Information (PS3.10 7.1), always explicit VR little endian."""
    stream.seek(start)
    if stream.read(2) != b"\x02\x00":
        stream.seek(start)
        return FileMetaDataset()
    stream.seek(start)

    def after_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
        return tag.group != 0x0002  # noqa: PLR2004  the group of the File Meta Information

    meta = read_dataset(stream, False, True, stop_when=after_meta)  # noqa: FBT003  pydicom's own order
    return FileMetaDataset({element.tag: element for element in meta})


def _encoding(syntax: str, body: BinaryIO) -> tuple[bool, bool]:
    """Return whether the data set has implicit VR and whether it is little endian (PS3.5 10, A)."""
    if syntax in (ImplicitVRLittleEndian, GE_PRIVATE_IMPLICIT_BIG_ENDIAN):
        return True, True
    if syntax:
        return False, syntax != ExplicitVRBigEndian
    position = body.tell()
    head = body.read(6)
    body.seek(position)
    explicit = head[4:6].isalpha() and head[4:6].isupper()
    return not explicit, not (explicit and head[:1] == b"\x00" and head[1:2] != b"\x00")


def _inflate(path: str, stream: BinaryIO, size: int) -> bytes:
    """Return the data set of a deflated file (PS3.5 A.5), bounded: a bomb is refused."""
    limit = min(MAX_INFLATED_BYTES, INFLATED_FLOOR + INFLATED_RATIO * size)
    source = zlib.decompressobj(-zlib.MAX_WBITS)
    parts: list[bytes] = []
    total = 0
    while (data := stream.read(1 << 20)) and not source.eof:
        while data and total <= limit:
            parts.append(source.decompress(data, limit + 1 - total))
            total += len(parts[-1])
            data = source.unconsumed_tail
        if total > limit:
            raise UnreadableError(path, f"its deflated data set inflates to more than {limit} bytes")
    return b"".join(parts)


def _drop_deferred(dataset: Dataset) -> None:
    """Leave out values that were too long to read; they must not be fetched behind our back."""
    for tag in list(dataset.keys()):
        element: object = dataset.get_item(tag, keep_deferred=True)
        if isinstance(element, RawDataElement) and element.value is None and element.length > MAX_VALUE_BYTES:
            del dataset[tag]


def _check_nesting(path: str, dataset: Dataset, depth: int = 1) -> None:
    """Refuse sequences nested too deeply, among those that are parsed already."""
    if depth > MAX_NESTING:
        raise UnreadableError(path, f"its sequences are nested more than {MAX_NESTING} deep")
    for tag in dataset.keys():  # noqa: SIM118  iterating a Dataset would convert every element
        element: object = dataset.get_item(tag, keep_deferred=True)
        if isinstance(element, DataElement) and element.VR == "SQ":
            for item in element.value:
                _check_nesting(path, item, depth + 1)
