"""What a compressed codestream says about itself, read before any codec sees it.

A codec that is told 65535 x 65535 by 300 hostile bytes takes gigabytes, and a cut codestream often
decodes to a picture that looks whole. So dimensions must equal the header's, and the end must be there.
Sources: ITU-T T.81 B (JPEG), T.87 C (JPEG-LS), T.800 A and I (JPEG 2000), T.814 (HTJ2K), ISO/IEC 18181 (JPEG
XL), PS3.5 G (RLE).
"""

import re
import struct
from dataclasses import dataclass

MAX_SCANS = 1000
MAX_TILES = 65535  # T.800 A.4.2 counts tiles in 16 bits

SOI, EOI, SOS, DRI, APP0, APP14 = 0xD8, 0xD9, 0xDA, 0xDD, 0xE0, 0xEE
# SOF0-15 and SOF55, not DHT, JPG and DAC, which stand among them.
FRAME_MARKERS = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
HIERARCHICAL = frozenset({0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE})  # differential frames, DHP
ARITHMETIC = frozenset({0xC9, 0xCA, 0xCB})  # retired from DICOM
JPEG_LS_FRAME = 0xF7
LOSSLESS_FRAME = 0xC3
SEQUENTIAL_FRAMES = (0xC0, 0xC1)  # DCT, Huffman
STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM, RST: no length follows
# In entropy-coded data a marker is FF and what is neither stuffing nor a restart nor fill.
NEXT_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
NEXT_JPEG_LS_MARKER = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")

J2K_START = b"\xff\x4f\xff\x51"
J2K_END = b"\xff\xd9"
JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "
SIZ, COD, CAP, SOT = 0xFF51, 0xFF52, 0xFF50, 0xFF90

JXL_START = b"\xff\x0a"
JXL_BOXES = b"\x00\x00\x00\x0cJXL "
JXL_SIZE_BITS = (9, 13, 18, 30)
JXL_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))  # of columns to rows

MISPLACED = "the JPEG data are damaged: a marker is missing or stands where none belongs"

RLE_HEADER = 64
RLE_SEGMENTS = 15


class CodestreamError(ValueError):
    """Why a codestream is not decoded, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Codestream:
    """The parameters of one frame's codestream."""

    rows: int
    columns: int
    samples: int
    precision: int  # bits
    signed: bool | None = None  # None where the syntax does not say
    lossless: bool = False
    jpeg_ls: bool = False
    complete: bool = True  # the end marker is there
    component_ids: bytes = b""
    subsampled: bool = False  # the components are not all of one size
    adobe_transform: int | None = None  # APP14: 0 none, 1 YCbCr, 2 YCCK
    jfif: bool = False  # APP0: colours are YCbCr (T.871 7)
    color_transform: bool = False  # JPEG 2000: the codec turns YCC into RGB
    high_throughput: bool = False
    start: int = 0  # of the raw codestream within the bytes (behind the boxes of a JP2 file)
    style_offset: int = 0  # JPEG 2000: of the code block style; 0: not found
    sequential: bool = False  # JPEG, DCT, not progressive
    steps: tuple[int, int] = (1, 1)  # JPEG: blocks across and down in one coded unit
    restarts: bool = False  # JPEG: there may be restart markers
    frame_offset: int = 0  # JPEG: of the precision in the frame header
    scan_start: int = 0  # JPEG: of the marker of the first scan
    scan_offsets: tuple[int, ...] = ()  # JPEG: of the entropy-coded data of each scan
    scan_end: int = 0  # JPEG: of the marker behind the last scan


def read_jpeg(data: bytes) -> Codestream:
    """Return what a JPEG or JPEG-LS codestream says. Raise CodestreamError when it cannot be decoded."""
    if data[:2] != bytes((0xFF, SOI)):
        raise CodestreamError("the JPEG data do not begin with a start marker")
    reader = _JpegReader(data)
    reader.run()
    return reader.result()


