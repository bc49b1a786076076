"""Real images that the installed pydicom brings along: nothing is downloaded."""

from importlib.util import find_spec
from pathlib import Path

# What shows the breadth of DICOM, in the order in which it is worth looking at.
IMAGES = (
    "CT_small.dcm",  # CT, Explicit VR Little Endian
    "J2K_pixelrep_mismatch.dcm",  # CT 512 x 512, JPEG 2000 whose sign differs from the header's
    "MR_small.dcm",  # MR
    "examples_overlay.dcm",  # MR with an overlay plane
    "examples_ybr_color.dcm",  # ultrasound, 30 frames in colour with Frame Time, JPEG
    "examples_rgb_color.dcm",  # ultrasound in colour
    "examples_palette.dcm",  # ultrasound, palette colour
    "examples_jpeg2k.dcm",  # ultrasound, JPEG 2000 in colour
    "JPEG2000.dcm",  # nuclear medicine, whole body
    "image_dfl.dcm",  # deflated
)
MEDIUM = "dicomdirtests"  # a DICOMDIR with three patients; its folder also holds damaged copies of it
DIRECTORY = "DICOMDIR"


def bundled() -> list[Path]:
    """Return the files of the installed package that are worth showing, and a DICOMDIR; those that exist."""
    package = find_spec("pydicom")  # found, not imported: its folder is all that is wanted
    if package is None or package.origin is None:
        return []
    folder = Path(package.origin).parent / "data" / "test_files"
    wanted = [*(folder / name for name in IMAGES), folder / MEDIUM / DIRECTORY]
    return [path for path in wanted if path.is_file()]
