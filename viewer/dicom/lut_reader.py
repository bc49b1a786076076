"""Modality and VOI transformations of a frame from its header (PS3.3 C.11.1, C.11.2, C.7.6.16.2.9-10)."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header, label
from viewer.dicom.luts import IDENTITY, LookupTable, Modality, Rescale, Voi, Window, WindowFunction

FULL_TABLE = 65_536  # entries that a descriptor writes as 0 (PS3.3 C.11.1.1.1)
MOST_ALTERNATIVES = 64  # windows or tables; no reader chooses among more
UNSPECIFIED = {"US", "UNSPECIFIED"}  # Rescale Type for "no unit"
CT_CLASSES = {"1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2"}
# In angiography and fluoroscopy the table undoes the logarithm for subtraction: it is not for display.
LINEARISED_CLASSES = {"1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2"}


@dataclass(frozen=True, slots=True)
class StoredRange:
    """What stored values can be, and whether they are of computed tomography."""

    bits: int
    signed: bool
    ct: bool = False

    @property
    def first(self) -> int:
        """Return the smallest value."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def last(self) -> int:
        """Return the largest value."""
        return (1 << (self.bits - 1 if self.signed else self.bits)) - 1


def read_modality(frame: FrameHeader, stored: StoredRange) -> Modality:
    """Return the transformation of stored to modality values: the frame's own, else the image's."""
    macro = frame.macro("PixelValueTransformationSequence")
    if macro is not None:
        return _rescale(macro, frame, _group(frame, "PixelValueTransformationSequence"))
    sequence = frame.top.item("ModalityLUTSequence")
    if sequence is not None and frame.top.text("SOPClassUID") not in LINEARISED_CLASSES:
        table = read_table(sequence, signed=stored.signed, source=label("ModalityLUTSequence"))
        if table is not None:
            unit = sequence.text("ModalityLUTType")
            return replace(table, unit="" if unit.upper() in UNSPECIFIED else unit)
    if "RescaleSlope" not in frame.top and "RescaleIntercept" not in frame.top:
        return IDENTITY
    return _rescale(frame.top, frame, label("RescaleSlope"))


def read_vois(frame: FrameHeader, modality: Modality, stored: StoredRange) -> tuple[Voi, ...]:
    """Return the header's alternatives, windows first, then tables; invalid ones are left out."""
    macro = frame.macro("FrameVOILUTSequence")
    header = frame.top if macro is None else macro
    where = "" if macro is None else f" in {_group(frame, 'FrameVOILUTSequence')}"
    tables = header.items("VOILUTSequence")[:MOST_ALTERNATIVES]
    signed = _can_be_negative(modality, stored)
    found = [
        read_table(item, signed=signed, source=f"{label('VOILUTSequence')} item {number}{where}")
        for number, item in enumerate(tables, start=1)
    ]
    return (*_windows(header, where), *(table for table in found if table is not None))


def read_table(item: Header, *, signed: bool, source: str) -> LookupTable | None:
    """Return a table of 8- to 16-bit entries in any of the encodings that files have; None if unusable.

    `signed` tells how the first mapped value is meant: its VR is not reliable (PS3.3 C.11.1.1.1).
    """
    descriptor = words(item, "LUTDescriptor")
    data = words(item, "LUTData")
    if len(descriptor) != 3 or not len(data):  # noqa: PLR2004  entries, first mapped value, bits
        item.notices.add(f"{source} has no usable table")
        return None
    count, first, bits = (int(word) for word in descriptor)
    entries = _entries(data, count or FULL_TABLE, bits)
    if entries is None:
        item.notices.add(f"{source} has fewer entries than it declares")
        return None
    entries.flags.writeable = False
    # A table whose entries exceed the declared bits has the bits wrong, not the entries.
    needed = int(entries.max()).bit_length()
    explanation = item.text("LUTExplanation")
    return LookupTable(
        first=first - 0x10000 if signed and first >= 0x8000 else first,  # noqa: PLR2004  the sign bit
        entries=entries,
        bits=min(max(bits, needed, 1), 16),
        explanation=explanation,
        source=source,
    )


