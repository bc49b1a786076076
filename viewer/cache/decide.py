"""What becomes of an instance that arrives, given what is here under its SOP Instance UID. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from viewer.cache.states import State


@dataclass(frozen=True, slots=True)
class Known:
    """What the index says of a SOP Instance UID."""

    sha256: str | None  # of the object, None for a file in place
    linked: bytes | None  # the path of the file in place
    size: int  # bytes
    modified_ns: int  # of a file in place when it was read
    state: State
    damaged: bool  # its record says that something is wrong with it


@dataclass(frozen=True, slots=True)
class Offered:
    """What arrives under the same UID."""

    sha256: str | None  # None for a file in place that was not read as a whole
    linked: bytes | None  # the path of a file that is to stay in place
    size: int
    modified_ns: int
    damaged: bool
    copied: bool  # there is a copy of it that can become an object


class Verdict(Enum):
    """What is to be done."""

    ADD = "nothing is here yet"
    SAME = "it is here already"
    HEAL = "the same bytes, and better kept: they take the place of what is here"
    REPLACE = "what is here is gone, or damaged where this is whole: this takes its place"
    BESIDE = "other content under the same UID: kept beside the first"
    AGAIN = "it must be copied before anything can be said"


def decide(
    known: Known | None,
    offered: Offered,
    is_there: Callable[[Known], bool],
    sha256_of: Callable[[Known], str],
) -> Verdict:
    """Return what becomes of what is offered.

    `is_there` tells whether the file of what is known is there and, if in place, unchanged; `sha256_of` reads
    a file in place, "" when it cannot be read. Of two files of one instance the first stays, but a whole one
    rather than a damaged one, as in dicom.tree.Library.
    """
    if known is None:  # without a copy it was here when it was read, and has been removed since
        return Verdict.ADD if offered.copied or offered.sha256 is None else Verdict.AGAIN
    if offered.sha256 is None:
        return _in_place(known, offered)
    usable = known.state is State.WHOLE and is_there(known)
    if not usable:
        return _instead(known, offered)
    if offered.sha256 == (known.sha256 or sha256_of(known)):
        better = known.linked is not None and offered.linked is None and offered.copied
        return Verdict.HEAL if better else Verdict.SAME
    if not offered.copied:
        return Verdict.AGAIN
    return Verdict.REPLACE if known.damaged and not offered.damaged else Verdict.BESIDE


def _in_place(known: Known, offered: Offered) -> Verdict:
    """Return what becomes of a file that stays in place and was not read as a whole."""
    if known.linked != offered.linked:
        return Verdict.AGAIN
    unchanged = (known.size, known.modified_ns) == (offered.size, offered.modified_ns)
    return Verdict.SAME if unchanged and known.state is State.WHOLE else Verdict.REPLACE


def _instead(known: Known, offered: Offered) -> Verdict:
    """Return what becomes of what is offered where the file of what is known cannot be used."""
    if not offered.copied:
        return Verdict.AGAIN
    return Verdict.HEAL if offered.sha256 == known.sha256 else Verdict.REPLACE
