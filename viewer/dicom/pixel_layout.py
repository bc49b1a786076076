"""How the stored values of an image are laid out (PS3.3 C.7.6.3, PS3.5 8): read tolerantly, within limits.

What makes no sense is replaced by the nearest safe assumption with a notice; only what has no safe
reading is refused.
"""

from dataclasses import dataclass

from viewer.dicom.header import Header, label
from viewer.dicom.read import PixelElement

MAX_EDGE = 65535  # VR US
MAX_FRAMES = 1_000_000
MAX_FRAME_BYTES = 512 << 20
ALLOCATED = (1, 8, 16, 32, 64)
WHOLE_CELLS = (8, 16, 32)  # what Bits Allocated may have been meant to be
SAMPLES = (1, 3)  # ARGB and CMYK (4) are retired
COLOR = 3  # samples
BYTE = 8
FLOAT_TAG = 0x7FE00008
DOUBLE_TAG = 0x7FE00009
FLOAT_BITS = {FLOAT_TAG: 32, DOUBLE_TAG: 64}
COLOR_MODELS = ("RGB", "YBR")
ONE_SAMPLE = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")  # photometric interpretations of one sample
YBR_422 = ("YBR_FULL_422", "YBR_PARTIAL_422")  # two luminances share one pair of chrominances


