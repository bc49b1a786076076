"""Every drawing tool by feeding pointers: clicks, drags, keys and their mixture, without a window."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.annotations.hit import Hit, find
from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription
from viewer.dicom.records import FrameKey
from viewer.tools import draw
from viewer.tools.dragging import Dragging
from viewer.tools.draw_path import MOST_POINTS, draw_polygon, draw_polyline
from viewer.tools.edit import moving, nudged, pasted, why_not_pasted
from viewer.tools.table import TOOLS, tool_row
from viewer.tools.tool import BACK, ENTER, Pointer
from viewer.viewing.viewport import ViewportState

KEY = FrameKey("1.2.3", 4)
IMAGE = ImageDescription(KEY, "1.2", rows=200, columns=300, pixel_aspect=1.5)
STATE = ViewportState(900, 700, IMAGE, zoom=2.0, pan=(5.0, -3.0), rotation=90, flipped=True)
MEASURING = [row for row in TOOLS if row.family == "measuring"]
PLACES = [(50, 60), (90, 100), (140, 60), (120, 120), (60, 130), (200, 30)]


class Hand:
    """A hand with a tool over an image."""

    def __init__(self, tool, state=STATE):
        self.tool, self.state, self.dragging = tool, state, Dragging()

    def pointer(self, x, y, *, down=True):
        return Pointer(*self.state.to_screen(x, y), down)

    def press(self, x, y):
        if self.dragging.active:
            self.dragging.move(self.pointer(x, y))
        else:
            self.dragging.begin(self.tool, self.state, self.pointer(x, y))
        return self

    def release(self, x, y):
        self.dragging.release(self.pointer(x, y))
        return self

    def click(self, *places):
        for place in places:
            self.hover(*place).press(*place).release(*place)
        return self

    def drag(self, start, end):
        self.hover(*start).press(*start)
        self.dragging.move(self.pointer((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        return self.release(*end)

    def hover(self, x, y):
        self.dragging.move(self.pointer(x, y, down=False))
        return self

    @property
    def drawn(self):
        assert not self.dragging.active
        assert self.dragging.outcome is not None
        assert self.dragging.outcome.before is None
        return self.dragging.outcome.after


def points_of(annotation):
    return [pytest.approx(point, abs=1e-3) for point in annotation.points]


@pytest.mark.parametrize(
    ("tool", "kind", "count"),
    [
        (draw.draw_length, Kind.LENGTH, 2),
        (draw.draw_angle, Kind.ANGLE, 3),
        (draw.draw_cobb, Kind.COBB, 4),
        (draw.draw_rectangle, Kind.RECTANGLE, 2),
        (draw.draw_arrow, Kind.ARROW, 2),
        (draw.draw_point, Kind.POINT, 1),
        (draw.draw_text, Kind.TEXT, 1),
        (draw.draw_calibration, Kind.CALIBRATION, 2),
    ],
)
def test_clicks_give_a_point_each(tool, kind, count):
    hand = Hand(tool)
    for number, place in enumerate(PLACES[:count]):
        assert not (number and not hand.dragging.active), "it ended too early"
        hand.click(place)
    assert hand.drawn.kind is kind
    assert hand.drawn.frame == KEY
    assert PLACES[:count] == points_of(hand.drawn)


@pytest.mark.parametrize("dragged", [(True, True), (True, False), (False, True)])
def test_bir_b29_an_angle_is_two_independent_lines_by_four_clicks_or_two_drags(dragged):
    hand = Hand(tool_row("cobb").tool)
    for start, end, by_drag in zip(PLACES[0:4:2], PLACES[1:4:2], dragged, strict=True):
        if by_drag:
            hand.drag(start, end)
        else:
            hand.click(start, end)
    assert hand.drawn.kind is Kind.COBB
    assert PLACES[:4] == points_of(hand.drawn)
    assert tool_row("cobb").key == "A"


def test_an_angle_is_a_drag_along_its_first_arm_and_a_click():
    hand = Hand(draw.draw_angle).drag((50, 60), (90, 100)).click((140, 60))
    assert points_of(hand.drawn) == [(50, 60), (90, 100), (140, 60)]


def test_what_is_not_complete_is_seen_as_far_as_it_goes():
    hand = Hand(draw.draw_cobb).drag((50, 60), (90, 100)).hover(140, 60)
    assert points_of(hand.dragging.preview) == [(50, 60), (90, 100), (140, 60)]
    hand.press(140, 60)
    hand.dragging.move(hand.pointer(120, 120))
    assert points_of(hand.dragging.preview) == [(50, 60), (90, 100), (140, 60), (120, 120)]


def test_an_ellipse_has_its_longer_axis_first_whichever_way_it_is_dragged():
    wide = Hand(draw.draw_ellipse).drag((50, 60), (110, 100)).drawn
    assert points_of(wide) == [(50, 80), (110, 80), (80, 60), (80, 100)]
    high = Hand(draw.draw_ellipse).drag((90, 150), (50, 50)).drawn
    assert points_of(high) == [(70, 50), (70, 150), (50, 100), (90, 100)]


def test_a_circle_stays_inside_the_image():
    drawn = Hand(draw.draw_circle).drag((30, 100), (110, 100)).drawn
    assert points_of(drawn) == [(30, 100), (60, 100)]
    free = Hand(draw.draw_circle).drag((100, 100), (130, 140)).drawn
    assert points_of(free) == [(100, 100), (130, 140)]


def test_the_short_axis_of_a_bidirectional_is_square_to_the_long_one_as_it_is_seen():
    drawn = Hand(draw.draw_bidirectional).drag((50, 60), (110, 90)).drag((70, 80), (90, 40)).drawn
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = drawn.points
    aspect = IMAGE.pixel_aspect
    assert (x1 - x0) * (x3 - x2) + (y1 - y0) * (y3 - y2) * aspect**2 == pytest.approx(0, abs=1e-2)
    assert y3 < y2  # towards where the hand went


def test_a_polyline_ends_with_enter_and_backspace_takes_the_last_point_back():
    hand = Hand(draw_polyline).click(*PLACES[:4])
    hand.dragging.key(BACK)
    hand.dragging.key(ENTER)
    assert hand.drawn.kind is Kind.POLYLINE
    assert PLACES[:3] == points_of(hand.drawn)


def test_a_second_click_on_the_spot_ends_a_polyline():
    hand = Hand(draw_polyline).click(*PLACES[:3]).press(*PLACES[2])
    assert PLACES[:3] == points_of(hand.drawn)


def test_a_polygon_is_closed_by_a_click_on_its_first_point():
    hand = Hand(draw_polygon).click(*PLACES[:3]).press(51, 61)
    assert hand.drawn.kind is Kind.POLYGON
    assert PLACES[:3] == points_of(hand.drawn)


@pytest.mark.parametrize("end", [lambda hand: hand.dragging.key(ENTER), lambda hand: hand.press(*PLACES[3])])
def test_a_polygon_ends_with_enter_and_with_a_double_click(end):
    hand = Hand(draw_polygon).click(*PLACES[:4])
    end(hand)
    assert PLACES[:4] == points_of(hand.drawn)


def test_a_polygon_is_drawn_by_hand_while_the_button_is_held():
    hand = Hand(draw_polygon)
    turns = [2 * math.pi * step / 90 for step in range(88)]
    around = [(100 + 40 * math.cos(turn), 100 + 40 * math.sin(turn)) for turn in turns]
    hand.press(*around[0])
    for place in around[1:]:
        hand.dragging.move(hand.pointer(*place))
    hand.release(*around[-1])
    assert hand.drawn.kind is Kind.POLYGON
    assert len(hand.drawn.points) > 60
    assert all(math.dist(point, (100, 100)) == pytest.approx(40, abs=0.01) for point in hand.drawn.points)


def test_an_outline_by_hand_has_no_more_points_than_other_programs_take():
    state = replace(STATE, zoom=40.0, rotation=0, flipped=False)
    hand = Hand(draw_polygon, state)
    hand.press(10, 10)
    for step in range(3000):
        hand.dragging.move(hand.pointer(10 + step * 0.06, 10 + 3 * math.sin(step / 5)))
    hand.release(10, 100)
    assert len(hand.drawn.points) == MOST_POINTS


@pytest.mark.parametrize("row", MEASURING, ids=lambda row: row.name)
def test_escape_leaves_nothing_of_any_tool(row):
    hand = Hand(row.tool).press(50, 60)
    hand.dragging.cancel()
    assert (hand.dragging.active, hand.dragging.preview, hand.dragging.outcome) == (False, None, None)


@pytest.mark.parametrize(
    "row", [row for row in MEASURING if row.name not in {"point", "text"}], ids=lambda r: r.name
)
def test_what_has_no_extent_is_not_kept(row):
    hand = Hand(row.tool)
    for _ in range(6):
        if hand.dragging.active or hand.dragging.preview is None:
            hand.press(50, 60)
        hand.release(50, 60)
        if not hand.dragging.active:
            break
    assert hand.dragging.outcome is None


@pytest.mark.parametrize("row", MEASURING, ids=lambda row: row.name)
def test_nothing_is_drawn_without_an_image(row):
    dragging = Dragging()
    dragging.begin(row.tool, ViewportState(), Pointer(1, 1))
    assert (dragging.active, dragging.outcome) == (False, None)


anywhere = st.tuples(st.floats(-200, 500), st.floats(-200, 400))


@given(st.sampled_from(MEASURING), st.lists(anywhere, min_size=4, max_size=7), st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_the_hand_does_all_points_are_in_the_image_and_exact(row, places, by_drag):
    hand = Hand(row.tool)
    pairs = list(zip(places[::2], places[1::2], strict=False))
    for start, end in pairs:
        if hand.dragging.outcome is not None:
            break
        if by_drag:
            hand.drag(start, end)
        else:
            hand.click(start, end)
    hand.dragging.key(ENTER)
    seen = hand.dragging.outcome.after if hand.dragging.outcome else hand.dragging.preview
    for x, y in seen.points if seen else ():
        assert 0 <= x <= IMAGE.columns
        assert 0 <= y <= IMAGE.rows
        assert (x, y) == exact(x, y)


@given(
    st.sampled_from(MEASURING),
    st.sampled_from([0, 90, 180, 270]),
    st.booleans(),
    st.floats(0.2, 8),
    st.tuples(st.floats(-300, 300), st.floats(-300, 300)),
)
@settings(max_examples=200, deadline=None)
def test_a20_what_is_drawn_stays_on_its_pixels_under_zoom_pan_turns_and_flips(
    row, rotation, flipped, zoom, pan
):
    hand = Hand(row.tool).click(*PLACES[:4])
    if row.name in {"polyline", "polygon"}:
        hand.dragging.key(ENTER)
    elif row.name not in {"cobb", "bidirectional"}:
        hand = Hand(row.tool)
        hand.click(*PLACES[: {"angle": 3, "point": 1, "text": 1}.get(row.name, 2)])
    drawn = hand.drawn
    other = replace(STATE, zoom=zoom, pan=pan, rotation=rotation, flipped=flipped)
    for line in KINDS[drawn.kind].outline(drawn.points):
        for point in line:
            # the pixel that lay under the point when it was drawn lies under it now
            pixel = STATE.to_image(*STATE.to_screen(*point))
            assert other.to_screen(*point) == pytest.approx(other.to_screen(*pixel), abs=1e-6 * zoom + 1e-6)
    middle = drawn.points[0]
    hit = find([drawn], other.to_screen, other.to_screen(*middle))
    assert hit is not None
    assert hit.annotation == drawn


@pytest.mark.parametrize("row", MEASURING, ids=lambda row: row.name)
def test_a_tool_is_enabled_by_an_image_and_says_why_not_without(row):
    assert row.reason(None) == "There is no image here."
    assert row.reason(IMAGE) == ""


def test_only_what_has_no_millimetres_of_its_own_is_calibrated():
    own = replace(IMAGE, calibration=Calibration(CalibrationClass.PATIENT, 0.5, 0.5))
    assert "millimetres of its own" in tool_row("calibrate").reason(own)
    detector = replace(IMAGE, calibration=Calibration(CalibrationClass.DETECTOR, 0.1, 0.1))
    assert tool_row("calibrate").reason(detector) == ""


# ------------------------------------------------------------------------------------------- editing
def test_an_axis_that_is_made_the_longer_one_comes_first():
    ellipse = Annotation(Kind.ELLIPSE, KEY, ((50.0, 80.0), (110.0, 80.0), (80.0, 60.0), (80.0, 100.0)))
    hand = Hand(moving(Hit(ellipse, 3)))
    hand.press(80, 100).release(80, 150)
    points = hand.dragging.outcome.after.points
    assert math.dist(*points[:2]) > math.dist(*points[2:])
    assert {round(y) for _, y in points[:2]} == {10, 150}


def test_a_copy_keeps_its_place_on_another_image_and_lies_aside_on_the_same():
    line = Annotation(Kind.LENGTH, KEY, ((10.0, 20.0), (60.0, 90.0)), "node", color="#6fd3e8")
    other = replace(IMAGE, key=FrameKey("1.2.4"))
    copy = pasted(line, other)
    assert copy == replace(line, frame=other.key, uid=copy.uid)
    assert copy.uid != line.uid
    assert pasted(line, IMAGE).points == ((20.0, 30.0), (70.0, 100.0))
    corner = replace(line, points=((250.0, 150.0), (300.0, 200.0)))
    assert pasted(corner, IMAGE).points == ((240.0, 140.0), (290.0, 190.0))


def test_a_copy_is_refused_on_an_image_of_another_size():
    assert why_not_pasted((200, 300), IMAGE) == ""
    assert "another size" in why_not_pasted((300, 200), IMAGE)
    assert why_not_pasted((200, 300), None) == "There is no image here."


def test_a_nudge_goes_the_way_of_the_screen_and_not_of_the_pixels():
    line = Annotation(Kind.LENGTH, KEY, ((100.0, 100.0), (150.0, 120.0)))
    moved_line = nudged(line, (10, 0), STATE)
    before, after = STATE.to_screen(*line.points[0]), STATE.to_screen(*moved_line.points[0])
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((10, 0), abs=1e-3)
    assert nudged(line, (10_000, 0), STATE).points != line.points
    assert all(0 <= x <= 300 and 0 <= y <= 200 for x, y in nudged(line, (10_000, 0), STATE).points)
