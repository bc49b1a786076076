"""The rows of what one does with films: playing, trimming, and the masks of angiography."""

from viewer.ui.actions.action_row import ActionRow

GROUP, MASKS = "cine", "masks"
SHIFTS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}  # rows down, columns right
FILMS = (
    ActionRow(
        "cine-together",
        "Play all in step",
        "Shift+P",
        "play-all",
        "every film on the screen from its beginning, by one clock",
        group=GROUP,
    ),
    ActionRow(
        "cine-stop", "Stop", "Shift+C", "stop", "ends the film, and back to its first image", group=GROUP
    ),
    ActionRow("cine-faster", "Play faster", ">", "", "by a quarter", group=GROUP),
    ActionRow("cine-slower", "Play slower", "<", "", "by a fifth", group=GROUP),
    ActionRow("cine-usual", "Play at the usual rate", "", "", "that of the header", group=GROUP),
    ActionRow("cine-mode", "Loop, sweep or once", "Alt+L", "", "what the film does at its end", group=GROUP),
    ActionRow(
        "trim-begin",
        "Begin at this image",
        "Shift+Home",
        "trim-begin",
        "what is played begins here",
        group=GROUP,
    ),
    ActionRow(
        "trim-end", "End at this image", "Shift+End", "trim-end", "what is played ends here", group=GROUP
    ),
    ActionRow(
        "trim-none",
        "Play the whole film",
        "Ctrl+Home",
        "trim-none",
        "forgets where it was to begin and end; with trims of the header, theirs and all in turn",
        group=GROUP,
    ),
    ActionRow(
        "mask-here",
        "Use this frame as mask",
        "Ctrl+M",
        "",
        "it is subtracted from all others, whatever the header says",
        group=MASKS,
    ),
    ActionRow(
        "mask-add",
        "Add this frame to the mask",
        "Ctrl+Shift+M",
        "",
        "the mask is the mean of several frames; once more takes it away again",
        group=MASKS,
    ),
    ActionRow(
        "mask-header",
        "Mask of the header",
        "",
        "",
        "forgets the chosen frames and how the mask was moved",
        group=MASKS,
    ),
    *(
        ActionRow(
            f"mask-{way}",
            f"Move the mask {way}",
            f"Ctrl+Shift+{way.title()}",
            "",
            "by a quarter of a pixel",
            group=MASKS,
        )
        for way in SHIFTS
    ),
)
