"""What lies under the mouse."""

from viewer.annotations.hit import Hit, find
from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.records import FrameKey
from viewer.rendering.spatial import Affine

KEY = FrameKey("1.2.3")
TWICE = Affine.scaling(2.0, 2.0)
LINE = Annotation(Kind.LENGTH, KEY, ((10.0, 10.0), (50.0, 10.0)))
ABOVE = Annotation(Kind.LENGTH, KEY, ((10.0, 10.0), (10.0, 50.0)))
OUTLINE = Annotation(Kind.OUTLINE, KEY, ((80.0, 80.0), (90.0, 80.0), (80.0, 80.0)))
SPOT = Annotation(Kind.OUTLINE, KEY, ((120.0, 20.0),))


def test_an_end_is_found_before_its_line():
    assert find([LINE], TWICE, (98.0, 23.0)) == Hit(LINE, 1)


def test_the_tolerance_is_on_the_screen_not_in_the_image():
    assert find([LINE], TWICE, (60.0, 27.0)) == Hit(LINE)
    assert find([LINE], TWICE, (60.0, 29.0)) is None
    assert find([LINE], TWICE, (60.0, 29.0), tolerance=16.0) == Hit(LINE)


def test_a_line_ends_where_it_ends():
    assert find([LINE], TWICE, (115.0, 20.0)) is None


def test_among_equals_the_one_drawn_last_is_taken():
    assert find([LINE, ABOVE], TWICE, (20.0, 20.0)) == Hit(ABOVE, 0)


def test_an_outline_has_no_handles_but_can_be_pointed_at():
    assert find([OUTLINE], TWICE, (160.0, 161.0)) == Hit(OUTLINE)
    assert find([SPOT], TWICE, (241.0, 41.0)) == Hit(SPOT)


def test_a_line_without_length_is_found_too():
    dot = Annotation(Kind.OUTLINE, KEY, ((10.0, 10.0), (10.0, 10.0)))
    assert find([dot], TWICE, (21.0, 21.0)) == Hit(dot)
    assert find([], TWICE, (0.0, 0.0)) is None
