"""The rows of what one does with the view of a picture beyond moving it: colours, lens, true size, paper."""

from viewer.dicom.palettes import WELL_KNOWN
from viewer.ui.actions.action_row import ActionRow

PALETTE = "colors-"  # before the name of a palette
GREY = f"{PALETTE}grey"
NEXT_COLORS = "next-colors"
COLORS = (
    ActionRow(
        NEXT_COLORS,
        "Next pseudo-colours",
        "Shift+N",
        "colors",
        "one palette after the other in the place of greys, and grey again",
        group="colours",
    ),
    ActionRow(GREY, "Grey", "", "", "no pseudo-colours", group="colours"),
    *(
        ActionRow(
            f"{PALETTE}{each.name}",
            f"Pseudo-colours {each.title}",
            "",
            "",
            "colours of the standard in the place of greys",
            group="colours",
        )
        for each in WELL_KNOWN
    ),
)
LENS = ActionRow(
    "lens",
    "Lens",
    "Alt+X",
    "magnifier",
    "follows the pointer until it is switched off: 2x, 3x, 4x",
    group="lens",
)
TRUE_SIZE = ActionRow(
    "true-size",
    "True size",
    "Alt+T",
    "ruler",
    "1 mm on the screen is 1 mm of the image",
    group="size",
)
CALIBRATE_MONITOR = ActionRow(
    "calibrate-monitor",
    "Calibrate this monitor",
    "",
    "",
    "a bank card or a ruler tells how large its pixels are",
    group="size",
)
CLEAR = ActionRow(
    "clear-measurements",
    "Clear measurements",
    "Shift+Esc",
    "delete",
    "those of this image; Ctrl+Z brings them back",
    group="drawing",
)
REPORT = ActionRow("report", "Report", "R", "document", "of this study, where it has one", group="window")
PRINT = ActionRow(
    "print", "Print", "P", "print", "the active viewport, with name, scale and date", group="picture"
)
PRINT_PDF = ActionRow("print-pdf", "Save as PDF", "Ctrl+P", "", "the page that is printed", group="picture")
COPY = ActionRow("copy-picture", "Copy picture", "Ctrl+Alt+C", "copy", "as it is seen", group="picture")
COPY_NAMELESS = ActionRow(
    "copy-picture-nameless",
    "Copy picture without a name",
    "",
    "",
    "what is burned into the pixels stays, and your own words",
    group="picture",
)
SAVE = ActionRow("save-picture", "Save picture", "Ctrl+Shift+S", "", "as PNG, as it is seen", group="picture")
SAVE_NAMELESS = ActionRow(
    "save-picture-nameless",
    "Save picture without a name",
    "",
    "",
    "what is burned into the pixels stays, and your own words",
    group="picture",
)
PICTURES = (PRINT, PRINT_PDF, COPY, COPY_NAMELESS, SAVE, SAVE_NAMELESS)
VIEWING = (*COLORS, LENS, TRUE_SIZE, CALIBRATE_MONITOR, CLEAR, REPORT, *PICTURES)
