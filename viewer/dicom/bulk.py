"""Native frames of many files straight into one array: where they stand is found where files are parsed.

A worker process finds the place of a frame (`locate`); the program reads raw bytes there (`read_block`)
and parses nothing. A place is a claim: what it says is checked against limits and against the file.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.codecs import SYNTAXES
from viewer.dicom.describe import describe
from viewer.dicom.descriptor import Descriptor
from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription
from viewer.dicom.native import significant_bits
from viewer.dicom.overlay_reader import embedded_bits
from viewer.dicom.pdf import is_pdf
from viewer.dicom.pixel_layout import MAX_EDGE, MAX_FRAME_BYTES, PixelLayout
from viewer.dicom.pixels import ITEM_TAG, OpenImage
from viewer.dicom.read import DicomFile, UnreadableError, read_file, tolerant

THREADS = 2  # reading is copying: more only wait for memory
CELLS = (8, 16, 32)  # bits allocated of values that can be taken as they stand
Identity = tuple[int, int, int, int]  # device, inode, size, modification time in ns


@dataclass(frozen=True, slots=True)
class NativePlace:
    """Where the values of one frame stand in a file: whole, little endian, one sample a pixel."""

    offset: int  # bytes from the beginning of the file
    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str
    identity: Identity  # of the file that was looked at

    @property
    def shape(self) -> tuple[int, int]:
        """Return rows and columns."""
        return self.rows, self.columns

    @property
    def size(self) -> int:
        """Return how many bytes the frame has."""
        return self.rows * self.columns * self.bits_allocated // 8


@dataclass(frozen=True, slots=True)
class Located:
    """What the header of a file says of one frame, and where its values are."""

    description: ImageDescription
    place: NativePlace


def locate(path: str, numbers: Sequence[int]) -> tuple[Located | None, ...]:
    """Return where each of these frames (from 1) of a file stands.

    None where its bytes alone are not its stored values: compressed, deflated, in colour, big endian,
    floating point, cut off, with overlays in unused bits. Raise UnreadableError, a ViewerError.
    """
    file = read_file(path)
    if is_pdf(file) or file.pixels is None or file.pixels.length is None:
        return (None,) * len(numbers)
    with tolerant():
        image = OpenImage(file)
        return tuple(_located(image, number) for number in numbers)


def _located(image: OpenImage, number: int) -> Located | None:
    place = _place(image, number)
    if place is None:
        return None
    return Located(describe(image.file.dataset, number, image.element), place)


def _place(image: OpenImage, number: int) -> NativePlace | None:
    file, element, layout = image.file, image.element, image.layout
    if element.length is None or file.inflated is not None or not file.little_endian:
        return None
    if not _is_plain(layout) or embedded_bits(file.dataset, layout.high_bit, layout.bits_allocated):
        return None
    size = layout.frame_bits // 8
    first = (number - 1) * size
    if not 1 <= number <= layout.frames or first + size > min(element.length, file.size - element.offset):
        return None
    if file.transfer_syntax in SYNTAXES and _begins_with_item(file, element.offset):
        return None
    return NativePlace(
        element.offset + first,
        layout.rows,
        layout.columns,
        layout.bits_allocated,
        layout.bits_stored,
        layout.high_bit,
        layout.signed,
        layout.photometric,
        file.identity,
    )


def _is_plain(layout: PixelLayout) -> bool:
    return layout.samples == 1 and layout.bits_allocated in CELLS and not layout.floating


def _begins_with_item(file: DicomFile, offset: int) -> bool:
    with file.opened() as source:
        return source.read_at(offset, len(ITEM_TAG)) == ITEM_TAG


def read_block(places: Sequence[tuple[str, NativePlace]], threads: int = THREADS) -> Stored:
    """Return the stored values (frames, rows, columns) of frames of one layout, each of a path.

    They are u1, u2, u4, i1, i2 or i4, masked to Bits Stored and sign-extended, and read-only. Raise
    UnreadableError when a file has changed or is shorter than it was, or a place is none; ValueError when
    the layouts differ.
    """
    first = places[0][1]
    if any(_layout(place) != _layout(first) for _, place in places):
        raise ValueError("frames of different layouts")
    if reason := _impossible(first):
        raise UnreadableError(places[0][0], reason)
    cells = np.empty((len(places), *first.shape), f"u{first.bits_allocated // 8}")
    values: Stored = cells.view(f"i{cells.itemsize}") if first.signed else cells

    def read(index: int) -> None:
        _read_into(*places[index], cells[index])

    with ThreadPoolExecutor(min(threads, len(places)), thread_name_prefix="bulk") as pool:
        for _ in pool.map(read, range(len(places))):
            pass
    values.flags.writeable = False
    return values


def read_frames(found: Sequence[tuple[str, Located]]) -> list[Frame]:
    """Return the frames that were found, each of a path, in order; of several layouts too.

    Raise UnreadableError when a file has changed or is shorter than it was, or a place is none.
    """
    layouts: dict[tuple[Any, ...], list[int]] = {}
    for index, (_, one) in enumerate(found):
        layouts.setdefault(_layout(one.place), []).append(index)
    frames: dict[int, Frame] = {}
    for indices in layouts.values():
        block = read_block([(found[index][0], found[index][1].place) for index in indices])
        for index, stored in zip(indices, block, strict=True):
            one = found[index][1]
            frames[index] = Frame(one.description.key, stored, one.place.photometric)
    return [frames[index] for index in range(len(found))]


def _layout(place: NativePlace) -> tuple[Any, ...]:
    return (*place.shape, place.bits_allocated, place.bits_stored, place.high_bit, place.signed)


def _impossible(place: NativePlace) -> str:
    """Return why no frame has this layout, or ""; the claim comes from a process that is not trusted."""
    checks = (
        (1 <= place.rows <= MAX_EDGE and 1 <= place.columns <= MAX_EDGE, "its size is not that of an image"),
        (place.bits_allocated in CELLS, f"{place.bits_allocated} bits allocated are not read in this way"),
        (
            1 <= place.bits_stored <= place.high_bit + 1 <= place.bits_allocated,
            f"{place.bits_stored} bits stored up to bit {place.high_bit} of {place.bits_allocated}",
        ),
        (place.size <= MAX_FRAME_BYTES, f"one frame is larger than {MAX_FRAME_BYTES >> 20} MiB"),
    )
    return next((reason for holds, reason in checks if not holds), "")


def _read_into(path: str, place: NativePlace, cells: NDArray[np.unsignedinteger]) -> None:
    """Read one frame into its place of the block."""
    try:
        with Descriptor(path) as source:
            status = source.status
            if (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns) != place.identity:
                raise UnreadableError(path, "the file changed while it was being read")
            if place.offset < 0 or source.read_into(place.offset, cells.data.cast("B")) < place.size:
                raise UnreadableError(path, "the file ends inside the pixel data")
    except OSError as error:
        raise UnreadableError(path, f"it cannot be read: {error.strerror or 'input error'}") from None
    _stored(cells, place)


def _stored(cells: NDArray[np.unsignedinteger], place: NativePlace) -> None:
    """Leave of whole cells, in place, what stands in Bits Stored (PS3.5 8.1.1)."""
    if place.bits_stored == place.bits_allocated:
        return
    if not place.signed and place.high_bit == place.bits_stored - 1:
        np.bitwise_and(cells, cells.dtype.type((1 << place.bits_stored) - 1), out=cells)
        return
    layout = PixelLayout(
        place.rows,
        place.columns,
        bits_allocated=place.bits_allocated,
        bits_stored=place.bits_stored,
        high_bit=place.high_bit,
        signed=place.signed,
    )
    significant_bits(cells, layout)
