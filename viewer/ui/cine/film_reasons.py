"""Why the actions on films and on masks cannot be used."""

from viewer.rendering.subtraction import NO_MASK
from viewer.tools.mask import NOT_SUBTRACTED
from viewer.ui.actions.film_rows import FILMS, GROUP, SHIFTS
from viewer.ui.cine.cinema import Cinema
from viewer.viewing.desk import Desk
from viewer.viewing.masking import Masking, unusable
from viewer.viewing.pane import Pane

NO_IMAGE = "There is no image here."
ONE_IMAGE = "There is only one image in this stack."
NO_CHOICE = "The mask is that of the header."
PLANE = "A plane through a volume has no mask to subtract."


def film_reasons(desk: Desk, cinema: Cinema) -> dict[str, str]:
    """Return why each action on the active viewport cannot be used; "" where it can."""
    pane = desk.pane
    image = pane.state.image
    one = "" if cinema.playing or _is_stack(pane) else NO_IMAGE if image is None else ONE_IMAGE
    found = {"cine": one, **{row.name: one for row in FILMS if row.group == GROUP}}
    if any(_is_stack(desk.panes[number]) for number in desk.leaders):
        found["cine-together"] = ""
    plane = pane.hung is not None and pane.hung.reformat is not None
    mask = PLANE if plane else unusable(image)
    found |= {"mask-here": mask, "mask-add": mask, "subtract-mask": _no_mask(pane)}
    found["mask-header"] = "" if pane.state.masking != Masking() else NO_CHOICE
    shown = pane.hung is not None and pane.hung.subtracted  # its first difference may be on its way yet
    return found | {f"mask-{way}": "" if shown else NOT_SUBTRACTED for way in SHIFTS}


def _is_stack(pane: Pane) -> bool:
    return pane.count > 1 and pane.key is not None


def _no_mask(pane: Pane) -> str:
    """Return why no mask can be subtracted; where one is, that can always be ended."""
    if pane.hung is not None and pane.hung.subtracted:
        return ""
    if pane.hung is not None and pane.hung.reformat is not None:
        return PLANE
    image = pane.state.image
    if image is None:
        return NO_IMAGE
    if pane.state.masking.in_force(image.mask) is not None:
        return ""
    return NO_MASK if unusable(image) else f"{NO_MASK} Use a frame as mask (Ctrl+M)."
