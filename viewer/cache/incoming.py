"""Files on their way in: read, hashed and copied into the tmp folder, not yet part of the cache."""

import io
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.cache.arrivals import Arrival, Keep
from viewer.cache.decide import Known, Offered
from viewer.cache.disk import Disk, ReadError, Written, adopt_file, close_file, hash_stream, write_file
from viewer.cache.folder import CacheFolder
from viewer.cache.states import State
from viewer.dicom.read import UnreadableError, open_regular
from viewer.dicom.text import shown_path

CHANGED = "it was changed while it was being read; import it again"


@dataclass(frozen=True, slots=True)
class Incoming:
    """An arrival and what is known of its bytes."""

    arrival: Arrival
    offered: Offered
    written: Written | None = None  # its copy in the tmp folder, open

    @property
    def uid(self) -> str:
        """Return the SOP Instance UID."""
        return self.arrival.record.sop_instance_uid

    @property
    def ours(self) -> bool:
        """Tell whether the file in the tmp folder was made here, and not handed in."""
        return self.arrival.keep is not Keep.TAKE


class RefusedError(Exception):
    """One file cannot be taken; the message is the reason in words. The others can."""


def receive(
    disk: Disk, folder: CacheFolder, arrival: Arrival, known: Known | None, *, copy: bool = False
) -> Incoming:
    """Read a file, and copy it where it is to be kept and is not known to be here.

    `copy` asks for a copy in any case. Raises RefusedError for the file, OSError for the cache.
    """
    if arrival.keep is Keep.TAKE:
        return _received_here(disk, folder, arrival)
    path = arrival.record.path
    try:
        with open_regular(path) as stream:
            before = os.fstat(stream.fileno())
            offered = _offered(arrival, before)
            if arrival.identity not in {None, (before.st_size, before.st_mtime_ns)}:
                raise RefusedError(_sentence(path, CHANGED))
            incoming = _read(disk, folder, Incoming(arrival, offered), known, stream, copy=copy)
            after = os.fstat(stream.fileno())
    except UnreadableError as error:
        raise RefusedError(str(error)) from None
    except ReadError as error:
        raise RefusedError(_sentence(path, f"it cannot be read: {error.strerror or 'input error'}")) from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or (
        incoming.written is not None and incoming.written.size != before.st_size
    ):
        discard(disk, incoming)
        raise RefusedError(_sentence(path, CHANGED))
    return incoming


def _read(
    disk: Disk,
    folder: CacheFolder,
    incoming: Incoming,
    known: Known | None,
    stream: io.FileIO,
    *,
    copy: bool,
) -> Incoming:
    """Read as much of a file as is needed to decide."""
    offered = incoming.offered
    if not copy and offered.linked is not None and (known is None or known.linked == offered.linked):
        return incoming
    if not copy and _may_be_here(folder, known, offered):
        sha256, _ = hash_stream(stream)
        if known is not None and sha256 == known.sha256:
            return replace(incoming, offered=replace(offered, sha256=sha256))
        stream.seek(0)
    written = write_file(disk, stream, folder.tmp / secrets.token_hex(16))
    return replace(incoming, offered=replace(offered, sha256=written.sha256, copied=True), written=written)


def _may_be_here(folder: CacheFolder, known: Known | None, offered: Offered) -> bool:
    return (
        known is not None
        and known.sha256 is not None
        and known.size == offered.size
        and known.state is State.WHOLE
        and folder.object_path(known.sha256).exists()
    )


def _received_here(disk: Disk, folder: CacheFolder, arrival: Arrival) -> Incoming:
    """Return a file of our own, as it was put into the tmp folder."""
    path = Path(arrival.record.path)
    if path.parent != folder.tmp:
        raise RefusedError(_sentence(str(path), "it is not in the folder of files that are received"))
    try:
        written = adopt_file(disk, path)
    except FileNotFoundError:
        raise RefusedError(_sentence(str(path), "it is gone")) from None
    offered = Offered(written.sha256, None, written.size, 0, damaged=bool(arrival.record.note), copied=True)
    return Incoming(arrival, offered, written)


def _offered(arrival: Arrival, status: os.stat_result) -> Offered:
    link = arrival.keep is Keep.LINK
    return Offered(
        sha256=None,
        linked=os.fsencode(Path(arrival.record.path).absolute()) if link else None,
        size=status.st_size,
        modified_ns=status.st_mtime_ns if link else 0,
        damaged=bool(arrival.record.note),
        copied=False,
    )


def discard(disk: Disk, incoming: Incoming) -> None:
    """Close and remove the copy of a file; one that was handed in stays for whoever handed it in."""
    if incoming.written is None:
        return
    with suppress(OSError):
        close_file(disk, incoming.written)
    if incoming.ours:
        with suppress(OSError):
            disk.unlink(incoming.written.path)


def sha256_of_link(known: Known) -> str:
    """Return the SHA-256 of a file that stays in place, "" when it cannot be read."""
    try:
        with open_regular(os.fsdecode(known.linked or b"")) as stream:
            return hash_stream(stream)[0]
    except (UnreadableError, OSError):
        return ""


def presence(folder: CacheFolder) -> Callable[[Known], bool]:
    """Return a function that tells whether the file of what is known is there and, if in place, unchanged."""

    def is_there(known: Known) -> bool:
        try:
            status = Path(folder.path_of(known.sha256, known.linked)).stat()
        except OSError:
            return False
        unchanged = known.linked is None or status.st_mtime_ns == known.modified_ns
        return unchanged and status.st_size == known.size

    return is_there


def _sentence(path: str, reason: str) -> str:
    return f"{shown_path(path)}: {reason}"
