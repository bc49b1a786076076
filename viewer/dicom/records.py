"""Who, what and where: patients, studies, series, instances and frames as frozen records.

The field names are the DICOM keywords in snake case. A record points at what it belongs to, so
that one type serves files, media directories, the index of the cache and query answers alike.
Absent text is "", absent numbers are None.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class FrameKey:
    """One frame of one instance. Frames count from 1, as in the standard."""

    sop_instance_uid: str
    frame_number: int = 1


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """Who was examined (PS3.3 C.7.1.1)."""

    patient_name: str = ""  # decoded; the three groups of a PN are kept, separated by "="
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_birth_date: str = ""  # DA, YYYYMMDD
    patient_sex: str = ""


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """One examination of a patient (PS3.3 C.7.2.1)."""

    study_instance_uid: str
    patient: PatientRecord = PatientRecord()
    study_date: str = ""  # DA
    study_time: str = ""  # TM
    study_description: str = ""
    accession_number: str = ""


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """One series of a study (PS3.3 C.7.3.1)."""

    series_instance_uid: str
    study: StudyRecord
    modality: str = ""
    series_number: int | None = None
    series_description: str = ""
    body_part_examined: str = ""
    laterality: str = ""


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """One SOP instance and the file that holds it."""

    sop_instance_uid: str
    sop_class_uid: str
    series: SeriesRecord
    path: str  # as the system names it; bytes that are not UTF-8 are surrogate-escaped
    transfer_syntax_uid: str = ""
    instance_number: int | None = None
    number_of_frames: int = 1
    rows: int | None = None
    columns: int | None = None
    samples_per_pixel: int = 1
    photometric_interpretation: str = ""
    image_type: tuple[str, ...] = ()
    image_position_patient: tuple[float, ...] | None = None  # (3,) mm, centre of the first pixel
    image_orientation_patient: tuple[float, ...] | None = None  # (6,) cosines: row, then column
    pixel_spacing: tuple[float, ...] | None = None  # mm: between rows, between columns
    frame_of_reference_uid: str = ""
    acquisition_number: int | None = None
    temporal_position_identifier: int | None = None
    trigger_time: float | None = None  # ms
    echo_time: float | None = None  # ms
    diffusion_b_value: float | None = None
    acquisition_time: str = ""
    content_time: str = ""
    concatenation_uid: str = ""  # shared by the parts of one multi-frame image
    frame_offset: int = 0  # how many of its frames come before those of this part
    referenced_instance_uids: tuple[str, ...] = ()  # images a presentation state is about
    note: str = ""  # what is wrong with a file that can still be used, in words


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that looked like DICOM, or was named by the user, and cannot be used."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not an instance and need not be: another kind of file, a media directory."""

    path: str
    reason: str
