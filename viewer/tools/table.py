"""TOOLS: one row for each mouse tool. Tool bar, menus, tooltips, keys and the key sheet come from it."""

from collections.abc import Callable
from dataclasses import dataclass

from viewer.dicom.image import ImageDescription
from viewer.tools.draw import draw_length
from viewer.tools.navigate import pan, scroll, window, zoom
from viewer.tools.tool import Tool

Reason = Callable[[ImageDescription | None], str]  # why something cannot be used on an image; "" when it can


@dataclass(frozen=True, slots=True)
class ToolRow:
    """One mouse tool."""

    name: str  # for settings and code
    title: str  # for menus, tooltips and screen readers
    key: str  # a Qt key sequence
    icon: str  # of resources/icons
    cursor: str  # "arrow", "size-vertical", "cross", "hand", "zoom", "window"
    tip: str  # one clause: what it is for
    tool: Tool
    reason: Reason


def any_image(image: ImageDescription | None) -> str:
    """Return why a tool that works on every image does not work here."""
    return "" if image is not None else "There is no image here."


def grey_image(image: ImageDescription | None) -> str:
    """Return why a tool for grey values does not work here."""
    if image is not None and not image.photometric.startswith("MONOCHROME"):
        return "A colour image is shown in its own colours: it has no window."
    return any_image(image)


TOOLS: tuple[ToolRow, ...] = (
    ToolRow(
        "scroll", "Scroll", "S", "scroll", "size-vertical", "drag to go through the images", scroll, any_image
    ),
    ToolRow(
        "window",
        "Window",
        "W",
        "window",
        "window",
        "drag right for a wider window, up for a brighter image",
        window,
        grey_image,
    ),
    ToolRow("zoom", "Zoom", "Z", "zoom", "zoom", "drag down to enlarge, up to reduce", zoom, any_image),
    ToolRow("pan", "Pan", "T", "pan", "hand", "drag to move the image", pan, any_image),
    ToolRow(
        "length",
        "Length",
        "D",
        "length",
        "cross",
        "drag, or click twice, to measure a distance",
        draw_length,
        any_image,
    ),
)


def tool_row(name: str) -> ToolRow:
    """Return the row of a tool. Raises KeyError when there is none."""
    return {row.name: row for row in TOOLS}[name]
