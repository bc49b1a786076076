"""Presentation states in the window: saved with the keys, the same in another window on the same files."""

import make
import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from verifiers import iod_findings
from window import RIGHT, slices, written

from viewer.presentation.store import find_states

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


def length(person, start=(10, 10), end=(26, 16)):
    person.key("D")
    person.drag(person.point(*start), person.point(*end))
    person.key("S")


def saved(person):
    """Save by the key and wait for the sentence."""
    person.key("Ctrl+S")
    person.wait(lambda: person.said.startswith("Saved"))


def voi_of(person):
    voi = person.window.reading.room.looks.voi(0)
    return voi.center, voi.width


def answered(button_text):
    """Answer the question that comes next, and return the list into which its words are put."""
    words = []

    def answer():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        words.append(box.text())
        next(button for button in box.buttons() if button.text().replace("&", "") == button_text).click()

    QTimer.singleShot(100, answer)
    return words


def test_a_saved_view_and_its_length_come_back_equal_in_a_new_window(reader, tmp_path):
    folder = written(slices(5), tmp_path / "ct")
    person = reader(folder)
    person.key("Down")
    length(person)
    person.drag((300, 300), (360, 280), button=RIGHT)
    person.key("N")
    drawn, window, seen = person.drawings.annotations, voi_of(person), person.number()
    saved(person)
    (state,) = find_states(make.STUDY)
    assert iod_findings(state) == []
    assert person.drawings.unsaved == 0

    other = reader(folder)
    assert other.drawings.annotations == ()
    other.key("Home", "Ctrl+R")
    other.wait(lambda: other.drawings.annotations != ())
    other.settle()
    assert other.drawings.annotations == drawn
    assert other.drawings.unsaved == 0
    assert other.number() == seen
    assert voi_of(other) == window
    assert other.pane.state.inverted
    assert other.viewport().look.drawn[0].label.endswith(" mm")
    label = "presentation state " + other.window.reading.room.looks.applied[0].content.label
    assert label in other.words()
    other.key("Esc")
    assert voi_of(other) == (40, 400)
    assert label not in other.words()


def test_a_state_among_the_opened_files_is_found_without_the_programs_own_folder(
    reader, tmp_path, own_folders
):
    folder = written(slices(3), tmp_path / "ct")
    person = reader(folder)
    length(person)
    saved(person)
    (state,) = find_states(make.STUDY)
    state.rename(folder / "PR")
    other = reader(folder)
    other.key("Ctrl+R")
    other.wait(lambda: other.drawings.annotations != ())
    assert other.drawings.annotations == person.drawings.annotations
    assert own_folders.exists()


def test_without_a_state_and_without_an_image_there_is_a_sentence(reader, tmp_path):
    person = reader()
    person.key("Ctrl+S")
    assert "open an image first" in person.said
    person.key("Ctrl+R")
    assert person.said == "There is no presentation state of this study."
    person.open(written(slices(1), tmp_path / "ct"))
    person.key("Ctrl+R")
    person.wait(lambda: person.said == "There is no presentation state of this study.")


def test_what_is_not_saved_is_asked_about_before_it_is_lost(reader, tmp_path):
    person = reader(written(slices(2), tmp_path / "ct"))
    length(person)
    words = answered("Cancel")
    person.key("Ctrl+W")
    assert words[0].startswith("1 measurement")
    assert len(person.drawings.annotations) == 1
    answered("Discard")
    person.key("Ctrl+W")
    assert person.pane.hung is None


def test_a_line_drawn_and_taken_back_is_nothing_to_lose(reader, tmp_path):
    person = reader(written(slices(2), tmp_path / "ct"))
    length(person)
    person.key("Ctrl+Z")
    assert person.drawings.unsaved == 0
    person.key("Ctrl+W")
    assert person.pane.hung is None


def test_saving_one_study_does_not_count_the_other_as_saved(reader, tmp_path):
    one = written(slices(2, StudyInstanceUID=generate_uid()), tmp_path / "a")
    two = written(slices(2, StudyInstanceUID=generate_uid(), StudyDate="20260203"), tmp_path / "b")
    person = reader(one, two)
    length(person)
    person.key("PgDown")
    length(person)
    assert person.drawings.unsaved == 2
    saved(person)
    assert person.drawings.unsaved == 1


def test_a_length_on_another_image_of_the_study_is_saved_too(reader, tmp_path):
    person = reader(written(slices(4), tmp_path / "ct"))
    person.key("Home")
    length(person)
    person.key("End")
    length(person)
    saved(person)
    texts = [dcmread(path) for path in find_states(make.STUDY)]
    referenced = {
        image.ReferencedSOPInstanceUID
        for state in texts
        for series in state.ReferencedSeriesSequence
        for image in series.ReferencedImageSequence
    }
    assert {shape.frame.sop_instance_uid for shape in person.drawings.annotations} <= referenced


def test_a_study_whose_file_is_gone_cannot_be_saved_and_says_so(reader, tmp_path):
    path = make.write(slices(1)[0], tmp_path / "image")
    person = reader(path)
    path.unlink()
    person.key("Ctrl+S")
    person.wait(lambda: str(path) in person.said)
    assert list(find_states(make.STUDY)) == []


def test_a13_an_applied_state_is_said_on_the_picture_and_one_key_brings_the_original_back(reader, tmp_path):
    folder = written(slices(3), tmp_path / "ct")
    person = reader(folder)
    original = voi_of(person)
    person.drag((300, 300), (360, 280), button=RIGHT)
    person.key("N")
    saved(person)
    other = reader(folder)
    assert "presentation state READING" not in other.words()
    other.key("Ctrl+R")
    other.wait(lambda: "presentation state READING" in other.words())
    assert voi_of(other) != original
    assert other.pane.state.inverted
    other.key("Esc")
    assert "presentation state READING" not in other.words()
    assert voi_of(other) == original
    assert not other.pane.state.inverted


def test_a12_an_image_that_the_applied_state_does_not_name_says_so(reader, tmp_path):
    folder = written(slices(3), tmp_path / "ct")
    person = reader(folder)
    person.key("N")
    saved(person)
    other = reader(folder)
    other.key("Ctrl+R")
    other.wait(lambda: "presentation state READING" in other.words())
    other.key("Down")
    assert "presentation state READING" not in other.words()
    assert "not in the presentation state: its view is kept (Esc resets)" in other.words()
    other.key("Up")
    assert "presentation state READING" in other.words()
    other.key("Esc", "Down")
    assert "not in the presentation state" not in other.words()
