"""A place where studies are looked for: the cache of this computer, a peer on the network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from viewer.cache.study_list import ListedStudy, Order, SortBy, StudyFilter, StudyKey
from viewer.dicom.records import InstanceRecord

PAGE = 200  # rows read at once: more than a tall screen shows, and read within a frame

Cancelled = Callable[[], bool]


class Column(Enum):
    """What a list can show of a study."""

    PATIENT = "Patient"
    DATE = "Study date"
    MODALITIES = "Modality"
    DESCRIPTION = "Description"
    ACCESSION = "Accession no."
    IMAGES = "Images"
    BYTES = "Size"
    SOURCE = "Source"
    OPENED = "Last opened"
    HERE = "On this computer"


SORTED_BY = {
    Column.PATIENT: SortBy.PATIENT_NAME,
    Column.DATE: SortBy.STUDY_DATE,
    Column.MODALITIES: SortBy.MODALITIES,
    Column.DESCRIPTION: SortBy.STUDY_DESCRIPTION,
    Column.ACCESSION: SortBy.ACCESSION_NUMBER,
    Column.IMAGES: SortBy.INSTANCES,
    Column.BYTES: SortBy.BYTES,
    Column.OPENED: SortBy.OPENED,
}
NEWEST_FIRST = {SortBy.STUDY_DATE, SortBy.INSTANCES, SortBy.BYTES, SortBy.OPENED, SortBy.ADDED}


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Some rows of an answer, and how many the whole answer has."""

    total: int
    offset: int
    rows: tuple[ListedStudy, ...]


class StudySource(Protocol):
    """Where studies are looked for. Its functions wait for a disk or a network: they are for job threads.

    Each raises ViewerError in words. What they return is of one moment: a page and its total agree.
    """

    @property
    def name(self) -> str:
        """Return what it is called in the switch: "This computer"."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return what is known of its studies."""

    @property
    def as_typed(self) -> bool:
        """Tell whether it is asked at each letter; else the reader asks with Enter."""

    def page(
        self, asked: StudyFilter, order: Order, offset: int, limit: int, cancelled: Cancelled
    ) -> StudyPage:
        """Return `limit` rows from `offset` on of what fits `asked`."""

    def modalities(self, cancelled: Cancelled) -> Sequence[str]:
        """Return the modalities that there are."""

    def records(self, key: StudyKey, cancelled: Cancelled) -> Sequence[InstanceRecord]:
        """Return the instances of a study whose files are here; none where they have to be fetched first."""
