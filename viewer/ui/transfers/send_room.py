"""Sending: what is chosen in the list of studies, and the presentation states that were made here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from viewer.cache.arrivals import Arrival, Became, Source
from viewer.cache.store import Store
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import InstanceRecord, StudyRecord
from viewer.dicom.text import person_name, printable
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.jobs.transfer import Kind
from viewer.presentation.store import find_states
from viewer.ui.furniture import Furniture
from viewer.ui.study_words import counted, size
from viewer.ui.transfers.send_dialog import SendDialog
from viewer.ui.transfers.transfer_room import NOTHING, TransferRoom
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.local_studies import LocalStudies
from viewer.viewing.neighbours import Neighbours

T = TypeVar("T")
NO_PEER = "No PACS or other peer is set up yet."
NO_FILES = "There is nothing to send: none of its files is whole."
NO_STATES = "No presentation state of this study was made here; Ctrl+S saves one."
NO_STUDY = "Open a study first."
FAULT = "That did not work: a fault of the program."
MADE_HERE = Source("made here", origin=True)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Objects of the cache that are to be sent together."""

    title: str
    what: str  # "image", or "presentation state"
    sop_instance_uids: tuple[str, ...]
    bytes: int

    @property
    def amount(self) -> str:
        """Return "240 images, 126 MB"."""
        return f"{counted(len(self.sop_instance_uids), self.what, self.what + 's')}, {size(self.bytes)}"


class SendRoom(QObject):
    """Asks to whom, once, and leaves the rest to the transfers."""

    def __init__(
        self,
        queue: JobQueue,
        cabinet: Cabinet,
        neighbours: Neighbours,
        transfers: TransferRoom,
        furniture: Furniture,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._queue, self._window, self._furniture = queue, window, furniture
        self._store, self._pool = cabinet.store, cabinet.pool
        self._neighbours, self._transfers = neighbours, transfers
        self._last = ""
        self.dialog: SendDialog | None = None

    @property
    def reason(self) -> str:
        """Return why nothing can be sent; "" where something can."""
        if self._transfers.transfers is None or self._store is None:
            return NOTHING
        return "" if self._neighbours.peers else NO_PEER

    @property
    def last(self) -> str:
        """Return the peer that was sent to last, "" where there is none any more."""
        sent = [row.peer for row in self._transfers.model.rows if row.kind is Kind.SEND]
        names = [peer.name for peer in self._neighbours.peers]
        return next((name for name in (self._last, *sent) if name in names), "")

    # ------------------------------------------------------------------------------------------ what is sent
    def ask(self, keys: Sequence[StudyKey]) -> None:
        """Ask to whom studies are sent."""
        store = self._store
        if store is not None and keys and self._may():
            self._run(lambda job: _studies(store, keys, job), lambda parcel: self._offer(parcel, NO_FILES))

    def ask_states(self, study: StudyRecord | None) -> None:
        """Ask to whom the presentation states of a study are sent that were made here."""
        store, pool = self._store, self._pool
        if study is None:
            self._say(NO_STUDY)
        elif store is not None and self._may():
            self._run(
                lambda job: _states(store, pool, find_states(study.study_instance_uid), job),
                lambda parcel: self._offer(parcel, NO_STATES),
            )

    def offer_made(self, paths: Sequence[Path]) -> None:
        """Put a button beside the sentence that says what was saved: it sends that to the last peer."""
        store, pool, last = self._store, self._pool, self.last
        if store is None or self.reason or not paths:
            return

        def answered() -> None:
            self._run(lambda job: _states(store, pool, paths, job), given)

        def given(parcel: Parcel) -> None:
            if last:
                self.send(parcel, last)
            else:
                self._offer(parcel, NO_FILES)

        self._furniture.offer(f"Send to {printable(last)}" if last else "Send …", answered)

    def _may(self) -> bool:
        reason = self.reason
        if reason:
            self._say(reason)
        return not reason

    # ---------------------------------------------------------------------------------------------- to whom
    def _offer(self, parcel: Parcel, otherwise: str) -> None:
        if not parcel.sop_instance_uids:
            self._say(otherwise)
            return
        names = [peer.name for peer in self._neighbours.peers]
        dialog = self.dialog = SendDialog(parcel.title, parcel.amount, names, self.last, self._window)
        dialog.chosen.connect(lambda name: self.send(parcel, name))
        dialog.finished.connect(self._put_away)
        dialog.open()

    def _put_away(self) -> None:
        self.dialog = None

    def send(self, parcel: Parcel, peer: str) -> None:
        """Have it sent."""
        transfers = self._transfers.transfers
        if transfers is None:
            return
        self._last = peer

        def done(number: int) -> None:
            self._furniture.say(
                f"Queued for {printable(peer)}: {parcel.amount}.",
                busy=False,
                answer="Show",
                answered=lambda: self._transfers.open(number),
            )

        self._run(lambda _: transfers.add_send(peer, parcel.sop_instance_uids, parcel.title), done)

    def _say(self, words: str) -> None:
        self._furniture.say(words, busy=False)

    def _run(self, work: Callable[[Job], T], done: Callable[[T], None]) -> None:
        self._queue.submit(
            work,
            priority=Priority.NEXT,
            done=done,
            failed=lambda error: self._say(str(error) if isinstance(error, ViewerError) else FAULT),
        )


def _studies(store: Store, keys: Sequence[StudyKey], job: Job) -> Parcel:
    local = LocalStudies(store)
    records = [record for key in keys for record in local.records(key, job.is_cancelled)]
    first = title_of(records[0].series.study) if records else ""
    more = f" and {counted(len(keys) - 1, 'other study', 'other studies')}" if len(keys) > 1 else ""
    return _parcel(f"{first}{more}", "image", records)


def _states(store: Store, pool: DecoderPool, paths: Sequence[Path], job: Job) -> Parcel:
    """Return presentation states that were made here, once they are in the cache."""
    found = pool.index([str(path) for path in paths], priority=Priority.NEXT, cancelled=job.is_cancelled)
    records = [record for record in found if isinstance(record, InstanceRecord)]
    taken = store.take([Arrival(record, MADE_HERE) for record in records])
    kept = [one.record for one in taken if one.became in {Became.ADDED, Became.ALREADY_HERE}]
    title = f"{title_of(kept[0].series.study)}  Presentation states" if kept else ""
    return _parcel(title, "presentation state", kept)


def _parcel(title: str, what: str, records: Sequence[InstanceRecord]) -> Parcel:
    total = 0
    for record in records:
        path = Path(record.path)
        total += path.stat().st_size if path.exists() else 0
    return Parcel(title, what, tuple(dict.fromkeys(record.sop_instance_uid for record in records)), total)


def title_of(study: StudyRecord) -> str:
    """Return what a person calls a study in the list of transfers."""
    parts = (person_name(study.patient.patient_name), printable(study.study_description))
    return "  ".join(part for part in parts if part) or printable(study.study_instance_uid)
