"""The window as a whole: what it can do, what it says, and that nothing is lost when it closes."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QMessageBox
from window import files, slices, written

from viewer.ui.actions.dispatcher import ALL_ROWS
from viewer.ui.actions.key_sheet import KeySheet

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def person(reader, tmp_path):
    first = written(slices(3, SeriesNumber="1", SeriesDescription="First"), tmp_path / "a")
    second = written(slices(4, SeriesNumber="2", SeriesDescription="Second"), tmp_path / "b")
    return reader(first, second)


def test_an_empty_window_says_what_to_do_and_every_key_is_harmless_in_it(reader):
    person = reader()
    assert "Ctrl+O" in person.viewport().look.hint
    asking = {"open-folder", "open-files", "demo", "palette", "keys", "about", "full-screen", "layout"}
    for row in ALL_ROWS:
        if row.name not in asking:
            action = next(a for a in person.window.actions() if a.text() == row.title)
            action.trigger()
            person.settle()
    assert person.pane.hung is None


def test_every_action_has_a_name_a_place_and_no_key_of_another(person):
    keys = [key.toString() for action in person.window.actions() for key in action.shortcuts()]
    assert len(keys) == len(set(keys)), sorted(key for key in keys if keys.count(key) > 1)
    assert {row.title for row in ALL_ROWS} <= {action.text() for action in person.window.actions()}


def test_every_button_that_is_seen_has_a_name_for_a_screen_reader(person):
    buttons = [button for button in person.window.findChildren(QAbstractButton) if button.isVisible()]
    assert len(buttons) > 15
    nameless = [button for button in buttons if not (button.accessibleName() or button.text())]
    assert nameless == []
    tipless = [button.accessibleName() for button in buttons if not button.toolTip()]
    assert tipless == []


def test_it_is_not_settled_while_files_are_read(reader, tmp_path):
    folder = written(slices(30, 8, 8), tmp_path / "ct")
    person = reader()
    assert person.window.settled
    person.window.intake.open_paths([str(folder)])
    assert not person.window.settled
    person.settle()


def test_two_series_of_a_study_hang_side_by_side_and_the_list_has_their_pictures(person):
    assert [pane.hung.series.series_description for pane in person.desk.panes] == ["First", "Second"]
    rail = person.window.furniture.rail
    indexes = [rail.rail_model.index_of(key) for key in ("0.0", "1.0")]
    assert all(index.data(Qt.ItemDataRole.DecorationRole) is not None for index in indexes)


def test_what_is_opened_from_the_list_hangs_in_the_active_viewport(person):
    person.desk.activate(1)
    rail = person.window.furniture.rail
    rail.opened.emit("0.0")
    person.settle()
    assert [pane.hung.series.series_description for pane in person.desk.panes] == ["First", "First"]


def test_enter_in_the_list_opens_a_series_and_then_the_keys_are_those_of_the_image(person):
    rail = person.window.furniture.rail
    rail.setFocus()
    person.wait(rail.hasFocus)
    person.desk.activate(1)
    rail.select("0.0")
    person.key("Return")
    assert person.desk.panes[1].hung.series.series_description == "First"
    assert person.viewport(0).isVisible()  # it was not taken for "one image or tiles"
    assert person.window.furniture.grid.hasFocus()
    person.key("Home", "Down")
    assert person.number(1) == 2


def test_a_study_that_is_arranged_by_hand_is_not_rearranged(person, tmp_path):
    person.window.reading.arrange(1, 1)
    person.wheel(1).settle()
    person.open(written(slices(5, SeriesNumber="3"), tmp_path / "c"))
    assert len(person.desk.panes) == 1
    assert person.pane.hung.series.series_description == "First"


def test_the_windows_menu_and_the_menu_of_everything_are_filled(person):
    menu = person.window.furniture.menu.menu()
    titles = [action.text() for under in menu.findChildren(QMenu) for action in under.actions()]
    for title in ("Open folder or medium", "Three planes", "Undo", "Save presentation state", "All keys"):
        assert title in titles


def test_closing_asks_about_what_is_not_saved(person, monkeypatch):
    person.key("D")
    person.drag(person.point(10, 10), person.point(26, 16))
    asked = []

    def answer(box):
        asked.append((box.text(), box.textFormat()))
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    event = QCloseEvent()
    person.window.closeEvent(event)
    assert not event.isAccepted()
    assert len(asked) == 1
    assert asked[0][1] is Qt.TextFormat.PlainText
    person.key("Ctrl+Z")
    event = QCloseEvent()
    person.window.closeEvent(event)
    assert event.isAccepted()
    assert len(asked) == 1


def test_the_palette_runs_what_is_chosen_in_it(person):
    person.key("Ctrl+K")
    box = QApplication.focusWidget()
    QTest.keyClicks(box, "all keys")
    QTest.keyClick(box, Qt.Key.Key_Return)
    person.wait(lambda: any(sheet.isVisible() for sheet in person.window.findChildren(KeySheet)))
    for sheet in person.window.findChildren(KeySheet):
        sheet.close()


def test_the_sign_for_problems_opens_their_panel(reader, tmp_path):
    folder = written(slices(2), tmp_path / "ct")
    (folder / "IM0001").write_bytes((folder / "IM0001").read_bytes()[:600])
    person = reader(folder)
    person.window.furniture._warning.click()
    assert person.window.furniture.panel.isVisible()
    assert person.window.furniture.problems.isVisible()
    assert "IM0001" in person.window.furniture.problems.text


def test_only_files_are_taken_when_something_is_dropped(reader, tmp_path):
    person = reader()
    text = files(tmp_path)
    text.clear()
    text.setText("https://example.org/image.dcm")
    assert not person.drop(person.window, text)


def test_it_fits_on_a_small_screen(reader):
    person = reader(size=(800, 560))
    assert (person.window.width(), person.window.height()) == (800, 560)
    assert person.viewport().width() > 250
    assert person.viewport().height() > 300
