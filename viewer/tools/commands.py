"""COMMANDS: one row for each thing that a viewport does at once. Menus, keys and tool bar come from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from viewer.dicom.image import ImageDescription
from viewer.rendering.spatial import Affine
from viewer.tools import steps
from viewer.tools.table import Reason, any_image
from viewer.viewing.clamp import is_clamped
from viewer.viewing.viewport import ViewportState

ZOOM_STEP = 1.25  # three steps double


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One command of a viewport."""

    name: str
    title: str
    key: str  # a Qt key sequence
    icon: str  # of resources/icons
    tip: str  # one clause: what it is for
    apply: Callable[[ViewportState], ViewportState]
    reason: Reason = any_image  # why it cannot be used on an image; "" when it can
    is_on: Callable[[ViewportState], bool] | None = None  # for what can be on or off


def reset(state: ViewportState) -> ViewportState:
    """Return the view as it was hung, else as the header wants it; the image shown stays (IHE BIR reset)."""
    hung = state.as_hung
    return replace(
        state,
        voi=hung.voi,
        alternative=None,
        inverted=hung.inverted,
        zoom=hung.zoom,
        pan=(0.0, 0.0),
        rotation=hung.rotation,
        flipped=hung.flipped,
        overlays=True,
        shutter=True,
        palette=hung.palette,
        clamped=None,
        justify=hung.justify,
        scale=hung.scale,
        masking=replace(state.masking, shift=None),  # the frames of the mask are a choice of what is seen
    )


def fit(state: ViewportState) -> ViewportState:
    """Return the whole image, as large as it can be."""
    return replace(state, zoom=None, scale=None, pan=(0.0, 0.0))


def one_to_one(state: ViewportState) -> ViewportState:
    """Return one image pixel per device pixel, edges on edges, around what was in the middle."""
    near = replace(state.zoomed(1.0 / state.shown_zoom, state.width / 2, state.height / 2), zoom=1.0)
    corner = near.affine
    x, y = near.pan
    return replace(near, pan=(x + round(corner.tx) - corner.tx, y + round(corner.ty) - corner.ty))


def invert(state: ViewportState) -> ViewportState:
    """Return black for white."""
    return replace(state, inverted=not state.inverted)


def rotate_right(state: ViewportState) -> ViewportState:
    """Return the view turned clockwise by 90 degrees on the screen."""
    return _turned(state, 90)


def rotate_left(state: ViewportState) -> ViewportState:
    """Return the view turned anticlockwise by 90 degrees on the screen."""
    return _turned(state, 270)


def flip_horizontal(state: ViewportState) -> ViewportState:
    """Return the view with left and right of the screen exchanged."""
    mirrored = -state.pan[0], state.pan[1]
    return replace(state, flipped=not state.flipped, pan=mirrored, justify=-state.justify)


def flip_vertical(state: ViewportState) -> ViewportState:
    """Return the view with top and bottom of the screen exchanged."""
    rotation = (state.rotation + 180) % 360
    return replace(state, flipped=not state.flipped, rotation=rotation, pan=(state.pan[0], -state.pan[1]))


def smooth(state: ViewportState) -> ViewportState:
    """Return the view with interpolation switched."""
    return replace(state, smooth=not state.smooth)


def zoom_in(state: ViewportState) -> ViewportState:
    """Return the view one step larger, around its middle."""
    return state.zoomed(ZOOM_STEP, state.width / 2, state.height / 2)


def zoom_out(state: ViewportState) -> ViewportState:
    """Return the view one step smaller, around its middle."""
    return state.zoomed(1 / ZOOM_STEP, state.width / 2, state.height / 2)


def overlays(state: ViewportState) -> ViewportState:
    """Return the view with the image's overlay planes shown or hidden."""
    return replace(state, overlays=not state.overlays)


def shutter(state: ViewportState) -> ViewportState:
    """Return the view with the image's display shutter on or off."""
    return replace(state, shutter=not state.shutter)


def _turned(state: ViewportState, clockwise: int) -> ViewportState:
    """Turn on the screen: the state's own rotation comes before its flip, which reverses the sense."""
    turn = -clockwise if state.flipped else clockwise
    pan = Affine.turned(clockwise, flipped=False)(*state.pan)
    return replace(state, rotation=(state.rotation + turn) % 360, pan=pan)


def grey_only(image: ImageDescription | None) -> str:
    """Return why an image cannot be inverted."""
    if image is not None and not image.photometric.startswith("MONOCHROME"):
        return "A colour image is shown in its own colours."
    return any_image(image)


