"""Words from files, made safe to show: one line, no reordering by hidden characters, never markup."""

import html
import unicodedata

REORDERING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C))
HIDDEN = {"Cc", "Zl", "Zp"}  # control characters and line ends


def single_line(text: str) -> str:
    """Return `text` on one line.

    A control character becomes a space; marks that turn the direction of writing go away, since with them an
    identifier can be made to read backwards.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = (" " if unicodedata.category(c) in HIDDEN else c for c in text.translate(REORDERING))
    return "".join(shown)


def tooltip(text: str) -> str:
    """Return `text` so that a tooltip wraps it and shows every character of it as written."""
    lines = (html.escape(single_line(line)) for line in text.splitlines())
    return f"<p>{'<br>'.join(lines)}</p>" if text else ""
