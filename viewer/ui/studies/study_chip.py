"""A small button that is on or off, in the row above a list of studies."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from viewer.ui import icons, theme


def chip(words: str, parent: QWidget, *, symbol: str = "", menu: bool = False) -> QToolButton:
    """Return a button with words; with `menu` one that opens a menu."""
    button = QToolButton(parent)
    button.setText(words)
    button.setCheckable(not menu)
    button.setMinimumHeight(theme.ROW)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    if menu:
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    if symbol:
        colours = theme.colours_of(parent.palette())
        button.setIcon(icons.icon(symbol, colours.secondary, colours=colours, size=16))
        button.setIconSize(QSize(16, 16))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button
