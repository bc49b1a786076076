"""The settings: every one has a line, holds at once, is kept in the file, and knows its default."""

from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QPushButton
from window import CONTROL, MIDDLE, RIGHT, slices, written

from viewer.cache.eviction import Limits
from viewer.jobs.queue import JobQueue
from viewer.settings import Settings, load
from viewer.tools.keys import KeyChoice
from viewer.tools.mouse import Mouse, Wheel
from viewer.ui.actions.dispatcher import ALL_ROWS, own_keys
from viewer.ui.bridge import MainThread
from viewer.ui.settings.preferences import Preferences
from viewer.ui.settings.setting_editor import words_of
from viewer.ui.settings.setting_rows import (
    GENERAL,
    MOUSE,
    OWN_PAGES,
    SETTINGS,
    STUDIES,
    value_at,
    with_value,
)
from viewer.ui.settings.settings_dialog import KEYS, PLACES, SettingsDialog

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

DISK = Limits(40_000_000_000, 2_000_000_000)


@pytest.fixture
def queue():
    made = JobQueue(MainThread().post)
    yield made
    made.close()


@pytest.fixture
def dialog(qtbot, queue, tmp_path):
    preferences = Preferences(queue, Settings(), tmp_path / "settings.toml")
    made = SettingsDialog(preferences, ALL_ROWS, own_keys(), DISK)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(made)
    made.show()
    made.preferences = preferences
    return made


def leaves(value, path=""):
    for each in fields(value):
        inner = getattr(value, each.name)
        place = f"{path}{each.name}"
        if is_dataclass(inner):
            yield from leaves(inner, f"{place}.")
        elif place not in OWN_PAGES and not place.startswith("listener."):
            yield place


def kept(dialog, qtbot, wanted) -> None:
    qtbot.waitUntil(lambda: wanted(load(dialog.preferences.path).settings), timeout=5000)


def test_every_setting_has_a_line():
    everything = set(leaves(replace(Settings(), cache=DISK)))
    assert {row.path for row in SETTINGS} == everything


def test_every_line_says_what_it_is_for_and_its_default(dialog):
    defaults = replace(Settings(), cache=DISK)
    for page in dialog.pages.values():
        for path, editor in page.editors.items():
            words = editor.control.accessibleDescription()
            assert editor.row.tip in words
            default = f"Default: {words_of(editor.row, value_at(defaults, path))}"
            assert default in words.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.path)
def test_what_a_hand_changes_holds_at_once_and_is_kept(dialog, qtbot, row):
    page = dialog.pages[row.page]
    if page.box is not None:
        page.box.setChecked(False)
    control = page.editors[row.path].control
    before = value_at(dialog.preferences.now, row.path)
    if isinstance(control, QCheckBox):
        control.click()
    elif isinstance(control, QComboBox):
        control.setCurrentIndex((control.currentIndex() + 1) % control.count())
    elif isinstance(control, QDoubleSpinBox):
        control.setValue(control.value() + 3)
    after = value_at(dialog.preferences.now, row.path)
    assert after != before
    kept(dialog, qtbot, lambda settings: value_at(settings, row.path) == after)
    page.editors[row.path]._back.click()
    assert value_at(dialog.preferences.now, row.path) == before


def test_a_number_out_of_range_cannot_be_set(dialog):
    page = dialog.pages[STUDIES]
    page.box.setChecked(False)
    control = page.editors["cache.max_bytes"].control
    control.setValue(-5)
    assert dialog.preferences.now.cache.max_bytes == 100_000_000


def test_the_room_of_the_cache_is_left_to_the_program_until_somebody_says_otherwise(dialog, qtbot):
    page = dialog.pages[STUDIES]
    assert page.box.isChecked()
    assert not page.editors["cache.max_bytes"].isEnabled()
    assert page.editors["cache.max_bytes"].control.value() == 40
    page.box.setChecked(False)
    kept(dialog, qtbot, lambda settings: settings.cache == DISK)
    page.box.setChecked(True)
    kept(dialog, qtbot, lambda settings: settings.cache is None)


def press(dialog, key: str) -> None:
    QTest.keySequence(dialog.keys.editor, QKeySequence(key))


def test_a_key_is_given_taken_away_and_given_back(dialog, qtbot):
    dialog.open_at(KEYS)
    page = dialog.keys
    page.choose("length")
    press(dialog, "Ctrl+J")
    assert page.take.isEnabled()
    page.take.click()
    assert dialog.preferences.now.keys == (KeyChoice("length", ("Ctrl+J",)),)
    kept(dialog, qtbot, lambda settings: settings.keys == (KeyChoice("length", ("Ctrl+J",)),))
    page.none.click()
    assert dialog.preferences.now.keys == (KeyChoice("length"),)
    page.back.click()
    assert dialog.preferences.now.keys == ()


