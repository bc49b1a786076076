"""The mouse cursor of each tool."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor

from viewer.ui import icons, theme

SHAPES = {
    "arrow": Qt.CursorShape.ArrowCursor,
    "size-vertical": Qt.CursorShape.SizeVerCursor,
    "cross": Qt.CursorShape.CrossCursor,
    "hand": Qt.CursorShape.OpenHandCursor,
}
DRAWN = {"zoom": "zoom", "window": "window"}  # drawings of resources/icons
SIZE = 20  # logical pixels


def cursor(name: str) -> QCursor:
    """Return a cursor by the name that a tool's row gives; an unknown one is the arrow."""
    if name in DRAWN:
        return QCursor(icons.icon(DRAWN[name], theme.TEXT).pixmap(SIZE, SIZE), SIZE // 2, SIZE // 2)
    return QCursor(SHAPES.get(name, Qt.CursorShape.ArrowCursor))