def words(header: Header, keyword: str) -> NDArray[np.uint16]:
    """Return the 16-bit words (n,) of an attribute of VR US, SS or OW; empty when absent or damaged."""
    value = header.value(keyword)
    if isinstance(value, (bytes, bytearray)):
        order = "<" if header.little_endian else ">"
        padded = bytes(value) + b"\0" * (len(value) % 2)
        return np.frombuffer(padded, f"{order}u2").astype(np.uint16)
    values = header.values(keyword)
    whole = [entry & 0xFFFF for entry in values if isinstance(entry, int)]  # one VR may have lent a sign
    return np.array(whole if len(whole) == len(values) else [], np.uint16)


def _entries(data: NDArray[np.uint16], count: int, bits: int) -> NDArray[np.uint16] | None:
    """Return `count` entries: one in each word, or two 8-bit ones, the first in the low byte."""
    if len(data) >= count:
        return data[:count].copy()
    packed = np.stack([data & 0xFF, data >> 8], axis=1).reshape(-1)
    if bits <= 8 and len(packed) >= count:  # noqa: PLR2004  one byte
        return packed[:count].copy()
    return None


def _rescale(header: Header, frame: FrameHeader, source: str) -> Rescale:
    slope, intercept = header.number("RescaleSlope"), header.number("RescaleIntercept")
    if slope is None:
        slope = 1.0
    if slope == 0:
        header.notices.add("Rescale Slope (0028,1053) is 0: ignored")
        slope = 1.0
    return Rescale(slope, intercept or 0.0, _unit(header, frame), source)


def _unit(header: Header, frame: FrameHeader) -> str:
    """Return the unit of modality values, "" when the header leaves it open (PS3.3 C.11.1.1.2)."""
    stated = header.text("RescaleType")
    if stated:
        return "" if stated.upper() in UNSPECIFIED else stated
    if frame.top.code("Modality") == "PT":
        return frame.top.text("Units")
    kinds = frame.top.texts("ImageType")
    localizer = len(kinds) > 2 and kinds[2] == "LOCALIZER"  # noqa: PLR2004  value 3
    original = kinds[:1] == ("ORIGINAL",) and not localizer
    multi_energy = frame.top.code("MultienergyCTAcquisition") == "YES"
    ct = frame.top.text("SOPClassUID") in CT_CLASSES
    return "HU" if ct and original and not multi_energy else ""


def _group(frame: FrameHeader, sequence: str) -> str:
    """Return the functional group macro that decides (see `FrameHeader.macro`), for a person."""
    own = frame.own is not None and frame.own.item(sequence) is not None
    return f"{label(sequence)} of {f'frame {frame.number}' if own else 'all frames'}"


def _can_be_negative(modality: Modality, stored: StoredRange) -> bool:
    """Tell whether the first mapped value of a VOI table is signed (PS3.3 C.11.2.1.1)."""
    if isinstance(modality, LookupTable):
        return False
    ends = (modality.slope * end + modality.intercept for end in (stored.first, stored.last))
    return stored.ct or min(ends) < 0


def _windows(header: Header, where: str) -> tuple[Window, ...]:
    centers, widths = header.numbers("WindowCenter"), header.numbers("WindowWidth")
    explanations = header.texts("WindowCenterWidthExplanation")
    function = _function(header)
    if len(centers) != len(widths):
        counts = f"{len(centers)} of {label('WindowCenter')}, {len(widths)} of {label('WindowWidth')}"
        header.notices.add(f"Values that are no pairs are ignored: {counts}")
    windows: list[Window] = []
    for index, (center, width) in enumerate(zip(centers, widths, strict=False)):
        if center is None or width is None or len(windows) == MOST_ALTERNATIVES:
            continue
        if width <= 0:
            header.notices.add("Window Width (0028,1051) is not positive: ignored")
            continue
        explanation = explanations[index] if index < len(explanations) else ""
        source = f"{label('WindowCenter')} value {index + 1}{where}"
        windows.append(_window(header, Window(center, width, function, explanation, source)))
    return tuple(windows)


def _window(header: Header, window: Window) -> Window:
    """Return a window that its function can apply: LINEAR is not defined for a width below 1."""
    if window.function is WindowFunction.LINEAR and window.width < 1:
        header.notices.add("Window Width (0028,1051) below 1: LINEAR_EXACT is used")
        return replace(window, function=WindowFunction.LINEAR_EXACT)
    return window


def _function(header: Header) -> WindowFunction:
    name = header.code("VOILUTFunction")
    if name and name not in list(WindowFunction):
        header.notices.add("VOI LUT Function (0028,1056) is unknown: LINEAR is used")
        return WindowFunction.LINEAR
    return WindowFunction(name) if name else WindowFunction.LINEAR
