"""The numbers of the pixels under an annotation, on headers and frames as they are read."""

import gc
import math
import statistics
import weakref
from dataclasses import replace

import make
import numpy as np
import pytest
from pydicom import Dataset

from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation, Kind
from viewer.annotations.statistics import Statistics
from viewer.dicom.describe import describe
from viewer.dicom.frame import Frame
from viewer.dicom.image import Suv
from viewer.dicom.luts import LookupTable, Palette
from viewer.dicom.pixels import read_frame
from viewer.viewing.picture import Picture
from viewer.viewing.region_values import KEPT, RegionValues, values_of

BOX = ((1.0, 1.0), (5.0, 4.0))  # 4 by 3 pixels


def opened(tmp_path, dataset, frame=1):
    return read_frame(str(make.write(dataset, tmp_path / "image.dcm")), frame)


def drawn(image, kind=Kind.RECTANGLE, points=BOX):
    return Annotation(kind, image.key, points)


def test_B10_statistics_are_of_modality_values(tmp_path):
    """Stored 1000 + 8 row + column, less 1024: rows 1 to 3 and columns 1 to 4 are -15 to 4."""
    image, frame = opened(tmp_path, make.ct())
    found = values_of(drawn(image), image, frame)
    each = [1000 + 8 * row + column - 1024 for row in (1, 2, 3) for column in (1, 2, 3, 4)]
    assert (found.mean, found.sd) == pytest.approx((statistics.fmean(each), statistics.pstdev(each)))
    assert (found.minimum, found.maximum, found.count, found.unit) == (-15, 4, 12, "HU")


def test_B10_a_window_does_not_change_them(tmp_path):
    numbers = []
    for center in ("40", "4000"):
        image, frame = opened(tmp_path, make.ct(WindowCenter=center, WindowWidth="1"))
        numbers.append(values_of(drawn(image), image, frame))
    assert numbers[0] == numbers[1]


def test_B10_small_slopes_stay_what_they_are(tmp_path):
    image, frame = opened(tmp_path, make.ct(slope=1e-6, intercept=0.0, RescaleType="mm2/s"))
    found = values_of(drawn(image, Kind.POINT, ((3.2, 2.7),)), image, frame)
    assert (found.mean, found.count, found.unit) == (pytest.approx(1019e-6), 1, "mm2/s")


def test_B10_padding_is_left_out_and_said_when_nothing_else_is_there(tmp_path):
    stored = make.ramp()
    stored[1:4, 1:4] = -2000
    image, frame = opened(tmp_path, make.ct(stored, PixelPaddingValue=-2000))
    found = values_of(drawn(image), image, frame)
    assert (found.count, found.minimum) == (3, 1012 - 1024)
    inside = values_of(drawn(image, points=((1.0, 1.0), (4.0, 4.0))), image, frame)
    assert (inside.count, inside.reason) == (0, "only padding or missing pixels lie inside")
    between = values_of(drawn(image, points=((1.6, 1.6), (2.4, 2.4))), image, frame)
    assert between.in_words() == "no mean: no pixel centre lies inside"


def test_B10_pixels_that_the_file_does_not_hold_are_left_out(tmp_path):
    image, frame = opened(tmp_path, make.ct())
    cut = Frame(frame.key, frame.stored, frame.photometric, "truncated", first_missing=8 * 2 + 3)
    assert values_of(drawn(image), image, cut).count == 4 + 2  # all of row 1, columns 1 and 2 of row 2
    assert values_of(drawn(image, Kind.POINT, ((6.5, 5.5),)), image, cut).count == 0


def test_B11_every_frame_has_its_own_slope(tmp_path):
    dataset = make.enhanced_ct(3)
    for number, group in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        item = Dataset()
        item.RescaleSlope, item.RescaleIntercept, item.RescaleType = number + 1, -10 * number, "HU"
        group.PixelValueTransformationSequence = [item]
    path = make.write(dataset, tmp_path / "enhanced.dcm")
    for number in (1, 2, 3):
        image, frame = read_frame(str(path), number)
        stored = int(frame.stored[2, 3])
        found = values_of(drawn(image, Kind.POINT, ((3.5, 2.5),)), image, frame)
        assert found.mean == stored * number - 10 * (number - 1)


def test_B12_a_table_of_modality_values_gives_its_entries(tmp_path):
    image, frame = opened(tmp_path, make.ct())
    table = LookupTable(1000, np.arange(48, dtype=np.uint16) ** 2, 16, unit="OD")
    found = values_of(drawn(image), replace(image, modality_lut=table), frame)
    each = [(8 * row + column) ** 2 for row in (1, 2, 3) for column in (1, 2, 3, 4)]
    assert (found.mean, found.unit) == (pytest.approx(statistics.fmean(each)), "OD")


def test_B15_slices_of_different_slope_have_the_SUV_of_their_activity(tmp_path):
    """The same 5,000 Bq/ml, stored with two slopes, is the same SUV."""
    item = Dataset()
    item.RadionuclideTotalDose, item.RadionuclideHalfLife = "400000000", "6600"
    shown = []
    for slope in (2.0, 5.0):
        dataset = make.ct(
            np.full((6, 8), int(5000 / slope), "<i2"), slope=slope, intercept=0.0, Modality="PT",
            Units="BQML", RescaleType=None, DecayCorrection="ADMIN", CorrectedImage=["ATTN", "DECY"],
            PatientWeight="80", RadiopharmaceuticalInformationSequence=[item],
        )  # fmt: skip
        found = values_of(*_with_annotation(*opened(tmp_path, dataset)))
        shown.append(found.in_words())
    # 5000 x 80,000 g / 400 MBq
    assert shown == ["mean 5000 SD 0 BQML\nmin 5000 max 5000 n 12\nSUV mean 1.00 max 1.00"] * 2


