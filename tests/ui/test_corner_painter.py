import itertools
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from viewer.ui import fonts, theme
from viewer.ui.viewport import corner_painter
from viewer.ui.viewport.corner_painter import Overlay
from viewer.viewing.scale_bar import scale_bar

pytestmark = pytest.mark.usefixtures("qapp")  # fonts and pixmaps need an application

FULL = Overlay(
    upper_left=("山田^太郎=やまだ^たろう とても長い名前", "ID 0012345678", "1957-03-04 · M"),
    upper_right=("Universitätsklinik St. Marien", "CT Thorax", "2026-11-22 04:26", "محمد عبد الله"),
    lower_left=("Se 3 · สมชาย", "Im 142/300", "Loc -123.5 mm"),
    lower_right=("120 kV · 200 mA", "W 400 L 40 · soft tissue", "Zoom 2.31"),
    edges=("R", "L", "A", "P"),
    notices=("Lossy 12:1 JPEG", "2 gaps in the stack", "Shutter on"),
    scale=scale_bar(0.5, 120),
)
SIZES = [
    (1200, 900),
    (620, 512),
    (400, 300),
    (320, 240),
    (300, 200),
    (200, 150),
    (140, 110),
    (90, 200),
    (64, 64),
    (20, 20),
    (1, 1),
]


def lines_in(width, height, overlay):
    size = fonts.BODY if width >= 280 and height >= 200 else fonts.SMALL - 1
    plain, strong = fonts.sans(size), fonts.sans(size, strong=True)
    return corner_painter.layout(QRect(0, 0, width, height), overlay, plain, strong), plain


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_words_cover_other_words_or_leave_the_viewport(width, height):
    lines, font = lines_in(width, height, FULL)
    tall = corner_painter.QFontMetricsF(font).height()
    boxes = [QRectF(line.x, line.y, line.width, tall - 0.5) for line in lines if line.text]
    for box in boxes:
        assert QRectF(0, 0, width, height).adjusted(-0.5, -0.5, 0.5, 0.5).contains(box)
    for one, other in itertools.combinations(boxes, 2):
        assert not one.intersects(other), (one, other)


def test_with_room_every_word_is_there():
    lines, _ = lines_in(1200, 900, FULL)
    shown = {line.text for line in lines}
    assert {*FULL.upper_left, *FULL.upper_right, *FULL.lower_left, *FULL.lower_right, *FULL.edges} <= shown
    assert "  ·  ".join(FULL.notices) in shown


def test_the_corners_are_where_they_are_expected():
    lines, _ = lines_in(800, 600, FULL)
    place = {line.text: (line.x + line.width / 2 < 400, line.y < 300) for line in lines}
    assert place["ID 0012345678"] == (True, True)
    assert place["CT Thorax"] == (False, True)
    assert place["Im 142/300"] == (True, False)
    assert place["Zoom 2.31"] == (False, False)


def test_the_letters_stand_at_the_middle_of_their_edges():
    lines, _ = lines_in(800, 600, replace(FULL, notices=()))
    place = {line.text: line for line in lines}
    assert place["R"].x < 20
    assert place["L"].x > 770
    assert abs(place["A"].x + place["A"].width / 2 - 400) < 1
    assert place["A"].y < 20
    assert place["P"].y > 570


def test_warnings_are_amber_and_the_ones_that_do_not_fit_are_counted():
    lines, _ = lines_in(200, 300, FULL)
    (warning,) = (line for line in lines if line.color == theme.AMBER)
    assert warning.text.startswith("Lossy 12:1 JPEG")
    assert warning.text.endswith("+2")


def test_a_number_is_never_cut_into_another_number():
    overlay = Overlay(lower_left=("x" * 30,), lower_right=("W 1400 L 40",))
    for width in range(150, 400):
        lines, _ = lines_in(width, 300, overlay)
        shown = next((line.text for line in lines if line.text.startswith("W")), "")
        assert shown in {"", "W 1400 L 40", "W 1400 L …", "W 1400 L…", "W 1400 …", "W 1400…", "W …", "W…"}


def test_too_many_lines_end_with_a_sign():
    lines, _ = lines_in(600, 200, Overlay(upper_left=tuple(f"line {n}" for n in range(40))))
    assert lines[0].text == "line 0"
    assert lines[-1].text.endswith("…")


def test_markup_and_line_ends_are_shown_as_text():
    lines, _ = lines_in(600, 400, Overlay(upper_left=("<b>a</b>\nb",)))
    assert [line.text for line in lines] == ["<b>a</b> b"]


def painted(width, height, overlay, ground):
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    painter = QPainter(image)
    painter.setFont(fonts.sans())
    corner_painter.paint(painter, QRect(0, 0, width, height), overlay)
    painter.end()
    return image


def greys(image):
    return {image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("ground", ["#000000", "#ffffff", "#808080"])
def test_words_are_light_with_a_dark_edge_on_any_ground(ground):
    seen = greys(painted(120, 100, Overlay(upper_left=("HHHH",)), ground))
    assert max(seen) >= 225
    assert min(seen) <= 60


def test_the_scale_bar_is_as_long_as_it_says():
    bar = scale_bar(0.5, 120)
    assert (bar.length, bar.text) == (100.0, "5 cm")
    image = painted(800, 600, Overlay(scale=bar), "#000000")
    longest = 0
    for y in range(500, 600):
        lit = [x for x in range(800) if image.pixelColor(x, y).lightness() > 200]
        runs = [
            len(list(run)) for _, run in itertools.groupby(enumerate(lit), lambda pair: pair[1] - pair[0])
        ]
        longest = max([longest, *runs])
    assert longest == pytest.approx(101, abs=1)  # both ends included


def test_painting_again_is_quick():
    image = QImage(800, 600, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setFont(fonts.sans())
    times = []
    for _ in range(60):
        start = time.perf_counter()
        corner_painter.paint(painter, QRect(0, 0, 800, 600), FULL)
        times.append(time.perf_counter() - start)
    painter.end()
    assert min(times) < 0.002  # typically 0.5 ms; the machine may be busy


def test_nothing_is_painted_for_an_empty_overlay():
    assert greys(painted(100, 100, Overlay(), "#000000")) == {0}
