"""The raw values of one header, by tag, as `viewer.dicom.tags` and `viewer.dicom.parsed_header` find them."""

from dataclasses import dataclass, field

from viewer.dicom.elements import Encoding
from viewer.dicom.pattern import Pattern

META_CLASS, META_INSTANCE, META_SYNTAX = 0x00020002, 0x00020003, 0x00020010
META = (META_CLASS, META_INSTANCE, META_SYNTAX)
REFERENCED_SERIES = 0x00081115
SHARED_GROUPS, PER_FRAME_GROUPS = 0x52009229, 0x52009230
POSITION, ORIENTATION, SPACING = 0x00200032, 0x00200037, 0x00280030
FIRST_FRAME = {0x00209113: POSITION, 0x00209116: ORIENTATION, 0x00289110: SPACING}  # macro: its attribute
MOST_VALUE_BYTES = 1 << 16  # of one value that are kept

TOP_LEVEL = (
    *(0x00080005, 0x00080008, 0x00080016, 0x00080018, 0x00080020, 0x00080030, 0x00080032, 0x00080033),
    *(0x00080050, 0x00080060, 0x00081030, 0x0008103E),
    *(0x00100010, 0x00100020, 0x00100021, 0x00100030, 0x00100040),
    *(0x00180015, 0x00180081, 0x00181060, 0x00189087),
    *(0x00190010, 0x0019100C, 0x00430010, 0x00431039, 0x20010010, 0x20011003),  # private b-values
    *(0x0020000D, 0x0020000E, 0x00200011, 0x00200012, 0x00200013, POSITION, ORIENTATION),
    *(0x00200052, 0x00200060, 0x00200100, 0x00209161, 0x00209228),
    *(0x00280002, 0x00280004, 0x00280008, 0x00280010, 0x00280011, SPACING, 0x00280100),
)


class NotDicomError(Exception):
    """A file that does not look like DICOM at all."""


@dataclass(frozen=True, slots=True)
class PixelMark:
    """Where the Pixel Data begin."""

    offset: int  # of the value, bytes from the beginning of the data set's stream
    length: int | None  # bytes claimed; None when undefined: encapsulated


@dataclass(frozen=True, slots=True)
class RawHeader:
    """Raw values of one header, by tag (group << 16 | element)."""

    encoding: Encoding
    values: dict[int, bytes] = field(default_factory=dict)  # those of the first frame among them
    referenced: tuple[bytes, ...] = ()  # SOP Instance UIDs in Referenced Series Sequence
    pixels: PixelMark | None = None
    available: int | None = None  # bytes of the stream; None when not known
    magic: bool = True  # the file says that it is DICOM
    damage: str = ""  # what is missing of the header, in words
    pattern: Pattern | None = field(default=None, compare=False)  # that all of it fits

    @property
    def transfer_syntax(self) -> str:
        """Return the Transfer Syntax UID, "" when the file does not say."""
        return self.values.get(META_SYNTAX, b"").decode("latin-1").strip("\0 ")
