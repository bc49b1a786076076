"""Synthetic datasets, one line each, legal unless a test asks otherwise.

Images are not square, spacings unequal and positions not zero, so that a swapped axis fails a test.
Any DICOM keyword may be given as a keyword argument; None removes the attribute.

>>> ct(spacing=(2.0, 1.0), PatientID="7").PixelSpacing
[2.0, 1.0]
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, uid
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import generate_uid

STUDY = "1.2.826.0.1.3680043.8.498.1"
FRAME_OF_REFERENCE = "1.2.826.0.1.3680043.8.498.9"
NAME = "Testperson^Tina"
POSITION = (-10.5, -20.25, 30.75)  # mm
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
ROWS, COLUMNS = 6, 8

Values = NDArray[Any]


def ramp(rows: int = ROWS, columns: int = COLUMNS, dtype: str = "<i2", start: int = 1000) -> Values:
    """Return (rows, columns) values that are all different."""
    return (np.arange(rows * columns).reshape(rows, columns) + start).astype(dtype)


# ------------------------------------------------------------------------------------------ whole datasets
def ct(
    stored: Values | None = None,
    *,
    slope: float = 1.0,
    intercept: float = -1024.0,
    spacing: tuple[float, float] = (0.5, 0.25),
    position: tuple[float, float, float] = POSITION,
    orientation: tuple[float, ...] = AXIAL,
    **attributes: Any,
) -> Dataset:
    """Return a CT image: 16 bit signed, HU by slope and intercept; `spacing` between rows, columns, mm."""
    dataset = _instance(uid.CTImageStorage, "CT", "1")
    _pixels(dataset, ramp() if stored is None else stored)
    _plane(dataset, spacing, position, orientation)
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = slope, intercept, "HU"
    dataset.WindowCenter, dataset.WindowWidth = "40", "400"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.SliceThickness, dataset.KVP, dataset.AcquisitionNumber = "2.5", "120", "1"
    return _with(dataset, attributes)


def ct_series(count: int, *, step: float = 2.5, **attributes: Any) -> list[Dataset]:
    """Return `count` CT images of one series, `step` mm apart towards the head, instance numbers from 1."""
    series = attributes.pop("SeriesInstanceUID", generate_uid())
    x, y, z = attributes.pop("position", POSITION)
    return [
        ct(
            position=(x, y, z + step * index),
            SeriesInstanceUID=series,
            InstanceNumber=str(index + 1),
            **attributes,
        )
        for index in range(count)
    ]


def mr(
    stored: Values | None = None,
    *,
    spacing: tuple[float, float] = (1.5, 0.75),
    position: tuple[float, float, float] = POSITION,
    orientation: tuple[float, ...] = AXIAL,
    **attributes: Any,
) -> Dataset:
    """Return an MR image: 12 of 16 bits unsigned, no rescale."""
    dataset = _instance(uid.MRImageStorage, "MR", "2")
    _pixels(dataset, ramp(dtype="<u2") if stored is None else stored, bits_stored=12)
    _plane(dataset, spacing, position, orientation)
    dataset.WindowCenter, dataset.WindowWidth = "1024", "64"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    dataset.ScanningSequence, dataset.SequenceVariant, dataset.ScanOptions = "SE", "NONE", ""
    dataset.MRAcquisitionType, dataset.EchoTrainLength = "2D", "1"
    dataset.SliceThickness, dataset.EchoTime, dataset.RepetitionTime = "3", "12.5", "500"
    return _with(dataset, attributes)


def cr_mono1(stored: Values | None = None, *, spacing: float | None = 0.2, **attributes: Any) -> Dataset:
    """Return a CR image of MONOCHROME1: low values are white; `spacing` at the detector, mm."""
    dataset = _instance(uid.ComputedRadiographyImageStorage, "CR", "3")
    _pixels(dataset, ramp(dtype="<u2") if stored is None else stored, bits_stored=12)
    dataset.PhotometricInterpretation = "MONOCHROME1"
    dataset.WindowCenter, dataset.WindowWidth = "1024", "64"
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    del dataset.Laterality  # a chest has both
    dataset.BodyPartExamined, dataset.ViewPosition, dataset.PatientOrientation = "CHEST", "PA", ["L", "F"]
    if spacing is not None:
        dataset.ImagerPixelSpacing = [spacing, spacing]
    return _with(dataset, attributes)


def us_color(stored: Values | None = None, *, frames: int = 1, **attributes: Any) -> Dataset:
    """Return an ultrasound image in RGB; (frames,) rows, columns, 3; one B-mode region in cm."""
    single = uid.UltrasoundImageStorage
    dataset = _instance(single if frames == 1 else uid.UltrasoundMultiFrameImageStorage, "US", "4")
    if stored is None:
        stored = np.arange(frames * ROWS * COLUMNS * 3).reshape(frames, ROWS, COLUMNS, 3).astype("u1")
        stored = stored[0] if frames == 1 else stored
    _pixels(dataset, stored)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "", "0001"]
    dataset.LossyImageCompression, dataset.PatientOrientation = "00", []
    if frames > 1:
        dataset.FrameTime, dataset.FrameIncrementPointer = "40", 0x00181063
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 1, 1
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = COLUMNS - 2, ROWS - 2
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3  # cm
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.03
    dataset.SequenceOfUltrasoundRegions = [region]
    return _with(dataset, attributes)


def sc(stored: Values | None = None, **attributes: Any) -> Dataset:
    """Return a secondary capture without any spacing, 8 bit."""
    dataset = _instance(uid.SecondaryCaptureImageStorage, "OT", "5")
    _pixels(dataset, ramp(dtype="u1", start=0) if stored is None else stored)
    dataset.ConversionType, dataset.PatientOrientation = "WSD", []
    return _with(dataset, attributes)


def palette(
    stored: Values | None = None, *, colors: Values | None = None, first: int = 0, **attributes: Any
) -> Dataset:
    """Return a PALETTE COLOR image; `colors` is (entries, 3) of 16 bit, for stored values from `first`."""
    dataset = sc(stored, PhotometricInterpretation="PALETTE COLOR")
    if colors is None:
        entry = np.arange(256)
        colors = np.stack([entry * 257, (255 - entry) * 257, (entry * 7 % 256) * 257], axis=1)
    for name, column in zip(("Red", "Green", "Blue"), np.asarray(colors, "<u2").T, strict=True):
        descriptor = [len(column) % 65536, first, 16]
        setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", descriptor)
        setattr(dataset, f"{name}PaletteColorLookupTableData", column.tobytes())
    return _with(dataset, attributes)


def enhanced_ct(
    stored: Values | int = 3,
    *,
    slopes: tuple[float, ...] | None = None,
    spacing: tuple[float, float] = (0.5, 0.25),
    step: float = 2.5,
    **attributes: Any,
) -> Dataset:
    """Return an Enhanced CT of (frames, rows, columns), `step` mm apart; a number makes that many frames.

    Orientation and spacing are shared, position, rescale (`slopes`, intercept -1024) and window per frame.
    It has what display reads, not every macro about the acquisition.
    """
    dataset = _instance(uid.EnhancedCTImageStorage, "CT", "6")
    if isinstance(stored, int):
        stored = np.stack([ramp(start=1000 + 100 * frame) for frame in range(stored)])
    _pixels(dataset, stored)
    dataset.NumberOfFrames = len(stored)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = FRAME_OF_REFERENCE, ""
    shared = Dataset()
    shared.PlaneOrientationSequence = [_item(ImageOrientationPatient=list(AXIAL))]
    shared.PixelMeasuresSequence = [_item(PixelSpacing=list(spacing), SliceThickness=str(step))]
    dataset.SharedFunctionalGroupsSequence = [shared]
    slopes = slopes or (1.0,) * len(stored)
    dataset.PerFrameFunctionalGroupsSequence = [
        _frame_group(index, slope, step) for index, slope in enumerate(slopes)
    ]
    return _with(dataset, attributes)


def _frame_group(index: int, slope: float, step: float) -> Dataset:
    x, y, z = POSITION
    group = Dataset()
    group.FrameContentSequence = [_item(StackID="1", InStackPositionNumber=index + 1)]
    group.PlanePositionSequence = [_item(ImagePositionPatient=[x, y, z + step * index])]
    group.FrameVOILUTSequence = [_item(WindowCenter=str(40 + index), WindowWidth="400")]
    group.PixelValueTransformationSequence = [
        _item(RescaleSlope=str(slope), RescaleIntercept="-1024", RescaleType="HU")
    ]
    return group


# ------------------------------------------------------------------------------------------ parts of them
def _item(**attributes: Any) -> Dataset:
    return _with(Dataset(), attributes)


def _with(dataset: Dataset, attributes: dict[str, Any]) -> Dataset:
    for keyword, value in attributes.items():
        if value is None:
            if keyword in dataset:
                delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    if "SOPInstanceUID" in attributes:
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


def _instance(sop_class: str, modality: str, series: str) -> Dataset:
    """Return the patient, study, series and SOP common modules."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, generate_uid()
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID = NAME, "TEST-1"
    dataset.PatientBirthDate, dataset.PatientSex = "19700203", "F"
    dataset.StudyInstanceUID, dataset.StudyID = STUDY, "1"
    dataset.StudyDate, dataset.StudyTime = "20260102", "030405"
    dataset.StudyDescription, dataset.AccessionNumber, dataset.ReferringPhysicianName = "Test study", "A1", ""
    dataset.SeriesInstanceUID, dataset.SeriesNumber = f"{STUDY}.{series}", series
    dataset.Modality, dataset.SeriesDescription, dataset.Laterality = modality, "Test series", ""
    dataset.Manufacturer, dataset.InstanceNumber = "Negatoscope tests", "1"
    dataset.ContentDate, dataset.ContentTime = "20260102", "030500"
    return dataset


