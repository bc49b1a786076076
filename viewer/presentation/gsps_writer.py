"""Writes a Grayscale Softcopy Presentation State (PS3.3 A.33.1) that other workstations can read."""

import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from viewer import __version__
from viewer.annotations.shapes import Annotation
from viewer.dicom.image import ImageDescription
from viewer.dicom.part10 import IMPLEMENTATION_UID
from viewer.dicom.read import tolerant
from viewer.errors import ViewerError
from viewer.presentation.cielab import cielab
from viewer.presentation.graphics import color_of, layer_of, write_annotation, write_group
from viewer.presentation.grayscale_modules import decimal, write_modality, write_voi
from viewer.presentation.source_modules import copy_patient_and_study
from viewer.presentation.state import DisplayedArea, PresentationState, Reference

GSPS = "1.2.840.10008.5.1.4.1.1.11.1"
IDENTITY = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")
SERIES_NUMBER = 900  # behind the images of most scanners
LONGEST_LABEL = 16  # VR CS
LONGEST_DESCRIPTION = 64  # VR LO
LARGEST_ASPECT = 10_000  # of the whole numbers that give the aspect ratio
WHITE, GREEN_LAB = 65535, (57_000, 20_000, 57_000)  # of the layer: P-value, and yellow-green in CIELab

# Corner by which (left or right, top or bottom) the displayed area begins, by rotation and flip: the one that
# is at the top left when the image is displayed (PS3.3 C.10.4); the area ends at the opposite corner.
FIRST_CORNER = {
    (0, False): ("left", "top"),
    (90, False): ("left", "bottom"),
    (180, False): ("right", "bottom"),
    (270, False): ("right", "top"),
    (0, True): ("right", "top"),
    (90, True): ("left", "top"),
    (180, True): ("left", "bottom"),
    (270, True): ("right", "bottom"),
}
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


@dataclass(frozen=True, slots=True, eq=False)
class InstanceSource:
    """An image that a state is about: its header as a Dataset, and what is understood of its frames."""

    header: Dataset  # up to the Pixel Data
    images: tuple[ImageDescription, ...]  # at least one; those of all frames that have annotations


def write(
    state: PresentationState,
    sources: Sequence[InstanceSource],
    instance_number: int = 1,
    labels: Mapping[str, str] | None = None,
) -> Dataset:
    """Return the state as a Dataset with `file_meta`, its annotations labelled with their measurements.

    `labels` are what stands beside annotations on the picture, by their UID; those of others are made from
    the headers alone.
    `sources` are all images of `state.references`, of one study. Raises ViewerError for colour images,
    images of several studies or sizes, or one that is missing.
    """
    with tolerant():  # what the images have is copied as it is, and never quoted in a warning
        return _write(state, _checked(state, sources), instance_number, labels or {})


def _write(
    state: PresentationState, used: Sequence[InstanceSource], instance_number: int, labels: Mapping[str, str]
) -> Dataset:
    dataset = Dataset()
    _identify(dataset, state, used[0].header, instance_number)
    dataset.ReferencedSeriesSequence = _series_items(state, used)
    if state.modality is not None:
        write_modality(dataset, state.modality)
    if state.vois:
        dataset.SoftcopyVOILUTSequence = [
            write_voi(item.voi, _image_items(item.references or state.references, used))
            for item in state.vois
        ]
    dataset.DisplayedAreaSelectionSequence = [
        _area_item(item.area, _image_items(item.references or state.references, used), state)
        for item in state.areas
    ]
    if state.rotation or state.flipped:
        dataset.ImageRotation = state.rotation
        dataset.ImageHorizontalFlip = "Y" if state.flipped else "N"
    dataset.PresentationLUTShape = "INVERSE" if state.inverted else "IDENTITY"
    if state.annotations:
        _draw(dataset, state, used, labels)
    return dataset


def save(dataset: Dataset, path: Path) -> None:
    """Write a Part 10 file completely or not at all. Raises ViewerError with the reason."""
    data = _part10(dataset)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".saving-", suffix=".dcm", dir=path.parent)
    except OSError as error:
        raise ViewerError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise ViewerError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        Path(name).unlink(missing_ok=True)
    _settle(path.parent)


