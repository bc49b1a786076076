"""How far long work is: one line on standard error, when that is a terminal."""

import sys


class Progress:
    """A line that is written over, and gone at the end."""

    def __init__(self, words: str) -> None:
        """`words` say of what there are so many."""
        self._words = words
        self._visible = sys.stderr.isatty()

    def show(self, done: int, of: int) -> None:
        """Say how many are done; `of` is 0 where nobody knows."""
        if self._visible:
            count = f"{done:,} of {of:,}" if of else f"{done:,}"
            sys.stderr.write(f"\r\x1b[K{count} {self._words}")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._visible:
            sys.stderr.write("\r\x1b[K")


def say(lines: tuple[str, ...] | list[str]) -> None:
    """Write lines to standard output, whichever letters it knows."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
