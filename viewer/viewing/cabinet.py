"""What the study browser works with, handed to the window in one piece."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from viewer.cache.eviction import Limits
from viewer.cache.store import Store
from viewer.jobs.decode import DecoderPool
from viewer.viewing.loader import Loader
from viewer.viewing.remote import Remote


def _unlimited() -> Limits | None:
    return None


@dataclass(frozen=True, slots=True)
class Cabinet:
    """The cache of this computer, or why there is none; and readers of its own for what is looked through."""

    store: Store | None
    loader: Loader  # not that of the images: the same UID may be another file there
    pool: DecoderPool
    scratch: Path  # into which zips are unpacked
    reason: str = ""  # why there is no store, in a sentence
    limits: Callable[[], Limits | None] = _unlimited  # what the user set, None: by the disk; for job threads
    remote: Remote | None = None  # peers; None: as if there were none, and none can be added
