"""Overlay planes of a frame from a header and, in the retired form, from unused bits of its pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from viewer.dicom.header import Header, clean
from viewer.dicom.overlay import OverlayKind, OverlayPlane

GROUPS = range(0x6000, 0x6020, 2)  # PS3.3 C.9.2: sixteen planes
ROWS, COLUMNS, FRAMES = 0x0010, 0x0011, 0x0015
KIND, ORIGIN, FRAME_ORIGIN = 0x0040, 0x0050, 0x0051
BITS_ALLOCATED, BIT_POSITION, LABEL, DATA = 0x0100, 0x0102, 0x1500, 0x3000
LONGEST_EDGE = 65_535  # VR US
MOST_FILLED = 1 << 26  # pixels of a plane whose missing bits are taken for 0: 8192 x 8192
BYTE = 8
SIGN = 0x8000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a plane lies: its size and the 0-based row and column of its first pixel in the image."""

    rows: int
    columns: int
    top: int
    left: int


def read_overlays(header: Header, frame_number: int, size: tuple[int, int]) -> tuple[OverlayPlane, ...]:
    """Return the planes with data of their own that lie on a frame (from 1) of `size` (rows, columns)."""
    planes: list[OverlayPlane] = []
    for group in GROUPS:
        if (group, DATA) not in header.dataset:
            continue
        place = _place(header, group, size)
        marks = _own_marks(header, group, place, frame_number) if place is not None else None
        if place is None or marks is None:
            continue
        planes.append(_plane(header.dataset, group, _on_image(header, group, marks, place, size)))
    return tuple(planes)


def embedded_bits(dataset: Dataset, high_bit: int, allocated: int) -> dict[int, int]:
    """Return the bit of the pixel cell in which each plane without data stands, by group (retired form).

    A bit that belongs to the stored values is no overlay.
    """
    found: dict[int, int] = {}
    for group in GROUPS:
        if (group, DATA) in dataset or (group, BIT_POSITION) not in dataset:
            continue
        position = _integer(dataset, group, BIT_POSITION)
        if position is not None and high_bit < position < allocated:
            found[group] = position
    return found


def embedded_overlays(
    dataset: Dataset, cells: NDArray[np.generic], positions: dict[int, int]
) -> tuple[OverlayPlane, ...]:
    """Return the planes in the bits `positions` of whole, unmasked `cells` (rows, columns) of a frame."""
    return tuple(
        _plane(dataset, group, (cells.astype(np.uint64) >> np.uint64(position)) & np.uint64(1) == 1)
        for group, position in positions.items()
    )


def _plane(dataset: Dataset, group: int, mask: NDArray[np.bool_]) -> OverlayPlane:
    kind = OverlayKind.ROI if _text(dataset, group, KIND).upper() == "R" else OverlayKind.GRAPHIC
    bits = np.packbits(mask, bitorder="little")
    bits.flags.writeable = False
    return OverlayPlane(group, kind, bits, _text(dataset, group, LABEL))


def _place(header: Header, group: int, size: tuple[int, int]) -> _Place | None:
    rows = _integer(header.dataset, group, ROWS) or 0
    columns = _integer(header.dataset, group, COLUMNS) or 0
    if not (1 <= rows <= LONGEST_EDGE and 1 <= columns <= LONGEST_EDGE):
        if rows or columns:
            header.notices.add(f"Overlay {_name(group)} says no usable size: not shown")
            return None
        rows, columns = size
    origin = [_signed(value) for value in _integers(header.dataset, group, ORIGIN)]
    if len(origin) != 2:  # noqa: PLR2004  row and column
        header.notices.add(
            f"Overlay {_name(group)} does not say where it lies: put at the corner of the image"
        )
        origin = [1, 1]
    return _Place(rows, columns, origin[0] - 1, origin[1] - 1)


def _own_marks(header: Header, group: int, place: _Place, number: int) -> NDArray[np.bool_] | None:
    """Return the marks (rows, columns) of the plane's frame that lies on image frame `number`, or None.

    A plane that names neither its frames nor the first of the image's lies on all of them (C.9.2).
    """
    index = 0
    count = _integer(header.dataset, group, FRAMES)
    first = _integer(header.dataset, group, FRAME_ORIGIN)
    if count is not None or first is not None:
        index = number - (first or 1)
        if not 0 <= index < (count or 1):
            return None
    data = _bytes(header, group)
    wanted = place.rows * place.columns
    start = index * wanted
    part = data[start // BYTE : (start + wanted + BYTE - 1) // BYTE]
    flat = np.unpackbits(np.frombuffer(part, np.uint8), bitorder="little")[start % BYTE :][:wanted]
    if len(flat) < wanted:
        header.notices.add(f"Overlay {_name(group)} has fewer bits than it declares")
        if not len(flat) or wanted > MOST_FILLED:
            return None
        flat = np.pad(flat, (0, wanted - len(flat)))
    return flat.view(np.bool_).reshape(place.rows, place.columns)


def _on_image(
    header: Header, group: int, marks: NDArray[np.bool_], place: _Place, size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return `marks` as (rows, columns) of the image; what lies beside it is cut off and told."""
    mask = np.zeros(size, np.bool_)
    top, left = max(place.top, 0), max(place.left, 0)
    bottom = min(place.top + place.rows, size[0])
    right = min(place.left + place.columns, size[1])
    if top < bottom and left < right:
        part = marks[top - place.top : bottom - place.top, left - place.left : right - place.left]
        mask[top:bottom, left:right] = part
    if np.count_nonzero(mask) != np.count_nonzero(marks):
        header.notices.add(f"Overlay {_name(group)} reaches beyond the image: that part is not shown")
    return mask


def _bytes(header: Header, group: int) -> bytes:
    """Return the Overlay Data with the first pixel in the lowest bit of the first byte (PS3.5 8.1.2)."""
    value = _value(header.dataset, group, DATA)
    if not isinstance(value, (bytes, bytearray)):
        return b""
    vr = header.dataset[(group, DATA)].VR
    if header.little_endian or vr == "OB":
        return bytes(value)
    even = bytes(value) + b"\0" * (len(value) % 2)
    return np.frombuffer(even, "<u2").byteswap().tobytes()


def _name(group: int) -> str:
    return f"{(group - GROUPS.start) // 2 + 1} ({group:04X})"


def _signed(value: int) -> int:
    """Return a value of VR SS that may have been written as US."""
    return value - 2 * SIGN if SIGN <= value < 2 * SIGN else value


def _value(dataset: Dataset, group: int, element: int) -> object:
    try:
        return dataset[(group, element)].value if (group, element) in dataset else None
    except Exception:  # noqa: BLE001  pydicom raises many kinds for a value that it cannot convert
        return None


def _integers(dataset: Dataset, group: int, element: int) -> list[int]:
    value = _value(dataset, group, element)
    values = list(value) if hasattr(value, "__iter__") and not isinstance(value, (str, bytes)) else [value]
    return [int(number) for number in values[:2] if isinstance(number, int)]


def _integer(dataset: Dataset, group: int, element: int) -> int | None:
    found = _integers(dataset, group, element)
    return found[0] if found else None


def _text(dataset: Dataset, group: int, element: int) -> str:
    value = _value(dataset, group, element)
    return clean(str(value)) if isinstance(value, str) else ""
