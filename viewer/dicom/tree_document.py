"""The tree as one document of plain values, as the command line prints it."""

from collections.abc import Callable, Sequence

from viewer.dicom.records import Refused, Skipped
from viewer.dicom.stacks import Stack, displayable, split
from viewer.dicom.text import shown_path
from viewer.dicom.tree import Library, Patient, Series, Study

Document = dict[str, object]


def document(
    library: Library,
    refused: Sequence[Refused],
    skipped: Sequence[Skipped],
    shown: Callable[[str], str] = shown_path,
) -> Document:
    """Return what was found. Every file is in exactly one of instances, `problems` and `skipped_files`.

    `shown` is what to call a file; keys are DICOM keywords in snake case, lengths in mm.
    """
    return {
        "patients": [_patient(patient, shown) for patient in library.patients()],
        "problems": [{"path": shown(one.path), "reason": one.reason} for one in refused],
        "skipped": len(skipped),
        "skipped_files": [{"path": shown(one.path), "reason": one.reason} for one in skipped],
    }


def _patient(patient: Patient, shown: Callable[[str], str]) -> Document:
    record = patient.record
    return {
        "patient_name": record.patient_name,
        "patient_id": record.patient_id,
        "issuer_of_patient_id": record.issuer_of_patient_id,
        "patient_birth_date": record.patient_birth_date,
        "patient_sex": record.patient_sex,
        "studies": [_study(study, shown) for study in patient.studies],
    }


def _study(study: Study, shown: Callable[[str], str]) -> Document:
    record = study.record
    return {
        "study_instance_uid": record.study_instance_uid,
        "study_date": record.study_date,
        "study_time": record.study_time,
        "study_description": record.study_description,
        "accession_number": record.accession_number,
        "modalities": sorted({series.record.modality for series in study.series if series.record.modality}),
        "series": [_series(series, shown) for series in study.series],
    }


def _series(series: Series, shown: Callable[[str], str]) -> Document:
    record, instances = series.record, series.instances
    images = [instance for instance in instances if displayable(instance)]
    return {
        "series_instance_uid": record.series_instance_uid,
        "modality": record.modality,
        "series_number": record.series_number,
        "series_description": record.series_description,
        "sop_classes": sorted({instance.sop_class_uid for instance in instances}),
        "instances": len(instances),
        "frames": sum(image.number_of_frames for image in images),
        "displayable": bool(images),
        "stacks": [_stack(stack) for stack in split(instances)],
        "files": [shown(instance.path) for instance in instances],
        "notes": [
            {"path": shown(instance.path), "note": instance.note} for instance in instances if instance.note
        ],
    }


def _stack(stack: Stack) -> Document:
    return {
        "images": len(stack.records),
        "frames": sum(record.number_of_frames for record in stack.records),
        "kind": str(stack.kind),
        "rows": stack.rows,
        "columns": stack.columns,
        "spacing": list(stack.spacing) if stack.spacing else None,
        "times": stack.times,
        "warnings": list(stack.warnings),
    }
