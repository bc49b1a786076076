"""The composed table and the stages on pixels agree with the formulas of the standard and with each other."""

import math

import numpy as np
import pytest
from standard_formulas import floored, rounded, stored_values, table_output, window

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Padding
from viewer.dicom.luts import LookupTable, Rescale, Window, WindowFunction
from viewer.dicom.records import FrameKey
from viewer.rendering.pipeline import GrayscalePipeline, has_table, pipeline_of, resolve_voi

KEY = FrameKey("1.2")
RESCALES = [(1, 0), (1, -1024), (-1, 1000), (2, -300)]
WINDOWS = [(40, 400), (40, 1), (300, 2), (0, 65536), (127, 254), (1000.5, 256), (40, 256)]


def sampled(dtype):
    every = stored_values(dtype)
    return every if len(every) == 256 else sorted({*every[::97], *range(700), 32767, every[32768], every[-1]})


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
@pytest.mark.parametrize(("slope", "intercept"), RESCALES)
@pytest.mark.parametrize("inverted", [False, True])
def test_c01_c02_c03_every_grey_is_exactly_the_rounded_formula(dtype, slope, intercept, inverted):
    values = sampled(dtype)
    for center, width in WINDOWS:
        pipeline = GrayscalePipeline(Rescale(slope, intercept), Window(center, width), inverted)
        shown = pipeline.render(np.array(values, dtype))
        assert shown.dtype == np.uint8
        for stored, grey in zip(values, shown.tolist(), strict=True):
            y = window("LINEAR", center, width, slope * stored + intercept)
            assert grey == rounded(1 - y if inverted else y), (center, width, stored)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_truncated_greys_are_the_formula_but_for_the_last_bit_of_a_float(bits, function):
    values = sampled("i2")
    pipeline = GrayscalePipeline(Rescale(1, -24), Window(40, 400, WindowFunction(function)))
    shown = pipeline.render(np.array(values, "i2"), floor=True, bits=bits)
    assert shown.dtype == (np.uint16 if bits == 16 else np.uint8)
    for stored, grey in zip(values, shown.tolist(), strict=True):
        y = window(function, 40, 400, stored - 24)
        hair = abs((2**bits - 1) * y - round((2**bits - 1) * y)) < 1e-9  # falls on a step
        assert grey == floored(y, bits) or (hair and abs(grey - floored(y, bits)) <= 1)


def test_sixteen_bits_are_rounded_too():
    pipeline = GrayscalePipeline(voi=Window(500, 1000))
    shown = pipeline.render(np.arange(1000, dtype="u2"), bits=16)
    assert shown.tolist() == [rounded(window("LINEAR", 500, 1000, x), 16) for x in range(1000)]


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
def test_the_table_is_indexed_by_bit_pattern(dtype):
    pipeline = GrayscalePipeline(Rescale(1, 3), Window(0, 200))
    table = pipeline.table(np.dtype(dtype))
    every = np.array(stored_values(dtype), dtype)
    assert np.array_equal(table[every.view(f"u{every.itemsize}")], pipeline.render(every))
    assert table.tolist() == [rounded(window("LINEAR", 0, 200, x + 3)) for x in stored_values(dtype)]
    assert not table.flags.writeable
    assert pipeline.table(np.dtype(dtype)) is table


@pytest.mark.parametrize("wide", ["i4", "f4", "f8"])
@pytest.mark.parametrize("inverted", [False, True])
def test_e02_the_stages_on_wide_pixels_give_what_the_table_gives(wide, inverted):
    narrow = np.arange(-3000, 3000, dtype="i2")
    for voi in (
        Window(40, 400),
        Window(10, 90, WindowFunction.SIGMOID),
        LookupTable(-5, np.arange(99, dtype="u2"), 7),
    ):
        pipeline = GrayscalePipeline(Rescale(2, -1), voi, inverted, Padding(-2000, -1990))
        assert not has_table(np.dtype(wide))
        assert np.array_equal(pipeline.render(narrow.astype(wide)), pipeline.render(narrow))


def test_float_values_between_whole_numbers_keep_their_fractions():
    stored = np.array([0.1, 0.25, 0.5, 0.75], "f4")
    shown = GrayscalePipeline(Rescale(10, 0), Window(5, 10, WindowFunction.LINEAR_EXACT)).render(stored)
    assert shown.tolist() == [math.floor(255 * float(x) + 0.5) for x in stored]


