"""One answer to a query, whether by C-FIND or by QIDO-RS."""

from dataclasses import dataclass

from viewer.dicom.records import SeriesRecord, StudyRecord


@dataclass(frozen=True, slots=True)
class Match:
    """What a peer holds, down to the level that was asked for; what lies below is empty.

    A patient without a study has a `study` whose UID is "".
    """

    study: StudyRecord
    series: SeriesRecord | None = None
    sop_instance_uid: str = ""
    sop_class_uid: str = ""
    instances: int | None = None  # of the study or series, as the peer says: a guess, often stale or absent
    modalities: tuple[str, ...] = ()  # of the study, or of the one series
    sop_classes: tuple[str, ...] = ()  # of the study, where the peer says
    series_count: int | None = None  # of the study
    studies: int | None = None  # of the patient
    instance_number: int | None = None  # of an instance
    number_of_frames: int | None = None  # of an instance
