"""Presentation LUT tables: VOI output over all entries, polarity once."""

import math
from dataclasses import replace

import make
import numpy as np
import pytest
from pydicom.dataset import Dataset
from standard_formulas import window

from viewer.dicom.describe import describe
from viewer.dicom.frame import Frame
from viewer.dicom.luts import LookupTable, Window
from viewer.dicom.records import FrameKey
from viewer.rendering.pipeline import GrayscalePipeline, pipeline_of, resolve_voi

RANDOM = np.random.default_rng(62)


def entries(count, bits):
    return np.sort(RANDOM.integers(0, 2**bits, count)).astype("u2")


def table_item(values, bits, first=0):
    item = Dataset()
    item.LUTDescriptor = [len(values) % 65536, first, bits]
    item["LUTDescriptor"].VR = "US"
    item.add_new(0x00283006, "OW", values.astype("<u2").tobytes())
    return item


def expected(table, bits, stored, *, inverted=False):
    """Return the display values that are right: of the entry at the VOI output, or of its neighbours."""
    y = float(window("LINEAR", 100, 201, int(stored)))
    index = y * (len(table) - 1)
    found = set()
    for near in (math.floor(index), math.ceil(index)):
        p = int(table[near]) / (2**bits - 1)
        found.add(math.floor(255 * (1 - p if inverted else p) + 0.5))
    return min(found), max(found)


@pytest.mark.parametrize(
    ("count", "bits"), [(256, 8), (1024, 10), (4096, 12), (17, 16), (65536, 16), (1, 16)]
)
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "i4", "f4"])
def test_c18_the_table_spans_the_whole_voi_output_within_one_entry(count, bits, inverted, dtype):
    table = entries(count, bits)
    stored = np.arange(250).astype(dtype).reshape(10, 25)
    pipeline = GrayscalePipeline(
        voi=Window(100, 201), inverted=inverted, presentation=LookupTable(0, table, bits)
    )
    shown = pipeline.render(stored)
    for value, display in zip(stored.flat, shown.flat, strict=True):
        low, high = expected(table, bits, value, inverted=inverted)
        assert low <= display <= high


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("reader", [False, True])
def test_c18_a14_the_table_of_a_header_decides_the_polarity_and_a_reader_inverts_it_once(photometric, reader):
    falling = np.arange(4095, -1, -1).astype("u2")
    dataset = make.mr(
        PhotometricInterpretation=photometric,
        PresentationLUTSequence=[table_item(falling, 12)],
        WindowCenter="1024", WindowWidth="49",
    )  # fmt: skip
    description = describe(dataset, 1)
    assert not description.inverted
    assert description.presentation_source == "Presentation LUT Sequence (2050,0010)"
    frame = Frame(FrameKey("1"), make.ramp(dtype="<u2"), photometric)
    pipeline = pipeline_of(description, resolve_voi(description, frame), inverted=reader)
    plain = replace(pipeline, presentation=None, inverted=not reader)  # a falling table is one inversion
    shown, other = (each.render(frame.stored).astype(int) for each in (pipeline, plain))
    assert np.abs(shown - other).max() <= 1
    assert (shown[0, 0] > shown[-1, -1]) != reader


def test_E01_a_table_without_entries_is_ignored_and_told():
    item = Dataset()
    item.LUTDescriptor = [4096, 0, 12]
    item["LUTDescriptor"].VR = "US"
    item.add_new(0x00283006, "OW", b"\0\0")
    description = describe(make.mr(PresentationLUTSequence=[item]), 1)
    assert description.presentation_lut is None
    assert any("Presentation LUT" in words for words in description.notices)


def test_padding_stays_black_and_nan_too():
    pipeline = GrayscalePipeline(voi=Window(1, 2), presentation=LookupTable(0, np.array([9, 9], "u2"), 8))
    stored = np.array([[0.5, np.nan]], "f4")
    assert pipeline.render(stored).tolist() == [[9, 0]]
