"""How what was opened is kept: linked where it stays, copied where it goes away."""

import os
from collections.abc import Sequence
from pathlib import Path

from viewer.cache.arrivals import Arrival, Keep, Source
from viewer.cache.store import Store
from viewer.dicom.archive import is_zip
from viewer.dicom.records import InstanceRecord
from viewer.jobs.importing import how_to_keep, source_words


def arrivals(paths: Sequence[str], records: Sequence[InstanceRecord], store: Store) -> list[Arrival]:
    """Return how the instances that were found in `paths` are kept; it looks at the disk.

    What lies in none of them was unpacked from a zip, and is copied. What lies in the cache is left out.
    """
    roots = [(_folder(path), how_to_keep(path), path) for path in paths if not is_zip(path)]
    own = _with_end(str(store.folder.root.absolute()))
    found = []
    for record in records:
        where = os.path.abspath(record.path)  # noqa: PTH100  a link stays a link
        if where.startswith(own):
            continue
        keep, root = next(
            ((keep, path) for folder, keep, path in roots if where.startswith(folder)), (None, "")
        )
        keep, root = (keep, root) if keep is not None else (Keep.COPY, _archive(paths))
        found.append(Arrival(record, Source(source_words(root, keep), origin=True), keep))
    return found


def _archive(paths: Sequence[str]) -> str:
    return next((path for path in paths if is_zip(path)), paths[0])


def _folder(path: str) -> str:
    """Return the folder that a path means, with its end: that of a file is the one it lies in."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100  a link stays a link
    return _with_end(str(whole if whole.is_dir() else whole.parent))


def _with_end(folder: str) -> str:
    return folder if folder.endswith(os.sep) else folder + os.sep
