import pytest
from PySide6.QtWidgets import QToolButton

from viewer.ui.patient_strip import Identity, PatientStrip

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support .*")  # offscreen has no window manager

JAPANESE = Identity(
    "山田^太郎 とても長い名前", "0012345678", "1957-03-04", "M", "CT Thorax", "2026-11-22", "#7f9fc4"
)


@pytest.fixture
def strip(qtbot):
    made = PatientStrip()
    qtbot.addWidget(made)
    made.resize(900, 36)
    made.show()
    return made


def test_the_patients_colour_is_at_the_left_edge(strip):
    strip.set_identity(JAPANESE)
    image = strip.grab().toImage()
    assert {image.pixelColor(1, y).name() for y in range(image.height())} == {"#7f9fc4"}


def test_everything_is_spoken_and_in_the_tooltip(strip):
    strip.set_identity(JAPANESE)
    for fact in ("山田^太郎 とても長い名前", "0012345678", "1957-03-04", "M", "CT Thorax", "2026-11-22"):
        assert fact in strip.accessibleDescription()
        assert fact in strip.toolTip()


def test_nobody_is_said_in_words(strip):
    strip.set_identity(None, "Two patients are on the screen")
    assert strip.accessibleDescription() == "Two patients are on the screen"
    assert strip.toolTip() == ""


def test_a_name_with_markup_is_text(strip):
    strip.set_identity(Identity("<b>Doe</b>"))
    assert "&lt;b&gt;" in strip.toolTip()


@pytest.mark.parametrize("width", [900, 400, 200, 60, 20])
def test_it_can_be_painted_at_any_width(strip, width):
    strip.add_right(QToolButton())
    strip.resize(width, 36)
    strip.set_identity(Identity("สมชาย " * 30, "1" * 64, "1957", "F", "محمد" * 20, "2026", "#c09a72"))
    assert not strip.grab().isNull()


def test_words_do_not_run_into_the_buttons_at_the_right(strip, qtbot):
    other = QToolButton()
    other.setFixedSize(32, 32)
    strip.add_right(other)
    strip.set_identity(Identity("W" * 300))
    qtbot.wait(1)
    image = strip.grab().toImage()
    ratio = image.devicePixelRatio()
    left = round((other.geometry().left() - 6) * ratio)
    assert len({image.pixelColor(x, 18).name() for x in range(left, left + 4)}) == 1
