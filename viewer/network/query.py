"""What is asked of a peer, whether by C-FIND or by QIDO-RS."""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """The level of a query (PS3.4 C.6): which kind of thing the answers are."""

    PATIENT = "PATIENT"
    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"


@dataclass(frozen=True, slots=True)
class Query:
    r"""The keys of a query; empty matches all (PS3.4 C.2.2.2.3).

    `*` and `?` in text stand for any characters and for one. A name matches from its beginning, so DOE finds
    DOE^JANE. Of several UIDs, separated by a backslash as in DICOM, any may match (PS3.4 C.2.2.2.2).
    """

    level: Level = Level.STUDY
    patient_name: str = ""
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_birth_date: str = ""  # DA
    accession_number: str = ""
    study_description: str = ""
    date_from: str = ""  # DA, of the study, inclusive
    date_to: str = ""  # DA, inclusive
    modalities: tuple[str, ...] = ()  # a study or series of any of these
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_instance_uid: str = ""
    patient_root: bool = False  # ask in the Patient Root information model, for peers without the Study Root
