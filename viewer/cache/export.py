"""Copies of instances for others: DICOM files under names of our own, read back after they were written."""

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from viewer.cache.disk import BLOCK, Disk
from viewer.dicom.preamble import PREAMBLE
from viewer.dicom.read import UnreadableError, open_regular
from viewer.dicom.records import InstanceRecord, Refused
from viewer.dicom.stacks import split
from viewer.dicom.text import shown_path
from viewer.dicom.tree import group
from viewer.errors import ViewerError

TIFF = (b"II*\0", b"MM\0*")  # a preamble that makes the file a TIFF as well stays; any other may be a program
FOLDER = "DICOM"  # on the medium; names are of 8 letters and digits without an extension (PS3.10 8.2)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    files: tuple[Path, ...] = ()  # in the order of the tree; each was read back
    bytes: int = 0
    failed: tuple[Refused, ...] = ()  # instances that could not be read, and why
    cancelled: bool = False


def export(
    records: Sequence[InstanceRecord],
    folder: Path,
    *,
    report: Callable[[int, int], None] = lambda _done, _of: None,
    cancelled: Callable[[], bool] = lambda: False,
    disk: Disk | None = None,
) -> Exported:
    """Copy instances to `folder`/DICOM/PAT00001/STU00001/SER00001/IMG00001 and read each one back.

    The preamble of each is zeroed, so that no copy is a program as well. What was written before it was
    cancelled stays. Raises ViewerError when there is something already, or nothing can be written.
    """
    root = folder / FOLDER
    if os.path.lexists(root):
        raise ViewerError(f"{shown_path(str(root))} is there already; choose an empty folder.")
    writer = _Writer(disk or Disk())
    files: list[Path] = []
    failed: list[Refused] = []
    names = places(records)
    for record, parts in names:
        if cancelled():
            break
        target = root.joinpath(*parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            reason = writer.copy(record.path, target)
        except OSError as error:
            reason = error.strerror or "input or output error"
            raise ViewerError(f"{shown_path(str(target))} cannot be written: {reason}.") from error
        if reason:
            failed.append(Refused(shown_path(record.path), reason))
        else:
            files.append(target)
        report(len(files) + len(failed), len(names))
    done = len(files) + len(failed)
    return Exported(tuple(files), writer.bytes, tuple(failed), cancelled=done < len(names))


def places(records: Sequence[InstanceRecord]) -> list[tuple[InstanceRecord, tuple[str, ...]]]:
    """Return where each instance goes, by patient, study, series and order of its images. Pure."""
    found: list[tuple[InstanceRecord, tuple[str, ...]]] = []
    for p, patient in enumerate(group(records), 1):
        for s, study in enumerate(patient.studies, 1):
            for n, series in enumerate(study.series, 1):
                place = (f"PAT{p:05}", f"STU{s:05}", f"SER{n:05}")
                images = [record for stack in split(series.instances) for record in stack.records]
                seen = {record.sop_instance_uid for record in images}
                others = [record for record in series.instances if record.sop_instance_uid not in seen]
                ordered = dict.fromkeys(record.sop_instance_uid for record in (*images, *others))
                by_uid = {record.sop_instance_uid: record for record in series.instances}
                found += [(by_uid[uid], (*place, f"IMG{i:05}")) for i, uid in enumerate(ordered, 1)]
    return found


class _Writer:
    """Writes one copy after the other."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.bytes = 0

    def copy(self, source: str, target: Path) -> str:
        """Copy one file and read it back; return why not, "" when it is there. Raises OSError."""
        try:
            stream = open_regular(source)
        except UnreadableError as error:
            return str(error).removeprefix(f"{shown_path(source)}: ")
        with stream:
            descriptor = self._disk.create(target)
            try:
                expected, size = self._written(stream, descriptor)
                self._disk.sync(descriptor)
            except BaseException:
                self._disk.close(descriptor)
                with suppress(OSError):
                    self._disk.unlink(target)
                raise
            self._disk.close(descriptor)
        if _hash_of(target) != expected:
            raise OSError(0, "what was written could not be read back as it was")
        self.bytes += size
        return ""

    def _written(self, stream: io.RawIOBase, descriptor: int) -> tuple[str, int]:
        """Write a stream with a preamble of zeros; return the SHA-256 and size of what was to be written."""
        digest, size = hashlib.sha256(), 0
        block = without_preamble(stream.read(BLOCK) or b"")
        while block:
            digest.update(block)
            size += len(block)
            rest = memoryview(block)
            while rest:
                rest = rest[self._disk.write(descriptor, rest) :]
            block = stream.read(BLOCK) or b""
        return digest.hexdigest(), size


def without_preamble(start: bytes) -> bytes:
    """Return the start of a file with a preamble of zeros, where it has one that is no TIFF's."""
    if start[PREAMBLE : PREAMBLE + 4] != b"DICM" or start.startswith(TIFF):
        return start
    return bytes(PREAMBLE) + start[PREAMBLE:]


def _hash_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
