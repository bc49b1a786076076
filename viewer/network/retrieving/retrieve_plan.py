"""What a retrieval is about: the objects that are expected, and the order in which they are asked for.

Nothing here speaks to anybody: values in, values out.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from viewer.network.match import Match

FIRST_BATCH = 20  # objects of the series that somebody looks at: they are there at once
BATCH = 200  # objects of one request: a new wish waits less than half a second for its end


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants of a peer: a study, or some of its series or objects."""

    study_instance_uid: str
    series_instance_uids: tuple[str, ...] = ()  # () for all
    sop_instance_uids: tuple[str, ...] = ()  # () for all
    first_series: str = ""  # that somebody waits for

    @property
    def whole_study(self) -> bool:
        """Tell whether everything of the study is wanted."""
        return not self.series_instance_uids and not self.sop_instance_uids


@dataclass(frozen=True, slots=True)
class Item:
    """One object that is expected."""

    sop_instance_uid: str
    series_instance_uid: str
    sop_class_uid: str = ""
    number: int | None = None  # Instance Number


@dataclass(frozen=True, slots=True)
class Plan:
    """What a peer says that there is."""

    items: tuple[Item, ...] = ()  # by UID, of all series that it lists
    unlisted: tuple[str, ...] = ()  # Series Instance UIDs of which it does not say what is in them
    guess: int | None = None  # how many objects those have by its own count; None: it does not say
    notes: tuple[str, ...] = ()  # what a person should know about it, in sentences
    sop_classes: tuple[str, ...] = ()  # of what will come, where they are known

    @property
    def expected(self) -> int | None:
        """Return how many objects there are, None where nobody can say."""
        if not self.unlisted:
            return len(self.items)
        return None if self.guess is None else len(self.items) + self.guess


@dataclass(frozen=True, slots=True)
class Batch:
    """One request: some objects of one series, or all of a series that is not listed."""

    series_instance_uid: str
    items: tuple[Item, ...] = ()  # () for all that there is


def items_of(matches: Iterable[Match]) -> tuple[Item, ...]:
    """Return the objects of answers at the image level, each once."""
    found: dict[str, Item] = {}
    for match in matches:
        series = match.series.series_instance_uid if match.series else ""
        uid = match.sop_instance_uid
        if uid and uid not in found:
            found[uid] = Item(uid, series, match.sop_class_uid, match.instance_number)
    return tuple(found.values())


def chosen(items: Iterable[Item], wanted: Wanted) -> tuple[Item, ...]:
    """Return those objects that are wanted."""
    series, uids = set(wanted.series_instance_uids), set(wanted.sop_instance_uids)
    return tuple(
        item
        for item in items
        if (not series or item.series_instance_uid in series) and (not uids or item.sop_instance_uid in uids)
    )


def batches(items: Sequence[Item], unlisted: Sequence[str], first_series: str) -> list[Batch]:
    """Return requests in their order: the series that is waited for from its middle outward, then the others.

    A series begins with few objects, so that something is there at once.
    """
    by_series: dict[str, list[Item]] = {}
    for item in items:
        by_series.setdefault(item.series_instance_uid, []).append(item)
    order = sorted(by_series, key=lambda uid: uid != first_series)  # stable: else as the peer has them
    found = []
    for place, uid in enumerate(order):
        several = from_the_middle(by_series[uid])
        start = FIRST_BATCH if place == 0 else BATCH
        found += [Batch(uid, tuple(part)) for part in _cut(several, start)]
    more = [Batch(uid) for uid in unlisted]
    waited_for = [batch for batch in more if batch.series_instance_uid == first_series]
    return waited_for + found + [batch for batch in more if batch not in waited_for]


def from_the_middle(items: Sequence[Item]) -> list[Item]:
    """Return the objects of a series by number, the middle one first, then its neighbours on both sides."""
    ordered = sorted(items, key=lambda item: (item.number is None, item.number or 0))
    middle = len(ordered) // 2
    return sorted(ordered, key=_distances(ordered, middle))


def _distances(ordered: Sequence[Item], middle: int) -> Callable[[Item], int]:
    far = {item.sop_instance_uid: abs(place - middle) for place, item in enumerate(ordered)}
    return lambda item: far[item.sop_instance_uid]


def _cut(items: Sequence[Item], start: int) -> Iterator[Sequence[Item]]:
    place, size = 0, start
    while place < len(items):
        yield items[place : place + size]
        place, size = place + size, BATCH


def missing(items: Iterable[Item], here: Collection[str]) -> tuple[Item, ...]:
    """Return the objects that are not here."""
    return tuple(item for item in items if item.sop_instance_uid not in here)
