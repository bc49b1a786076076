"""The studies of the cache as a person looks for them: what is asked, in which order, and what comes back."""

from dataclasses import dataclass
from enum import Enum

from viewer.dicom.records import StudyRecord
from viewer.dicom.tree import PatientKey


@dataclass(frozen=True, slots=True)
class StudyKey:
    """One study of one patient: two patients under one Study Instance UID stay apart."""

    study_instance_uid: str
    patient: PatientKey


@dataclass(frozen=True, slots=True)
class StudyFilter:
    """What is looked for; empty means all. Text is compared folded (cache.search), anywhere in a value."""

    text: str = ""  # every word must be in the name, an ID, accession number, description or modality
    patient_name: str = ""
    patient_id: str = ""
    accession_number: str = ""
    study_description: str = ""
    modalities: tuple[str, ...] = ()  # a study with any of these
    date_from: str = ""  # DA, inclusive
    date_to: str = ""  # DA, inclusive
    deleted: bool = False  # what is in the trash instead of what is not
    issuer_of_patient_id: str = ""  # of a question to peers
    same_patient: bool = False  # and only of the very ID and issuer: not looked at here, but by who asks


class SortBy(Enum):
    """A column of the list."""

    PATIENT_NAME = "patient_name"
    PATIENT_ID = "patient_id"
    STUDY_DATE = "study_date"  # and time
    STUDY_DESCRIPTION = "study_description"
    MODALITIES = "modalities"
    ACCESSION_NUMBER = "accession_number"
    INSTANCES = "instances"
    BYTES = "bytes"
    ADDED = "added"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class Order:
    """How the list is sorted; equal ones by date, newest first, then by UID."""

    by: SortBy = SortBy.STUDY_DATE
    descending: bool = True


@dataclass(frozen=True, slots=True)
class ListedStudy:
    """One row of the list."""

    key: StudyKey
    record: StudyRecord
    modalities: tuple[str, ...]
    series: int
    instances: int
    frames: int
    bytes: int
    missing: int  # instances whose file is gone or damaged
    expected_instances: int | None  # as a PACS told; None where none did
    source: str  # in words; of several, the latest and how many more
    added_at: float  # seconds since 1970
    opened_at: float | None
    pinned: bool
    deleted_at: float | None
    conflicts: int  # objects with the UID of one of its instances and other content
    patients: int = 1  # whose studies have this Study Instance UID: more than one is a mistake of somebody
