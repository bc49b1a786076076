"""Copies of instances for others: DICOM files under names of our own, read back after they were written."""

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.cache.disk import BLOCK, Disk
from viewer.dicom import media_writer
from viewer.dicom.part10 import as_part10
from viewer.dicom.read import UnreadableError, open_regular, read_header
from viewer.dicom.records import InstanceRecord, Refused
from viewer.dicom.stacks import split
from viewer.dicom.text import shown_path
from viewer.dicom.tree import group
from viewer.errors import ViewerError

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

    Each copy is a DICOM file of the standard form and no program as well; a DICOMDIR says what is there.
    What was written before it was cancelled stays, and is in the DICOMDIR. Raises ViewerError when there is
    something already, or nothing can be written.
    """
    root, directory = folder / FOLDER, folder / media_writer.NAME
    _refuse_if_there(root, directory)
    writer = _Writer(disk or Disk())
    files: list[Path] = []
    listed: list[media_writer.Listed] = []
    failed: list[Refused] = []
    names = places(records)
    for record, parts in names:
        if cancelled():
            break
        target = root.joinpath(*parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            reason = writer.copy(record, target)
        except OSError as error:
            raise _unwritable(target, error) from error
        if reason:
            failed.append(Refused(shown_path(record.path), reason))
        else:
            files.append(target)
            listed.append((replace(record, path=str(target)), (FOLDER, *parts)))
        report(len(files) + len(failed), len(names))
    writer.list(listed, directory)
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


def _refuse_if_there(*paths: Path) -> None:
    for path in paths:
        if os.path.lexists(path):
            raise ViewerError(f"{shown_path(str(path))} is there already; choose an empty folder.")


def _header(record: InstanceRecord) -> media_writer.Header | None:
    try:
        return read_header(record.path)
    except ViewerError:
        return None


def _unwritable(target: Path, error: OSError) -> ViewerError:
    reason = error.strerror or "input or output error"
    return ViewerError(f"{shown_path(str(target))} cannot be written: {reason}.")


class _Writer:
    """Writes one copy after the other."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.bytes = 0

    def copy(self, record: InstanceRecord, target: Path) -> str:
        """Copy one file and read it back; return why not, "" when it is there. Raises OSError."""
        try:
            stream = open_regular(record.path)
        except UnreadableError as error:
            return str(error).removeprefix(f"{shown_path(record.path)}: ")
        with stream:
            self.bytes += self._store(_blocks(stream, record), target)
        return ""

    def list(self, listed: Sequence[media_writer.Listed], target: Path) -> None:
        """Write the DICOMDIR, where there is anything to list, and read it back. Raises ViewerError."""
        try:
            if listed:
                self._store([media_writer.directory(listed, _header)], target)
        except OSError as error:
            raise _unwritable(target, error) from error

    def _store(self, blocks: Iterable[bytes], target: Path) -> int:
        """Write blocks into a new file and read it back; return how many bytes. Raises OSError."""
        digest, size = hashlib.sha256(), 0
        descriptor = self._disk.create(target)
        try:
            for block in blocks:
                digest.update(block)
                size += len(block)
                rest = memoryview(block)
                while rest:
                    rest = rest[self._disk.write(descriptor, rest) :]
            self._disk.sync(descriptor)
        except BaseException:
            self._disk.close(descriptor)
            with suppress(OSError):
                self._disk.unlink(target)
            raise
        self._disk.close(descriptor)
        if _hash_of(target) != digest.hexdigest():
            raise OSError(0, "what was written could not be read back as it was")
        return size


def _blocks(stream: io.RawIOBase, record: InstanceRecord) -> Iterator[bytes]:
    """Yield the bytes of a file, which begin as a DICOM file does and not as a program."""
    block = as_part10(stream.read(BLOCK) or b"", record.sop_class_uid, record.sop_instance_uid)
    while block:
        yield block
        block = stream.read(BLOCK) or b""


def _hash_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
