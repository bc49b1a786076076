"""Writing a DICOMDIR: what is on a medium, by patient, study, series and instance (PS3.3 F, PS3.10 8.6).

Patient, study and series say what our own records say of them, so that a DICOMDIR never needs a second look
into thousands of images. Of a report or another object without pixels a few attributes more are required
(PS3.3 F.5); they are copied from its header.
"""

import struct
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from viewer.dicom.part10 import begun, element
from viewer.dicom.read import tolerant
from viewer.dicom.records import InstanceRecord
from viewer.dicom.tree import patient_key
from viewer.dicom.uids import EXPLICIT_LITTLE, MEDIA_DIRECTORY

NAME = "DICOMDIR"
FILE_SET_ID = "NEGATOSCOPE"
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_PRIVATE_RECORD = "2.25.201573260941713216404087226461637462711"  # of what has no type of its own (F.6.1)
_ITEM = struct.Struct("<HHI")
_NEXT, _LOWER = 8 + 8, 8 + 12 + 10 + 8  # where the two offsets stand in a record, from its item tag on
_IN_USE = 0xFFFF

# The type of a record by the end of a SOP Class UID; a dot at the end stands for all that follow (F.5).
_TYPES = (
    ("11.", "PRESENTATION"),
    ("88.59", "KEY OBJECT DOC"),
    ("88.", "SR DOCUMENT"),
    ("9.", "WAVEFORM"),
    ("104.", "ENCAP DOC"),
    ("481.2", "RT DOSE"),
    ("481.3", "RT STRUCTURE SET"),
    ("481.5", "RT PLAN"),
    ("481.8", "RT PLAN"),
    ("481.4", "RT TREAT RECORD"),
    ("481.6", "RT TREAT RECORD"),
    ("481.7", "RT TREAT RECORD"),
    ("481.9", "RT TREAT RECORD"),
    ("4.2", "SPECTROSCOPY"),
    ("66", "RAW DATA"),
    ("66.1", "REGISTRATION"),
    ("66.2", "FIDUCIAL"),
    ("66.3", "REGISTRATION"),
    ("66.5", "SURFACE"),
    ("66.6", "TRACT"),
    ("67", "VALUE MAP"),
    ("68.", "SURFACE SCAN"),
    ("77.1.5.3", "STEREOMETRIC"),
    ("78.", "MEASUREMENT"),
    ("90.1", "ASSESSMENT"),
)
_CONTENT = ("ContentDate", "ContentTime")
_LABELLED = (*_CONTENT, "ContentLabel", "ContentDescription", "ContentCreatorName")
_MORE: Mapping[str, tuple[str, ...]] = {
    "PRESENTATION": (
        "PresentationCreationDate", "PresentationCreationTime", "ContentLabel", "ContentDescription",
        "ContentCreatorName", "ReferencedSeriesSequence",
    ),
    "SR DOCUMENT": (
        *_CONTENT, "CompletionFlag", "VerificationFlag", "VerificationDateTime", "ConceptNameCodeSequence",
    ),
    "KEY OBJECT DOC": (*_CONTENT, "ConceptNameCodeSequence"),
    "WAVEFORM": _CONTENT,
    "ENCAP DOC": (
        *_CONTENT, "DocumentTitle", "HL7InstanceIdentifier", "ConceptNameCodeSequence",
        "MIMETypeOfEncapsulatedDocument",
    ),
    "RT DOSE": ("DoseSummationType",),
    "RT STRUCTURE SET": ("StructureSetLabel", "StructureSetDate", "StructureSetTime"),
    "RT PLAN": ("RTPlanLabel", "RTPlanDate", "RTPlanTime"),
    "RT TREAT RECORD": ("TreatmentDate", "TreatmentTime"),
    "SPECTROSCOPY": (
        *_CONTENT, "ImageType", "NumberOfFrames", "Rows", "Columns", "DataPointRows", "DataPointColumns",
    ),
    "RAW DATA": _CONTENT,
    "REGISTRATION": _LABELLED,
    "FIDUCIAL": _LABELLED,
    "SURFACE": _LABELLED,
    "VALUE MAP": _LABELLED,
    "TRACT": _LABELLED,
    "SURFACE SCAN": _CONTENT,
    "MEASUREMENT": _CONTENT,
    "ASSESSMENT": ("InstanceCreationDate", "InstanceCreationTime"),
}  # fmt: skip
# What items of a sequence hold that a record has; the rest of a long object is not repeated on the medium.
_WITHIN = {
    "ConceptNameCodeSequence": ("CodeValue", "LongCodeValue", "CodingSchemeDesignator", "CodeMeaning"),
    "ReferencedSeriesSequence": ("SeriesInstanceUID", "ReferencedImageSequence"),
    "ReferencedImageSequence": ("ReferencedSOPClassUID", "ReferencedSOPInstanceUID", "ReferencedFrameNumber"),
}

