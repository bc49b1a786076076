"""Annotation to Graphic and Text Objects and back (PS3.3 C.10.5, C.10.11).

Each annotation is one Graphic Annotation item: its graphics and, where there is something to say, a text,
tied together by a Graphic Group whose label names the kind, and by the Tracking UID. What is in the group's
description after the name of the kind are a reader's own words; the rest of the text is computed when shown.
"""

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pydicom import Dataset

from viewer.annotations.kinds import KINDS, label
from viewer.annotations.shapes import Annotation, Kind, Point, exact
from viewer.dicom.header import INVISIBLE, Header
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.presentation.curves import CURVES
from viewer.presentation.objects import Graphic, drawn_as, read_as
from viewer.presentation.state import DisplayedArea
from viewer.presentation.text_box import place
from viewer.rendering.spatial import Affine

LAYER = "MEASUREMENTS"
COLORED_LAYER = re.compile(r"COLOR_([0-9A-F]{6})")
LONGEST_TEXT = 1024  # characters of VR ST
LINE_POINTS = 2
# What our own lengths ended with before a group's description held a reader's words.
MEASURED = re.compile(r"\d+\.\d+ (mm|px)( \([a-z ]+\))?|no length: .+")
UID_NAMESPACE = uuid.UUID("8d0d1f0b-27f2-5c0e-9f39-2c8e36b0b7a4")


# ------------------------------------------------------------------------------------------------ writing
def write_annotation(
    annotation: Annotation,
    number: int,
    image: ImageDescription,
    turn: tuple[int, bool],
    text: str | None = None,
) -> Dataset:
    """Return a Graphic Annotation item without its references; `number` ties its parts together.

    `turn` is rotation and flip of the state; `text` what stands beside it on the picture, computed from the
    header where None. Raises ViewerError when the text is longer than the standard allows.
    """
    item = Dataset()
    item.GraphicLayer = layer_of(annotation)
    words = label(annotation, image) if text is None else text
    if words:
        item.TextObjectSequence = [_text_object(annotation, words, image, turn)]
    if annotation.kind is not Kind.TEXT or not words:
        item.GraphicObjectSequence = [_object(graphic) for graphic in drawn_as(annotation, image)]
    for part in (*item.get("GraphicObjectSequence", []), *item.get("TextObjectSequence", [])):
        part.TrackingID = f"{KINDS[annotation.kind].name} {number}"
        part.TrackingUID = annotation.uid
        if not annotation.read_only:
            part.GraphicGroupID = number
    return item


def write_group(annotation: Annotation, number: int) -> Dataset:
    """Return the Graphic Group item that says of which kind an annotation is, and a reader's words."""
    name = KINDS[annotation.kind].name
    words = annotation.text.replace("\n", "\r\n")
    item = Dataset()
    item.GraphicGroupID = number
    item.GraphicGroupLabel = annotation.kind.value
    item.GraphicGroupDescription = f"{name}: {words}"[:LONGEST_TEXT] if words else name
    return item


def layer_of(annotation: Annotation) -> str:
    """Return the Graphic Layer that an annotation lies on: one for each colour."""
    color = annotation.color.removeprefix("#").upper()
    named = f"COLOR_{color}"
    return named if COLORED_LAYER.fullmatch(named) else LAYER


def color_of(layer: str) -> str:
    """Return the colour that a layer of ours is for, "" for that of all."""
    found = COLORED_LAYER.fullmatch(layer)
    return f"#{found[1].lower()}" if found else ""


def _object(graphic: Graphic) -> Dataset:
    item = Dataset()
    item.GraphicAnnotationUnits, item.GraphicDimensions = "PIXEL", 2
    item.NumberOfGraphicPoints = len(graphic.points)
    item.GraphicData = [value for point in graphic.points for value in point]
    item.GraphicType = graphic.kind
    if graphic.is_closed:
        item.GraphicFilled = "N"
    return item