@pytest.mark.parametrize(
    ("key", "by"), [("S", "Scroll"), ("Ctrl+Z", "Undo"), ("1", "a window of this image")]
)
def test_a_key_that_is_taken_is_refused_with_a_word(dialog, key, by):
    page = dialog.keys
    page.choose("length")
    press(dialog, key)
    assert not page.take.isEnabled()
    assert f"is taken: {by}" in page.words.text()


def test_actions_are_found_by_name_and_by_key(dialog):
    page = dialog.keys
    page.filter.setText("invert")
    seen = [item.text(0) for item in page._items() if not item.isHidden()]
    assert "Invert" in seen
    assert "Zoom" not in seen


def test_many_changes_in_a_row_are_all_kept_in_their_order(qtbot, queue, tmp_path):
    preferences = Preferences(queue, Settings(), tmp_path / "settings.toml")
    for number in range(1, 60):
        preferences.change(
            lambda now, number=number: replace(
                now, cache=Limits(number, number), remember_opened=number % 2 == 0
            )
        )
    qtbot.waitUntil(
        lambda: (
            load(preferences.path).settings
            == replace(Settings(), cache=Limits(59, 59), remember_opened=False)
        ),
        timeout=5000,
    )


def test_a_file_that_cannot_be_written_is_said_and_the_change_holds_in_this_window(qtbot, queue, tmp_path):
    (tmp_path / "file").write_text("")
    preferences = Preferences(queue, Settings(), Path(tmp_path / "file" / "settings.toml"))
    with qtbot.waitSignal(preferences.failed) as told:
        preferences.change(lambda now: replace(now, remember_opened=False))
    assert "settings.toml cannot be" in told.args[0]
    assert not preferences.now.remember_opened


def test_a_value_is_changed_deep_in_the_tree():
    assert with_value(Settings(), "mouse.right", "zoom").mouse.right == "zoom"
    assert {row.page for row in SETTINGS} >= {GENERAL, MOUSE, STUDIES}


def test_what_is_set_elsewhere_is_an_action(dialog):
    assert {name for name, _ in PLACES} <= {row.name for row in ALL_ROWS}
    asked = []
    dialog.wanted.connect(asked.append)
    for button in dialog.findChildren(QPushButton):
        if button.text() in {title for _, title in PLACES}:
            button.click()
    assert asked == [name for name, _ in PLACES]


# ------------------------------------------------------------------------------------------ in the window
def test_the_keys_that_are_set_work_and_are_shown(reader):
    person = reader()
    window = person.window
    window.settings.preferences.change(lambda now: replace(now, keys=(KeyChoice("panel", ("Ctrl+9",)),)))
    before = window.furniture.panel.isVisible()
    person.key("F8")
    assert window.furniture.panel.isVisible() == before
    person.key("Ctrl+9")
    assert window.furniture.panel.isVisible() != before
    assert next(row.key for row in window._dispatcher.rows if row.name == "panel") == "Ctrl+9"


def test_the_dialog_opens_by_its_key_once_and_again_after_it_was_closed(reader):
    person = reader()
    room = person.window.settings
    person.key("Ctrl+,")
    person.wait(lambda: room.dialog is not None)
    first = room.dialog
    room.open()
    assert room.dialog is first
    first.close()
    person.wait(lambda: room.dialog is None)
    room.open()
    person.wait(lambda: room.dialog is not None)
    room.dialog.close()
    person.wait(lambda: room.dialog is None)


def test_the_mouse_does_what_is_set(reader, tmp_path):
    person = reader(written(slices(5, 64, 64, spacing=(1.0, 1.0)), tmp_path / "ct"))
    preferences = person.window.settings.preferences
    preferences.change(lambda now: replace(now, mouse=Mouse(right="zoom", middle="window", wheel=Wheel.ZOOM)))
    index, state = person.pane.index, person.pane.state
    person.wheel(-1)
    assert person.pane.state.shown_zoom > state.shown_zoom
    assert person.pane.index == index
    person.wheel(1, keys=CONTROL)
    assert person.pane.index == index + 1
    before = person.pane.state
    person.drag((200, 200), (200, 260), button=RIGHT)
    assert person.pane.state.zoom > before.shown_zoom
    assert person.pane.state.voi == before.voi
    person.drag((200, 200), (260, 200), button=MIDDLE)
    assert person.pane.state.voi is not None


def test_what_could_not_be_kept_is_said_in_the_window_also_without_the_dialog(reader):
    person = reader()
    person.window.settings.preferences.failed.emit("settings.toml cannot be written.")
    assert person.said == "settings.toml cannot be written."
