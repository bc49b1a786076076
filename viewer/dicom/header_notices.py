"""What a reader must be told about a picture before reading it, in a few words each."""

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header
from viewer.dicom.header_text import frame_laterality
from viewer.dicom.palette_reader import pixel_presentation

FOR_PROCESSING_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.1.1.1",  # digital X-ray
    "1.2.840.10008.5.1.4.1.1.1.2.1",  # mammography
    "1.2.840.10008.5.1.4.1.1.1.3.1",  # intra-oral
}
SIDES = {"L", "R"}


def is_for_processing(header: Header) -> bool:
    """Tell whether the pixels are raw detector values, not meant to be read (PS3.3 C.8.11.1.1.1)."""
    intent = header.code("PresentationIntentType")
    if intent:
        return intent == "FOR PROCESSING"
    return header.text("SOPClassUID") in FOR_PROCESSING_CLASSES


def add_notices(frame: FrameHeader) -> None:
    """Add the words that belong on the picture to the notices of the header."""
    top = frame.top
    if is_for_processing(top):
        top.notices.add("FOR PROCESSING: raw detector values")
    if top.code("QualityControlImage") in {"YES", "BOTH"}:
        top.notices.add("Quality control image")
    colored = pixel_presentation(frame) in {"COLOR", "MIXED"}
    if "EnhancedPaletteColorLookupTableSequence" in top or "DataFrameAssignmentSequence" in top:
        top.notices.add("Colours from an enhanced palette are not supported: shown as gray")
    elif colored and "RedPaletteColorLookupTableDescriptor" not in top:
        top.notices.add("Supplemental colours are missing: shown as gray")
    if "MOSAIC" in top.texts("ImageType"):
        top.notices.add("MOSAIC: one picture holds several slices")
    _add_concatenation(top)
    conflict = laterality_conflict(frame)
    if conflict:
        top.notices.add(conflict)


def _add_concatenation(header: Header) -> None:
    """Add a notice when the object is one part of several (PS3.3 C.7.6.16.2.2.4)."""
    if not header.text("ConcatenationUID"):
        return
    number = header.integer("InConcatenationNumber")
    total = header.integer("InConcatenationTotalNumber")
    part = f"part {number}" if number is not None else "a part"
    header.notices.add(f"{part.capitalize()}{f' of {total}' if total else ''} of a concatenation")


def laterality_conflict(frame: FrameHeader) -> str:
    """Return how a header names both sides for one picture (PS3.3 C.7.3.1, C.8.11.2), "" when it does not."""
    stated = {
        "series": frame.top.code("Laterality"),
        "image": frame.top.code("ImageLaterality"),
        "frame": frame_laterality(frame),
    }
    sides = {where: side for where, side in stated.items() if side in SIDES}
    if len(set(sides.values())) > 1:
        words = ", ".join(f"{where} {side}" for where, side in sides.items())
        return f"Laterality contradicts itself: {words}"
    side = next(iter(sides.values()), "")
    if side and _breast_is_other(frame.top, side):
        return f"Laterality {side} contradicts Patient Orientation"
    return ""


def _breast_is_other(header: Header, side: str) -> bool:
    """Tell whether an oblique mammogram is oriented as one of the other breast.

    The oblique plane runs from the armpit to the foot and the midline, so that Patient Orientation
    down the columns has the other side's letter beside F ("FL" for a right breast).
    """
    orientation = header.texts("PatientOrientation")
    if header.code("Modality") != "MG" or len(orientation) != 2:  # noqa: PLR2004  row and column
        return False
    for letters in orientation:
        if "F" in letters and side in letters:
            return True
        other = "L" if side == "R" else "R"
        if "H" in letters and other in letters:
            return True
    return False
