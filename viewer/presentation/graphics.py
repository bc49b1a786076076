"""Annotation to Graphic and Text Objects and back (PS3.3 C.10.5, C.10.11).

Each annotation is one Graphic Annotation item: a graphic and, where there is something to say, a text,
tied together by a Graphic Group whose label names the kind, and by the Tracking UID.
"""

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pydicom import Dataset

from viewer.annotations.kinds import KINDS, label
from viewer.annotations.shapes import Annotation, Kind, Point
from viewer.dicom.header import INVISIBLE, Header
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.presentation.curves import CURVES
from viewer.presentation.state import DisplayedArea
from viewer.presentation.text_box import place
from viewer.rendering.spatial import Affine

LAYER = "MEASUREMENTS"
LONGEST_TEXT = 1024  # characters of VR ST
LINE_POINTS = 2
# What our own labels end with: it is computed again when shown, the lines before it are a reader's words.
MEASURED = re.compile(r"\d+\.\d+ (mm|px)( \([a-z ]+\))?|no length: .+")
UID_NAMESPACE = uuid.UUID("8d0d1f0b-27f2-5c0e-9f39-2c8e36b0b7a4")


# ------------------------------------------------------------------------------------------------ writing
def write_annotation(
    annotation: Annotation, number: int, image: ImageDescription, rotation: int, *, flipped: bool
) -> Dataset:
    """Return a Graphic Annotation item without its references; `number` ties its parts together.

    Raises ViewerError when the text is longer than the standard allows.
    """
    item = Dataset()
    item.GraphicLayer = LAYER
    text = label(annotation, image)
    if text:
        item.TextObjectSequence = [_text_object(annotation, text, image, rotation, flipped=flipped)]
    item.GraphicObjectSequence = [_graphic_object(annotation)]
    for part in (*item.GraphicObjectSequence, *item.get("TextObjectSequence", [])):
        part.TrackingID = f"{KINDS[annotation.kind].name} {number}"
        part.TrackingUID = annotation.uid
        if not annotation.read_only:
            part.GraphicGroupID = number
    return item


def write_group(annotation: Annotation, number: int) -> Dataset:
    """Return the Graphic Group item that says of which kind an annotation is."""
    item = Dataset()
    item.GraphicGroupID = number
    item.GraphicGroupLabel = annotation.kind.value
    item.GraphicGroupDescription = KINDS[annotation.kind].name
    return item


def _graphic_object(annotation: Annotation) -> Dataset:
    points = annotation.points
    item = Dataset()
    item.GraphicAnnotationUnits, item.GraphicDimensions = "PIXEL", 2
    item.NumberOfGraphicPoints = len(points)
    item.GraphicData = [value for point in points for value in point]
    item.GraphicType = "POINT" if len(points) == 1 else "POLYLINE"
    if len(points) > LINE_POINTS and points[0] == points[-1]:
        item.GraphicFilled = "N"
    return item


def _text_object(
    annotation: Annotation, text: str, image: ImageDescription, rotation: int, *, flipped: bool
) -> Dataset:
    written = text.replace("\n", "\r\n")
    if len(written) > LONGEST_TEXT:
        raise ViewerError(
            f"The text of an annotation is longer than the {LONGEST_TEXT} letters a file can hold."
        )
    box = place(annotation.points, text, image, rotation, flipped=flipped)
    item = Dataset()
    item.BoundingBoxAnnotationUnits = item.AnchorPointAnnotationUnits = "PIXEL"
    item.UnformattedTextValue = written
    item.BoundingBoxTopLeftHandCorner = list(box.top_left)
    item.BoundingBoxBottomRightHandCorner = list(box.bottom_right)
    item.BoundingBoxTextHorizontalJustification = "LEFT"
    item.AnchorPoint = list(box.anchor)
    item.AnchorPointVisibility = "Y"
    return item


