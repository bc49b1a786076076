"""A shutter made of an overlay (PS3.3 C.7.6.15)."""

import numpy as np

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.overlay import OverlayKind, OverlayPlane, Shutter
from viewer.dicom.records import FrameKey
from viewer.rendering.layers import Layers


def test_c23_the_overlay_of_a_bitmap_shutter_hides_and_is_not_drawn():
    bits = np.packbits([0, 0, 1, 0, 0, 1], bitorder="little")
    shutter_plane = OverlayPlane(0x6000, OverlayKind.GRAPHIC, bits)
    image = ImageDescription(
        FrameKey("1.2"), "1.2", 2, 3, overlays=(shutter_plane,), shutter=Shutter(overlay_group=0x6000)
    )
    stored = np.full((2, 3), 200, "u1")
    layers = Layers.of(image, Frame(image.key, stored, "MONOCHROME2"))
    assert layers.marks is None
    assert layers.lie_on(stored).tolist() == [[200, 200, 0], [200, 200, 0]]
