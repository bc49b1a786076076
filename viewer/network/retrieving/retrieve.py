"""Retrieving: what a peer lists is fetched until it is all here, or it is said what is missing and why.

A status of success never counts as proof: only what is here does. What is here is not fetched again, so to
resume is to ask once more.
"""

import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from viewer.dicom.text import printable
from viewer.network.dimse.status import UNKNOWN_DESTINATION
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Method, Peer, Received
from viewer.network.retrieving.retrieve_by_dimse import by_get, by_move
from viewer.network.retrieving.retrieve_by_web import by_web
from viewer.network.retrieving.retrieve_listing import listing
from viewer.network.retrieving.retrieve_methods import WORDS, Remembered
from viewer.network.retrieving.retrieve_plan import Item, Wanted, batches, missing
from viewer.network.retrieving.retrieve_round import Aim, Hearing, Round
from viewer.network.services import Services

PAUSES = (1.0, 2.0, 4.0)  # s before each further round that follows one that brought nothing, or too little
STALE = 2.0  # s after which a list of what there is is asked for again: a study may grow meanwhile
_MOST_LISTS = 5  # times that a study is followed while it grows; then the report counts what is listed
_TICK = 0.05  # s between two looks whether it is cancelled
# What will not be otherwise in a few seconds.
_FINAL = frozenset(
    {
        Cause.NAME,
        Cause.NOT_DICOM,
        Cause.TLS,
        Cause.CALLED_AE,
        Cause.CALLING_AE,
        Cause.REJECTED,
        Cause.NO_CONTEXT,
        Cause.CREDENTIALS,
    }
)


@dataclass(frozen=True, slots=True)
class How:
    """How a retrieval is done."""

    folder: Path  # of unfinished files
    remembered: Remembered = field(default_factory=Remembered)
    method: Method = Method.AUTO  # another one is forced
    pauses: tuple[float, ...] = PAUSES
    stale: float = STALE


@dataclass(frozen=True, slots=True)
class Failed:
    """One object that is not here, and why."""

    sop_instance_uid: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetrieveReport:
    """What became of a retrieval, by what is here and not by what was said."""

    expected: int | None  # objects; None when nobody can say how many there are
    received: int  # that were not here before
    already_here: int
    failed: tuple[Failed, ...]  # those that are missing by name
    method: str  # "C-GET"; "" when all was here already
    seconds: float
    bytes: int  # that came
    unknown: tuple[str, ...] = ()  # series ("" for the study) that the peer does not list: not verified
    notes: tuple[str, ...] = ()  # what a person should know, in sentences

    @property
    def complete(self) -> bool:
        """Tell whether all is here that there is, as far as anybody can say."""
        return not self.failed and self.expected == self.received + self.already_here


def retrieve(peer: Peer, wanted: Wanted, services: Services, hearing: Hearing, how: How) -> RetrieveReport:
    """Fetch what is wanted and not here; the report says what came, and what did not and why.

    Raises NetworkError when it cannot be asked what there is, when it was cancelled, or when the disk here is
    full; what came before stays.
    """
    started = time.monotonic()
    plan = listing(peer, wanted, services, hearing.cancelled)
    work = _Retrieving(Aim(peer, wanted, plan, services, how.folder), hearing, how)
    work.run()
    asked = started
    for _ in range(_MOST_LISTS):
        if wanted.sop_instance_uids or not work.came or time.monotonic() - asked < how.stale:
            break
        asked = time.monotonic()
        if not work.look_again():
            break
        work.run()
    return work.report(time.monotonic() - started)


