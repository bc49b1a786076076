"""A softcopy presentation state as a value: how images are seen, and what was drawn on them (PS3.3 A.33)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self, TypeVar

from viewer.annotations.shapes import Annotation, new_uid
from viewer.dicom.image import CalibrationClass, ImageDescription
from viewer.dicom.luts import Modality, Voi
from viewer.dicom.records import FrameKey

Value = TypeVar("Value", Voi, "DisplayedArea")

SCALE_TO_FIT = "SCALE TO FIT"
TRUE_SPACINGS = {
    CalibrationClass.PATIENT,
    CalibrationClass.CORRECTED,
    CalibrationClass.USER,
}  # mm that no receiver can misread


@dataclass(frozen=True, slots=True)
class Reference:
    """An image, or some of its frames, that an item is about."""

    sop_instance_uid: str
    frames: tuple[int, ...] = ()  # from 1; (): all of them

    def includes(self, key: FrameKey) -> bool:
        """Tell whether a frame is meant."""
        mine = self.sop_instance_uid == key.sop_instance_uid
        return mine and (not self.frames or key.frame_number in self.frames)


@dataclass(frozen=True, slots=True)
class DisplayedArea:
    """The part of an image that is shown (PS3.3 C.10.4): pixel numbers from 1, inclusive, before any turn."""

    left: int
    top: int
    right: int
    bottom: int
    size_mode: str = SCALE_TO_FIT
    pixel_spacing: tuple[float, float] | None = None  # mm: between rows, between columns
    pixel_aspect: float = 1.0  # height of a pixel / width of a pixel
    magnification: float | None = None  # screen pixels per image pixel, for MAGNIFY

    @classmethod
    def whole(cls, image: ImageDescription) -> Self:
        """Return the area of a whole image, with the spacing that its header vouches for."""
        calibration = image.calibration
        known = calibration.kind in TRUE_SPACINGS
        spacing = (calibration.row_spacing, calibration.column_spacing) if known else None
        aspect = spacing[0] / spacing[1] if spacing else image.pixel_aspect
        return cls(1, 1, image.columns, image.rows, pixel_spacing=spacing, pixel_aspect=aspect)


@dataclass(frozen=True, slots=True)
class VoiItem:
    """A VOI and the images that are seen with it."""

    voi: Voi
    references: tuple[Reference, ...] = ()  # (): all of the state


@dataclass(frozen=True, slots=True)
class AreaItem:
    """A displayed area and the images that it is about."""

    area: DisplayedArea
    references: tuple[Reference, ...] = ()  # (): all of the state


@dataclass(frozen=True, slots=True)
class Content:
    """Who made a state, when, and what it is called (PS3.3 C.11.10)."""

    label: str = "READING"
    description: str = ""
    creator: str = ""  # as a PN
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class PresentationState:
    """One presentation state. It is never changed: a new look is a new state with a new UID."""

    references: tuple[Reference, ...]
    content: Content = Content()
    modality: Modality | None = None  # None: the state has none, which means that stored values are used
    vois: tuple[VoiItem, ...] = ()
    inverted: bool = False  # Presentation LUT Shape INVERSE; the image's own polarity does not count
    areas: tuple[AreaItem, ...] = ()
    rotation: int = 0  # 0, 90, 180, 270 clockwise, then
    flipped: bool = False  # horizontally
    annotations: tuple[Annotation, ...] = ()
    notices: tuple[str, ...] = ()  # what a reader did not understand, in words
    uid: str = field(default_factory=new_uid)
    series_uid: str = field(default_factory=new_uid)
    study_uid: str = ""  # known after reading

    def applies_to(self, key: FrameKey) -> bool:
        """Tell whether the state is about a frame."""
        return any(reference.includes(key) for reference in self.references)

    def voi(self, key: FrameKey) -> Voi | None:
        """Return the VOI of a frame, None where the state gives none."""
        if not self.applies_to(key):
            return None
        return next((item.voi for item in self.vois if _meant(item.references, key)), None)

    def area(self, key: FrameKey) -> DisplayedArea | None:
        """Return the displayed area of a frame, None where the state gives none."""
        if not self.applies_to(key):
            return None
        return next((item.area for item in self.areas if _meant(item.references, key)), None)

    def on(self, key: FrameKey) -> tuple[Annotation, ...]:
        """Return the annotations of a frame."""
        return tuple(annotation for annotation in self.annotations if annotation.frame == key)

    @property
    def graphics_only(self) -> bool:
        """Tell whether the state says nothing of grey values: images keep the look of their header."""
        return self.modality is None and not self.vois


@dataclass(frozen=True, slots=True)
class Shown:
    """One frame as it is seen now, to be saved."""

    image: ImageDescription
    voi: Voi | None = None  # in force: the reader's, else the header's or the automatic one
    inverted: bool = False  # by the reader, on top of the image's own polarity
    rotation: int = 0
    flipped: bool = False
    area: DisplayedArea | None = None  # None: the whole image


def states_of(
    shown: Sequence[Shown], annotations: Iterable[Annotation], content: Content, series_uid: str = ""
) -> tuple[PresentationState, ...]:
    """Return the states that hold how frames are seen, and the annotations on them.

    A state has one modality LUT, one polarity and one orientation: frames that differ in these, such as
    PET images of different slope, go into states of their own. Annotations on other frames are left out.
    """
    if content.created is None:
        content = replace(content, created=datetime.now(UTC).astimezone())
    series_uid = series_uid or new_uid()
    drawn = tuple(annotations)
    groups: dict[object, list[Shown]] = {}
    for item in shown:
        groups.setdefault(_common(item), []).append(item)
    return tuple(_state_of(items, drawn, content, series_uid) for items in groups.values())


def _state_of(
    items: Sequence[Shown], drawn: Iterable[Annotation], content: Content, series_uid: str
) -> PresentationState:
    first = items[0]
    keys = {item.image.key for item in items}
    vois = [(replace(item.voi, source=""), item.image) for item in items if item.voi is not None]
    areas = [(item.area or DisplayedArea.whole(item.image), item.image) for item in items]
    return PresentationState(
        _references([item.image for item in items]),
        content,
        first.image.modality_lut,
        tuple(VoiItem(voi, _references(images)) for voi, images in _together(vois)),
        first.image.inverted != first.inverted,
        tuple(AreaItem(area, _references(images)) for area, images in _together(areas)),
        first.rotation,
        first.flipped,
        tuple(annotation for annotation in drawn if annotation.frame in keys),
        series_uid=series_uid,
    )


def _common(item: Shown) -> object:
    image = item.image
    modality = replace(image.modality_lut, source="")  # where it stood makes no difference
    look = modality, image.inverted != item.inverted, item.rotation, item.flipped
    return *look, image.rows, image.columns


def _together(pairs: Sequence[tuple[Value, ImageDescription]]) -> list[tuple[Value, list[ImageDescription]]]:
    """Return each value once, with its images."""
    groups: dict[Value, list[ImageDescription]] = {}
    for value, image in pairs:
        groups.setdefault(value, []).append(image)
    return list(groups.items())


def _references(images: Sequence[ImageDescription]) -> tuple[Reference, ...]:
    """Return references in the order of the frames; frame numbers only where not all frames are meant."""
    frames: dict[str, set[int]] = {}
    for image in images:
        frames.setdefault(image.key.sop_instance_uid, set()).add(image.key.frame_number)
    counts = {image.key.sop_instance_uid: image.number_of_frames for image in images}
    return tuple(
        Reference(uid, () if len(numbers) >= counts[uid] else tuple(sorted(numbers)))
        for uid, numbers in frames.items()
    )


def _meant(references: Sequence[Reference], key: FrameKey) -> bool:
    return not references or any(reference.includes(key) for reference in references)
