"""What lies on an image moves with it, and no window, inversion or depth of the pixels changes it."""

from dataclasses import replace

import numpy as np
import pytest
from highdicom.color import ColorManager
from PIL import Image, ImageCms

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Palette, Rescale, Window
from viewer.dicom.overlay import OverlayKind, OverlayPlane, Shutter
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.rendering.display_plane import DisplayPlane
from viewer.rendering.layers import Layers, Shown, outlined
from viewer.rendering.pipeline import pipeline_of, resolve_voi
from viewer.rendering.spatial import Affine
from viewer.rendering.viewport_renderer import ViewportRenderer
from viewer.rendering.volume import arrange

KEY = FrameKey("1.2.3")
ROWS, COLUMNS = 11, 14
RANDOM = np.random.default_rng(61)
WHITE, BLACK = 0xFFFFFFFF, 0xFF000000
DTYPES = ["u1", "u2", "i2", "u4", "i4", "f4", "f8"]


def plane_of(mask, kind=OverlayKind.GRAPHIC, group=0x6000):
    return OverlayPlane(group, kind, np.packbits(mask, bitorder="little"))


def image(stored=None, **more):
    stored = np.full((ROWS, COLUMNS), 100, "u2") if stored is None else np.ascontiguousarray(stored)
    photometric = more.pop("photometric", "MONOCHROME2")
    described = ImageDescription(
        KEY,
        "1.2",
        *stored.shape[:2],
        photometric=photometric,
        bits_stored=8 * stored.itemsize,
        bits_allocated=8 * stored.itemsize,
        signed=stored.dtype.kind in "if",
        vois=(Window(100, 201),) if stored.ndim == 2 else (),
        **more,
    )
    return described, Frame(KEY, stored, photometric)


def screen(described, frame, affine=None, size=None, shown=None, **view):
    pipeline = None
    if frame.stored.ndim == 2:
        pipeline = pipeline_of(described, resolve_voi(described, frame), **view)
    size = size or (described.columns, described.rows)
    plane = DisplayPlane.of(described, frame)
    return ViewportRenderer().render(plane, pipeline, affine or Affine(), size, shown=shown or Shown())


