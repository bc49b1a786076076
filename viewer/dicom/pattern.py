"""What the headers of a series have in common, as bytes around the few values that differ.

A header that has exactly these bytes between its values holds the same elements: nothing is guessed, and one
that differs anywhere else is read element by element.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """One element of a header that was read."""

    start: int  # of its tag
    length_at: int  # where the length of its value stands
    value: int  # where its value begins
    end: int  # where the next element begins
    tag: int  # 0 where its value is not wanted


class Pattern:
    """The beginning of a header, little endian, some of whose values may be others."""

    __slots__ = ("_constant", "_rest", "_steps", "meaning", "varying")

    def __init__(self, data: bytes, pieces: Sequence[Piece], varying: Iterable[int]) -> None:
        """`varying` are the indices of the pieces, which follow each other in `data`, that may differ."""
        others = frozenset(varying)
        self.varying = frozenset(pieces[index].tag for index in others) - {0}
        self.meaning: object = None  # of what does not vary, for whoever wants to work that out once
        self._constant = {
            piece.tag: data[piece.value : piece.end]
            for index, piece in enumerate(pieces)
            if piece.tag and index not in others
        }
        steps: list[tuple[bytes, int, int, int]] = []
        begin = pieces[0].start
        for index in sorted(others):
            piece = pieces[index]
            fixed = data[begin : piece.length_at]
            steps.append((fixed, len(fixed), piece.value - piece.length_at, piece.tag))
            begin = piece.end
        self._steps = tuple(steps)
        self._rest = data[begin : pieces[-1].end]

    def match(self, data: bytes, at: int) -> tuple[dict[int, bytes], int] | None:
        """Return the wanted values in `data` from `at`, and where they end; None of another header."""
        values = self._constant.copy()
        limit = len(data)
        for fixed, size, width, tag in self._steps:
            if not data.startswith(fixed, at):
                return None
            at += size
            value = at + width
            at = value + int.from_bytes(data[at:value], "little")
            if at > limit:
                return None
            if tag:
                values[tag] = data[value:at]
        return (values, at + len(self._rest)) if data.startswith(self._rest, at) else None
