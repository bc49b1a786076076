"""The clamped window of IHE BIR RAD TF-2 4.16.4.2.2.5.4: its lower end stays at 0, the hand moves the upper.

Nuclear medicine and PET are read so: 0 is no uptake, and stays the first grey whatever the upper end is.
"""

import math
from dataclasses import replace

from viewer.dicom.luts import Voi, Window, WindowFunction
from viewer.viewing.viewport import ViewportState

MODALITIES = frozenset({"NM", "PT"})  # which begin clamped
WORD = "clamped"
SAME = 1e-9  # of the width: a lower end nearer to 0 than this is 0


def is_clamped(state: ViewportState) -> bool:
    """Tell whether the lower end of the window stays at 0: by the reader, else as the modality has it."""
    if state.clamped is not None:
        return state.clamped
    return state.image is not None and state.image.text.get("Modality", "") in MODALITIES


def clamped(window: Window) -> Window | None:
    """Return the window from 0 to the upper end of `window`, None where that is not above 0.

    The lower end of a window is center - width/2 by the formulas of PS3.3 C.11.2.1.2 and C.11.2.1.3.2.
    """
    top = window.center + window.width / 2
    least = 1.0 if window.function is WindowFunction.LINEAR and window.width >= 1 else 0.0
    if not (math.isfinite(top) and top > least):
        return None
    function = WindowFunction.LINEAR if window.function is WindowFunction.SIGMOID else window.function
    return replace(window, center=top / 2, width=top, function=function, explanation=WORD, source=WORD)


def worded(voi: Voi | None, state: ViewportState) -> Voi | None:
    """Return a VOI in force with the word for the corner where it is clamped and has no other words."""
    if not isinstance(voi, Window) or voi.explanation or not is_clamped(state):
        return voi
    starts_at_zero = abs(voi.center - voi.width / 2) <= SAME * voi.width
    return replace(voi, explanation=WORD) if starts_at_zero else voi
