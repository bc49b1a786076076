import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton

from viewer.ui import theme
from viewer.ui.actions.action_row import ActionRow
from viewer.ui.actions.tool_bar import ToolBar

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support .*")  # offscreen has no window manager

ROWS = (
    ActionRow("open", "Open", "Ctrl+O", "open-folder", "files or a folder", group="file"),
    ActionRow(
        "scroll", "Scroll", "S", "scroll", "drag to go through the images", checkable=True, group="tools"
    ),
    ActionRow("window", "Window", "W", "window", "drag for contrast", checkable=True, group="tools"),
    ActionRow(
        "invert", "Invert", "N", "invert", "black for white", checkable=True, group="view", exclusive=False
    ),
    ActionRow("smooth", "Smooth", "", "smooth", "", checkable=True, group="view", exclusive=False),
)


@pytest.fixture
def bar(qtbot):
    made = ToolBar(ROWS)
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    return made


def button(bar, name):
    return next(
        b
        for b in bar.findChildren(QToolButton)
        if b.defaultAction() and b.defaultAction().objectName() == name
    )


def checked(bar):
    return {row.name for row in ROWS if bar.action(row.name).isChecked()}


def test_a_click_tells_the_name(bar, qtbot):
    with qtbot.waitSignal(bar.triggered, check_params_cb=lambda name: name == "open"):
        qtbot.mouseClick(button(bar, "open"), Qt.MouseButton.LeftButton)


def test_of_the_mouse_tools_one_is_on(bar):
    bar.set_checked("scroll")
    bar.set_checked("window")
    bar.set_checked("invert")
    bar.set_checked("smooth")
    assert checked(bar) == {"window", "invert", "smooth"}
    bar.set_checked("invert", on=False)
    bar.set_checked("window", on=False)
    assert checked(bar) == {"smooth"}
    bar.set_checked("scroll")
    assert checked(bar) == {"smooth", "scroll"}


def test_a_second_click_on_the_active_tool_leaves_it_on(bar, qtbot):
    bar.set_checked("window")
    qtbot.mouseClick(button(bar, "window"), Qt.MouseButton.LeftButton)
    assert checked(bar) == {"window"}


def test_a_tooltip_names_the_key_and_what_it_is_for(bar):
    assert bar.action("scroll").toolTip() == "<p>Scroll (S) — drag to go through the images</p>"
    assert bar.action("smooth").toolTip() == "<p>Smooth</p>"


def test_every_button_has_a_name_for_those_who_do_not_see_it(bar):
    assert all(made.accessibleName() for made in bar.findChildren(QToolButton))


def test_what_cannot_be_used_says_why(bar):
    bar.set_enabled("window", on=False, reason="There is no image here.")
    assert not button(bar, "window").isEnabled()
    assert bar.action("window").toolTip().endswith("<br>There is no image here.</p>")
    bar.set_enabled("window", on=True)
    assert "no image" not in bar.action("window").toolTip()


def test_targets_are_32_and_groups_stand_apart(bar):
    places = [button(bar, row.name).geometry() for row in ROWS]
    assert all(place.width() == place.height() == theme.TARGET for place in places)
    assert places[1].left() - places[0].right() == theme.GAP + 1
    assert places[2].left() - places[1].right() == 1


@pytest.mark.parametrize("width", [32, 40, 70, 100, 140, 175])
def test_what_does_not_fit_is_in_the_menu(bar, width):
    bar.resize(width, 32)
    more = next(made for made in bar.findChildren(QToolButton) if made.accessibleName() == "More tools")
    inside = [row.name for row in ROWS if button(bar, row.name).isVisible()]
    listed = [action.objectName() for action in more.menu().actions() if not action.isSeparator()]
    assert inside + listed == [row.name for row in ROWS]
    assert more.isVisible() == bool(listed)
    assert all(made.geometry().right() < width for made in bar.findChildren(QToolButton) if made.isVisible())


def test_another_palette_draws_other_icons(qapp, bar):
    before = button(bar, "open").icon().pixmap(20, 20).toImage()
    theme.apply(qapp, "light")
    try:
        QApplication.processEvents()
        assert button(bar, "open").icon().pixmap(20, 20).toImage() != before
    finally:
        theme.apply(qapp)


FAMILY = (
    ActionRow("scroll", "Scroll", "S", "scroll", "", checkable=True, group="tools"),
    ActionRow("length", "Length", "D", "length", "", checkable=True, group="tools", family="measuring"),
    ActionRow("angle", "Angle", "A", "angle", "", checkable=True, group="tools", family="measuring"),
    ActionRow("text", "Text", "", "words", "", checkable=True, group="tools", family="measuring"),
    ActionRow("undo", "Undo", "Ctrl+Z", "undo", "", group="drawing"),
)


@pytest.fixture
def families(qtbot):
    made = ToolBar(FAMILY)
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    return made


def shown(bar):
    return {
        b.defaultAction().objectName()
        for b in bar.findChildren(QToolButton)
        if b.isVisible() and b.defaultAction()
    }


def chevron(bar):
    return next(b for b in bar.findChildren(QToolButton) if b.accessibleName().startswith("More of Length"))


def test_a_family_shares_one_button_with_the_last_one_used_in_front(families):
    assert shown(families) == {"scroll", "length", "undo"}
    families.set_checked("angle")
    assert shown(families) == {"scroll", "angle", "undo"}
    families.set_checked("scroll")
    assert shown(families) == {"scroll", "angle", "undo"}


def test_all_of_a_family_are_in_the_menu_beside_it_with_their_keys(families, qtbot):
    texts = [action.text() for action in chevron(families).menu().actions()]
    assert texts == ["Length\tD", "Angle\tA", "Text"]
    with qtbot.waitSignal(families.triggered, check_params_cb=lambda name: name == "text"):
        chevron(families).menu().actions()[2].trigger()


def test_a_family_that_does_not_fit_is_in_the_menu_at_the_end_as_a_whole(families):
    families.resize(80, 32)
    assert shown(families) == {"scroll"}
    more = next(b for b in families.findChildren(QToolButton) if b.accessibleName() == "More tools")
    assert [action.text() for action in more.menu().actions() if action.text()] == [
        "Length\tD",
        "Angle\tA",
        "Text",
        "Undo\tCtrl+Z",
    ]


def test_one_of_a_family_that_cannot_be_used_is_disabled_in_its_menu(families):
    families.set_enabled("angle", on=False, reason="There is no image here.")
    assert [action.isEnabled() for action in chevron(families).menu().actions()] == [True, False, True]