Header = Dataset  # so that callers need not know pydicom
HeaderOf = Callable[[InstanceRecord], Header | None]
Listed = tuple[InstanceRecord, Sequence[str]]  # and the parts of its path, from the folder of the DICOMDIR


@dataclass(slots=True)
class _Record:
    """A record and the records below it."""

    content: bytes = b""
    below: list["_Record"] = field(default_factory=list)
    offset: int = 0  # of its item tag, from the beginning of the file


def directory(files: Sequence[Listed], header_of: HeaderOf) -> bytes:
    """Return the bytes of a DICOMDIR for files of a medium.

    The parts of a path are at most 8, each of at most 8 upper case letters, digits and "_" (PS3.10 8.2).
    `header_of` returns the header of an instance or None when it cannot be read; it is asked once for each
    study and for each object without pixels. What a file does not say stays empty, also where the standard
    requires a value: a date that nobody wrote would be a lie. Numbers that order are counted.
    """
    root = _Record(below=_patients(files, header_of))
    fixed = element(0x0004, 0x1130, b"CS", FILE_SET_ID.encode())
    start = begun(MEDIA_DIRECTORY, f"2.25.{uuid.uuid4().int}", EXPLICIT_LITTLE) + fixed
    flag = element(0x0004, 0x1212, b"US", b"\0\0")
    ordered = _in_order(root)
    position = len(start) + 2 * 12 + len(flag) + 12  # two offsets, and the head of the sequence
    first = position
    for record in ordered:
        record.offset = position
        position += len(record.content)
    ends = (root.below[0].offset, root.below[-1].offset) if root.below else (0, 0)
    offsets = [
        element(0x0004, number, b"UL", struct.pack("<I", offset))
        for number, offset in zip((0x1200, 0x1202), ends, strict=True)
    ]
    head = struct.pack("<HH2s2xI", 0x0004, 0x1220, b"SQ", position - first)
    return b"".join((start, *offsets, flag, head, *_linked(root)))


def record_type(record: InstanceRecord) -> str:
    """Return the Directory Record Type of an instance (PS3.3 F.5)."""
    end = record.sop_class_uid.removeprefix(_STORAGE)
    for known, kind in _TYPES:
        if end == known or (known.endswith(".") and end.startswith(known)):
            return kind
    return "IMAGE" if record.rows else "PRIVATE"


def _patients(files: Sequence[Listed], header_of: HeaderOf) -> list[_Record]:
    """Return the records of patients and, below them, of all that they have, in the order of the files."""
    patients: dict[Any, _Record] = {}
    studies: dict[Any, _Record] = {}
    series: dict[Any, _Record] = {}
    for record, parts in files:
        of_study = record.series.study
        who = patient_key(of_study.patient)
        which = (who, of_study.study_instance_uid)
        where = (*which, record.series.series_instance_uid)
        if who not in patients:
            patients[who] = _Record(_patient(record))
        if which not in studies:
            studies[which] = _Record(_study(record, header_of(record), len(patients[who].below) + 1))
            patients[who].below.append(studies[which])
        if where not in series:
            series[where] = _Record(_series(record, len(studies[which].below) + 1))
            studies[which].below.append(series[where])
        content = _instance(record, parts, header_of, len(series[where].below) + 1)
        series[where].below.append(_Record(content))
    return list(patients.values())


def _patient(record: InstanceRecord) -> bytes:
    patient = record.series.study.patient
    return _content("PATIENT", {"PatientName": patient.patient_name, "PatientID": patient.patient_id})