def test_what_is_not_a_number_is_black():
    stored = np.array([np.nan, np.inf, -np.inf, 1.0], "f4")
    shown = GrayscalePipeline(voi=Window(0.5, 1, WindowFunction.LINEAR_EXACT), inverted=True).render(stored)
    assert shown.tolist() == [0, 0, 0, 0]
    assert GrayscalePipeline(voi=Window(0.5, 1, WindowFunction.LINEAR_EXACT)).render(stored)[3] == 255


@pytest.mark.parametrize("inverted", [False, True])
def test_a23_padding_is_black_whatever_the_polarity_and_its_limits_belong_to_it(inverted):
    pipeline = GrayscalePipeline(Rescale(1, -1024), Window(0, 100), inverted, Padding(-2000, -1998))
    shown = pipeline.render(np.array([-2001, -2000, -1999, -1998, -1997], "i2"))
    tissue = 255 if inverted else 0
    assert shown.tolist() == [tissue, 0, 0, 0, tissue]


def test_c06_a_modality_table_and_a_voi_table_follow_each_other():
    modality = LookupTable(10, np.array([5, 9, 2, 7], "u2"), 8)
    voi = LookupTable(2, np.array([0, 1000, 2000, 3000, 4000, 4095], "u2"), 12)
    shown = GrayscalePipeline(modality, voi).render(np.array([0, 10, 11, 12, 13, 99], "u1"))
    between = [table_output([5, 9, 2, 7], 10, x) for x in (0, 10, 11, 12, 13, 99)]
    out = [table_output([0, 1000, 2000, 3000, 4000, 4095], 2, x) for x in between]
    assert shown.tolist() == [math.floor(255 * x / 4095 + 0.5) for x in out]


def test_without_a_voi_the_whole_type_is_shown():
    assert GrayscalePipeline().render(np.arange(256, dtype="u1")).tolist() == list(range(256))
    assert GrayscalePipeline(inverted=True).render(np.array([-32768, 32767], "i2")).tolist() == [255, 0]


# ------------------------------------------------------------------------------------------- which VOI
def described(stored, **more):
    stored = np.ascontiguousarray(stored)
    description = ImageDescription(KEY, "1.2", *stored.shape, **more)
    return description, Frame(KEY, stored, "MONOCHROME2")


FIRST, SECOND = Window(40, 400), Window(-600, 1500)


def test_the_readers_own_voi_comes_before_the_headers():
    image = described(np.zeros((2, 3), "u2"), vois=(FIRST, SECOND), default_voi=1)
    assert resolve_voi(*image, Window(1, 2), 0) == Window(1, 2)
    assert resolve_voi(*image) == SECOND
    assert resolve_voi(*image, None, 0) == FIRST
    assert resolve_voi(*image, None, 7) == SECOND  # another image of the stack may have fewer


def test_c08_p_values_are_shown_as_they_are_over_the_range_of_their_bits():
    stored = np.array([[0, 1000], [4095, 2048]], "u2")
    description, frame = described(stored, identity_voi=True, bits_stored=12)
    shown = pipeline_of(description, resolve_voi(description, frame)).render(stored)
    assert shown.tolist() == [[0, 62], [255, 128]]  # 255 * 1000 / 4095 = 62.27; 127.53


def test_eight_bit_p_values_are_untouched_rounded_or_truncated():
    stored = np.arange(256, dtype="u1").reshape(16, 16)
    description, frame = described(stored, identity_voi=True, bits_stored=8, bits_allocated=8)
    pipeline = pipeline_of(description, resolve_voi(description, frame))
    assert np.array_equal(pipeline.render(stored), stored)
    assert np.array_equal(pipeline.render(stored, floor=True), stored)


def test_c08_without_any_voi_a_window_comes_from_the_tissue_and_says_so():
    stored = np.concatenate([np.full(5000, -2000), np.arange(1000, 2000)]).reshape(60, 100).astype("i2")
    description, frame = described(stored, modality_lut=Rescale(1, -1024), padding=Padding(-2000, -2000))
    voi = resolve_voi(description, frame)
    assert voi.source == "auto"
    assert voi.center == pytest.approx(1499.5 - 1024, abs=1)
    assert 980 <= voi.width <= 999


def test_a14_polarity_is_inverted_once_by_the_image_and_once_more_by_the_reader():
    plain, _ = described(np.zeros((1, 1), "u1"))
    negative, _ = described(np.zeros((1, 1), "u1"), inverted=True)
    assert [pipeline_of(image, FIRST).inverted for image in (plain, negative)] == [False, True]
    assert [pipeline_of(image, FIRST, inverted=True).inverted for image in (plain, negative)] == [True, False]
