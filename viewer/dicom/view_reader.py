"""View, side and view modifiers of a projection from its header (PS3.3 C.8.11.7; PS3.16 CID 4010, 4014)."""

from collections.abc import Mapping

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header
from viewer.dicom.header_notices import laterality_conflict
from viewer.dicom.header_text import frame_laterality
from viewer.dicom.view import View

SIDES = {"R", "L", "B"}
# By SNOMED CT code and by the SNOMED RT code that older devices write: the word of View Position.
NAMES: Mapping[str, str] = {
    **dict.fromkeys(("399162004", "R-10242"), "CC"),
    **dict.fromkeys(("399368009", "R-10226"), "MLO"),
    **dict.fromkeys(("399260004", "R-10224"), "ML"),
    **dict.fromkeys(("399352003", "R-10228"), "LM"),
    **dict.fromkeys(("399099002", "R-10230"), "LMO"),
    **dict.fromkeys(("399196006", "R-10244"), "FB"),
    **dict.fromkeys(("399188001", "R-102D0"), "SIO"),
    **dict.fromkeys(("441555000", "R-40AAA"), "ISO"),
    **dict.fromkeys(("399192008", "R-1024A"), "XCCL"),
    **dict.fromkeys(("399101009", "R-1024B"), "XCCM"),
    **dict.fromkeys(("127457009", "G-8310"), "SPECIMEN"),
    **dict.fromkeys(("272479007", "R-10214", "R-40888"), "PA"),
    **dict.fromkeys(("399348003", "R-10206"), "AP"),
    **dict.fromkeys(("399173006", "R-10236"), "LL"),
    **dict.fromkeys(("399198007", "R-10232"), "RL"),
    **dict.fromkeys(("399067008", "R-102CD"), "LATERAL"),
    **dict.fromkeys(("399182000", "R-102C1"), "OBLIQUE"),
    **dict.fromkeys(("399006002", "R-10212"), "LPO"),
    **dict.fromkeys(("399038007", "R-10210"), "RPO"),
    **dict.fromkeys(("399135007", "R-10220"), "LAO"),
    **dict.fromkeys(("399356000", "R-40985"), "RAO"),
}
MODIFIERS: Mapping[str, str] = {
    **dict.fromkeys(("399163009", "R-102D6"), "magnification"),
    **dict.fromkeys(("399055006", "R-102D7"), "spot compression"),
    **dict.fromkeys(("399161006", "R-102D2"), "cleavage"),
    **dict.fromkeys(("399011000", "R-102D1"), "axillary tail"),
    **dict.fromkeys(("442580003", "R-40AB2"), "axillary tissue"),
    **dict.fromkeys(("399197002", "R-102D3"), "rolled lateral"),
    **dict.fromkeys(("399226006", "R-102D4"), "rolled medial"),
    **dict.fromkeys(("414493004", "R-102CA"), "rolled inferior"),
    **dict.fromkeys(("415670009", "R-102C9"), "rolled superior"),
    **dict.fromkeys(("399209000", "R-102D5"), "implant displaced"),
    **dict.fromkeys(("399110001", "R-102C2"), "tangential"),
    **dict.fromkeys(("442581004", "R-40AB3"), "nipple in profile"),
    **dict.fromkeys(("441752004", "P2-00161"), "anterior compression"),
    **dict.fromkeys(("442593008", "R-40ABE"), "infra-mammary fold"),
}
# What View Position (0018,5101) and View Code disagree about is the code's (it is the required one).
UPRIGHT = {"MLO", "ML", "LM", "LMO", "SIO", "ISO"}  # mammograms whose columns run between head and foot
FLAT = {"CC", "FB", "XCCL", "XCCM"}  # and those seen along the body: columns run between the sides


def read_view(frame: FrameHeader) -> View:
    """Return what the header says of the projection of a frame; adds notices for what is special about it."""
    top = frame.top
    item = top.item("ViewCodeSequence")
    name = (NAMES.get(item.text("CodeValue"), "") if item is not None else "") or top.code("ViewPosition")
    view = View(name, _side(frame), _conflict(frame, name), _modifiers(top, item), _is_partial(top))
    for modifier in view.modifiers:
        top.notices.add(modifier.capitalize())
    if view.partial:
        top.notices.add("Partial view")
    return view


def _side(frame: FrameHeader) -> str:
    stated = (frame.top.code("ImageLaterality"), frame_laterality(frame), frame.top.code("Laterality"))
    return next((side for side in stated if side in SIDES), "")


def _modifiers(top: Header, item: Header | None) -> tuple[str, ...]:
    """Return the modifiers of the view: within its code (C.8.11.7), or beside it."""
    holders = [*(item.items("ViewModifierCodeSequence") if item is not None else ())]
    holders += top.items("ViewModifierCodeSequence")
    words = (_modifier(holder) for holder in holders)
    return tuple(dict.fromkeys(word for word in words if word))


def _modifier(item: Header) -> str:
    known = MODIFIERS.get(item.text("CodeValue"))
    return known or item.text("CodeMeaning").lower() or "view with an unknown modifier"


def _is_partial(top: Header) -> bool:
    return top.code("PartialView") == "YES" or bool(top.items("PartialViewCodeSequence"))


def _conflict(frame: FrameHeader, name: str) -> str:
    """Return why side, view and Patient Orientation cannot all be true; "" when they can."""
    words = laterality_conflict(frame)
    if words or frame.top.code("Modality") != "MG":
        return words
    letters = frame.top.texts("PatientOrientation")
    if len(letters) != 2 or name not in UPRIGHT | FLAT:  # noqa: PLR2004  row and column
        return ""
    row, column = (text.upper() for text in letters)
    upright = any(letter in column for letter in "HF")
    if not any(letter in row for letter in "AP"):
        return f"Patient Orientation {row}\\{column} is that of no mammogram"
    if (name in UPRIGHT) != upright:
        return f"View {name} contradicts Patient Orientation {row}\\{column}"
    return ""
