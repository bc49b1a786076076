"""What is drawn is there again, and what was not seen is said: in real windows, with a real cache."""

import re
import time

import make
import pytest
from pydicom.uid import generate_uid
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from window import slices, written

from viewer.cache import journal
from viewer.cache.store import Store
from viewer.jobs.queue import JobQueue
from viewer.settings import Settings
from viewer.ui.settings.preferences import Preferences
from viewer.viewing.attention import DWELL
from viewer.viewing.journal import key_of

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as made:
        yield made


@pytest.fixture
def preferences():
    with JobQueue(lambda call: call(), 1) as queue:
        yield lambda **changed: Preferences(queue, Settings(**changed))


@pytest.fixture
def folder(tmp_path):
    return written(slices(5), tmp_path / "ct")


def length(person, start=(10, 10), end=(26, 16)):
    person.key("D")
    person.drag(person.point(*start), person.point(*end))
    person.key("S")


def answered(button_text):
    """Answer the question that comes next, and return the list into which its words are put."""
    words = []

    def answer():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        words.extend([box.text(), *(button.text().replace("&", "") for button in box.buttons())])
        next(button for button in box.buttons() if button.text().replace("&", "") == button_text).click()

    QTimer.singleShot(100, answer)
    return words


def rows_of(person, store):
    study = person.pane.hung.series.study
    return len(journal.read(store, key_of(study)).entries)


# ------------------------------------------------------------------------------------------- what is drawn
def test_what_is_on_images_that_come_later_is_said_too(reader, store, folder):
    person = reader(folder, store=store)
    length(person)
    person.key("Down")
    length(person, (8, 8), (30, 30))
    person.wait(lambda: rows_of(person, store) == 2)
    number = person.number()
    later = folder / f"IM{number - 1:04d}"  # the second measurement is on it
    others = [path for path in folder.iterdir() if path != later]

    other = reader(*others, store=store)
    other.wait(lambda: other.said.startswith("1 measurement is here again"))
    other.window.intake.say("", stay=True)
    other.open(later)
    other.wait(lambda: len(other.drawings.annotations) == 2)
    other.wait(lambda: other.said.startswith("1 measurement is here again"))


def test_what_was_drawn_changed_and_deleted_is_there_in_the_next_window(reader, store, folder):
    person = reader(folder, store=store)
    length(person)
    person.key("Down")
    length(person, (8, 8), (30, 30))
    length(person, (8, 30), (30, 8))
    person.key("Delete", "Ctrl+Z", "Ctrl+Z")
    drawn = person.drawings.annotations
    assert len(drawn) == 2
    person.wait(lambda: rows_of(person, store) == 6)  # nobody closed anything

    other = reader(folder, store=store)
    other.wait(lambda: other.drawings.annotations != ())
    assert other.drawings.annotations == drawn
    assert not other.drawings.of(other.pane.hung.series.study.study_instance_uid).can_undo
    assert other.said.startswith("2 measurements are here again that no presentation state has")
    other.settle()
    other.wait(lambda: other.window.furniture.measurements.count == 2)
    assert all(other.drawings.description(shape.frame) is not None for shape in drawn)
    assert rows_of(other, store) == 6


def test_reopened_in_the_same_window_it_is_there_too_and_the_question_is_gentle(reader, store, folder):
    person = reader(folder, store=store)
    length(person)
    drawn = person.drawings.annotations
    words = answered("Close")
    person.key("Ctrl+W")
    assert "stays on this computer" in words[0]
    assert "Discard" not in words
    assert person.drawings.annotations == ()
    person.open(folder)
    person.wait(lambda: person.drawings.annotations == drawn)
    person.key("Ctrl+W")  # nothing is new: nobody is asked
    assert person.pane.hung is None


def test_what_was_saved_is_there_once_after_it_is_applied_too(reader, store, folder):
    person = reader(folder, store=store)
    length(person)
    person.key("Ctrl+S")
    person.wait(lambda: person.said.startswith("Saved"))
    drawn = person.drawings.annotations
    other = reader(folder, store=store)
    other.wait(lambda: other.drawings.annotations == drawn)
    assert other.drawings.unsaved == 0
    assert "here again" not in other.said
    other.key("Ctrl+R")
    other.wait(lambda: "applied" in other.said)
    assert other.drawings.annotations == drawn


