"""Modality and VOI transformations are read from every encoding that files have."""

import struct
from typing import Any

import make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage, XRayAngiographicImageStorage

from viewer.dicom.describe import describe
from viewer.dicom.luts import IDENTITY, LookupTable, Rescale, Window, WindowFunction

DESCRIPTOR, DATA = 0x00283002, 0x00283006


def raw(dataset: Dataset, tag: int, vr: str, value: bytes, *, little: bool = True) -> Dataset:
    """Put a value into a dataset as a file has it, unchecked."""
    dataset[Tag(tag)] = RawDataElement(
        Tag(tag), vr, len(value), value, 0, is_implicit_VR=False, is_little_endian=little
    )
    return dataset


def table(descriptor: tuple[int, int, int], data: bytes, vr: str = "OW") -> Dataset:
    item = raw(Dataset(), DESCRIPTOR, "US", struct.pack("<3H", *(number & 0xFFFF for number in descriptor)))
    return raw(item, DATA, vr, data)


def voi_table(item: Dataset, **attributes: Any) -> LookupTable:
    dataset = make.sc(make.ramp(dtype="<u2"), VOILUTSequence=[item], **attributes)
    voi = describe(dataset, 1).vois[0]
    assert isinstance(voi, LookupTable)
    return voi


def test_the_header_of_a_ct_gives_hounsfield_units() -> None:
    dataset = make.ct(slope=2.0, intercept=-1000.5, RescaleType=None)
    expected = Rescale(2.0, -1000.5, "HU", "Rescale Slope (0028,1053)")
    assert describe(dataset, 1).modality_lut == expected


@pytest.mark.parametrize(
    "attributes",
    [
        {"ImageType": ["DERIVED", "SECONDARY", "AXIAL"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]},
        {"MultienergyCTAcquisition": "YES"},
        {"RescaleType": "US"},
    ],
)
def test_no_hounsfield_units_where_the_header_does_not_promise_them(attributes: dict[str, Any]) -> None:
    assert describe(make.ct(**{"RescaleType": None, **attributes}), 1).modality_lut.unit == ""


def test_the_unit_of_a_pet_is_its_units() -> None:
    dataset = make.mr(Modality="PT", Units="BQML", RescaleSlope="0.7", RescaleIntercept="0")
    assert describe(dataset, 1).modality_lut == Rescale(0.7, 0.0, "BQML", "Rescale Slope (0028,1053)")


def test_an_image_without_a_transformation_has_the_identity() -> None:
    assert describe(make.mr(), 1).modality_lut is IDENTITY


def test_e01_a_slope_of_zero_and_a_slope_that_is_no_number_are_ignored_with_a_notice() -> None:
    zero = describe(make.ct(slope=0.0), 1)
    assert zero.modality_lut.slope == 1.0
    assert "Rescale Slope (0028,1053) is 0: ignored" in zero.notices
    bad = describe(raw(make.ct(), 0x00281053, "DS", b"1,5 "), 1)
    assert bad.modality_lut.slope == 1.0
    assert "Rescale Slope (0028,1053) is not a number" in bad.notices


def test_c06_a_modality_table_takes_its_sign_from_the_pixels() -> None:
    item = table((3, -2, 16), struct.pack("<3H", 7, 8, 9))
    item.ModalityLUTType = "OD"
    signed = make.ct(RescaleSlope=None, RescaleIntercept=None, RescaleType=None, ModalityLUTSequence=[item])
    lut = describe(signed, 1).modality_lut
    assert isinstance(lut, LookupTable)
    assert (lut.first, lut.entries.tolist(), lut.unit) == (-2, [7, 8, 9], "OD")
    assert lut.source == "Modality LUT Sequence (0028,3000)"
    unsigned = make.sc(make.ramp(dtype="<u2"), ModalityLUTSequence=[item])
    assert describe(unsigned, 1).modality_lut.first == 65534


def test_the_table_of_an_angiogram_is_for_subtraction_and_not_for_display() -> None:
    item = table((3, 0, 16), struct.pack("<3H", 7, 8, 9))
    dataset = make.sc(make.ramp(dtype="<u2"), ModalityLUTSequence=[item])
    dataset.SOPClassUID = XRayAngiographicImageStorage
    assert describe(dataset, 1).modality_lut is IDENTITY


@pytest.mark.parametrize(
    ("descriptor", "data", "entries", "bits"),
    [
        ((4, 0, 8), bytes([1, 2, 3, 4]), [1, 2, 3, 4], 8),  # packed, two to a word
        ((3, 0, 8), bytes([1, 2, 3, 0]), [1, 2, 3], 8),  # packed and padded
        ((4, 0, 8), struct.pack("<4H", 1, 2, 3, 255), [1, 2, 3, 255], 8),  # 8 bits in 16
        ((3, 0, 10), struct.pack("<3H", 0, 5, 1023), [0, 5, 1023], 10),
        ((3, 0, 12), struct.pack("<3H", 0, 5, 4095), [0, 5, 4095], 12),
        ((3, 0, 12), struct.pack("<3H", 0, 5, 5000), [0, 5, 5000], 13),  # the bits lie
        ((3, 0, 0), struct.pack("<3H", 0, 5, 5000), [0, 5, 5000], 13),
        ((3, 0, 16), struct.pack("<3H", 0, 5, 65535), [0, 5, 65535], 16),
        ((3, 0, 16), struct.pack("<4H", 0, 5, 6, 7), [0, 5, 6], 16),  # more data than declared
    ],
)
def test_c04_a_voi_table_is_read_in_every_encoding(
    descriptor: tuple[int, int, int], data: bytes, entries: list[int], bits: int
) -> None:
    for vr in ("OW", "US"):
        voi = voi_table(table(descriptor, data, vr))
        assert (voi.entries.tolist(), voi.bits, voi.first) == (entries, bits, 0)
        assert not voi.entries.flags.writeable


