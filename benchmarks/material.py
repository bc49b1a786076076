"""Files and pixels to measure with, generated: nothing to download, the same on every machine."""

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    CTImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
)

ROOT = "1.2.826.0.1.3680043.8.498"
FILLERS = 90  # private elements: a header of a scanner has about 150 elements
RADIUS = 0.8  # of the body, in half images
MAMMOGRAM = (4096, 3328)  # rows, columns
SLICE = (512, 512)


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


def save(dataset: Dataset, stored: NDArray[Any], path: Path, *, jpeg2000: bool = False) -> str:
    """Write a dataset with these stored values, native or in lossless JPEG 2000, and return its path."""
    if jpeg2000:
        frame = bytes(imagecodecs.jpeg2k_encode(stored, codecformat="j2k", level=0, reversible=True))
        dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
        dataset.PixelData = encapsulate([frame + b"\0" * (len(frame) % 2)])
        dataset["PixelData"].is_undefined_length = True
    else:
        dataset.PixelData = stored.tobytes()
    dataset["PixelData"].VR = "OB" if jpeg2000 else "OW"
    dataset.save_as(path, enforce_file_format=True)
    return str(path)


def ct_folder(folder: Path, count: int) -> list[str]:
    """Write a series of `count` CT images 512 x 512 and return their paths."""
    stored = anatomy(SLICE)
    folder.mkdir(parents=True, exist_ok=True)
    return [
        save(ct_header(number, SLICE), stored, folder / f"IM{number:05}") for number in range(1, count + 1)
    ]


def ct_file(path: Path, shape: tuple[int, int] = SLICE, *, jpeg2000: bool = False) -> str:
    """Write one image of a given size and return its path."""
    dataset = ct_header(1, shape)
    if shape == MAMMOGRAM:
        dataset.SOPClassUID = DigitalMammographyXRayImageStorageForPresentation
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        dataset.Modality = "MG"
    return save(dataset, anatomy(shape), path, jpeg2000=jpeg2000)
