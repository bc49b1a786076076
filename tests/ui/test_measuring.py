"""Measuring in the window: tools by hand and by keys, words, copies, colours, the list, what is saved."""

import csv
import io
from dataclasses import replace

import make
import numpy as np
import pytest
from pydicom import dcmread
from PySide6.QtCore import QLocale, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget, QMenu
from verifiers import iod_findings
from window import RIGHT, slices, written

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation, Kind
from viewer.presentation.gsps_reader import written_texts
from viewer.presentation.store import find_states
from viewer.viewing import labels as labels_module
from viewer.viewing.measurement_table import as_csv

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

GIVEN = {  # key of the tool and what is clicked, image coordinates
    Kind.LENGTH: ("D", [(10, 10), (26, 16)]),
    Kind.COBB: ("A", [(10, 10), (40, 14), (10, 40), (40, 30)]),
    Kind.ANGLE: ("Shift+A", [(10, 10), (20, 30), (40, 10)]),
    Kind.BIDIRECTIONAL: ("B", [(10, 10), (50, 20), (30, 10), (28, 24)]),
    Kind.RECTANGLE: ("Shift+B", [(10, 10), (30, 26)]),
    Kind.ELLIPSE: ("E", [(10, 10), (40, 26)]),
    Kind.CIRCLE: ("Shift+E", [(30, 24), (40, 24)]),
    Kind.POINT: ("X", [(30.5, 24.5)]),
    Kind.ARROW: ("Shift+X", [(30, 24), (50, 40)]),
}


@pytest.fixture
def person(reader, tmp_path):
    return reader(written(slices(5, spacing=(0.5, 0.25)), tmp_path / "ct")).key("Home")


def click(person, *places):
    for place in places:
        at = person.point(*place)
        person.move(at)
        person.press(at)
        person.release(at)


def draw(person, kind):
    key, places = GIVEN[kind]
    person.key(key)
    click(person, *places)
    person.settle()
    return person.drawings.annotations[-1]


def length(person, start=(10, 10), end=(26, 16)):
    person.key("D")
    person.drag(person.point(*start), person.point(*end))
    return person.drawings.annotations[-1]


def typed(person, words, end=Qt.Key.Key_Return):
    field = QApplication.focusWidget()
    QTest.keyClicks(field, words)
    QTest.keyClick(field, end)
    person.settle()


def labels(person):
    return [drawn.label for drawn in person.viewport().look.drawn]


# -------------------------------------------------------------------------------------------- drawing
@pytest.mark.parametrize("kind", GIVEN)
def test_every_kind_is_drawn_by_clicks_with_the_key_of_its_tool(person, kind):
    drawn = draw(person, kind)
    assert drawn.kind is kind
    assert drawn.frame == person.pane.picture.description.key
    assert labels(person)[0] or kind is Kind.ARROW
    person.key("Ctrl+Z")
    assert person.drawings.annotations == ()
    person.key("Ctrl+Y")
    assert person.drawings.annotations == (drawn,)


def test_a_polygon_takes_enter_and_backspace_while_it_is_drawn_and_only_then(person):
    person.key("Q")
    click(person, (10, 10), (40, 12), (42, 30), (60, 40))
    person.key("Backspace")
    person.key("Return")
    (drawn,) = person.drawings.annotations
    assert [tuple(map(round, point)) for point in drawn.points] == [(10, 10), (40, 12), (42, 30)]
    person.key("Backspace")
    assert person.drawings.annotations == ()


def _point(place):
    return QPointF(*place).toPoint()


def test_the_number_follows_while_it_is_drawn(person):
    person.key("D")
    start, end = person.point(10, 10), person.point(50, 10)
    person.press(start)
    QTest.mouseMove(person.viewport(), _point(end))
    person.release(end)
    assert labels(person) == ["10.0 mm"]  # 40 columns of 0.25 mm
    person.key("E")
    person.press(person.point(10, 20))
    person.release(person.point(10, 20))
    person.move(person.point(40, 40))
    assert any("mean" in words for words in labels(person))
    person.key("Esc")
    assert len(person.drawings.annotations) == 1


def test_a21_what_is_drawn_is_seen_on_its_own_image_alone(person):
    drawn = length(person)
    assert [each.annotation for each in person.viewport().look.drawn] == [drawn]
    person.key("Down")
    assert person.viewport().look.drawn == ()
    person.key("Up")
    assert [each.annotation for each in person.viewport().look.drawn] == [drawn]


