"""DCMTK as the second witness: truncated greys are equal, where DCMTK follows the standard.

Where it does not, and no comparison is made: it has no LINEAR_EXACT (it draws LINEAR), it cuts
modality values to whole numbers when the slope or the intercept is a fraction, it knows no pixel
padding, and where there is no VOI LUT it spreads 2**n values over 2**16 greys, so that the highest is
not white. It has no JPEG 2000. The real images are compared in tests/oracles.
"""

import subprocess

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from viewer.dicom.luts import LookupTable, Rescale, Window, WindowFunction
from viewer.rendering.pipeline import GrayscalePipeline


def rendered_by_dcmtk(dcmtk, path, *options):
    """Return what DCMTK draws, overlays left out: (rows, columns)."""
    done = subprocess.run([dcmtk, "-O", *options, path], capture_output=True, check=True)
    words = [word for line in done.stdout.decode().splitlines() if line[:1] != "#" for word in line.split()]
    return np.array(words[4:], int).reshape(int(words[2]), int(words[1]))


# --------------------------------------------------------------------------------------------- ramps
def write_ramp(path, stored, **attributes):
    """Write `stored` (rows, columns) u1, u2 or i2 as a secondary capture image."""
    bits = 8 * stored.itemsize
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, "2.25.1"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset.PixelData = stored.tobytes()
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)
    return path


RAMPS = {
    "u1": np.arange(256, dtype="u1").reshape(4, 64),
    "u2": np.arange(0, 65536, 5, dtype="u2")[:13056].reshape(102, 128),
    "i2": np.arange(-6500, 6500, 1, dtype="i2").reshape(100, 130),
}
CASES = [
    ("u1", 1, 0, 128, 256),
    ("u1", 1, 0, 127, 254),
    ("u1", 1, -1024, -900, 133),
    ("u2", 1, 0, 32768, 65536),
    ("u2", 1, -1024, 40, 400),
    ("u2", 2, -1024, 40.5, 1501),
    ("i2", 1, 0, 40, 1),
    ("i2", 1, 0, 40, 2),
    ("i2", 1, -24, 300.25, 1400.75),
    ("i2", -1, 1000, 100, 511),
    ("i2", 3, 7, -600, 256),
]


@pytest.mark.parametrize(("dtype", "slope", "intercept", "center", "width"), CASES)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("bits", [8, 16])
def test_c01_a14_linear_windows_over_whole_slopes_are_equal(
    tmp_path, dcmtk, dtype, slope, intercept, center, width, photometric, bits
):
    stored = RAMPS[dtype]
    path = write_ramp(
        tmp_path / "ramp.dcm",
        stored,
        PhotometricInterpretation=photometric,
        RescaleSlope=slope,
        RescaleIntercept=intercept,
    )
    theirs = rendered_by_dcmtk(dcmtk, path, "+opn", str(bits), "+Ww", str(center), str(width))
    inverted = photometric == "MONOCHROME1"
    pipeline = GrayscalePipeline(Rescale(slope, intercept), Window(center, width), inverted)
    assert np.array_equal(pipeline.render(stored, floor=True, bits=bits), theirs)


@pytest.mark.parametrize(("center", "width"), [(40, 400), (0, 33), (3000, 7000.5)])
def test_c03_sigmoid_windows_are_equal(tmp_path, dcmtk, center, width):
    path = write_ramp(tmp_path / "ramp.dcm", RAMPS["i2"])
    theirs = rendered_by_dcmtk(dcmtk, path, "+opb", "+Wfs", "+Ww", str(center), str(width))
    pipeline = GrayscalePipeline(voi=Window(center, width, WindowFunction.SIGMOID))
    ours = pipeline.render(RAMPS["i2"], floor=True).astype(int)
    # The exponential reaches 255 where the hyperbolic tangent leaves 254.9999999999999: a hair apart.
    assert np.abs(ours - theirs).max() <= 1
    assert (ours != theirs).mean() < 0.01


def test_c04_a_voi_table_is_equal(tmp_path, dcmtk):
    entries = np.round(np.linspace(0, 1, 400) ** 2 * 65535).astype("u2")
    item = Dataset()
    item.add_new(0x00283002, "SS", [400, -100, 16])
    item.add_new(0x00283006, "OW", entries.tobytes())
    path = write_ramp(tmp_path / "ramp.dcm", RAMPS["i2"], VOILUTSequence=[item])
    theirs = rendered_by_dcmtk(dcmtk, path, "+opn", "16", "+Wl", "1")
    ours = GrayscalePipeline(voi=LookupTable(-100, entries, 16)).render(RAMPS["i2"], floor=True, bits=16)
    assert np.array_equal(ours, theirs)