def test_without_a_cache_it_is_said_once_that_only_saving_keeps(reader, folder):
    person = reader(folder)
    length(person)
    assert person.said.startswith("What is drawn here is kept only by saving it")
    person.window.intake.say("")
    length(person, (8, 8), (30, 30))
    assert person.said == ""
    words = answered("Discard")
    person.key("Ctrl+W")
    assert "stays" not in words[0]


def test_a_second_window_that_does_not_own_the_cache_writes_nothing(reader, store, folder, tmp_path):
    with Store(tmp_path / "cache", read_only=True) as other:
        person = reader(folder, store=other)
        length(person)
        assert "another window has the study cache" in person.said
        assert rows_of(person, store) == 0


def test_what_is_opened_without_being_remembered_leaves_no_trace(reader, store, folder, preferences):
    person = reader(folder, store=store, preferences=preferences(remember_opened=False, ask_unseen=False))
    length(person)
    assert "what is opened is not remembered" in person.said
    for _ in range(4):
        person.key("Down")
    words = answered("Discard")
    person.key("Ctrl+W")
    assert "stays" not in words[0]
    person.window.memory.shut()
    with store.reading() as connection:
        for table in ("journal", "seen"):
            assert connection.execute(f"SELECT count(*) FROM work.{table}").fetchone() == (0,)  # noqa: S608


def test_the_main_thread_asks_no_database_while_somebody_draws_and_scrolls(
    reader, store, folder, stay_off_the_disk
):
    person = reader(folder, store=store)
    with stay_off_the_disk():
        length(person)
        person.key("Down", "Ctrl+Z", "Ctrl+Y", "U", "Shift+U")
    person.wait(lambda: rows_of(person, store) == 3)


# ---------------------------------------------------------------------------------------------- what was seen
def shares(person):
    return person.window.furniture.rail.rail_model._shares


def watched(person):
    """Wait until what is in sight was looked at; return the stack and which of its images were seen."""
    room = person.window.memory.seen
    person.wait(lambda: person.pane.key in room.seen)
    person.wait(lambda: not (room._long_enough.isActive() or room._refreshing.isActive()))
    hung = person.pane.hung
    return hung, {index for index, frame in enumerate(hung.keys) if frame in room.seen}


def says(person, count, of):
    person.wait(lambda: (count, of) in shares(person).values())


def test_a_series_says_how_much_of_it_was_seen_and_still_does_in_the_next_window(reader, store, folder):
    person = reader(folder, store=store)
    _, before = watched(person)
    person.key("End")
    _, after = watched(person)
    assert after == before | {4}
    says(person, len(after), 5)
    person.window.memory.seen.keep()

    other = reader(folder, store=store)
    other.wait(lambda: after <= watched(other)[1])
    _, there = watched(other)
    while len(there) < 5:
        other.key("U")
        assert other.pane.index not in there
        there = watched(other)[1]
    says(other, 5, 5)
    other.key("U")
    assert other.said == "Every image of this study was seen."


def test_the_rail_says_for_how_long_a_series_was_in_sight(reader, folder):
    person = reader(folder)
    watched(person)
    model = person.window.furniture.rail.rail_model
    key = person.window.intake.shelf.key_of(person.pane.hung).text
    tip = model.data(model.index_of(key), Qt.ItemDataRole.ToolTipRole)
    assert re.search(r"in sight for (\d+ s|less than a second)", tip)
    room = person.window.memory.seen
    before = room._stopwatch.seconds(person.pane.hung.keys, time.monotonic())
    time.sleep(0.05)
    person.viewport().repaint()  # it was seen before, and its time goes on
    assert room._stopwatch.seconds(person.pane.hung.keys, time.monotonic()) >= before + 0.05
    person.window.close_studies()
    assert room._stopwatch.seconds([], time.monotonic()) == 0


def test_images_that_fly_past_do_not_count(reader, folder):
    person = reader(folder)
    _, before = watched(person)
    past = min({0, 1, 3} - before)
    began = time.monotonic()
    person.desk.go_to(0, past)
    person.viewport().repaint()
    person.desk.go_to(0, 4)
    person.viewport().repaint()
    quick = time.monotonic() - began < DWELL  # not on a machine that stands still meanwhile
    assert watched(person)[1] - {past} == before | {4}
    assert not quick or past not in watched(person)[1]