def _plane(
    dataset: Dataset,
    spacing: tuple[float, float],
    position: tuple[float, float, float],
    orientation: tuple[float, ...],
) -> None:
    dataset.PixelSpacing, dataset.ImagePositionPatient = list(spacing), list(position)
    dataset.ImageOrientationPatient, dataset.PatientPosition = list(orientation), "HFS"
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = FRAME_OF_REFERENCE, ""


def _pixels(dataset: Dataset, stored: Values, *, bits_stored: int | None = None) -> None:
    """Set the image pixel module: (frames, rows, columns), (rows, columns), each also with 3 samples."""
    color = stored.ndim >= 3 and stored.shape[-1] == 3
    shape = stored.shape[:-1] if color else stored.shape
    if len(shape) == 3:
        dataset.NumberOfFrames = shape[0]
    dataset.Rows, dataset.Columns = shape[-2:]
    dataset.SamplesPerPixel = 3 if color else 1
    dataset.PhotometricInterpretation = "RGB" if color else "MONOCHROME2"
    if color:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = 8 * stored.dtype.itemsize
    dataset.BitsStored = bits_stored or dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = 1 if stored.dtype.kind == "i" else 0
    dataset.PixelData = _even(stored.astype(stored.dtype.newbyteorder("<")).tobytes())
    dataset["PixelData"].VR = "OB" if dataset.BitsAllocated == 8 else "OW"


