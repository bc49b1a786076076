"""Words of the command line that several commands understand alike."""

import argparse
import math
import re
from typing import Protocol

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Window, WindowFunction

NEGATIVE = re.compile(r"^-\.?\d")  # "-600,1500" and "-3,5" are values, not options


class FrameSource(Protocol):
    """Where frames come from: `viewer.jobs.decode.DecoderPool`."""

    def read_frame(self, path: str, frame_number: int) -> tuple[ImageDescription, Frame]:
        """Return a frame, counted from 1, and what its header says. Raises ViewerError."""


def window(text: str) -> Window:
    """Return the window of "CENTER,WIDTH", in modality values."""
    try:
        center, width = (float(word) for word in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no CENTER,WIDTH such as 40,400") from None
    if not (math.isfinite(center) and math.isfinite(width) and width > 0):
        raise argparse.ArgumentTypeError(f"{text!r}: the width must be more than 0")
    return Window(center, width, source="the command line")


def function(text: str) -> WindowFunction:
    """Return the VOI LUT function of a name in any case."""
    try:
        return WindowFunction(text.upper())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is none of linear, linear_exact, sigmoid") from None


def dates(text: str) -> tuple[str, str]:
    """Return the first and the last day (DA) of a day or of a range; "" where it has no end."""
    match = re.fullmatch(r"(\d{8})?(-)?(\d{8})?", text)
    if match is None or not (match[1] or match[3]) or (match[1] and match[3] and not match[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 20260131 or 20260101-20260131")
    first, last = match[1] or "", match[3] or ""
    return (first, last) if match[2] else (first or last, first or last)
