"""How each kind looks, and that its form is kept while it is held."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.annotations import forms
from viewer.annotations.kinds import KINDS, moved, with_handle
from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey

KEY = FrameKey("1.2.3")
IMAGE = ImageDescription(KEY, "1.2", rows=200, columns=300)
ELLIPSE = ((90.0, 60.0), (170.0, 120.0), (115.0, 110.0), (145.0, 70.0))  # half axes of 50 and 25
SHAPES = {
    Kind.LENGTH: ((10.0, 20.0), (60.0, 90.0)),
    Kind.POLYLINE: ((10.0, 20.0), (60.0, 90.0), (80.0, 20.0)),
    Kind.ANGLE: ((10.0, 20.0), (60.0, 90.0), (80.0, 20.0)),
    Kind.COBB: ((10.0, 20.0), (60.0, 90.0), (80.0, 20.0), (90.0, 90.0)),
    Kind.BIDIRECTIONAL: ((10.0, 20.0), (60.0, 90.0), (80.0, 20.0), (40.0, 90.0)),
    Kind.RECTANGLE: ((10.0, 20.0), (60.0, 90.0)),
    Kind.ELLIPSE: ELLIPSE,
    Kind.CIRCLE: ((100.0, 100.0), (130.0, 60.0)),
    Kind.POLYGON: ((10.0, 20.0), (60.0, 90.0), (80.0, 20.0)),
    Kind.POINT: ((10.0, 20.0),),
    Kind.ARROW: ((10.0, 20.0), (60.0, 90.0)),
    Kind.TEXT: ((10.0, 20.0),),
}
anywhere = st.tuples(st.floats(-400, 700), st.floats(-400, 700))


def annotation(kind):
    return Annotation(kind, KEY, SHAPES[kind])


@pytest.mark.parametrize("kind", SHAPES)
def test_every_kind_also_has_a_look_while_it_is_in_the_making(kind):
    row = KINDS[kind]
    for count in range(1, len(SHAPES[kind]) + 1):
        lines = row.outline(SHAPES[kind][:count])
        assert lines
        assert all(line for line in lines)
        assert row.handles(SHAPES[kind][:count])


@pytest.mark.parametrize("kind", SHAPES)
def test_a_handle_for_each_point(kind):
    assert KINDS[kind].handles(SHAPES[kind]) == SHAPES[kind]


def test_the_edge_of_a_circle_is_at_its_radius_everywhere():
    (edge,) = KINDS[Kind.CIRCLE].outline(SHAPES[Kind.CIRCLE])
    assert edge[0] == edge[-1]
    assert [math.dist(point, (100.0, 100.0)) for point in edge] == pytest.approx([50.0] * len(edge))
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(edge)]
    assert min(math.dist(point, (100.0, 100.0)) for point in middles) > 50.0 - forms.FINE


def test_the_edge_of_an_ellipse_goes_through_the_ends_of_its_axes():
    (edge,) = KINDS[Kind.ELLIPSE].outline(ELLIPSE)
    for end in ELLIPSE:
        assert min(math.dist(end, point) for point in edge) < 1.0
    # by the string of a gardener: the distances to both foci add up to the major axis
    focus = math.sqrt(50**2 - 25**2)
    foci = [(130 + sign * focus * 0.8, 90 + sign * focus * 0.6) for sign in (-1, 1)]
    assert [sum(math.dist(point, each) for each in foci) for point in edge] == pytest.approx(
        [100.0] * len(edge)
    )


def test_a_rectangle_has_its_corners_in_order():
    (edge,) = KINDS[Kind.RECTANGLE].outline(((1.0, 2.0), (5.0, 9.0)))
    assert edge == ((1.0, 2.0), (5.0, 2.0), (5.0, 9.0), (1.0, 9.0), (1.0, 2.0))


@pytest.mark.parametrize("kind", [Kind.COBB, Kind.BIDIRECTIONAL])
def test_two_lines_are_not_joined(kind):
    points = SHAPES[kind]
    assert KINDS[kind].outline(points) == (points[:2], points[2:])


@given(st.sampled_from(range(4)), anywhere)
def test_the_axes_of_an_ellipse_stay_perpendicular_bisectors_inside_the_image(handle, to):
    points = with_handle(annotation(Kind.ELLIPSE), handle, to, IMAGE).points
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points
    assert (x0 + x1, y0 + y1) == pytest.approx((x2 + x3, y2 + y3), abs=1e-3)
    assert (x1 - x0) * (x3 - x2) + (y1 - y0) * (y3 - y2) == pytest.approx(0, abs=0.05)
    assert all(0 <= x <= 300 and 0 <= y <= 200 for x, y in points)


def test_an_end_of_the_first_axis_goes_where_it_is_put_and_the_second_keeps_its_length():
    changed = with_handle(annotation(Kind.ELLIPSE), 1, (150.0, 140.0), IMAGE).points
    assert changed[:2] == (ELLIPSE[0], (150.0, 140.0))
    assert math.dist(changed[2], changed[3]) == pytest.approx(50.0, abs=1e-4)
    # no end jumps to the other side
    assert math.dist(changed[2], ELLIPSE[2]) < math.dist(changed[3], ELLIPSE[2])


def test_an_end_of_the_second_axis_changes_that_axis_alone():
    changed = with_handle(annotation(Kind.ELLIPSE), 3, (142.0, 74.0), IMAGE).points
    assert changed[:2] == ELLIPSE[:2]
    assert math.dist(changed[2], changed[3]) == pytest.approx(40.0, abs=1e-4)


@given(anywhere)
def test_the_centre_of_a_circle_moves_all_of_it(to):
    before = annotation(Kind.CIRCLE)
    (x, y), (edge_x, edge_y) = with_handle(before, 0, to, IMAGE).points
    assert (edge_x - x, edge_y - y) == pytest.approx((30.0, -40.0), abs=1e-3)
    assert all(0 <= a <= 300 and 0 <= b <= 200 for a, b in ((x, y), (edge_x, edge_y)))


def test_the_edge_of_a_circle_changes_its_size_alone():
    assert with_handle(annotation(Kind.CIRCLE), 1, (120.0, 90.0), IMAGE).points == (
        (100.0, 100.0),
        (120.0, 90.0),
    )


@pytest.mark.parametrize("kind", [Kind.LENGTH, Kind.RECTANGLE, Kind.POLYGON, Kind.COBB, Kind.ARROW])
def test_a_handle_moves_its_own_point_alone(kind):
    changed = with_handle(annotation(kind), 1, (33.0, 44.0), IMAGE).points
    assert changed == (SHAPES[kind][0], (33.0, 44.0), *SHAPES[kind][2:])


@given(st.sampled_from(sorted(SHAPES)), anywhere)
def test_a_move_keeps_every_form(kind, by):
    points = moved(annotation(kind), by, IMAGE).points
    for one, other in zip(points, SHAPES[kind], strict=True):
        apart = one[0] - other[0], one[1] - other[1]
        assert apart == pytest.approx(
            (points[0][0] - SHAPES[kind][0][0], points[0][1] - SHAPES[kind][0][1]), abs=1e-3
        )


def test_an_ellipse_of_no_length_stays_as_it_is():
    flat = Annotation(Kind.ELLIPSE, KEY, ((5.0, 5.0),) * 4)
    assert with_handle(flat, 2, (9.0, 9.0), IMAGE).points == flat.points
    assert with_handle(annotation(Kind.ELLIPSE), 0, ELLIPSE[1], IMAGE).points == ELLIPSE


def test_no_end_of_an_ellipse_jumps_whichever_side_its_second_axis_began_on():
    mirrored = Annotation(Kind.ELLIPSE, KEY, (*ELLIPSE[:2], ELLIPSE[3], ELLIPSE[2]))
    for handle in range(4):
        x, y = mirrored.points[handle]
        changed = with_handle(mirrored, handle, (x + 1.0, y + 1.0), IMAGE).points
        assert max(math.dist(a, b) for a, b in zip(changed, mirrored.points, strict=True)) < 3.0


def test_an_ellipse_in_the_making_is_held_by_its_points():
    begun = Annotation(Kind.ELLIPSE, KEY, ELLIPSE[:3])
    assert with_handle(begun, 2, (5.0, 6.0), IMAGE).points == (*ELLIPSE[:2], (5.0, 6.0))