# ---------------------------------------------------------------------------------------------- by keys
@pytest.fixture
def marked(reader, tmp_path):
    """Return a reader of a black image with a bright block, around which a magenta rectangle is drawn."""
    stored = np.zeros((48, 64), "<u2")
    stored[7:15, 10:22] = 2000
    dataset = make.ct(stored, PixelSpacing=[0.5, 0.25], WindowCenter="0", WindowWidth="1000")
    person = reader(make.write(dataset, tmp_path / "block"))
    edge = ((10.0, 7.0), (22.0, 15.0))
    key = person.pane.picture.description.key
    shape = Annotation(Kind.RECTANGLE, key, edge, color="#ff00ff")
    person.drawings.of(person.pane.hung.series.study.study_instance_uid).do(Edit(None, shape))
    return person


def block(person):
    """Return top, bottom, left, right of what is white and too broad for a letter, and what is magenta."""
    person.key("Shift+I")
    white = (person.seen() > 122).all(axis=2)  # half way, where the edge lies when it is interpolated
    person.key("Shift+I")
    solid = np.lib.stride_tricks.sliding_window_view(white, (15, 15)).all(axis=(2, 3))
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    seen = person.seen().astype(int)
    magenta = (seen[..., 0] > 150) & (seen[..., 2] > 150) & (seen[..., 1] < 110)
    return (rows.min(), rows.max() + 14, columns.min(), columns.max() + 14), magenta


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(("zoom", "pan"), [(None, (0.0, 0.0)), (5.5, (40.0, -31.0))])
def test_A20_on_the_screen_a_line_lies_on_the_edge_that_it_was_drawn_along(
    marked, rotation, flipped, zoom, pan
):
    """Both are looked for in the pixels of the window: neither may be where the other one is said to be."""
    marked.desk.view(0, lambda state: replace(state, rotation=rotation, flipped=flipped, zoom=zoom, pan=pan))
    marked.settle()
    (top, bottom, left, right), magenta = block(marked)
    assert (bottom - top > right - left) == (rotation in {0, 180})  # 8 rows of 0.5, 12 columns of 0.25 mm
    for line in (
        magenta[top - 2 : top + 3, left : right + 1],
        magenta[bottom - 2 : bottom + 3, left : right + 1],
        magenta[top : bottom + 1, left - 2 : left + 3].T,
        magenta[top : bottom + 1, right - 2 : right + 3].T,
    ):
        assert line.any(axis=0).mean() > 0.9
    inside = magenta[top + 5 : bottom - 4, left + 5 : right - 4]
    assert inside.mean() < 0.02


def test_a_length_is_drawn_by_keys_alone(person):
    person.key("D", "K", "Return", "Shift+Right", "Shift+Right", "Shift+Right", "Right", "Right", "Return")
    (drawn,) = person.drawings.annotations
    (x0, y0), (x1, y1) = drawn.points
    zoom = person.pane.state.shown_zoom / person.viewport().devicePixelRatioF()
    assert ((x1 - x0) * zoom, y1 - y0) == pytest.approx((32, 0), abs=1e-3)
    person.key("K", "Down")  # the arrows scroll again
    assert person.number() == 2


def test_a_handle_is_taken_and_let_go_by_keys(person):
    drawn = length(person, (20, 24), (32, 24))  # its end is in the middle, where the cross appears
    person.key("K", "Return", "Shift+Down", "Return")
    (changed,) = person.drawings.annotations
    assert changed.uid == drawn.uid
    assert changed.points[0] == drawn.points[0]
    assert changed.points[1][1] > drawn.points[1][1] + 0.5
    person.key("Esc", "Ctrl+Z")
    assert person.drawings.annotations == (drawn,)


def test_measurements_are_selected_one_after_the_other_and_nudged(person):
    first, second = length(person), draw(person, Kind.ARROW)
    person.key("S", ".")
    assert person.window.reading.room.hands.selected == first.uid
    person.key("Shift+Right")
    moved = person.drawings.annotations[0]
    assert moved.points[0][0] > first.points[0][0]
    (before, _), (after, _) = first.points[0], moved.points[0]
    assert moved.points[1][0] == pytest.approx(first.points[1][0] + after - before, abs=1e-3)
    person.key(".")
    assert person.window.reading.room.hands.selected == second.uid
    person.key("Down")  # arrows go on scrolling, whatever is selected: nothing moves by scrolling
    assert person.drawings.annotations == (moved, second)
    assert person.number() == 2


