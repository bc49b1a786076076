"""What a presentation state takes from its images: patient and study, word for word (PS3.3 C.7.1-2)."""

import copy

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.multival import MultiValue

REQUIRED = (  # type 1 and 2: written even where the image has them empty or not at all
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "ReferringPhysicianName",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyID",
)
OPTIONAL = (
    "IssuerOfAccessionNumberSequence",
    "StudyDescription",
    "ProcedureCodeSequence",
    "PhysiciansOfRecord",
    "NameOfPhysiciansReadingStudy",
    "ReferencedStudySequence",
    "ReferencedPatientSequence",
    "IssuerOfPatientID",
    "TypeOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "PatientBirthTime",
    "QualityControlSubject",
    "OtherPatientIDs",
    "OtherPatientNames",
    "OtherPatientIDsSequence",
    "EthnicGroup",
    "PatientComments",
    "PatientSpeciesDescription",
    "PatientSpeciesCodeSequence",
    "PatientBreedDescription",
    "PatientBreedCodeSequence",
    "BreedRegistrationSequence",
    "ResponsiblePerson",
    "ResponsiblePersonRole",
    "ResponsibleOrganization",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "PatientSexNeutered",
)


def copy_patient_and_study(source: Dataset, target: Dataset) -> None:
    """Copy the patient, study and patient study modules; text is decoded and written again in UTF-8."""
    for keyword in REQUIRED:
        element = _element(source, keyword)
        if element is None:
            setattr(target, keyword, "")
        else:
            target.add(element)
    for keyword in OPTIONAL:
        element = _element(source, keyword)
        if element is not None and not element.is_empty:
            target.add(element)


def _element(source: Dataset, keyword: str) -> DataElement | None:
    """Return a copy of an element that depends on nothing of its file, None when absent or damaged."""
    tag = tag_for_keyword(keyword)
    if tag is None or tag not in source:
        return None
    try:
        element = source[tag]
        if element.VR != "SQ":
            return DataElement(tag, element.VR, _plain(element.value))
        copied = copy.deepcopy(element)
        for item in copied.value:
            _detach(item)
    except Exception:  # noqa: BLE001  pydicom raises many kinds for a value that it cannot convert
        return None
    return copied


def _detach(item: Dataset) -> None:
    """Convert every value of an item, so that none is written back in the bytes of its old file."""
    for element in list(item):
        if element.VR == "SQ":
            for inner in element.value:
                _detach(inner)
        else:
            item[element.tag] = DataElement(element.tag, element.VR, _plain(element.value))


def _plain(value: object) -> object:
    """Return names and texts as they are read, not as they were encoded."""
    if value is None or isinstance(value, (bytes, int, float)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (MultiValue, list, tuple)):
        return [_plain(entry) for entry in value]
    return str(value)
