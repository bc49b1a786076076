"""The well-known colour palettes of PS3.6 Annex B, from the palette objects that pydicom brings."""

from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom import dcmread

from viewer.dicom.header import Header, Notices
from viewer.dicom.luts import Palette
from viewer.dicom.palette_reader import read_palette
from viewer.errors import ViewerError

# By the UID of PS3.6 B.1, not by pydicom's own words for them, which in 3.0 take FALL for WINTER.
_ROOT = "1.2.840.10008.1.5."
ENTRIES = 256


@dataclass(frozen=True, slots=True)
class WellKnown:
    """A palette of PS3.6 B.1."""

    name: str  # for settings and code
    title: str  # for people
    uid: str
    file: str


WELL_KNOWN = (
    WellKnown("hot-iron", "Hot Iron", f"{_ROOT}1", "hotiron.dcm"),
    WellKnown("pet", "PET", f"{_ROOT}2", "pet.dcm"),
    WellKnown("hot-metal-blue", "Hot Metal Blue", f"{_ROOT}3", "hotmetalblue.dcm"),
    WellKnown("pet-20-step", "PET 20 Step", f"{_ROOT}4", "pet20step.dcm"),
    WellKnown("spring", "Spring", f"{_ROOT}5", "spring.dcm"),
    WellKnown("summer", "Summer", f"{_ROOT}6", "summer.dcm"),
    WellKnown("fall", "Fall", f"{_ROOT}7", "fall.dcm"),
    WellKnown("winter", "Winter", f"{_ROOT}8", "winter.dcm"),
)
TITLES = {each.name: each.title for each in WELL_KNOWN}


def load(known: WellKnown) -> Palette:
    """Return a palette of 256 colours, the first for the darkest grey.

    Raises ViewerError when the file is not there, or is not what its UID (0028,1199) must be.
    """
    path = Path(pydicom.__file__).parent / "data" / "palettes" / known.file
    try:
        dataset = dcmread(path)
    except Exception as error:
        raise ViewerError(f"The palette {known.title} cannot be read: install the program again.") from error
    notices = Notices()
    palette = read_palette(Header(dataset, notices), signed=False)
    right = dataset.get("PaletteColorLookupTableUID") == known.uid
    if palette is None or not right or len(palette.colors) != ENTRIES:
        raise ViewerError(f"The palette {known.title} is damaged: install the program again.")
    return palette