class _Retrieving:
    """One retrieval, round after round."""

    def __init__(self, aim: Aim, hearing: Hearing, how: How) -> None:
        self._aim, self._hearing, self._how = aim, hearing, how
        self._lock, self._telling = threading.Lock(), threading.Lock()
        self._listed = {item.sop_instance_uid: item for item in aim.plan.items}
        self._before = hearing.have(list(self._listed))  # what was here
        self._here = len(self._before)
        self._came: set[str] = set()
        self._also: set[str] = set()  # what came though it was here: of series that are not listed
        self._bytes = 0
        self._left = missing(aim.plan.items, self._before)
        self._unlisted: tuple[str, ...] = aim.plan.unlisted
        self._used: list[Method] = []
        self._reasons: dict[str, str] = {}
        self._notes = list(aim.plan.notes)
        self._last: NetworkError | None = None
        self._tell()

    def run(self) -> None:
        """Fetch until nothing is missing, or nothing more comes. Raises NetworkError."""
        peer, services = self._aim.peer, self._aim.services
        methods = list(
            self._how.remembered.methods(peer, can_move=services.can_be_sent_to, forced=self._how.method)
        )
        pauses = iter(self._how.pauses)
        native = False
        fresh = len(methods)  # that are tried before there is a pause
        while (self._left or self._unlisted) and methods:
            before = len(self._left), len(self._came)
            round_ = self._round(methods[0], native=native)
            native = not native and bool(round_.announced)
            fresh -= 1
            if len(self._left) < before[0] or len(self._came) > before[1] + before[0] - len(self._left):
                pauses, fresh = iter(self._how.pauses), 0
            else:
                methods = self._next(methods, round_)
            if fresh > 0 or not (self._left or self._unlisted):
                continue
            if not methods or not self._wait(next(pauses, None)):
                return
            fresh = len(methods)

    @property
    def came(self) -> bool:
        """Tell whether anything came, and nothing that was listed is missing."""
        return bool(self._came) and not self._left and not self._unlisted

    def look_again(self) -> bool:
        """Ask what there is by now; return whether there is more. Raises NetworkError when cancelled."""
        aim = self._aim
        try:
            plan = listing(aim.peer, aim.wanted, aim.services, self._hearing.cancelled)
        except NetworkError as error:
            if error.cause is Cause.CANCELLED:
                raise
            self._note(f"Whether more came meanwhile is not known: {error}")
            return False
        new = tuple(item for item in plan.items if item.sop_instance_uid not in self._listed)
        if not new:
            return False
        old = tuple(self._listed.values())
        self._aim = replace(aim, plan=replace(aim.plan, items=(*old, *new), sop_classes=plan.sop_classes))
        self._listed |= {item.sop_instance_uid: item for item in new}
        here = self._hearing.have([item.sop_instance_uid for item in new]) - self._came
        self._before = set(self._before) | here
        self._here += len(here)
        self._left = missing(new, self._hearing.have([item.sop_instance_uid for item in new]))
        self._note(f"The study grew while it was fetched, by {len(new):,} objects.")
        self._tell()
        return True

    def _next(self, methods: list[Method], round_: Round) -> list[Method]:
        """Return what to try after a round that brought nothing."""
        method, failure = methods[0], round_.failure
        final = failure is not None and (failure.cause in _FINAL or failure.status == UNKNOWN_DESTINATION)
        if final and failure is not None:
            self._how.remembered.refused(self._aim.peer, method, str(failure))
        rest = methods[1:] + ([] if final else [method])
        if rest and rest[0] is not method:
            why = str(failure) if failure else "nothing came."
            self._note(f"{WORDS[rest[0]]} is tried, because {WORDS[method]} failed: {why}")
        return rest

    def _round(self, method: Method, *, native: bool) -> Round:
        busy = self._last is not None and self._last.cause is Cause.BUSY
        aim = replace(self._aim, peer=replace(self._aim.peer, associations=1)) if busy else self._aim
        round_ = Round(aim, self._hearing, self._seen, native=native)
        if method is Method.WEB:
            by_web(round_, self._left, self._unlisted)
        else:
            several = batches(self._left, self._unlisted, self._aim.wanted.first_series)
            (by_get if method is Method.GET else by_move)(round_, several)
        self._hearing.settle()
        if round_.count:
            self._how.remembered.worked(self._aim.peer, method)
            if method not in self._used:
                self._used.append(method)
        if not round_.failures:
            self._unlisted = ()
        self._left = missing(self._left, self._hearing.have([item.sop_instance_uid for item in self._left]))
        self._reasons |= round_.reasons
        self._last = round_.failure
        for words in round_.notes:
            self._note(words)
        return round_

    def _wait(self, seconds: float | None) -> bool:
        """Wait before the next round; tell whether there is one. Raises NetworkError when cancelled."""
        if seconds is None:
            return False
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._hearing.cancelled():
                raise NetworkError(f"{printable(self._aim.peer.name)}: cancelled.", Cause.CANCELLED)
            time.sleep(min(_TICK, max(until - time.monotonic(), 0)))
        return True

    # ------------------------------------------------------------------------------------------- counting
    def _seen(self, received: Received, *, stored: bool = False) -> None:
        """Count an object that came."""
        uid = received.sop_instance_uid
        also = not stored and uid not in self._listed and bool(self._hearing.have([uid]))
        with self._lock:
            new = uid not in self._came and uid not in self._also and uid not in self._before
            (self._also if also else self._came).add(uid)
            self._here += new
            self._bytes += received.bytes
        self._tell()

    def _tell(self) -> None:
        with self._telling:  # of two threads the later one tells of more
            self._hearing.progress(self._here, self._aim.plan.expected, self._bytes)

    def _note(self, words: str) -> None:
        if words not in self._notes:
            self._notes.append(words)

    def report(self, seconds: float) -> RetrieveReport:
        """Return what became of it."""
        plan = self._aim.plan
        listed = self._listed.keys()
        strangers = self._hearing.have(sorted(self._came - listed))
        left = {item.sop_instance_uid for item in self._left}
        return RetrieveReport(
            expected=plan.expected,
            received=len(listed - left - self._before) + len(strangers),
            already_here=len(self._before) + len(self._also - self._came),
            failed=tuple(Failed(item.sop_instance_uid, self._reason(item)) for item in self._left),
            method=" and ".join(WORDS[method] for method in self._used),
            seconds=seconds,
            bytes=self._bytes,
            unknown=plan.unlisted,
            notes=tuple(self._notes),
        )

    def _reason(self, item: Item) -> str:
        found = self._reasons.get(item.sop_instance_uid)
        if found:
            return found
        return str(self._last) if self._last else f"{printable(self._aim.peer.name)} did not send it"
