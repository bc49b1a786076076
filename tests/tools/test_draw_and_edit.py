"""Drawing and moving by feeding pointers."""

from dataclasses import replace

import pytest

from viewer.annotations.edits import Edit
from viewer.annotations.hit import Hit
from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.rendering.spatial import Affine
from viewer.tools.dragging import Dragging
from viewer.tools.draw import draw_length
from viewer.tools.edit import moving
from viewer.tools.tool import Pointer
from viewer.viewing.viewport import ViewportState

KEY = FrameKey("1.2.3", 4)
IMAGE = ImageDescription(KEY, "1.2", rows=200, columns=300, pixel_aspect=1.5)
STATE = ViewportState(900, 700, IMAGE, zoom=2.0, pan=(5.0, -3.0), rotation=90, flipped=True)
LINE = Annotation(Kind.LENGTH, KEY, ((10.0, 20.0), (60.0, 90.0)))


def at(x, y, *, down=True):
    return Pointer(*STATE.to_screen(x, y), down)


def test_a_line_is_drawn_from_the_press_to_the_release():
    dragging = Dragging()
    dragging.begin(draw_length, STATE, at(50.0, 60.0))
    assert dragging.preview.points == (exact(50.0, 60.0),) * 2
    dragging.move(at(70.0, 80.0))
    uid = dragging.preview.uid
    dragging.release(at(90.25, 100.5))
    assert not dragging.active
    drawn = dragging.outcome.after
    assert (dragging.outcome.before, drawn.kind, drawn.frame, drawn.uid) == (None, Kind.LENGTH, KEY, uid)
    assert drawn.points == (pytest.approx((50.0, 60.0)), pytest.approx((90.25, 100.5)))
    assert drawn.points == tuple(exact(*point) for point in drawn.points)


def test_a_line_is_drawn_by_two_clicks_too():
    dragging = Dragging()
    dragging.begin(draw_length, STATE, at(50.0, 60.0))
    dragging.release(at(50.2, 60.0))
    dragging.move(at(80.0, 60.0, down=False))
    assert dragging.preview.points[1] == pytest.approx((80.0, 60.0))
    dragging.move(at(90.0, 60.0))
    assert dragging.active
    dragging.release(at(91.0, 60.0))
    assert dragging.outcome.after.points == (pytest.approx((50.0, 60.0)), pytest.approx((91.0, 60.0)))


def test_escape_leaves_nothing():
    dragging = Dragging()
    dragging.begin(draw_length, STATE, at(50.0, 60.0))
    dragging.move(at(70.0, 80.0))
    dragging.cancel()
    assert (dragging.active, dragging.preview, dragging.outcome) == (False, None, None)
    dragging.release(at(70.0, 80.0))
    assert dragging.outcome is None


def test_a_line_without_length_is_not_kept():
    dragging = Dragging()
    dragging.begin(draw_length, STATE, at(50.0, 60.0))
    dragging.release(at(50.0, 60.0))
    dragging.move(at(50.0, 60.0))
    dragging.release(at(50.0, 60.0))
    assert (dragging.active, dragging.outcome) == (False, None)


def test_a_line_stays_inside_the_image():
    dragging = Dragging()
    dragging.begin(draw_length, STATE, at(-20.0, 60.0))
    dragging.release(at(500.0, 260.0))
    assert dragging.outcome.after.points == (exact(0.0, dragging.outcome.after.points[0][1]), (300.0, 200.0))


def test_nothing_is_drawn_where_there_is_no_image():
    dragging = Dragging()
    dragging.begin(draw_length, ViewportState(), Pointer(1, 1))
    assert (dragging.active, dragging.preview, dragging.outcome) == (False, None, None)


@pytest.mark.parametrize("zoom", [0.5, 3.0])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_what_is_drawn_stays_on_its_pixels_however_the_view_changes(zoom, rotation):
    dragging = Dragging()
    dragging.begin(draw_length, STATE, at(50.0, 60.0))
    dragging.release(at(90.0, 100.0))
    other = replace(STATE, zoom=zoom, rotation=rotation, flipped=False, pan=(-40.0, 9.0))
    for point, pixel in zip(dragging.outcome.after.points, [(50.0, 60.0), (90.0, 100.0)], strict=True):
        assert other.to_screen(*point) == pytest.approx(other.to_screen(*pixel), abs=1e-3)


def test_a_handle_is_moved_by_as_much_as_the_hand():
    dragging = Dragging()
    dragging.begin(moving(Hit(LINE, 1)), STATE, at(61.0, 91.0))  # a little beside the handle
    assert dragging.preview == Edit(LINE, LINE)
    dragging.move(at(71.0, 81.0))
    assert dragging.preview.before == LINE
    dragging.release(at(81.0, 71.0))
    assert dragging.outcome.before == LINE
    assert dragging.outcome.after == replace(LINE, points=(LINE.points[0], dragging.outcome.after.points[1]))
    assert dragging.outcome.after.points[1] == pytest.approx((80.0, 70.0), abs=1e-4)


def test_a_whole_annotation_is_moved():
    dragging = Dragging()
    dragging.begin(moving(Hit(LINE)), STATE, at(35.0, 55.0))
    dragging.release(at(36.0, 57.0))
    points = dragging.outcome.after.points
    assert points == (pytest.approx((11.0, 22.0), abs=1e-4), pytest.approx((61.0, 92.0), abs=1e-4))


@pytest.mark.parametrize("handle", [None, 0])
def test_a_click_is_no_edit(handle):
    dragging = Dragging()
    dragging.begin(moving(Hit(LINE, handle)), STATE, at(10.0, 20.0))
    dragging.release(at(10.0, 20.0))
    assert dragging.outcome is None


def test_what_another_program_drew_is_not_moved():
    dragging = Dragging()
    dragging.begin(moving(Hit(replace(LINE, read_only=True))), STATE, at(10.0, 20.0))
    assert (dragging.active, dragging.outcome) == (False, None)


def test_a_new_drag_gives_up_the_one_before():
    dragging = Dragging()
    dragging.begin(draw_length, STATE, at(10.0, 20.0))
    dragging.begin(draw_length, STATE, at(50.0, 60.0))
    assert dragging.preview.points[0] == pytest.approx((50.0, 60.0))
    dragging.cancel()


def test_the_screen_and_image_maps_are_inverse():
    turned = STATE.affine @ STATE.affine.inverse
    assert np_close(turned, Affine())


def np_close(first, second):
    return abs(first.matrix - second.matrix).max() < 1e-9