def test_a_series_is_called_seen_and_that_is_taken_back(reader, store, folder):
    person = reader(folder, store=store)
    _, before = watched(person)
    person.key("Shift+U")
    says(person, 5, 5)
    person.key("Shift+U")
    says(person, len(before), 5)
    assert person.said == f"No longer marked as seen: {len(before)} of 5 images were."


def test_closing_asks_once_about_what_was_not_seen_and_shows_it(reader, folder, preferences):
    person = reader(folder, preferences=preferences())
    _, before = watched(person)
    words = answered("Show unseen")
    person.key("Ctrl+W")
    assert words[0].startswith("Not seen yet:\nCT ")
    assert words[0].endswith(f": {5 - len(before)} of 5 images")
    assert person.pane.index not in before
    person.key("Ctrl+W")  # asked once
    assert person.pane.hung is None


def test_one_question_is_about_both_and_it_can_be_the_last(reader, store, folder, preferences):
    wishes = preferences()
    person = reader(folder, store=store, preferences=wishes)
    watched(person)
    length(person)

    def answer():
        box = QApplication.activeModalWidget()
        assert "1 measurement is not in a presentation state" in box.text()
        assert "Not seen yet:" in box.text()
        box.checkBox().click()
        box.button(QMessageBox.StandardButton.Cancel).click()

    QTimer.singleShot(100, answer)
    person.key("Ctrl+W")
    assert person.pane.hung is not None
    assert not wishes.now.ask_unseen


def test_a_prior_is_not_asked_about(reader, tmp_path, preferences):
    now = written(slices(7, StudyInstanceUID=generate_uid(), StudyDate="20260203"), tmp_path / "now")
    prior = written(slices(9, StudyInstanceUID=generate_uid(), StudyDate="20200203"), tmp_path / "prior")
    person = reader(now, prior, preferences=preferences())
    for count in (9, 7):
        (stack,) = (hung for hung in _stacks(person) if len(hung.keys) == count)
        person.window.reading.hang(stack, 0)
        person.settle()
        assert watched(person)[0].keys == stack.keys
    words = answered("Close")
    person.key("Ctrl+W")
    assert "of 7 images" in words[0]
    assert "of 9 images" not in words[0]


def _stacks(person):
    shelf = person.window.intake.shelf
    return [
        hung
        for patient in shelf.patients()
        for study in patient.studies
        for hung in shelf.study_stacks(study)
    ]


def test_nothing_is_asked_about_a_study_that_nobody_looked_at(reader, tmp_path, preferences):
    one = written(slices(3), tmp_path / "one")
    other = slices(3, StudyInstanceUID=generate_uid(), PatientID="Other")
    for dataset in other:
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.SeriesInstanceUID = f"{make.STUDY}.77"
    person = reader(one, written(other, tmp_path / "two"), preferences=preferences())
    person.key("Shift+U")
    says(person, 3, 3)
    person.key("Ctrl+W")
    assert person.pane.hung is None


def test_undo_and_redo_are_of_the_study_in_the_active_viewport(reader, store, tmp_path):
    """And both studies are there again, each as it was left."""
    one = written(slices(2, StudyInstanceUID=f"{make.STUDY}.1"), tmp_path / "one")
    two = written(slices(2, StudyInstanceUID=f"{make.STUDY}.2", StudyDate="20200101"), tmp_path / "two")
    person = reader(one, two, store=store)
    person.window.reading.arrange(1, 2)
    left, right = _stacks(person)
    for number, hung in enumerate((left, right)):
        person.window.reading.hang(hung, number)
    person.settle()
    for number, top in ((0, 8), (1, 8), (0, 30), (1, 30)):
        person.window.reading.activate(number)
        person.key("D")
        person.drag(person.point(10, top, number), person.point(26, top + 6, number), number)
    drawings = [person.drawings.of(hung.series.study.study_instance_uid) for hung in (left, right)]
    assert [len(drawing.annotations) for drawing in drawings] == [2, 2]
    person.window.reading.activate(0)
    person.key("Ctrl+Z", "Ctrl+Z", "Ctrl+Y")
    assert [len(drawing.annotations) for drawing in drawings] == [1, 2]
    person.window.reading.activate(1)
    person.key("Ctrl+Z")
    assert [len(drawing.annotations) for drawing in drawings] == [1, 1]
    expected = {shape for drawing in drawings for shape in drawing.annotations}
    other = reader(one, two, store=store)
    other.wait(lambda: set(other.drawings.annotations) == expected)
