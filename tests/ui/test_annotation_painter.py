import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter

from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.ui import fonts, theme
from viewer.ui.viewport import annotation_painter, outlined_text
from viewer.viewing.viewport import ViewportState

pytestmark = pytest.mark.usefixtures("qapp")  # fonts and pixmaps need an application

FRAME = FrameKey("1.2.3", 1)
ROOM = QRectF(0, 0, 600, 500)


def painted(annotation, label="", *, ground="#000000", scale=1.0, ratio=1.0, **state):
    image = QImage(round(300 * ratio), round(200 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(ground))
    painter = QPainter(image)
    painter.setFont(fonts.sans())
    place = annotation_painter.paint(painter, annotation, lambda x, y: (x * scale, y * scale), label, **state)
    painter.end()
    return image, place


def length(*points):
    return Annotation(Kind.LENGTH, FRAME, points)


def distance(image, x, y, color):
    seen, wanted = image.pixelColor(x, y), QColor(color)
    return max(
        abs(seen.red() - wanted.red()), abs(seen.green() - wanted.green()), abs(seen.blue() - wanted.blue())
    )


def test_every_kind_has_a_painter():
    assert set(annotation_painter.PAINTERS) == set(Kind)


def test_a_length_is_a_line_between_its_points_with_marks_across_its_ends():
    image, _ = painted(length((40.5, 100.5), (160.5, 100.5)))
    assert distance(image, 100, 100, theme.ANNOTATION) < 10
    for end in (40, 160):
        assert distance(image, end, 97, theme.ANNOTATION) < 90  # half covered by a line of 1.5
    assert image.pixelColor(100, 90).lightness() == 0
    assert image.pixelColor(30, 100).lightness() == 0


def test_image_coordinates_go_through_the_given_map():
    image, _ = painted(length((10.25, 50.25), (80.25, 50.25)), scale=2.0)
    assert distance(image, 90, 100, theme.ANNOTATION) < 10


def test_a_line_is_seen_on_bone_by_its_dark_edge():
    image, _ = painted(length((40, 100), (160, 100)), ground="#ffffff")
    column = [image.pixelColor(100, y).lightness() for y in range(94, 107)]
    assert min(column) < 140


def test_a_selected_one_is_brighter_not_thicker():
    plain, _ = painted(length((40.5, 100.5), (160.5, 100.5)))
    chosen, _ = painted(length((40.5, 100.5), (160.5, 100.5)), selected=True)
    assert distance(chosen, 100, 100, theme.ANNOTATION_SELECTED) < 10
    thickness = [
        sum(image.pixelColor(100, y).lightness() > 60 for y in range(200)) for image in (plain, chosen)
    ]
    assert thickness[0] == thickness[1]


@pytest.mark.parametrize("state", [{"selected": True}, {"hovered": True}])
def test_handles_are_open_so_that_what_is_marked_stays_in_sight(state):
    image, _ = painted(length((40.5, 100.5), (160.5, 100.5)), **state)
    assert image.pixelColor(36, 100).lightness() > 60  # the ring, to the left of the end
    assert image.pixelColor(38, 102).lightness() < 40  # inside the ring


def test_a_foreign_outline_is_dashed():
    outline = Annotation(Kind.OUTLINE, FRAME, ((20.5, 100.5), (250.5, 100.5)))
    image, _ = painted(outline)
    lit = [image.pixelColor(x, 100).lightness() > 100 for x in range(20, 250)]
    assert sum(value for value, _ in itertools.groupby(lit)) > 10


def test_a_label_is_led_to_and_its_place_is_told():
    image, place = painted(length((40, 100), (120, 100)), "12.3 mm")
    assert place.left() > 120
    inside = (
        image.pixelColor(x, y).lightness() > 120
        for x in range(int(place.left()), int(place.right()))
        for y in range(int(place.top()), int(place.bottom()))
    )
    assert any(inside)


def test_without_a_label_there_is_no_place():
    assert painted(length((40, 100), (120, 100)))[1].isEmpty()


@pytest.mark.parametrize("points", [(), ((50.0, 50.0),), ((50.0, 50.0), (50.0, 50.0))])
def test_an_annotation_without_extent_does_no_harm(points):
    for kind in Kind:
        painted(Annotation(kind, FRAME, points), "0.0 mm", selected=True)


def test_a_label_stays_on_a_picture_of_twice_the_resolution():
    _, place = painted(length((40, 100), (295, 100)), "12.3 mm", ratio=2.0)
    assert QRectF(0, 0, 300, 200).contains(place)


coordinates = st.tuples(st.floats(0, 600), st.floats(0, 500))


@given(coordinates, coordinates)
@settings(max_examples=300)
def test_a_label_lies_in_the_viewport(one, other):
    _, place = annotation_painter.placed_label([QPointF(*one), QPointF(*other)], QSizeF(60, 16), ROOM)
    assert ROOM.adjusted(-0.001, -0.001, 0.001, 0.001).contains(place)


@given(coordinates, coordinates)
@settings(max_examples=300)
def test_a_label_does_not_cover_the_line_it_names(one, other):
    line = QLineF(QPointF(*one), QPointF(*other))
    _, place = annotation_painter.placed_label([line.p1(), line.p2()], QSizeF(60, 16), ROOM)
    steps = (line.pointAt(step / 500) for step in range(501))
    assert not any(place.contains(point) for point in steps)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flipped", [False, True])
def test_c27_words_stand_upright_however_the_image_is_turned(rotation, flipped):
    image_of = ImageDescription(FRAME, "1.2", rows=200, columns=300)
    state = ViewportState(300, 200, image_of, rotation=rotation, flipped=flipped)
    drawn, upright = (QImage(300, 200, QImage.Format.Format_RGB32) for _ in range(2))
    for target in (drawn, upright):
        target.fill(QColor("#000000"))
    painter = QPainter(drawn)
    painter.setFont(fonts.sans())
    place = annotation_painter.paint(painter, length((140, 90), (160, 110)), state.to_screen, "left 7 mm")
    painter.end()
    painter = QPainter(upright)
    font = fonts.sized(fonts.sans(), fonts.BODY)
    outlined_text.draw(painter, place.topLeft(), "left 7 mm", font, theme.ANNOTATION)
    painter.end()
    inside = place.toAlignedRect().adjusted(1, 1, -1, -1)
    assert QRectF(0, 0, 300, 200).contains(place)
    assert drawn.copy(inside) == upright.copy(inside)
