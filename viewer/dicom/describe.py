"""A header into all that display needs to know of one frame, read tolerantly: nothing here is trusted."""

from dataclasses import dataclass, replace
from pathlib import PurePath

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from viewer.dicom.calibration import read_calibration
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
from viewer.dicom.plane_reader import positive_pair, read_plane, read_spacing
from viewer.dicom.presentation_reader import (
    default_voi,
    is_identity_voi,
    read_padding,
    read_polarity,
    read_presentation_table,
)
from viewer.dicom.read import tolerant
from viewer.dicom.real_world_reader import read_real_world
from viewer.dicom.records import FrameKey
from viewer.dicom.shutter_reader import read_shutter
from viewer.dicom.timing import read_timing
from viewer.errors import ViewerError

LONGEST_EDGE = 65_535  # pixels: VR US
MOST_FRAMES = 1_000_000
SAMPLES = (1, 3, 4)
ALLOCATED = (1, 8, 16, 32, 64)
WIDEST_ASPECT = 20.0  # of a pixel; a line profile of OCT or M-mode stays below


@dataclass(frozen=True, slots=True)
class _Format:
    """The Image Pixel Module (PS3.3 C.7.6.3) within its limits."""

    rows: int
    columns: int
    frames: int
    samples: int
    photometric: str
    allocated: int
    stored: int
    signed: bool


def describe(dataset: Dataset, frame_number: int) -> ImageDescription:
    """Return what the header says of frame `frame_number`, counted from 1.

    `dataset` is a header with or without its Pixel Data; its `file_meta`, where there is one, names
    the transfer syntax. What cannot be used has a fallback and an entry in `notices`. Raises
    ViewerError when there is no such frame, or Rows, Columns or bits cannot be those of an image.
    """
    with tolerant():
        return _describe(dataset, frame_number)


def _describe(dataset: Dataset, frame_number: int) -> ImageDescription:
    transfer_syntax = _transfer_syntax(dataset)
    notices = Notices()
    header = Header(dataset, notices, little_endian=transfer_syntax != ExplicitVRBigEndian)
    pixels = _read_format(header)
    if not 1 <= frame_number <= pixels.frames:
        raise ViewerError(f"{_name(dataset)} has {pixels.frames} frames, and no frame {frame_number}.")
    frame = frame_header(header, frame_number)
    stored = StoredRange(pixels.stored, pixels.signed, header.text("SOPClassUID") in CT_CLASSES)
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
        bits_allocated=pixels.allocated,
        bits_stored=pixels.stored,
        signed=pixels.signed,
        modality_lut=modality,
        vois=vois,
        default_voi=default_voi(header, vois),
        inverted=polarity.inverted,
        identity_voi=gray and not vois and is_identity_voi(header, modality, stored),
        presentation_source=polarity.source,
        padding=read_padding(header, signed=pixels.signed) if gray else None,
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


def _read_format(header: Header) -> _Format:
    """Return the pixel format. Raise ViewerError for numbers that no image has."""
    name = _name(header.dataset)
    rows, columns = _required(header, "Rows"), _required(header, "Columns")
    if not (1 <= rows <= LONGEST_EDGE and 1 <= columns <= LONGEST_EDGE):
        raise ViewerError(f"{name} cannot be shown: its header says {rows} rows and {columns} columns.")
    allocated = _required(header, "BitsAllocated")
    if allocated not in ALLOCATED:
        raise ViewerError(f"{name} cannot be shown: {allocated} bits allocated are not supported.")
    photometric = header.code("PhotometricInterpretation")
    samples = header.integer("SamplesPerPixel") or (3 if photometric.startswith(("RGB", "YBR")) else 1)
    if samples not in SAMPLES:
        raise ViewerError(f"{name} cannot be shown: {samples} samples per pixel are not supported.")
    frames = max(1, header.integer("NumberOfFrames") or 1)
    if frames > MOST_FRAMES:
        raise ViewerError(f"{name} cannot be shown: its header says {frames} frames.")
    if not photometric:
        photometric = "MONOCHROME2" if samples == 1 else "RGB"
        header.notices.add(f"Photometric Interpretation (0028,0004) is missing: {photometric} is assumed")
    signed = header.integer("PixelRepresentation") == 1
    stored = _bits_stored(header, allocated)
    return _Format(rows, columns, frames, samples, photometric, allocated, stored, signed)


def _required(header: Header, keyword: str) -> int:
    number = header.integer(keyword)
    if number is None or len(header.values(keyword)) > 1:
        raise ViewerError(f"{_name(header.dataset)} cannot be shown: its header has no usable {keyword}.")
    return number


def _bits_stored(header: Header, allocated: int) -> int:
    stored = header.integer("BitsStored")
    if "BitsStored" not in header and allocated > 16:  # noqa: PLR2004  float pixels have no such attribute
        return allocated
    if stored is None or not 1 <= stored <= allocated:
        header.notices.add(f"Bits Stored (0028,0101) is not usable: {allocated} is assumed")
        return allocated
    return stored


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