# ------------------------------------------------------------------------------------------------ reading
@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an item of a state means depends on."""

    groups: Mapping[int, str]  # the label of each Graphic Group
    area: DisplayedArea | None  # to which DISPLAY units are relative
    rotation: int
    flipped: bool

    def to_image(self, units: str) -> Affine | None:
        """Return the map of coordinates in `units` to image coordinates, None where there is none."""
        if units in {"PIXEL", ""}:  # other writers leave the units of an anchor out
            return Affine()
        if units != "DISPLAY" or self.area is None:
            return None
        turned = Affine.turned(self.rotation, flipped=self.flipped)
        first = turned(self.area.left - 1.0, self.area.top - 1.0)
        last = turned(self.area.right, self.area.bottom)
        (left, right), (top, bottom) = sorted((first[0], last[0])), sorted((first[1], last[1]))
        return turned.inverse @ Affine.translation(left, top) @ Affine.scaling(right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class _Text:
    words: str
    at: Point | None
    group: int | None
    uid: str


def read_annotations(item: Header, frame: FrameKey, around: Surroundings) -> list[Annotation]:
    """Return what a Graphic Annotation item draws on a frame, without UIDs where it has none ("").

    A text belongs to the graphic of its group, else to the first graphic without one; others stand alone
    at their point.
    """
    texts = [
        text for part in item.items("TextObjectSequence") if (text := _read_text(part, around)) is not None
    ]
    found = []
    for part in item.items("GraphicObjectSequence"):
        points = _read_points(part, around)
        if not points:
            continue
        text = _taken(texts, part.integer("GraphicGroupID"))
        words = text.words if text is not None else ""
        found.append(_annotation(part, points, words, frame, around.groups))
    alone = (
        Annotation(Kind.OUTLINE, frame, (text.at,), text.words, text.uid, read_only=True)
        for text in texts
        if text.at is not None
    )
    return [*found, *alone]


def read_groups(top: Header) -> dict[int, str]:
    """Return the label of each Graphic Group (PS3.3 C.10.11)."""
    groups = {}
    for item in top.items("GraphicGroupSequence"):
        number = item.integer("GraphicGroupID")
        if number is not None:
            groups[number] = item.text("GraphicGroupLabel")
    return groups


def with_own_uids(annotations: Iterable[Annotation], state_uid: str) -> tuple[Annotation, ...]:
    """Return the annotations each with a UID of its own, the same ones whenever the state is read."""
    seen: set[str] = set()
    found = []
    for number, annotation in enumerate(annotations):
        own = annotation
        if not annotation.uid or annotation.uid in seen:
            name = f"{state_uid}/{annotation.uid}/{number}"
            own = replace(annotation, uid=f"2.25.{uuid.uuid5(UID_NAMESPACE, name).int}")
        seen.add(own.uid)
        found.append(own)
    return tuple(found)


def _annotation(
    part: Header, points: tuple[Point, ...], words: str, frame: FrameKey, groups: Mapping[int, str]
) -> Annotation:
    """Return an annotation: ours by the label of its group, another program's by its form."""
    uid = part.text("TrackingUID")
    kind = Kind.LENGTH if len(points) == LINE_POINTS else Kind.OUTLINE
    stated = groups.get(part.integer("GraphicGroupID") or 0, "")
    if stated == kind.value:
        lines = words.split("\n")
        if kind is Kind.OUTLINE:
            return Annotation(kind, frame, points, words, uid)
        if MEASURED.fullmatch(lines[-1]):
            return Annotation(kind, frame, points, "\n".join(lines[:-1]), uid)
    return Annotation(kind, frame, points, words, uid, read_only=True)


def _read_points(part: Header, around: Surroundings) -> tuple[Point, ...]:
    kind, units = part.code("GraphicType"), part.code("GraphicAnnotationUnits")
    curve, affine = CURVES.get(kind), around.to_image(units)
    if curve is None or affine is None:
        part.notices.add(f"Graphics of type {kind or '?'} in {units or '?'} units are not shown")
        return ()
    numbers = part.numbers("GraphicData")
    whole = [number for number in numbers if number is not None]
    if len(whole) != len(numbers) or len(whole) % 2 or not whole:
        part.notices.add("A graphic has damaged coordinates and is not shown")
        return ()
    points = list(zip(whole[::2], whole[1::2], strict=True))
    try:
        return curve([affine(*point) for point in points])
    except ValueError as error:
        part.notices.add(f"A graphic is not shown: {error}")
        return ()


def _read_text(part: Header, around: Surroundings) -> _Text | None:
    words = words_of(part)
    if not words:
        return None
    at = _position(part, "AnchorPoint", "AnchorPointAnnotationUnits", around) or _position(
        part, "BoundingBoxTopLeftHandCorner", "BoundingBoxAnnotationUnits", around
    )
    if at is None:
        part.notices.add("A text has no position and is shown only with a graphic")
    return _Text(words, at, part.integer("GraphicGroupID"), part.text("TrackingUID"))


def _position(part: Header, keyword: str, units: str, around: Surroundings) -> Point | None:
    affine = around.to_image(part.code(units))
    numbers = part.vector(keyword, 2) if keyword in part else None
    if affine is None or numbers is None:
        return None
    return CURVES["POINT"]([affine(numbers[0], numbers[1])])[0]


def words_of(part: Header) -> str:
    """Return a text with its lines kept, without characters that cannot be seen."""
    text = str(part.value("UnformattedTextValue") or "")[:LONGEST_TEXT]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in text if letter == "\n" or _visible(letter)).rstrip()


def _visible(letter: str) -> bool:
    return letter not in INVISIBLE and unicodedata.category(letter) != "Cc"


def _taken(texts: list[_Text], group: int | None) -> _Text | None:
    """Take out and return the text of a graphic."""
    for text in texts:
        if text.group == group:
            texts.remove(text)
            return text
    return None
