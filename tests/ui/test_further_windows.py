"""Images on several monitors: further windows with viewports of the one desk, and where they stand."""

from dataclasses import replace

import pytest
from pydicom.uid import generate_uid
from window import slices, written

from viewer.viewing.window_places import WindowPlace

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def person(reader, tmp_path):
    one = written(slices(6, 64, 64, spacing=(1.0, 1.0)), tmp_path / "ct")
    return reader(one)


def further(person):
    return person.window.windows.windows


def opened(person):
    person.window._dispatcher.run("new-window")
    person.settle()
    return further(person)[-1]


def test_a_further_window_has_a_viewport_of_its_own_on_the_same_desk(person):
    window = opened(person)
    assert window.isVisible()
    assert person.desk.layout.grids == ((1, 1), (1, 1))
    assert person.viewport(1).window() is window
    assert person.viewport(0).window() is person.window
    person.window.reading.hang(person.desk.panes[0].hung, 1)
    person.settle()
    assert person.number(1) == 1
    assert person.desk.panes[1].state.width == person.viewport(1).device_size[0]


def test_what_is_linked_goes_together_across_windows(person):
    opened(person)
    person.window.reading.hang(person.desk.panes[0].hung, 1)
    person.settle()
    person.desk.go_to(0, 4)
    person.settle()
    assert person.number(0) == person.number(1)


def test_the_layout_is_that_of_the_window_of_the_active_viewport(person):
    opened(person)
    person.window.reading.activate(1)
    layout = person.desk.layout
    person.window.reading.arrange(2, 2, layout.window_of(person.desk.active))
    person.settle()
    assert person.desk.layout.grids == ((1, 1), (2, 2))
    assert {person.viewport(n).window() for n in range(1, 5)} == set(further(person))
    person.window.reading.arrange(1, 2)
    assert person.desk.layout.grids == ((1, 2), (2, 2))
    assert person.viewport(1).window() is person.window


def test_closing_a_window_takes_its_viewports_and_leaves_the_others(person):
    first, second = opened(person), opened(person)
    hung = person.desk.panes[0].hung
    person.window.reading.hang(hung, 2, 3)
    person.settle()
    first.close()
    person.settle()
    assert further(person) == [second]
    assert person.desk.layout.grids == ((1, 1), (1, 1))
    assert person.number(1) == 4
    assert person.viewport(1).window() is second
    person.window._dispatcher.run("close-windows")
    person.settle()
    assert (further(person), person.desk.layout.grids) == ([], ((1, 1),))


def test_putting_studies_away_keeps_the_windows(person):
    opened(person)
    person.window.close_studies()
    assert person.desk.layout.grids == ((1, 1), (1, 1))
    assert all(pane.hung is None for pane in person.desk.panes)


def test_a_key_does_in_a_further_window_what_it_does_in_the_main_one(person):
    window = opened(person)
    names = {action.text() for action in window.actions()}
    assert {"Scroll", "Length", "Next image"} <= names


def test_windows_stand_again_where_they_stood_and_stay_away_with_their_monitor(reader):
    person = reader()
    screen = person.window.screen().name()
    here = WindowPlace("2", screen, 10, 20, 400, 300, rows=1, columns=2)
    gone = replace(here, name="3", screen="a monitor that is gone")
    person.window.windows.restore((here, gone))
    person.settle()
    (window,) = further(person)
    assert (window.width(), window.height()) == (400, 300)
    assert person.desk.layout.grids == ((1, 1), (1, 2))
    main, again = person.window.windows.places()
    assert again == here
    assert main.name == "main"
    person.window.windows.shut()
    assert person.window.windows.places() == (main, again)


def test_two_patients_are_warned_of_in_every_window(person, tmp_path):
    window = opened(person)
    other = slices(2, 64, 64, spacing=(1.0, 1.0))
    for dataset in other:
        dataset.PatientName, dataset.PatientID = "OTHER^PATIENT", "999"
        dataset.StudyInstanceUID = dataset.SeriesInstanceUID = "2.25.77"
        dataset.SOPInstanceUID = generate_uid()
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    person.open(written(other, tmp_path / "other"))
    shelf = person.window.intake.shelf
    stacks = [
        hung
        for patient in shelf.patients()
        for study in patient.studies
        for hung in shelf.study_stacks(study)
    ]
    for number, hung in enumerate(stacks[:2]):
        person.window.reading.hang(hung, number)
    person.settle()
    assert (
        "2 PATIENTS" in window.room.warning.words.upper()
        or "TWO PATIENTS" in window.room.warning.words.upper()
    )
