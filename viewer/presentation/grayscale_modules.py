"""Modality LUT and Softcopy VOI LUT of a presentation state (PS3.3 C.11.1, C.11.8)."""

from dataclasses import replace

import numpy as np
from pydicom import Dataset
from pydicom.dataelem import DataElement

from viewer.dicom.functional_groups import frame_header
from viewer.dicom.header import Header
from viewer.dicom.lut_reader import StoredRange, read_modality, read_vois
from viewer.dicom.luts import LookupTable, Modality, Rescale, Voi, WindowFunction

LUT_DESCRIPTOR, LUT_DATA = 0x00283002, 0x00283006
FULL_TABLE = 65536
BYTE, WORD = 8, 16  # bits
LONGEST_DECIMAL = 16  # VR DS
UNSPECIFIED = "US"


def decimal(value: float) -> str:
    """Return a number as VR DS: at most 16 characters, exact wherever that many are enough.

    >>> decimal(0.1), decimal(-1024.0), decimal(1.23456789012e-05), decimal(1 / 3)
    ('0.1', '-1024', '1.23456789012e-5', '0.33333333333333')
    """
    text = repr(float(value))
    text = text.removesuffix(".0").replace("e-0", "e-").replace("e+0", "e+")
    digits = 17
    while len(text) > LONGEST_DECIMAL:
        digits -= 1
        text = f"{value:.{digits}g}".replace("e-0", "e-").replace("e+0", "e+")
    return text


def write_modality(dataset: Dataset, modality: Modality) -> None:
    """Add the Modality LUT: without it, the windows of a state would mean stored values."""
    if isinstance(modality, Rescale):
        dataset.RescaleIntercept = decimal(modality.intercept)
        dataset.RescaleSlope = decimal(modality.slope)
        dataset.RescaleType = modality.unit or UNSPECIFIED
        return
    # Modality tables have 8 or 16 bits (PS3.3 C.11.1.1.1); their entries are the values themselves.
    item = _table(replace(modality, bits=BYTE if modality.bits <= BYTE else WORD))
    item.ModalityLUTType = modality.unit or UNSPECIFIED
    dataset.ModalityLUTSequence = [item]


def write_voi(voi: Voi, images: list[Dataset]) -> Dataset:
    """Return a Softcopy VOI LUT item with exactly one window or one table."""
    item = Dataset()
    item.ReferencedImageSequence = images
    if isinstance(voi, LookupTable):
        item.VOILUTSequence = [_table(voi)]
        return item
    item.WindowCenter, item.WindowWidth = decimal(voi.center), decimal(voi.width)
    if voi.explanation:
        item.WindowCenterWidthExplanation = voi.explanation[:64].replace("\\", "/")
    function = voi.function
    if function is WindowFunction.LINEAR and voi.width < 1:  # shown as such: LINEAR does not allow it
        function = WindowFunction.LINEAR_EXACT
    if function is not WindowFunction.LINEAR:
        item.VOILUTFunction = function.value
    return item


def read_state_modality(top: Header) -> Modality | None:
    """Return the Modality LUT of a state, None when it has none: then the image's own does not count."""
    if not any(keyword in top for keyword in ("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept")):
        return None
    return read_modality(frame_header(top, 1), StoredRange(16, _signed(top.item("ModalityLUTSequence"))))


def read_state_voi(item: Header, modality: Modality | None) -> Voi | None:
    """Return the VOI of a Softcopy VOI LUT item: the first of those that a state should have one of."""
    signed = _signed(item.item("VOILUTSequence"))
    vois = read_vois(frame_header(item, 1), modality or Rescale(), StoredRange(16, signed))
    if len(vois) > 1:
        item.notices.add("Several windows are given where one is allowed: the first is used")
    return vois[0] if vois else None


def named(voi: Voi, label: str) -> Voi:
    """Return a VOI that says where it comes from."""
    return replace(voi, source=f"presentation state {label}".rstrip())


def _signed(item: Header | None) -> bool:
    """Tell whether a table says by its VR that its first input may be negative."""
    if item is None or "LUTDescriptor" not in item:
        return False
    return item.dataset.get_item(LUT_DESCRIPTOR, keep_deferred=True).VR == "SS"


def _table(table: LookupTable) -> Dataset:
    """Return a table item; entries of up to 8 bits are packed, two in a word (PS3.3 C.11.1.1.1)."""
    item = Dataset()
    count = len(table.entries) % FULL_TABLE
    vr = "SS" if table.first < 0 else "US"  # pydicom keeps the count unsigned under either
    item.add(DataElement(LUT_DESCRIPTOR, vr, [count, table.first, table.bits]))
    if table.explanation:
        item.LUTExplanation = table.explanation[:64].replace("\\", "/")
    kind = np.uint8 if table.bits <= BYTE else np.dtype("<u2")
    data = table.entries.astype(kind).tobytes()
    item.add(DataElement(LUT_DATA, "OW", data + b"\0" * (len(data) % 2)))
    return item
