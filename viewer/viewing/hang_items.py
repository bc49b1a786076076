"""What of the shelf can hang, as protocols ask for it: this study, and earlier ones of the patient."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey, InstanceRecord, StudyRecord
from viewer.dicom.stack_geometry import normal_of
from viewer.dicom.stacks import StackKind
from viewer.dicom.tree import Study
from viewer.dicom.view import View
from viewer.hanging.match import Candidate
from viewer.viewing.pane import Hung
from viewer.viewing.persons import is_same_person
from viewer.viewing.shelf import Shelf

LESS = frozenset({"SEG", "SC", "OT", "PR", "KO", "SR", "DOC"})  # seldom what one came to see
VIEWED = frozenset({"MG", "CR", "DX", "RG", "IO", "PX"})  # images of which each is a view of its own
MOST_READ = 96  # images whose headers are read before a study hangs: a screening with several priors
STEEP = (
    0.8  # of a normal along an axis of the patient; less (37 degrees) is no axial, coronal or sagittal plane
)
PLANES = ("sagittal", "coronal", "axial")  # whose normals run along x, y, z

Facts = Mapping[FrameKey, ImageDescription]


@dataclass(frozen=True, slots=True)
class Item:
    """A stack that can hang."""

    hung: Hung
    study: int = 0  # 0: the study to be read; 1, 2 ...: earlier ones, the latest first


def items_of(shelf: Shelf, study: Study) -> tuple[Item, ...]:
    """Return all stacks of a study and of the patient's earlier ones, what one comes for first."""
    studies = (study, *earlier(shelf, study))
    return tuple(
        Item(hung, number)
        for number, each in enumerate(studies)
        for hung in sorted(shelf.study_stacks(each), key=interest)
    )


def earlier(shelf: Shelf, study: Study) -> tuple[Study, ...]:
    """Return the studies of the same person that were made before, the latest first.

    A study without a date is before nothing.
    """
    found = [
        other
        for patient in shelf.patients()
        for other in patient.studies
        if _when(other.record) < _when(study.record) and is_same_person(other.record, study.record)
    ]
    dated = [other for other in found if other.record.study_date]
    return tuple(sorted(dated, key=lambda other: _when(other.record), reverse=True))


def _when(record: StudyRecord) -> tuple[str, str]:
    return record.study_date, record.study_time


def interest(hung: Hung) -> int:
    """Return how far back a stack stands when a study is first hung: volumes and films come first."""
    if hung.series.modality in LESS:
        return 2
    return 1 if hung.stack.kind is StackKind.LOCALIZER else 0


def middle(hung: Hung) -> int:
    """Return the image at which a stack is opened: volumes in the middle, the rest at the beginning."""
    return len(hung.keys) // 2 if hung.stack.kind is StackKind.VOLUME else 0


def candidates(items: Sequence[Item], facts: Facts) -> tuple[Candidate, ...]:
    """Return what conditions are compared with; `facts` are the headers that were read."""
    return tuple(_candidate(number, item, facts) for number, item in enumerate(items))


def wanted(items: Iterable[Item], *, views: bool, contrast: bool) -> tuple[FrameKey, ...]:
    """Return the frames whose headers must be read: of views each one, for contrast one of each stack."""
    keys: dict[FrameKey, None] = {}
    for item in items:
        if views and item.hung.series.modality in VIEWED:
            keys |= dict.fromkeys(_view_keys(item.hung))
        elif contrast and item.hung.keys:
            keys[item.hung.keys[middle(item.hung)]] = None
    return tuple(keys)[:MOST_READ]


def _view_keys(hung: Hung) -> tuple[FrameKey, ...]:
    """Return the frames of which each is a view; all frames of one instance are the same."""
    records = hung.stack.records[:1] if hung.stack.kind is StackKind.MULTIFRAME else hung.stack.records
    return tuple(FrameKey(record.sop_instance_uid) for record in records)


def _candidate(number: int, item: Item, facts: Facts) -> Candidate:
    series, stack = item.hung.series, item.hung.stack
    return Candidate(
        number,
        modality=series.modality,
        body_part=series.body_part_examined,
        description=series.series_description,
        study_description=series.study.study_description,
        laterality=series.laterality,
        plane=plane_of(stack.records[0]) if stack.kind is not StackKind.LOCALIZER else "",
        kind=str(stack.kind),
        contrast=_contrast(item.hung, facts),
        study=item.study,
        views=_views(item.hung, facts),
    )


def _views(hung: Hung, facts: Facts) -> tuple[View | None, ...]:
    keys = _view_keys(hung)
    if hung.series.modality not in VIEWED or not any(key in facts for key in keys):
        return ()
    images = (facts.get(key) for key in keys)
    return tuple(image.view if image is not None else None for image in images)


def _contrast(hung: Hung, facts: Facts) -> bool | None:
    image = facts.get(hung.keys[middle(hung)]) if hung.keys else None
    return None if image is None else bool(image.text.get("ContrastBolusAgent"))


def plane_of(record: InstanceRecord) -> str:
    """Return "axial", "coronal" or "sagittal" for a slice, "" where it is none of them or not known."""
    normal = normal_of(record)
    if normal is None:
        return ""
    axis = int(np.argmax(np.abs(normal)))
    return PLANES[axis] if abs(float(normal[axis])) > STEEP else ""