# ------------------------------------------------------------------------------------ words and colours
def test_words_are_written_on_the_picture_and_their_letters_are_no_short_cuts(person):
    person.key("Shift+T")
    click(person, (20, 20))
    typed(person, "New DAZ cyst")
    (drawn,) = person.drawings.annotations
    assert (drawn.kind, drawn.text) == (Kind.TEXT, "New DAZ cyst")
    assert person.window.reading.room.hands.tool == "text"
    assert not person.pane.state.inverted


def test_a_text_without_words_is_nothing(person):
    person.key("Shift+T")
    click(person, (20, 20))
    typed(person, "", Qt.Key.Key_Escape)
    click(person, (30, 20))
    typed(person, "")
    assert person.drawings.annotations == ()


def test_a_measurement_is_named_and_keeps_its_number(person):
    drawn = length(person)
    number = labels(person)
    person.key("F2")
    typed(person, "node")
    assert labels(person) == [f"node\n{number[0]}"]
    assert person.window.furniture.measurements._rows[0].text == "Length node"
    person.key("Ctrl+Z")
    assert person.drawings.annotations == (drawn,)


def test_a_right_click_opens_the_menu_and_a_right_drag_windows(person):
    drawn = length(person)
    at = person.point(*drawn.points[0])
    person.press(at, button=RIGHT)
    person.release(at, button=RIGHT)
    menu = next(menu for menu in person.window.findChildren(QMenu) if menu.isVisible())
    titles = [action.text() for action in menu.actions()]
    assert titles == ["Name …", "Colour", "Copy", "Duplicate", "Hide all", "Delete"]
    colors = next(action.menu() for action in menu.actions() if action.text() == "Colour")
    colors.actions()[1].trigger()
    menu.close()
    assert person.drawings.annotations[0].color == "#6fd3e8"
    person.drag(at, (at[0] + 60, at[1]), button=RIGHT)
    assert person.pane.state.voi is not None
    assert not any(menu.isVisible() for menu in person.window.findChildren(QMenu))


# ----------------------------------------------------------------------------------- copies and hiding
def test_a_copy_is_put_at_the_same_place_of_another_image(person):
    drawn = length(person)
    person.key("Ctrl+C", "Down", "Ctrl+V")
    copy = person.drawings.annotations[1]
    assert copy.points == drawn.points
    assert copy.frame == person.pane.picture.description.key != drawn.frame
    assert copy.uid != drawn.uid
    assert QApplication.clipboard().text() == "5.0 mm"  # 16 x 0.25 and 6 x 0.5: 4 and 3
    person.key("Ctrl+D")
    assert len(person.drawings.annotations) == 3


def test_a_copy_is_refused_on_an_image_of_another_size(reader, tmp_path):
    other = slices(2, rows=40, columns=40)
    for number, dataset in enumerate(other):
        dataset.SeriesInstanceUID, dataset.SeriesNumber = "1.2.3.77", 9
        dataset.SOPInstanceUID = f"1.2.3.77.{number}"
    person = reader(written([*slices(2), *other], tmp_path / "two"))
    person.window.reading.arrange(1, 1)
    length(person)
    person.key("Ctrl+C", "PgDown", "Ctrl+V")
    if person.pane.picture.description.columns == 64:
        person.key("PgUp", "Ctrl+V")
    assert "another size" in person.said
    assert len(person.drawings.annotations) == 1


def test_hidden_measurements_are_announced_and_come_back_with_the_next_stroke(person):
    length(person)
    person.key("Shift+I")
    assert person.viewport().look.drawn == ()
    assert "measurements hidden" in person.words()
    length(person, (30, 30), (40, 30))
    assert len(person.viewport().look.drawn) == 2
    assert "measurements hidden" not in person.words()


def test_what_is_hidden_is_not_deleted_and_what_is_deleted_is_said(person):
    drawn = length(person)
    person.key("Shift+I", "Delete")
    assert person.drawings.annotations == (drawn,)
    assert "hidden" in person.said
    person.key("Shift+I", "Delete")
    assert person.drawings.annotations == ()
    assert person.said == "Length deleted. Ctrl+Z brings it back."
    person.key("Ctrl+Z")
    assert person.drawings.annotations == (drawn,)


