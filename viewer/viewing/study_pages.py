"""The pages of one answer that are in memory."""

from collections.abc import Iterable
from typing import Protocol

from viewer.cache.study_list import ListedStudy, StudyKey
from viewer.viewing.study_source import PAGE

KEPT = 64  # pages in memory: 12,800 rows


class Rows(Protocol):
    """The rows of one answer, as a list shows them."""

    @property
    def total(self) -> int:
        """Return how many rows the answer has, read or not."""

    def study(self, row: int) -> ListedStudy | None:
        """Return the study in a row, None while it is not read."""

    def rows_of(self, keys: Iterable[StudyKey]) -> list[int]:
        """Return the rows of studies, of those that are read."""

    def use(self, number: int) -> bool:
        """Tell whether a page is here, and keep it a while longer."""


class StudyPages:
    """Rows by their number, of those that were read; the longest unused are dropped."""

    def __init__(self, total: int = 0) -> None:
        self.total = total  # of the answer, read or not
        self._pages: dict[int, tuple[ListedStudy, ...]] = {}  # the last used at the end

    def study(self, row: int) -> ListedStudy | None:
        """Return the study in a row, None while it is not read."""
        page = self._pages.get(row // PAGE)
        place = row % PAGE
        return page[place] if page is not None and row >= 0 and place < len(page) else None

    def rows_of(self, keys: Iterable[StudyKey]) -> list[int]:
        """Return the rows of studies, of those that are read."""
        wanted = set(keys)
        return [
            number * PAGE + place
            for number, page in self._pages.items()
            for place, study in enumerate(page)
            if study.key in wanted
        ]

    def use(self, number: int) -> bool:
        """Tell whether a page is here, and keep it a while longer."""
        if number not in self._pages:
            return False
        self._pages[number] = self._pages.pop(number)
        return True

    def put(self, number: int, rows: tuple[ListedStudy, ...]) -> None:
        """Keep a page that was read."""
        self._pages[number] = rows
        while len(self._pages) > KEPT:
            del self._pages[next(iter(self._pages))]
