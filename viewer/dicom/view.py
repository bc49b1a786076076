"""Which projection an image is: its view, its side, and what is special about it (PS3.3 C.8.11.7)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """What the header says of a projection; "" where it is silent."""

    name: str = ""  # "CC", "MLO", "PA", "LL": by the View Code, else the View Position (0018,5101)
    laterality: str = ""  # "R", "L" or "B": of the image, else the frame, else the series
    conflict: str = ""  # why view, side and orientation cannot all be true, in words
    modifiers: tuple[str, ...] = ()  # "magnification", "implant displaced": CID 4015
    partial: bool = False  # only a part of the breast or organ is on it

    @property
    def plain(self) -> bool:
        """Tell whether it is the whole organ, in the standard way of this view."""
        return not (self.modifiers or self.partial)