def test_words_are_kept_on_the_image_where_they_were_begun(person):
    person.key("Shift+T")
    click(person, (20, 20))
    person.wheel(1)  # while the field is open
    typed(person, "above")
    (drawn,) = person.drawings.annotations
    assert drawn.text == "above"
    assert person.pane.picture.description.key != drawn.frame
    person.key("Up")
    assert labels(person) == ["above"]


def test_what_cannot_be_done_says_why(person):
    reasons = person.window.reading.signs.reasons()
    assert "Select a measurement first" in reasons["copy-measurement"]
    assert "There is no copy" in reasons["paste-measurement"]
    assert reasons["save-measurements"] == "Nothing is measured in this study yet."
    length(person)
    person.key("Ctrl+C")
    assert (
        not {"copy-measurement", "paste-measurement", "delete"} & person.window.reading.signs.reasons().keys()
    )


# ------------------------------------------------------------------------------------------ calibration
def test_b21_a_calibration_by_hand_is_labelled_saved_and_taken_back(reader, tmp_path):
    folder = written([make.cr_mono1(np.zeros((60, 80), "<u2"))], tmp_path / "cr")
    person = reader(folder)
    length(person, (0, 20), (40, 20))
    before = labels(person)
    person.key("Shift+K")
    click(person, (0, 10), (20, 10))
    typed(person, "50,0")
    assert labels(person)[1] == "calibrated: 50 mm"
    number, unit, class_of_calibration = labels(person)[0].split()
    assert float(number) == pytest.approx(100, abs=1)  # the hand hits whole pixels of the screen
    assert (unit, class_of_calibration) == ("mm", "(user)")
    person.key("Ctrl+Z")
    assert labels(person) == before
    person.key("Ctrl+Y", "Ctrl+S")
    person.wait(lambda: person.said.startswith("Saved"))
    (path,) = find_states(make.STUDY)
    assert iod_findings(path) == []
    (area,) = dcmread(path).DisplayedAreaSelectionSequence
    assert float(area.PresentationPixelSpacing[1]) == pytest.approx(2.5, abs=0.03)
    other = reader(folder)
    other.key("Ctrl+R")
    other.wait(lambda: len(other.drawings.annotations) == 2)
    other.settle()
    assert labels(other) == labels(person)
    assert other.drawings.annotations == person.drawings.annotations


# ------------------------------------------------------------------------------------ the list, and files
def test_the_list_has_every_measurement_of_the_study_under_its_series(person):
    length(person)
    person.key("Down")
    draw(person, Kind.ELLIPSE)
    rows = person.window.furniture.measurements._rows
    assert [row.place for row in rows] == ["Im 1/5", "Im 2/5"]
    assert len({row.group for row in rows}) == 1
    assert rows[0].text == "Length 5.0 mm"
    assert "mean" in rows[1].more
    person.window.furniture.measurements.chosen.emit(rows[0].uid)
    person.settle()
    assert person.number() == 1


def test_an_edit_lists_and_words_anew_what_it_changed_and_nothing_else(person, monkeypatch):
    """With hundreds of measurements each stroke would else be felt. Counted: clocks are not to be trusted."""
    study = person.pane.hung.series.study.study_instance_uid
    drawing, panel = person.drawings.of(study), person.window.furniture.measurements
    for number, key in enumerate(person.pane.hung.keys * 20):
        kind = (Kind.LENGTH, Kind.RECTANGLE)[number % 2]
        drawing.do(Edit(None, Annotation(kind, key, ((10.0, 10.0 + number % 7), (30.0, 20.0)))))
    for _ in person.pane.hung.keys:  # all are seen
        person.drawings.describe(person.pane.picture.header)
        person.key("Down")
    person.window.reading.signs.list()
    assert panel.count == 100
    worded, listed, row = [], [], panel._row
    for name in ("label", "measured"):
        kept = getattr(labels_module, name)
        monkeypatch.setattr(
            labels_module,
            name,
            lambda shape, *rest, _kept=kept: worded.append(shape.uid) or _kept(shape, *rest),
        )
    monkeypatch.setattr(panel, "_row", lambda line: listed.append(line.uid) or row(line))
    before = drawing.annotations[40]
    drawing.do(Edit(before, replace(before, points=((10.0, 10.0), (34.0, 20.0)))))
    person.settle()
    assert set(worded) == {before.uid}
    assert listed == [before.uid]
    drawing.undo()
    person.settle()
    assert listed == [before.uid] * 2
    assert len(worded) <= 4  # its words and its number, there and back


