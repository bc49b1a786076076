"""From an answer of a peer to its images: opened with the first that arrives, growing with each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from viewer.cache.study_list import StudyKey
from viewer.dicom.records import InstanceRecord
from viewer.dicom.tree import SeriesKey, patient_key
from viewer.jobs.transfer import TransferRow
from viewer.ui.furniture import Furniture
from viewer.ui.intake import Intake
from viewer.ui.reading import Reading
from viewer.ui.studies.remote_room import Ordered, RemoteRoom, end_words, progress_words
from viewer.ui.studies.study_door import StudyDoor
from viewer.viewing.remote_studies import RemoteStudy


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Studies of which nothing is here yet, to be opened when it is."""

    uids: frozenset[str]
    transfers: frozenset[int]
    series: str
    beside: bool


class RemoteDoor(QObject):
    """Opens what was fetched for it. Whoever goes elsewhere meanwhile is not called back."""

    entered = Signal()  # the images are what one wants to see

    def __init__(
        self,
        room: RemoteRoom,
        door: StudyDoor,
        intake: Intake,
        reading: Reading,
        close_studies: Callable[[], bool],
    ) -> None:
        super().__init__(room)
        self._room, self._door, self._intake, self._reading = room, door, intake, reading
        self._close_studies = close_studies
        self._waiting: _Waiting | None = None
        self._words = ""
        room.ordered.connect(self._ordered)
        room.fetching.connect(self._fetching)
        room.fetched.connect(self._fetched)
        intake.began.connect(self.forget)
        room.remote.news.arrived.append(self.arrived)

    @property
    def _furniture(self) -> Furniture:
        return self._reading.furniture

    @property
    def waiting(self) -> bool:
        """Tell whether the first image of something is waited for."""
        return self._waiting is not None

    def forget(self) -> None:
        """Open nothing by itself any more: the reader looks at something else. What is fetched is kept."""
        self._waiting = None
        self._furniture.unsay(self._words)

    def _ordered(
        self,
        studies: Sequence[RemoteStudy],
        ordered: Ordered,
        series: str,
        beside: bool,  # noqa: FBT001  a slot
    ) -> None:
        pairs = tuple(zip(studies, ordered.here, strict=True))
        keys = [key for study, here in pairs if here.instances for key in _keys(study, here.keys)]
        if not beside and len(self._intake.shelf) and not self._close_studies():
            return
        self.entered.emit()
        if keys:
            self._door.open(keys, _series(keys[0], series), beside=beside)
        else:
            self._reading.room.looks.empty = False
            self._reading.refresh()
        absent = frozenset(study.key.study_instance_uid for study, here in pairs if not here.instances)
        if absent and ordered.transfers:
            self._waiting = _Waiting(absent, frozenset(ordered.transfers), series, beside or bool(keys))
            self._say(f"Asking {', '.join(ordered.peers)} for its images …")

    def arrived(self, records: Sequence[InstanceRecord]) -> None:
        """Take images that are here now: the first ones open their study, the others come to it."""
        waiting = self._waiting
        if waiting is not None and not self._intake.busy:
            keys = {_key(record): None for record in records}
            new = [key for key in keys if key.study_instance_uid in waiting.uids]
            if new:
                left = waiting.uids - {key.study_instance_uid for key in new}
                self._door.open(new, _series(new[0], waiting.series), beside=waiting.beside)
                if left:
                    self._waiting = _Waiting(left, waiting.transfers, waiting.series, beside=True)
        self._door.grow(records)

    # --------------------------------------------------------------------------------------- words
    def _say(self, words: str) -> None:
        self._words = words
        self._furniture.say(words, busy=True, answer="Stop", answered=self._stop)

    def _stop(self) -> None:
        waiting, transfers = self._waiting, self._room.remote.transfers
        self.forget()
        if waiting is not None and transfers is not None:
            for number in waiting.transfers:
                transfers.cancel(number)
            self._empty("Fetching was stopped; what came is kept.")

    def _fetching(self, row: TransferRow) -> None:
        if self._waiting is not None and row.id in self._waiting.transfers:
            self._say(progress_words(row))

    def _fetched(self, row: TransferRow) -> None:
        waiting, words = self._waiting, end_words(row)
        if waiting is not None and row.id in waiting.transfers and not row.done:
            self.forget()
            self._empty(words)
        else:
            self._intake.say(words, stay=bool(row.sentence))

    def _empty(self, words: str) -> None:
        """Say why nothing is seen."""
        if not len(self._intake.shelf):
            looks = self._reading.room.looks
            looks.empty, looks.complaint = True, words
            self._reading.refresh()
        self._intake.say(words, stay=True)


def _key(record: InstanceRecord) -> StudyKey:
    study = record.series.study
    return StudyKey(study.study_instance_uid, patient_key(study.patient))


def _keys(study: RemoteStudy, keys: Sequence[StudyKey]) -> Sequence[StudyKey]:
    """Return which of the studies here is meant: of two patients under one UID the one with the ID."""
    same = [key for key in keys if key.patient[1] == study.record.patient.patient_id]
    return same or keys


def _series(key: StudyKey, uid: str) -> SeriesKey | None:
    return (key.patient, key.study_instance_uid, uid) if uid else None
