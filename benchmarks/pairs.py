"""Pieces of work timed in turn in the same run, so that a busy machine is busy for all of them."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Peer:
    """What we compare ourselves with, and the ratio (ours / theirs) that we want to stay below."""

    name: str
    work: Work
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result. The ratio is ours / theirs: below 1 we need less."""

    what: str
    ours: float
    unit: str
    peer: str
    theirs: float
    ratio: float  # the median of the ratios of the rounds
    best: float | None = None  # the ratio of the best rounds: what the noise hides least
    goal: float | None = None

    @property
    def verdict(self) -> str:
        """Return whether the goal is met, by the figure that the noise disturbs less."""
        if self.goal is None:
            return ""
        lowest = self.ratio if self.best is None else min(self.ratio, self.best)
        return "met" if lowest <= self.goal else "MISSED"


def milliseconds(work: Work) -> float:
    """Return how long a piece of work takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def compare(what: str, ours: Work, peers: Sequence[Peer], *, rounds: int, warm: bool = True) -> list[Row]:
    """Time `ours` and each peer in turn, `rounds` times over, and return a row for each peer.

    `warm` runs everything once before, untimed.
    """
    works = [ours, *(peer.work for peer in peers)]
    if warm:
        for work in works:
            work()
    times = [[milliseconds(work) for work in works] for _ in range(rounds)]
    columns = list(zip(*times, strict=True))
    mine = columns[0]
    return [
        Row(
            what,
            statistics.median(mine),
            "ms",
            peer.name,
            statistics.median(theirs),
            statistics.median(a / b for a, b in zip(mine, theirs, strict=True)),
            min(mine) / min(theirs),
            peer.goal,
        )
        for peer, theirs in zip(peers, columns[1:], strict=True)
    ]
