"""One scale for several viewports: as many device pixels per millimetre in each, whatever the detector."""

from collections.abc import Iterable

from viewer.viewing.spacing import mm_per_column
from viewer.viewing.viewport import ViewportState


def common_scale(states: Iterable[ViewportState]) -> float | None:
    """Return the device pixels per mm at which every image that is to have one scale just fits.

    None where no such image with a calibration is there.
    """
    fitting = [
        state.fit_zoom / spacing
        for state in states
        if state.scale is not None and (spacing := mm_per_column(state.image)) is not None
    ]
    return min(fitting, default=None)


def scale_notice(state: ViewportState) -> str:
    """Return that an image cannot be shown to the scale of the others, in words on the picture."""
    if state.scale is None or state.image is None or mm_per_column(state.image) is not None:
        return ""
    return "not to scale: the header names no spacing"


def background_notice(state: ViewportState) -> str:
    """Return that the air beside a breast is white: only pixel padding stays black when one inverts."""
    image = state.image
    mammogram = image is not None and image.text.get("Modality") == "MG"
    if image is None or not (mammogram and state.inverted and image.padding is None):
        return ""
    return "background not black: the header names no pixel padding"


def notices(state: ViewportState) -> list[str]:
    """Return what a reader must know of how an image hangs, in words on the picture."""
    words = (state.as_hung.notice, scale_notice(state), background_notice(state))
    return [each for each in words if each]