def overlays_only(image: ImageDescription | None) -> str:
    """Return why overlays cannot be hidden."""
    return "This image has no overlays." if image is not None and not image.overlays else any_image(image)


def shutter_only(image: ImageDescription | None) -> str:
    """Return why a shutter cannot be opened."""
    if image is not None and image.shutter is None:
        return "This image has no shutter."
    return any_image(image)


def projection_only(image: ImageDescription | None) -> str:
    """Return why an image cannot be turned: IHE BIR allows it for projections only, for safety."""
    if image is not None and not image.projection:
        return "Only projection images such as X-rays are turned and flipped; this one keeps its orientation."
    return any_image(image)


WAYS: dict[str, Callable[[ViewportState], ViewportState]] = {
    "left": steps.left,
    "right": steps.right,
    "up": steps.up,
    "down": steps.down,
}
WINDOW_STEPS: tuple[tuple[str, str, str, str, Callable[[ViewportState], ViewportState]], ...] = (
    ("wider", "Wider window", "Alt+Right", "a tenth less contrast", steps.wider),
    ("narrower", "Narrower window", "Alt+Left", "a tenth more contrast", steps.narrower),
    ("brighter", "Brighter", "Alt+Up", "the centre of the window goes down", steps.brighter),
    ("darker", "Darker", "Alt+Down", "the centre of the window goes up", steps.darker),
)
COMMANDS: tuple[CommandRow, ...] = (
    CommandRow("reset", "Reset view", "Esc", "reset", "window, zoom and position as at first", reset),
    CommandRow("fit", "Fit", "F", "fit", "the whole image", fit),
    CommandRow(
        "one-to-one", "1:1", "Shift+F", "one-to-one", "one image pixel on one screen pixel", one_to_one
    ),
    CommandRow(
        "twice", "200 %", "Ctrl+2", "zoom-in", "one image pixel on two by two screen pixels", steps.twice
    ),
    CommandRow(
        "fit-width", "Fit width", "Alt+F", "fit", "the whole width of the image across", steps.fit_width
    ),
    CommandRow("zoom-in", "Zoom in", "+", "zoom", "one step larger", zoom_in),
    CommandRow("zoom-out", "Zoom out", "-", "zoom", "one step smaller", zoom_out),
    *(
        CommandRow(
            f"move-{way}", f"Move {way}", f"Ctrl+{way.title()}", "pan", f"the picture goes {way}", step
        )
        for way, step in WAYS.items()
    ),
    *(
        CommandRow(name, title, key, "window", tip, step, grey_only)
        for name, title, key, tip, step in WINDOW_STEPS
    ),
    CommandRow(
        "clamp",
        "Clamp window at 0",
        "Alt+C",
        "clamp",
        "the lower end stays at 0, as for PET and NM, or both ends move",
        steps.clamp,
        grey_only,
        is_clamped,
    ),
    CommandRow(
        "invert", "Invert", "N", "invert", "black for white", invert, grey_only, lambda state: state.inverted
    ),
    CommandRow(
        "rotate-right", "Rotate right", "]", "rotate-right", "by 90 degrees", rotate_right, projection_only
    ),
    CommandRow(
        "rotate-left", "Rotate left", "[", "rotate-left", "by 90 degrees", rotate_left, projection_only
    ),
    CommandRow(
        "flip-horizontal",
        "Flip horizontally",
        "Shift+H",
        "flip-horizontal",
        "left for right",
        flip_horizontal,
        projection_only,
    ),
    CommandRow(
        "flip-vertical",
        "Flip vertically",
        "Shift+V",
        "flip-vertical",
        "top for bottom",
        flip_vertical,
        projection_only,
    ),
    CommandRow(
        "smooth",
        "Smooth pixels",
        "Shift+S",
        "smooth",
        "interpolate between pixels, or show them as squares",
        smooth,
        is_on=lambda state: state.smooth,
    ),
    CommandRow(
        "overlays",
        "Overlays",
        "Shift+O",
        "layers",
        "marks that the image brings with it",
        overlays,
        overlays_only,
        lambda state: state.overlays,
    ),
    CommandRow(
        "shutter",
        "Shutter",
        "Shift+D",
        "aperture",
        "hide or show what the image's shutter covers",
        shutter,
        shutter_only,
        lambda state: state.shutter,
    ),
)


def command_row(name: str) -> CommandRow:
    """Return the row of a command. Raises KeyError when there is none."""
    return {row.name: row for row in COMMANDS}[name]
