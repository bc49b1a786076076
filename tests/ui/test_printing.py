"""What is printed, saved and copied is what is seen, with whose it is; or without, where asked for."""

import cv2
import numpy as np
import pypdfium2
import pytest
from PySide6.QtGui import QGuiApplication
from window import middle, pixels_of, slices, written

from viewer.ui.printing.easel import scaled
from viewer.viewing.viewport import ViewportState

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def person(reader, tmp_path):
    series = slices(2, PatientName="Doe^Jane", PatientID="J-77", StudyDescription="CT THORAX")
    return reader(written(series, tmp_path / "ct"))


@pytest.fixture
def prints(person):
    return person.window.view_tools.printing


def dark(page):
    """Return the share of dark pixels."""
    return float((np.asarray(page) < 128).mean())


def test_bir_B32_a_page_says_who_it_is_and_that_it_is_not_for_diagnosis(person, prints, tmp_path):
    person.key("I", "I")  # the text on the picture is off: the paper says who it is all the same
    prints.save_pdf(tmp_path / "page.pdf")
    document = pypdfium2.PdfDocument(tmp_path / "page.pdf")
    assert len(document) == 1
    words = document[0].get_textpage().get_text_range()
    assert "Doe" in words
    assert "J-77" in words
    assert "CT THORAX" in words
    assert "not for diagnosis" in words
    assert person.said == "Saved as page.pdf."
    page = document[0].render(scale=2).to_numpy()
    assert dark(page[300:700, 300:-300]) > 0.2  # the picture is there, on black
    assert dark(page[:20]) == 0.0  # the margin
    assert document.get_metadata_value("Title") == ""
    assert document[0].get_width() > document[0].get_height()  # as the picture lies
    document.close()


def test_bir_B32_print_is_offered_for_a_picture_only(reader):
    other = reader()
    assert "print" in other.window.reading.signs.reasons()
    other.key("Ctrl+P")
    assert other.said == "There is no image here."


def test_a_copy_is_what_is_seen_pixel_for_pixel(person):
    person.key("Ctrl+Alt+C")
    copied = pixels_of(QGuiApplication.clipboard().image())
    seen = person.seen()
    assert copied.shape == seen.shape
    assert (copied == seen).all()


def test_a_finer_picture_is_computed_from_the_values_for_its_own_pixels(person, prints):
    person.key("+", "Shift+S", "I", "I")
    coarse, fine = pixels_of(prints.picture()), pixels_of(prints.picture(fine=2.0))
    assert fine.shape[:2] == (2 * coarse.shape[0], 2 * coarse.shape[1])
    state = scaled(person.pane.state, 2.0)
    x, y = (round(place) for place in state.to_screen(12.5, 20.5))
    stored = person.pane.picture.frame.stored[20, 12]
    grey = np.clip((stored - 1024 - 40 + 0.5) / 399 + 0.5, 0, 1) * 255
    assert abs(float(fine[y, x, 0]) - grey) <= 1


def test_without_a_name_nothing_of_the_corners_is_left_that_tells_who_or_when(prints, tmp_path):
    named, nameless = pixels_of(prints.picture()), pixels_of(prints.picture(named=False))
    edge = named.shape[1] // 8  # beside the image
    assert named[:60, :edge].max() > 150
    assert nameless[:60, :edge].max() == 0
    assert named[:60, -edge:].max() > 150
    assert nameless[:60, -edge:].max() == 0
    assert (middle(nameless) == middle(named)).all()
    prints.save_picture(tmp_path / "out.png", named=False)
    saved = cv2.imread(str(tmp_path / "out.png"))
    assert (saved[..., ::-1] == nameless).all()
    assert b"Doe" not in (tmp_path / "out.png").read_bytes()


def test_a_place_that_cannot_be_written_is_told(person, prints, tmp_path):
    prints.save_picture(tmp_path / "nowhere" / "out.png", named=True)
    assert "out.png" in person.said
    assert "Saved" not in person.said


def test_a_scaled_view_shows_the_same_in_other_pixels():
    state = ViewportState(300, 200, zoom=2.0, pan=(10.0, -4.0), scale=3.0)
    assert scaled(state, 2.0) == ViewportState(600, 400, zoom=4.0, pan=(20.0, -8.0), scale=6.0)
    assert scaled(ViewportState(300, 200), 1.5).zoom is None