class LayoutError(ValueError):
    """Why there is no safe reading of the Image Pixel Module, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """The Image Pixel Module as numbers that can be trusted."""

    rows: int
    columns: int
    samples: int = 1
    bits_allocated: int = 16
    bits_stored: int = 16
    high_bit: int = 15
    signed: bool = False
    by_plane: bool = False  # Planar Configuration 1: RRR GGG BBB
    photometric: str = "MONOCHROME2"
    frames: int = 1
    floating: bool = False

    @property
    def values(self) -> int:
        """Return how many stored values one frame has."""
        return self.rows * self.columns * self.samples

    @property
    def subsampled(self) -> bool:
        """Tell whether native values come as Y1 Y2 Cb Cr (PS3.3 C.7.6.3.1.2)."""
        return self.photometric in YBR_422 and self.samples == COLOR

    @property
    def frame_bits(self) -> int:
        """Return the bits of one native frame."""
        values = self.rows * self.columns * 2 if self.subsampled else self.values
        return values * self.bits_allocated


def read_layout(header: Header, element: PixelElement | None = None) -> PixelLayout:
    """Return the layout of the Pixel Data `element`; None: of a header alone.

    What is assumed is said in the notices of `header`. Raise LayoutError when nothing safe can be.
    """
    rows, columns = _edge(header, "Rows"), _edge(header, "Columns")
    frames = _frames(header)
    length = element.length if element is not None else None
    floating = FLOAT_BITS.get(element.tag, 0) if element is not None else 0
    photometric = header.code("PhotometricInterpretation")
    samples = _samples(header, photometric)
    if not photometric:
        photometric = "MONOCHROME2" if samples == 1 else "RGB"
        header.notices.add(f"{label('PhotometricInterpretation')} is missing: {photometric} is assumed")
    if samples == 1 and photometric not in ONE_SAMPLE:
        _assume(header, "PhotometricInterpretation", "MONOCHROME2 is")
        photometric = "MONOCHROME2"
    if samples > 1 and photometric.startswith("MONOCHROME"):
        raise LayoutError(f"{photometric} has one sample per pixel, the header says {samples}")
    allocated = floating or _allocated(header, rows * columns * samples * frames, length)
    stored = allocated if floating else _stored(header, allocated)
    return PixelLayout(
        rows=rows,
        columns=columns,
        samples=samples,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=stored - 1 if floating else _high_bit(header, stored, allocated),
        signed=not floating and _flag(header, "PixelRepresentation", "unsigned values are"),
        by_plane=samples > 1 and _flag(header, "PlanarConfiguration", "colour by pixel is"),
        photometric=photometric,
        frames=frames,
        floating=floating != 0,
    )


def check_size(layout: PixelLayout) -> None:
    """Raise LayoutError when one frame would take more memory than a frame may."""
    if layout.values * max(1, layout.bits_allocated // BYTE) > MAX_FRAME_BYTES:
        raise LayoutError(f"one frame is larger than {MAX_FRAME_BYTES >> 20} MiB")


def _integer(header: Header, keyword: str) -> int | None:
    """Return the first value as a whole number, also that of a 16-bit one under a VR of bytes."""
    values = header.values(keyword)
    if len(values) > 1:
        header.notices.add(f"{label(keyword)} has {len(values)} values: the first is used")
    if values and isinstance(values[0], bytes) and len(values[0]) == 2:  # noqa: PLR2004  VR US
        return int.from_bytes(values[0], "little" if header.little_endian else "big")
    return header.integer(keyword)


def _assume(header: Header, keyword: str, assumed: str) -> None:
    header.notices.add(f"{label(keyword)} is not usable: {assumed} assumed")


def _edge(header: Header, keyword: str) -> int:
    number = _integer(header, keyword)
    if number is None:
        raise LayoutError(f"its header has no usable {keyword}")
    if not 1 <= number <= MAX_EDGE:
        raise LayoutError(f"the header says {number} {keyword.lower()}")
    return number


def _frames(header: Header) -> int:
    number = _integer(header, "NumberOfFrames")
    if number is not None and number > MAX_FRAMES:
        raise LayoutError(f"the header says {number} frames")
    if number is not None and number >= 1:
        return number
    if header.values("NumberOfFrames"):
        _assume(header, "NumberOfFrames", "1 is")
    return 1


def _samples(header: Header, photometric: str) -> int:
    number = _integer(header, "SamplesPerPixel")
    if number in SAMPLES:
        return number
    if number is not None and number > COLOR:
        raise LayoutError(f"{number} samples per pixel are not supported")
    samples = COLOR if photometric.startswith(COLOR_MODELS) else 1
    _assume(header, "SamplesPerPixel", f"{samples} is")
    return samples


def _allocated(header: Header, values: int, length: int | None) -> int:
    """Return Bits Allocated; where it cannot be, what the length of native data or Bits Stored make it."""
    number, stored = _integer(header, "BitsAllocated"), _integer(header, "BitsStored")
    possible = number in ALLOCATED
    if possible and number is not None and (stored is None or stored <= number):
        return number
    fits = [bits for bits in WHOLE_CELLS if length is not None and _even(values * bits // BYTE) == length]
    if not fits and possible and number is not None:
        return number
    if not fits and length is None and stored is not None:  # compressed data say their precision themselves
        fits = [bits for bits in WHOLE_CELLS[:2] if 1 <= stored <= bits]
    if not fits:
        raise LayoutError(
            "its header has no usable BitsAllocated"
            if number is None
            else f"{number} bits allocated are not supported"
        )
    if fits[0] != number:
        _assume(header, "BitsAllocated", f"{fits[0]} is")
    return fits[0]


def _even(length: int) -> int:
    return length + length % 2


def _stored(header: Header, allocated: int) -> int:
    number = _integer(header, "BitsStored")
    if "BitsStored" not in header and allocated > WHOLE_CELLS[1]:  # float pixels have no such attribute
        return allocated
    if number is None or not 1 <= number <= allocated:
        _assume(header, "BitsStored", f"{allocated} is")
        return allocated
    return number


def _high_bit(header: Header, stored: int, allocated: int) -> int:
    """Return High Bit, one less than Bits Stored where it cannot be (PS3.3 C.7.6.3.1.1)."""
    number = _integer(header, "HighBit")
    if number is not None and stored <= number + 1 <= allocated:
        return number
    if "HighBit" in header:
        _assume(header, "HighBit", f"{stored - 1} is")
    return stored - 1


def _flag(header: Header, keyword: str, assumed: str) -> bool:
    """Return an attribute that is 0 or 1; 0 where it is neither."""
    number = _integer(header, keyword)
    if number not in {0, 1} and keyword in header:
        _assume(header, keyword, assumed)
    return number == 1
