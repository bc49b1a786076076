"""Retrieving into the cache: what is here is not fetched again, and what comes is seen at once."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from viewer.cache import facts, holdings, trash
from viewer.cache.arrivals import Became, Source
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import InstanceRecord
from viewer.dicom.text import printable
from viewer.dicom.tree import patient_key
from viewer.errors import ViewerError
from viewer.jobs.means import Means
from viewer.jobs.receiving import Entrance, Kept, Receiving
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Method, Peer, Received
from viewer.network.retrieving.retrieve import PAUSES, STALE, Failed, How, RetrieveReport, retrieve
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.network.retrieving.retrieve_round import Hearing


def _nothing(*_: object) -> None:
    pass


def _never() -> bool:
    return False


class HereError(ViewerError):
    """Something at our own end has to be done before it can go on: the disk is full."""


class StoppedError(ViewerError):
    """It was cancelled."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Who hears of a retrieval, from the threads that do it."""

    progress: Callable[[int, int | None, int], object] = (
        _nothing  # objects here, of how many; bytes that came
    )
    arrived: Callable[[Sequence[InstanceRecord]], object] = _nothing  # they are in the cache from now on
    cancelled: Callable[[], bool] = _never


@dataclass(frozen=True, slots=True)
class Choice:
    """How a person wants it done."""

    method: Method = Method.AUTO
    pauses: tuple[float, ...] = PAUSES
    stale: float = STALE  # s after which the peer is asked again what there is


@dataclass(slots=True)
class _Ledger:
    """What became of what came."""

    kept: set[str] = field(default_factory=set)  # SOP Instance UIDs, also of damaged objects
    reasons: dict[str, str] = field(default_factory=dict)
    conflicts: int = 0
    hostile: dict[str, int] = field(default_factory=dict)  # in words, and how often
    told: set[StudyKey] = field(default_factory=set)


def retrieve_into(
    means: Means, peer: Peer, wanted: Wanted, listening: Listening, choice: Choice | None = None
) -> RetrieveReport:
    """Fetch what is wanted and not here into the cache; return what came, what did not, and why.

    Raises NetworkError when the peer cannot be asked, HereError when nothing can be kept here, StoppedError
    when it was cancelled. What came before stays, and a further call goes on from there.
    """
    return _Retrieving(means, peer, wanted, listening).run(choice or Choice())


class _Retrieving:
    """One retrieval into the cache."""

    def __init__(self, means: Means, peer: Peer, wanted: Wanted, listening: Listening) -> None:
        self._means, self._peer, self._wanted, self._listening = means, peer, wanted, listening
        self._lock = threading.Lock()
        self._ledger = _Ledger()
        self._total: int | None = None
        source = Source(f"PACS {printable(peer.name)}", origin=False)
        self._receiving = Receiving(
            Entrance(means.store, means.pool, source, wanted.study_instance_uid, means.floor_bytes),
            self._kept,
        )

    def run(self, choice: Choice) -> RetrieveReport:
        """Do it. Raises NetworkError, HereError, StoppedError."""
        means = self._means
        hearing = Hearing(
            on_instance=self._receiving.put,
            on_stored=self._stored,
            have=self._have,
            settle=self._receiving.settle,
            progress=self._progress,
            cancelled=self._cancelled,
        )
        how = How(means.store.folder.tmp, means.remembered, choice.method, choice.pauses, choice.stale)
        try:
            with self._receiving:
                try:
                    report = retrieve(self._peer, self._wanted, means.services, hearing, how)
                    self._receiving.settle()
                except BaseException:
                    if self._listening.cancelled():
                        self._receiving.give_up()
                    raise
        except NetworkError as error:
            raise self._in_words(error) from None
        if self._receiving.failure is not None:
            raise HereError(str(self._receiving.failure))
        self._show_what_was_here(report)
        return self._told(report)

    def _in_words(self, error: NetworkError) -> ViewerError:
        if self._receiving.failure is not None:
            return HereError(str(self._receiving.failure))
        if error.cause is Cause.CANCELLED:
            return StoppedError(str(error))
        return HereError(str(error)) if error.cause is Cause.DISK else error

    def _stored(self, received: Received) -> None:
        with self._lock:
            self._ledger.kept.add(received.sop_instance_uid)

    def _cancelled(self) -> bool:
        return self._receiving.failure is not None or self._listening.cancelled()

    def _have(self, uids: Sequence[str]) -> set[str]:
        """Return which objects are here; one that came damaged now is not asked for once more."""
        found = holdings.whole(self._means.store, uids)
        with self._lock:
            return found | (self._ledger.kept & set(uids))

    def _progress(self, done: int, total: int | None, size: int) -> None:
        self._total = total
        self._listening.progress(done, total, size)

    def _kept(self, batch: Sequence[Kept]) -> None:
        """Note what became of a batch, and have it shown."""
        records = []
        with self._lock:
            for kept in batch:
                record = self._note(kept)
                if record is not None:
                    records.append(record)
        if records:
            self._expect({_key(record) for record in records})
            self._listening.arrived(records)

    def _note(self, kept: Kept) -> InstanceRecord | None:
        ledger, uid = self._ledger, kept.received.sop_instance_uid
        if not kept.safe or kept.taken is None:
            ledger.reasons[uid] = f"it came and could not be kept: {kept.reason}"
            if kept.hostile:
                ledger.hostile[kept.reason] = ledger.hostile.get(kept.reason, 0) + 1
            return None
        ledger.kept.add(uid)
        if kept.taken.became is Became.CONFLICT:
            ledger.conflicts += 1
            return None
        return kept.taken.record

    def _expect(self, keys: set[StudyKey]) -> None:
        """Have the browser know how many objects the study has."""
        if not self._wanted.whole_study or self._total is None:
            return
        with self._lock:
            new = keys - self._ledger.told
            self._ledger.told |= new
        for key in new:
            facts.expect(self._means.store, key, self._total)

    def _show_what_was_here(self, report: RetrieveReport) -> None:
        """Take a study that was wanted out of the trash, and note how much there is of it."""
        found = holdings.keys(self._means.store, self._wanted.study_instance_uid)
        trash.restore(self._means.store, [key for key, deleted in found if deleted])
        self._total = report.expected
        self._ledger.told.clear()
        self._expect({key for key, _ in found})

    def _told(self, report: RetrieveReport) -> RetrieveReport:
        """Return a report with what is known here of the objects that came."""
        ledger, name = self._ledger, printable(self._peer.name)
        notes = list(report.notes)
        for words, count in ledger.hostile.items():
            notes.append(f"Security: {name} sent {count:,} objects that were refused: {words}.")
        if ledger.conflicts:
            notes.append(
                f"{ledger.conflicts:,} objects came with other content than the ones that are here: both are"
                " kept, and the first is shown."
            )
        failed = tuple(
            Failed(one.sop_instance_uid, ledger.reasons.get(one.sop_instance_uid, one.reason))
            for one in report.failed
        )
        return replace(report, failed=failed, notes=tuple(notes))


def _key(record: InstanceRecord) -> StudyKey:
    study = record.series.study
    return StudyKey(study.study_instance_uid, patient_key(study.patient))
