"""The members of a zip archive as files of our own, one by one, within limits.

The names in an archive are only names: members are written under numbers, so that none can leave the
folder. Sizes are counted as they come out, not believed.
"""

import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from viewer.dicom.natural import natural_key
from viewer.dicom.read import UnreadableError, open_regular
from viewer.dicom.records import Refused
from viewer.errors import ViewerError

_BLOCK = 1 << 20  # bytes inflated at a time
_DEEPEST = 1  # a zip within a zip is opened, one within that is not
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # a member, or the end of an archive without members
_ENCRYPTED = 0x1
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken out of one archive, its inner archives together."""

    members: int = 200_000
    member_bytes: int = 4 * _GIB
    total_bytes: int = 64 * _GIB
    reserve_bytes: int = 2 * _GIB  # that stay free on the disk
    suspicious_bytes: int = _GIB  # of one member, and of all together, above which the ratio is looked at
    suspicious_ratio: int = 500  # a blank image reaches 1,000, and less with its header; a study does not


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One member as a file."""

    path: str  # where it is now
    member_name: str  # in the archive; never a path of ours
    shown: str  # "study.zip: IMAGES/IM1": what a person is told


class _StopError(ViewerError):
    """Nothing more is taken out of this archive."""


def is_zip(path: str) -> bool:
    """Tell whether a file begins as a zip archive and is not a DICOM file with such a preamble."""
    try:
        with open_regular(path) as stream:
            head = stream.read(132)
    except (OSError, UnreadableError):
        return False
    return head.startswith(_MAGIC) and head[128:132] != b"DICM"


def unpack(
    zip_path: str, scratch: Path, *, cancelled: Callable[[], bool], limits: Limits = DEFAULT_LIMITS
) -> Iterator[Unpacked | Refused]:
    """Yield each member of an archive as a new file below `scratch`, in natural order of their names.

    Folders in the archive are passed over; a member that is encrypted, a link, damaged or too large is
    Refused, and so is the archive when its limits are reached: what came before stays usable.
    """
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="zip-", dir=scratch))
    free = shutil.disk_usage(folder).free - limits.reserve_bytes
    budget = _Budget(limits, min(limits.total_bytes, free), cancelled)
    try:
        budget.archive_bytes = Path(zip_path).stat().st_size
    except OSError:
        budget.archive_bytes = 0  # the next line says why it cannot be read
    try:
        yield from _members(zip_path, zip_path, folder, budget)
    except _StopError as error:
        yield Refused(zip_path, str(error))


class _Budget:
    """What may still be taken out."""

    def __init__(self, limits: Limits, total: int, cancelled: Callable[[], bool]) -> None:
        self.limits, self.cancelled = limits, cancelled
        self._left = total
        self.members = 0
        self.archive_bytes = 0  # of the archive itself: its members may claim more
        self._compressed = 0  # bytes of it that were read
        self._kept = 0  # bytes that members have taken on the disk

    def count_member(self) -> None:
        self.members += 1
        if self.members > self.limits.members:
            raise _StopError(
                f"the archive has more than {self.limits.members:,} files; the rest was not read"
            )

    def count_bytes(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _StopError(
                "the archive holds more than fits on the disk or than is allowed; the rest was not read"
            )

    def count_compressed(self, size: int) -> None:
        """Count what a member of the outermost archive takes there."""
        self._compressed += size

    def count_kept(self, size: int) -> None:
        """Count a whole member; what was refused costs nothing but its time."""
        self._kept += size
        read = max(min(self._compressed, self.archive_bytes), 1)
        if self._kept > self.limits.suspicious_bytes and self._kept > self.limits.suspicious_ratio * read:
            raise _StopError(
                "the archive unpacks to far more than images can; it was taken for a bomb, and the rest was "
                "not read"
            )


def _members(
    zip_path: str, shown: str, folder: Path, budget: _Budget, depth: int = 0
) -> Iterator[Unpacked | Refused]:
    try:
        archive = zipfile.ZipFile(zip_path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        yield Refused(shown, "the zip archive is damaged: its list of files cannot be read")
        return
    with archive:
        for member in sorted(archive.infolist(), key=lambda info: natural_key(os.fsencode(_name(info)))):
            if budget.cancelled():
                return
            if not member.is_dir():
                yield from _one(archive, member, f"{shown}: {_name(member)}", folder, budget, depth)


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates


def _one(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, shown: str, folder: Path, budget: _Budget, depth: int
) -> Iterator[Unpacked | Refused]:
    budget.count_member()
    if depth == 0:
        budget.count_compressed(member.compress_size)
    reason = _unwanted(member)
    path = folder / f"{budget.members:06d}"
    if not reason:
        reason = _write(archive, member, path, budget)
    if reason:
        yield Refused(shown, reason)
    elif not is_zip(str(path)):
        yield Unpacked(str(path), _name(member), shown)
    else:
        if depth < _DEEPEST:
            yield from _members(str(path), shown, folder, budget, depth + 1)
        else:
            yield Refused(shown, "a zip archive too deep inside of another; it was not opened")
        path.unlink(missing_ok=True)


def _unwanted(member: zipfile.ZipInfo) -> str:
    """Return why a member is not taken out, "" when it is."""
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        return "a link or a special file in the archive; it was not followed"
    if member.flag_bits & _ENCRYPTED:
        return "encrypted in the archive; unpack it with its password first"
    return ""


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, budget: _Budget) -> str:
    """Write one member to a new file; return why that failed, "" when it did not. Raise _StopError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    reason, whole = "", False
    try:
        with archive.open(member) as source, os.fdopen(os.open(path, flags, 0o600), "wb") as target:
            written = 0
            while (block := source.read(_BLOCK)) and not (reason or budget.cancelled()):
                written += len(block)
                budget.count_bytes(len(block))
                target.write(block)
                reason = _too_much(written, member, budget.limits)
            if not (block or reason):
                budget.count_kept(written)
                whole = True
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error):
        reason = "damaged in the archive"
    except (NotImplementedError, RuntimeError):
        reason = "compressed in a way that cannot be read here; unpack the archive with another program"
    except OSError as error:
        reason = f"it could not be unpacked: {error.strerror or 'input error'}"
    finally:
        if not whole:
            path.unlink(missing_ok=True)
    return reason if whole or reason else "not unpacked: the reading was stopped"


def _too_much(written: int, member: zipfile.ZipInfo, limits: Limits) -> str:
    if written > limits.member_bytes:
        return f"larger than {limits.member_bytes / _GIB:.3g} GiB; it was not unpacked"
    ratio = limits.suspicious_ratio * max(member.compress_size, 1)
    if written > limits.suspicious_bytes and written > ratio:
        return "unpacks to far more than an image can; it was taken for a bomb and not unpacked"
    return ""
