"""Measures of the generated head against what is known exactly of it: sizes in mm and Hounsfield units."""

import math
from itertools import pairwise

import numpy as np
import pytest

from viewer.annotations.kinds import measured
from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.demo.phantom import NOISE, Layout, write_phantom
from viewer.demo.truth import BAR, RODS, SLANTED
from viewer.dicom.pixels import read_frame
from viewer.viewing.region_values import values_of

HEIGHT = 20.0  # mm: above the balls, through all rods
LAYOUT = Layout(slices=1, corner=(-127.75, -112.75, HEIGHT))
ROOM = 4.0  # pixels around the middle of a rod that are of its material alone, of 10


@pytest.fixture(scope="module")
def slice_of_head(tmp_path_factory):
    folder = write_phantom(tmp_path_factory.mktemp("phantom") / "head", LAYOUT)
    (path,) = (path for path in folder.rglob("*") if path.is_file())
    return read_frame(str(path), 1)


def at(image, x, y, z=HEIGHT):
    return exact(*image.plane.to_image(np.array([x, y, z])))


def value(image, kind, *points):
    return measured(Annotation(kind, image.key, points), image)


def test_lengths_between_the_rods_are_known(slice_of_head):
    image, _ = slice_of_head
    for one, other in pairwise(RODS):
        found = value(image, Kind.LENGTH, at(image, *one.start[:2]), at(image, *other.start[:2]))
        assert found.value == pytest.approx(20.0, abs=1e-4)
        assert found.text == "20.0 mm"


@pytest.mark.parametrize(
    "rod", [rod for rod in RODS if abs(rod.value - BAR.value) > 30], ids=lambda rod: rod.name
)
def test_the_width_of_a_rod_from_edge_to_edge_as_it_is_seen(slice_of_head, rod):
    """The edge is where the value is half way; found between the pixels of one row through the middle."""
    image, frame = slice_of_head
    x, y = at(image, *rod.start[:2])
    row = frame.stored[int(y)].astype(float) * image.modality_lut.slope + image.modality_lut.intercept
    half = (rod.value + BAR.value) / 2
    inside = (row > half) == (rod.value > half)
    first = last = int(x)
    while inside[first - 1]:
        first -= 1
    while inside[last + 1]:
        last += 1
    edges = [
        first - 0.5 + (half - row[first - 1]) / (row[first] - row[first - 1]),
        last + 0.5 + (half - row[last]) / (row[last + 1] - row[last]),
    ]
    level = int(y) + 0.5
    found = value(image, Kind.LENGTH, (edges[0], level), (edges[1], level))
    chord = 2 * math.sqrt(rod.radius**2 - (level - y) ** 2 * 0.25)  # of 0.5 mm rows
    assert found.value == pytest.approx(chord, abs=0.25)


@pytest.mark.parametrize("rod", RODS, ids=lambda rod: rod.name)
def test_B10_the_mean_in_a_rod_is_its_Hounsfield_unit(slice_of_head, rod):
    image, frame = slice_of_head
    x, y = at(image, *rod.start[:2])
    circle = Annotation(Kind.CIRCLE, image.key, ((x, y), exact(x + 2 * ROOM, y)))  # 4 mm
    found = values_of(circle, image, frame)
    assert found.count == pytest.approx(math.pi * (2 * ROOM) ** 2, rel=0.05)
    assert found.mean == pytest.approx(
        rod.value, abs=4 * NOISE / math.sqrt(found.count / 4)
    )  # grains of 2 x 2
    assert found.sd == pytest.approx(NOISE, rel=0.35)
    assert found.unit == "HU"


@pytest.mark.parametrize("rod", RODS, ids=lambda rod: rod.name)
def test_B10_squares_ellipses_and_outlines_in_a_rod_agree(slice_of_head, rod):
    image, frame = slice_of_head
    x, y = at(image, *rod.start[:2])
    ends = ((-4, -3), (4, 3), (1.8, -2.4), (-1.8, 2.4))
    shapes = {
        Kind.RECTANGLE: ((x - 5, y - 5), (x + 5, y + 5)),
        Kind.ELLIPSE: tuple((x + across, y + down) for across, down in ends),
        Kind.POLYGON: ((x - 6, y), (x, y - 6), (x + 6, y), (x, y + 6)),
    }
    for kind, points in shapes.items():
        found = values_of(Annotation(kind, image.key, points), image, frame)
        assert found.mean == pytest.approx(rod.value, abs=3 * NOISE / math.sqrt(found.count / 4) + 1)


def test_B09_the_bar_has_its_area(slice_of_head):
    image, _ = slice_of_head
    low, high = at(image, *BAR.low[:2]), at(image, *BAR.high[:2])
    found = value(image, Kind.RECTANGLE, low, high)
    width, height = BAR.high[0] - BAR.low[0], BAR.high[1] - BAR.low[1]
    assert found.value == pytest.approx(width * height, rel=1e-6)
    assert found.more[0].value == pytest.approx(2 * (width + height), rel=1e-6)


def test_B09_the_cross_section_of_a_rod_has_the_area_that_its_pixels_cover(slice_of_head):
    image, frame = slice_of_head
    bone = next(rod for rod in RODS if rod.name == "bone rod")
    x, y = at(image, *bone.start[:2])
    found = value(image, Kind.CIRCLE, (x, y), exact(x + bone.radius / 0.5, y))
    near = frame.stored[int(y) - 14 : int(y) + 14, int(x) - 14 : int(x) + 14] + image.modality_lut.intercept
    covered = np.clip((near - BAR.value) / (bone.value - BAR.value), 0, 1).sum() * 0.25  # mm² of a pixel
    assert found.value == pytest.approx(math.pi * 25)
    assert covered == pytest.approx(found.value, rel=0.02)


def test_B08_the_angle_of_the_slanted_ruler_to_the_upright(slice_of_head):
    """Seen along the feet it runs 6 mm across and 16 mm down: 20.6 degrees."""
    image, _ = slice_of_head
    start, end = at(image, *SLANTED.start[:2]), at(image, *SLANTED.end[:2])
    upright = exact(start[0], start[1] + 40)
    found = value(image, Kind.ANGLE, end, start, upright)
    assert found.value == pytest.approx(math.degrees(math.atan2(6, 16)), abs=1e-4)