def _with_annotation(image, frame):
    return drawn(image), image, frame


def test_a_colour_image_has_no_values_and_says_so(tmp_path):
    image, frame = opened(tmp_path, make.us_color())
    assert values_of(drawn(image), image, frame) == Statistics(reason="a colour image")
    palette, indices = opened(tmp_path, make.palette())
    assert values_of(drawn(palette), palette, indices).reason == "a colour image"


def test_B10_stored_values_that_stand_for_colours_are_no_measured_ones(tmp_path):
    image, frame = opened(tmp_path, make.ct())
    colors = Palette(1012, np.zeros((40, 3), np.uint8))
    found = values_of(drawn(image), replace(image, supplemental=colors), frame)
    assert (found.count, found.maximum) == (3, 1011 - 1024)  # of row 1, the columns 1 to 3


def test_kinds_without_pixels_and_what_others_drew_have_no_values(tmp_path):
    image, frame = opened(tmp_path, make.ct())
    for kind in (Kind.LENGTH, Kind.ARROW, Kind.ANGLE, Kind.TEXT, Kind.OUTLINE):
        points = ((1.0, 1.0), (5.0, 4.0), (6.0, 1.0))[: KINDS[kind].number_of_points or 3]
        assert values_of(drawn(image, kind, points), image, frame) is None
    assert values_of(replace(drawn(image), read_only=True), image, frame) is None
    assert values_of(drawn(image, Kind.POLYGON, BOX), image, frame) is None  # in the making


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "f4", "i4"])
@pytest.mark.parametrize("kind", [Kind.RECTANGLE, Kind.ELLIPSE, Kind.CIRCLE, Kind.POLYGON])
def test_B10_large_regions_have_the_numbers_of_every_pixel(dtype, kind):
    """The histogram of a large region, and the pixels themselves, agree with numpy on the whole image."""
    random = np.random.default_rng(11)
    stored = (random.normal(60, 20, (900, 1100)) % 120).astype(dtype)
    stored[400:500, 300:600] = 100
    image = replace(
        describe(make.ct(make.ramp(6, 8)), 1), rows=900, columns=1100,
        padding=replace(describe(make.ct(PixelPaddingValue=100), 1).padding, first=100, last=100),
    )  # fmt: skip
    frame = Frame(image.key, stored, "MONOCHROME2")
    points = {
        Kind.RECTANGLE: ((20.0, 30.0), (1050.0, 880.0)),
        Kind.ELLIPSE: ((150.0, 100.0), (950.0, 700.0), (400.0, 600.0), (700.0, 200.0)),
        Kind.CIRCLE: ((500.0, 450.0), (900.0, 450.0)),
        Kind.POLYGON: ((20.0, 30.0), (1050.0, 400.0), (300.0, 880.0), (700.0, 10.0)),
    }[kind]
    mask = KINDS[kind].region(points, (900, 1100)).whole((900, 1100)) & (stored != 100)
    values = stored[mask].astype(np.float64) - 1024
    found = values_of(Annotation(kind, image.key, points), image, frame)
    assert found.count == int(mask.sum())
    wanted = values.mean(), values.std(), values.min(), values.max()
    assert (found.mean, found.sd, found.minimum, found.maximum) == pytest.approx(wanted, rel=1e-12, abs=1e-9)


def test_a_constant_region_has_no_deviation():
    image = replace(describe(make.ct(make.ramp(6, 8)), 1), rows=900, columns=1100)
    frame = Frame(image.key, np.full((900, 1100), 65_535, "u2"), "MONOCHROME2")
    found = values_of(drawn(image, points=((0.0, 0.0), (1100.0, 900.0))), image, frame)
    assert (found.mean, found.sd) == (64_511, 0)


# ------------------------------------------------------------------------------------------- remembered
def picture(stored=None):
    dataset = make.ct(stored)
    image = describe(dataset, 1)
    values = np.array(dataset.pixel_array)
    return Picture.of(image, Frame(image.key, values, "MONOCHROME2"))


def test_numbers_are_remembered_by_form_and_picture():
    known, first = RegionValues(), picture()
    one = known.of(drawn(first.description), first)
    assert known.of(drawn(first.description), first) is one  # another annotation of the same form
    moved = known.of(drawn(first.description, points=((0.0, 1.0), (4.0, 4.0))), first)
    assert moved.mean == one.mean - 1


def test_another_picture_of_the_same_frame_has_its_own_numbers():
    """A difference to a mask has the key of its frame, and changes with the mask."""
    known, first = RegionValues(), picture()
    shape = drawn(first.description)
    other = replace(first, frame=Frame(first.frame.key, first.frame.stored + np.int16(5), "MONOCHROME2"))
    assert known.of(shape, other).mean == known.of(shape, first).mean + 5


def test_what_is_remembered_is_bounded_and_keeps_no_picture_alive():
    known, first = RegionValues(), picture()
    for place in range(KEPT + 40):
        known.of(drawn(first.description, points=((0.0, 0.0), (4.0, 1.0 + place / 1000))), first)
    assert len(known._known) == KEPT
    stored = weakref.ref(first.frame.stored)
    del first
    gc.collect()
    assert stored() is None


def test_kinds_without_pixels_are_not_remembered():
    known, first = RegionValues(), picture()
    assert known.of(drawn(first.description, Kind.LENGTH), first) is None
    assert not known._known


def test_the_SUV_of_an_image_goes_with_its_numbers():
    first = picture()
    pet = replace(first, description=replace(first.description, suv=Suv(0.5)))
    assert RegionValues().of(drawn(pet.description), pet).suv == Suv(0.5)
    assert math.isnan(Statistics().mean)
