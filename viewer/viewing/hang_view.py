"""How a hanging protocol shows an image at first, as a value: what `reset` returns to."""

from dataclasses import dataclass

from viewer.dicom.luts import Voi


@dataclass(frozen=True, slots=True)
class AsHung:
    """The view of an image as it was hung; without a protocol, as the header wants it."""

    voi: Voi | None = None
    inverted: bool = False
    zoom: float | None = None
    scale: float | None = None  # 0.0: to the scale of the others, which is not known yet
    rotation: int = 0
    flipped: bool = False
    justify: int = 0
    palette: str = ""
    notice: str = ""  # what could not be done as the protocol says, in words on the picture
