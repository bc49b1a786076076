"""The keys of IHE BIR that are no tools: report, help, advanced mode, and display reset with its sister."""

import pytest
from PySide6.QtWidgets import QApplication
from window import slices, written

from viewer.tools.table import TOOLS
from viewer.ui.actions.dispatcher import own_keys

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def person(reader, tmp_path):
    return reader(written(slices(3), tmp_path / "ct"))


def measured(person, x):
    person.key("D")
    person.drag(person.point(5, x), person.point(20, x))


def test_bir_B31_display_reset_keeps_the_scroll_position_and_the_measurements(person):
    person.desk.go_to(0, 2)
    person.settle()
    measured(person, 10)
    person.key("+", "N", "Shift+N", "Ctrl+Right", "Alt+Up")
    assert person.pane.state.voi is not None
    person.key("Esc")
    state = person.pane.state
    assert (state.zoom, state.pan, state.voi, state.inverted, state.palette) == (
        None,
        (0.0, 0.0),
        None,
        False,
        "",
    )
    assert person.pane.index == 2
    assert len(person.drawings.annotations) == 1


def test_bir_B31_the_measurements_of_the_image_go_by_a_key_of_their_own_and_come_back(person):
    measured(person, 10)
    measured(person, 20)
    person.desk.go_to(0, 0)
    person.settle()
    measured(person, 30)
    before = set(person.drawings.annotations)
    person.key("Shift+Esc")
    assert len(person.drawings.annotations) == 2
    assert person.said.startswith("1 measurement removed")
    person.key("Ctrl+Z")
    assert set(person.drawings.annotations) == before
    person.desk.go_to(0, 1)
    person.settle()
    person.key("Shift+Esc", "Shift+Esc")
    assert person.said == "Nothing of your own is drawn on this image."
    person.key("Ctrl+Z")  # what went at once is back at once
    assert set(person.drawings.annotations) == before


def test_bir_B30_the_keys_of_the_profile_are_there():
    keys = own_keys()
    for name, key in {
        "scroll": "S", "window": "W", "zoom": "Z", "pan": "T", "length": "D", "cobb": "A", "crosshair": "J",
        "corner-text": "I", "cine": "C", "link": "L", "print": "P", "report": "R", "keys": "H",
        "reset": "Esc", "palette": "F10",
    }.items():  # fmt: skip
        assert key in keys[name], name
    assert "F1" in keys["keys"]


def test_no_two_actions_have_the_same_key():
    keys = [key.casefold() for own in own_keys().values() for key in own]
    assert sorted(keys) == sorted(set(keys))


def test_bir_B32_a_study_without_a_report_says_so(person):
    person.key("R")
    assert person.said == "This study has no report among what was opened."


def test_bir_B32_help_opens_with_its_key(person):
    person.key("H")
    assert QApplication.activeModalWidget() is not None
    QApplication.activeModalWidget().close()


def test_everything_about_the_view_is_done_by_keys_alone(person):
    start = person.pane.state
    for key in ("Ctrl+Left", "Alt+Right", "Ctrl+2", "Alt+F", "+", "Alt+C"):
        before = person.pane.state
        person.key(key)
        assert person.pane.state != before, key
    person.key("Esc")
    assert person.pane.state == start


def test_bir_B30_one_tool_at_a_time_is_pressed_in_and_has_its_cursor(person):
    tools = person.window.furniture.tools
    rows = {row.name: row for row in TOOLS}
    cursors = set()
    for name in ("scroll", "window", "zoom", "pan", "length"):
        person.key(rows[name].key.lower())  # letters without Shift: the case does not matter
        in_bar = [row.name for row in TOOLS if row.name in tools._actions]
        assert [row for row in in_bar if tools.action(row).isChecked()] == [name]
        person.move(person.point(10, 10))
        person.move(person.point(12, 12))
        cursor = person.viewport().cursor()
        cursors.add((cursor.shape(), cursor.pixmap().cacheKey()))
    assert len(cursors) >= 4


def test_bir_B33_what_cannot_be_used_is_there_but_disabled_and_says_why(person):
    action = person.window.furniture.tools.action("rotate-right")
    assert not action.isEnabled()
    assert "Only projection images" in action.toolTip()
