"""Whether the code blocks of a JPEG 2000 end where their lengths say (ITU-T T.800 D.4.2, C.3).

The arithmetic decoder makes values of any bytes. But bytes that are not the encoder's are used up too
fast or too slowly for the passes that the packet header announces. OpenJPEG compares the two, and warns,
where the header promises "predictable termination" (T.800 table A.19); a copy of the header promises it.
Encoders that do not know the promise still come within a few bytes.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from viewer.dicom.codestream import Codestream

PREDICTABLE_TERMINATION = 0x10
SLACK = 8  # bytes; 4 is the most that was seen in whole files of several encoders
ENDS_ELSEWHERE = re.compile(r"PTERM check failure: (\d+) ")
DAMAGED = "the JPEG 2000 data are damaged: part of the picture is wrong"
LOGGER = logging.getLogger("imagecodecs")


def promising_termination(data: bytes, stream: Codestream) -> bytes:
    """Return a codestream from its start, changed so that the decoder compares lengths.

    Only where blocks are coded in the plain way: one arithmetic codeword each.
    """
    if not stream.style_offset or data[stream.style_offset]:
        return data[stream.start :]
    copy = bytearray(data)
    copy[stream.style_offset] = PREDICTABLE_TERMINATION
    return bytes(copy[stream.start :])


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect what the decoder logs."""
    listener = _Listener()
    before = LOGGER.level, LOGGER.propagate
    LOGGER.addHandler(listener)
    LOGGER.setLevel(logging.WARNING)
    LOGGER.propagate = False
    try:
        yield listener.words
    finally:
        LOGGER.setLevel(before[0])
        LOGGER.propagate = before[1]
        LOGGER.removeHandler(listener)


def damage(words: list[str]) -> str:
    """Return in words that the decoder's warnings mean damage, "" when they do not."""
    found = (ENDS_ELSEWHERE.search(each) for each in words)
    return DAMAGED if any(match and int(match[1]) > SLACK for match in found) else ""


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(record.getMessage())
