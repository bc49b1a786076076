"""A header into all that display needs to know of one frame, read tolerantly: nothing here is trusted."""

from dataclasses import replace
from pathlib import PurePath

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from viewer.dicom.calibration import read_calibration
from viewer.dicom.frame_vectors import VECTORS
from viewer.dicom.functional_groups import FrameHeader, frame_header
from viewer.dicom.header import Header, Notices
from viewer.dicom.header_notices import add_notices
from viewer.dicom.header_text import read_text
from viewer.dicom.icc_reader import read_icc
from viewer.dicom.image import ImageDescription
from viewer.dicom.image_class import is_projection
from viewer.dicom.lossy_reader import read_lossy
from viewer.dicom.lut_reader import CT_CLASSES, StoredRange, read_modality, read_vois
from viewer.dicom.mask_reader import read_mask
from viewer.dicom.orientation_reader import read_patient_orientation
from viewer.dicom.overlay_reader import read_overlays
from viewer.dicom.palette_reader import read_palette, read_supplemental
from viewer.dicom.pixel_layout import LayoutError, PixelLayout, read_layout
from viewer.dicom.plane_reader import positive_pair, read_plane, read_spacing
from viewer.dicom.presentation_reader import (
    default_voi,
    is_identity_voi,
    read_padding,
    read_polarity,
    read_presentation_table,
)
from viewer.dicom.read import PixelElement, tolerant
from viewer.dicom.real_world_reader import read_real_world
from viewer.dicom.records import FrameKey
from viewer.dicom.shutter_reader import read_shutter
from viewer.dicom.suv import read_suv
from viewer.dicom.timing import read_timing
from viewer.dicom.view_reader import read_view
from viewer.errors import ViewerError

BY_FRAME = (
    "PerFrameFunctionalGroupsSequence",
    "MaskSubtractionSequence",
    "GridFrameOffsetVector",
    *VECTORS,
)
OVERLAYS = (0x6000, 0x60FF)  # groups
WIDEST_ASPECT = 20.0  # of a pixel; a line profile of OCT or M-mode stays below


def describe(dataset: Dataset, frame_number: int, element: PixelElement | None = None) -> ImageDescription:
    """Return what the header says of frame `frame_number`, counted from 1.

    `dataset` is a header with or without its Pixel Data; its `file_meta`, where there is one, names
    the transfer syntax; `element` says where its pixels are. What cannot be used has a fallback and an
    entry in `notices`. Raises ViewerError when there is no such frame, or no safe reading of its pixels.
    """
    with tolerant():
        return _describe(dataset, frame_number, element)


def is_same_for_all(dataset: Dataset) -> bool:
    """Tell whether a header says the same of all frames from the second on: nothing in it goes by frame."""
    named = any(keyword in dataset for keyword in BY_FRAME)
    return not named and not any(OVERLAYS[0] <= tag.group <= OVERLAYS[1] for tag in dataset.keys())  # noqa: SIM118  Dataset iterates over elements