class _JpegReader:
    """Walks the marker segments of a JPEG codestream (T.81 B.1)."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 2
        self.frame_marker = 0
        self.frame = b""
        self.frame_offset = 0
        self.adobe: int | None = None
        self.jfif = False
        self.restarts = False
        self.scan_start = 0
        self.scans: list[int] = []
        self.scan_end = 0
        self.complete = False

    def run(self) -> None:
        while (marker := self._marker()) is not None:
            if marker == EOI:
                self.complete = True
                return
            if marker in HIERARCHICAL:
                raise CodestreamError(MISPLACED if self.scans else "hierarchical JPEG is not supported")
            if marker in ARITHMETIC and not self.scans:
                raise CodestreamError("arithmetic-coded JPEG is not supported")
            if marker not in STANDALONE:
                self._segment(marker)

    def _marker(self) -> int | None:
        """Return the next marker, or None at the end of the data."""
        data, position = self.data, self.position
        while position < len(data) and data[position] == 0xFF:  # noqa: PLR2004  every marker begins with FF
            position += 1
        if position >= len(data):
            return None
        if position == self.position:
            raise CodestreamError(MISPLACED)
        self.position = position + 1
        return data[position]

    def _segment(self, marker: int) -> None:
        start = self.position
        head = self.data[self.position : self.position + 2]
        length = int.from_bytes(head, "big")
        body = self.data[self.position + 2 : self.position + length]
        self.position += max(length, 2)
        if len(head) < 2 or len(body) < length - 2:  # noqa: PLR2004  a length counts its own two bytes
            self.position = len(self.data)
            return
        if marker in FRAME_MARKERS:
            if self.frame:
                raise CodestreamError("the JPEG data hold more than one image")
            self.frame_marker, self.frame, self.frame_offset = marker, body, start + 2
        elif marker == APP14 and body[:5] == b"Adobe" and len(body) >= 12:  # noqa: PLR2004  T.872 6.5.3
            self.adobe = body[11]
        elif marker == APP0 and body[:5] == b"JFIF\0":  # T.871 10.1
            self.jfif = True
        elif marker == DRI:
            self.restarts = True
        elif marker == SOS:
            self.scan_start = self.scan_start or start - 2
            self._scan()

    def _scan(self) -> None:
        self.scans.append(self.position)
        if len(self.scans) > MAX_SCANS:
            raise CodestreamError(f"the JPEG data have more than {MAX_SCANS} scans")
        pattern = NEXT_JPEG_LS_MARKER if self.frame_marker == JPEG_LS_FRAME else NEXT_JPEG_MARKER
        found = pattern.search(self.data, self.position)
        self.position = self.scan_end = found.start() if found else len(self.data)

    def result(self) -> Codestream:
        """Return what was found (frame header: T.81 B.2.2)."""
        body = self.frame
        if len(body) < 6 or len(body) < 6 + 3 * body[5]:  # noqa: PLR2004  fixed part, then 3 bytes a component
            raise CodestreamError("the JPEG data have no frame header")
        precision, rows, columns, samples = struct.unpack_from(">BHHB", body)
        components = [body[i : i + 3] for i in range(6, 6 + 3 * samples, 3)]
        if not self.scans:
            raise CodestreamError("the JPEG data have no image in them")
        return Codestream(
            rows=rows,
            columns=columns,
            samples=samples,
            precision=precision,
            lossless=self.frame_marker in (LOSSLESS_FRAME, JPEG_LS_FRAME),
            jpeg_ls=self.frame_marker == JPEG_LS_FRAME,
            complete=self.complete,
            component_ids=bytes(component[0] for component in components),
            subsampled=len({component[1] for component in components}) > 1,
            adobe_transform=self.adobe,
            jfif=self.jfif,
            sequential=self.frame_marker in SEQUENTIAL_FRAMES,
            steps=_steps(components),
            restarts=self.restarts,
            frame_offset=self.frame_offset,
            scan_start=self.scan_start,
            scan_offsets=tuple(self.scans),
            scan_end=self.scan_end,
        )


def _steps(components: list[bytes]) -> tuple[int, int]:
    """Return the largest sampling factors, 1 for a lone component, whose units are blocks (T.81 A.2.2)."""
    if len(components) == 1:
        return 1, 1
    return max(c[1] >> 4 for c in components), max(c[1] & 15 for c in components)


def read_jpeg_2000(data: bytes) -> Codestream:
    """Return what a JPEG 2000 or HTJ2K codestream says, raw or in a JP2 file. Raise CodestreamError."""
    start = _find_codestream(data)
    if data[start : start + 4] != J2K_START:
        raise CodestreamError("the JPEG 2000 data do not begin with a start marker")
    siz = data[start + 6 : start + 6 + 36]
    if len(siz) < 36:  # noqa: PLR2004  the fixed part of SIZ, T.800 A.5.1
        raise CodestreamError("the JPEG 2000 header is cut")
    rsiz, x1, y1, x0, y0, tw, th, tx, ty, samples = struct.unpack(">H8IH", siz)
    columns, rows = x1 - x0, y1 - y0
    if columns < 1 or rows < 1 or not tw or not th:
        raise CodestreamError(f"the JPEG 2000 data say {columns} x {rows}")
    if -(-(x1 - tx) // tw) * -(-(y1 - ty) // th) > MAX_TILES:
        raise CodestreamError(f"the JPEG 2000 data have more than {MAX_TILES} tiles")
    components = data[start + 42 : start + 42 + 3 * samples]
    if not samples or len(components) < 3 * samples:
        raise CodestreamError("the JPEG 2000 header is cut")
    transform, style, tile_part = _main_header(data, start + 42 + 3 * samples)
    return Codestream(
        rows=rows,
        columns=columns,
        samples=samples,
        precision=max(components[0::3], key=lambda depth: depth & 0x7F) % 128 + 1,
        signed=components[0] >= 128,  # noqa: PLR2004  the top bit of Ssiz
        complete=_tiles_complete(data, tile_part),
        subsampled=any(step != 1 for step in components[1::3] + components[2::3]),
        color_transform=transform,
        high_throughput=bool(rsiz & 0x4000),
        start=start,
        style_offset=style,
    )


def _find_codestream(data: bytes) -> int:
    """Return where the raw codestream begins: 0, or the content of the jp2c box (T.800 I.4)."""
    if not data.startswith(JP2_SIGNATURE):
        return 0
    position = 0
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        header = 8
        if length == 1 and position + 16 <= len(data):
            length, header = struct.unpack_from(">Q", data, position + 8)[0], 16
        if kind == b"jp2c":
            return position + header
        if length < header:  # 0 means "to the end of the file": nothing follows
            break
        position += length
    raise CodestreamError("the JP2 file holds no codestream")


def _main_header(data: bytes, position: int) -> tuple[bool, int, int]:
    """Return whether components are transformed, and where code block style and first tile-part stand.

    (T.800 A.6.1)
    """
    transform, style = False, 0
    while position + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, position)
        if marker == SOT:
            return transform, style, position
        if marker < 0xFF00 or length < 2:  # noqa: PLR2004  a length counts its own two bytes
            break
        if marker == COD and position + 12 < len(data):
            transform, style = data[position + 8] == 1, position + 12
        position += 2 + length
    raise CodestreamError("the JPEG 2000 data have no image in them")


def _tiles_complete(data: bytes, position: int) -> bool:
    """Tell whether every tile-part is there up to the end marker (T.800 A.4.2)."""
    end = len(data.rstrip(b"\x00"))
    while position + 12 <= len(data):
        marker, _, _, length = struct.unpack_from(">HHHI", data, position)
        if marker != SOT:
            break
        if length == 0:  # this tile-part reaches to the end marker
            return data[end - 2 : end] == J2K_END
        position += length
    return data[position : position + 2] == J2K_END


def jpeg_xl_size(data: bytes) -> tuple[int, int]:
    """Return rows and columns of a JPEG XL codestream, bare or in boxes. Raise CodestreamError.

    SizeHeader of ISO/IEC 18181-1: bits from the lowest on.
    """
    start = _find_jpeg_xl(data)
    if data[start : start + 2] != JXL_START:
        raise CodestreamError("the JPEG XL data do not begin with a start marker")
    bits = _Bits(int.from_bytes(data[start + 2 : start + 14], "little"))
    small = bits.take(1)
    rows = bits.size(small=small)
    ratio = bits.take(3)
    if not ratio:
        return rows, bits.size(small=small)
    numerator, denominator = JXL_RATIOS[ratio - 1]
    return rows, rows * numerator // denominator


@dataclass(slots=True)
class _Bits:
    """Bits that are taken from the lowest on."""

    rest: int

    def take(self, count: int) -> int:
        value = self.rest & ((1 << count) - 1)
        self.rest >>= count
        return value

    def size(self, *, small: int) -> int:
        if small:
            return 8 * (self.take(5) + 1)
        return 1 + self.take(JXL_SIZE_BITS[self.take(2)])


def _find_jpeg_xl(data: bytes) -> int:
    """Return where the codestream begins: 0, or the content of a jxlc or the first jxlp box (18181-2)."""
    if not data.startswith(JXL_BOXES):
        return 0
    position = 0
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind in {b"jxlc", b"jxlp"}:
            return position + (8 if kind == b"jxlc" else 12)  # a part has a number
        if length < 8:  # noqa: PLR2004  0 and 1: too long for what stands before the picture
            break
        position += length
    raise CodestreamError("the JPEG XL data hold no codestream")


def read_rle(data: bytes) -> list[tuple[int, int]]:
    """Return begin and end of each segment of an RLE frame (PS3.5 G.5). Raise CodestreamError."""
    if len(data) < RLE_HEADER:
        raise CodestreamError("the RLE header is cut")
    count, *offsets = struct.unpack_from("<16I", data)
    offsets = offsets[:count]
    if not 1 <= count <= RLE_SEGMENTS:
        raise CodestreamError(f"the RLE header says {count} segments")
    if offsets[0] < RLE_HEADER or sorted(set(offsets)) != offsets or offsets[-1] >= len(data):
        raise CodestreamError("the RLE header points outside of the data")
    return list(zip(offsets, [*offsets[1:], len(data)], strict=True))