def _part10(dataset: Dataset) -> bytes:
    """Return the bytes of a file; its preamble is zeros."""
    stream = io.BytesIO()
    with tolerant():
        dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def _settle(folder: Path) -> None:
    """Make the new name in a folder last through a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checked(state: PresentationState, sources: Sequence[InstanceSource]) -> list[InstanceSource]:
    """Return the sources in the order of the references. Raise ViewerError when a state cannot hold them."""
    if not all(source.header.get(keyword) for source in sources for keyword in IDENTITY):
        raise ViewerError("The image does not say which image, series and study it is: no state can name it.")
    found = {str(source.header.SOPInstanceUID): source for source in sources}
    try:
        used = [found[reference.sop_instance_uid] for reference in state.references]
    except KeyError:
        raise ViewerError(
            "A presentation state is about an image whose file is not there any more."
        ) from None
    if not used:
        raise ViewerError("There is no image to save a presentation state for.")
    images = [image for source in used for image in source.images]
    if any(not image.photometric.startswith("MONOCHROME") for image in images):
        raise ViewerError(
            "Presentation states of colour images cannot be written yet: only those of grey images can."
        )
    if len({str(source.header.StudyInstanceUID) for source in used}) > 1:
        raise ViewerError("A presentation state holds images of one study only.")
    if len({(image.rows, image.columns) for image in images}) > 1:
        raise ViewerError("A presentation state holds images of one size only.")
    return used


def _identify(dataset: Dataset, state: PresentationState, source: Dataset, number: int) -> None:
    """Fill in SOP common, patient, study, series, equipment and the identification of the state."""
    created = state.content.created or datetime.now(UTC).astimezone()
    date, time = created.strftime("%Y%m%d"), created.strftime("%H%M%S")
    dataset.SpecificCharacterSet = "ISO_IR 192"
    copy_patient_and_study(source, dataset)
    dataset.SOPClassUID, dataset.SOPInstanceUID = GSPS, state.uid
    dataset.InstanceCreationDate, dataset.InstanceCreationTime = date, time
    dataset.Modality, dataset.SeriesInstanceUID = "PR", state.series_uid
    dataset.SeriesNumber, dataset.InstanceNumber = SERIES_NUMBER, number
    dataset.SeriesDescription = "Presentation states"
    dataset.Laterality = str(source.get("Laterality", "") or "")  # type 2C: empty says that it is not known
    dataset.Manufacturer = dataset.ManufacturerModelName = "Negatoscope"
    dataset.SoftwareVersions = __version__
    label, description = _named(state.content.label, state.content.description)
    dataset.ContentLabel, dataset.ContentDescription = label, description
    dataset.PresentationCreationDate, dataset.PresentationCreationTime = date, time
    dataset.ContentCreatorName = state.content.creator
    dataset.file_meta = _file_meta(state.uid)


def _file_meta(uid: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(GSPS)
    meta.MediaStorageSOPInstanceUID = UID(uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = "NEGATOSCOPE"
    return meta


def _named(label: str, description: str) -> tuple[str, str]:
    """Return Content Label, of few letters, and Content Description, which keeps what the label cannot."""
    upper = label.upper().strip()
    code = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in upper)
    code = "".join(" " if old == " " else new for old, new in zip(upper, code, strict=True))
    code = code[:LONGEST_LABEL].strip() or "READING"
    words = description or (label if code != label else "")
    if len(words) > LONGEST_DESCRIPTION:
        raise ViewerError(
            f"The description of a presentation state has at most {LONGEST_DESCRIPTION} letters."
        )
    return code, words


def _series_items(state: PresentationState, used: Sequence[InstanceSource]) -> list[Dataset]:
    """Return the Presentation State Relationship (PS3.3 C.11.11): every image under its series."""
    items: dict[str, Dataset] = {}
    for reference, source in zip(state.references, used, strict=True):
        uid = str(source.header.SeriesInstanceUID)
        if uid not in items:
            items[uid] = Dataset()
            items[uid].SeriesInstanceUID = uid
            items[uid].ReferencedImageSequence = []
        items[uid].ReferencedImageSequence.append(_image_item(reference, source))
    return list(items.values())


def _image_items(references: Sequence[Reference], used: Sequence[InstanceSource]) -> list[Dataset]:
    found = {str(source.header.SOPInstanceUID): source for source in used}
    return [_image_item(reference, found[reference.sop_instance_uid]) for reference in references]


def _image_item(reference: Reference, source: InstanceSource) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = source.header.SOPClassUID
    item.ReferencedSOPInstanceUID = reference.sop_instance_uid
    if reference.frames:
        item.ReferencedFrameNumber = list(reference.frames)
    return item


def _area_item(area: DisplayedArea, images: list[Dataset], state: PresentationState) -> Dataset:
    """Return a Displayed Area Selection item (PS3.3 C.10.4)."""
    sides = {"left": area.left, "right": area.right, "top": area.top, "bottom": area.bottom}
    across, down = FIRST_CORNER[state.rotation, state.flipped]
    item = Dataset()
    item.ReferencedImageSequence = images
    item.DisplayedAreaTopLeftHandCorner = [sides[across], sides[down]]
    item.DisplayedAreaBottomRightHandCorner = [sides[OPPOSITE[across]], sides[OPPOSITE[down]]]
    item.PresentationSizeMode = area.size_mode
    if area.pixel_spacing is not None:
        item.PresentationPixelSpacing = [decimal(value) for value in area.pixel_spacing]
    else:
        ratio = Fraction(area.pixel_aspect).limit_denominator(LARGEST_ASPECT)
        item.PresentationPixelAspectRatio = [ratio.numerator, ratio.denominator]
    if area.magnification is not None:
        item.PresentationPixelMagnificationRatio = area.magnification
    return item


def _draw(
    dataset: Dataset, state: PresentationState, used: Sequence[InstanceSource], labels: Mapping[str, str]
) -> None:
    """Add the annotations, the layers on which they lie, and the groups that name their kinds."""
    found = {str(source.header.SOPInstanceUID): source for source in used}
    dataset.GraphicAnnotationSequence = []
    for number, annotation in enumerate(state.annotations, start=1):
        source, image = _image_of(annotation, found)
        turn = state.rotation, state.flipped
        item = write_annotation(annotation, number, image, turn, labels.get(annotation.uid))
        frames = (annotation.frame.frame_number,) if image.number_of_frames > 1 else ()
        item.ReferencedImageSequence = [
            _image_item(Reference(annotation.frame.sop_instance_uid, frames), source)
        ]
        dataset.GraphicAnnotationSequence.append(item)
    names = dict.fromkeys(layer_of(annotation) for annotation in state.annotations)
    dataset.GraphicLayerSequence = [_layer(name, order) for order, name in enumerate(names, start=1)]
    groups = [
        write_group(annotation, number)
        for number, annotation in enumerate(state.annotations, start=1)
        if not annotation.read_only
    ]
    if groups:
        dataset.GraphicGroupSequence = groups


def _layer(name: str, order: int) -> Dataset:
    """Return a Graphic Layer with the colour that is recommended for it (PS3.3 C.10.7)."""
    color = color_of(name)
    layer = Dataset()
    layer.GraphicLayer, layer.GraphicLayerOrder = name, order
    layer.GraphicLayerRecommendedDisplayGrayscaleValue = WHITE
    layer.GraphicLayerRecommendedDisplayCIELabValue = list(cielab(color) if color else GREEN_LAB)
    layer.GraphicLayerDescription = f"Measurements {color}".rstrip()
    return layer


def _image_of(
    annotation: Annotation, found: dict[str, InstanceSource]
) -> tuple[InstanceSource, ImageDescription]:
    """Return where an annotation lies. Raise ViewerError when that is not known: nothing is lost silently."""
    source = found.get(annotation.frame.sop_instance_uid)
    image = (
        next((image for image in source.images if image.key == annotation.frame), None) if source else None
    )
    if source is None or image is None:
        raise ViewerError("An annotation lies on a frame that the presentation state is not about.")
    return source, image