@pytest.mark.parametrize("vr", ["OW", "US", "SS"])
def test_c04_zero_entries_mean_65536(vr: str) -> None:
    voi = voi_table(table((0, 0, 16), np.arange(65536, dtype="<u2").tobytes(), vr))
    assert voi.entries.tolist() == list(range(65536))


def test_big_endian_words_and_packed_bytes_are_read_in_their_order() -> None:
    item = Dataset()
    raw(item, DESCRIPTOR, "US", struct.pack(">3H", 4, 0, 8), little=False)
    raw(item, DATA, "OW", bytes([2, 1, 4, 3]), little=False)
    dataset = make.sc(make.ramp(dtype="<u2"), VOILUTSequence=[item])
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.2"
    assert describe(dataset, 1).vois[0].entries.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("attributes", "first"),
    [
        ({}, 0xFF00),  # unsigned pixels, no rescale
        ({"RescaleSlope": "1", "RescaleIntercept": "-1024"}, -256),  # modality values can be negative
        ({"RescaleSlope": "-1", "RescaleIntercept": "0"}, -256),
        ({"RescaleSlope": "2", "RescaleIntercept": "5"}, 0xFF00),
        ({"SOPClassUID": CTImageStorage}, -256),  # always signed
    ],
)
def test_c04_the_first_mapped_value_has_the_sign_of_the_modality_values(
    attributes: dict[str, Any], first: int
) -> None:
    assert voi_table(table((2, -256, 16), bytes(4)), **attributes).first == first


def test_e01_a_table_shorter_than_declared_is_left_out_with_a_notice() -> None:
    dataset = make.sc(VOILUTSequence=[table((500, 0, 16), bytes(8))])
    described = describe(dataset, 1)
    assert described.vois == ()
    assert "VOI LUT Sequence (0028,3010) item 1 has fewer entries than it declares" in described.notices


def test_c07_windows_come_first_then_tables_and_each_says_where_it_is_from() -> None:
    item = table((2, 0, 16), bytes(4))
    item.LUTExplanation = "HARDER"
    dataset = make.ct(VOILUTSequence=[item])
    dataset.WindowCenter, dataset.WindowWidth = ["40", "-600"], ["400", "1500"]
    dataset.WindowCenterWidthExplanation = ["SOFT", "LUNG"]
    vois = describe(dataset, 1).vois
    linear = WindowFunction.LINEAR
    assert vois[:2] == (
        Window(40.0, 400.0, linear, "SOFT", "Window Center (0028,1050) value 1"),
        Window(-600.0, 1500.0, linear, "LUNG", "Window Center (0028,1050) value 2"),
    )
    assert (vois[2].explanation, vois[2].source) == ("HARDER", "VOI LUT Sequence (0028,3010) item 1")


@pytest.mark.parametrize(
    ("centers", "widths", "expected"),
    [
        (b"40\\50 ", b"400 ", [(40, 400)]),  # paired to the shorter list
        (b"40\\\\60", b"400\\300\\200 ", [(40, 400), (60, 200)]),  # an empty one in the middle
        (b"NaN\\50", b"400\\300 ", [(50, 300)]),
        (b"1,5\\50", b"400\\300 ", [(50, 300)]),
        (b"40\\50 ", b"0\\-5", []),
        (b"1e999 ", b"400 ", []),
        (b"", b"", []),
        (b"\\\\", b"400 ", []),
    ],
)
def test_e01_windows_that_make_no_sense_are_dropped(
    centers: bytes, widths: bytes, expected: list[tuple[float, float]]
) -> None:
    dataset = raw(raw(make.ct(), 0x00281050, "DS", centers), 0x00281051, "DS", widths)
    assert [(voi.center, voi.width) for voi in describe(dataset, 1).vois] == expected


def test_e01_centers_without_a_width_are_told() -> None:
    three = describe(make.ct(WindowCenter=["1", "2", "3"], WindowWidth=["50"]), 1)
    assert [(voi.center, voi.width) for voi in three.vois] == [(1, 50)]
    assert any("no pairs are ignored: 3 of Window Center" in words for words in three.notices)
    none = raw(make.ct(WindowCenter="40"), 0x00281051, "DS", b"")
    assert any("0 of Window Width" in words for words in describe(none, 1).notices)


def test_c02_a_width_below_one_is_exact_and_said_to_be() -> None:
    described = describe(make.ct(WindowCenter="0.5", WindowWidth="0.25"), 1)
    assert described.vois[0].function is WindowFunction.LINEAR_EXACT
    assert described.notices == ("Window Width (0028,1051) below 1: LINEAR_EXACT is used",)
    sigmoid = describe(make.ct(WindowCenter="0.5", WindowWidth="0.25", VOILUTFunction="SIGMOID"), 1)
    assert (sigmoid.vois[0].function, sigmoid.notices) == (WindowFunction.SIGMOID, ())


def test_c09_a_colour_image_has_no_window() -> None:
    dataset = make.us_color()
    dataset.WindowCenter, dataset.WindowWidth = "128", "256"
    assert describe(dataset, 1).vois == ()


@given(st.lists(st.integers(0, 65535), min_size=1, max_size=300), st.integers(0, 65535), st.integers(8, 16))
def test_c04_any_table_of_words_comes_back_as_written(entries: list[int], first: int, bits: int) -> None:
    voi = voi_table(table((len(entries), first, bits), np.array(entries, "<u2").tobytes()))
    assert voi.entries.tolist() == entries
    assert max(entries) < 2**voi.bits
    assert voi.bits == max(bits, max(entries).bit_length())