def _describe(dataset: Dataset, frame_number: int, element: PixelElement | None) -> ImageDescription:
    transfer_syntax = _transfer_syntax(dataset)
    notices = Notices()
    header = Header(dataset, notices, little_endian=transfer_syntax != ExplicitVRBigEndian)
    pixels = _read_layout(header, element)
    if not 1 <= frame_number <= pixels.frames:
        raise ViewerError(f"{_name(dataset)} has {pixels.frames} frames, and no frame {frame_number}.")
    frame = frame_header(header, frame_number)
    stored = StoredRange(pixels.bits_stored, pixels.signed, header.text("SOPClassUID") in CT_CLASSES)
    modality = read_modality(frame, stored)
    gray = pixels.photometric.startswith("MONOCHROME")
    vois = read_vois(frame, modality, stored) if gray else ()
    polarity = read_polarity(header, pixels.photometric)
    plane = read_plane(frame)
    projection = is_projection(header)
    quadruped = header.code("AnatomicalOrientationType") == "QUADRUPED"
    add_notices(frame)
    image = ImageDescription(
        key=FrameKey(header.text("SOPInstanceUID"), frame_number),
        sop_class_uid=header.text("SOPClassUID"),
        rows=pixels.rows,
        columns=pixels.columns,
        number_of_frames=pixels.frames,
        samples_per_pixel=pixels.samples,
        photometric=pixels.photometric,
        bits_allocated=pixels.bits_allocated,
        bits_stored=pixels.bits_stored,
        signed=pixels.signed,
        modality_lut=modality,
        vois=vois,
        default_voi=default_voi(header, vois),
        inverted=polarity.inverted,
        identity_voi=gray and not vois and is_identity_voi(header, modality, stored),
        presentation_source=polarity.source,
        padding=read_padding(header, stored) if gray else None,
        palette=read_palette(header, signed=pixels.signed) if pixels.photometric == "PALETTE COLOR" else None,
        plane=plane,
        patient_orientation=read_patient_orientation(frame, quadruped=quadruped),
        quadruped=quadruped,
        pixel_aspect=_aspect(frame),
        calibration=read_calibration(frame, projection=projection, has_plane=plane is not None),
        timing=read_timing(header, pixels.frames),
        lossy=read_lossy(header, transfer_syntax),
        projection=projection,
        text=read_text(frame, plane, transfer_syntax),
        view=read_view(frame),
    )
    return replace(_with_layers(image, frame), notices=notices.words)


def _with_layers(image: ImageDescription, frame: FrameHeader) -> ImageDescription:
    """Return `image` with what lies on its values, and with what they mean apart from display."""
    gray = image.photometric.startswith("MONOCHROME")
    supplemental = read_supplemental(frame, signed=image.signed) if gray else None
    colored = not gray or supplemental is not None
    profile = read_icc(frame) if colored else None
    source = "ICC Profile (0028,2000)" if profile is not None else "no ICC profile: sRGB is assumed"
    table = read_presentation_table(frame.top) if gray else None
    if table is not None:
        image = replace(image, inverted=False, presentation_lut=table, presentation_source=table.source)
    return replace(
        image,
        supplemental=supplemental,
        icc_profile=profile,
        color_source=source if colored else "",
        overlays=read_overlays(frame.top, image.key.frame_number, (image.rows, image.columns)),
        shutter=read_shutter(frame),
        real_world=read_real_world(frame, signed=image.signed),
        mask=read_mask(frame, image.number_of_frames) if gray else None,
        suv=read_suv(frame) if gray else None,
        intensity=frame.holder("PixelIntensityRelationshipLUTSequence", "PixelIntensityRelationship").code(
            "PixelIntensityRelationship"
        ),
    )


def _transfer_syntax(dataset: Dataset) -> str:
    meta = getattr(dataset, "file_meta", None)
    return str(meta.get("TransferSyntaxUID", "") or "") if meta is not None else ""


def _name(dataset: Dataset) -> str:
    """Return how a message calls the image: its file's name where it is known."""
    path = getattr(dataset, "filename", None)
    return PurePath(path).name if isinstance(path, str) and path else "This image"


def _read_layout(header: Header, element: PixelElement | None) -> PixelLayout:
    try:
        return read_layout(header, element)
    except LayoutError as error:
        raise ViewerError(f"{_name(header.dataset)} cannot be shown: {error}.") from None


def _aspect(frame: FrameHeader) -> float:
    """Return height / width of a pixel, from a spacing if there is one (PS3.3 C.7.6.3.1.7)."""
    pair = (
        read_spacing(frame)
        or positive_pair(frame.top, "ImagerPixelSpacing")
        or positive_pair(frame.top, "ImagePlanePixelSpacing")
        or positive_pair(frame.top, "NominalScannedPixelSpacing")
        or positive_pair(frame.top, "PixelAspectRatio")
    )
    if pair is None:
        return 1.0
    aspect = pair[0] / pair[1]
    if not 1 / WIDEST_ASPECT <= aspect <= WIDEST_ASPECT:
        frame.top.notices.add("The pixels would be extremely wide or high: shown as squares")
        return 1.0
    return aspect
