"""Keys, wheel, layouts and dragged series, in the window with real files."""

import make
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QApplication
from window import CONTROL, assert_seen, slices, written

from viewer.ui.actions.key_sheet import KeySheet
from viewer.ui.drops import SERIES_MIME
from viewer.viewing.corner_text import Detail

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def person(reader, tmp_path):
    return reader(written(slices(7), tmp_path / "ct"))


@pytest.fixture
def two_series(reader, tmp_path):
    """Return a reader of two series; the second one is 200 HU brighter."""
    first = written(slices(3, SeriesNumber="1"), tmp_path / "a")
    second = written(slices(4, SeriesNumber="2", intercept=-824), tmp_path / "b")
    return reader(first, second)


def dragged(key):
    data = QMimeData()
    data.setData(SERIES_MIME, key.encode())
    return data


# ------------------------------------------------------------------------------------------ the stack
def test_bir_B18_arrows_home_and_end_go_through_the_stack_and_stop_at_its_ends(person):
    assert person.number() == 4
    for key, expected in (
        ("Down", 5),
        ("Down", 6),
        ("Up", 5),
        ("Home", 1),
        ("Up", 1),
        ("End", 7),
        ("Down", 7),
    ):
        person.key(key)
        assert person.number() == expected, key


def test_bir_B18_the_wheel_goes_through_the_stack_one_image_a_notch(person):
    for notches, expected in ((1, 5), (1, 6), (-3, 3), (-40, 1), (100, 7)):
        person.wheel(notches).settle()
        assert person.number() == expected


def test_a_fine_wheel_adds_up_to_notches(person):
    for _ in range(3):
        person.wheel(0.25)
    person.settle()
    assert person.number() == 4
    person.wheel(0.25).settle()
    assert person.number() == 5


def test_what_is_scrolled_to_is_shown_with_its_own_pixels(reader, tmp_path):
    series = slices(4)
    person = reader(written(series, tmp_path / "ct"))
    person.key("Home")
    for dataset in series:
        assert_seen(person, dataset)
        person.key("Down")


def test_a_fast_wheel_shows_the_last_image_soon_and_not_everything_between(reader, tmp_path):
    person = reader(written(slices(300, 16, 16), tmp_path / "ct"))
    shown = []
    person.desk.listen(lambda _: shown.append(person.number()) if person.pane.picture else None)
    for _ in range(140):
        person.wheel(1)
    person.settle()
    assert person.number() == 291
    assert shown == sorted(shown)  # never back to an image that came late


def test_ctrl_and_wheel_zooms_about_the_pointer(person):
    before = person.pane.state.shown_zoom
    person.wheel(-2, keys=CONTROL)
    assert person.pane.state.shown_zoom == pytest.approx(before * 1.15**2)
    assert person.number() == 4


def test_bir_B11_B18_page_keys_go_through_the_series_and_say_where_they_end(two_series):
    person = two_series
    person.window.reading.arrange(1, 1)
    assert person.pane.hung.series.series_number == 1
    person.key("PgDown")
    assert person.pane.hung.series.series_number == 2
    person.key("PgDown")
    assert person.said == "There is no further series."
    person.key("PgUp")
    assert person.pane.hung.series.series_number == 1


# ------------------------------------------------------------------------------------ tools and views
def test_letters_choose_the_tool_and_the_bar_shows_it(person):
    hands = person.window.reading.room.hands
    for key, tool in (("W", "window"), ("Z", "zoom"), ("T", "pan"), ("D", "length"), ("S", "scroll")):
        person.key(key)
        assert hands.tool == tool


