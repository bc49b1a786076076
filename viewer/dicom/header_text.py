"""What a person reads of a header in the corners of a picture, by DICOM keyword."""

from collections.abc import Callable, Mapping

import numpy as np
from pydicom.uid import UID

from viewer.dicom.frame_vectors import frame_vectors
from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header, clean
from viewer.dicom.orientation import AXES
from viewer.dicom.plane import ImagePlane
from viewer.dicom.text import age, date, person_name, time

Words = Callable[[str], str]

# Attributes that stand at the top level of every object and are shown as words.
PLAIN: Mapping[str, Words] = {
    "PatientName": person_name,
    "PatientID": str,
    "PatientBirthDate": date,
    "PatientSex": str,
    "PatientAge": age,
    "StudyDate": date,
    "StudyTime": time,
    "StudyDescription": str,
    "StudyID": str,
    "AccessionNumber": str,
    "InstitutionName": str,
    "ReferringPhysicianName": person_name,
    "OperatorsName": person_name,
    "Modality": str,
    "SeriesNumber": str,
    "SeriesDescription": str,
    "SeriesDate": date,
    "SeriesTime": time,
    "ProtocolName": str,
    "InstanceNumber": str,
    "AcquisitionNumber": str,
    "AcquisitionDate": date,
    "AcquisitionTime": time,
    "ContentDate": date,
    "ContentTime": time,
    "Manufacturer": str,
    "ManufacturerModelName": str,
    "StationName": str,
    "BodyPartExamined": str,
    "ViewPosition": str,
    "PatientPosition": str,
    "Laterality": str,
    "ImageLaterality": str,
    "ImageComments": str,
    "ContrastBolusAgent": str,
    "ConvolutionKernel": str,
    "SequenceName": str,
    "ScanningSequence": str,
    "ProcessingFunction": str,
    "TransducerType": str,
    "FilterType": str,
    "Units": str,
    "DecayCorrection": str,
    "ImageType": str,
}
# Numbers: the functional group macro in which they may stand ("" for the top level only), and the unit.
NUMBERS: Mapping[str, tuple[str, str]] = {
    "SliceThickness": ("PixelMeasuresSequence", "mm"),
    "SpacingBetweenSlices": ("PixelMeasuresSequence", "mm"),
    "KVP": ("CTXRayDetailsSequence", "kV"),
    "XRayTubeCurrent": ("CTExposureSequence", "mA"),
    "Exposure": ("CTExposureSequence", "mAs"),
    "ExposureTime": ("CTExposureSequence", "ms"),
    "RepetitionTime": ("MRTimingAndRelatedParametersSequence", "ms"),
    "EchoTime": ("MREchoSequence", "ms"),
    "InversionTime": ("", "ms"),
    "FlipAngle": ("MRTimingAndRelatedParametersSequence", "°"),
    "MagneticFieldStrength": ("", "T"),
    "DiffusionBValue": ("MRDiffusionSequence", "s/mm²"),
    "GantryDetectorTilt": ("CTGeometrySequence", "°"),
    "TriggerTime": ("", "ms"),
    "FrameTime": ("", "ms"),
    "HeartRate": ("", "/min"),
    "BodyPartThickness": ("", "mm"),
    "CompressionForce": ("", "N"),
    "PositionerPrimaryAngle": ("", "°"),
    "PositionerSecondaryAngle": ("", "°"),
    "ActualFrameDuration": ("", "ms"),
}
# Where enhanced objects write the same fact under another name.
ENHANCED_NAMES: Mapping[str, str] = {
    "XRayTubeCurrent": "XRayTubeCurrentInmA",
    "Exposure": "ExposureInmAs",
    "ExposureTime": "ExposureTimeInms",
    "EchoTime": "EffectiveEchoTime",
}
COMPUTED = (
    "SliceLocation",
    "TransferSyntaxName",
    "FrameLaterality",
    "Side",
    "RadionuclideTotalDose",
    "Derived",
    "FrameVectors",
)
KEYWORDS = frozenset((*PLAIN, *NUMBERS, *COMPUTED))


def read_text(frame: FrameHeader, plane: ImagePlane | None, transfer_syntax: str) -> dict[str, str]:
    """Return the words of a frame by keyword; what is absent or empty is left out."""
    found = {keyword: words(frame.top.text(keyword)) for keyword, words in PLAIN.items()}
    found |= {keyword: _quantity(frame, keyword) for keyword in NUMBERS}
    found["SliceLocation"] = location(plane) if plane is not None else _stated_location(frame)
    found["TransferSyntaxName"] = UID(transfer_syntax).name if transfer_syntax else ""
    found["FrameLaterality"] = frame_laterality(frame)
    # The nearest to the pixels counts; a contradiction among the three is a notice of its own.
    found["Side"] = found["FrameLaterality"] or found["ImageLaterality"] or found["Laterality"]
    found["Derived"] = "Derived" if frame.top.texts("ImageType")[:1] == ("DERIVED",) else ""
    found["RadionuclideTotalDose"] = _dose(frame.top)
    found["FrameVectors"] = frame_vectors(frame)
    return {keyword: clean(words) for keyword, words in found.items() if words}


def location(plane: ImagePlane) -> str:
    """Return where a plane crosses the patient axis that it is most perpendicular to: "H 42.5 mm".

    Slice Location (0020,1041) is of no use: its origin and sign differ among scanners.
    """
    axis = int(np.argmax(np.abs(plane.normal)))
    value = plane.position[axis]
    letter = AXES[axis][0 if value >= 0 else 1]
    return f"{letter} {abs(value):.1f} mm"


def frame_laterality(frame: FrameHeader) -> str:
    """Return Frame Laterality (0020,9072) of the frame anatomy macro, "" when absent."""
    anatomy = frame.macro("FrameAnatomySequence")
    return anatomy.code("FrameLaterality") if anatomy is not None else ""


def _quantity(frame: FrameHeader, keyword: str) -> str:
    """Return a number with its unit, at most four digits behind the point, "" when absent."""
    sequence, unit = NUMBERS[keyword]
    macro = frame.macro(sequence) if sequence else None
    number = None
    for name in (ENHANCED_NAMES.get(keyword, keyword), keyword):
        if number is None and macro is not None and name in macro:
            number = macro.number(name)
    if number is None:
        number = frame.top.number(keyword)
    return "" if number is None else f"{number_text(number)} {unit}"


def number_text(number: float) -> str:
    """Return a number as short as it can be read: 120, 2.5, 0.625, never 1e+06."""
    digits = f"{number:.4f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def _stated_location(frame: FrameHeader) -> str:
    stated = frame.top.number("SliceLocation")
    return "" if stated is None else f"{number_text(round(stated, 1))} mm"


def _dose(header: Header) -> str:
    drug = header.item("RadiopharmaceuticalInformationSequence")
    dose = drug.number("RadionuclideTotalDose") if drug is not None else None
    return "" if not dose else f"{number_text(round(dose / 1e6, 1))} MBq"  # stored in Bq
