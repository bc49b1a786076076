"""Display shutters of headers as values."""

import make
import pytest
from pydicom.dataset import Dataset

from viewer.dicom.describe import describe
from viewer.dicom.overlay import Shutter

RECTANGLE = {
    "ShutterLeftVerticalEdge": "2",
    "ShutterRightVerticalEdge": "7",
    "ShutterUpperHorizontalEdge": "3",
    "ShutterLowerHorizontalEdge": "5",
}
CIRCLE = {"CenterOfCircularShutter": ["3", "4"], "RadiusOfCircularShutter": "2"}
POLYGON = {"VerticesOfThePolygonalShutter": ["1", "2", "3", "4", "5", "6"]}


def shutter(shapes, **attributes):
    return describe(make.ct(ShutterShape=shapes, **attributes), 1).shutter


def test_A11_rows_come_before_columns_in_circles_and_polygons():
    found = shutter(["RECTANGULAR", "CIRCULAR", "POLYGONAL"], **RECTANGLE, **CIRCLE, **POLYGON)
    assert found == Shutter(
        rectangle=(2, 3, 7, 5),  # left, upper, right, lower
        circle=(3, 4, 2),  # row, column, radius
        polygon=((1, 2), (3, 4), (5, 6)),  # row, column
    )


def test_A11_only_the_shapes_that_are_named_count():
    assert shutter("CIRCULAR", **RECTANGLE, **CIRCLE) == Shutter(circle=(3, 4, 2))
    assert describe(make.ct(**RECTANGLE), 1).shutter is None


@pytest.mark.parametrize("value", [0, 255, 4660, 65535])
def test_C24_the_presentation_value_has_16_bits_whatever_the_pixels_have(value):
    assert shutter("RECTANGULAR", **RECTANGLE, ShutterPresentationValue=value).value == value
    assert shutter("RECTANGULAR", **RECTANGLE).value == 0


def test_C24_a_colour_is_kept_beside_the_value():
    found = shutter("RECTANGULAR", **RECTANGLE, ShutterPresentationColorCIELabValue=[32896, 32896, 32896])
    assert found.lab == (32896, 32896, 32896)


def test_a_frame_of_an_enhanced_image_has_its_own_shutter():
    dataset = make.enhanced_ct(2)
    item = Dataset()
    item.ShutterShape = "CIRCULAR"
    for keyword, value in CIRCLE.items():
        setattr(item, keyword, value)
    dataset.PerFrameFunctionalGroupsSequence[1].FrameDisplayShutterSequence = [item]
    assert describe(dataset, 1).shutter is None
    assert describe(dataset, 2).shutter == Shutter(circle=(3, 4, 2))


@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        ("RECTANGULAR", {}),
        ("RECTANGULAR", {**RECTANGLE, "ShutterLeftVerticalEdge": "8"}),
        ("CIRCULAR", {**CIRCLE, "RadiusOfCircularShutter": "0"}),
        ("CIRCULAR", {**CIRCLE, "CenterOfCircularShutter": ["3"]}),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": ["1", "2", "3", "4"]}),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": ["1", "2", "3", "4", "5"]}),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": ["1"] * 4000}),
        ("STAR", {}),
    ],
)
def test_E01_E03_a_shutter_that_cannot_be_hides_nothing_and_is_told(shape, attributes):
    description = describe(make.ct(ShutterShape=shape, **attributes), 1)
    assert description.shutter is None
    assert any("hutter" in words for words in description.notices)
