"""Headers of one series are alike: what stands byte for byte in the last one need not be taken apart again.

Equal bytes, from the beginning of an element in the same encoding, hold the same elements. So nothing is
guessed: an element that differs in one byte is read by itself.
"""

from collections.abc import Sequence
from itertools import accumulate

from viewer.dicom.elements import Encoding
from viewer.dicom.pattern import Pattern

MOST_MISSES = 40  # elements of one header that differ before it is taken as another kind of header


class Known:
    """The elements at the beginning of a header that was read: each whole within `data`."""

    __slots__ = ("_before", "_data", "_ends", "_kept", "_places", "_starts", "encoding")

    def __init__(
        self,
        data: bytes,
        encoding: Encoding,
        starts: Sequence[int],
        kept: Sequence[tuple[int, bytes] | None],
        alone: Sequence[int],
    ) -> None:
        """Keep the elements that begin at `starts` in `data`, the last of which is the end of the last one.

        `kept` has, for each element, its tag and value where the value is wanted; the elements of the
        indices `alone` are always read by themselves.
        """
        self.encoding = encoding
        self._data, self._starts = data, tuple(starts)
        self._kept = tuple(pair for pair in kept if pair is not None)
        self._before = (0, *accumulate(int(pair is not None) for pair in kept))
        barriers = [*alone, len(starts) - 1]
        self._ends: list[int] = []  # how far the last header was the same from there: likely again
        self._places: dict[bytes, int] = {}
        for place in range(len(starts) - 1):
            while barriers[0] < place:
                del barriers[0]
            self._ends.append(barriers[0])
            if barriers[0] > place:
                self._places[data[starts[place] : starts[place] + 4]] = place

    def places(self, data: bytes, starts: Sequence[int]) -> set[int] | None:
        """Return which elements those are that begin at `starts` in `data`; None where one is not known."""
        found: set[int] = set()
        last = self._data[self._starts[-1] : self._starts[-1] + 4]
        for start in starts:
            tag = data[start : start + 4]
            if tag == last:
                return found
            place = self._places.get(tag)
            if place is None:
                return None
            found.add(place)
        return None

    @property
    def data(self) -> bytes:
        """Return the bytes in which the elements stand."""
        return self._data

    @property
    def starts(self) -> tuple[int, ...]:
        """Return where each element begins in `data`, and where the last one ends."""
        return self._starts

    def skip(self, data: bytes, at: int, values: dict[int, bytes]) -> int:
        """Return how many bytes from data[at] hold known elements; add the values in them to `values`."""
        place = self._places.get(data[at : at + 4])
        if place is None:
            return 0
        starts, known = self._starts, self._data
        first, end = starts[place], self._ends[place]
        if not data.startswith(known[first : starts[end]], at):
            end = self._ends[place] = self._furthest(place, end, data, at)
        values.update(self._kept[self._before[place] : self._before[end]])
        return starts[end] - first

    def _furthest(self, place: int, high: int, data: bytes, at: int) -> int:
        """Return the last element up to which `data` are the same from that at `place`; it is not `high`."""
        starts, known = self._starts, self._data
        low, high = place, high - 1
        while low < high:
            middle = (low + high + 1) // 2
            if data.startswith(known[starts[low] : starts[middle]], at + starts[low] - starts[place]):
                low = middle
            else:
                high = middle - 1
        return low


class Recall:
    """What one reader of many headers keeps between two of them."""

    __slots__ = ("known", "pattern", "varying")

    def __init__(self) -> None:
        self.known: Known | None = None
        self.pattern: Pattern | None = None  # of `known`
        self.varying: frozenset[int] = frozenset()  # which of its elements were seen to differ

    def replace(self, known: Known | None) -> None:
        """Keep other elements, and learn anew what differs."""
        self.known, self.pattern, self.varying = known, None, frozenset()
