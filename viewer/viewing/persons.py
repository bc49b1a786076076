"""Whose images are on the screen: studies of one person, or of several that must not be taken for one."""

from collections.abc import Iterable
from dataclasses import dataclass

from viewer.dicom.records import PatientRecord, StudyRecord
from viewer.dicom.text import date, person_name
from viewer.dicom.tree import patient_key

NAMELESS = "Unnamed patient"
NUMBERS = {2: "TWO", 3: "THREE", 4: "FOUR"}


@dataclass(frozen=True, slots=True)
class Person:
    """One patient with the studies that are on the screen."""

    studies: tuple[StudyRecord, ...]

    @property
    def patient(self) -> PatientRecord:
        """Return who this is, as the first study has it."""
        return self.studies[0].patient


def is_same_person(one: StudyRecord, other: StudyRecord) -> bool:
    """Tell whether two studies are known to be of one patient: by issuer and ID, never by the name alone.

    Two names, or two birth dates, under one ID are two patients: one of them may be wrong. Without an ID
    only a name with a birth date will do; studies of nobody in particular are of one patient only when they
    are one study.
    """
    if patient_key(one.patient) != patient_key(other.patient):
        return False
    if one.study_instance_uid and one.study_instance_uid == other.study_instance_uid:
        return True
    births = {one.patient.patient_birth_date, other.patient.patient_birth_date} - {""}
    if len(births) > 1:
        return False
    named = bool(one.patient.patient_name and births)
    return bool(one.patient.patient_id) or named


def persons(studies: Iterable[StudyRecord]) -> tuple[Person, ...]:
    """Return the patients of studies, in the order in which they come."""
    found: list[Person] = []
    for study in dict.fromkeys(studies):
        for place, person in enumerate(found):
            if all(is_same_person(study, known) for known in person.studies):
                found[place] = Person((*person.studies, study))
                break
        else:
            found.append(Person((study,)))
    return tuple(found)


def named(study: StudyRecord) -> str:
    """Return who somebody is, on one line: name, ID with its issuer, birth date."""
    patient = study.patient
    number = patient.patient_id or "no ID"
    issued = f"{number} ({patient.issuer_of_patient_id})" if patient.issuer_of_patient_id else number
    facts = (person_name(patient.patient_name) or NAMELESS, issued, date(patient.patient_birth_date))
    return "  ".join(fact for fact in facts if fact)


def several(count: int) -> str:
    """Return how many patients there are, as a warning says it."""
    return f"{NUMBERS.get(count, str(count))} PATIENTS ON THE SCREEN"
