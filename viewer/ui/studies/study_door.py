"""From the list of studies to the images: what is in the cache is opened, and grows while it is open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from viewer.cache import facts
from viewer.cache.store import Store
from viewer.cache.study_list import StudyKey
from viewer.cache.verify import look_at_links
from viewer.dicom.records import InstanceRecord
from viewer.dicom.tree import SeriesKey, patient_key, series_key
from viewer.ui.intake import Intake
from viewer.ui.reading import Reading
from viewer.viewing.hang_items import LESS, interest, middle
from viewer.viewing.local_studies import LocalStudies
from viewer.viewing.opening import Found
from viewer.viewing.pane import Hung
from viewer.viewing.shelf import Shelf

UNNUMBERED = 1 << 31  # a Series Number (IS) is smaller


@dataclass(frozen=True, slots=True)
class _Asked:
    keys: tuple[StudyKey, ...]
    series: SeriesKey | None
    beside: bool


class StudyDoor(QObject):
    """Opens studies of the cache, and holds them while they are open: then nothing evicts them."""

    def __init__(self, local: LocalStudies, intake: Intake, reading: Reading, parent: QObject) -> None:
        super().__init__(parent)
        self._local, self._intake, self._reading = local, intake, reading
        self._open: dict[StudyKey, None] = {}
        self._asked: _Asked | None = None
        intake.ended.connect(self._ended)
        intake.cleared.connect(self.release)

    def open(self, keys: Sequence[StudyKey], series: SeriesKey | None, *, beside: bool) -> None:
        """Open studies; a series is hung first. `beside` what hangs it takes a viewport of its own."""
        self._asked = _Asked(tuple(keys), series, beside)
        new = [key for key in keys if key not in self._open]
        self._local.store.lease(key.study_instance_uid for key in new)
        self._open.update(dict.fromkeys(new))
        local = self._local
        self._intake.open_known(
            lambda cancelled: _fetch(local, tuple(keys), series, cancelled), series is not None
        )

    def release(self) -> None:
        """Let go of everything that was open."""
        self._local.store.release([key.study_instance_uid for key in self._open])
        self._open.clear()
        self._asked = None

    def grow(self, records: Sequence[InstanceRecord]) -> None:
        """Take instances that came into the cache: those of an open study come to its images."""
        new = [record for record in records if _key(record) in self._open]
        if new:
            self._intake.grow(new)

    def _ended(self) -> None:
        """Hang what was asked for, where something else hangs already."""
        asked, self._asked = self._asked, None
        if asked is None or not asked.beside:
            return
        hung = stack_of(self._intake.shelf, asked.keys[0], asked.series)
        if hung is not None:
            hang_beside(self._reading, hung)


def hang_beside(reading: Reading, hung: Hung) -> None:
    """Hang a stack where nothing hangs: in a second viewport beside a single one, else in the next one."""
    desk = reading.room.desk
    if len(desk.panes) == 1 and desk.pane.hung is not None:
        reading.arrange(1, 2)
    beside = desk.box((desk.box(desk.active).stop) % len(desk.panes)).start
    free = next((number for number in desk.leaders if desk.panes[number].hung is None), beside)
    reading.activate(free)
    reading.hang(hung, free, middle(hung))


def stack_of(shelf: Shelf, key: StudyKey, series: SeriesKey | None) -> Hung | None:
    """Return the stack of a study to be seen first: of a series, or the one that one comes for."""
    if series is not None:
        return next(iter(shelf.stacks(series)), None)
    stacks = [
        hung
        for patient in shelf.patients()
        for study in patient.studies
        if study.record.study_instance_uid == key.study_instance_uid
        and patient_key(study.record.patient) == key.patient
        for hung in shelf.study_stacks(study)
    ]
    return min(stacks, key=interest, default=None)


def _key(record: InstanceRecord) -> StudyKey:
    study = record.series.study
    return StudyKey(study.study_instance_uid, patient_key(study.patient))


def _fetch(
    local: LocalStudies, keys: Sequence[StudyKey], series: SeriesKey | None, cancelled: Callable[[], bool]
) -> list[Found]:
    """Return the instances of studies, what is seen first at the beginning; and what is lost of them."""
    found: list[Found] = []
    for key in keys:
        look_at_links(local.store, key)
        records = sorted(local.records(key, cancelled), key=lambda record: _place(record, series))
        found += [*records, *local.problems(key)]
        _note_opened(local.store, key)
    return found


def _note_opened(store: Store, key: StudyKey) -> None:
    if not store.read_only:
        facts.opened(store, key)


def _place(record: InstanceRecord, series: SeriesKey | None) -> tuple[bool, bool, int]:
    number = record.series.series_number
    return (
        series is not None and series_key(record) != series,
        record.series.modality in LESS,
        UNNUMBERED if number is None else number,
    )
