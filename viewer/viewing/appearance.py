"""How the program looks when it starts."""

from dataclasses import dataclass
from enum import StrEnum

from viewer.viewing.corner_text import Detail


class Palette(StrEnum):
    """The colours of everything around the picture, whose ground is always black."""

    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a reader likes to see."""

    palette: Palette = Palette.DARK
    corner_text: Detail = Detail.FULL  # how much is written on a picture at first
