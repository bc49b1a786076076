"""One question to several places at once: what each finds comes as it is found, and how each ended."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from viewer.cache.presence import NOT_HERE, present
from viewer.cache.store import Store
from viewer.cache.study_list import Order, StudyFilter
from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.jobs.queue import Job, JobQueue, Post, Priority
from viewer.network.dimse.find import LIMIT
from viewer.network.match import Match
from viewer.network.names import find_peer
from viewer.viewing.local_studies import NAME, LocalStudies
from viewer.viewing.neighbours import Neighbours
from viewer.viewing.remote_query import queries
from viewer.viewing.remote_studies import RemoteStudy, of_listed, of_match, same_id

PAUSE = 0.1  # s between two handfuls of rows: more often nobody can read
FAULT = "the answer could not be read: a fault of the program."


class Ending(Enum):
    """How a place stands."""

    ASKING = "asking"
    ALL = "all"
    FIRST = "first"  # there are more than are asked for
    STOPPED = "stopped"  # by the reader
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one place is."""

    name: str
    ending: Ending = Ending.ASKING
    rows: int = 0
    sentence: str = ""  # why it failed
    vague: int = 0  # rows of which it does not say the modality that was asked for


@dataclass(frozen=True, slots=True)
class Asking:
    """What a search works with."""

    queue: JobQueue  # threads that may wait for a network
    post: Post
    neighbours: Neighbours
    local: LocalStudies | None

    @property
    def store(self) -> Store | None:
        """Return the cache, where there is one."""
        return self.local.store if self.local is not None else None


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears of a search, on the main thread; nothing comes after it was stopped."""

    found: Callable[[Sequence[RemoteStudy]], None]
    changed: Callable[[], None]  # how a place stands


class RemoteSearch:
    """Asks as soon as it is made. To be used on the main thread."""

    def __init__(self, asking: Asking, places: Sequence[str], asked: StudyFilter, hearing: Hearing) -> None:
        self._asking, self._asked, self._hearing = asking, asked, hearing
        self._standings = {name: Standing(name) for name in places}
        self._jobs = {name: self._begin(name) for name in places}

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Return how each place stands."""
        return tuple(self._standings.values())

    @property
    def busy(self) -> bool:
        """Tell whether a place is still being asked."""
        return any(one.ending is Ending.ASKING for one in self._standings.values())

    def stop(self) -> None:
        """Ask no more; what was found stays."""
        for name, job in self._jobs.items():
            if self._standings[name].ending is Ending.ASKING:
                job.cancel()
                self._end(name, Ending.STOPPED)

    def forget(self) -> None:
        """Ask no more, and tell of nothing any more."""
        for job in self._jobs.values():
            job.cancel()

    def _begin(self, name: str) -> Job:
        return self._asking.queue.submit(
            lambda job: self._local(job) if name == NAME else self._remote(name, job),
            priority=Priority.VISIBLE,
            done=lambda whole: self._end(name, Ending.ALL if whole else Ending.FIRST),
            failed=lambda error: self._end(
                name, Ending.FAILED, str(error) if isinstance(error, ViewerError) else FAULT
            ),
        )

    def _end(self, name: str, ending: Ending, sentence: str = "") -> None:
        self._standings[name] = replace(
            self._standings[name], ending=ending, sentence=printable(sentence) if sentence else ""
        )
        self._hearing.changed()

    def _take(self, name: str, rows: Sequence[RemoteStudy]) -> None:
        before = self._standings[name]
        vague = sum(not row.modalities for row in rows) if self._asked.modalities else 0
        self._standings[name] = replace(before, rows=before.rows + len(rows), vague=before.vague + vague)
        self._hearing.found(rows)
        self._hearing.changed()

    # -------------------------------------------------------------------------------------- in a job thread
    def _local(self, job: Job) -> bool:
        local = self._asking.local
        if local is None:
            return True
        page = local.page(self._asked, Order(), 0, LIMIT, job.is_cancelled)
        rows = [of_listed(study) for study in page.rows]
        rows = [row for row in rows if _is_meant(row, self._asked)]
        self._post(job, NAME, rows)
        return page.total <= LIMIT

    def _remote(self, name: str, job: Job) -> bool:
        peer = find_peer(name, self._asking.neighbours.peers)
        handful = _Handful(lambda matches: self._post(job, name, self._rows(name, matches)))

        def cancelled() -> bool:  # asked while a peer pauses, too: what it has said is not held back then
            handful.give_soon()
            return job.cancelled

        whole = True
        try:
            for query in queries(self._asked):
                whole &= self._asking.neighbours.find(
                    peer, query, handful.add, cancelled, LIMIT - handful.count
                )
                if job.cancelled or handful.count >= LIMIT:
                    return whole
        finally:
            handful.give()
        return whole

    def _rows(self, name: str, matches: Sequence[Match]) -> list[RemoteStudy]:
        here = {}
        store = self._asking.store
        if store is not None:
            with store.reading() as connection:
                here = present(connection, [match.study.study_instance_uid for match in matches])
        rows = [
            of_match(match, name, here.get(match.study.study_instance_uid, NOT_HERE)) for match in matches
        ]
        return [row for row in rows if _is_meant(row, self._asked)]

    def _post(self, job: Job, name: str, rows: Sequence[RemoteStudy]) -> None:
        if rows and not job.cancelled:
            self._asking.post(lambda: None if job.cancelled else self._take(name, rows))


class _Handful:
    """Gathers matches, each study once, and gives some at a time: the first at once."""

    def __init__(self, give: Callable[[Sequence[Match]], None]) -> None:
        self._give, self._matches, self._given = give, list[Match](), 0.0
        self._seen: set[str] = set()
        self._thread = threading.get_ident()

    @property
    def count(self) -> int:
        """Return how many studies there were."""
        return len(self._seen)

    def add(self, match: Match) -> None:
        uid = match.study.study_instance_uid
        if not uid or uid in self._seen:
            return
        self._seen.add(uid)
        self._matches.append(match)
        self.give_soon()

    def give_soon(self) -> None:
        """Give what there is, unless some was given just now; nothing in a thread that only keeps watch."""
        if threading.get_ident() == self._thread and time.monotonic() - self._given > PAUSE:
            self.give()

    def give(self) -> None:
        """Give what there is."""
        matches, self._matches = self._matches, []
        self._given = time.monotonic()
        if matches:
            self._give(matches)


def _is_meant(row: RemoteStudy, asked: StudyFilter) -> bool:
    """Leave out another patient whose ID only looks like the one whose studies are wanted."""
    return not asked.same_patient or same_id(row.record.patient, asked)