def _study(record: InstanceRecord, header: Dataset | None, number: int) -> bytes:
    study = record.series.study
    return _content(
        "STUDY",
        {
            "StudyDate": study.study_date,
            "StudyTime": study.study_time,
            "AccessionNumber": study.accession_number,
            "StudyDescription": study.study_description,
            "StudyInstanceUID": study.study_instance_uid,
            "StudyID": _text(header, "StudyID") or str(number),
        },
    )


def _series(record: InstanceRecord, number: int) -> bytes:
    series = record.series
    return _content(
        "SERIES",
        {
            "Modality": series.modality or "OT",
            "SeriesDescription": series.series_description,
            "SeriesInstanceUID": series.series_instance_uid,
            "SeriesNumber": str(number if series.series_number is None else series.series_number),
        },
    )


def _instance(record: InstanceRecord, parts: Sequence[str], header_of: HeaderOf, number: int) -> bytes:
    kind = record_type(record)
    values: dict[str, Any] = {
        "ReferencedFileID": list(parts),
        "ReferencedSOPClassUIDInFile": record.sop_class_uid,
        "ReferencedSOPInstanceUIDInFile": record.sop_instance_uid,
        "ReferencedTransferSyntaxUIDInFile": record.transfer_syntax_uid or EXPLICIT_LITTLE,
        "InstanceNumber": str(number if record.instance_number is None else record.instance_number),
    }
    if kind == "PRIVATE":
        values["PrivateRecordUID"] = _PRIVATE_RECORD
    header = header_of(record) if kind in _MORE else None
    if header is not None:
        values |= {keyword: _value(header, keyword) for keyword in _MORE[kind] if keyword in header}
    return _content(kind, values)


def _text(header: Dataset | None, keyword: str) -> str:
    return "" if header is None else str(header.get(keyword, "") or "")


def _value(header: Dataset, keyword: str) -> Any:  # noqa: ANN401  any value of a header
    """Return a value of a header, of a sequence its items with only what a record has of them."""
    value = header[keyword].value
    if keyword not in _WITHIN:
        return value
    items = []
    for item in value or ():
        content = Dataset()
        for inner in _WITHIN[keyword]:
            if inner in item:
                content.add(_element(inner, _value(item, inner)))
        items.append(content)
    return items


def _element(keyword: str, value: Any) -> DataElement:  # noqa: ANN401  any value of a header
    tag = tag_for_keyword(keyword)
    assert tag is not None  # noqa: S101  keywords of this file
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode()  # what no file can hold was not in one
    return DataElement(tag, dictionary_VR(tag), value, validation_mode=config.IGNORE)


def _content(kind: str, values: Mapping[str, Any]) -> bytes:
    """Return a record as an item of defined length whose two offsets are still zero."""
    dataset = Dataset()
    for keyword, value in values.items():
        dataset.add(_element(keyword, value))
    encoded = _encoded(dataset)
    if not encoded.isascii() or kind == "PRESENTATION":
        dataset.add(_element("SpecificCharacterSet", "ISO_IR 192"))
    first = {
        "OffsetOfTheNextDirectoryRecord": 0,
        "RecordInUseFlag": _IN_USE,
        "OffsetOfReferencedLowerLevelDirectoryEntity": 0,
        "DirectoryRecordType": kind,
    }
    for keyword, number in first.items():
        dataset.add(_element(keyword, number))
    encoded = _encoded(dataset)
    return _ITEM.pack(0xFFFE, 0xE000, len(encoded)) + encoded


def _encoded(dataset: Dataset) -> bytes:
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, False
    with tolerant():
        write_dataset(stream, dataset, parent_encoding="utf-8")
    return bytes(stream.getvalue())


def _in_order(parent: _Record) -> list[_Record]:
    """Return all records below one, each before those below it."""
    return [found for record in parent.below for found in (record, *_in_order(record))]


def _linked(parent: _Record) -> list[bytes]:
    """Return the bytes of all records below one, with their offsets."""
    found: list[bytes] = []
    for place, record in enumerate(parent.below):
        data = bytearray(record.content)
        following = parent.below[place + 1].offset if place + 1 < len(parent.below) else 0
        struct.pack_into("<I", data, _NEXT, following)
        struct.pack_into("<I", data, _LOWER, record.below[0].offset if record.below else 0)
        found += [bytes(data), *_linked(record)]
    return found
