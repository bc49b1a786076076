"""Objects that no row tells of: left by a batch that did not end, or by an index that is gone."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress

from viewer.cache.arrivals import Arrival, Source
from viewer.cache.decide import Offered
from viewer.cache.disk import Disk, hash_stream
from viewer.cache.folder import CacheFolder
from viewer.cache.incoming import Incoming
from viewer.dicom.read import UnreadableError, open_regular
from viewer.dicom.records import InstanceRecord, Refused, Skipped

Index = Callable[[Sequence[str]], Sequence[InstanceRecord | Refused | Skipped]]

FOUND = Source("found in the cache", origin=True)  # nothing says where it came from: it is never evicted


def returning(
    disk: Disk, folder: CacheFolder, connection: sqlite3.Connection, orphans: Sequence[str], index: Index
) -> list[Incoming]:
    """Return those objects that are instances, as files that come in and are in their place already.

    One whose bytes are not those of its name is moved into quarantine. Raises OSError.
    """
    sizes: dict[str, int] = {}
    for sha256 in orphans:
        with suppress(UnreadableError, FileNotFoundError):
            size = _checked(disk, folder, sha256)
            if size is not None:
                sizes[sha256] = size
    outcomes = index([str(folder.object_path(sha256)) for sha256 in sizes])
    return [
        Incoming(
            Arrival(outcome, _source(connection, sha256)),
            Offered(sha256, None, size, 0, damaged=bool(outcome.note), copied=True),
        )
        for (sha256, size), outcome in zip(sizes.items(), outcomes, strict=True)
        if isinstance(outcome, InstanceRecord)
    ]


def _checked(disk: Disk, folder: CacheFolder, sha256: str) -> int | None:
    """Return the size of an object; None when it was not what its name says. Raise UnreadableError."""
    path = folder.object_path(sha256)
    with open_regular(str(path)) as stream:
        found, size = hash_stream(stream)
    if found == sha256:
        return size
    disk.rename(path, folder.quarantine / sha256)
    return None


def _source(connection: sqlite3.Connection, sha256: str) -> Source:
    row = connection.execute("SELECT source, origin FROM work.arrival WHERE object = ?", (sha256,)).fetchone()
    return FOUND if row is None else Source(row[0], origin=bool(row[1]))
