"""The shelf as rows of the rail, in words for a person."""

from pathlib import PurePath

from viewer.dicom.records import SeriesRecord, StudyRecord
from viewer.dicom.stacks import Stack, displayable
from viewer.dicom.text import date, person_name
from viewer.dicom.tree import Patient, Series, Study, patient_key, series_key
from viewer.dicom.uids import Kind, sop_class
from viewer.ui import theme
from viewer.ui.patient_strip import Identity
from viewer.ui.rail.rail_model import PatientNode, SeriesNode, StudyNode
from viewer.viewing.pane import Hung
from viewer.viewing.persons import NAMELESS
from viewer.viewing.shelf import OBJECTS, Shelf, StackKey

NAMED = 8  # files in a tooltip
TIMES = "\N{MULTIPLICATION SIGN}"  # of several times: how many, and images of each


def nodes(shelf: Shelf) -> list[PatientNode]:
    """Return the patients of a shelf with everything below them; each stack of a series is a row."""
    return [_patient(shelf, entry, hue(number)) for number, entry in enumerate(shelf.patients())]


def hue(number: int) -> str:
    """Return the colour of the patient with this number."""
    return theme.PATIENT_HUES[number % len(theme.PATIENT_HUES)]


def identity(study: StudyRecord, color: str) -> Identity:
    """Return who and what, for the strip at the top."""
    patient = study.patient
    return Identity(
        person_name(patient.patient_name) or NAMELESS,
        patient.patient_id,
        date(patient.patient_birth_date),
        patient.patient_sex,
        study.study_description,
        date(study.study_date),
        color,
    )


def _patient(shelf: Shelf, patient: Patient, color: str) -> PatientNode:
    record = patient.record
    facts = (record.patient_id, date(record.patient_birth_date), record.patient_sex)
    lines = (person_name(record.patient_name) or NAMELESS, "  ".join(fact for fact in facts if fact))
    key = "\n".join(patient_key(record))
    studies = tuple(_study(shelf, study, key) for study in patient.studies)
    return PatientNode(key, tuple(line for line in lines if line), color, studies)


def _study(shelf: Shelf, study: Study, patient: str) -> StudyNode:
    record = study.record
    title = "  ".join(part for part in (date(record.study_date), record.study_description) if part)
    rows = tuple(row for series in study.series for row in _rows(shelf, series))
    key = f"{patient}\n{record.study_instance_uid or rows[0].key}"
    facts = f"{record.accession_number}  {_total(study)}".strip()
    return StudyNode(key, title or "Undated study", facts, rows)


def _total(study: Study) -> str:
    """Return how many files of a study there are: every one is in one of its rows."""
    count = sum(len(series.instances) for series in study.series)
    return f"{count:,} file{'s' * (count != 1)}"


def _rows(shelf: Shelf, series: Series) -> list[SeriesNode]:
    stacks = shelf.stacks(series_key(series.instances[0]))
    rows = [_stack_row(shelf.key_of(hung), hung, len(stacks)) for hung in stacks]
    if any(not displayable(record) for record in series.instances):
        rows.append(_objects_row(shelf, series))
    return rows


def _stack_row(key: StackKey, hung: Hung, of: int) -> SeriesNode:
    series, stack = hung.series, hung.stack
    count = len(hung.keys)
    several = f"{series.modality} {key.number + 1} of {of}" if of > 1 else series.modality
    times = f"{stack.times} {TIMES} {count // stack.times}" if stack.times > 1 else ""
    number = "" if series.series_number is None else f"Series {series.series_number}"
    return SeriesNode(
        key.text,
        series.series_description or number or several,
        "  ".join(part for part in (several, number if series.series_description else "", times) if part),
        f"{count:,} {_unit(stack)}{'s' * (count > 1)}",
        displayable=True,
        tooltip="\n".join((_heading(series), *stack.warnings)),
        modality=series.modality,
    )


def _unit(stack: Stack) -> str:
    of = sop_class(stack.records[0].sop_class_uid)
    return "page" if of.kind is Kind.DOCUMENT else "image"


def _objects_row(shelf: Shelf, series: Series) -> SeriesNode:
    """Return a row for the objects that have no pixels to show: listed, never left out."""
    others = [record for record in series.instances if not displayable(record)]
    what = sorted({sop_class(record.sop_class_uid).name for record in others})
    files = "\n".join(PurePath(record.path).name for record in others[:NAMED])
    return SeriesNode(
        StackKey(shelf.number_of(others[0]), OBJECTS).text,
        series.record.series_description or what[0],
        ", ".join(what),
        f"{len(others)} objects" if len(others) > 1 else "1 object",
        displayable=False,
        tooltip=f"{_heading(series.record)}\nIt is no image: double-click to read what it says.\n{files}",
        modality=series.record.modality,
    )


def _heading(series: SeriesRecord) -> str:
    parts = (series.modality, series.series_description, series.body_part_examined)
    return "  ".join(part for part in parts if part)
