"""Files and pixels to measure with, generated: nothing to download, the same on every machine."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import (
    UID,
    CTImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    RLELossless,
)

ROOT = "1.2.826.0.1.3680043.8.498"
FILLERS = 90  # private elements: a header of a scanner has about 150 elements
RADIUS = 0.8  # of the body, in half images
MAMMOGRAM = (4096, 3328)  # rows, columns
SLICE = (512, 512)
DISTINCT = 8  # images that a compressed series repeats


def anatomy(shape: tuple[int, int], *, bits: int = 12) -> NDArray[np.uint16]:
    """Return an image (rows, columns) that compresses like anatomy: smooth shapes under noise."""
    rows, columns = shape
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    body = (np.hypot(x, y) < RADIUS) * (0.5 + 0.3 * np.sin(9 * x) * np.cos(7 * y))
    noise = np.random.default_rng(1).normal(0, 0.01, shape)
    top = (1 << bits) - 1
    values: NDArray[np.uint16] = np.clip((body + 0.02 + noise) * top, 0, top).astype(np.uint16)
    return values


def ct_header(number: int, shape: tuple[int, int]) -> Dataset:
    """Return a CT image without pixels, with as many elements as a scanner writes."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, f"{ROOT}.4.{number}"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.PatientName, dataset.PatientID = "Benchmark^Bea", "BENCH"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"{ROOT}.2", f"{ROOT}.3"
    dataset.StudyDate, dataset.StudyTime, dataset.Modality = "20260102", "030405", "CT"
    dataset.SeriesNumber, dataset.InstanceNumber, dataset.AcquisitionNumber = "1", str(number), "1"
    dataset.SeriesDescription, dataset.StudyDescription = "Generated", "Benchmark"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.ImagePositionPatient = [-150.5, -140.25, -300 + 1.25 * number]
    dataset.ImageOrientationPatient, dataset.PixelSpacing = [1, 0, 0, 0, 1, 0], [0.6, 0.6]
    dataset.FrameOfReferenceUID = f"{ROOT}.5"
    dataset.Rows, dataset.Columns = shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.RescaleSlope, dataset.RescaleIntercept = "1", "-1024"
    dataset.WindowCenter, dataset.WindowWidth = "40", "400"
    block = dataset.private_block(0x0019, "NEGATOSCOPE BENCHMARK", create=True)
    for place in range(FILLERS):
        block.add_new(place, "LO", f"element {place}")
    return dataset


def encoded(stored: NDArray[Any], syntax: UID) -> bytes:
    """Return one gray frame of 8 or 12 bits in a transfer syntax; of even length when encapsulated."""
    bits = 8 if stored.dtype == np.uint8 else 12
    if syntax == JPEGBaseline8Bit:
        data = imagecodecs.jpeg8_encode(stored, level=95)
    elif syntax == JPEGExtended12Bit:
        data = imagecodecs.jpeg8_encode(stored, level=95, bitspersample=bits)
    elif syntax == JPEGLosslessSV1:
        data = imagecodecs.jpeg8_encode(stored, lossless=True, predictor=1, bitspersample=bits)
    elif syntax == JPEGLSLossless:
        data = imagecodecs.jpegls_encode(stored)
    elif syntax == JPEG2000Lossless:
        data = imagecodecs.jpeg2k_encode(stored, codecformat="j2k", level=0, reversible=True)
    elif syntax == HTJ2KLossless:
        data = imagecodecs.htj2k_encode(stored, reversible=True)
    elif syntax == RLELossless:
        data = get_encoder(syntax).encode(
            stored,
            rows=stored.shape[0],
            columns=stored.shape[1],
            samples_per_pixel=1,
            number_of_frames=1,
            bits_allocated=8 * stored.itemsize,
            bits_stored=bits,
            pixel_representation=0,
            photometric_interpretation="MONOCHROME2",
        )
    else:
        return stored.tobytes()
    return bytes(data) + b"\0" * (len(data) % 2)