def test_n_inverts_and_esc_resets_everything_but_the_image(person):
    before = person.seen()
    person.key("Down", "N")
    inverted = person.seen()
    person.key("N")
    plain = person.seen()
    rows, columns = (slice(length // 3, length // 2) for length in plain.shape[:2])
    assert np.abs(255 - inverted[rows, columns].astype(int) - plain[rows, columns]).max() <= 1
    person.key("N", "+", "2", "Esc", "Up")
    assert (person.seen() == before).all()


def test_turning_is_refused_with_a_sentence_where_it_would_be_dangerous(person):
    person.key("]")
    assert "keeps its orientation" in person.said
    assert person.pane.state.rotation == 0


def test_a_projection_is_turned_and_flipped(reader, tmp_path):
    stored = (np.add.outer(np.arange(48), np.arange(64) * 2) + 900).astype("<u2")
    person = reader(make.write(make.cr_mono1(stored), tmp_path / "cr"))
    upright = person.viewport().look.overlay.edges
    person.key("]")
    left, right, top, bottom = person.viewport().look.overlay.edges
    assert (top, right, bottom, left) == (upright[0], upright[2], upright[1], upright[3])  # clockwise
    person.key("Esc", "Shift+H")
    left, right, top, bottom = person.viewport().look.overlay.edges
    assert (right, left, top, bottom) == upright


def test_number_keys_choose_presets_and_0_the_images_own_window(reader, tmp_path):
    series = slices(1)
    person = reader(written(series, tmp_path / "ct"))
    for key, center, width in (("1", 60, 400), ("3", 480, 2500), ("8", 90, 150), ("0", 40, 400)):
        person.key(key)
        assert f"{center}" in person.words()
        if key != "3":
            assert_seen(person, series[0], center=center, width=width)


def test_bir_B24_i_shows_less_text_and_then_none_but_says_that_it_is_hidden(person):
    full = person.words()
    assert "Tina" in full
    person.key("I")
    assert len(person.words()) < len(full)
    assert "Tina" in person.words()
    person.key("I")
    assert person.words() == "text hidden (I)"
    assert person.window.reading.room.looks.detail is Detail.OFF
    person.key("I")
    assert person.words() == full


# -------------------------------------------------------------------------------------------- layouts
@pytest.mark.parametrize("side", [1, 2, 3, 4])
def test_a_layout_has_as_many_viewports_and_keeps_what_hangs(person, side):
    person.window.reading.arrange(side, side)
    person.settle()
    viewports = person.window.furniture.grid.viewports
    assert len(viewports) == len(person.desk.panes) == side * side
    assert len({(viewport.x(), viewport.y()) for viewport in viewports}) == side * side
    assert person.number(0) == 4
    sizes = [(pane.state.width, pane.state.height) for pane in person.desk.panes]
    assert sizes == [viewport.device_size for viewport in viewports]


def test_bir_B7_g_opens_the_layout_picker_and_what_is_chosen_there_is_arranged(person):
    person.key("G")
    picker = QApplication.activePopupWidget()
    assert picker is not None
    picker.chosen.emit(2, 3)
    picker.close()
    person.settle()
    assert (person.desk.rows, person.desk.columns) == (2, 3)


def test_a_series_dropped_on_a_viewport_hangs_there_and_makes_it_active(two_series):
    person = two_series
    person.window.reading.arrange(2, 2)
    shelf = person.window.intake.shelf
    hung = [
        stack
        for patient in shelf.patients()
        for study in patient.studies
        for stack in shelf.study_stacks(study)
    ]
    assert person.drop(person.viewport(3), dragged(shelf.key_of(hung[1]).text))
    person.settle()
    assert person.desk.active == 3
    assert person.desk.panes[3].hung == hung[1]
    assert person.desk.panes[3].picture is not None


def test_a_double_click_shows_one_viewport_alone_and_a_second_one_all(two_series, qtbot):
    person = two_series
    assert len(person.desk.panes) == 2
    small = person.viewport(1).device_size
    qtbot.mouseDClick(person.viewport(1), Qt.MouseButton.LeftButton)
    person.settle()
    assert not person.viewport(0).isVisible()
    assert person.viewport(1).device_size > small
    assert person.desk.active == 1
    qtbot.mouseDClick(person.viewport(1), Qt.MouseButton.LeftButton)
    person.settle()
    assert person.viewport(0).isVisible()
    assert person.viewport(1).device_size == small


def test_return_does_the_same_and_tab_goes_to_the_next_viewport(two_series):
    person = two_series
    person.key("Tab")
    assert person.desk.active == 1
    person.key("Return")
    assert not person.viewport(0).isVisible()
    person.key("Return", "Tab")
    assert person.viewport(0).isVisible()
    assert person.desk.active == 0


def test_f7_and_f8_fold_the_list_and_the_panel_and_f1_shows_the_keys(person):
    furniture = person.window.furniture
    person.key("F7", "F8")
    assert (furniture.rail.isVisible(), furniture.panel.isVisible()) == (False, True)
    person.key("F7", "F8")
    assert (furniture.rail.isVisible(), furniture.panel.isVisible()) == (True, False)
    person.key("F1")
    sheets = person.window.findChildren(KeySheet)
    assert any(sheet.isVisible() for sheet in sheets)
    for sheet in sheets:
        sheet.close()


# ------------------------------------------------------------------------------------- nothing blocks
def test_the_main_thread_opens_no_file_while_one_reads(two_series, stay_off_the_disk):
    person = two_series
    with stay_off_the_disk():
        person.key("Down", "Up", "End", "Home", "2", "0", "N", "Esc", "I", "I", "I", "Tab", "PgUp", "W", "D")
        person.wheel(2).settle()
        person.drag((100, 100), (180, 140), button=Qt.MouseButton.RightButton)
        person.drag((100, 100), (180, 140))
        person.key("Ctrl+Z", "Ctrl+Shift+Z", "Delete", "C")
        person._qtbot.wait(100)
        person.key("C")
        person.window.grab()
    assert person.drawings.annotations == ()
