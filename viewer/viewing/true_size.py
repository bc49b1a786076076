"""One millimetre on the screen for one millimetre of the image, and in which sense."""

from dataclasses import replace

from viewer.dicom.image import CalibrationClass, ImageDescription
from viewer.viewing.monitors import Pitch
from viewer.viewing.spacing import mm_per_column
from viewer.viewing.viewport import ViewportState

SAME = 1e-6  # of the zoom: nearer than this it is the true size
NO_LENGTH = "No length is known in this image, so its true size is not known either."
NO_PITCH = "The size of this monitor is not known: calibrate it first (View, Calibrate this monitor)."
SENSES = {
    CalibrationClass.PATIENT: "",
    CalibrationClass.REGION: "",
    CalibrationClass.CORRECTED: "corrected",
    CalibrationClass.DETECTOR: "at detector",
    CalibrationClass.NOMINAL: "nominal",
    CalibrationClass.USER: "as calibrated by the reader",
}


def no_true_size(image: ImageDescription | None) -> str:
    """Return why an image cannot be shown at true size on any monitor."""
    if image is None:
        return "There is no image here."
    return "" if mm_per_column(image) is not None else NO_LENGTH


def at_true_size(state: ViewportState, pitch: Pitch) -> ViewportState:
    """Return the view in which 1 mm of the image takes 1 mm of the screen, around what was in the middle.

    Only device pixels count: what the system scales does not enter.
    """
    zoom = _true_zoom(state, pitch)
    if zoom is None:
        return state
    near = state.zoomed(zoom / state.shown_zoom, state.width / 2, state.height / 2)
    return replace(near, zoom=zoom)


def true_size_words(state: ViewportState, pitch: Pitch | None) -> str:
    """Return that a view is at true size, in which sense and with which doubt; "" when it is not."""
    zoom = _true_zoom(state, pitch) if pitch is not None else None
    if zoom is None or pitch is None or state.image is None or abs(state.shown_zoom / zoom - 1) > SAME:
        return ""
    sense = SENSES.get(state.image.calibration.kind, "")
    return ", ".join(part for part in (f"true size {sense}".strip(), pitch.source) if part)


def _true_zoom(state: ViewportState, pitch: Pitch) -> float | None:
    spacing = mm_per_column(state.image)
    return spacing / pitch.mm if spacing is not None else None
