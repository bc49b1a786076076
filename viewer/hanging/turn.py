"""How an image must be turned and flipped so that the patient lies on the screen as a protocol says."""

from itertools import product

from viewer.dicom.image import ImageDescription
from viewer.dicom.orientation import edge_letters

Turn = tuple[int, bool]  # degrees clockwise, then whether flipped horizontally (PS3.3 C.10.6)
AS_IT_IS: Turn = (0, False)


def turn_to(image: ImageDescription, wanted: tuple[str, str]) -> Turn | None:
    """Return the turn after which `wanted` are the directions to the right and to the bottom.

    Found from what the header says of the image's own axes, so an image that was stored mirrored is turned
    as far as need be and never twice. None when no turn gives it: the axes are not known, or others.
    """
    for rotation, flipped in sorted(product((0, 90, 180, 270), (False, True)), key=lambda turn: turn[1]):
        edges = edge_letters(image, rotation, flipped=flipped)
        if edges is None:
            return None
        if edges.right[:1] == wanted[0][:1] and edges.bottom[:1] == wanted[1][:1]:
            return rotation, flipped
    return None
