"""Records by patient, study and series, each instance once, and every file accounted for once."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.dicom.natural import natural_key
from viewer.dicom.records import (
    InstanceRecord,
    PatientRecord,
    Refused,
    SeriesRecord,
    Skipped,
    StudyRecord,
)
from viewer.dicom.text import shown_path

_BLOCK = 1 << 20  # bytes compared at a time

PatientKey = tuple[str, ...]
SeriesKey = tuple[PatientKey, str, str]


@dataclass(frozen=True, slots=True)
class Series:
    """One series and its instances in the order in which they were added."""

    record: SeriesRecord
    instances: tuple[InstanceRecord, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """One study and its series by number."""

    record: StudyRecord
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient and the studies, oldest first."""

    record: PatientRecord
    studies: tuple[Study, ...]


def patient_key(patient: PatientRecord) -> PatientKey:
    """Return what must be equal for two records to be of one patient.

    Two names under one ID stay apart, because one of them may be wrong; without an ID the birth date
    counts too.
    """
    name = "=".join(_plain(group) for group in patient.patient_name.split("=")).rstrip("=")
    key = (patient.issuer_of_patient_id, patient.patient_id, name)
    return key if patient.patient_id else (*key, patient.patient_birth_date)


def series_key(record: InstanceRecord) -> SeriesKey:
    """Return what must be equal for two instances to be of one series.

    An instance without UIDs of study or series is in one of its own: nothing says that it belongs to others.
    """
    study = record.series.study.study_instance_uid or f"without study: {record.sop_instance_uid}"
    series = record.series.series_instance_uid or f"without series: {record.sop_instance_uid}"
    return patient_key(record.series.study.patient), study, series


class Library:
    """All that was found, growing one file at a time."""

    def __init__(
        self,
        same: Callable[[str, str], bool] | None = None,
        shown: Callable[[str], str] = shown_path,
    ) -> None:
        """Begin empty. `same` tells whether two files have the same bytes, `shown` what to call a file."""
        self._same = same or same_bytes
        self._shown = shown
        self._series: dict[SeriesKey, list[InstanceRecord]] = {}
        self._instances: dict[str, InstanceRecord] = {}

    def add(self, record: InstanceRecord) -> Refused | Skipped | None:
        """Add an instance, or return why a file is not used: its instance is there already.

        Of two files of one instance the first is used, but a whole one rather than a damaged one: then
        the answer is about the earlier file.
        """
        first = self._instances.get(record.sop_instance_uid)
        if first is None:
            self._instances[record.sop_instance_uid] = record
            self._series.setdefault(series_key(record), []).append(record)
            return None
        if self._same(first.path, record.path):
            return Skipped(record.path, f"the same image as {self._shown(first.path)}")
        if first.note and not record.note:
            self._replace(first, record)
            first, record = record, first
        name = self._shown(first.path)
        return Refused(
            record.path, f"the same SOP Instance UID as {name} with other content; that one is shown"
        )

    def _replace(self, old: InstanceRecord, new: InstanceRecord) -> None:
        key = series_key(old)
        self._series[key].remove(old)
        if not self._series[key]:
            del self._series[key]
        self._instances[new.sop_instance_uid] = new
        self._series.setdefault(series_key(new), []).append(new)

    def instance(self, sop_instance_uid: str) -> InstanceRecord | None:
        """Return the instance with a UID, None when it was not added."""
        return self._instances.get(sop_instance_uid)

    def series(self, key: SeriesKey) -> tuple[InstanceRecord, ...]:
        """Return the instances of one series in the order in which they were added."""
        return tuple(self._series.get(key, ()))

    def __len__(self) -> int:
        """Return the number of instances."""
        return len(self._instances)

    def patients(self) -> tuple[Patient, ...]:
        """Return all patients by name, their studies by date, their series by number."""
        return _patients(self._series)


def group(records: Iterable[InstanceRecord]) -> tuple[Patient, ...]:
    """Return records of distinct instances by patient, study and series."""
    library = Library(same=lambda _one, _other: True)
    for record in records:
        library.add(record)
    return library.patients()


def same_bytes(one: str, other: str) -> bool:
    """Tell whether two files have the same content; False when one cannot be read."""
    try:
        with Path(one).open("rb") as first, Path(other).open("rb") as second:
            while block := first.read(_BLOCK):
                if block != second.read(_BLOCK):
                    return False
            return not second.read(1)
    except OSError:
        return False


def _patients(series: dict[SeriesKey, list[InstanceRecord]]) -> tuple[Patient, ...]:
    tree: dict[PatientKey, dict[str, list[Series]]] = {}
    for (patient, study, _uid), records in series.items():
        found = Series(records[0].series, tuple(records))
        tree.setdefault(patient, {}).setdefault(study, []).append(found)
    patients = [
        Patient(
            _fullest(one.record.study.patient for studies in by_study.values() for one in studies),
            tuple(sorted((_study(found) for found in by_study.values()), key=_study_order)),
        )
        for by_study in tree.values()
    ]
    return tuple(sorted(patients, key=lambda p: (_plain(p.record.patient_name), p.record.patient_id)))


def _study(series: list[Series]) -> Study:
    return Study(series[0].record.study, tuple(sorted(series, key=_series_order)))


def _fullest(records: Iterable[PatientRecord]) -> PatientRecord:
    """Return the first record, with birth date and sex from others where it has none."""
    found = list(records)
    birth_date = next((record.patient_birth_date for record in found if record.patient_birth_date), "")
    sex = next((record.patient_sex for record in found if record.patient_sex), "")
    return replace(found[0], patient_birth_date=birth_date, patient_sex=sex)


def _study_order(study: Study) -> tuple[str, str, str]:
    return study.record.study_date, study.record.study_time, study.record.study_instance_uid


def _series_order(series: Series) -> tuple[bool, int, object]:
    number = series.record.series_number
    return (
        number is None,
        number or 0,
        natural_key(series.record.series_instance_uid.encode("utf-8", "replace")),
    )


def _plain(name: str) -> str:
    """Return a name as it is compared: without regard to case, width of letters, spaces and empty ends."""
    components = unicodedata.normalize("NFKC", name).casefold().split("^")
    return "^".join(" ".join(part.split()) for part in components).rstrip("^")
