"""One transfer as values: what was asked for, how far it is, and how it is written down."""

import json
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from viewer.network.retrieving.retrieve_plan import Wanted

MOST_MISSING = 2000  # objects of which the reason is written down; of more, the count


class Kind(Enum):
    """Which way objects go."""

    RETRIEVE = "retrieve"
    SEND = "send"


class State(Enum):
    """Where a transfer stands."""

    WAITING = "waiting"  # for its turn
    RUNNING = "running"
    PAUSED = "paused"  # by a person, or because something here has to be done first: `sentence` says what
    COMPLETE = "complete"
    SHORT = "short"  # it ended, and objects are missing
    FAILED = "failed"  # nothing could be done
    CANCELLED = "cancelled"


ENDED = frozenset({State.COMPLETE, State.SHORT, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Job:
    """What was asked for."""

    kind: Kind
    peer: str  # its name
    title: str  # what a person calls it
    wanted: Wanted | None = None  # of a retrieve
    sop_instance_uids: tuple[str, ...] = ()  # of a send
    others: tuple[str, ...] = ()  # of a retrieve: peers that have it, too, and are asked for what is missing
    told: int = 0  # of a retrieve: objects that the fullest of them says that it has; 0 where none says

    def document(self) -> str:
        """Return it as JSON."""
        found = asdict(self) | {"kind": self.kind.value}
        return json.dumps(found, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Missing:
    """One object that is not where it should be, and why."""

    sop_instance_uid: str
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a transfer is."""

    done: int = 0  # objects
    total: int | None = None  # None while nobody knows
    bytes: int = 0
    sentence: str = ""  # what a person should know
    missing: tuple[Missing, ...] = ()
    short: int = 0  # how many are missing, also those that `missing` leaves out
    kept: int = 0  # of a send: that the peer promised to keep

    def document(self) -> str:
        """Return it as JSON."""
        found = asdict(self) | {"missing": [[one.sop_instance_uid, one.reason] for one in self.missing]}
        return json.dumps(found, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Ended:
    """How the work on a transfer ended."""

    state: State
    standing: Standing


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One row of the list of transfers."""

    id: int
    kind: Kind
    peer: str
    title: str
    state: State
    done: int  # objects
    total: int | None  # None while nobody knows
    bytes: int
    bytes_per_second: float
    seconds_left: float | None  # None while nobody can tell
    sentence: str
    short: int  # objects that are missing at its end
    missing: tuple[Missing, ...] = ()
    study_instance_uid: str = ""  # of a retrieve
    kept: int = 0  # of a send: objects that the peer promised to keep


def job_of(text: str) -> Job:
    """Return a job that was written down. Raises ValueError."""
    try:
        found = json.loads(text)
        wanted = found["wanted"]
        return Job(
            Kind(found["kind"]),
            str(found["peer"]),
            str(found["title"]),
            None if wanted is None else _wanted(wanted),
            tuple(map(str, found["sop_instance_uids"])),
            tuple(map(str, found.get("others", ()))),
            int(found.get("told", 0)),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("no transfer") from error


def _wanted(found: dict[str, Any]) -> Wanted:
    return Wanted(
        str(found["study_instance_uid"]),
        tuple(map(str, found["series_instance_uids"])),
        tuple(map(str, found["sop_instance_uids"])),
        str(found["first_series"]),
    )


def standing_of(text: str) -> Standing:
    """Return how far a transfer was when that was written down; nothing done for what cannot be read."""
    try:
        found = json.loads(text)
        total = found["total"]
        return Standing(
            int(found["done"]),
            None if total is None else int(total),
            int(found["bytes"]),
            str(found["sentence"]),
            tuple(Missing(str(uid), str(reason)) for uid, reason in found["missing"]),
            int(found["short"]),
            int(found.get("kept", 0)),
        )
    except (KeyError, TypeError, ValueError):
        return Standing()
