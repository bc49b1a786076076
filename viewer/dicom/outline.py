"""An outline in plain text: lines with indentation, made safe to show and bounded in every direction."""

from viewer.dicom.text import CUT, printable

INDENT = "    "
DEEPEST = 64  # levels that are indented; the standard's own templates stay below 20
MOST_LINES = 20_000  # a computer-aided detection report of a whole breast has about 2,000
MOST_CHARACTERS = 1_000_000  # of the whole text
LONGEST_LINE = 16_384  # characters; a paragraph of a dictated report has no line ends
END = "… the rest is left out: the document is too long to be shown."


class Outline:
    """Collects lines. What is more than may be shown is left out, and the text says so."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._characters = 0
        self.full = False

    def add(self, text: str, depth: int = 0) -> None:
        """Add a text below the level `depth`, from 0; each of its lines is a line."""
        room = MOST_CHARACTERS - self._characters
        for line in text[: room + 1].splitlines() or [""]:
            if len(self._lines) >= MOST_LINES or self._characters >= MOST_CHARACTERS:
                self.full = True
                return
            shown = printable(line.replace("\t", " ").rstrip(" \0"), LONGEST_LINE)
            self._lines.append(INDENT * min(depth, DEEPEST) + shown if shown else "")
            self._characters += len(self._lines[-1]) + 1

    def fact(self, name: str, value: str, depth: int = 0) -> None:
        """Add "name: value", unless there is no value; one of several lines stands below its name."""
        text = value.strip(" \0\r\n")
        if "\n" in text or "\r" in text:
            self.add(f"{name}:", depth)
            self.add(text, depth + 1)
        elif text:
            self.add(f"{name}: {text}", depth)

    @property
    def text(self) -> str:
        """Return all lines."""
        lines = [*self._lines, END] if self.full else self._lines
        return "\n".join(lines).strip("\n")


def count(number: int, one: str) -> str:
    """Return "1 image", "3 images"; `one` takes an s."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def cut(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + CUT
