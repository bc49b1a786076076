"""Everything that was opened: patients, studies, series and their stacks, as it comes in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from viewer.dicom.records import InstanceRecord, Refused, SeriesRecord, Skipped
from viewer.dicom.stacks import displayable, split
from viewer.dicom.tree import Library, Patient, SeriesKey, Study, series_key
from viewer.viewing.pane import Hung

Found = InstanceRecord | Refused | Skipped
TWICE = "the same image as "  # how `dicom.tree` begins to say that an image is there already
OBJECTS = -1  # the number, in place of a stack's, of what a series has beside images


@dataclass(frozen=True, slots=True)
class StackKey:
    """One stack of one series on the shelf; its text names it in the rail and while it is dragged."""

    series: int  # the order in which the series came
    number: int = 0

    @property
    def text(self) -> str:
        """Return the key as one word."""
        return f"{self.series}.{self.number}"

    @classmethod
    def parse(cls, text: str) -> "StackKey":
        """Return the key of a word made by `text`. Raises ValueError for any other word."""
        series, _, number = text.partition(".")
        return cls(int(series), int(number))


def _is_new(answer: Refused | Skipped | None, item: InstanceRecord) -> bool:
    """Tell whether an instance was taken: also one that takes the place of a damaged file."""
    return answer is None or answer.path != item.path


class Shelf:
    """Groups what an opening finds, and cuts each series into stacks. Instances come once."""

    def __init__(self) -> None:
        self.refused: list[Refused] = []
        self.skipped: list[Skipped] = []
        self._library = Library(same=lambda _one, _other: False)
        self._numbers: dict[SeriesKey, int] = {}
        self._stacks: dict[SeriesKey, tuple[Hung, ...]] = {}

    def add(self, items: Iterable[Found]) -> list[Hung]:
        """Take what was found; return the stacks that are new or grew."""
        changed: dict[SeriesKey, None] = {}
        for item in items:
            if isinstance(item, Refused):
                self.refused.append(item)
            elif isinstance(item, Skipped):
                self.skipped.append(item)
            elif _is_new(self._library.add(item), item):
                changed[series_key(item)] = None
        for key in changed:
            self._numbers.setdefault(key, len(self._numbers))
            self._stacks.pop(key, None)
        return [hung for key in changed for hung in self.stacks(key)]

    @property
    def unused(self) -> list[Refused | Skipped]:
        """Return the images that are not shown, each with its reason: unreadable, or there already."""
        twice = (item for item in self.skipped if item.reason.startswith(TWICE))
        return [*self.refused, *twice]

    def __len__(self) -> int:
        """Return the number of instances."""
        return len(self._library)

    def instance(self, sop_instance_uid: str) -> InstanceRecord | None:
        """Return an instance by its UID."""
        return self._library.instance(sop_instance_uid)

    def patients(self) -> tuple[Patient, ...]:
        """Return everybody, with their studies and series."""
        return self._library.patients()

    def stacks(self, key: SeriesKey) -> Sequence[Hung]:
        """Return the stacks of a series, in their order."""
        if key not in self._stacks:
            records = self._library.series(key)
            stacks = enumerate(split(records))
            self._stacks[key] = tuple(Hung.of(records[0].series, stack, number) for number, stack in stacks)
        return self._stacks[key]

    def study_stacks(self, study: Study) -> list[Hung]:
        """Return the stacks of a study, series by series."""
        return [hung for series in study.series for hung in self.stacks(series_key(series.instances[0]))]

    def study_of(self, record: SeriesRecord) -> Study | None:
        """Return the study that a series belongs to."""
        wanted = record.study.study_instance_uid, record.study.patient
        for patient in self.patients():
            for study in patient.studies:
                if (study.record.study_instance_uid, study.record.patient) == wanted:
                    return study
        return None

    def key_of(self, hung: Hung) -> StackKey:
        """Return the key of a stack that hangs."""
        return StackKey(self._numbers.get(series_key(hung.stack.records[0]), OBJECTS), hung.number)

    def number_of(self, record: InstanceRecord) -> int:
        """Return the number of the series of an instance, as in its StackKey."""
        return self._numbers[series_key(record)]

    def series_of(self, text: str) -> SeriesKey | None:
        """Return the series of a row, by the text of its key."""
        wanted = StackKey.parse(text).series
        return next((key for key, number in self._numbers.items() if number == wanted), None)

    def find(self, text: str) -> Hung | None:
        """Return a stack by the text of its key, None when it is not there (any more) or is no image."""
        wanted = StackKey.parse(text)
        for key, number in self._numbers.items():
            if number == wanted.series:
                stacks = self.stacks(key)
                return stacks[wanted.number] if 0 <= wanted.number < len(stacks) else None
        return None

    def objects(self, text: str) -> list[InstanceRecord]:
        """Return what a series has beside images, by the text of the key of its row."""
        wanted = StackKey.parse(text)
        found = [key for key, number in self._numbers.items() if number == wanted.series]
        return [record for key in found for record in self._library.series(key) if not displayable(record)]

    def states_about(self, study_instance_uid: str) -> list[InstanceRecord]:
        """Return the presentation states among what was opened, that belong to a study."""
        found = [
            record
            for patient in self.patients()
            for study in patient.studies
            for series in study.series
            for record in series.instances
            if record.referenced_instance_uids
        ]
        return [r for r in found if r.series.study.study_instance_uid == study_instance_uid]