def test_undo_says_what_it_took_back_also_on_an_image_that_is_not_in_sight(person):
    length(person)
    person.key("Down", "Down")
    person.key("Ctrl+Z")
    assert person.drawings.annotations == ()
    assert person.said == "Undone: Length on image 1/5."
    person.key("Ctrl+Y")
    assert len(person.drawings.annotations) == 1
    assert person.said == "Done again: Length on image 1/5."


def test_the_keys_are_those_of_the_list_while_one_is_in_it(person):
    first = length(person)
    person.key("Down")
    second = length(person)
    person.key("F8")
    shown = person.window.furniture.measurements
    shown.select(first.uid)
    rows = shown.findChild(QListWidget)
    rows.setFocus()
    person.key("Down")
    assert shown.current == second.uid
    assert person.number() == 2  # the images did not scroll
    person.key("Up", "Return")
    assert person.number() == 1
    rows.setFocus()
    person.key("Delete")
    assert person.drawings.annotations == (second,)
    person.press(person.point(60, 44))
    person.release(person.point(60, 44))
    person.key("Down")  # a click on the picture gives the keys back to the images
    assert person.number() == 2


def test_the_list_is_of_one_patient_also_where_two_have_one_study_uid(reader, tmp_path):
    own = slices(3)
    other = slices(3, PatientID="OTHER", PatientName="Else^Someone", SeriesInstanceUID="1.2.3.4.5")
    for number, dataset in enumerate(other):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.4.5.{number}"
    person = reader(written([*own, *other], tmp_path / "two"))
    hung = {
        h.series.study.patient.patient_id: h for h in map(person.window.intake.shelf.find, ("0.0", "1.0"))
    }
    assert len(hung) == 2
    assert len({h.series.study.study_instance_uid for h in hung.values()}) == 1
    drawn = {}
    for patient, stack in hung.items():
        person.window.reading.hang(stack, 0)
        person.settle()
        drawn[patient] = length(person).uid
        assert [entry.shape.uid for entry in person.window.measuring.listed] == [drawn[patient]]
        assert [row.uid for row in person.window.furniture.measurements._rows] == [drawn[patient]]
    person.window.reading.hang(hung["OTHER"], 0)
    person.settle()
    person.window.reading.hang(next(stack for name, stack in hung.items() if name != "OTHER"), 0)
    person.settle()
    (row,) = person.window.furniture.measurements._rows
    assert row.uid == next(uid for name, uid in drawn.items() if name != "OTHER")


def test_the_table_has_the_numbers_of_the_picture_and_no_name(person):
    length(person, (44, 30), (60, 36))
    draw(person, Kind.ELLIPSE)
    room = person.window.measuring
    text = as_csv(room.listed)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["kind"] for row in rows] == ["Length", "Ellipse"]
    assert float(rows[0]["value"]) == pytest.approx(5, abs=0.1)
    assert (rows[0]["unit"], rows[0]["calibration"]) == ("mm", "patient")
    assert float(rows[1]["mean"])
    assert [row["text"] for row in rows] == labels(person)
    dataset = slices(1)[0]
    assert str(dataset.PatientName) not in text
    assert str(dataset.PatientID) not in text


def test_all_measurements_are_copied_as_text_and_saved_as_a_table(person, tmp_path):
    length(person)
    person.key("Ctrl+Shift+C")
    assert QApplication.clipboard().text() == "Se 1\tIm 1/5\tLength\t5.0 mm"
    room = person.window.measuring
    room.save_to(tmp_path / "table.csv", room.listed)
    person.wait(lambda: "table.csv" in person.said)
    assert (tmp_path / "table.csv").read_bytes().startswith(b"\xef\xbb\xbfseries,image,")
    room.save_to(tmp_path / "no" / "table.csv", room.listed)
    person.wait(lambda: "was not saved" in person.said)


def test_b25_what_is_saved_is_what_is_shown_in_a_country_with_commas(person):
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    try:
        for kind in GIVEN:
            draw(person, kind)
        shown = {drawn.annotation.uid: drawn.label for drawn in person.viewport().look.drawn if drawn.label}
        person.key("Ctrl+S")
        person.wait(lambda: person.said.startswith("Saved"))
    finally:
        QLocale.setDefault(before)
    (path,) = find_states(make.STUDY)
    assert written_texts(dcmread(path)) == shown
    assert "5.0 mm" in shown.values()
    assert iod_findings(path) == []
