"""The modality LUT gives what PS3.3 C.11.1 prints."""

import numpy as np
import pytest
from standard_formulas import stored_values, table_output

from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable, Rescale
from viewer.dicom.records import FrameKey
from viewer.rendering.modality_lut import modality_range, to_modality


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"])
@pytest.mark.parametrize(
    ("slope", "intercept"), [(1, 0), (1, -1024), (0.684, 200), (-2, 5), (1 / 4095, -0.5)]
)
def test_a_rescale_is_slope_times_stored_plus_intercept_and_never_rounded(dtype, slope, intercept):
    stored = np.array([[0, 1, 2], [100, 101, 127]], dtype)
    values = to_modality(stored, Rescale(slope, intercept))
    assert values.shape == (2, 3)
    expected = [[slope * float(x) + intercept for x in row] for row in stored]
    assert values.tolist() == expected


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
@pytest.mark.parametrize("first", [-30, 0, 70])
def test_b12_c06_a_table_takes_its_ends_beyond_its_range(dtype, first):
    entries = np.random.default_rng(1).integers(0, 65536, 100).astype("u2")
    every = stored_values(dtype)
    values = to_modality(np.array(every, dtype), LookupTable(first, entries, 16))
    assert values.tolist() == [table_output(entries.tolist(), first, x) for x in every]


@pytest.mark.parametrize(
    ("modality", "bits", "signed", "expected"),
    [
        (Rescale(), 12, False, (0, 4095)),
        (Rescale(1, -1024), 12, False, (-1024, 3071)),
        (Rescale(), 16, True, (-32768, 32767)),
        (Rescale(-2, 10), 8, False, (-500, 10)),
        (LookupTable(0, np.zeros(4, "u2"), 10), 12, True, (0, 1023)),
    ],
)
def test_the_full_range_follows_from_the_bits_stored(modality, bits, signed, expected):
    description = ImageDescription(
        FrameKey("1"), "1", 1, 1, bits_stored=bits, signed=signed, modality_lut=modality
    )
    assert modality_range(description) == expected
