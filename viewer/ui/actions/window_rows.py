"""Everything a reader can ask of the window that is neither a mouse tool nor a change of one view."""

from viewer.ui.actions.action_row import ActionRow
from viewer.ui.actions.comparing_rows import GOINGS, LAYINGS, LINKS
from viewer.ui.actions.film_rows import FILMS
from viewer.ui.actions.hang_rows import HANGING
from viewer.ui.actions.measuring_rows import MEASURING
from viewer.ui.actions.view_rows import VIEWING

STUDIES = (
    ActionRow(
        "studies",
        "Studies",
        "Ctrl+B",
        "series",
        "the list of everything that is on this computer, and back",
        group="studies",
    ),
    ActionRow(
        "find-study", "Find a study", "Ctrl+F", "", "by name, ID, date or description", group="studies"
    ),
    ActionRow(
        "priors",
        "This patient's studies everywhere",
        "Ctrl+Shift+F",
        "",
        "looks on all peers and on this computer, by ID and never by the name alone",
        group="studies",
    ),
    ActionRow(
        "import",
        "Import to this computer",
        "Ctrl+I",
        "",
        "copies a folder, a CD or zips, and opens nothing",
        group="studies",
    ),
    ActionRow(
        "remember",
        "Remember what is opened",
        "",
        "",
        "it is found in the list of studies again",
        checkable=True,
        group="studies",
        exclusive=False,
    ),
)
PEERS = (
    ActionRow(
        "transfers",
        "Transfers",
        "Ctrl+T",
        "transfers",
        "what is fetched from peers and sent to them, how far it is, and what is missing",
        group="studies",
    ),
    ActionRow(
        "peers",
        "PACS and other peers",
        "Ctrl+Shift+P",
        "settings",
        "adds, changes and checks who is asked for images, and is sent some",
        group="studies",
    ),
    ActionRow(
        "receive",
        "Receive images",
        "",
        "",
        "whether peers may send images to this computer, and which",
        group="studies",
    ),
)
OPEN = (
    ActionRow(
        "open-folder",
        "Open folder or medium",
        "Ctrl+O",
        "open-folder",
        "a CD, a USB stick, any folder",
        group="open",
    ),
    ActionRow(
        "open-files",
        "Open files or zips",
        "Ctrl+Shift+O",
        "open-folder",
        "single images, DICOMDIR, zip archives",
        group="open",
    ),
    ActionRow(
        "demo",
        "Open the demonstration studies",
        "",
        "",
        "made on this machine, nothing to download",
        group="open",
    ),
    ActionRow("stop-reading", "Stop reading files", "", "", "what was read so far stays", group="open"),
    ActionRow(
        "close-studies",
        "Close all studies",
        "Ctrl+W",
        "",
        "unsaved measurements are asked about",
        group="open",
    ),
)
STACK = (
    ActionRow("next-image", "Next image", "Down", "", "one further in the stack", group="stack"),
    ActionRow("previous-image", "Previous image", "Up", "", "one back in the stack", group="stack"),
    ActionRow("first-image", "First image", "Home", "", "to the beginning of the stack", group="stack"),
    ActionRow("last-image", "Last image", "End", "", "to the end of the stack", group="stack"),
    ActionRow("next-series", "Next series", "PgDown", "", "hangs it in the active viewport", group="stack"),
    ActionRow(
        "previous-series", "Previous series", "PgUp", "", "hangs it in the active viewport", group="stack"
    ),
    ActionRow(
        "subtract-mask",
        "Subtract mask",
        "Shift+M",
        "",
        "what changed since the mask, such as contrast medium; and the frames as they are again",
        group="stack",
    ),
    ActionRow(
        "next-unseen",
        "Show the next unseen image",
        "U",
        "",
        "of this study, in the active viewport",
        group="stack",
    ),
    ActionRow(
        "mark-seen",
        "Mark series as seen",
        "Shift+U",
        "",
        "whatever was displayed of it; the same again takes that back",
        group="stack",
    ),
    ActionRow("next-viewport", "Next viewport", "Tab", "", "makes it the active one", group="stack"),
)
LAYOUT = (
    ActionRow(
        "one-or-all",
        "One viewport or all",
        "Return",
        "",
        "the active viewport alone, or all again",
        group="layout",
    ),
    ActionRow(
        "mpr", "Three planes", "M", "mpr", "axial, coronal and sagittal through this stack", group="layout"
    ),
)
CINE = (
    ActionRow(
        "cine",
        "Play",
        "C",
        "play",
        "plays the stack by the clock, at the rate of its header",
        checkable=True,
        group="cine",
    ),
)
DRAWING = (
    ActionRow(
        "undo", "Undo", "Ctrl+Z", "undo", "takes back the last change of a measurement", group="drawing"
    ),
    ActionRow("redo", "Redo", "Ctrl+Shift+Z", "redo", "does it again", group="drawing"),
    ActionRow(
        "delete",
        "Delete measurement",
        "Delete",
        "delete",
        "the selected one, or the last of this image",
        group="drawing",
    ),
    ActionRow(
        "save-state",
        "Save presentation state",
        "Ctrl+S",
        "save",
        "this view and its measurements, as a DICOM object",
        group="drawing",
    ),
    ActionRow(
        "send-states",
        "Send presentation states …",
        "",
        "send",
        "those of the open study that were made here, to a PACS or another peer",
        group="drawing",
    ),
    ActionRow(
        "apply-state",
        "Apply presentation state",
        "Ctrl+R",
        "",
        "the newest one of this study",
        group="drawing",
    ),
)
WINDOW = (
    ActionRow("corner-text", "Corner text", "I", "info", "full, minimal, off", group="window"),
    ActionRow(
        "rail",
        "Series list",
        "F7",
        "panel-left",
        "show or fold away",
        checkable=True,
        group="window",
        exclusive=False,
    ),
    ActionRow(
        "panel",
        "Side panel",
        "F8",
        "panel-right",
        "measurements, unreadable files, the pixel under the pointer",
        checkable=True,
        group="window",
        exclusive=False,
    ),
    ActionRow(
        "why",
        "Why does it look so?",
        "Y",
        "",
        "every step from stored value to grey, for the pixel under the pointer",
        group="window",
    ),
    ActionRow(
        "settings", "Settings", "Ctrl+,", "settings", "keys, mouse, colours, room for studies", group="window"
    ),
    ActionRow(
        "new-window",
        "Window on another monitor",
        "Ctrl+Shift+N",
        "",
        "images on a monitor that has no window yet; all stay on one desk",
        group="window",
    ),
    ActionRow(
        "close-windows", "Close further windows", "", "", "what hangs there is in the list", group="window"
    ),
    ActionRow("palette", "Find an action", "Ctrl+K", "search", "everything by its name", group="window"),
    ActionRow("keys", "All keys", "F1", "help", "and what the mouse does", group="window"),
    ActionRow("about", "About Negatoscope", "", "", "version, licences, what it is not", group="window"),
    ActionRow("full-screen", "Full screen", "F11", "", "and back", group="window"),
)
MENU = (
    ("Studies", (*STUDIES, *PEERS)),
    ("Open", OPEN),
    ("Image", (*STACK, *GOINGS)),
    ("View", VIEWING),
    ("Film", (*CINE, *FILMS)),
    ("Layout", (*LAYINGS, *LAYOUT, *HANGING)),
    ("Link", LINKS),
    ("Measure and save", (*DRAWING, *MEASURING)),
    ("Window", WINDOW),
)
