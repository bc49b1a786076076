"""Sending objects of the cache: each once, whatever was interrupted, and its promise to be kept noted."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from viewer.cache import holdings, outbox
from viewer.cache.outbox import Posted
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord
from viewer.dicom.text import printable
from viewer.jobs.means import Means
from viewer.jobs.recoding import recoder
from viewer.network.dimse.commitment import Promise
from viewer.network.peer import Peer
from viewer.network.retrieving.send import Outcome, commitment, send
from viewer.network.services import Services

NOTED_TOGETHER = 50  # objects
NOTED_SECONDS = 0.5
_ASKED_TOGETHER = 500  # objects of one request for a promise


def _nothing(*_: object) -> None:
    pass


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class SendReport:
    """What became of objects that were to be sent."""

    total: int
    sent: int  # that the peer has now, also from before
    committed: int  # of those, that it promised to keep
    failed: tuple[tuple[str, str], ...]  # SOP Instance UIDs and why
    bytes: int  # that were sent now
    note: str = ""  # about the promise

    @property
    def complete(self) -> bool:
        """Tell whether the peer has all."""
        return self.sent == self.total


@dataclass(frozen=True, slots=True)
class Following:
    """Who hears of a send, from the thread that does it."""

    progress: Callable[[int, int, int], object] = _nothing  # objects that are there, of how many; bytes
    cancelled: Callable[[], bool] = _never


def send_from(means: Means, peer: Peer, uids: Sequence[str], following: Following) -> SendReport:
    """Send objects of the cache to a peer, but for those that it has from us already.

    Raises NetworkError when it cannot go on; what was sent is noted, and a further call goes on from there.
    """
    return _Sending(means, peer, uids, following).run()


def promised(store: Store, peer: str, promise: Promise) -> None:
    """Note what a peer promised by our own door, of objects that were sent to it. Raises ViewerError."""
    words = f"{printable(peer)} took it and does not promise to keep it"
    for uids, state, reason in (
        (promise.kept, Posted.COMMITTED, ""),
        (promise.refused, Posted.FAILED, words),
    ):
        found = outbox.posted(store, peer, uids)
        told = [uid for uid, (posted, _) in found.items() if posted is Posted.SENT]
        outbox.mark(store, peer, state, dict.fromkeys(told, reason))


def promised_by(store: Store, peers: Sequence[Peer], title: str, promise: Promise) -> None:
    """Note a promise that came by our own door from an AE title. Raises ViewerError."""
    for peer in peers:
        if peer.ae_title == title:
            promised(store, peer.name, promise)


@dataclass(slots=True)
class _Notes:
    """What became of objects and is not written down yet."""

    sent: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    at: float = 0.0


class _Sending:
    """One send under way."""

    def __init__(self, means: Means, peer: Peer, uids: Sequence[str], following: Following) -> None:
        self._means, self._peer, self._following = means, peer, following
        self._uids = tuple(dict.fromkeys(uids))
        self._notes = _Notes()
        self._by_path: dict[str, InstanceRecord] = {}
        self._done = 0
        self._bytes = 0

    def run(self) -> SendReport:
        """Do it. Raises NetworkError."""
        store, peer = self._means.store, self._peer
        outbox.queue(store, peer.name, self._uids)
        before = outbox.posted(store, peer.name, self._uids)
        left = [uid for uid in self._uids if before[uid][0] is Posted.QUEUED]
        self._done = len(self._uids) - len(left)
        here = holdings.records(store, left)
        gone = {uid: "it is not in the cache" for uid in left if uid not in here}
        outbox.mark(store, peer.name, Posted.FAILED, gone)
        self._by_path = {record.path: record for record in here.values()}
        self._tell()
        try:
            send(peer, list(self._by_path), self._services(), self._outcome, self._following.cancelled)
        finally:
            self._write()
        note = self._ask_to_keep()
        return self._report(note)

    def _outcome(self, outcome: Outcome) -> None:
        uid = self._by_path[outcome.path].sop_instance_uid
        if outcome.reason:
            self._notes.failed[uid] = outcome.reason
        else:
            self._notes.sent[uid] = ""
            self._done += 1
            self._bytes += _size(outcome.path)
        due = len(self._notes.sent) + len(self._notes.failed) >= NOTED_TOGETHER
        if due or time.monotonic() - self._notes.at > NOTED_SECONDS:
            self._write()
        self._tell()

    def _write(self) -> None:
        notes, self._notes = self._notes, _Notes(at=time.monotonic())
        if notes.sent:
            outbox.mark(self._means.store, self._peer.name, Posted.SENT, notes.sent)
        if notes.failed:
            outbox.mark(self._means.store, self._peer.name, Posted.FAILED, notes.failed)

    def _services(self) -> Services:
        means = self._means
        transcode = recoder(means.pool, means.store.folder.tmp, self._following.cancelled)
        return replace(means.services, transcode=transcode)

    def _tell(self) -> None:
        self._following.progress(self._done, len(self._uids), self._bytes)

    def _ask_to_keep(self) -> str:
        """Ask for a promise of all that the peer has not promised yet; return what there is to say of it."""
        store, peer = self._means.store, self._peer
        now = outbox.posted(store, peer.name, self._uids)
        sent = [uid for uid, (posted, _) in now.items() if posted is Posted.SENT]
        found = holdings.records(store, sent)
        references = iter([(record.sop_class_uid, uid) for uid, record in found.items()])
        while some := list(islice(references, _ASKED_TOGETHER)):
            promise = commitment(peer, some, self._means.services, self._following.cancelled)
            outbox.mark(store, peer.name, Posted.COMMITTED, dict.fromkeys(promise.kept, ""))
            words = f"{printable(peer.name)} took it and does not promise to keep it"
            outbox.mark(store, peer.name, Posted.FAILED, dict.fromkeys(promise.refused, words))
            if promise.words:
                return promise.words
        return ""

    def _report(self, note: str) -> SendReport:
        return report_of(self._means.store, self._peer.name, self._uids, self._bytes, note)


def report_of(store: Store, peer: str, uids: Sequence[str], size: int = 0, note: str = "") -> SendReport:
    """Return what has become by now of objects that were to be sent to a peer. Raises ViewerError."""
    now = outbox.posted(store, peer, uids)
    committed = sum(posted is Posted.COMMITTED for posted, _ in now.values())
    there = committed + sum(posted is Posted.SENT for posted, _ in now.values())
    failed = tuple(
        (uid, reason or "it was not sent")
        for uid, (posted, reason) in now.items()
        if posted in {Posted.FAILED, Posted.QUEUED}
    )
    return SendReport(len(uids), there, committed, failed, size, note)


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0
