"""Whether the entropy-coded data of a JPEG are whole: what libjpeg notices and decodes nevertheless.

Where bytes in the middle of a scan were cut or overwritten, libjpeg warns, fills in, and returns a
picture. imagecodecs and Pillow swallow the warning; simplejpeg, built on the same library, hands it out.
It has 8 bits only, but the entropy coding does not depend on the precision (ITU-T T.81 F.2.2, H.2.2):
a copy that claims 8 bits is read through to its end in the same way. Its pixels are used for gray of 8 bits.
"""

import math
import struct
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from simplejpeg import decode_jpeg

from viewer.dicom.codestream import DRI, Codestream

SMALL = 64 << 10  # bytes; a thread costs more than reading as little as that
PAD = 32  # bytes: more than libjpeg reads ahead (8)
MOST_COUNTED = 65535  # MCUs between restarts: DRI has 16 bits (T.81 B.2.4.4)
LONGEST_EDGE = 65500  # pixels: libjpeg's JPEG_MAX_DIMENSION
BLOCK = 8  # pixels
COLOR = 3
WHOLE_SPECTRUM = bytes((0, 63, 0))  # of a sequential scan (T.81 B.2.3); some writers leave 0, 0, 0
NO_TRANSFORM = b"\xff\xee" + struct.pack(">H5sHHHB", 14, b"Adobe", 100, 0, 0, 0)
JFIF = b"\xff\xe0"
OTHER_APPLICATION = 0xEF
LEFT_OVER = f"Corrupt JPEG data: {PAD} extraneous bytes before marker 0xd9"
DAMAGED = "the JPEG data are damaged: part of the picture is wrong"


class Check:
    """The check of one frame, running beside its decoding where that saves time."""

    def __init__(self, data: bytes, stream: Codestream) -> None:
        self._running: Future[bool] | None = None
        self._data, self._stream = data, stream
        if len(data) > SMALL:
            beside = ThreadPoolExecutor(1)
            self._running = beside.submit(is_damaged, data, stream)
            beside.shutdown(wait=False)

    def damage(self) -> str:
        """Return what is wrong in words, "" when nothing is found."""
        running = self._running
        found = is_damaged(self._data, self._stream) if running is None else running.result()
        return DAMAGED if found else ""


def whole_gray(data: bytes, stream: Codestream) -> NDArray[np.uint8] | None:
    """Return the pixels (rows, columns) of a sequential gray JPEG of 8 bits that is whole, in one decoding.

    None where something is wrong with it, and for what `is_damaged` has to look at beside its decoder.
    The pixels are those of imagecodecs, which has the same library.
    """
    gray = stream.samples == 1 and stream.precision == BLOCK and stream.sequential and stream.complete
    if not gray:
        return None
    counted = _can_be_counted(stream)
    copy = _counted(data, stream) if counted else _in_8_bits(data, stream)
    height = _mcus(stream)[0] * BLOCK + 1 if counted else stream.rows
    room = np.zeros((height, stream.columns, 1), np.uint8)
    try:
        decode_jpeg(copy, "GRAY", buffer=room)
    except ValueError as error:  # the warning that is wanted comes when all is decoded
        whole = counted and str(error) == LEFT_OVER
    else:
        whole = not counted
    return room[: stream.rows, :, 0] if whole else None


def is_damaged(data: bytes, stream: Codestream) -> bool:
    """Tell whether the entropy-coded data end too early or too late, or hold what is no code.

    What is not noticed: changed bits that leave the lengths of all codes as they were, and in lossless,
    progressive and restarted data also a rest of up to 7 bytes.
    """
    counted = _can_be_counted(stream)
    copy = _counted(data, stream) if counted else _in_8_bits(data, stream)
    try:
        if stream.lossless:
            decode_jpeg(copy, "RGB" if stream.samples == COLOR else "GRAY")
        else:  # an eighth of the size: all codes are read, next to nothing is computed
            decode_jpeg(copy, "GRAY", min_width=1, min_height=1, min_factor=BLOCK)
    except ValueError as error:
        return not counted or str(error) != LEFT_OVER
    return counted


def _in_8_bits(data: bytes, stream: Codestream) -> bytearray:
    """Return the codestream for a decoder of 8 bits that knows no colours."""
    copy = bytearray(data)
    copy[stream.frame_offset] = BLOCK
    if stream.sequential:
        for end in stream.scan_offsets:
            copy[end - len(WHOLE_SPECTRUM) : end] = WHOLE_SPECTRUM
    if stream.lossless and stream.samples == COLOR:  # lossless JPEG converts no colours
        if copy[2:4] == JFIF:  # it would mean YCbCr
            copy[3] = OTHER_APPLICATION
        copy[2:2] = NO_TRANSFORM
    return copy


def _can_be_counted(stream: Codestream) -> bool:
    """Tell whether the place where the codes end can be found to the byte."""
    return (
        stream.sequential
        and stream.complete
        and len(stream.scan_offsets) == 1
        and not stream.restarts
        and math.prod(_mcus(stream)) <= MOST_COUNTED
        and stream.rows + BLOCK * stream.steps[1] <= LONGEST_EDGE
    )


def _counted(data: bytes, stream: Codestream) -> bytearray:
    """Return a copy that asks for a restart after the last block of the picture, and has none there.

    It claims one more row of blocks. libjpeg arrives at the restart, and says how many bytes stand
    between the last code and the next marker: as many as are put there, if the codes end where they should.
    """
    copy = _in_8_bits(data, stream)
    down, across = _mcus(stream)
    struct.pack_into(">H", copy, stream.frame_offset + 1, down * BLOCK * stream.steps[1] + 1)
    end = stream.scan_end
    while copy[end - 1] == 0xFF:  # noqa: PLR2004  fill bytes belong to the marker (T.81 B.1.1.2)
        end -= 1
    copy[end:end] = bytes(PAD)
    copy[stream.scan_start : stream.scan_start] = struct.pack(">BBHH", 0xFF, DRI, 4, down * across)
    return copy


def _mcus(stream: Codestream) -> tuple[int, int]:
    """Return the rows and columns of minimum coded units (T.81 A.2)."""
    across, down = stream.steps
    return math.ceil(stream.rows / (BLOCK * down)), math.ceil(stream.columns / (BLOCK * across))
