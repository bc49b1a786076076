"""Why an action on several viewports cannot be used now."""

from viewer.viewing.desk import Desk
from viewer.viewing.persons import persons
from viewer.viewing.shelf import Shelf

ONE_VIEWPORT = "There is only one viewport with images."
ONE_PATIENT = "There is only one patient on the screen."
NOTHING = "Nothing is open."
NO_IMAGES = "There is no image here."


def comparing_reasons(desk: Desk, shelf: Shelf) -> dict[str, str]:
    """Return why each action cannot be used; what can is not listed."""
    hung = [desk.panes[number].hung for number in desk.leaders if desk.panes[number].hung is not None]
    studies = [each.series.study for each in hung if each is not None]
    several = "" if len(hung) > 1 else ONE_VIEWPORT
    here = "" if desk.panes and desk.pane.hung is not None else NO_IMAGES
    opened = "" if len(shelf) else NOTHING
    crossed = "" if len(persons(studies)) > 1 or desk.links.patients else ONE_PATIENT
    reasons = {
        **dict.fromkeys(("link", "link-offset", "link-window", "link-zoom"), several),
        **dict.fromkeys(("reference-lines", "reference-ends"), several),
        **dict.fromkeys(("next-study", "previous-study", "next-patient", "previous-patient"), opened),
        **dict.fromkeys(("next-page", "previous-page", "tiles"), here),
        "tiles-everywhere": "" if hung else NO_IMAGES,
        "select-patient": opened,
        "link-patients": crossed,
    }
    return {name: reason for name, reason in reasons.items() if reason}
