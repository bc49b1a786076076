"""TOOLS: one row for each mouse tool. Tool bar, menus, tooltips, keys and the key sheet come from it."""

from collections.abc import Callable
from dataclasses import dataclass

from viewer.dicom.image import CalibrationClass, ImageDescription
from viewer.tools.draw import (
    draw_angle,
    draw_arrow,
    draw_bidirectional,
    draw_calibration,
    draw_circle,
    draw_cobb,
    draw_ellipse,
    draw_length,
    draw_point,
    draw_rectangle,
    draw_text,
)
from viewer.tools.draw_path import draw_polygon, draw_polyline
from viewer.tools.mask import shift_mask, subtracted_image
from viewer.tools.navigate import magnify, pan, scroll, window, zoom
from viewer.tools.rectangles import region_window, zoom_rectangle
from viewer.tools.select import select
from viewer.tools.tool import Tool
from viewer.viewing.mpr import is_reformatted

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
    family: str = ""  # rows of one family share a button of the tool bar, the last one used in front


def any_image(image: ImageDescription | None) -> str:
    """Return why a tool that works on every image does not work here."""
    return "" if image is not None else "There is no image here."


def grey_image(image: ImageDescription | None) -> str:
    """Return why a tool for grey values does not work here."""
    if image is not None and not image.photometric.startswith("MONOCHROME"):
        return "A colour image is shown in its own colours: it has no window."
    return any_image(image)


def uncalibrated_image(image: ImageDescription | None) -> str:
    """Return why an image is not calibrated by hand: what has millimetres of its own keeps them."""
    if image is not None and is_reformatted(image):
        return "A plane through a volume has millimetres of its own."
    if image is not None and image.calibration.kind in OWN_MILLIMETRES:
        return "This image has millimetres of its own."
    return any_image(image)


OWN_MILLIMETRES = {CalibrationClass.PATIENT, CalibrationClass.REGION}
MEASURING = "measuring"

TOOLS: tuple[ToolRow, ...] = (
    ToolRow(
        "scroll",
        "Scroll",
        "S",
        "scroll",
        "size-vertical",
        "drag to go through the images",
        scroll,
        any_image,
        family="scrolling",
    ),
    ToolRow(
        "select",
        "Select",
        "V",
        "select",
        "arrow",
        "a click chooses a viewport or a measurement, and nothing else",
        select,
        any_image,
        family="scrolling",
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
        family="windowing",
    ),
    ToolRow(
        "region-window",
        "Window of a region",
        "Shift+W",
        "region-window",
        "cross",
        "drag a rectangle: the window becomes that of the values inside",
        region_window,
        grey_image,
        family="windowing",
    ),
    ToolRow(
        "zoom",
        "Zoom",
        "Z",
        "zoom",
        "zoom",
        "drag down to enlarge, up to reduce",
        zoom,
        any_image,
        family="zooming",
    ),
    ToolRow(
        "zoom-rectangle",
        "Zoom to a rectangle",
        "Alt+Z",
        "zoom-region",
        "cross",
        "drag a rectangle: it fills the viewport",
        zoom_rectangle,
        any_image,
        family="zooming",
    ),
    ToolRow(
        "magnifier",
        "Magnifier",
        "Shift+Z",
        "magnifier",
        "cross",
        "hold the button: a lens from the stored values; the wheel changes it",
        magnify,
        any_image,
        family="zooming",
    ),
    ToolRow("pan", "Pan", "T", "pan", "hand", "drag to move the image", pan, any_image, family="panning"),
    ToolRow(
        "shift-mask",
        "Move the mask",
        "Alt+M",
        "shift-mask",
        "hand",
        "drag to lay the mask of a subtraction over the frames, in quarters of a pixel",
        shift_mask,
        subtracted_image,
        family="panning",
    ),
    ToolRow(
        "length",
        "Length",
        "D",
        "length",
        "cross",
        "drag, or click twice, to measure a distance",
        draw_length,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "cobb",
        "Angle of two lines",
        "A",
        "cobb",
        "cross",
        "drag two lines, or click their four ends; they need not meet: Cobb",
        draw_cobb,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "angle",
        "Angle",
        "Shift+A",
        "angle",
        "cross",
        "click an end, the corner and the other end",
        draw_angle,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "polyline",
        "Polyline",
        "Shift+Q",
        "polyline",
        "cross",
        "click along a way; Enter or a double click ends it, Backspace goes back",
        draw_polyline,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "bidirectional",
        "Bidirectional",
        "B",
        "bidirectional",
        "cross",
        "drag the long axis, then the short one square to it",
        draw_bidirectional,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "rectangle",
        "Rectangle",
        "Shift+B",
        "rectangle",
        "cross",
        "drag from corner to corner: area and values inside",
        draw_rectangle,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "ellipse",
        "Ellipse",
        "E",
        "ellipse",
        "cross",
        "drag from corner to corner: area and values inside",
        draw_ellipse,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "circle",
        "Circle",
        "Shift+E",
        "circle",
        "cross",
        "drag from the centre to the edge: area and values inside",
        draw_circle,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "polygon",
        "Outline",
        "Q",
        "polygon",
        "cross",
        "draw it by hand, or click its corners; Enter, a double click or the first point closes it",
        draw_polygon,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "point",
        "Value at a point",
        "X",
        "probe",
        "cross",
        "click to mark a point and the value there",
        draw_point,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "arrow", "Arrow", "Shift+X", "arrow", "cross", "drag from the tip", draw_arrow, any_image, MEASURING
    ),
    ToolRow(
        "text",
        "Text",
        "Shift+T",
        "words",
        "cross",
        "click where it belongs and write; Enter ends, Shift+Enter begins a line",
        draw_text,
        any_image,
        MEASURING,
    ),
    ToolRow(
        "calibrate",
        "Calibrate",
        "Shift+K",
        "calibrate",
        "cross",
        "drag along something of known length and enter its millimetres",
        draw_calibration,
        uncalibrated_image,
        MEASURING,
    ),
)


def tool_row(name: str) -> ToolRow:
    """Return the row of a tool. Raises KeyError when there is none."""
    return {row.name: row for row in TOOLS}[name]
