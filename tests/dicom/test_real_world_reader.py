"""Real World Value Mappings of headers: which one counts, in which range."""

import math

import make
import pytest
from pydicom.dataset import Dataset

from viewer.dicom.describe import describe


def mapping(first=0, last=100, slope=None, intercept=None, unit="mm2/s", **more):
    item, units = Dataset(), Dataset()
    item.add_new(0x00409216, "US" if first >= 0 else "SS", first)
    item.add_new(0x00409211, "US" if last >= 0 else "SS", last)
    if slope is not None:
        item.RealWorldValueSlope, item.RealWorldValueIntercept = slope, intercept
    units.CodeValue = unit
    item.MeasurementUnitsCodeSequence = [units]
    item.LUTLabel = "ADC"
    for keyword, value in more.items():
        setattr(item, keyword, value)
    return item


def group(*items):
    dataset = Dataset()
    dataset.RealWorldValueMappingSequence = list(items)
    return dataset


def maps(dataset, number=1):
    return describe(dataset, number).real_world


def test_B13_a_line_holds_within_its_range_and_nowhere_else():
    (found,) = maps(make.mr(RealWorldValueMappingSequence=[mapping(10, 20, 0.25, -1.0)]))
    assert (found.unit, found.label) == ("mm2/s", "ADC")
    for stored in range(31):
        assert found.value(stored) == (0.25 * stored - 1 if 10 <= stored <= 20 else None)


def test_B13_a_table_gives_one_value_for_each_stored_one():
    item = mapping(5, 8, RealWorldValueLUTData=[1.5, -2.0, 1e6, 4.0])
    (found,) = maps(make.mr(RealWorldValueMappingSequence=[item]))
    assert [found.value(stored) for stored in (4, 5, 6, 7, 8, 9)] == [None, 1.5, -2.0, 1e6, 4.0, None]


def test_B13_the_range_has_the_sign_of_the_pixels_whatever_its_vr():
    item = mapping(65436, 100, 2.0, 0.0)  # -100 as US
    (found,) = maps(make.ct(RealWorldValueMappingSequence=[item]))
    assert (found.first, found.last) == (-100, 100)


def test_B13_float_pixels_have_a_range_of_floats():
    item = mapping(0, 1, 10.0, 0.0)
    del item[0x00409216], item[0x00409211]
    item.DoubleFloatRealWorldValueFirstValueMapped = -0.5
    item.DoubleFloatRealWorldValueLastValueMapped = 0.75
    (found,) = maps(make.mr(RealWorldValueMappingSequence=[item]))
    assert found.value(0.5) == 5.0
    assert found.value(0.76) is None


def test_B13_the_frame_comes_before_the_shared_and_the_shared_before_the_image():
    dataset = make.enhanced_ct(2)
    dataset.RealWorldValueMappingSequence = [mapping(0, 9, 1.0, 0.0, unit="top")]
    assert maps(dataset)[0].unit == "top"
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.RealWorldValueMappingSequence = [mapping(0, 9, 1.0, 0.0, unit="shared")]
    own = dataset.PerFrameFunctionalGroupsSequence[1]
    own.RealWorldValueMappingSequence = [
        mapping(0, 9, 1.0, 0.0, unit="first"), mapping(0, 9, 2.0, 0.0, unit="second")
    ]  # fmt: skip
    assert [found.unit for found in maps(dataset, 1)] == ["shared"]
    assert [found.unit for found in maps(dataset, 2)] == ["first", "second"]


@pytest.mark.parametrize(
    "item",
    [
        Dataset(),
        mapping(20, 10, 1.0, 0.0),
        mapping(0, 10),
        mapping(0, 10, RealWorldValueLUTData=[1.0, 2.0]),
        mapping(0, 10, math.nan, 0.0),
    ],
)
def test_E01_a_mapping_without_sense_is_ignored_and_told(item):
    description = describe(make.mr(RealWorldValueMappingSequence=[item]), 1)
    assert description.real_world == ()
    assert any("Real World" in words for words in description.notices)


def test_E03_thousands_of_mappings_are_bounded():
    item = mapping(0, 10, 1.0, 0.0)
    assert len(maps(make.mr(RealWorldValueMappingSequence=[item] * 3000))) == 16


def test_B13_the_dose_of_a_grid_is_stored_values_times_its_scaling():
    dose = {"Modality": "RTDOSE", "DoseUnits": "GY", "DoseType": "PHYSICAL"}
    (found,) = maps(make.mr(**dose, DoseGridScaling="0.0005"))
    assert (found.value(3000), found.unit, found.label) == (1.5, "Gy", "Dose")
    assert (found.explanation, found.source) == ("Physical", "Dose Grid Scaling (3004,000E)")


@pytest.mark.parametrize("scaling", ["0", "-1"])
def test_E01_a_dose_without_a_usable_scaling_is_told(scaling):
    described = describe(make.mr(Modality="RTDOSE", DoseGridScaling=scaling), 1)
    assert described.real_world == ()
    assert "Dose Grid Scaling (3004,000E) is not positive: no dose is given" in described.notices
