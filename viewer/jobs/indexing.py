"""Headers of many files: the next batches are read while the last one is being used."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

AHEAD = 3  # batches under way: one for each of two workers, and one that waits for the first to be free


def indexed(
    batches: Iterable[list[Item]], index: Callable[[list[Item]], Sequence[Outcome]]
) -> Generator[tuple[list[Item], Sequence[Outcome]], None, None]:
    """Yield each batch, in order, with what `index` says of its items.

    `index` is called from threads of this function, which end with it; what it raises is raised here.
    """
    waiting: deque[tuple[list[Item], Future[Sequence[Outcome]]]] = deque()
    with ThreadPoolExecutor(AHEAD, thread_name_prefix="index") as threads:
        try:
            for batch in batches:
                waiting.append((batch, threads.submit(index, batch)))
                if len(waiting) > AHEAD:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            for _, future in waiting:
                future.cancel()
