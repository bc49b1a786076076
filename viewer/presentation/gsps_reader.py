"""Reads softcopy presentation states, also of writers that take the standard lightly (PS3.3 A.33.1-2).

What is not understood is said in `notices`; a state is used for the images that it names, and no others.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydicom import Dataset

from viewer.annotations.shapes import Annotation
from viewer.dicom.header import Header, Notices
from viewer.dicom.luts import Modality
from viewer.dicom.read import tolerant
from viewer.dicom.records import FrameKey
from viewer.dicom.uids import Kind, sop_class
from viewer.errors import ViewerError
from viewer.presentation.graphics import Surroundings, read_annotations, read_groups, with_own_uids, words_of
from viewer.presentation.grayscale_modules import named, read_state_modality, read_state_voi
from viewer.presentation.state import (
    SCALE_TO_FIT,
    AreaItem,
    Content,
    DisplayedArea,
    PresentationState,
    Reference,
    VoiItem,
)

UNDERSTOOD = {"1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.11.2"}  # grayscale and colour
MOST_ANNOTATIONS = 20_000  # on all frames together: more is no reading but a damaged or hostile file
PROGRAM = "Negatoscope"  # as it names itself in what it writes
OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
ACTIVATION, OVERLAY_DATA = 0x1001, 0x3000
NOT_SHOWN = {
    "ShutterShape": "a display shutter is not shown",
    "ShutterOverlayGroup": "a bitmap shutter is not shown",
    "MaskSubtractionSequence": "mask subtraction is not applied",
    "PresentationLUTSequence": "a presentation LUT is not applied",
    "CompoundGraphicSequence": "compound graphics are shown in their simple form",
}


def read(dataset: Dataset, frame_counts: Mapping[str, int] | None = None) -> PresentationState:
    """Return what a presentation state says.

    `frame_counts` gives Number of Frames by SOP Instance UID for annotations that are on all frames of an
    image; an image that is not named counts as one frame. Raises ViewerError when the dataset is no
    presentation state, or one that names no image.
    """
    with tolerant():
        try:
            return _read(dataset, frame_counts or {})
        except ViewerError:
            raise
        except Exception as error:  # noqa: BLE001  values from outside: any error of their parser is the file's
            raise ViewerError(f"This presentation state is damaged ({type(error).__name__}).") from None


def written_texts(dataset: Dataset) -> dict[str, str]:
    """Return the texts as the file has them, measurements and all, by Tracking UID."""
    with tolerant():
        top = Header(dataset, Notices())
        return {
            part.text("TrackingUID"): words_of(part)
            for item in top.items("GraphicAnnotationSequence")
            for part in item.items("TextObjectSequence")
            if part.text("TrackingUID")
        }


def _read(dataset: Dataset, frame_counts: Mapping[str, int]) -> PresentationState:
    notices = Notices()
    top = Header(dataset, notices)
    uid = top.text("SOPClassUID")
    if sop_class(uid).kind is not Kind.PRESENTATION_STATE:
        raise ViewerError(f"This is not a presentation state but: {sop_class(uid).name}.")
    if uid not in UNDERSTOOD:
        notices.add(f"of a {sop_class(uid).name} only what it shares with a grayscale one is used")
    references = _relationship(top)
    if not references:
        raise ViewerError("This presentation state names no image.")
    content = _content(top)
    modality = read_state_modality(top)
    rotation, flipped = _spatial(top)
    areas = _areas(top)
    _say_what_is_not_shown(top)
    bare = PresentationState(references, areas=areas, rotation=rotation, flipped=flipped)
    annotations = _annotations(top, bare, frame_counts)
    return PresentationState(
        references,
        content,
        modality,
        _vois(top, modality, content.label),
        _inverted(top),
        areas,
        rotation,
        flipped,
        with_own_uids(annotations, top.text("SOPInstanceUID")),
        notices.words,
        top.text("SOPInstanceUID"),
        top.text("SeriesInstanceUID"),
        top.text("StudyInstanceUID"),
    )


def _relationship(top: Header) -> tuple[Reference, ...]:
    series = top.items("ReferencedSeriesSequence")
    found = [reference for item in series for reference in _references(item)]
    return tuple(found) or _references(top)


def _references(item: Header) -> tuple[Reference, ...]:
    found = []
    for image in item.items("ReferencedImageSequence"):
        uid = image.text("ReferencedSOPInstanceUID")
        numbers = image.numbers("ReferencedFrameNumber")
        frames = tuple(int(number) for number in numbers if number is not None and number >= 1)
        if uid:
            found.append(Reference(uid, frames))
    return tuple(found)


def _content(top: Header) -> Content:
    date, time = top.text("PresentationCreationDate"), top.text("PresentationCreationTime")
    return Content(
        top.text("ContentLabel"),
        top.text("ContentDescription"),
        top.text("ContentCreatorName"),
        _moment(date, time.partition(".")[0]),
    )


def _moment(date: str, time: str) -> datetime | None:
    """Return DA and TM as a moment, in the time of this place; None when they are no date."""
    clock = f"{time:0<6}"[:6]
    try:
        return datetime.strptime(f"{date}{clock}", "%Y%m%d%H%M%S").astimezone()
    except (ValueError, OverflowError):
        return None


def _inverted(top: Header) -> bool:
    shape = top.code("PresentationLUTShape")
    if shape not in {"IDENTITY", "INVERSE", ""}:
        top.notices.add(f"the presentation LUT shape {shape} is unknown: IDENTITY is used")
    return shape == "INVERSE"


def _spatial(top: Header) -> tuple[int, bool]:
    """Return rotation and flip (PS3.3 C.10.6); what is no quarter turn is said and left out."""
    rotation = top.integer("ImageRotation") or 0
    if rotation % 90:
        top.notices.add(f"a rotation by {rotation} degrees is not applied")
        rotation = 0
    return rotation % 360, top.code("ImageHorizontalFlip") == "Y"


def _areas(top: Header) -> tuple[AreaItem, ...]:
    found = []
    for item in top.items("DisplayedAreaSelectionSequence"):
        first = item.vector("DisplayedAreaTopLeftHandCorner", 2)
        last = item.vector("DisplayedAreaBottomRightHandCorner", 2)
        if first is None or last is None:
            top.notices.add("a displayed area is damaged: the whole image is shown")
            continue
        (left, right), (upper, lower) = sorted((first[0], last[0])), sorted((first[1], last[1]))
        mode = item.code("PresentationSizeMode") or SCALE_TO_FIT
        if mode != SCALE_TO_FIT:
            top.notices.add(f"the size {mode} is not applied: the image is fitted")
        spacing, aspect = _pixel_form(item)
        zoom = item.number("PresentationPixelMagnificationRatio")
        edges = (int(left), int(upper), int(right), int(lower))
        found.append(AreaItem(DisplayedArea(*edges, mode, spacing, aspect, zoom), _references(item)))
    return tuple(found)


def _pixel_form(item: Header) -> tuple[tuple[float, float] | None, float]:
    """Return the spacing (between rows, between columns, mm) if there is one, and height / width."""
    for keyword in ("PresentationPixelSpacing", "PresentationPixelAspectRatio"):
        pair = item.vector(keyword, 2) if keyword in item else None
        if pair is not None and min(pair) > 0:
            spacing = (pair[0], pair[1]) if keyword == "PresentationPixelSpacing" else None
            return spacing, pair[0] / pair[1]
    return None, 1.0


def _vois(top: Header, modality: Modality | None, label: str) -> tuple[VoiItem, ...]:
    found = []
    for item in top.items("SoftcopyVOILUTSequence"):
        voi = read_state_voi(item, modality)
        if voi is not None:
            found.append(VoiItem(named(voi, label), _references(item)))
    return tuple(found)


def _say_what_is_not_shown(top: Header) -> None:
    for keyword, words in NOT_SHOWN.items():
        if top.value(keyword):
            top.notices.add(words)
    for group in OVERLAY_GROUPS:
        if (group << 16 | ACTIVATION) in top.dataset or (group << 16 | OVERLAY_DATA) in top.dataset:
            top.notices.add("overlays are not shown")


def _annotations(top: Header, state: PresentationState, frame_counts: Mapping[str, int]) -> list[Annotation]:
    """Return every annotation, repeated for each of the frames that its item names."""
    groups, own = read_groups(top), top.text("ManufacturerModelName") == PROGRAM
    found: list[Annotation] = []
    for item in top.items("GraphicAnnotationSequence"):
        for frame in _frames(_references(item) or state.references, frame_counts):
            around = Surroundings(groups, state.area(frame), state.rotation, state.flipped, own)
            found += read_annotations(item, frame, around)
            if len(found) > MOST_ANNOTATIONS:
                top.notices.add(f"only the first {MOST_ANNOTATIONS} annotations are shown")
                return found[:MOST_ANNOTATIONS]
    return found


def _frames(references: Sequence[Reference], frame_counts: Mapping[str, int]) -> list[FrameKey]:
    found: list[FrameKey] = []
    for reference in references:
        count = frame_counts.get(reference.sop_instance_uid, 1)
        numbers = reference.frames or range(1, count + 1)
        found += [FrameKey(reference.sop_instance_uid, number) for number in numbers]
    return found