def _even(data: bytes) -> bytes:
    return data + b"\0" * (len(data) % 2)


# ---------------------------------------------------------------------------------------------- files
_ENCODERS: dict[str, Callable[[Values], bytes]] = {
    uid.JPEGBaseline8Bit: lambda frame: imagecodecs.jpeg8_encode(frame, level=95),
    uid.JPEGExtended12Bit: lambda frame: imagecodecs.jpeg_encode(frame, level=95, bitspersample=12),
    uid.JPEGLosslessSV1: imagecodecs.ljpeg_encode,
    uid.JPEGLSLossless: imagecodecs.jpegls_encode,
    uid.JPEG2000Lossless: lambda frame: imagecodecs.jpeg2k_encode(
        frame, codecformat="j2k", level=0, reversible=True
    ),
    uid.HTJ2KLossless: imagecodecs.htj2k_encode,
}


def write(dataset: Dataset, path: Path, transfer_syntax: str | None = None) -> Path:
    """Write a file (Part 10), recoded into `transfer_syntax` when one is given, and return its path."""
    syntax = uid.UID(transfer_syntax or dataset.file_meta.TransferSyntaxUID)
    if syntax in _ENCODERS:
        frames = [_ENCODERS[syntax](frame) for frame in frames_of(dataset)]
        dataset.PixelData = encapsulate([_even(frame) for frame in frames])
        dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    elif syntax == uid.RLELossless:
        dataset.compress(syntax, encoding_plugin="pydicom", generate_instance_uid=False)
    elif syntax == uid.ExplicitVRBigEndian and dataset.BitsAllocated > 8:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, enforce_file_format=True)
    return path


def frames_of(dataset: Dataset) -> list[Values]:
    """Return the stored values of each frame of a native dataset of this module."""
    sign = "i" if dataset.PixelRepresentation else "u"
    count = int(dataset.get("NumberOfFrames", 1))
    samples = (3,) if dataset.SamplesPerPixel == 3 else ()
    shape = (count, dataset.Rows, dataset.Columns, *samples)
    values = np.frombuffer(dataset.PixelData, f"<{sign}{dataset.BitsAllocated // 8}")
    return list(values[: int(np.prod(shape))].reshape(shape))
