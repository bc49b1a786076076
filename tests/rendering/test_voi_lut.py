"""The VOI LUT gives what PS3.3 C.11.2 prints, value by value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standard_formulas import table_output, window

from viewer.dicom.luts import LookupTable, Window, WindowFunction
from viewer.rendering.voi_lut import apply_voi, full_range

XS = np.array(
    [-3000, -1024, -161, -160.5, -160, -1, -0.5, 0, 0.25, 0.5, 1, 39, 39.5, 40, 239.5, 240, 4095], float
)
WINDOWS = [
    (40, 400),
    (0, 1),
    (0.5, 1),
    (1, 2),
    (40, 2),
    (-600, 1500.5),
    (2047.5, 4096),
    (0.25, 1.5),
    (127, 254),
]


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("center", "width"), WINDOWS)
def test_c01_c02_c03_a_window_function_is_the_one_of_the_standard(function, center, width):
    shown = apply_voi(XS, Window(center, width, WindowFunction(function)))
    expected = [float(window(function, center, width, x)) for x in XS]
    assert np.allclose(shown, expected, rtol=0, atol=1e-12)


@given(
    center=st.floats(-5000, 5000),
    width=st.floats(1, 70000),
    x=st.floats(-40000, 40000),
    low=st.sampled_from([0.0, 255.0]),
)
def test_linear_windows_hold_everywhere_and_upside_down(center, width, x, low):
    high = 255.0 - low
    shown = apply_voi(np.array([x]), Window(center, width), low, high)[0]
    expected = low + float(window("LINEAR", center, width, x)) * (high - low)
    assert shown == pytest.approx(expected, abs=1e-6)
    assert 0 <= round(shown, 6) <= 255


def test_c01_a_width_of_one_is_a_threshold_half_below_the_centre():
    shown = apply_voi(np.array([38.0, 39.0, 39.5, 39.6, 40.0, 41.0]), Window(40, 1))
    assert shown.tolist() == [0, 0, 0, 1, 1, 1]


def test_c02_a_width_below_one_without_a_function_means_linear_exact():
    values = np.array([0.0, 0.001, 0.0015, 0.002, 0.003])
    shown = apply_voi(values, Window(0.0015, 0.002))
    assert np.allclose(shown, [0, 0.25, 0.5, 0.75, 1])


def test_a_sigmoid_far_from_its_centre_does_not_overflow():
    with np.errstate(all="raise"):
        shown = apply_voi(np.array([-1e9, 0.0, 1e9]), Window(0, 1, WindowFunction.SIGMOID))
    assert shown.tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("first", [-1024, 0, 500])
def test_c05_a_table_is_clamped_at_both_ends_and_scaled_by_its_bits(bits, first):
    entries = np.random.default_rng(bits).integers(0, 2**bits, 300).astype("u2")
    table = LookupTable(first, entries, bits)
    inputs = np.arange(first - 5, first + 310)
    expected = [table_output(entries.tolist(), first, int(x)) / (2**bits - 1) for x in inputs]
    assert np.allclose(apply_voi(inputs.astype(float), table), expected, rtol=0, atol=1e-12)
    assert np.allclose(apply_voi(inputs.astype(float), table, 255, 0), [255 - 255 * y for y in expected])


def test_the_input_of_a_table_is_rounded_to_the_nearest_whole_number():
    table = LookupTable(0, np.array([0, 100, 200, 255], "u2"), 8)
    shown = apply_voi(np.array([-9.0, 0.49, 0.5, 1.4, 1.6, 2.5, 99.0, np.nan]), table, 0, 255)
    assert shown.tolist() == [0, 0, 100, 100, 200, 255, 255, 0]


def test_c04_a_table_of_65536_entries_reaches_its_last_one():
    entries = np.arange(65536, dtype="u2")
    shown = apply_voi(np.array([-40000.0, -32768.0, 0.0, 32767.0, 40000.0]), LookupTable(-32768, entries, 16))
    assert (shown * 65535).round().tolist() == [0, 0, 32768, 65535, 65535]


def test_the_identity_takes_the_lowest_value_to_black_and_the_highest_to_white():
    shown = apply_voi(np.array([-1024.0, 0.0, 3071.0]), full_range(-1024, 3071, ""))
    assert np.allclose(shown, [0, 1024 / 4095, 1])
    assert apply_voi(np.array([4.0, 5.0, 6.0]), full_range(5, 5, "")).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("width", [0, 1e-300, 1e-9])
def test_a_window_too_narrow_to_resolve_is_a_threshold(function, width):
    with np.errstate(all="raise", under="ignore"):
        shown = apply_voi(np.array([-1e300, 39.0, 41.0, 1e300]), Window(40, width, WindowFunction(function)))
    assert shown.tolist() == [0, 0, 1, 1]