def _text_object(
    annotation: Annotation, text: str, image: ImageDescription, turn: tuple[int, bool]
) -> Dataset:
    written = text.replace("\n", "\r\n")
    if len(written) > LONGEST_TEXT:
        raise ViewerError(
            f"The text of an annotation is longer than the {LONGEST_TEXT} letters a file can hold."
        )
    rotation, flipped = turn
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

    groups: Mapping[int, tuple[str, str]]  # label and description of each Graphic Group
    area: DisplayedArea | None  # to which DISPLAY units are relative
    rotation: int
    flipped: bool
    own: bool = False  # written by this program

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

    What is in a group of ours is one annotation. Of others, a text belongs to the graphic of its group, else
    to the first graphic without one; the rest stand alone at their point.
    """
    texts = [
        text for part in item.items("TextObjectSequence") if (text := _read_text(part, around)) is not None
    ]
    parts = [
        part
        for found in item.items("GraphicObjectSequence")
        if (part := _read_part(found, around)) is not None
    ]
    found = []
    numbers = [part.group for part in parts] + [text.group for text in texts]
    for group in dict.fromkeys(number for number in numbers if number is not None):
        own = _own(group, parts, texts, frame, around)
        if own is not None:
            found.append(replace(own, color=color_of(item.text("GraphicLayer"))))
            parts = [part for part in parts if part.group != group]
            texts = [text for text in texts if text.group != group]
    for part in parts:
        text = _taken(texts, part.group)
        kind = Kind.LENGTH if len(part.line) == LINE_POINTS else Kind.OUTLINE
        words = text.words if text is not None else ""
        found.append(Annotation(kind, frame, part.line, words, part.uid, read_only=True))
    alone = (
        Annotation(Kind.OUTLINE, frame, (text.at,), text.words, text.uid, read_only=True)
        for text in texts
        if text.at is not None
    )
    return [*found, *alone]


def read_groups(top: Header) -> dict[int, tuple[str, str]]:
    """Return label and description of each Graphic Group (PS3.3 C.10.11)."""
    groups = {}
    for item in top.items("GraphicGroupSequence"):
        number = item.integer("GraphicGroupID")
        if number is not None:
            groups[number] = item.text("GraphicGroupLabel"), _lines(item.value("GraphicGroupDescription"))
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


@dataclass(frozen=True, slots=True)
class _Part:
    graphic: Graphic  # as it is written
    line: tuple[Point, ...]  # through its points, or around its curve
    group: int | None
    uid: str


def _own(
    group: int, parts: list[_Part], texts: list[_Text], frame: FrameKey, around: Surroundings
) -> Annotation | None:
    """Return the annotation of a group as we write them, None where it is another program's."""
    stated, description = around.groups.get(group, ("", ""))
    if stated not in Kind.__members__:
        return None
    kind, text = Kind(stated), _of_group(texts, group)
    graphics = [part.graphic for part in parts if part.group == group]
    points = read_as(kind, graphics, text.at if text is not None else None)
    words = _own_words(kind, text.words if text is not None else "", description, around)
    if points is None or words is None:
        return None
    uids = [part.uid for part in parts if part.group == group] + ([text.uid] if text is not None else [])
    return Annotation(kind, frame, points, words, uids[0])


def _own_words(kind: Kind, text: str, description: str, around: Surroundings) -> str | None:
    """Return a reader's words, None where the text is not one of ours."""
    name = f"{KINDS[kind].name}: "
    lines = text.split("\n")
    if around.own and description.startswith(name) and text.startswith(description.removeprefix(name)):
        return description.removeprefix(name)
    if kind is Kind.LENGTH:
        return "\n".join(lines[:-1]) if MEASURED.fullmatch(lines[-1]) else None
    if kind is Kind.OUTLINE:
        return text
    return "" if around.own and description == KINDS[kind].name else None


def _of_group(texts: list[_Text], group: int) -> _Text | None:
    return next((text for text in texts if text.group == group), None)


def _read_part(part: Header, around: Surroundings) -> _Part | None:
    kind, units = part.code("GraphicType"), part.code("GraphicAnnotationUnits")
    curve, affine = CURVES.get(kind), around.to_image(units)
    if curve is None or affine is None:
        part.notices.add(f"Graphics of type {kind or '?'} in {units or '?'} units are not shown")
        return None
    numbers = part.numbers("GraphicData")
    whole = [number for number in numbers if number is not None]
    if len(whole) != len(numbers) or len(whole) % 2 or not whole:
        part.notices.add("A graphic has damaged coordinates and is not shown")
        return None
    points = [affine(*point) for point in zip(whole[::2], whole[1::2], strict=True)]
    try:
        line = curve(points)
    except ValueError as error:
        part.notices.add(f"A graphic is not shown: {error}")
        return None
    written = Graphic(kind, tuple(exact(x, y) for x, y in points))
    return _Part(written, line, part.integer("GraphicGroupID"), part.text("TrackingUID"))


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
    return _lines(part.value("UnformattedTextValue"))


def _lines(value: object) -> str:
    text = str(value or "")[:LONGEST_TEXT]
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
