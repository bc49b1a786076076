"""The menu of one annotation: what a right click on it offers."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from viewer.annotations.shapes import Annotation
from viewer.ui import theme

COLORS: Mapping[str, str] = {
    "Yellow-green": "",  # that of all
    "Cyan": "#6fd3e8",
    "Orange": "#f0a35e",
    "Magenta": "#e48ad0",
    "Violet": "#a9a6ff",
    "White": "#f2f4f6",
}
SWATCH = 14  # logical pixels


def shape_menu(
    parent: QWidget,
    shape: Annotation,
    deeds: Mapping[str, Callable[[], object]],
    color: Callable[[str], object],
) -> QMenu:
    """Return the menu; `deeds` by the title of each line, `color` is called with a colour that is chosen.

    What another program drew can be copied, hidden and deleted, but keeps its words and looks.
    """
    menu = QMenu(parent)
    for title, deed in deeds.items():
        action = menu.addAction(title)
        action.triggered.connect(lambda _=False, do=deed: do())
        action.setEnabled(not shape.read_only or not title.startswith("Name"))
    colors = QMenu("Colour", menu)
    for title, name in COLORS.items():
        choice = colors.addAction(swatch(name), title)
        choice.setCheckable(True)
        choice.setChecked(shape.color == name)
        choice.triggered.connect(lambda _=False, chosen=name: color(chosen))
    colors.setEnabled(not shape.read_only)
    first = menu.actions()[1] if len(menu.actions()) > 1 else None
    if first is not None:
        menu.insertMenu(first, colors)
    else:
        menu.addMenu(colors)
    return menu


def swatch(color: str) -> QIcon:
    """Return a little square of a colour, "" for that of all."""
    drawn = QPixmap(SWATCH, SWATCH)
    drawn.fill(QColor(color or theme.ANNOTATION))
    return QIcon(drawn)
