"""The viewport shows what the pipeline computes, where the affine map says, and black elsewhere."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Padding
from viewer.dicom.luts import LookupTable, Palette, Rescale, Window, WindowFunction
from viewer.dicom.records import FrameKey
from viewer.rendering.display_plane import DisplayPlane
from viewer.rendering.layers import Shown
from viewer.rendering.pipeline import GrayscalePipeline
from viewer.rendering.pseudo_color import PseudoColor
from viewer.rendering.spatial import Affine
from viewer.rendering.viewport_renderer import ViewportRenderer

KEY = FrameKey("1.2.3")
RANDOM = np.random.default_rng(20)


def image(stored, **more):
    stored = np.ascontiguousarray(stored)
    photometric = more.pop("photometric", "MONOCHROME2")
    description = ImageDescription(
        key=KEY,
        sop_class_uid="1.2",
        rows=stored.shape[0],
        columns=stored.shape[1],
        photometric=photometric,
        signed=stored.dtype.kind == "i",
        **more,
    )
    return description, Frame(KEY, stored, photometric)


def noise(dtype, shape=(23, 37)):
    if np.dtype(dtype).kind == "f":
        return RANDOM.normal(0, 500, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return RANDOM.integers(max(limits.min, -3000), min(limits.max, 3000), shape, endpoint=True).astype(dtype)


def gray(pixels):
    """Return the grey of 0xffRRGGBB pixels that are all grey and opaque."""
    channels = pixels.view(np.uint8).reshape(*pixels.shape, 4)
    assert (channels[..., 3] == 255).all()
    assert (channels[..., 0] == channels[..., 1]).all()
    assert (channels[..., 0] == channels[..., 2]).all()
    return channels[..., 0]


def turned(rotation, flipped, rows, columns, zoom=1.0):
    """Return the map that puts a turned image into the top left corner, and the viewport it fills."""
    around = Affine.turned(rotation, flipped=flipped) @ Affine.scaling(zoom, zoom)
    corners = [around(x, y) for x in (0, columns) for y in (0, rows)]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    size = (round(max(x for x, _ in corners) - left), round(max(y for _, y in corners) - top))
    return Affine.translation(-left, -top) @ around, size


def as_turned(array, rotation, flipped):
    """Return `array` turned clockwise, then mirrored left to right, by moving whole pixels."""
    result = np.rot90(array, -rotation // 90)
    return result[:, ::-1] if flipped else result


WINDOW = Window(200, 1501)
DTYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"]
STATES = list(itertools.product((0, 90, 180, 270), (False, True)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("smooth", [False, True])
def test_at_one_to_one_every_pixel_is_what_the_pipeline_renders(dtype, inverted, smooth):
    description, frame = image(noise(dtype), modality_lut=Rescale(2, -100))
    pipeline = GrayscalePipeline(description.modality_lut, WINDOW, inverted)
    pixels = ViewportRenderer().render(
        DisplayPlane.of(description, frame), pipeline, Affine(), (37, 23), smooth
    )
    assert np.array_equal(gray(pixels), pipeline.render(frame.stored))


@pytest.mark.parametrize(("rotation", "flipped"), STATES)
@pytest.mark.parametrize("dtype", ["u1", "i2", "f4"])
@pytest.mark.parametrize("smooth", [False, True])
def test_a15_the_eight_turns_and_flips_move_whole_pixels(rotation, flipped, dtype, smooth):
    description, frame = image(noise(dtype))
    pipeline = GrayscalePipeline(voi=WINDOW)
    affine, size = turned(rotation, flipped, 23, 37)
    pixels = ViewportRenderer().render(DisplayPlane.of(description, frame), pipeline, affine, size, smooth)
    assert np.array_equal(gray(pixels), as_turned(pipeline.render(frame.stored), rotation, flipped))


@pytest.mark.parametrize("factor", [2, 3, 7])
@pytest.mark.parametrize(("rotation", "flipped"), STATES)
def test_enlarged_without_smoothing_every_pixel_is_a_square(factor, rotation, flipped):
    description, frame = image(noise("i2"))
    pipeline = GrayscalePipeline(voi=WINDOW)
    affine, size = turned(rotation, flipped, 23, 37, zoom=factor)
    pixels = ViewportRenderer().render(DisplayPlane.of(description, frame), pipeline, affine, size, False)  # noqa: FBT003
    squares = np.kron(as_turned(pipeline.render(frame.stored), rotation, flipped), np.ones((factor, factor)))
    assert np.array_equal(gray(pixels), squares)


def test_a_part_outside_the_viewport_is_cut_off_and_beside_the_image_it_is_black_even_when_inverted():
    description, frame = image(np.zeros((10, 20), "u2"))
    pipeline = GrayscalePipeline(voi=Window(100, 50), inverted=True)  # zero is white
    plane = DisplayPlane.of(description, frame)
    shown = gray(ViewportRenderer().render(plane, pipeline, Affine.translation(-4, 3), (30, 9), True))  # noqa: FBT003
    expected = np.zeros((9, 30))
    expected[3:9, 0:16] = 255
    assert np.array_equal(shown, expected)


def test_an_image_that_lies_elsewhere_leaves_the_viewport_black():
    description, frame = image(np.zeros((10, 20), "u2"))
    plane = DisplayPlane.of(description, frame)
    pipeline = GrayscalePipeline(inverted=True)
    renderer = ViewportRenderer()
    for affine in (Affine.translation(500, 0), Affine.scaling(0, 1), Affine.scaling(1e-4, 1e-4)):
        assert (renderer.render(plane, pipeline, affine, (30, 9)) == 0xFF000000).all()


def bilinear(stored, x, y):
    """Interpolate by hand at centre-based coordinates, the edge pixels going on outside."""
    rows, columns = stored.shape
    x, y = min(max(x, 0), columns - 1), min(max(y, 0), rows - 1)
    left, top = min(int(x), columns - 2), min(int(y), rows - 2)
    u, v = x - left, y - top
    upper = (1 - u) * stored[top, left] + u * stored[top, left + 1]
    lower = (1 - u) * stored[top + 1, left] + u * stored[top + 1, left + 1]
    return (1 - v) * upper + v * lower


@pytest.mark.parametrize("dtype", ["u2", "i2", "f4"])
@pytest.mark.parametrize("zoom", [1.0, 1.37, 3.0, 13.1])
def test_smoothing_interpolates_stored_values_between_pixel_centres(dtype, zoom):
    stored = (noise(dtype, (11, 17)) / 24).astype(dtype)  # -125 to 125: every grey can be told apart
    description, frame = image(stored)
    affine = Affine.translation(3.3, -2.2) @ Affine.turned(90, flipped=True) @ Affine.scaling(zoom, zoom)
    affine = Affine.translation(150, 4) @ affine
    # One stored value is one grey, so the greys are the interpolated values themselves.
    pipeline = GrayscalePipeline(voi=Window(0, 256, WindowFunction.LINEAR_EXACT))
    shown = gray(ViewportRenderer().render(DisplayPlane.of(description, frame), pipeline, affine, (170, 120)))
    seen = 0
    for row, column in itertools.product(range(0, 120, 2), range(0, 170, 3)):
        x, y = affine.inverse(column + 0.5, row + 0.5)
        if 0 <= x < 17 and 0 <= y < 11:
            seen += 1
            value = bilinear(stored.astype(float), x - 0.5, y - 0.5)
            expected = min(max((value / 256 + 0.5) * 255, 0), 255)
            assert abs(int(shown[row, column]) - expected) <= 1.5  # a grey, and its rounding
        else:
            assert shown[row, column] == 0
    assert seen > 5


def test_a_slanted_image_is_black_beside_it():
    description, frame = image(np.zeros((40, 40), "u2"))
    pipeline = GrayscalePipeline(voi=Window(100, 50), inverted=True)
    affine = Affine(0.8, -0.6, 30.0, 0.6, 0.8, 5.0)
    shown = gray(ViewportRenderer().render(DisplayPlane.of(description, frame), pipeline, affine, (90, 80)))
    for row, column in itertools.product(range(80), range(90)):
        x, y = affine.inverse(column + 0.5, row + 0.5)
        assert shown[row, column] == (255 if 0 <= x < 40 and 0 <= y < 40 else 0)


@pytest.mark.parametrize("dtype", ["i2", "f4"])
@pytest.mark.parametrize("zoom", [5.0, 0.4, 0.13])
def test_a23_padding_is_black_and_its_number_never_leaks_into_tissue(dtype, zoom):
    stored = np.full((200, 300), 100, dtype)
    stored[:, 150:] = -2000
    stored[50, 50] = -2000
    description, frame = image(stored, padding=Padding(-2000, -2000))
    pipeline = GrayscalePipeline(voi=Window(100, 10), inverted=False, padding=description.padding)
    plane = DisplayPlane.of(description, frame)
    affine = Affine.scaling(zoom, zoom)
    size = (round(300 * zoom), round(200 * zoom))
    shown = gray(ViewportRenderer().render(plane, pipeline, affine, size))
    tissue = pipeline.render(np.full(1, 100, dtype))[0]
    assert set(np.unique(shown)) == {0, tissue}
    assert (shown[:, size[0] // 2 + 3 :] == 0).all()
    assert (shown[:, : size[0] // 2 - 3] == tissue).mean() > 0.98


def test_a_mixture_of_tissue_that_equals_the_padding_value_is_shown():
    stored = np.array([[-100, 100]] * 2, "i2")
    description, frame = image(stored, padding=Padding(0, 0))
    pipeline = GrayscalePipeline(voi=Window(0, 401), padding=description.padding)
    plane = DisplayPlane.of(description, frame)
    shown = gray(ViewportRenderer().render(plane, pipeline, Affine.scaling(5, 5), (10, 10)))
    assert shown.min() > 0


def test_one_bright_pixel_survives_shrinking_to_any_size():
    stored = np.zeros((1000, 1200), "u2")
    stored[501, 777] = 4095
    description, frame = image(stored)
    plane = DisplayPlane.of(description, frame)
    for zoom in (0.9, 0.6, 0.5, 0.3, 0.25, 0.1, 0.0625):
        pipeline = GrayscalePipeline(voi=Window(1, 3))
        shown = gray(
            ViewportRenderer().render(
                plane, pipeline, Affine.scaling(zoom, zoom), (int(1200 * zoom), int(1000 * zoom))
            )
        )
        assert shown.max() > 0, zoom
        row, column = np.unravel_index(shown.argmax(), shown.shape)
        assert abs(row + 0.5 - 501.5 * zoom) <= 1.5
        assert abs(column + 0.5 - 777.5 * zoom) <= 1.5


def test_a_modality_table_is_applied_before_interpolation():
    table = LookupTable(0, np.array([0, 1000, 0], "u2"), 16)
    description, frame = image(np.array([[0, 2]] * 2, "u1"), modality_lut=table)
    pipeline = GrayscalePipeline(table, Window(500, 1000))
    plane = DisplayPlane.of(description, frame)
    shown = gray(ViewportRenderer().render(plane, pipeline, Affine.scaling(8, 8), (16, 16)))
    assert shown.max() == 0  # halfway between 0 and 2 is no 1: both ends are 0
    one_to_one = ViewportRenderer().render(plane, pipeline, Affine(), (2, 2))
    assert np.array_equal(gray(one_to_one), pipeline.render(frame.stored))


def test_colours_go_through_untouched_and_palettes_are_mixed_as_colours():
    rgb = RANDOM.integers(0, 256, (9, 13, 3)).astype("u1")
    description, frame = image(rgb, photometric="RGB", bits_stored=8, samples_per_pixel=3)
    pixels = ViewportRenderer().render(DisplayPlane.of(description, frame), None, Affine(), (13, 9))
    value = rgb.astype(np.uint32)
    assert np.array_equal(pixels, 0xFF000000 | value[..., 0] << 16 | value[..., 1] << 8 | value[..., 2])

    colors = np.array([[255, 0, 0], [0, 255, 0], [255, 0, 0]], "u1")
    palette = image(np.array([[0, 2]] * 2, "u1"), photometric="PALETTE COLOR", palette=Palette(0, colors))
    pixels = ViewportRenderer().render(DisplayPlane.of(*palette), None, Affine.scaling(4, 4), (8, 8))
    assert (pixels == 0xFFFF0000).all()


def test_what_has_not_changed_is_not_done_again_and_what_has_is():
    description, frame = image(noise("i2"))
    plane = DisplayPlane.of(description, frame)
    pipeline = GrayscalePipeline(voi=WINDOW)
    renderer = ViewportRenderer()
    first = renderer.render(plane, pipeline, Affine(), (37, 23))
    kept = first.copy()
    assert renderer.render(plane, pipeline, Affine(), (37, 23)) is first
    inverted = renderer.render(plane, replace(pipeline, inverted=True), Affine(), (37, 23))
    assert np.array_equal(gray(inverted), 255 - gray(kept))
    moved = renderer.render(plane, pipeline, Affine.translation(5, 0), (37, 23))
    assert np.array_equal(moved[:, 5:], kept[:, :-5])
    assert (moved[:, :5] == 0xFF000000).all()
    smaller = renderer.render(plane, pipeline, Affine(), (20, 10))
    assert np.array_equal(smaller, kept[:10, :20])


def test_modality_values_of_a_reformatted_slice_are_shown_and_nothing_beside_the_volume():
    values = np.linspace(-100, 100, 12, dtype="f4").reshape(3, 4)
    outside = np.zeros((3, 4), bool)
    outside[0, 0] = True
    pipeline = GrayscalePipeline(
        Rescale(1, -1024), Window(0, 200, WindowFunction.LINEAR_EXACT), inverted=True
    )
    shown = gray(
        ViewportRenderer().render(DisplayPlane.of_values(values, outside), pipeline, Affine(), (4, 3))
    )
    expected = np.floor((0.5 - values / 200) * 255 + 0.5)
    expected[0, 0] = 0
    assert np.abs(shown - expected).max() <= 1
    assert shown[0, 0] == 0


def test_one_renderer_shows_one_image_after_another_as_a_new_one_would():
    """What is kept between images (tables, pixels beside them) belongs to no other image, place or colour."""
    renderer, size = ViewportRenderer(), (60, 40)
    ramp = PseudoColor.of(
        "ramp", Palette(0, np.arange(256, dtype=np.uint8)[:, np.newaxis].repeat(3, axis=1)[::-1])
    )
    kinds = [noise("u2"), noise("i2"), noise("u1", (9, 70)), noise("f4"), noise("i2", (50, 11))]
    for step, stored in enumerate([*kinds, *kinds[::-1], kinds[1], kinds[0]]):
        plane = DisplayPlane.of(*image(stored))
        for pan, zoom, inverted in (
            (0, 1.0, False),
            (-7 * step, 0.6, True),
            (3.5, 1.7, False),
            (900, 1.0, False),
        ):
            pipeline = GrayscalePipeline(Rescale(1.0, -step), WINDOW, inverted)
            affine = Affine.translation(pan, step) @ Affine.scaling(zoom, zoom)
            shown = Shown(colors=ramp if step % 3 == 2 else None)
            found = renderer.render(plane, pipeline, affine, size, shown=shown)
            expected = ViewportRenderer().render(plane, pipeline, affine, size, shown=shown)
            assert np.array_equal(found, expected)