def edge_of(white):
    """Return the pixels that touch a white one, also by a corner, and are not white."""
    rows, columns = white.shape
    found = np.zeros_like(white)
    for row, column in np.ndindex(rows, columns):
        around = white[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        found[row, column] = around.any() and not white[row, column]
    return found


MASK = np.zeros((ROWS, COLUMNS), bool)
MASK[2, 3:9] = MASK[2:8, 3] = True


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("inverted", [False, True])
def test_C22_E02_overlays_are_white_with_a_dark_edge_on_pixels_of_every_kind(dtype, inverted):
    stored = np.full((ROWS, COLUMNS), 60, dtype)
    described, frame = image(stored, overlays=(plane_of(MASK),))
    pixels = screen(described, frame, inverted=inverted)
    bare = screen(*image(stored), inverted=inverted)
    assert (pixels[MASK] == WHITE).all()
    assert (pixels[edge_of(MASK)] == BLACK).all()
    rest = ~MASK & ~edge_of(MASK)
    assert np.array_equal(pixels[rest], bare[rest])


def test_C22_overlays_lie_on_colour_images_too():
    stored = RANDOM.integers(0, 200, (ROWS, COLUMNS, 3)).astype("u1")
    pixels = screen(*image(stored, photometric="RGB", overlays=(plane_of(MASK),)))
    assert (pixels[MASK] == WHITE).all()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("zoom", [1, 3])
def test_C22_A11_overlays_and_shutters_turn_and_grow_with_the_image(rotation, flipped, zoom):
    described, frame = image(overlays=(plane_of(MASK),), shutter=Shutter((2, 2, 12, 9), value=65535 // 3))
    around = Affine.turned(rotation, flipped=flipped) @ Affine.scaling(zoom, zoom)
    corners = [around(x, y) for x in (0, COLUMNS) for y in (0, ROWS)]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    size = (ROWS * zoom, COLUMNS * zoom) if rotation in {90, 270} else (COLUMNS * zoom, ROWS * zoom)
    pixels = screen(described, frame, Affine.translation(-left, -top) @ around, size)

    def turned(values):
        grown = np.repeat(np.repeat(values, zoom, 0), zoom, 1)
        grown = np.rot90(grown, -(rotation // 90))
        return grown[:, ::-1] if flipped else grown

    hidden = np.ones((ROWS, COLUMNS), bool)
    hidden[1:9, 1:12] = False
    white = turned(MASK)
    assert ((pixels == WHITE) == white).all()
    covered = turned(hidden) & ~white & ~edge_of(white)
    assert (pixels[covered] == 0xFF555555).all()
    assert (pixels[~turned(hidden) & ~white & ~edge_of(white)] != 0xFF555555).all()


def test_C22_a_line_of_one_pixel_survives_when_the_image_is_shown_small():
    mask = np.zeros((200, 300), bool)
    mask[77], mask[:, 131] = True, True
    described, frame = image(np.full(mask.shape, 50, "u2"), overlays=(plane_of(mask),))
    pixels = screen(described, frame, Affine.scaling(1 / 7, 1 / 7), (42, 28))
    assert (pixels == WHITE).all(axis=1).any()
    assert (pixels == WHITE).all(axis=0).any()


def test_of_a_region_of_interest_only_the_outline_is_drawn():
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[2:8, 3:11] = True
    described, frame = image(overlays=(plane_of(mask, OverlayKind.ROI),))
    pixels = screen(described, frame)
    outline = mask.copy()
    outline[3:7, 4:10] = False
    assert ((pixels == WHITE) == outline).all()
    assert (pixels[4:6, 5:9] == screen(*image())[4:6, 5:9]).all()


def test_C22_A11_layers_are_switched_off_one_by_one():
    described, frame = image(overlays=(plane_of(MASK),), shutter=Shutter((2, 2, 12, 9)))
    plane, pipeline = DisplayPlane.of(described, frame), pipeline_of(described, described.vois[0])
    renderer = ViewportRenderer()

    def render(**shown):
        size = (COLUMNS, ROWS)
        return renderer.render(plane, pipeline, Affine(), size, shown=Shown(**shown)).copy()

    both = render()
    assert not (render(overlays=False) == WHITE).any()
    assert (render(shutter=False)[0] != BLACK).any()
    bare = render(overlays=False, shutter=False)
    assert np.array_equal(bare, screen(*image()))
    assert np.array_equal(render(), both)


@pytest.mark.parametrize("value", [0, 4660, 40000, 65535])
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("center", [0, 100])
def test_C24_neither_window_nor_inversion_changes_the_shutter(value, inverted, center):
    described, frame = image(shutter=Shutter((2, 2, 12, 9), value=value))
    described = replace(described, vois=(Window(center, 50),))
    level = int(value / 257 + 0.5)
    assert screen(described, frame, inverted=inverted)[0, 0] == BLACK | level * 0x010101
    sixteen = Layers.of(described, frame).lie_on(np.full((ROWS, COLUMNS), 77, "u2"))
    assert sixteen[0, 0] == value
    assert sixteen[4, 4] == 77


def test_C24_colour_images_take_the_colour_of_the_shutter():
    stored = np.full((ROWS, COLUMNS, 3), 10, "u1")
    white = Shutter((2, 2, 12, 9), value=0, lab=(65535, 32896, 32896))
    pixels = screen(*image(stored, photometric="RGB", shutter=white))
    assert (pixels[0] & 0xFF).min() >= 254
    assert pixels[4, 4] == 0xFF0A0A0A


# -------------------------------------------------------------------------------- supplemental colours
COLORS = RANDOM.integers(0, 256, (40, 3)).astype("u1")


def supplemental(first, stored, **more):
    return image(stored, supplemental=Palette(first, COLORS), **more)


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "u4", "i4"])
def test_C15_gray_below_the_first_colour_and_colours_from_it_on(dtype):
    stored = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS).astype(dtype)
    described, frame = supplemental(100, stored, modality_lut=Rescale(2, -50))
    pixels = screen(described, frame)
    gray = pipeline_of(described, described.vois[0]).render(stored)
    for row, column in np.ndindex(ROWS, COLUMNS):
        value = int(stored[row, column])
        if value < 100:
            expected = BLACK | int(gray[row, column]) * 0x010101
        else:
            red, green, blue = (int(c) for c in COLORS[min(value - 100, 39)])
            expected = BLACK | red << 16 | green << 8 | blue
        assert int(pixels[row, column]) == expected


def test_C15_a_smaller_picture_mixes_no_index_of_a_colour_into_gray():
    stored = np.full((256, 256), 20, "u2")
    stored[RANDOM.random(stored.shape) < 0.5] = 110
    described, frame = supplemental(100, stored)
    pixels = screen(described, frame, Affine.scaling(0.4, 0.4), (102, 102))
    red, green, blue = (int(c) for c in COLORS[10])
    gray = int(pipeline_of(described, described.vois[0]).render(np.array([[20]], "u2"))[0, 0])
    assert set(np.unique(pixels)) == {BLACK | gray * 0x010101, BLACK | red << 16 | green << 8 | blue}


def test_C15_the_automatic_window_and_the_identity_know_only_gray_values():
    stored = np.full((ROWS, COLUMNS), 110, "u2")
    stored[:5] = np.arange(5 * COLUMNS).reshape(5, COLUMNS)
    described, frame = supplemental(100, stored)
    assert resolve_voi(replace(described, vois=()), frame).center < 50
    whole = resolve_voi(replace(described, vois=(), identity_voi=True), frame)
    assert (whole.center - whole.width / 2, whole.center + whole.width / 2) == (0, 99)


# ------------------------------------------------------------------------------------------- profiles
def swapped():
    """Return a profile whose red is sRGB's green and whose green is sRGB's red."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {bytes(data[at : at + 4]): at for at in range(132, 132 + 12 * data[131], 12)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    data[red + 4 : red + 12], data[green + 4 : green + 12] = (
        data[green + 4 : green + 12],
        data[red + 4 : red + 12],
    )
    return np.frombuffer(bytes(data), "u1")


def test_C16_a_profile_with_swapped_primaries_swaps_the_colours():
    stored = RANDOM.integers(0, 256, (ROWS, COLUMNS, 3)).astype("u1")
    pixels = screen(*image(stored, photometric="RGB", icc_profile=swapped()))
    shown = pixels.view("u1").reshape(ROWS, COLUMNS, 4)[..., 2::-1].astype(int)
    assert np.abs(shown - stored[..., [1, 0, 2]]).max() <= 2


def test_C16_pillow_and_highdicom_agree():
    stored = RANDOM.integers(0, 256, (ROWS, COLUMNS, 3)).astype("u1")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    theirs = ColorManager(profile).transform_frame(stored)
    pixels = screen(*image(stored, photometric="RGB", icc_profile=np.frombuffer(profile, "u1")))
    shown = pixels.view("u1").reshape(ROWS, COLUMNS, 4)[..., 2::-1].astype(int)
    assert np.abs(shown - np.asarray(theirs, int)).max() <= 1
    assert np.abs(shown - np.asarray(Image.fromarray(stored), int)).max() <= 1


def test_C16_gray_images_bypass_colour_management():
    stored = np.arange(ROWS * COLUMNS, dtype="u2").reshape(ROWS, COLUMNS)
    managed = screen(*image(stored, icc_profile=swapped()))
    assert np.array_equal(managed, screen(*image(stored)))


def test_the_edge_of_an_overlay_never_covers_another_one():
    marks = RANDOM.integers(0, 4, (ROWS, COLUMNS)).astype("u1")
    white, edge = outlined(marks)
    assert not (white & edge).any()
    assert white[(marks & 1) == 1].all()


def test_C15_no_planes_are_made_through_indices_of_colours():
    described, _ = supplemental(100, np.zeros((ROWS, COLUMNS), "u2"))
    with pytest.raises(ViewerError, match="in colour"):
        arrange([described] * 3)
