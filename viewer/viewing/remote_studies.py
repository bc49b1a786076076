"""Studies of peers: what several places say about the same one, in one row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from viewer.cache.presence import NOT_HERE, Here
from viewer.cache.search import folded
from viewer.cache.study_list import ListedStudy, Order, SortBy, StudyFilter, StudyKey
from viewer.dicom.records import InstanceRecord, PatientRecord, StudyRecord
from viewer.dicom.tree import patient_key
from viewer.network.match import Match
from viewer.viewing.local_studies import NAME
from viewer.viewing.study_source import Cancelled, Column, StudyPage

EVERYWHERE = "All"
COLUMNS = (
    Column.PATIENT,
    Column.DATE,
    Column.MODALITIES,
    Column.DESCRIPTION,
    Column.ACCESSION,
    Column.IMAGES,
    Column.HERE,
)


@dataclass(frozen=True, slots=True)
class Holder:
    """One place that has a study."""

    name: str
    instances: int | None = None  # as it says; None where it does not


@dataclass(frozen=True, slots=True)
class RemoteStudy(ListedStudy):
    """One row of an answer of peers; `instances` and `series` are 0 where nobody says how many."""

    holders: tuple[Holder, ...] = ()
    here: Here = NOT_HERE

    @property
    def told(self) -> int | None:
        """Return how many images the fullest holder says that it has."""
        return max((one.instances for one in self.peers if one.instances is not None), default=None)

    @property
    def peers(self) -> tuple[Holder, ...]:
        """Return the holders that are reached over the network, the fullest first."""
        others = [one for one in self.holders if one.name != NAME]
        return tuple(sorted(others, key=lambda one: -(one.instances or 0)))

    @property
    def complete(self) -> bool:
        """Tell whether all of it is on this computer, as far as is known."""
        return self.here.complete(self.told) or (not self.peers and bool(self.here.keys))


class RemoteStudies:
    """A place of peers as a source for the list (viewing.study_source.StudySource); rows stream in."""

    as_typed = False

    def __init__(self, name: str, places: Sequence[str]) -> None:
        """`places` are names of peers, and that of this computer where it is looked in, too."""
        self.name, self.places = name, tuple(places)
        self.columns = (*COLUMNS, Column.SOURCE) if len(places) > 1 else COLUMNS

    def page(
        self, _asked: StudyFilter, _order: Order, offset: int, _limit: int, _cancelled: Cancelled
    ) -> StudyPage:
        """Return nothing: what there is comes as it is found."""
        return StudyPage(0, offset, ())

    def modalities(self, _cancelled: Cancelled) -> Sequence[str]:
        """Return those that are common: nobody can ask a peer for all it has."""
        return ("CT", "MR", "CR", "DX", "US", "MG", "PT", "NM", "XA", "RF")

    def records(self, _key: StudyKey, _cancelled: Cancelled) -> Sequence[InstanceRecord]:
        """Return nothing: the files have to be fetched first."""
        return ()


def of_match(match: Match, place: str, here: Here) -> RemoteStudy:
    """Return the row of one answer."""
    record = match.study
    return RemoteStudy(
        key=StudyKey(record.study_instance_uid, patient_key(record.patient)),
        record=record,
        modalities=match.modalities,
        series=match.series_count or 0,
        instances=match.instances or 0,
        frames=0,
        bytes=0,
        missing=0,
        expected_instances=None,
        source=place,
        added_at=0.0,
        opened_at=None,
        pinned=False,
        deleted_at=None,
        conflicts=0,
        holders=(Holder(place, match.instances),),
        here=here,
    )


def of_listed(study: ListedStudy) -> RemoteStudy:
    """Return the row of a study of this computer."""
    count = study.instances - study.missing
    here = Here((study.key,), count, study.expected_instances)
    return RemoteStudy(
        key=study.key,
        record=study.record,
        modalities=study.modalities,
        series=study.series,
        instances=study.instances,
        frames=study.frames,
        bytes=study.bytes,
        missing=study.missing,
        expected_instances=study.expected_instances,
        source=NAME,
        added_at=study.added_at,
        opened_at=study.opened_at,
        pinned=study.pinned,
        deleted_at=study.deleted_at,
        conflicts=study.conflicts,
        patients=study.patients,
        holders=(Holder(NAME, count),),
        here=here,
    )


class Found:
    """The rows of one answer in their order, all of them in memory (viewing.study_pages.Rows)."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._rows: list[RemoteStudy] = []
        self._by_uid: dict[str, list[StudyKey]] = {}

    @property
    def total(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    @property
    def rows(self) -> tuple[RemoteStudy, ...]:
        """Return all rows."""
        return tuple(self._rows)

    def study(self, row: int) -> RemoteStudy | None:
        """Return the study in a row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rows_of(self, keys: Iterable[StudyKey]) -> list[int]:
        """Return the rows of studies."""
        wanted = set(keys)
        return [row for row, study in enumerate(self._rows) if study.key in wanted]

    def use(self, _number: int) -> bool:
        """Tell that everything is here."""
        return True

    def same(self, study: RemoteStudy) -> int | None:
        """Return the row of the same study of the same patient; None when it is a new one.

        One Study Instance UID at two places is one row when ID and name say one patient; else it is two rows,
        because one of the two places is wrong about whose images they are.
        """
        for key in self._by_uid.get(study.key.study_instance_uid, ()):
            row = self.rows_of([key])[0]
            if one_patient(self._rows[row].record.patient, study.record.patient):
                return row
        return None

    def place(self, study: RemoteStudy) -> int:
        """Return the row that a new study comes to."""
        rank = _rank(study, self._order)
        low, high = 0, len(self._rows)
        while low < high:
            middle = (low + high) // 2
            if rank < _rank(self._rows[middle], self._order):
                high = middle
            else:
                low = middle + 1
        return low

    def insert(self, row: int, study: RemoteStudy) -> None:
        """Put a new study into a row."""
        self._rows.insert(row, study)
        self._by_uid.setdefault(study.key.study_instance_uid, []).append(study.key)

    def put(self, row: int, study: RemoteStudy) -> None:
        """Replace what is known of the study of a row, which stays where it is."""
        self._rows[row] = study

    def sort(self, order: Order) -> None:
        """Put all rows in another order."""
        self._order = order
        self._rows.sort(key=lambda study: _rank(study, order))


def merged(old: RemoteStudy, new: RemoteStudy) -> RemoteStudy:
    """Return what two places say of one study: the first one's words, and what only the other says."""
    holders = {one.name: one for one in (*old.holders, *new.holders)}
    names = sorted(holders, key=lambda name: name == NAME)
    return replace(
        old,
        record=_fuller(old.record, new.record),
        modalities=tuple(dict.fromkeys((*old.modalities, *new.modalities))),
        series=max(old.series, new.series),
        instances=max(old.instances, new.instances),
        source=", ".join(names),
        holders=tuple(holders.values()),
        here=new.here if new.here.instances > old.here.instances else old.here,
    )


def one_patient(one: PatientRecord, other: PatientRecord) -> bool:
    """Tell whether two places mean one patient: the same ID and name, and no two issuers or birth dates."""
    return (
        one.patient_id.strip() == other.patient_id.strip()
        and folded(one.patient_name.split("=")[0]) == folded(other.patient_name.split("=")[0])
        and _may_be(one.issuer_of_patient_id, other.issuer_of_patient_id)
        and _may_be(one.patient_birth_date, other.patient_birth_date)
    )


def same_id(patient: PatientRecord, asked: StudyFilter) -> bool:
    """Tell whether a study found by Patient ID is of the patient that was meant (for the priors of one)."""
    return patient.patient_id.strip() == asked.patient_id.strip() and _may_be(
        patient.issuer_of_patient_id, asked.issuer_of_patient_id
    )


def _may_be(one: str, other: str) -> bool:
    return not one.strip() or not other.strip() or one.strip() == other.strip()


def _fuller(one: StudyRecord, other: StudyRecord) -> StudyRecord:
    return replace(
        one,
        study_time=one.study_time or other.study_time,
        study_description=one.study_description or other.study_description,
        accession_number=one.accession_number or other.accession_number,
    )


class _Reversed(str):
    """A text that is sorted from the other end; only `<` knows that."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)


def _rank(study: RemoteStudy, order: Order) -> tuple[int, str, str, str, str]:
    """Return what rows are sorted by; equal ones by date, newest first, then by UID."""
    number, text = 0, ""
    if order.by is SortBy.INSTANCES:
        number = study.instances
    else:
        text = _text(study, order.by)
    record = study.record
    return (
        -number if order.descending else number,
        _Reversed(text) if order.descending else text,
        _Reversed(record.study_date),
        _Reversed(record.study_time),
        record.study_instance_uid,
    )


def _text(study: RemoteStudy, by: SortBy) -> str:
    record = study.record
    texts = {
        SortBy.PATIENT_NAME: folded(record.patient.patient_name),
        SortBy.PATIENT_ID: record.patient.patient_id,
        SortBy.STUDY_DESCRIPTION: folded(record.study_description),
        SortBy.MODALITIES: "\\".join(study.modalities),
        SortBy.ACCESSION_NUMBER: record.accession_number,
        SortBy.STUDY_DATE: record.study_date + record.study_time,
    }
    return texts.get(by, "")
