"""Colours in the place of greys (PS3.6 Annex B): the last stage, on display values after window and polarity.

The table is indexed by the VOI output over its whole range, as the Pseudo-Color Softcopy Presentation State
does it (PS3.4 N.2.5). Values themselves, and whatever is measured on them, are not touched.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.luts import Palette

GRAY_LEVELS = 256
OPAQUE = np.uint32(0xFF000000)


@dataclass(frozen=True, slots=True, eq=False)
class PseudoColor:
    """256 colours for the display values 0..255, dark to bright. Compared by identity: make each once."""

    name: str
    rgb: NDArray[np.uint8]  # (256, 3) red, green, blue, read-only
    words: NDArray[np.int32]  # (256,) 0xffRRGGBB, as the screen takes them

    @classmethod
    def of(cls, name: str, palette: Palette) -> Self:
        """Return the colours of a palette of any length: its whole range lies over the greys."""
        index = np.floor(np.arange(GRAY_LEVELS) / (GRAY_LEVELS - 1) * (len(palette.colors) - 1) + 0.5)
        rgb = palette.colors[index.astype(np.intp)]
        rgb.setflags(write=False)
        red, green, blue = (rgb[:, channel].astype(np.uint32) for channel in range(3))
        words = (OPAQUE | red << 16 | green << 8 | blue).view(np.int32)
        words.setflags(write=False)
        return cls(name, rgb, words)

    def colored(self, shown: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the colours (..., 3) of display values 0..255 of any shape."""
        found: NDArray[np.uint8] = self.rgb.take(shown, axis=0)
        return found
