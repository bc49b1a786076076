"""Objects that no row tells of: left by a batch that did not end, or by an index that is gone."""

import sqlite3
from collections.abc import Callable, Sequence

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
) -> tuple[list[Incoming], list[str]]:
    """Return those objects that are instances, as files that come in and are in their place already.

    And the names of those that could not be read now, for which another start may have more luck. One that
    was read and is no instance is in neither: it stays, and there is no need to look at it again. One whose
    bytes are not those of its name is moved into quarantine.
    """
    sizes: dict[str, int] = {}
    unread: list[str] = []
    for sha256 in orphans:
        try:
            size = _checked(disk, folder, sha256)
        except (UnreadableError, OSError):
            unread.append(sha256)
            continue
        if size is not None:
            sizes[sha256] = size
    outcomes = dict(zip(sizes, _headers(folder, list(sizes), index), strict=True))
    found = [
        Incoming(
            Arrival(outcome, _source(connection, sha256)),
            Offered(sha256, None, sizes[sha256], 0, damaged=bool(outcome.note), copied=True),
        )
        for sha256, outcome in outcomes.items()
        if isinstance(outcome, InstanceRecord)
    ]
    return found, unread


def _headers(
    folder: CacheFolder, names: Sequence[str], index: Index
) -> list[InstanceRecord | Refused | Skipped]:
    """Read the headers of objects; ask twice for one that is refused, as the reader may have failed."""
    outcomes = list(index([str(folder.object_path(sha256)) for sha256 in names]))
    again = [place for place, outcome in enumerate(outcomes) if isinstance(outcome, Refused)]
    if again:
        anew = index([str(folder.object_path(names[place])) for place in again])
        for place, outcome in zip(again, anew, strict=True):
            outcomes[place] = outcome
    return outcomes


def _checked(disk: Disk, folder: CacheFolder, sha256: str) -> int | None:
    """Return the size of an object; None when it is gone, or was not what its name says.

    Raises UnreadableError or OSError when it cannot be read or moved now.
    """
    path = folder.object_path(sha256)
    if not path.exists():
        return None
    with open_regular(str(path)) as stream:
        found, size = hash_stream(stream)
    if found == sha256:
        return size
    disk.rename(path, folder.quarantine / sha256)
    return None


def _source(connection: sqlite3.Connection, sha256: str) -> Source:
    row = connection.execute("SELECT source, origin FROM work.arrival WHERE object = ?", (sha256,)).fetchone()
    return FOUND if row is None else Source(row[0], origin=bool(row[1]))
