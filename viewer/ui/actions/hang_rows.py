"""What a reader can ask of hanging protocols."""

from viewer.ui.actions.action_row import ActionRow

HANGING = (
    ActionRow(
        "hang",
        "Hanging protocol",
        "Shift+G",
        "hang",
        "how this study is arranged: which protocols fit, and why",
        group="layout",
    ),
    ActionRow(
        "next-stage", "Next stage", "Alt+PgDown", "", "of the hanging protocol in force", group="layout"
    ),
    ActionRow(
        "previous-stage",
        "Previous stage",
        "Alt+PgUp",
        "",
        "of the hanging protocol in force",
        group="layout",
    ),
    ActionRow(
        "save-protocol",
        "Save what I see as a protocol …",
        "Ctrl+Shift+G",
        "",
        "the arrangement on the screen, for the next study of this kind",
        group="layout",
    ),
)
