"""Which frames of what is open were seen: displayed (viewing.attention), or called so by the reader."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from viewer.cache.seen import SeenSeries
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import FrameKey, InstanceRecord, StudyRecord
from viewer.dicom.stacks import StackKind
from viewer.dicom.tree import Study
from viewer.dicom.uids import Kind, sop_class
from viewer.viewing.journal import key_of
from viewer.viewing.pane import Hung
from viewer.viewing.seen_text import frames_of, frames_text
from viewer.viewing.shelf import Shelf

# Not what one has to read: made from other images, or about them (the same as are hung last).
ASIDE = frozenset({"SEG", "SC", "OT", "PR", "KO", "SR", "DOC"})


@dataclass(frozen=True, slots=True)
class Unseen:
    """One stack of which something was not seen."""

    hung: Hung
    count: int
    of: int


@dataclass(frozen=True, slots=True)
class SeenFrames:
    """What was seen of a series; its text is made, and read, on another thread."""

    series_instance_uid: str
    displayed: frozenset[FrameKey]
    marked: frozenset[FrameKey]

    @classmethod
    def of(cls, row: SeenSeries) -> Self:
        """Return what a row says."""
        return cls(row.series_instance_uid, frames_of(row.frames), frames_of(row.marked))

    @property
    def row(self) -> SeenSeries:
        """Return the row."""
        return SeenSeries(self.series_instance_uid, frames_text(self.displayed), frames_text(self.marked))


@dataclass(slots=True)
class _Series:
    displayed: set[FrameKey] = field(default_factory=set)
    marked: set[FrameKey] = field(default_factory=set)


SeriesPlace = tuple[StudyKey, str]


class Seen:
    """Remembers frames by series. Main thread only; it asks no database."""

    def __init__(self, shelf: Callable[[], Shelf]) -> None:
        self._shelf = shelf
        self._series: dict[SeriesPlace, _Series] = {}
        self._frames: set[FrameKey] = set()  # all of them: asked for at each stroke
        self._marked: set[FrameKey] = set()
        self._changed: dict[SeriesPlace, None] = {}  # since it was written
        self._asked: set[StudyKey] = set()
        self.displayed: set[StudyKey] = set()  # of which something was displayed since it was opened

    # ------------------------------------------------------------------------------------- what comes in
    def wants(self, study: StudyRecord) -> StudyKey | None:
        """Return the key of a study of which is to be read what was seen; None where it was asked for."""
        key = key_of(study)
        if key in self._asked:
            return None
        self._asked.add(key)
        return key

    def take(self, key: StudyKey, found: Iterable[SeenFrames]) -> None:
        """Take what was seen before of a study that is open."""
        if key not in self._asked:
            return
        for row in found:
            series = self._series.setdefault((key, row.series_instance_uid), _Series())
            series.displayed |= row.displayed
            series.marked |= row.marked
            self._frames |= series.displayed
            self._marked |= series.marked

    def add(self, frame: FrameKey) -> bool:
        """Take a frame that was seen; tell whether that is new."""
        if frame in self._frames:
            return False
        place = self._place(frame)
        if place is None:
            return False
        self._frames.add(frame)
        self._series.setdefault(place, _Series()).displayed.add(frame)
        self._changed[place] = None
        self.displayed.add(place[0])
        return True

    def toggle(self, hung: Hung) -> bool:
        """Call the images of a stack seen, or take that back; tell whether they are called seen now."""
        mark = any(frame not in self for frame in hung.keys)
        own = self._marked.intersection(hung.keys)
        if not mark and not own:
            return True  # displayed, all of them: nothing to take back
        for frame in hung.keys if mark else own:
            place = self._place(frame)
            if place is not None and (not mark or frame not in self._frames):
                series = self._series.setdefault(place, _Series())
                (series.marked.add if mark else series.marked.discard)(frame)
                (self._marked.add if mark else self._marked.discard)(frame)
                self._changed[place] = None
        return mark

    def forget(self) -> None:
        """Forget everything: it was closed."""
        self._series.clear()
        self._frames.clear()
        self._marked.clear()
        self._changed.clear()
        self._asked.clear()
        self.displayed.clear()

    # ------------------------------------------------------------------------------------ what is written
    def changes(self) -> list[tuple[StudyKey, SeenFrames]]:
        """Return what is to be written since the last time, a row for each series."""
        found = [
            (key, SeenFrames(uid, frozenset(series.displayed), frozenset(series.marked)))
            for key, uid in self._changed
            for series in [self._series[key, uid]]
        ]
        self._changed.clear()
        return found

    # ---------------------------------------------------------------------------------------- what is asked
    def __contains__(self, frame: FrameKey) -> bool:
        """Tell whether a frame was seen, or is called so."""
        return frame in self._frames or frame in self._marked

    def count(self, hung: Hung) -> int:
        """Return how many images of a stack were seen."""
        return sum(frame in self for frame in hung.keys)

    def next_unseen(self, stacks: Sequence[Hung], here: FrameKey | None) -> tuple[Hung, int] | None:
        """Return the next image that was not seen: after the one that is looked at, then from the front."""
        places = [(hung, index) for hung in stacks for index in range(len(hung.keys))]
        start = next((n for n, (hung, index) in enumerate(places) if hung.keys[index] == here), -1) + 1
        order = places[start:] + places[:start]
        return next(((hung, index) for hung, index in order if hung.keys[index] not in self), None)

    def unseen(self, studies: Iterable[Study]) -> list[Unseen]:
        """Return what of studies was not seen, where the reader began to look at them."""
        return [
            Unseen(hung, len(hung.keys) - seen, len(hung.keys))
            for study in studies
            if key_of(study.record) in self.displayed
            for hung in self._shelf().study_stacks(study)
            if is_counted(hung) and (seen := self.count(hung)) < len(hung.keys)
        ]

    def _place(self, frame: FrameKey) -> SeriesPlace | None:
        record = self._shelf().instance(frame.sop_instance_uid)
        return _series_of(record) if record is not None else None


def is_counted(hung: Hung) -> bool:
    """Tell whether a stack is what one has to read: no localizer, nothing made from other images, no text."""
    of = sop_class(hung.stack.records[0].sop_class_uid)
    aside = hung.series.modality in ASIDE or hung.stack.kind is StackKind.LOCALIZER
    return not aside and of.kind is not Kind.DOCUMENT


def newest(studies: Iterable[Study]) -> Study | None:
    """Return the newest of the studies of one patient: the others hang beside it as priors."""
    return max(studies, key=lambda s: (s.record.study_date, s.record.study_time), default=None)


def _series_of(record: InstanceRecord) -> SeriesPlace:
    return key_of(record.series.study), record.series.series_instance_uid
