"""All that display needs from a header, parsed once per frame. `viewer.dicom.describe` fills it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.luts import IDENTITY, LookupTable, Modality, Palette, Voi
from viewer.dicom.overlay import OverlayPlane, Shutter
from viewer.dicom.plane import ImagePlane
from viewer.dicom.real_world import RealWorldMap
from viewer.dicom.records import FrameKey
from viewer.dicom.view import View


class CalibrationClass(StrEnum):
    """What a length in mm means here (PS3.3 10.7.1)."""

    PATIENT = "patient"  # tomographic Pixel Spacing: millimetres in the patient
    CORRECTED = "corrected"  # projection, corrected by geometry or a fiducial
    DETECTOR = "at detector"  # projection, as measured on the detector: magnified
    NOMINAL = "nominal"  # a film digitiser's or secondary capture's own word
    REGION = "ultrasound region"
    USER = "user"  # by a reader, who drew a line of known length
    NONE = "pixels"  # nothing known: never millimetres


@dataclass(frozen=True, slots=True)
class Region:
    """One calibrated region of an ultrasound image (PS3.3 C.8.5.5); bounds in 0-based pixels, inclusive."""

    left: int
    top: int
    right: int
    bottom: int
    unit_x: str  # "cm", "s", "Hz", "cm/s", ...; "" for none
    unit_y: str
    delta_x: float  # units per pixel; may be negative
    delta_y: float
    number: int = 0  # of its item in the header, from 1
    zero_x: float | None = None  # image coordinate where the physical value is 0; None: not stated
    zero_y: float | None = None
    low_priority: bool = False  # Region Flags bit 0: what lies over it has the say


@dataclass(frozen=True, slots=True)
class Calibration:
    """Which spacing measurements are made with, and what it means."""

    kind: CalibrationClass = CalibrationClass.NONE
    row_spacing: float = 1.0  # mm between rows; pixels when `kind` is NONE; 0 when no region is in mm
    column_spacing: float = 1.0
    source: str = "no spacing in the header"  # the attribute that decided, for a person
    regions: tuple[Region, ...] = ()
    method: str = ""  # of a correction: "geometry", "fiducial", "magnification", "isocentre", ...


@dataclass(frozen=True, slots=True)
class Suv:
    """Standardized Uptake Value by body weight: modality value x `factor`, in g/ml."""

    factor: float | None = None  # None: it cannot be given, `reason` says why
    reason: str = ""  # "the header has no Patient's Weight"
    source: str = ""  # what decided, for a person


@dataclass(frozen=True, slots=True)
class Padding:
    """Stored values that are no tissue (PS3.3 C.7.5.1.1.2), inclusive."""

    first: int | float  # float for Float and Double Float Pixel Data
    last: int | float


@dataclass(frozen=True, slots=True)
class Timing:
    """When each frame is shown (PS3.3 C.7.6.5): `frame_times` (frames,) ms, else a constant rate."""

    rate: float | None = None  # frames per second at which to play; None when the header is silent
    frame_times: tuple[float, ...] = ()  # ms from the first frame, when they vary
    source: str = ""  # the attribute that decided
    first: int = 1  # Start Trim, 1-based
    last: int | None = None  # Stop Trim, inclusive
    sweep: bool = False  # Preferred Playback Sequencing 1
    frame_time: float | None = None  # ms between acquired frames, when it is the same for all: Frame Time
    delay: float = 0.0  # ms from Content Time to the first frame: Frame Delay


@dataclass(frozen=True, slots=True)
class Lossy:
    """That the pixels went through a lossy compression (PS3.3 C.7.6.1.1.5)."""

    ratio: float | None = None  # of the last step
    method: str = ""  # "JPEG 2000", ...


class MaskOperation(StrEnum):
    """How the mask of a frame is found (PS3.3 C.7.6.10.1)."""

    AVG_SUB = "AVG_SUB"  # the mean of given frames
    TID = "TID"  # an earlier frame, the same number of frames away from each
    REV_TID = "REV_TID"  # the frames before the range, backwards


@dataclass(frozen=True, slots=True)
class Mask:
    """What is subtracted from a frame (PS3.3 C.7.6.10); frames count from 1."""

    operation: MaskOperation
    mask_frames: tuple[int, ...] = ()  # of AVG_SUB
    ranges: tuple[tuple[int, int], ...] = ()  # first and last frame that it is meant for; (): see `frames`
    contrast_averaging: int = 1  # frames from the current one on that are averaged, of AVG_SUB
    tid_offset: int = 1  # frames, of TID and REV_TID; negative: the mask comes later
    sub_pixel_shift: tuple[float, float] = (0.0, 0.0)  # of the mask: rows, columns


@dataclass(frozen=True, slots=True, eq=False)
class ImageDescription:
    """One frame of an image, without its pixels."""

    key: FrameKey
    sop_class_uid: str
    rows: int
    columns: int
    number_of_frames: int = 1
    samples_per_pixel: int = 1
    photometric: str = "MONOCHROME2"  # as the header says
    bits_allocated: int = 16
    bits_stored: int = 16
    signed: bool = False
    modality_lut: Modality = IDENTITY
    vois: tuple[Voi, ...] = ()  # the header's alternatives: windows first, then tables
    default_voi: int = 0  # index into `vois` of the one that is shown first
    inverted: bool = False  # MONOCHROME1, or Presentation LUT Shape INVERSE: exactly one inversion
    identity_voi: bool = False  # no VOI and none wanted: the values are P-values or 8-bit screen values
    presentation_source: str = ""  # which attribute decided the polarity
    padding: Padding | None = None
    palette: Palette | None = None
    plane: ImagePlane | None = None
    patient_orientation: tuple[str, str] | None = None  # of rows (to the right), of columns (down)
    quadruped: bool = False
    pixel_aspect: float = 1.0  # height of a pixel / width of a pixel
    calibration: Calibration = Calibration()
    timing: Timing = Timing()
    lossy: Lossy | None = None
    projection: bool = False  # CR, DX, MG, XA ...: an image that a reader may rotate and flip
    notices: tuple[str, ...] = ()  # "FOR PROCESSING", laterality conflicts ...: words on the picture
    text: Mapping[str, str] = field(default_factory=dict)  # by DICOM keyword, as a person reads it
    presentation_lut: LookupTable | None = None  # VOI output to P-values; it decides the polarity (C.11.6)
    supplemental: Palette | None = None  # of a gray image: stored values from its first one are colours
    icc_profile: NDArray[np.uint8] | None = None  # (n,) bytes; of colour only
    color_source: str = ""  # which attribute decided what the colours mean; "" for gray
    overlays: tuple[OverlayPlane, ...] = ()
    shutter: Shutter | None = None
    real_world: tuple[RealWorldMap, ...] = ()  # for read-outs, never for display
    mask: Mask | None = None  # what the header offers to subtract
    suv: Suv | None = None  # of PET alone
    intensity: str = ""  # Pixel Intensity Relationship: "LIN", "LOG", "DISP", "" when the header is silent
    view: View = field(default=View())  # which projection it is
