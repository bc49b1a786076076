"""How the stored values of an image are laid out (PS3.3 C.7.6.3, PS3.5 8), checked against limits."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from viewer.dicom.read import UnreadableError

MAX_EDGE = 65535  # VR US
MAX_FRAMES = 1_000_000
MAX_FRAME_BYTES = 512 << 20
ALLOCATED = (1, 8, 16, 32, 64)
SAMPLES = (1, 3)  # ARGB and CMYK (4) are retired
FLOAT_TAG = 0x7FE00008
DOUBLE_TAG = 0x7FE00009
YBR_422 = ("YBR_FULL_422", "YBR_PARTIAL_422")  # two luminances share one pair of chrominances


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
        return self.photometric in YBR_422 and self.samples == SAMPLES[1]

    @property
    def frame_bits(self) -> int:
        """Return the bits of one native frame."""
        values = self.rows * self.columns * 2 if self.subsampled else self.values
        return values * self.bits_allocated


def read_layout(path: str, dataset: Dataset, pixel_tag: int) -> PixelLayout:
    """Return the layout of the Pixel Data. Raise UnreadableError naming what is missing or impossible."""
    allocated = _number(path, dataset, "BitsAllocated", {FLOAT_TAG: 32, DOUBLE_TAG: 64}.get(pixel_tag))
    stored = _number(path, dataset, "BitsStored", allocated)
    layout = PixelLayout(
        rows=_number(path, dataset, "Rows"),
        columns=_number(path, dataset, "Columns"),
        samples=_number(path, dataset, "SamplesPerPixel", 1),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=_number(path, dataset, "HighBit", stored - 1),
        signed=_number(path, dataset, "PixelRepresentation", 0) == 1,
        by_plane=_number(path, dataset, "PlanarConfiguration", 0) == 1,
        photometric=str(dataset.get("PhotometricInterpretation", "") or "MONOCHROME2").strip().upper(),
        frames=max(1, _number(path, dataset, "NumberOfFrames", 1)),
        floating=pixel_tag in (FLOAT_TAG, DOUBLE_TAG),
    )
    if reason := _impossible(layout):
        raise UnreadableError(path, reason)
    return layout


def _impossible(layout: PixelLayout) -> str:
    """Return why no image has this layout, or ""."""
    bits = f"{layout.bits_stored} bits stored up to bit {layout.high_bit} of {layout.bits_allocated}"
    size = layout.values * max(1, layout.bits_allocated // 8)
    checks = (
        (1 <= layout.rows <= MAX_EDGE, f"the header says {layout.rows} rows"),
        (1 <= layout.columns <= MAX_EDGE, f"the header says {layout.columns} columns"),
        (layout.samples in SAMPLES, f"{layout.samples} samples per pixel are not supported"),
        (
            layout.samples == 1 or not layout.photometric.startswith("MONOCHROME"),
            f"{layout.photometric} has one sample per pixel, the header says {layout.samples}",
        ),
        (layout.bits_allocated in ALLOCATED, f"{layout.bits_allocated} bits allocated are not supported"),
        (1 <= layout.bits_stored <= layout.high_bit + 1 <= layout.bits_allocated, f"the header says {bits}"),
        (layout.frames <= MAX_FRAMES, f"the header says {layout.frames} frames"),
        (size <= MAX_FRAME_BYTES, f"one frame is larger than {MAX_FRAME_BYTES >> 20} MiB"),
    )
    return next((reason for holds, reason in checks if not holds), "")


def _number(path: str, dataset: Dataset, keyword: str, absent: int | None = None) -> int:
    """Return one integer of the header; the first when there are several."""
    try:
        value = dataset.get(keyword)
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            first: object = value
        else:
            first = next(iter(value), None)
        if first is None or first in {"", b""}:
            if absent is None:
                raise UnreadableError(path, f"its header has no {keyword}")
            return absent
        return int(str(first))
    except (ValueError, TypeError, OverflowError, NotImplementedError):
        raise UnreadableError(path, f"its {keyword} is not a number") from None
