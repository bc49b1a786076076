"""Which images the panes wait for, and how they come: the newest wish counts. Main thread only."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from viewer.dicom.plane import ImagePlane
from viewer.dicom.records import FrameKey
from viewer.jobs.prefetch import images_to_prefetch
from viewer.jobs.queue import Priority
from viewer.viewing.loader import Loader
from viewer.viewing.masking import Masking
from viewer.viewing.pane import Hung, Pane
from viewer.viewing.picture import Picture

MOST_ASKED = 2  # images of one pane under way: as many as there are decoders at least; the newest wish waits
MOST_STACKS = 32  # of which it is known what is missing: more do not hang
READ_AHEAD = 2  # images on their way beyond those that are looked at: keeps the decoders busy, no more
MOST_TRIES = 3  # to find out where frames lie: a file may not be known yet, a decoder may be busy

Wish = tuple[FrameKey, Masking | None]  # an image, as it is or without a mask


@dataclass(frozen=True, slots=True)
class _Missing:
    """Which images of a stack are not in memory, when so many had given way to others."""

    keys: tuple[FrameKey, ...]
    dropped: int
    indices: set[int]


class Wishes:
    """Asks a loader for what the panes want. `came` is told of every answer that a pane waits for."""

    def __init__(
        self,
        loader: Loader,
        capacity: Callable[[], bool],
        seen: Callable[[], tuple[Sequence[Pane], int]],
        came: Callable[[int, Picture | str], None],
    ) -> None:
        """`capacity` tells whether frames may still be read ahead, `seen` the panes and the active one."""
        self._loader, self._capacity, self._seen, self._came = loader, capacity, seen, came
        self._asked: dict[int, set[Wish]] = {}  # under way for each pane
        self._ahead = 0
        self._missing: dict[FrameKey, _Missing] = {}  # by the first frame of the stack
        self._placing: set[FrameKey] = set()  # the first frames of stacks whose planes are asked for
        self._placed: dict[FrameKey, int] = {}  # and how often they were
        self.direction = 1  # in which the reader goes through a stack

    def look(self, number: int) -> None:
        """Ask for the image of a pane; while others are under way for it, only the newest wish counts."""
        pane, asked = self._seen()[0][number], self._asked.setdefault(number, set())
        key = pane.key
        if key is None or pane.hung is None:
            return
        masking = pane.masking
        wish = (key, masking)
        at_once = self._loader.holds(key) if masking is None else self._loader.holds_difference(key, masking)
        if wish in asked or (len(asked) >= MOST_ASKED and not at_once):
            return
        asked.add(wish)

        def answer(found: Picture | str) -> None:
            self._arrived(number, wish, found)

        if masking is not None:
            self._loader.subtracted(key, masking, answer, answer)
        else:
            self._loader.request(key, Priority.VISIBLE, answer, answer)

    def place(self, hung: Hung, learn: Callable[[list[tuple[FrameKey, ImagePlane]]], None]) -> None:
        """Ask where the frames of a stack lie; what is not found out is asked again, but not often."""
        first = hung.keys[0] if hung.keys else None
        if first is None or first in self._placing or self._placed.get(first, 0) >= MOST_TRIES:
            return
        self._placing.add(first)
        self._placed[first] = self._placed.get(first, 0) + 1

        def done(found: list[tuple[FrameKey, ImagePlane]]) -> None:
            self._placing.discard(first)
            learn(found)

        self._loader.places.planes(hung.keys, done)

    def _arrived(self, number: int, wish: Wish, answer: Picture | str) -> None:
        """Tell of a picture, or the reason why there is none; drop it where nobody waits for it."""
        self._asked[number].discard(wish)
        panes, _ = self._seen()
        pane = panes[number] if number < len(panes) else Pane()
        if pane.hung is not None and (pane.key, pane.masking) == wish:
            self._came(number, answer)
        elif pane.loading:
            self.look(number)
        self._read_ahead()

    def prepare(self, number: int, indices: Iterable[int]) -> None:
        """Make images of a pane ready that a film is about to show, whether or not memory is full."""
        pane = self._seen()[0][number]
        if pane.hung is not None and pane.key is not None:
            for index in indices:
                self._loader.prepare(pane.hung.keys[index], pane.masking)

    def _read_ahead(self) -> None:
        """Keep a few of the likely next images on their way, those of the active pane first."""
        if self._ahead >= READ_AHEAD or not self._capacity():
            return
        panes, active = self._seen()
        for number in sorted(range(len(panes)), key=lambda number: number != active):
            pane = panes[number]
            if pane.key is not None and pane.hung is not None and self._ahead < READ_AHEAD:
                self._read_on(pane.hung.keys, pane.index)

    def _read_on(self, keys: tuple[FrameKey, ...], here: int) -> None:
        """Ask for what is missing of a stack, the likely next ones first, while there is room for it."""
        missing = self._missing_of(keys)
        if not missing:
            return
        for index in images_to_prefetch(here, len(keys), self.direction):
            if index not in missing:
                continue
            if self._ahead >= READ_AHEAD or not self._capacity():
                return
            missing.discard(index)
            if not self._loader.holds(keys[index]):
                self._ahead += 1
                self._loader.request(keys[index], Priority.PREFETCH, self._read_one, self._read_one)

    def _missing_of(self, keys: tuple[FrameKey, ...]) -> set[int]:
        """Return the indices of the images that are not in memory, looked up once: each step asks for them.

        What came in other ways since then may be among them; what gave way to others makes them be looked
        up again.
        """
        known = self._missing.get(keys[0])
        if known is None or known.keys is not keys or known.dropped != self._loader.dropped:
            missing = {index for index, key in enumerate(keys) if not self._loader.holds(key)}
            known = self._missing[keys[0]] = _Missing(keys, self._loader.dropped, missing)
        while len(self._missing) > MOST_STACKS:
            del self._missing[next(iter(self._missing))]
        return known.indices

    def _read_one(self, _: Picture | str) -> None:
        self._ahead -= 1
        self._read_ahead()