def save(dataset: Dataset, stored: NDArray[Any], path: Path, *, syntax: UID = ExplicitVRLittleEndian) -> str:
    """Write a dataset with these stored values in a transfer syntax, and return its path."""
    frame = encoded(stored, syntax)
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax.is_encapsulated:
        dataset.PixelData = encapsulate([frame])
        dataset["PixelData"].is_undefined_length = True
    else:
        dataset.PixelData = frame
    dataset["PixelData"].VR = "OB" if syntax.is_encapsulated else "OW"
    if stored.dtype == np.uint8:
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.save_as(path, enforce_file_format=True)
    return str(path)


@dataclass(frozen=True, slots=True)
class Film:
    """A file of many frames, and the place of each: offset and length of its bytes."""

    path: str
    places: tuple[tuple[int, int], ...]


def film(
    path: Path,
    frames: Sequence[NDArray[np.uint16]],
    count: int,
    syntax: UID,
    *,
    frame_time: float | None = None,
) -> Film:
    """Write a file of `count` frames that repeat a few in turn, one at a time: it may be large.

    `frame_time` is the Frame Time in ms.
    """
    dataset = ct_header(1, frames[0].shape)
    dataset.SOPClassUID = MultiFrameGrayscaleWordSecondaryCaptureImageStorage
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.NumberOfFrames = count
    if frame_time is not None:
        dataset.FrameTime, dataset.FrameIncrementPointer = f"{frame_time:.6g}", 0x00181063
    dataset.save_as(path, enforce_file_format=True)
    few = [encoded(frame, syntax) for frame in frames]
    data = [few[number % len(few)] for number in range(count)]
    lengths = np.array([len(frame) for frame in data])
    item = 8 if syntax.is_encapsulated else 0  # bytes before each frame: its tag and length
    starts = np.cumsum(lengths + item) - lengths - item
    with path.open("ab") as file:
        whole = 0xFFFFFFFF if item else int(lengths.sum())
        file.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB" if item else b"OW", 0, whole))
        if item:
            file.write(struct.pack("<HHI", 0xFFFE, 0xE000, 4 * count) + starts.astype("<u4").tobytes())
        first = file.tell() + item
        for frame in data:
            file.write((struct.pack("<HHI", 0xFFFE, 0xE000, len(frame)) if item else b"") + frame)
        if item:
            file.write(struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))
    places = zip((starts + first).tolist(), lengths.tolist(), strict=True)
    return Film(str(path), tuple(places))


def ct_folder(folder: Path, count: int) -> list[str]:
    """Write a series of `count` CT images 512 x 512 and return their paths."""
    stored = anatomy(SLICE)
    folder.mkdir(parents=True, exist_ok=True)
    return [
        save(ct_header(number, SLICE), stored, folder / f"IM{number:05}") for number in range(1, count + 1)
    ]


def series(folder: Path, count: int, syntax: UID) -> Path:
    """Write a series of `count` CT images 512 x 512 that repeat a few in turn, and return its folder."""
    folder.mkdir(parents=True)
    few = [encoded(np.roll(anatomy(SLICE), 32 * number, axis=1), syntax) for number in range(DISTINCT)]
    for number in range(count):
        dataset = ct_header(number + 1, SLICE)
        dataset.file_meta.TransferSyntaxUID = syntax
        frame = few[number % DISTINCT]
        dataset.PixelData = encapsulate([frame]) if syntax.is_encapsulated else frame
        dataset["PixelData"].VR = "OB" if syntax.is_encapsulated else "OW"
        dataset["PixelData"].is_undefined_length = syntax.is_encapsulated
        dataset.save_as(folder / f"IM{number:05}", enforce_file_format=True)
    return folder


def ct_file(
    path: Path,
    shape: tuple[int, int] = SLICE,
    *,
    syntax: UID = ExplicitVRLittleEndian,
    bits: int = 12,
) -> str:
    """Write one image of a given size and 12 or 8 bits, and return its path."""
    dataset = ct_header(1, shape)
    if shape == MAMMOGRAM:
        dataset.SOPClassUID = DigitalMammographyXRayImageStorageForPresentation
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        dataset.Modality = "MG"
    stored = anatomy(shape, bits=bits)
    return save(dataset, stored.astype(np.uint8) if bits == 8 else stored, path, syntax=syntax)  # noqa: PLR2004
