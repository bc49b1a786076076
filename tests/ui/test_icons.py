import xml.etree.ElementTree as ET

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from viewer.errors import ViewerError
from viewer.paths import resource
from viewer.tools.commands import COMMANDS
from viewer.tools.table import TOOLS
from viewer.ui import icons, theme

pytestmark = pytest.mark.usefixtures("qapp")  # fonts and pixmaps need an application

NAMES = sorted(path.stem for path in resource("icons").glob("*.svg"))


def colours_in(pixmap):
    image = pixmap.toImage()
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return {image.pixelColor(x, y).name() for x, y in points if image.pixelColor(x, y).alpha() == 255}


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_has_one_grid_and_one_stroke(name):
    root = ET.fromstring(resource(f"icons/{name}.svg").read_text())  # noqa: S314  our own file
    assert root.get("viewBox") == "0 0 20 20"
    assert root.get("stroke-width") == "1.5"
    assert root.get("stroke") == "currentColor"


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_shows_something_within_its_edges(name):
    image = icons.pixmap(name, size=40).toImage()
    inked = {(x, y) for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() > 128}
    assert inked
    assert not any(x in {0, 39} or y in {0, 39} for x, y in inked)


@pytest.mark.parametrize("row", [*TOOLS, *COMMANDS], ids=lambda row: row.name)
def test_every_tool_and_command_has_a_drawing(row):
    assert row.icon in NAMES


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_an_icon_is_drawn_for_the_scale_of_the_screen(ratio):
    shown = icons.icon("grid").pixmap(QSize(20, 20), ratio)
    assert shown.size() == QSize(round(20 * ratio), round(20 * ratio))
    assert shown.deviceIndependentSize().toSize() == QSize(20, 20)


def test_an_icon_is_greyed_when_disabled_and_has_the_accent_when_checked():
    shown = icons.icon("stop")
    size = QSize(20, 20)
    assert colours_in(shown.pixmap(size)) == {QColor(theme.TEXT).name()}
    assert colours_in(shown.pixmap(size, QIcon.Mode.Disabled)) == {theme.DISABLED}
    assert colours_in(shown.pixmap(size, QIcon.Mode.Normal, QIcon.State.On)) == {theme.ACCENT}


def test_a_missing_drawing_is_said_in_words():
    with pytest.raises(ViewerError, match=r"the file icons/nothing\.svg is missing"):
        icons.icon("nothing")
