"""The real images of the demonstration come from the installed package alone."""

from pathlib import Path

import pydicom

from viewer.demo.bundled import IMAGES, bundled


def test_all_images_are_in_the_installed_package():
    found = bundled()
    assert [path.name for path in found] == [*IMAGES, "DICOMDIR"]
    assert all(Path(pydicom.__file__).parent in path.parents for path in found)


def test_the_kinds_that_are_promised_are_there():
    datasets = [pydicom.dcmread(path, stop_before_pixels=True) for path in bundled()[:-1]]
    assert {"CT", "MR", "US", "NM"} <= {dataset.Modality for dataset in datasets}
    assert {"MONOCHROME2", "RGB", "PALETTE COLOR", "YBR_FULL_422"} <= {
        dataset.PhotometricInterpretation for dataset in datasets
    }
    assert any(int(dataset.get("NumberOfFrames") or 1) > 1 and dataset.FrameTime for dataset in datasets)
    medium = pydicom.dcmread(bundled()[-1])
    assert len(medium.DirectoryRecordSequence) > 30
