"""A generated CT of a head whose sizes, places and Hounsfield units are known: `viewer.demo.truth`."""

import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from viewer.demo.canvas import Canvas
from viewer.demo.face import paint_rest
from viewer.demo.head import paint_head
from viewer.demo.truth import HAEMORRHAGE, INSERTS, OEDEMA
from viewer.errors import ViewerError

EDITION = "1"  # of the phantom: another one when a voxel or an attribute changes
INTERCEPT = -1024
NOISE = 3.5  # HU, standard deviation: a good head protocol
SEED = 20_250_101
MARK = ".complete"  # end of the name of the file beside the folder that is written last
IMPLEMENTATION = UID(f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, 'negatoscope').int}")


@dataclass(frozen=True, slots=True)
class Layout:
    """How finely the phantom is sampled. The default is the demonstration; tests take less."""

    rows: int = 512
    columns: int = 512
    slices: int = 208
    pixel: float = 0.5  # mm
    spacing: float = 1.0  # mm between slices
    corner: tuple[float, float, float] = (-127.75, -112.75, -116.0)  # mm, centre of the first voxel

    def place(self, index: int) -> tuple[float, float, float]:
        """Return the position in mm of the first pixel of slice `index` (from 0, feet first)."""
        return self.corner[0], self.corner[1], self.corner[2] + index * self.spacing


FULL = Layout()


def slice_values(layout: Layout, index: int) -> NDArray[np.int16]:
    """Return Hounsfield units (rows, columns) of slice `index`, the same every time."""
    x, y, z = layout.place(index)
    canvas = Canvas.blank((layout.rows, layout.columns), (x, y), z, layout.pixel)
    paint_head(canvas)
    OEDEMA.paint(canvas)
    HAEMORRHAGE.paint(canvas)
    paint_rest(canvas)
    for insert in INSERTS:
        insert.paint(canvas)
    random = np.random.default_rng([SEED, index])
    grain = random.standard_normal((layout.rows + 1, layout.columns + 1), np.float32) * np.float32(NOISE / 2)
    canvas.values[...] += (
        grain[1:, 1:] + grain[:-1, 1:] + grain[1:, :-1] + grain[:-1, :-1]
    )  # grains of 2 pixels
    return np.clip(np.rint(canvas.values), INTERCEPT, 3071).astype(np.int16)


def write_phantom(
    folder: Path,
    layout: Layout = FULL,
    report: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path | None:
    """Write the phantom into `folder` unless it is there already, and return the folder.

    It is made in a folder beside and renamed when it is whole. None when `cancelled` said so.
    Raises ViewerError when it cannot be written.
    """
    if _is_whole(folder):
        return folder
    making = folder.with_name(f"{folder.name}.making-{os.getpid()}")
    try:
        making.mkdir(parents=True, exist_ok=True)
        if not _write_slices(making, layout, report or _ignore, cancelled or _never):
            return None
        _put_in_place(making, folder)
        _mark(folder).write_text(f"{layout.slices} slices, edition {EDITION}\n", encoding="utf-8")
    except OSError as error:
        raise ViewerError(
            f"The demonstration study could not be written to {folder}: {error.strerror or error}."
        ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return folder


def _write_slices(
    folder: Path, layout: Layout, report: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> bool:
    """Write all slices, and tell whether it came to an end."""
    for index in range(layout.slices):
        if cancelled():
            return False
        _write_slice(folder, layout, index)
        report(index + 1, layout.slices)
    return True


def _ignore(done: int, total: int) -> None:
    """Hear of progress and do nothing."""


def _never() -> bool:
    return False


def _mark(folder: Path) -> Path:
    return folder.with_name(folder.name + MARK)


def _is_whole(folder: Path) -> bool:
    return folder.is_dir() and _mark(folder).exists()


def _put_in_place(making: Path, folder: Path) -> None:
    """Rename the finished folder; another process that was faster has made the same."""
    if _is_whole(folder):
        return
    shutil.rmtree(folder, ignore_errors=True)
    try:
        making.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _write_slice(folder: Path, layout: Layout, index: int) -> None:
    dataset = _identity()
    dataset.update(_acquisition())
    dataset.update(_image(layout, index))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = IMPLEMENTATION
    dataset.file_meta.ImplementationVersionName = "NEGATOSCOPE"
    dataset.save_as(folder / f"{index + 1:04}.dcm", enforce_file_format=True)


def _identity() -> Dataset:
    """Return patient, study, series, frame of reference and equipment (PS3.3 A.3.3)."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = "Demonstration^Head"
    dataset.PatientID = "DEMO-HEAD"
    dataset.PatientBirthDate = "19700101"
    dataset.PatientSex = "O"
    dataset.PatientAge = "055Y"
    dataset.StudyInstanceUID = _uid("study")
    dataset.StudyDate, dataset.StudyTime = "20250101", "090000"
    dataset.StudyID, dataset.AccessionNumber = "1", "DEMO1"
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = "CT head, generated phantom"
    dataset.SeriesInstanceUID = _uid("series")
    dataset.SeriesDate, dataset.SeriesTime = "20250101", "090500"
    dataset.SeriesNumber = 2
    dataset.SeriesDescription = "Head 1.0 mm, known geometry"
    dataset.Modality, dataset.BodyPartExamined = "CT", "HEAD"
    dataset.PatientPosition = "HFS"
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = _uid("frame of reference"), ""
    dataset.Manufacturer, dataset.ManufacturerModelName = "Negatoscope", "Generated phantom"
    dataset.InstitutionName = "Negatoscope demonstration"
    dataset.SoftwareVersions = f"phantom {EDITION}"
    dataset.DeviceSerialNumber = "1"
    return dataset


def _acquisition() -> Dataset:
    """Return what is the same for all slices of the acquisition (PS3.3 C.8.2.1)."""
    dataset = Dataset()
    dataset.SOPClassUID = CTImageStorage
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.AcquisitionNumber = 1
    dataset.AcquisitionDate, dataset.AcquisitionTime = "20250101", "090510"
    dataset.ContentDate, dataset.ContentTime = "20250101", "090600"
    dataset.KVP, dataset.XRayTubeCurrent, dataset.ExposureTime = 120, 250, 1000
    dataset.ConvolutionKernel = "NONE"
    dataset.GantryDetectorTilt = 0
    dataset.BurnedInAnnotation, dataset.LossyImageCompression = "NO", "00"
    dataset.PatientOrientation = ["L", "P"]
    dataset.ImageComments = "Generated by software: not a patient"
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = INTERCEPT, 1, "HU"
    dataset.WindowCenter, dataset.WindowWidth = [40, 500], [80, 2500]
    dataset.WindowCenterWidthExplanation = ["Brain", "Bone"]
    return dataset


def _image(layout: Layout, index: int) -> Dataset:
    """Return what belongs to one slice."""
    dataset = Dataset()
    dataset.SOPInstanceUID = _uid(f"{layout}/{index}")
    dataset.InstanceNumber = index + 1
    dataset.Rows, dataset.Columns = layout.rows, layout.columns
    dataset.PixelSpacing = [layout.pixel, layout.pixel]
    dataset.SliceThickness = layout.spacing
    dataset.ReconstructionDiameter = layout.pixel * layout.columns
    dataset.ImagePositionPatient = list(layout.place(index))
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.SliceLocation = layout.place(index)[2]
    stored = slice_values(layout, index) - np.int16(INTERCEPT)
    dataset.PixelData = stored.astype("<i2").tobytes()
    return dataset


def _uid(name: str) -> str:
    """Return a UID that is the same every time (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'negatoscope/phantom/{EDITION}/{name}').int}"
