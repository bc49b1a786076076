"""Layout picker, command palette, key sheet and About."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from viewer.ui.about_dialog import NOTICE, PARTS, AboutDialog, credit
from viewer.ui.actions import fuzzy
from viewer.ui.actions.action_row import ActionRow
from viewer.ui.actions.command_palette import CommandPalette, ranked
from viewer.ui.actions.key_sheet import KeySheet, keyed
from viewer.ui.viewport.layout_picker import CELL, PAD, SPACE, LayoutPicker

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support .*")  # offscreen has no window manager

ROWS = (
    ActionRow("flip-h", "Flip horizontally", "Shift+H", "flip-horizontal", "left for right", group="view"),
    ActionRow("fit", "Fit", "F", "fit", "the whole image", group="view"),
    ActionRow("open", "Open folder", "Ctrl+O", "open-folder", group="file"),
    ActionRow("about", "About", group="help"),
    ActionRow("full", "Full screen", "F11", "full-screen", group="view"),
)


@pytest.fixture
def picker(qtbot):
    made = LayoutPicker()
    qtbot.addWidget(made)
    return made


def square(row, column):
    return QPoint(PAD + (column - 1) * (CELL + SPACE) + 5, PAD + (row - 1) * (CELL + SPACE) + 5)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3), (4, 5), (1, 4)])
def test_a_click_chooses_a_layout(picker, qtbot, rows, columns):
    picker.show()
    with qtbot.waitSignal(picker.chosen, check_params_cb=lambda *told: told == (rows, columns)):
        qtbot.mouseClick(picker, Qt.MouseButton.LeftButton, pos=square(rows, columns))
    assert not picker.isVisible()


def test_arrows_and_enter_choose_a_layout_within_the_field(picker, qtbot):
    picker.open_at(QPoint(10, 10), 1, 2)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(picker, key)
    assert picker.marked == (2, 5)
    assert picker.accessibleDescription() == "2 rows, 5 columns"
    with qtbot.waitSignal(picker.chosen, check_params_cb=lambda *told: told == (2, 5)):
        qtbot.keyClick(picker, Qt.Key.Key_Return)


def test_escape_chooses_nothing(picker, qtbot):
    picker.open_at(QPoint(10, 10), 2, 2)
    with qtbot.assertNotEmitted(picker.chosen):
        qtbot.keyClick(picker, Qt.Key.Key_Escape)
    assert not picker.isVisible()


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    return made


@pytest.fixture
def palette(window):
    made = CommandPalette(ROWS, window)
    made.open_over(window, {"fit": "There is no image here."})
    return made


def test_typing_filters_and_enter_does(palette, qtbot):
    field = palette.findChild(QLineEdit)
    qtbot.keyClicks(field, "fh")
    assert palette.found == ["flip-h"]
    with qtbot.waitSignal(palette.triggered, check_params_cb=lambda name: name == "flip-h"):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not palette.isVisible()


def test_arrows_choose_while_typing(palette, qtbot):
    field = palette.findChild(QLineEdit)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.triggered, check_params_cb=lambda name: name == "open"):
        qtbot.keyClick(field, Qt.Key.Key_Return)


def test_what_cannot_be_used_is_listed_but_not_done(palette, qtbot):
    field = palette.findChild(QLineEdit)
    qtbot.keyClicks(field, "fit")
    assert palette.found[0] == "fit"
    with qtbot.assertNotEmitted(palette.triggered):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_what_is_called_otherwise_is_not_found(palette, qtbot):
    field = palette.findChild(QLineEdit)
    qtbot.keyClicks(field, "qqq")
    assert palette.found == []
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert palette.isVisible()


def test_without_a_query_everything_stands_in_its_order():
    assert ranked(ROWS, "") == list(ROWS)


def test_beginnings_of_words_come_first():
    rows = [ActionRow("a", "Confirm open"), ActionRow("b", "Open folder"), ActionRow("c", "Fold")]
    assert [row.name for row in ranked(rows, "of")] == ["b", "a"]
    assert [row.name for row in ranked(rows, "fo")] == ["c", "b", "a"]


def in_order(query, words):
    rest = iter(words.casefold())
    return all(letter in rest for letter in query.casefold().replace(" ", ""))


@given(st.text("abc ", max_size=6), st.text("abcd -", max_size=12))
def test_words_match_exactly_when_they_have_the_letters_in_order(query, words):
    assert (fuzzy.score(query, words) is not None) == in_order(query, words)


def test_the_key_sheet_has_every_key_once(qtbot):
    sheet = KeySheet(ROWS)
    qtbot.addWidget(sheet)
    words = [label.text() for label in sheet.findChildren(QLabel)]
    for row in ROWS:
        assert words.count(row.key) == (1 if row.key else 0)
    assert "Flip horizontally — left for right" in words
    assert {"View", "File"} <= set(words)


def test_groups_stand_together_in_the_order_of_the_table():
    assert [row.name for row in keyed(ROWS)] == ["flip-h", "fit", "full", "open"]


def test_a_key_sheet_without_keys_can_be_shown(qtbot):
    sheet = KeySheet([ROWS[3]])
    qtbot.addWidget(sheet)


def test_the_key_that_brought_the_sheet_takes_it_away(qtbot):
    sheet = KeySheet(ROWS)
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.keyClick(sheet, Qt.Key.Key_F1)
    assert not sheet.isVisible()


def test_about_says_what_this_is_not_and_on_whose_work_it_stands(qtbot):
    about = AboutDialog()
    qtbot.addWidget(about)
    words = "\n".join(label.text() for label in about.findChildren(QLabel))
    assert "not a medical device" in NOTICE
    assert NOTICE in words
    assert all(part.title in words for part in PARTS)
    assert "LGPL" in credit(PARTS[0])
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in about.findChildren(QLabel))
