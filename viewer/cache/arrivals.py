"""What comes into the cache, by which of its doors, and what became of it."""

from dataclasses import dataclass
from enum import Enum

from viewer.dicom.records import InstanceRecord


class Keep(Enum):
    """How a file is kept."""

    COPY = "copy"  # its bytes are copied; the file is left alone
    LINK = "link"  # it stays in place, on a disk that stays
    TAKE = "take"  # it is one of our own files in the cache's tmp folder, and is moved


@dataclass(frozen=True, slots=True)
class Source:
    """Where objects came from."""

    words: str  # as a person says it: "folder CT-12", "CD", "PACS Archive"
    origin: bool  # they may exist nowhere else (a CD, a zip, made here), so they are never evicted unasked


@dataclass(frozen=True, slots=True)
class Arrival:
    """One instance that is to be kept. `record.path` names the file that holds it now."""

    record: InstanceRecord
    source: Source
    keep: Keep = Keep.COPY
    identity: tuple[int, int] | None = (
        None  # size and st_mtime_ns before its header was read; None: not known
    )


class Became(Enum):
    """What became of an arrival."""

    ADDED = "added"
    ALREADY_HERE = "already here"  # with the same bytes
    CONFLICT = (
        "conflict"  # the same SOP Instance UID with other content: kept beside it, and shown as a problem
    )
    FAILED = "failed"  # nothing of it was kept


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to one arrival. What is ADDED or ALREADY_HERE survives a power cut from now on."""

    became: Became
    record: InstanceRecord  # `path` names the file that is used from now on
    reason: str = ""  # of a conflict or a failure, in words
