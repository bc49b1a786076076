"""The rows of what one does with several viewports: layouts, links, lines, other studies and patients."""

from viewer.ui.actions.action_row import ActionRow

GOING, LAYING, LINKING = "going", "laying", "linking"
GOINGS = (
    ActionRow(
        "next-page", "Next page", "Shift+PgDown", "", "as many images on as there are tiles", group=GOING
    ),
    ActionRow(
        "previous-page",
        "Previous page",
        "Shift+PgUp",
        "",
        "as many images back as there are tiles",
        group=GOING,
    ),
    ActionRow("next-study", "Next study", "Ctrl+PgDown", "", "shows it in place of this one", group=GOING),
    ActionRow(
        "previous-study", "Previous study", "Ctrl+PgUp", "", "shows it in place of this one", group=GOING
    ),
    ActionRow("next-patient", "Next patient", "Ctrl+Shift+PgDown", "", "of those that are open", group=GOING),
    ActionRow(
        "previous-patient", "Previous patient", "Ctrl+Shift+PgUp", "", "of those that are open", group=GOING
    ),
    ActionRow("select-patient", "Select patient", "Ctrl+Alt+P", "", "of those that are open", group=GOING),
    ActionRow(
        "open-prior",
        "Other studies of this patient",
        "Alt+P",
        "",
        "on this computer, by issuer and ID; one click opens one beside this study",
        group=GOING,
    ),
)
LAYINGS = (
    ActionRow("layout", "Layout", "G", "grid", "how many viewports, 1x1 to 4x5", group=LAYING),
    ActionRow(
        "tiles",
        "Tiles in this viewport",
        "Alt+G",
        "",
        "shows consecutive images of its series side by side",
        group=LAYING,
    ),
    ActionRow(
        "tiles-everywhere",
        "Tiles in all viewports",
        "Ctrl+Alt+G",
        "",
        "shows consecutive images of each series side by side",
        group=LAYING,
    ),
)
LINKS = (
    ActionRow(
        "link",
        "Link viewports",
        "L",
        "link",
        "scroll, zoom and position go together, by place in the patient",
        group=LINKING,
        family=LINKING,
    ),
    ActionRow(
        "unlink",
        "Unlink viewports",
        "Shift+L",
        "",
        "each viewport goes by itself",
        group=LINKING,
        family=LINKING,
    ),
    ActionRow(
        "link-offset",
        "Link with offset",
        "Ctrl+L",
        "",
        "stacks of any study keep the distance that they have now",
        group=LINKING,
        family=LINKING,
    ),
    ActionRow(
        "link-window",
        "Link window",
        "Ctrl+Shift+L",
        "",
        "of viewports with the same modality and unit",
        checkable=True,
        group=LINKING,
        exclusive=False,
    ),
    ActionRow(
        "link-zoom",
        "Link zoom and position",
        "",
        "",
        "in millimetres where they are known",
        checkable=True,
        group=LINKING,
        exclusive=False,
    ),
    ActionRow(
        "link-patients",
        "Link across patients",
        "Ctrl+Alt+L",
        "",
        "only ever by this; it ends when another patient comes to the screen",
        checkable=True,
        group=LINKING,
        exclusive=False,
    ),
    ActionRow(
        "reference-lines",
        "Reference lines",
        "O",
        "localizer",
        "where the image of the active viewport cuts the others",
        checkable=True,
        group=LINKING,
        exclusive=False,
    ),
    ActionRow(
        "reference-ends",
        "Reference lines of the stack",
        "Alt+O",
        "",
        "and where its first and last image do",
        checkable=True,
        group=LINKING,
        exclusive=False,
    ),
)
COMPARING = (*GOINGS, *LAYINGS, *LINKS)
