"""Pictures that were made, bounded in bytes: those not looked at for longest go first. Main thread only."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from viewer.viewing.picture import Picture

K = TypeVar("K", bound=Hashable)
OVERHEAD = 16384  # bytes of a picture beside its pixels


class Kept(Generic[K]):
    """Pictures by key."""

    def __init__(self, limit: int) -> None:
        """Hold up to `limit` bytes; the newest picture is kept even if it alone is larger."""
        self._limit = limit
        self._pictures: dict[K, Picture] = {}
        self._bytes = 0

    def get(self, key: K) -> Picture | None:
        """Return a picture and mark it as used, or None."""
        picture = self._pictures.pop(key, None)
        if picture is not None:
            self._pictures[key] = picture  # most recently used last
        return picture

    def put(self, key: K, picture: Picture) -> None:
        """Keep a picture, and drop the least recently used ones above the limit."""
        if self._pictures.get(key) is not picture:
            self.drop(key)
            self._pictures[key] = picture
            self._bytes += picture.nbytes + OVERHEAD
        while self._bytes > self._limit and len(self._pictures) > 1:
            self.drop(next(iter(self._pictures)))

    def drop(self, key: K) -> None:
        """Forget a picture."""
        picture = self._pictures.pop(key, None)
        if picture is not None:
            self._bytes -= picture.nbytes + OVERHEAD

    def clear(self) -> None:
        """Forget all of them."""
        self._pictures.clear()
        self._bytes = 0

    def __contains__(self, key: object) -> bool:
        """Tell whether a picture is here, without marking it as used."""
        return key in self._pictures

    def __iter__(self) -> Iterator[K]:
        """Return the keys, those not used for longest first."""
        return iter(self._pictures)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._pictures)
